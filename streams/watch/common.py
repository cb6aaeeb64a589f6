"""Drops that several countries have in common, found among all drops around a stretch of time. Pure.

A group is what begins within one window. Which windows count depends on the drops near them alone, never on the
order in which they came: of windows that overlap the one with most countries counts, and of equal ones the earlier.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import median_low
from typing import Literal

import msgspec

from streams.watch.nearness import apart, known, neighbours
from streams.watch.rules import WatchRules
from topics import Drop, signal_facts


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One country of a group: from when until when its series were down; `until_s` None is not over yet."""

    country: str
    from_s: int
    until_s: int | None
    known_s: int | None


class Group(msgspec.Struct, frozen=True, array_like=True):
    """Drops of several countries that are one. `at_s` is the first begin, `members` are by country."""

    drop: str
    verdict: Literal["source-failure", "shared-cause"]
    at_s: int
    source: str | None
    signals: tuple[str, ...]
    members: tuple[Member, ...]


class _Drops:
    """Drops in the order of their begins."""

    def __init__(self, drops: Iterable[Drop]) -> None:
        self._drops = sorted(drops, key=lambda drop: (drop.from_s, drop.id))
        self._begins = [drop.from_s for drop in self._drops]

    def between(self, first_s: int, last_s: int) -> list[Drop]:
        """The drops that begin in [first_s, last_s]."""
        return self._drops[bisect_left(self._begins, first_s) : bisect_right(self._begins, last_s)]

    def begins(self, first_s: int, last_s: int) -> list[int]:
        """The moments in [first_s, last_s] at which drops begin, each once."""
        return list(dict.fromkeys(drop.from_s for drop in self.between(first_s, last_s)))


def find_groups(drops: Iterable[Drop], rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    """Return the groups that begin in [first_s, last_s], by begin and id.

    Args:
        drops: the drops that begin in [first_s - rules.reach_s, last_s + rules.reach_s]; more do no harm, and
            withdrawn ones don't count, nor those of a country that is on no map.
        rules: what makes a group.
        first_s: the first begin that is asked for, Unix seconds.
        last_s: the last one.
    """
    standing = _Drops(drop for drop in drops if not drop.withdrawn and known(drop.country))
    found = _failures(standing, rules, first_s, last_s) + _shared_causes(standing, rules, first_s, last_s)
    return sorted(found, key=lambda group: (group.at_s, group.drop))


# ---------------------------------------------------------------------- a source's failure


def _failures(drops: _Drops, rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    by_series: dict[tuple[str, str], list[Drop]] = defaultdict(list)
    by_country: dict[str, list[Drop]] = defaultdict(list)
    for drop in drops.between(first_s - rules.reach_s, last_s + rules.reach_s):
        by_country[drop.country].append(drop)
        for signal in drop.signals:
            by_series[drop.source, signal].append(drop)
    countries = {country: _Drops(own) for country, own in by_country.items()}
    found: list[Group] = []
    for (source, signal), own in sorted(by_series.items()):
        step_s = rules.step_s(signal)
        alone = _Drops(drop for drop in own if not _has_own(drop, countries[drop.country], rules))
        groups = [
            Group(f"source-failure/{source}/{signal}/{at_s}", "source-failure", at_s, source, (signal,), members)
            for at_s in alone.begins(first_s - step_s, last_s + step_s)
            if (members := _failed(alone.between(at_s, at_s + step_s), rules))
        ]
        found += [group for group in _best(groups, step_s) if first_s <= group.at_s <= last_s]
    return found


def _has_own(drop: Drop, others: _Drops, rules: WatchRules) -> bool:
    """Whether another kind of signal, or one of another origin, dropped in that country about then."""
    kinds = _kinds(drop)
    near = others.between(drop.from_s - rules.own_s, drop.from_s + rules.own_s)
    return len(kinds) > 1 or any(_kinds(other) != kinds or other.lineage != drop.lineage for other in near)


def _failed(window: Sequence[Drop], rules: WatchRules) -> tuple[Member, ...]:
    """The countries of a window that a failure of their source explains; none where it is no failure."""
    if len(window) < rules.failure_countries:
        return ()
    members = _sharing_time(_members(window), rules)
    countries = [member.country for member in members]
    enough = len(members) >= rules.failure_countries and apart(countries, rules.failure_places, rules.far_km)
    return members if enough else ()


def _sharing_time(members: tuple[Member, ...], rules: WatchRules) -> tuple[Member, ...]:
    """The members that were down for most of the same time.

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


# ---------------------------------------------------------------------- one cause in neighbouring countries


def _shared_causes(drops: _Drops, rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    reach_s = rules.shared_steps * rules.step_most_s
    groups: list[Group] = []
    for at_s in drops.begins(first_s - reach_s, last_s + reach_s):
        near = drops.between(at_s, at_s + reach_s)
        groups += _linked(at_s, [drop for drop in near if drop.from_s <= at_s + _window_s(drop, rules)], rules)
    return [group for group in _best(groups, reach_s) if first_s <= group.at_s <= last_s]


def _window_s(drop: Drop, rules: WatchRules) -> int:
    return rules.shared_steps * max(rules.step_s(signal) for signal in drop.signals)


def _linked(at_s: int, window: Sequence[Drop], rules: WatchRules) -> list[Group]:
    """The groups of neighbours among the countries of a window that have kinds of signals in common."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for drop in window:
        kinds[drop.country] |= _kinds(drop)
    several = sorted(country for country, own in kinds.items() if len(own) >= rules.shared_kinds)
    if len(several) > rules.shared_most:
        return []
    linked: dict[str, set[str]] = defaultdict(set)
    common: dict[str, set[str]] = defaultdict(set)
    for one, other in combinations(several, 2):
        both = kinds[one] & kinds[other]
        if len(both) >= rules.shared_kinds and neighbours(one, other, rules.join_km, rules.centres_km):
            for this, that in ((one, other), (other, one)):
                linked[this].add(that)
                common[this] |= both
    shown = [drop for drop in window if _kinds(drop) & common[drop.country]]
    return [
        _shared(at_s, [drop for drop in shown if drop.country in countries])
        for countries in _components(linked)
        if any(
            neighbours(one, other, rules.near_km, rules.centres_km)
            for one, other in combinations(sorted(countries), 2)
            if other in linked[one]
        )
    ]


def _shared(at_s: int, drops: Sequence[Drop]) -> Group:
    members = _members(drops)
    signals = tuple(sorted({signal for drop in drops for signal in drop.signals}))
    name = f"shared-cause/{members[0].country}/{at_s}"
    return Group(name, "shared-cause", at_s, None, signals, members)


def _components(linked: dict[str, set[str]]) -> list[set[str]]:
    found: list[set[str]] = []
    done: set[str] = set()
    for country in sorted(linked):
        if country in done:
            continue
        component, waiting = {country}, [country]
        while waiting:
            fresh = linked[waiting.pop()] - component
            component |= fresh
            waiting += sorted(fresh)
        done |= component
        found.append(component)
    return found


# ---------------------------------------------------------------------- both


def _members(drops: Iterable[Drop]) -> tuple[Member, ...]:
    """The countries of some drops, each with the time from its first begin to its last end."""
    found: dict[str, Member] = {}
    for drop in drops:
        known = found.get(drop.country)
        if known is None:
            found[drop.country] = Member(drop.country, drop.from_s, drop.until_s, drop.known_s)
            continue
        until_s = None if known.until_s is None or drop.until_s is None else max(known.until_s, drop.until_s)
        said = [moment for moment in (known.known_s, drop.known_s) if moment is not None]
        found[drop.country] = Member(drop.country, min(known.from_s, drop.from_s), until_s, max(said, default=None))
    return tuple(found[country] for country in sorted(found))


def _best(groups: Sequence[Group], reach_s: int) -> list[Group]:
    """The groups that no better one within `reach_s` has a country in common with. They come by begin."""
    countries = [{member.country for member in group.members} for group in groups]
    begins = [group.at_s for group in groups]
    found = []
    for at, group in enumerate(groups):
        near = range(bisect_left(begins, group.at_s - reach_s), bisect_right(begins, group.at_s + reach_s))
        if not any(_rank(groups[one]) > _rank(group) and countries[one] & countries[at] for one in near):
            found.append(group)
    return found


def _rank(group: Group) -> tuple[int, int]:
    """More countries first, then the earlier group."""
    return len(group.members), -group.at_s


def _kinds(drop: Drop) -> set[str]:
    """How the signals of a drop measure: two telescopes are one kind."""
    return {signal_facts(signal).kind for signal in drop.signals}
