"""Drops that several countries have in common, found among all drops around a stretch of time. Pure.

A group is what begins within one window. Which windows count depends on the drops near them alone, never on the
order in which they came: of windows that overlap the one with most countries counts, and of equal ones the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.watch.failures import failures
from streams.watch.grouping import Group, Timetable
from streams.watch.nearness import known
from streams.watch.rules import WatchRules
from streams.watch.service_failures import service_failures
from streams.watch.shared_causes import shared_causes
from topics import Drop, of_service


def find_groups(drops: Iterable[Drop], rules: WatchRules, first_s: int, last_s: int) -> list[Group]:
    """Return the groups that begin in [first_s, last_s], by begin and id.

    Args:
        drops: the drops that begin in [first_s - rules.reach_s, last_s + rules.reach_s], of services
            `rules.blocked_reach_s` around; more do no harm, and withdrawn ones don't count, nor those of a country
            that is on no map.
        rules: what makes a group.
        first_s: the first begin that is asked for, Unix seconds.
        last_s: the last one.
    """
    standing = [drop for drop in drops if not drop.withdrawn and known(drop.country)]
    # Blocking says nothing of the network: it neither adds to drops of it nor takes from them.
    network = Timetable(drop for drop in standing if not of_service(drop.signals))
    blocked = Timetable(drop for drop in standing if of_service(drop.signals))
    found = failures(network, rules, first_s, last_s) + shared_causes(network, rules, first_s, last_s)
    found += service_failures(blocked, rules, first_s, last_s)
    return sorted(found, key=lambda group: (group.at_s, group.drop))
