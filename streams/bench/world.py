"""The world as IODA measures it, at a pace of one's choice, with reports and news: what the soak feeds.

How much the world is, and where that is from:

- 250 countries and territories and 4,596 regions are on our map. Each has four signals that the reader asks for:
  active probing, a value each 600 s, BGP and the telescope, one each 300 s, Google's traffic, one each 1,800 s
  (steps by InetIntel/ioda-api, `DatasourceService`; `topics.signals`): 43 values a second.
- Networks are asked for where somebody chose them: 1,000 here, each with three signals (Google's are not by
  network), 8 values a second. Some 75,000 are announced in BGP; all of them would be 625.

So the world is 22,384 series with 51 values a second. The reader asks every 600 s, signal by signal, for groups of
up to a hundred entities, and what an answer has of one country is a frame (`streams.sources.ioda_live_signals`,
`frames`). Here the entities of some countries, drawn once and for all, are dealt to as many groups as those of the
world are, so frames are as small as the reader's. Networks are dealt to countries by the number of their regions.

- News: GDELT's file of 24 October 2019, 14:30 UTC, has 31 rows of protests in its 15 minutes: 124 an hour.
- Reports: nobody publishes how many come in. 100 an hour are taken; lists have a few hundred shutdowns a year.

Values are constructed: a level, its rhythm of the day, noise below what detection minds; and a cut of three hours
in each country on one day of ten. Reports are mostly of a cut that goes on. The same arguments make the same.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streams.geography.tables import UNIT, gazetteer
from streams.sources import ioda
from streams.sources.frames import Column, frames
from streams.sources.ioda_live_signals import group_of, groups_of
from topics import (
    MEASUREMENTS,
    NEWS,
    REPORTS,
    Entity,
    NewsItem,
    Origin,
    Record,
    Report,
    Reporter,
    Series,
    Topic,
    signal_facts,
)
from topics.measurements import EntityType
from topics.reports import ReporterKind

#: Seconds of event time between two rounds of the reader.
ROUND_S = 600
DAY_S = 86_400

NEWS_AN_HOUR, REPORTS_AN_HOUR = 124, 100

#: Of each signal: its level, what it loses at night, its noise, and what is left of it in a cut, as shares.
_COURSES = {
    "ping-slash24": (800.0, 0.05, 0.02, 0.25),
    "bgp": (5_000.0, 0.0, 0.001, 0.4),
    "merit-nt": (2_000.0, 0.3, 0.1, 0.05),
    "gtr": (90_000.0, 0.4, 0.03, 0.1),
}

#: Signals of countries and regions, and of networks.
SIGNALS = tuple(_COURSES)
OF_NETWORKS = SIGNALS[:3]

#: At least so many countries.
_COUNTRIES = 10

_CUT_S, _CUT_EVERY_DAYS = 3 * 3_600, 10


@dataclass(frozen=True, slots=True)
class World:
    """So many entities."""

    countries: int = 250
    regions: int = 4_596
    networks: int = 1_000

    @property
    def series(self) -> int:
        """How many series they have."""
        return len(SIGNALS) * (self.countries + self.regions) + len(OF_NETWORKS) * self.networks

    @property
    def values_a_second(self) -> float:
        """Values of all series in a second of their own time.

        >>> round(World(networks=0).values_a_second), round(World().values_a_second), World().series
        (43, 51, 22384)
        """
        whole = sum(1 / ioda.step_s(signal) for signal in SIGNALS)
        return (self.countries + self.regions) * whole + self.networks * sum(
            1 / ioda.step_s(signal) for signal in OF_NETWORKS
        )

    def groups(self, type_: str) -> int:
        """Into how many requests the reader deals the entities of a type."""
        return groups_of({"country": self.countries, "region": self.regions}.get(type_, self.networks))


@dataclass(frozen=True, slots=True)
class _Group:
    """The entities of one country and request: their series of one signal share a frame."""

    country: str
    entities: tuple[Entity, ...]


def _groups(world: World, wanted: int, chance: random.Random) -> list[_Group]:
    """Countries with what is in them, until there are `wanted` series; of large ones a part."""
    known = gazetteer()
    regions: dict[str, list[str]] = {code: [] for code in known.codes}
    for row in range(len(known.keys)):
        if known.kind[row] == UNIT:
            regions[known.codes[known.country[row]]].append(known.names[row])
    units = sum(map(len, regions.values()))
    countries = sorted(regions)
    chance.shuffle(countries)
    found: list[_Group] = []
    series, number = 0, 0
    for country in countries:
        if series >= wanted:
            break
        whole = len(SIGNALS) * (1 + len(regions[country]))
        networks = round(world.networks * len(regions[country]) / units)
        share = min(1.0, wanted / _COUNTRIES / (whole + len(OF_NETWORKS) * networks))
        chosen = regions[country][: math.ceil(share * len(regions[country]))]
        entities = [Entity(type="country", code=country, name=country)]
        entities += [Entity(type="region", code=f"{country}{at}", name=name) for at, name in enumerate(chosen)]
        asked = math.ceil(share * networks)
        entities += [Entity(type="asn", code=str(at), name="") for at in range(number, number + asked)]
        number += asked
        series += len(SIGNALS) * (1 + len(chosen)) + len(OF_NETWORKS) * asked
        found += _dealt(world, country, entities)
    return found


def _dealt(world: World, country: str, entities: list[Entity]) -> Iterator[_Group]:
    dealt: dict[tuple[EntityType, int], list[Entity]] = {}
    for one in entities:
        dealt.setdefault((one.type, group_of(one.code, world.groups(one.type))), []).append(one)
    return (_Group(country, tuple(its)) for its in dealt.values())


class Feed:
    """Rounds of records: `times` the world's values a second, in event time that goes `speed` times as fast.

    The faster it goes, the fewer series that is; at 1 they would be the world's, `times` over.
    """

    def __init__(
        self, times: float, speed: float, from_s: int, *, world: World | None = None, seed: int = 1
    ) -> None:
        self.world = world or World()
        self.from_s = from_s // DAY_S * DAY_S
        #: Seconds between two rounds.
        self.every_s = ROUND_S / speed
        self._chance = random.Random(seed)  # noqa: S311 - what it draws is no secret
        self._groups = _groups(self.world, round(self.world.series * times / speed), self._chance)
        self._noise = np.random.default_rng(seed)
        self._texts = times / 3_600 * self.every_s
        self._due = {NEWS.name: 0.0, REPORTS.name: 0.0}
        self._made = 0

    @property
    def series(self) -> int:
        """How many series there are."""
        return sum(len(_signals(group)) * len(group.entities) for group in self._groups)

    @property
    def countries(self) -> list[str]:
        """Where they are."""
        return sorted({group.country for group in self._groups})

    def at_s(self, number: int) -> int:
        """Event time at the end of a round."""
        return self.from_s + (number + 1) * ROUND_S

    def round(self, number: int) -> Iterator[tuple[Topic, Record]]:
        """The records of a round: what all series had in it, and the reports and news of that time."""
        from_s = self.from_s + number * ROUND_S
        for group in self._groups:
            for signal in _signals(group):
                columns = self._columns(group, signal, from_s)
                known_s = from_s + ROUND_S + 1_800
                for frame in frames(ioda.SOURCE, columns, reference="constructed for a soak", known_s=known_s):
                    yield MEASUREMENTS, frame
        for topic, an_hour in ((NEWS, NEWS_AN_HOUR), (REPORTS, REPORTS_AN_HOUR)):
            self._due[topic.name] += an_hour * self._texts
            while self._due[topic.name] >= 1:
                self._due[topic.name] -= 1
                self._made += 1
                yield topic, self._news(from_s) if topic is NEWS else self._report(from_s)

    def _columns(self, group: _Group, signal: str, from_s: int) -> Iterator[Column]:
        step_s = ioda.step_s(signal)
        times = np.arange(-(-from_s // step_s) * step_s, from_s + ROUND_S, step_s)
        if not len(times):
            return
        for one in group.entities:
            series = Series(entity=one, signal=signal, lineage=signal_facts(signal).lineage)
            yield Column(group.country, series, int(times[0]), step_s, self._values(group, one, signal, times))

    def _values(self, group: _Group, one: Entity, signal: str, times: NDArray[np.int64]) -> tuple[float, ...]:
        level, rhythm, noise, left = _COURSES[signal]
        level *= 1 + zlib.crc32(one.code.encode()) % 7
        quiet = (1 + np.cos((times % DAY_S / 3_600 - 4) / 12 * np.pi)) / 2
        values = level * (1 - rhythm * quiet) * (1 + noise * self._noise.uniform(-1, 1, len(times)))
        begin_s = cut_s(group.country, int(times[0]))
        if begin_s is not None:
            values[(times >= begin_s) & (times < begin_s + _CUT_S)] *= left
        return tuple(values.round().tolist())

    def _where(self, from_s: int) -> tuple[str, str, int]:
        """Country, region (or none) and time that somebody tells of: mostly of a cut that goes on or just ended."""
        group = self._chance.choice(self._groups)
        for other in self._chance.sample(self._groups, min(20, len(self._groups))):
            begin_s = cut_s(other.country, from_s)
            if begin_s is not None and begin_s <= from_s < begin_s + 2 * _CUT_S:
                regions = [one.name for one in other.entities if one.type == "region"]
                return other.country, self._chance.choice(regions or [""]), begin_s
        regions = [one.name for one in group.entities if one.type == "region"]
        return group.country, self._chance.choice(regions or [""]), from_s

    def _report(self, from_s: int) -> Report:
        country, place, begin_s = self._where(from_s)
        kinds: tuple[ReporterKind, ...] = ("individual", "individual", "individual", "media", "organisation")
        kind = self._chance.choice(kinds)
        name = None if kind == "individual" else f"{kind.capitalize()} {self._chance.randrange(50)}"
        return Report(
            id=f"soak/report/{self.from_s}/{self._made}",
            origin=Origin(source="form" if kind == "individual" else "feed"),
            reporter=Reporter(kind=kind, name=name, digest=f"{self._made % 997:x}" if name is None else None),
            country=country,
            places=(place,) if place else (),
            start=f"{dt.datetime.fromtimestamp(begin_s, dt.UTC):%Y-%m-%dT%H:%MZ}",
            extent="full",
        )

    def _news(self, from_s: int) -> NewsItem:
        country, place, begin_s = self._where(from_s)
        return NewsItem(
            id=f"soak/news/{self.from_s}/{self._made}",
            origin=Origin(source="gdelt"),
            country=country,
            places=(place,) if place else (),
            start=f"{dt.datetime.fromtimestamp(begin_s, dt.UTC):%Y-%m-%d}",
            title=f"Protest number {self._made}",
        )


def _signals(group: _Group) -> tuple[str, ...]:
    return OF_NETWORKS if group.entities[0].type == "asn" else SIGNALS


def cut_s(country: str, at_s: int) -> int | None:
    """When the cut begins that a country has on the day of `at_s`; None on most days.

    >>> sum(cut_s("KZ", day * 86_400) is not None for day in range(1_000))
    100
    """
    drawn = zlib.crc32(f"{country}/{at_s // DAY_S}".encode())
    if drawn % _CUT_EVERY_DAYS:
        return None
    return at_s // DAY_S * DAY_S + drawn // _CUT_EVERY_DAYS % 18 * 3_600
