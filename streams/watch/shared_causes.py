"""One cause in neighbouring countries: several kinds of signals drop in them at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from streams.watch.grouping import Group, Timetable, best_of, kinds_of, members_of
from streams.watch.nearness import neighbours
from streams.watch.rules import WatchRules
from topics import Drop


def shared_causes(drops: Timetable, rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    """Return the shared causes that begin in [first_s, last_s]."""
    reach_s = rules.shared_steps * rules.step_most_s
    several = _of_several_kinds(drops.between(first_s - reach_s, last_s + 2 * reach_s), rules, reach_s)
    groups: list[Group] = []
    for at_s in several.begins(first_s - reach_s, last_s + reach_s):
        near = several.between(at_s, at_s + reach_s)
        groups += _linked(at_s, [drop for drop in near if drop.from_s <= at_s + _window_s(drop, rules)], rules)
    return [group for group in best_of(groups, reach_s) if first_s <= group.at_s <= last_s]


def _of_several_kinds(drops: Sequence[Drop], rules: WatchRules, reach_s: int) -> Timetable:
    """The drops that may have another kind of signal of their country in a window with them: few of them all."""
    by_country: dict[str, list[Drop]] = defaultdict(list)
    for drop in drops:
        by_country[drop.country].append(drop)
    found: list[Drop] = []
    for own in by_country.values():
        kinds = set[str]().union(*(kinds_of(drop) for drop in own))
        if len(kinds) >= rules.shared_kinds:
            near = Timetable(own)
            found += [
                drop
                for drop in own
                if len(kinds_of(drop)) > 1
                or any(
                    kinds_of(other) != kinds_of(drop)
                    for other in near.between(drop.from_s - reach_s, drop.from_s + reach_s)
                )
            ]
    return Timetable(found)


def _window_s(drop: Drop, rules: WatchRules) -> int:
    return rules.shared_steps * max(rules.step_s(signal) for signal in drop.signals)


def _linked(at_s: int, window: Sequence[Drop], rules: WatchRules) -> list[Group]:
    """The groups of neighbours among the countries of a window that have kinds of signals in common."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for drop in window:
        kinds[drop.country] |= kinds_of(drop)
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
    shown = [drop for drop in window if kinds_of(drop) & common[drop.country]]
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
    members = members_of(drops)
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
