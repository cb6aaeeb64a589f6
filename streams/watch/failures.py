"""A source that failed itself: one signal of it drops in countries far apart, and nothing else does."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import median_low

from streams.watch.grouping import Group, Member, Timetable, best_of, kinds_of, members_of
from streams.watch.nearness import apart
from streams.watch.rules import WatchRules
from topics import Drop


def failures(drops: Timetable, rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    """Return the failures of sources that begin in [first_s, last_s]."""
    by_series: dict[tuple[str, str], list[Drop]] = defaultdict(list)
    by_country: dict[str, list[Drop]] = defaultdict(list)
    for drop in drops.between(first_s - rules.reach_s, last_s + rules.reach_s):
        by_country[drop.country].append(drop)
        for signal in drop.signals:
            by_series[drop.source, signal].append(drop)
    countries = {country: Timetable(own) for country, own in by_country.items()}
    found: list[Group] = []
    for (source, signal), own in sorted(by_series.items()):
        if len(own) < rules.failure_countries:
            continue
        step_s = rules.step_s(signal)
        alone = Timetable(drop for drop in own if not _has_own(drop, countries[drop.country], rules))
        groups = [
            Group(f"source-failure/{source}/{signal}/{at_s}", "source-failure", at_s, source, (signal,), members)
            for at_s in alone.begins(first_s - step_s, last_s + step_s)
            if (members := _failed(alone, at_s, step_s, rules))
        ]
        found += [group for group in best_of(groups, step_s) if first_s <= group.at_s <= last_s]
    return found


def _has_own(drop: Drop, others: Timetable, rules: WatchRules) -> bool:
    """Whether another kind of signal, or one of another origin, dropped in that country about then."""
    kinds = kinds_of(drop)
    near = others.between(drop.from_s - rules.own_s, drop.from_s + rules.own_s)
    return len(kinds) > 1 or any(kinds_of(other) != kinds or other.lineage != drop.lineage for other in near)


def _failed(alone: Timetable, at_s: int, step_s: int, rules: WatchRules) -> tuple[Member, ...]:
    """The countries of a window that a failure of their source explains; none where it is no failure."""
    if alone.count(at_s, at_s + step_s) < rules.failure_countries:
        return ()
    usual = _usual(alone, at_s, step_s, rules)
    if poisson_tail(alone.count(at_s, at_s + step_s), usual) > rules.failure_chance:
        return ()
    members = sharing_time(members_of(alone.between(at_s, at_s + step_s)), rules)
    countries = [member.country for member in members]
    enough = len(members) >= rules.failure_countries and apart(countries, rules.failure_places, rules.far_km)
    return members if enough and poisson_tail(len(members), usual) <= rules.failure_chance else ()


def _usual(alone: Timetable, at_s: int, step_s: int, rules: WatchRules) -> float:
    """How many drops would begin in a window by chance, by those around it: half a drop more than there are.

    What begins within a step of the window may be part of it. A window holds both its ends, so it is longer than
    its step by what begins are rounded to.
    """
    around = alone.count(at_s - rules.usual_s, at_s + step_s + rules.usual_s)
    around -= alone.count(at_s - step_s, at_s + 2 * step_s)
    return (around + 0.5) * (step_s + rules.rounded_s) / (2 * (rules.usual_s - step_s))


def poisson_tail(count: int, mean: float) -> float:
    """Return the probability of `count` or more where `mean` are expected, by the Poisson distribution.

    >>> round(poisson_tail(1, 1.0), 6), poisson_tail(0, 1.0)
    (0.632121, 1.0)
    """
    if count <= mean:
        return 1.0
    term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    total = 0.0
    while term > total * 1e-9:
        total += term
        count += 1
        term *= mean / count
    return total


def sharing_time(members: tuple[Member, ...], rules: WatchRules) -> tuple[Member, ...]:
    """Return the members that were down for most of the same time.

    What is not over yet may turn out to be: it shares its time as long as nothing says otherwise. And while most go
    on, nobody knows how long it will last.
    """
    closed = [member.until_s for member in members if member.until_s is not None]
    if 2 * len(closed) < len(members):
        return members
    from_s, until_s = median_low(member.from_s for member in members), median_low(closed)
    return tuple(member for member in members if _shares(member, from_s, until_s, rules))


def _shares(member: Member, from_s: int, until_s: int, rules: WatchRules) -> bool:
    if member.until_s is None:
        return True
    both_s = min(member.until_s, until_s) - max(member.from_s, from_s)
    longer_s = max(member.until_s - member.from_s, until_s - from_s)
    return both_s >= rules.failure_share * longer_s
