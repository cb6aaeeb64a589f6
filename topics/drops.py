"""`drops`: outages and blocking of whole countries, cut down to what it takes to compare countries."""

from __future__ import annotations

from typing import Annotated

import msgspec

from topics.base import Country, Identifier, Name, Record, Signal, Time, Topic, Whole
from topics.evidence import Blocking, Outage, Severity

#: The signal that counts tests which fail as those of blocked services do, and the length of a signal's code.
BLOCKED, SIGNAL_CHARACTERS = "ooni-anomalies", 100


class Drop(Record, frozen=True, kw_only=True, tag_field="schema", tag="drop/1"):
    """One outage of a whole country, or blocking of one service in it.

    Of an id the highest revision counts, and of one revision the last record.
    """

    id: Annotated[Identifier, msgspec.Meta(description="id of the outage, or of the blocking")]
    source: Annotated[Name, msgspec.Meta(description="the source of the outage: its `origin.source`")]
    signals: Annotated[
        tuple[Signal, ...],
        msgspec.Meta(
            min_length=1,
            description="the signals that dropped; of blocking the one that counts a service's failing tests, "
            "`ooni-anomalies-whatsapp`",
        ),
    ]
    lineage: Annotated[Identifier, msgspec.Meta(description="lineage of the outage")]
    country: Country
    from_s: Time
    until_s: Annotated[Time | None, msgspec.Meta(description="null: it is not over yet")]
    severity: Severity = "warning"
    known_s: Annotated[Time | None, msgspec.Meta(description="when the outage could first be known, if known")] = (
        None
    )
    revision: Annotated[Whole, msgspec.Meta(ge=0, description="revision of the outage")] = 0
    withdrawn: bool = False


def drop_of(piece: Record) -> Drop | None:
    """Return what a piece of evidence says of a whole country's series; None if it is no outage of one.

    Blocking of a service is one, too: where a service fails by itself, its tests fail in many countries at once.
    Where a block page was seen, which no service shows of itself, the drop is taken back.
    """
    if not isinstance(piece, Outage | Blocking) or piece.place.kind != "country":
        return None
    signals = piece.signals if isinstance(piece, Outage) else blocked_signals(piece)
    if not signals:
        return None
    return Drop(
        id=piece.id,
        source=piece.origin.source,
        signals=signals,
        lineage=piece.lineage,
        country=piece.country,
        from_s=piece.from_s,
        until_s=piece.until_s,
        severity=piece.severity if isinstance(piece, Outage) else "warning",
        known_s=piece.known_s,
        revision=piece.revision,
        withdrawn=piece.withdrawn or (isinstance(piece, Blocking) and piece.confirmed),
    )


def blocked_signals(piece: Blocking) -> tuple[str, ...]:
    """Return the signal that shows a service blocked; none where it isn't known which service is."""
    return () if piece.service is None else (f"{BLOCKED}-{piece.service}"[:SIGNAL_CHARACTERS],)


def of_service(signals: tuple[str, ...]) -> bool:
    """Return whether signals count the failing tests of single services.

    >>> of_service(("ooni-anomalies-whatsapp",)), of_service(("ooni-anomalies",)), of_service(("bgp",))
    (True, False, False)
    """
    return all(one.startswith(f"{BLOCKED}-") for one in signals)


def drop_key(record: Drop) -> str:
    """Return one key for all drops: those of all countries, sources and signals are compared with each other."""
    del record
    return "world"


DROPS = Topic(
    name="drops",
    records=(Drop,),
    summary="Outages of whole countries, to be compared with each other across countries.",
    key_words="`world`: all of them are compared with each other",
    key=drop_key,
    event_time="`from_s` to `until_s`",
    # Some thousands of records a day, all under one key: more partitions would stay empty.
    partitions=1,
)
