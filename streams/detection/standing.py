"""Outages and coverage that stand, held against those of a state made anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace

from streams.detection.intake import series_name
from streams.detection.memory import CoverageMark, Evidence, OutageMark, read_evidence, read_head, write_evidence
from streams.detection.rules import DAY_S, DEFAULT_RULES
from streams.stage import Store
from streams.standing import Standing
from topics import EVIDENCE, Coverage, Measurement, Outage, Record, Topic


class DetectStanding(Standing):
    """Of the stage `detect`. A piece is told of by a series, and noted with the day on which it begins."""

    topics: ClassVar[tuple[Topic, ...]] = (EVIDENCE,)  # type: ignore[misc]

    #: The longest window that a value is judged by, and a gap that coverage fills.
    horizon_s = DEFAULT_RULES.keep_s + DEFAULT_RULES.gap_days * DAY_S

    def thing(self, topic: Topic, record: Record) -> Outage | Coverage | None:
        """See `Standing`."""
        del topic
        made = isinstance(record, Coverage) or (isinstance(record, Outage) and record.ratio_min is not None)
        return record if made and record.id.startswith(("outage/", "coverage/")) else None  # type: ignore

    def same(self, one: Outage | Coverage, other: Outage | Coverage) -> bool:
        """See `Standing`. Which values made it so, and when those were known, is no part of it."""
        if one.withdrawn and other.withdrawn:
            return True
        return replace(one, revision=other.revision, known_s=other.known_s) == other

    def next(self, before: Outage | Coverage | None, said: Outage | Coverage) -> Outage | Coverage:
        """See `Standing`."""
        return said if before is None else replace(said, revision=max(said.revision, before.revision + 1))

    def gone(self, before: Outage | Coverage, store: Store) -> Outage | Coverage | None:
        """See `Standing`."""
        del store
        return None if before.withdrawn else replace(before, revision=before.revision + 1, withdrawn=True)

    def records(self, before: Outage | Coverage | None, now: Outage | Coverage) -> list[tuple[Topic, Record]]:
        """See `Standing`."""
        del before
        return [(EVIDENCE, now)]

    def home(self, thing: Outage | Coverage, stores: Mapping[int, Store]) -> int | None:
        """See `Standing`."""
        key = f"h/{self.told_of(thing)}"
        return next((number for number, store in stores.items() if key in store), None)

    def settle(self, thing: Outage | Coverage, store: Store) -> None:
        """See `Standing`. Of days that no late value can touch any more, nothing is kept."""
        key, day = self.told_of(thing), _begins_s(thing) // DAY_S
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
        return [f"{record.country}/{series_name(record.origin.source, series)}" for series in record.series]

    def told_of(self, thing: Outage | Coverage) -> str:
        """See `Standing`."""
        return thing.id.partition("/")[2].rpartition("/")[0]


def _begins_s(thing: Outage | Coverage) -> int:
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
