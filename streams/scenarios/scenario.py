"""What a scenario is: records, and what is known about what they must come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from topics import LATEST_S, Record, Shutdown, Topic
from topics.shutdowns import Level, MeasurementState


@dataclass(frozen=True, slots=True)
class Expected:
    """A shutdown that must come out: where (a region by `adm1_code`, or all of the country), when, how well known.

    `within_s` is how far begin and end may be from what is given, for it is the resolution of what says so.
    """

    name: str
    country: str
    region: str | None
    level: Level
    from_s: int
    until_s: int
    within_s: int = 0
    measurement: MeasurementState = "dropped"
    signals: tuple[str, ...] = ()
    protests: int = 0

    def is_of(self, shutdown: Shutdown) -> bool:
        """Whether a shutdown is of this place and shares a moment with this time."""
        until_s = LATEST_S if shutdown.until_s is None else shutdown.until_s
        return (
            (shutdown.country, shutdown.place.region) == (self.country, self.region)
            and shutdown.from_s < self.until_s + self.within_s
            and self.from_s - self.within_s < until_s
        )

    def faults(self, found: Sequence[Shutdown]) -> list[str]:
        """What differs, a sentence each."""
        mine = [shutdown for shutdown in found if self.is_of(shutdown)]
        if len(mine) != 1:
            return [f"{self.name}: {len(mine)} shutdowns at that time, not one"]
        shutdown = mine[0]
        faults = []
        if shutdown.level != self.level:
            faults.append(f"{self.name} is {shutdown.level}, not {self.level}")
        if shutdown.measurement != self.measurement:
            faults.append(f"{self.name}: measurement is {shutdown.measurement}, not {self.measurement}")
        if missing := set(self.signals) - set(shutdown.signals):
            faults.append(f"{self.name}: no drop in {', '.join(sorted(missing))}")
        if shutdown.protests < self.protests:
            faults.append(f"{self.name}: {shutdown.protests} protests near it, not {self.protests}")
        for word, is_s, wanted_s in (
            ("begins", shutdown.from_s, self.from_s),
            ("ends", shutdown.until_s, self.until_s),
        ):
            if is_s is None or abs(is_s - wanted_s) > self.within_s:
                faults.append(f"{self.name} {word} {_utc(is_s)}, not {_utc(wanted_s)}")
        return faults


@dataclass(frozen=True, slots=True)
class Decoy:
    """What must not become part of the incident: where, when it is tempting, and why it doesn't belong.

    `expected` is the shutdown that it is by itself; without one, there must be none of it at all.
    """

    name: str
    why: str
    country: str
    region: str | None
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Records to play, and what they must come to: one incident of `expected`, without the `decoys`."""

    name: str
    country: str
    introduction: str
    records: Callable[[], list[tuple[Topic, Record]]]
    expected: tuple[Expected, ...]
    decoys: tuple[Decoy, ...] = ()

    def check(self, found: Sequence[Shutdown]) -> list[str]:
        """What is wrong with the shutdowns that stand after the scenario was played; nothing, if all is well."""
        faults = [fault for expected in self.expected for fault in expected.faults(found)]
        members = [shutdown for expected in self.expected for shutdown in found if expected.is_of(shutdown)]
        incidents = {shutdown.incident for shutdown in members}
        if len(incidents) > 1:
            faults.append(f"there are {len(incidents)} incidents, not one")
        strangers = [shutdown for shutdown in found if shutdown.incident in incidents and shutdown not in members]
        faults += [f"{one.place.name}, {_utc(one.from_s)}, is part of the incident" for one in strangers]
        return faults + [fault for decoy in self.decoys for fault in self._decoy(decoy, found)]

    def _decoy(self, decoy: Decoy, found: Sequence[Shutdown]) -> list[str]:
        if decoy.expected is not None:
            return decoy.expected.faults(found)
        there = [one for one in found if (one.country, one.place.region) == (decoy.country, decoy.region)]
        return [f"{decoy.name} has a shutdown, {_utc(one.from_s)}: {decoy.why}" for one in there]


def _utc(moment_s: int | None) -> str:
    if moment_s is None:
        return "never"
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
