"""Outages, coverage and blocking that stand, held against those of a state made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from streams.detection.blocking import count_of
from streams.detection.blocking_memory import BlockingMark, read_blocking_head, write_blocking_head
from streams.detection.intake import series_name
from streams.detection.memory import CoverageMark, Evidence, OutageMark, read_evidence, read_head, write_evidence
from streams.detection.rules import DAY_S, DEFAULT_RULES
from streams.stage import Store
from streams.standing import Standing
from topics import EVIDENCE, Blocking, Coverage, Measurement, Outage, Record, Topic

Piece = Outage | Coverage | Blocking


class DetectStanding(Standing):
    """Of the stage `detect`. A piece is told of by a series, and noted with the day on which it begins."""

    topics: ClassVar[tuple[Topic, ...]] = (EVIDENCE,)  # type: ignore[misc]

    #: The longest window that a value is judged by, and a gap that coverage fills.
    horizon_s = DEFAULT_RULES.keep_s + DEFAULT_RULES.gap_days * DAY_S

    def thing(self, topic: Topic, record: Record) -> Piece | None:
        """See `Standing`."""
        del topic
        made = isinstance(record, Coverage) or (isinstance(record, Outage) and record.ratio_min is not None)
        made = made or isinstance(record, Blocking)
        return record if made and record.id.startswith(("outage/", "coverage/", "blocking/")) else None  # type: ignore

    def same(self, one: Piece, other: Piece) -> bool:
        """See `Standing`. Which values made it so, and when those were known, is no part of it."""
        if one.withdrawn and other.withdrawn:
            return True
        return replace(one, revision=other.revision, known_s=other.known_s) == other

    def next(self, before: Piece | None, said: Piece) -> Piece:
        """See `Standing`."""
        return said if before is None else replace(said, revision=max(said.revision, before.revision + 1))

    def gone(self, before: Piece, store: Store) -> Piece | None:
        """See `Standing`."""
        del store
        return None if before.withdrawn else replace(before, revision=before.revision + 1, withdrawn=True)

    def records(self, before: Piece | None, now: Piece) -> list[tuple[Topic, Record]]:
        """See `Standing`."""
        del before
        return [(EVIDENCE, now)]

    def home(self, thing: Piece, stores: Mapping[int, Store]) -> int | None:
        """See `Standing`."""
        key = f"{'bh' if isinstance(thing, Blocking) else 'h'}/{self.told_of(thing)}"
        return next((number for number, store in stores.items() if key in store), None)

    def settle(self, thing: Piece, store: Store) -> None:
        """See `Standing`. Of days that no late value can touch any more, nothing is kept."""
        key, day = self.told_of(thing), _begins_s(thing) // DAY_S
        if isinstance(thing, Blocking):
            _settle_blocking(key, thing, store)
            return
        head = read_head(key, store)
        given = read_evidence(key, day, store)
        if given is None:
            if day < head.floor_s // DAY_S:
                return
            given = Evidence()
        if isinstance(thing, Coverage):
            hours = "" if thing.withdrawn else thing.hours
            given.coverage = CoverageMark(thing.revision, thing.from_s, hours, thing.step_s, thing.spread)
        else:
            marks = {mark.from_s: mark for mark in given.outages} | {thing.from_s: _mark(thing)}
            given.outages = [marks[from_s] for from_s in sorted(marks)]
        write_evidence(key, day, given, store)

    def refused(self, record: Measurement) -> Sequence[str]:
        """See `Standing`."""
        names = [series_name(record.origin.source, series) for series in record.series]
        tested = [_tested(name) for name in names]
        return [f"{record.country}/{name}" for name in (*names, *dict.fromkeys(filter(None, tested)))]

    def told_of(self, thing: Piece) -> str:
        """See `Standing`."""
        return thing.id.partition("/")[2].rpartition("/")[0]


def _begins_s(thing: Piece) -> int:
    """The time that is part of the id: of coverage the midnight of its day."""
    return int(thing.id.rpartition("/")[2])


def _mark(thing: Outage) -> OutageMark:
    assert thing.ratio_min is not None
    assert thing.ratio_mean is not None
    assert thing.area is not None
    return OutageMark(
        from_s=thing.from_s,
        revision=thing.revision,
        withdrawn=thing.withdrawn,
        from_uncertainty_s=thing.from_uncertainty_s,
        until_s=thing.until_s,
        until_uncertainty_s=thing.until_uncertainty_s,
        critical=thing.severity == "critical",
        ratio_min=thing.ratio_min,
        ratio_mean=thing.ratio_mean,
        area=thing.area,
        parts=thing.parts,
    )


def _tested(name: str) -> str | None:
    """What blocking is told of by the counts of a series of that name; None if it has no such counts."""
    entity, _, signal = name.rpartition("/")
    count = count_of(signal)
    if count is None:
        return None
    return entity if count.product is None else f"{entity}/{count.product}"


def _settle_blocking(key: str, thing: Blocking, store: Store) -> None:
    head = read_blocking_head(key, store)
    mark = BlockingMark(
        first=thing.from_s // DAY_S,
        revision=thing.revision,
        withdrawn=thing.withdrawn,
        until=None if thing.until_s is None else thing.until_s // DAY_S,
        last=((thing.last_s if thing.until_s is None else thing.until_s) or thing.from_s + DAY_S) // DAY_S - 1,
        tests=thing.tests,
        bad=round(thing.share * thing.tests),
        usual=thing.usual or 0.0,
        confirmed=thing.confirmed,
    )
    marks = {one.first: one for one in head.given} | {mark.first: mark}
    head.given = [marks[first] for first in sorted(marks)]
    write_blocking_head(key, head, store)
