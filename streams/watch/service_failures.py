"""A service that failed itself: its tests fail in countries far apart on one day, and recover on one day."""

from __future__ import annotations

from collections import defaultdict

from streams.watch.failures import sharing_time
from streams.watch.grouping import Group, Member, Timetable, best_of, members_of
from streams.watch.nearness import apart
from streams.watch.rules import WatchRules
from topics import Drop


def service_failures(blocked: Timetable, rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    """Return the failures of services that begin in [first_s, last_s].

    Blocking is judged by days, so that begins of a failure lie on one UTC day or two. States block a service for
    reasons of their own, each on its day; what nobody decided begins everywhere at once, and ends so.
    """
    by_series: dict[tuple[str, str], list[Drop]] = defaultdict(list)
    for drop in blocked.between(first_s - rules.blocked_reach_s, last_s + rules.blocked_reach_s):
        for signal in drop.signals:
            by_series[drop.source, signal].append(drop)
    found: list[Group] = []
    for (source, signal), own in sorted(by_series.items()):
        if len(own) < rules.failure_countries:
            continue
        timetable = Timetable(own)
        groups = [
            Group(f"source-failure/{source}/{signal}/{at_s}", "source-failure", at_s, source, (signal,), members)
            for at_s in timetable.begins(first_s - rules.blocked_s, last_s + rules.blocked_s)
            if (members := _failed(timetable, at_s, rules))
        ]
        found += [group for group in best_of(groups, rules.blocked_s) if first_s <= group.at_s <= last_s]
    return found


def _failed(own: Timetable, at_s: int, rules: WatchRules) -> tuple[Member, ...]:
    """The countries of a window that a failure of the service explains; none where it is no failure."""
    members = sharing_time(members_of(own.between(at_s, at_s + rules.blocked_s)), rules)
    countries = [member.country for member in members]
    enough = len(members) >= rules.failure_countries
    return members if enough and apart(countries, rules.failure_places, rules.far_km) else ()
