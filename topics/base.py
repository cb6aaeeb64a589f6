"""What every record and every topic share: field types with their bounds, and the description of a topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import msgspec

#: Event times outside these bounds are absurd: nothing here was measured before 1990 or after 2100.
EARLIEST_S = 631_152_000
LATEST_S = 4_102_444_800

#: A record above this many bytes is refused by the stages (it goes to `invalid`, with its bytes).
RECORD_LIMIT_BYTES = 500_000

#: A whole number, and one that may be below zero: they have 64 bits, for readers in any language.
Whole = Annotated[int, msgspec.Meta(le=2**63 - 1)]
Signed = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]

Time = Annotated[int, msgspec.Meta(ge=EARLIEST_S, le=LATEST_S, description="Unix time in seconds, UTC")]
Duration = Annotated[Whole, msgspec.Meta(ge=0, description="seconds")]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="degrees north, WGS 84")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="degrees east, WGS 84")]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Name = Annotated[str, msgspec.Meta(max_length=300)]
Ratio = Annotated[float, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Signal = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=100,
        description="IODA's datasource code, e.g. `ping-slash24` (active probing), `bgp`, `merit-nt` or "
        "`ucsd-nt` (telescopes), `gtr` (Google traffic)",
    ),
]


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of everything on a topic. On the wire a record also carries `schema`: its name and version.

    Records are frozen and hold no cycles, so that the garbage collector need not look at them.
    """


def schema_uri(record: type[Record]) -> str:
    """A record type's schema as a URI, the `$id` of its JSON Schema: `urn:shutdown-streams:report:1`."""
    name, _, major = str(record.__struct_config__.tag).partition("/")
    return f"urn:shutdown-streams:{name}:{major}"


class Origin(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a record came from."""

    source: Annotated[
        str,
        msgspec.Meta(
            pattern="^[a-z0-9][a-z0-9-]{0,63}$",
            description="the source as this system names it, e.g. `ioda`, `access-now-stop`",
        ),
    ]
    reference: Annotated[
        Text | None, msgspec.Meta(description="where to look it up: a URL, or a file's name and row")
    ] = None


Cleanup = Literal["delete", "compact"]
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Topic:
    """A Kafka topic as this system uses it.

    `records` are the types its values may have, `key` the function from a record to its key (and
    `key_words` the same in words), `retention_ms` how long Kafka keeps a record (-1: for ever). A `raw` topic
    is written by sources, of whatever version; the others only by the stages. A `private` one is read by its one
    reader alone: it is not archived, and no other role may see it.
    """

    name: str
    records: tuple[type[Record], ...]
    summary: str
    key_words: str
    key: Callable[[Any], str]
    event_time: str
    partitions: int = 4
    cleanup: Cleanup = "delete"
    retention_ms: int = -1
    max_message_bytes: int = 1_048_588
    raw: bool = False
    private: bool = False

    def prefixed(self, prefix: str) -> Topic:
        """The same topic under another name, so that several systems can share one Kafka."""
        return replace(self, name=prefix + self.name)

    def config(self) -> dict[str, str]:
        """Kafka's topic-level settings, as strings."""
        settings = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            "retention.ms": str(self.retention_ms),
        }
        if self.cleanup == "compact":
            settings["min.cleanable.dirty.ratio"] = "0.1"
        return settings
