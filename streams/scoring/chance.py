"""How often chance alone would bring an outage and claims of a country together: the country's rates, kept so that
one piece of evidence changes them at the same cost however many there are.

The estimate, for an outage of a place seen by so many kinds of signal, that so many independent lineages claim:

    outages like it a year  x  share of days that are claimed  x  share of clusters that so many lineages claim

The first is the number of other days on which an outage of the place began, by as many kinds of signal or more,
over the years that the country's outages span. The second is the share of days on which an outage of the place
would meet a claim, but for the claims of the event itself: claims come in clusters, and ten about one event cover
one day and not ten. The third is how many of the country's clusters (claims of one place in one week) have so many
lineages. It is not known below a year of history, and never said to be below one in the years observed.
`streams.evaluation.sliding` counts the same exactly, by moving claims against outages by whole weeks; a test holds
the two together.

Counts enter rounded to half-octaves (0, 1, 2, 3, 4, 6, 8, 11, 16 ...). So an estimate depends on the set of
evidence alone, and yet stays as it is for nearly every new piece: as counts grow, each shutdown's changes a few
times in all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from streams import geography
from streams.scoring.features import kinds_of
from topics import Claim, Outage, Place, Protest

DAY_S = 86_400
WEEK_S = 7 * DAY_S
MONTH_S = 30 * DAY_S
YEAR_S = 365 * DAY_S

#: Of fewer weeks than these no median says what is usual.
LEAST_WEEKS = 4

#: Kinds of signal are told apart up to this many.
MOST_KINDS = 3

#: Lineages of a cluster are told apart up to this many.
MOST_LINEAGES = 4


def half_octave(count: float) -> int:
    """A count rounded to the next of 0, 1, 2, 3, 4, 6, 8, 11, 16 ...: powers of the root of 2, rounded."""
    if count < 3.5:
        return round(count)
    return round(2 ** (round(2 * math.log2(count)) / 2))


class _Stretch:
    """How many of something each cell of time has, from the first cell with any to the last."""

    def __init__(self, cell_s: int) -> None:
        self._cell_s = cell_s
        self.counts: dict[int, int] = {}
        self.cells = 0
        #: Whether it is long enough to say what is usual in a year.
        self.whole_year = False
        #: How long it is, at least a year, rounded.
        self.years = 1.0

    def add(self, moment_s: int, sign: int) -> int:
        """Count one at that moment, or with `sign` -1 take it back; how many its cell has now."""
        cell = moment_s // self._cell_s
        count = self.counts.get(cell, 0) + sign
        if count:
            self.counts[cell] = count
        else:
            del self.counts[cell]
        if not count or (sign > 0 and count == 1):
            self.cells = max(self.counts) - min(self.counts) + 1 if self.counts else 0
            self.years = max(1.0, half_octave(self.cells) * self._cell_s / YEAR_S)
            self.whole_year = self.cells * self._cell_s >= YEAR_S
        return count


class _OutageDays:
    """The days on which outages of one place began, by how many kinds of signal; and the days on which claims of
    places that touch it could meet one, by how many do."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.claimed: Counter[int] = Counter()
        self.mark: tuple[float, ...] = ()
        self._days: dict[int, Counter[str]] = {}
        self._by_kinds = [0] * (MOST_KINDS + 1)

    def add(self, outage: Outage, sign: int) -> None:
        day = outage.from_s // DAY_S
        kinds = self._days.get(day, Counter())
        self._by_kinds[min(MOST_KINDS, len(kinds))] -= 1
        for kind in kinds_of((outage,)):
            kinds[kind] += sign
            if not kinds[kind]:
                del kinds[kind]
        self._by_kinds[min(MOST_KINDS, len(kinds))] += 1
        if kinds:
            self._days[day] = kinds
        else:
            self._days.pop(day, None)

    def days(self, kinds: int) -> int:
        """Days on which as many kinds of signal or more dropped."""
        return sum(self._by_kinds[min(MOST_KINDS, kinds) :])


@dataclass(slots=True)
class _Claimed:
    """A place of claims, the places of outages that it touches, and the days on which its claims could meet one."""

    place: Place
    near: list[_OutageDays]
    days: Counter[int]


def _count(days: Counter[int], covered: Iterable[int], sign: int) -> None:
    for day in covered:
        days[day] += sign
        if not days[day]:
            del days[day]


class Chances:
    """A country's rates. Taking a piece back wants it as it was added."""

    def __init__(self) -> None:
        self._outages: dict[str, _OutageDays] = {}
        self._outage_months = _Stretch(MONTH_S)
        self._claim_months = _Stretch(MONTH_S)
        self._claimed: dict[str, _Claimed] = {}
        #: Lineages by place and week of claims, and how many clusters have how many.
        self._clusters: dict[tuple[str, int], Counter[str]] = {}
        self._by_lineages: Counter[int] = Counter()
        self._protests: Counter[tuple[int, str]] = Counter()
        self._weeks = _Stretch(WEEK_S)
        self._weeks_with: Counter[int] = Counter()
        self._stale: set[str] = set()
        self._usual: int | None = None
        #: The median number of protests a week, until one comes or goes.
        self._median: int | None = None

    def add(self, piece: Outage | Claim | Protest, days: range = range(0), sign: int = 1) -> None:
        """Count a piece, or with `sign` -1 take it back. `days` are those, counted from 1970 UTC, on which a claim
        could meet an outage."""
        if isinstance(piece, Outage):
            self._add_outage(piece, sign)
        elif isinstance(piece, Claim):
            self._add_claim(piece, days, sign)
        else:
            self._add_protest(piece, sign)

    def _add_outage(self, outage: Outage, sign: int) -> None:
        key = outage.place.key
        if key not in self._outages:
            self._outages[key] = _OutageDays(outage.place)
            for claimed in self._claimed.values():
                if geography.touches(claimed.place, outage.place):
                    claimed.near.append(self._outages[key])
                    self._outages[key].claimed.update(claimed.days)
        years = self._outage_months.years, self._outage_months.whole_year
        self._outage_months.add(outage.from_s, sign)
        self._outages[key].add(outage, sign)
        same = years == (self._outage_months.years, self._outage_months.whole_year)
        self._stale.update([key] if same else self._outages)

    def _add_claim(self, claim: Claim, covered: range, sign: int) -> None:
        key = claim.place.key
        if key not in self._claimed:
            near = [days for days in self._outages.values() if geography.touches(claim.place, days.place)]
            self._claimed[key] = _Claimed(claim.place, near, Counter())
        before = self._claim_months.years, self._claim_months.whole_year, self._shares()
        self._claim_months.add(claim.from_s, sign)
        self._add_to_cluster(claim, sign)
        claimed = self._claimed[key]
        _count(claimed.days, covered, sign)
        for days in claimed.near:
            _count(days.claimed, covered, sign)
        same = before == (self._claim_months.years, self._claim_months.whole_year, self._shares())
        self._stale.update((days.place.key for days in claimed.near) if same else self._outages)

    def _add_to_cluster(self, claim: Claim, sign: int) -> None:
        known = claim.place.key, claim.from_s // WEEK_S
        lineages = self._clusters.setdefault(known, Counter())
        self._by_lineages[min(MOST_LINEAGES, len(lineages))] -= 1
        lineages[claim.lineage] += sign
        if not lineages[claim.lineage]:
            del lineages[claim.lineage]
        self._by_lineages[min(MOST_LINEAGES, len(lineages))] += 1
        if not lineages:
            del self._clusters[known]

    def _shares(self) -> tuple[float, ...]:
        """Which shares of the country's clusters have at least so many lineages, from 1 on."""
        counts = [self._by_lineages[number] for number in range(1, MOST_LINEAGES + 1)]
        every = half_octave(sum(counts))
        return tuple(
            half_octave(max(1, sum(counts[number:]))) / every if every else 0.0 for number in range(MOST_LINEAGES)
        )

    def _add_protest(self, protest: Protest, sign: int) -> None:
        known = protest.from_s // WEEK_S, protest.lineage
        self._protests[known] += sign
        if self._protests[known] != max(0, sign):
            return
        if sign < 0:
            del self._protests[known]
        self._median = None
        count = self._weeks.add(protest.from_s, sign)
        self._weeks_with[count - sign] -= 1
        self._weeks_with[count] += 1

    def false_alarms(
        self, place: Place, outages: Iterable[Outage], lineages: int, own_days: int = 0
    ) -> float | None:
        """How often a year chance alone would bring together an outage of the place as strong as these and claims
        of as many lineages, to two digits.

        Args:
            place: where it dropped.
            outages: what dropped there.
            lineages: so many independent lineages claim it.
            own_days: on so many days its own claims could meet an outage; they are left out.

        Returns:
            None without claims, where no outage of the place is known, or below a year of history.
        """
        days = self._outages.get(place.key)
        known = self._outage_months.whole_year and self._claim_months.whole_year
        if days is None or not lineages or not known:
            return None
        years = self._outage_months.years
        others = half_octave(max(0, days.days(len(kinds_of(outages))) - 1)) / years
        share = self._shares()[min(lineages, MOST_LINEAGES) - 1]
        claimed = self._claimed_share(days, own_days)
        least = 1 / min(years, self._claim_months.years)
        return float(f"{max(least, others * claimed * share):.2g}")

    def usual_protests(self, span_s: int) -> float | None:
        """How many protests are usual in a stretch of that length, by the median of the country's weeks. None where
        they are known of for fewer than `LEAST_WEEKS` weeks."""
        usual = self._usual_week()
        return None if usual is None else usual * span_s / WEEK_S

    def changed_places(self) -> set[str]:
        """Keys of the places for which `false_alarms` may answer otherwise than when this was last asked."""
        found = set()
        for key in self._stale:
            days = self._outages[key]
            counts = (half_octave(max(0, days.days(kinds) - 1)) for kinds in range(1, MOST_KINDS + 1))
            known = self._outage_months.whole_year and self._claim_months.whole_year
            years = self._outage_months.years, self._claim_months.years
            mark = (*counts, half_octave(len(days.claimed)), *years, known, *self._shares())
            if days.mark != mark:
                days.mark = mark
                found.add(key)
        self._stale.clear()
        return found

    def changed_usual(self) -> bool:
        """Whether `usual_protests` answers otherwise than when this was last asked."""
        before, self._usual = self._usual, self._usual_week()
        return before != self._usual

    def _usual_week(self) -> int | None:
        if self._weeks.cells < LEAST_WEEKS:
            return None
        if self._median is None:
            self._median = self._median_week()
        return half_octave(self._median)

    def _claimed_share(self, days: _OutageDays, own_days: int) -> float:
        """The share of days on which a claim of others would meet an outage of the place."""
        others = max(0, half_octave(len(days.claimed)) - own_days)
        return min(1.0, others * DAY_S / (YEAR_S * self._claim_months.years))

    def _median_week(self) -> int:
        """The median number of protests a week (of two, the lower), weeks without any between them included."""
        weeks = self._weeks.cells
        below = weeks - len(self._weeks.counts)
        found = 0
        for count in sorted(self._weeks_with):
            if 2 * below >= weeks:
                break
            if count > 0 and self._weeks_with[count]:
                below += self._weeks_with[count]
                found = count
        return found
