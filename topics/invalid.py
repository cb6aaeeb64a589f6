"""`invalid`: what could not be read or located, with its reason and its bytes. Nothing is lost."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import DAY_MS, Identifier, Record, Signed, Topic, Whole

InvalidReason = Literal[
    "not-json",
    "wrong-type",
    "missing-field",
    "absurd-time",
    "unknown-schema",
    "unknown-place",
    "unsure",
    "oversized",
    "out-of-bounds",
]

Position = Annotated[Whole, msgspec.Meta(ge=0)]


class Invalid(Record, frozen=True, kw_only=True, tag_field="schema", tag="invalid/1"):
    """A record that a stage refused, or a text that its source could not read for sure."""

    id: Annotated[Identifier, msgspec.Meta(description="topic, partition and offset; of a text, the report's id")]
    topic: Annotated[str, msgspec.Meta(description="where it was, or would have gone")]
    partition: Annotated[Position | None, msgspec.Meta(description="null: it was on no topic yet")]
    offset: Position | None
    timestamp_ms: Annotated[Signed | None, msgspec.Meta(description="Kafka's timestamp of the record, ms")] = None
    key: Annotated[bytes | None, msgspec.Meta(description="base64")]
    value: Annotated[bytes | None, msgspec.Meta(description="the record's bytes as they came, base64")]
    reason: InvalidReason
    detail: Annotated[str, msgspec.Meta(description="what was wrong, and where")]
    cut: Annotated[bool, msgspec.Meta(description="its key or value was too long to be kept whole")] = False
    field: Annotated[str | None, msgspec.Meta(description="the offending field, e.g. `values[3][7]`")] = None
    error: Annotated[
        str | None,
        msgspec.Meta(
            description="the error with which a stage failed on the record, and where; null: the stage refused it"
        ),
    ] = None


def invalid_key(record: Invalid) -> str:
    return record.id


INVALID = Topic(
    name="invalid",
    records=(Invalid,),
    summary="Records that could not be read or located, with reason and bytes.",
    key_words="topic, partition and offset of the refused record, or the id it would have had",
    key=invalid_key,
    event_time="none: Kafka's timestamp",
    partitions=1,
    retention_ms=90 * DAY_MS,
    max_message_bytes=8_388_608,
)
