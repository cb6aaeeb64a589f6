"""Play worlds through the run without Kafka, at once or one record after the other."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from streams.arrival import arrive
from streams.correlation import default_rules
from streams.evaluation.scenarios.checks import Outcome, faults
from streams.evaluation.scenarios.expectations import Compare, Life, Rejected
from streams.evaluation.scenarios.generators import Given
from streams.evaluation.scenarios.reading import World
from streams.evaluation.scenarios.times import utc_words
from streams.pipeline import Offline
from streams.replay.play import Unfolding
from topics import LATEST_S, InvalidRecord, Shutdown, ShutdownChange, topic_named


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that is not met: the line of its file, what differs, and the note that goes with it."""

    line: int
    fault: str
    note: str | None = None


@dataclass(slots=True)
class Verdict:
    """What became of one world: what failed (nothing: it passed) and what came out."""

    world: World
    failures: list[Failure] = field(default_factory=list)
    shutdowns: list[Shutdown] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.failures

    def came_out(self) -> list[str]:
        """Return a line for each shutdown."""
        return [
            f"{one.level} {one.country} {one.place.name} {utc_words(one.from_s)} to {utc_words(one.until_s)}"
            f" p={one.probability or 0:.2f}"
            for one in self.shutdowns
        ]


def chosen(worlds: Iterable[World], pattern: str | None) -> list[World]:
    """Return the worlds whose name, group or file matches a pattern, with or without `*`."""
    if pattern is None:
        return list(worlds)
    found = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
    return [
        world
        for world in worlds
        if any(fnmatch.fnmatchcase(name, found) for name in (world.name, world.head.group, world.file))
    ]


def judge(world: World) -> Verdict:
    """Play a world and hold what comes out against what is expected of it."""
    played = _Played(world)
    main = played.outcome()
    verdict = Verdict(world, shutdowns=main.shutdowns)
    for line, expected in world.expected:
        as_of = expected.as_of
        outcome = main if as_of is None else played.outcome(as_of_s=int(as_of))
        if isinstance(expected, Life):
            outcome = played.life(as_of_s=None if as_of is None else int(as_of))
        other = None
        if isinstance(expected, Compare):
            other = played.outcome(expected.without, expected.added)
        found = faults(expected, outcome, other)
        verdict.failures += [Failure(line, fault, expected.note) for fault in found]
    if main.rejected and not any(isinstance(one, Rejected) for _, one in world.expected):
        first = main.rejected[0]
        words = f"{len(main.rejected)} records were refused: {first.topic}, {first.reason}: {first.detail}"
        verdict.failures.append(Failure(world.line, words))
    return verdict


def judge_all(worlds: Iterable[World]) -> Iterator[Verdict]:
    """Judge worlds one after the other; each verdict comes as soon as it is known."""
    return (judge(world) for world in worlds)


class _Played:
    """The runs of one world, each made once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[tuple[object, ...], Outcome] = {}

    def outcome(
        self, without: tuple[str, ...] = (), added: tuple[str, ...] = (), as_of_s: int | None = None
    ) -> Outcome:
        key = (without, added, as_of_s)
        if key not in self._made:
            records = _arrived(self._world.taken(without, added), as_of_s)
            offline = Offline(LATEST_S if as_of_s is None else as_of_s)
            for record in records:
                offline.add(record.topic, record.value)
            shutdowns = offline.shutdowns()
            self._made[key] = Outcome(shutdowns, offline.candidates(), offline.rejected)
        return self._made[key]

    def life(self, as_of_s: int | None) -> Outcome:
        key = ("life", as_of_s)
        if key not in self._made:
            flow, changes = Unfolding(default_rules()), list[ShutdownChange]()
            records = _arrived(self._world.taken(), as_of_s)
            for given in sorted(records, key=lambda one: one.arrives_s or 0):
                topic = topic_named(given.topic)
                try:
                    record = arrive(topic, given.value, LATEST_S)
                except InvalidRecord:
                    continue
                changes += flow.take(topic, record)
            self._made[key] = Outcome(flow.standing(), changes=changes)
        return self._made[key]


def _arrived(records: list[Given], as_of_s: int | None) -> list[Given]:
    if as_of_s is None:
        return records
    return [one for one in records if one.arrives_s is not None and one.arrives_s <= as_of_s]
