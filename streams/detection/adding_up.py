"""Outages of the parts of a whole become outages of the whole, in the stage.

Regions of a country count by their people, as do counties of a region; networks of a country by their share of the
country's own series of that signal, of signals whose values add up and have no rhythm. What comes out is a function
of the set of outages and of the largest values alone.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from streams.detection.intake import Frame, Subject
from streams.detection.memory import OutageMark
from streams.detection.part_store import PartDrop, PartStore, size_of, size_step
from streams.detection.parts import BRIDGE_S, LEAST_PARTS, Drop, Whole, wholes
from streams.detection.rules import DAY_S, DetectionRules
from streams.stage import Store
from topics import Origin, Outage, Place
from topics.signals import signal_facts

#: The wider place that a place is a part of, and its share of the people there, None where that isn't known; None
#: where it is a part of nothing.
WholeOf = Callable[[Place], "tuple[Place, float | None] | None"]

#: What the parts of a whole are called in the name of its series, by the kind of their places.
_WORDS = {"region": "regions", "network": "networks", "city": "counties"}

#: Networks add up in these kinds of signals: what each has is part of what all have.
_ADDITIVE = ("routing", "probing")

#: Networks that would make more than this of their country are not in the country's unit: per cent of their own.
_MOST_SHARE = 1.2

#: So much before and after a change, outages of parts are looked at; four times as much while that is not enough.
_AROUND_S = 2 * DAY_S


@dataclass(frozen=True, slots=True)
class _Group:
    """All parts of one kind of a whole, by one signal of one source."""

    name: str
    source: str
    signal: str
    lineage: str
    place: Place

    @property
    def key(self) -> str:
        return f"{self.place.country}/{self.name}"


@dataclass(slots=True)
class _Change:
    """A part's outage that is to be taken in: None takes away the one that began then."""

    group: _Group
    series: str
    from_s: int
    drop: PartDrop | None


class AddingUp:
    """The outages of wholes.

    Args:
        rules: how signals are judged.
        whole_of: which place an entity's place is a part of.
    """

    def __init__(self, rules: DetectionRules, whole_of: WholeOf) -> None:
        self._rules, self._whole_of = rules, whole_of
        # by series: up to which value it says nothing new
        self._sizes: dict[str, float] = {}
        self._kept: dict[_Group, PartStore] = {}

    def forget(self) -> None:
        """Drop what is cached of the store."""
        self._sizes.clear()
        self._kept.clear()

    def after(self, frame: Frame, told: Sequence[tuple[Subject, Outage]], store: Store) -> list[Outage]:
        """The outages of wholes that a record changes. `write` must follow once the batch is through.

        Args:
            frame: the record.
            told: the outages of series that it changed.
            store: the state.
        """
        changes = [self._change(subject, outage) for subject, outage in told]
        waiting = deque(change for change in changes if change is not None)
        out: list[Outage] = []
        for group in self._grown(frame, store):
            its = self._kept[group]
            if its.head.days:
                marks = self._conclude(group, its, its.head.days[0] * DAY_S, None)
                out += [_outage(group, mark, frame.known_s) for mark in marks]
        while waiting:
            change = waiting.popleft()
            group = change.group
            its = self._load(group, store)
            before = its.replace(change.series, change.from_s, change.drop)
            if before == change.drop:
                continue
            wholes_now = [
                _outage(group, mark, frame.known_s)
                for mark in self._conclude(group, its, *_stretch(before, change.drop))
            ]
            out += wholes_now
            wider = [self._change_of_whole(group, whole) for whole in wholes_now]
            waiting.extendleft(change for change in reversed(wider) if change is not None)
        return out

    def write(self) -> None:
        """Write what a batch changed."""
        # a region is a part itself: what it is a part of is written first, or a crash in between would lose that
        for group in sorted(self._kept, key=lambda one: one.place.kind != "country"):
            self._kept[group].write()
        self._kept = {}

    def _load(self, group: _Group, store: Store) -> PartStore:
        found = self._kept.get(group)
        if found is None:
            found = self._kept[group] = PartStore.load(group.key, store)
        return found

    def _group_of(self, source: str, signal: str, lineage: str, place: Place) -> tuple[_Group, float | None] | None:
        """The group that a place's series is of, and the place's share of it."""
        word, found = _WORDS.get(place.kind), self._whole_of(place)
        if word is None or found is None:
            return None
        whole, share = found
        if place.kind == "network" and not self._adds_up(signal):
            return None
        if place.kind != "network" and share is None:
            return None
        return _group(source, word, signal, lineage, whole), share

    def _adds_up(self, signal: str) -> bool:
        return signal_facts(signal).kind in _ADDITIVE and not self._rules.of(signal).rhythm

    def _grown(self, frame: Frame, store: Store) -> list[_Group]:
        """The groups of networks in which a part, or the whole, is larger than was known."""
        found: dict[_Group, None] = {}
        largest: list[float] = np.fmax.reduce(frame.values, axis=1, initial=0.0).tolist()
        for subject, value in zip(frame.subjects, largest, strict=True):
            if value <= self._sizes.get(subject.key, 0.0):
                continue
            group = self._networks_of(subject)
            if group is None:
                self._sizes[subject.key] = math.inf
                continue
            step = size_step(value)
            self._sizes[subject.key] = size_of(step)
            if self._load(group, store).grow(subject.name if subject.place.kind == "network" else "", step):
                found[group] = None
        return list(found)

    def _networks_of(self, subject: Subject) -> _Group | None:
        """The group of networks that a series is a part of, or the whole."""
        place = subject.place
        if place.kind == "network" and (found := self._whole_of(place)) is not None:
            place = found[0]
        if place.kind != "country" or not self._adds_up(subject.signal):
            return None
        return _group(subject.source, _WORDS["network"], subject.signal, subject.lineage, place)

    def _change(self, subject: Subject, outage: Outage) -> _Change | None:
        found = self._group_of(subject.source, subject.signal, subject.lineage, subject.place)
        return None if found is None else _change(*found, subject.name, subject.place, outage)

    def _change_of_whole(self, group: _Group, outage: Outage) -> _Change | None:
        found = self._group_of(group.source, group.signal, group.lineage, group.place)
        return None if found is None else _change(*found, group.name, group.place, outage)

    def _conclude(self, group: _Group, kept: PartStore, first_s: int, last_s: int | None) -> list[OutageMark]:
        """The outages of a whole that differ from those given out, after a change in a stretch of time."""
        first_s, last_s = first_s - BRIDGE_S, None if last_s is None else last_s + BRIDGE_S
        found = self._wholes(kept, first_s, last_s)
        derived = {one.from_s: self._mark(group, kept, one) for one in found}
        days = {one // DAY_S for one in derived} | set(kept.days_between(first_s, last_s))
        changed = []
        for day in sorted(days):
            given = kept.given(day)
            before = {mark.from_s: mark for mark in given.outages}
            now = dict(before)
            for from_s, mark in before.items():
                inside = first_s <= from_s and (last_s is None or from_s <= last_s)
                if inside and from_s not in derived and not mark.withdrawn:
                    now[from_s] = mark.taken_back()
            for from_s, mark in derived.items():
                if from_s // DAY_S == day:
                    now[from_s] = mark.after(before.get(from_s))
            changed += [now[from_s] for from_s in sorted(now) if now[from_s] is not before.get(from_s)]
            if any(now[from_s] is not before.get(from_s) for from_s in now):
                given.outages = [now[from_s] for from_s in sorted(now)]
                kept.said.add(day)
        return changed

    def _wholes(self, kept: PartStore, first_s: int, last_s: int | None) -> list[Whole]:
        """The outages of the whole that meet a stretch of time."""
        around = _AROUND_S
        while True:
            left, right = first_s - around, None if last_s is None else last_s + around
            drops = kept.between(left, right)
            found = [
                one
                for one in _added_up(kept, drops)
                if (last_s is None or one.from_s <= last_s) and (one.until_s is None or one.until_s >= first_s)
            ]
            earliest = kept.head.days[0] * DAY_S if kept.head.days else left
            cut = any(
                (one.from_s <= left and left > earliest)
                or (right is not None and (one.until_s is None or one.until_s >= right))
                for one in found
            )
            if not cut:
                return found
            around *= 4
            if around > _FOREVER_S:
                last_s = None

    def _mark(self, group: _Group, kept: PartStore, whole: Whole) -> OutageMark:
        drops = kept.between(whole.from_s, whole.from_s)
        begins = [one.from_uncertainty_s for one in drops if one.from_s == whole.from_s]
        ends: list[int] = []
        if whole.until_s is not None:
            its = kept.between(whole.until_s, whole.until_s)
            ends = [one.until_uncertainty_s for one in its if one.until_s == whole.until_s]
        minutes = 0.0 if whole.until_s is None else (whole.until_s - whole.from_s) / 60
        ratio = round(1 - min(1.0, whole.lost), 6)
        return OutageMark(
            from_s=whole.from_s,
            revision=0,
            withdrawn=False,
            from_uncertainty_s=max(begins, default=0),
            until_s=whole.until_s,
            until_uncertainty_s=max(ends, default=0),
            critical=ratio < self._rules.of(group.signal).critical,
            ratio_min=ratio,
            ratio_mean=round(1 - min(1.0, whole.mean_lost), 6),
            area=round(100 * min(1.0, whole.mean_lost) * minutes, 3),
            parts=whole.parts,
        )


#: Stretches wider than this are looked at to their end.
_FOREVER_S = 4_096 * DAY_S


def _stretch(before: PartDrop | None, after: PartDrop | None) -> tuple[int, int | None]:
    """The time in which a change of a part's outage can change anything."""
    both = [one for one in (before, after) if one is not None]
    ends = [one.until_s for one in both]
    return both[0].from_s, None if None in ends else max(end for end in ends if end is not None)


def _group(source: str, word: str, signal: str, lineage: str, whole: Place) -> _Group:
    name = "/".join(part.replace("/", "%2F") for part in (source, word, whole.key.rpartition("/")[2], signal))
    return _Group(name, source, signal, lineage, whole)


def _change(group: _Group, share: float | None, series: str, place: Place, outage: Outage) -> _Change:
    assert outage.ratio_min is not None
    drop = PartDrop(
        series=series,
        part=place.key,
        share=share,
        from_s=outage.from_s,
        from_uncertainty_s=outage.from_uncertainty_s,
        until_s=outage.until_s,
        until_uncertainty_s=outage.until_uncertainty_s,
        ratio=round(outage.ratio_min, 2),
    )
    return _Change(group, series, outage.from_s, None if outage.withdrawn else drop)


def _added_up(kept: PartStore, drops: Sequence[PartDrop]) -> list[Whole]:
    """The outages of a whole that outages of its parts make."""
    if len({one.part for one in drops}) < LEAST_PARTS:
        return []
    weights: dict[str, float] = {}
    for one in drops:
        weight = one.share if one.share is not None else kept.size(one.series)
        weights[one.part] = max(weights.get(one.part, 0.0), weight or 0.0)
    total = 1.0 if drops[0].share is not None else kept.size("")
    if total is None:
        return []
    spans: dict[str, list[Drop]] = {}
    for one in drops:
        spans.setdefault(one.part, []).append(Drop(one.from_s, one.until_s, 1 - min(1.0, one.ratio)))
    return [one for one in wholes(spans, weights, total=total) if one.share <= _MOST_SHARE]


def _outage(group: _Group, mark: OutageMark, known_s: int | None) -> Outage:
    return Outage(
        id=f"outage/{group.key}/{mark.from_s}",
        origin=Origin(source=group.source),
        country=group.place.country,
        place=group.place,
        from_s=mark.from_s,
        until_s=mark.until_s,
        from_uncertainty_s=mark.from_uncertainty_s,
        until_uncertainty_s=mark.until_uncertainty_s,
        lineage=group.lineage,
        known_s=known_s,
        revision=mark.revision,
        withdrawn=mark.withdrawn,
        series=group.name,
        signals=(group.signal,),
        severity="critical" if mark.critical else "warning",
        ratio_min=mark.ratio_min,
        ratio_mean=mark.ratio_mean,
        area=mark.area,
        parts=mark.parts,
    )
