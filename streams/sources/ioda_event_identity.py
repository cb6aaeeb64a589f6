"""Identity of IODA's events, which have no id and whose start can move.

The API makes an event of the alerts within its look-back. Once the first of them is older than that, the event is
listed with the start of a later alert, or not at all, not even when it ends: an alert that says normal makes no
event by itself. Either way it is the event that was published before, and such an alert ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from topics import Outage


def series_of(event_id: str) -> str:
    """The series of an event by its id, `ioda-event/region/2088/bgp/median/1700000400`: all but kind and start.

    >>> series_of("ioda-event/region/2088/bgp/median/1700000400")
    'region/2088/bgp/median'
    """
    return event_id.partition("/")[2].rpartition("/")[0]


def continued(found: Iterable[Outage], before: Iterable[Outage]) -> Iterator[Outage]:
    """The listed events, under the id of the one published before that each continues.

    An event continues another of its series that is itself not listed any more, and whose time it overlaps.
    """
    listed = {one.id: one for one in found}
    missing: dict[str, list[Outage]] = {}
    for one in before:
        if one.id not in listed:
            missing.setdefault(series_of(one.id), []).append(one)
    known = {one.id for one in before}
    for event in listed.values():
        candidates = missing.get(series_of(event.id), []) if event.id not in known else []
        first = min((one for one in candidates if _overlap(one, event)), key=lambda one: one.from_s, default=None)
        if first is None:
            yield event
        else:
            yield replace(event, id=first.id, from_s=min(first.from_s, event.from_s))


def ended(known: Iterable[Outage], normal: Mapping[str, Iterable[int]]) -> Iterator[Outage]:
    """The open ones of `known` whose series was normal again, with their end. `normal` are the times of alerts
    that say so, by series: the first after an event's begin ends it.
    """
    for one in known:
        ends = [at for at in normal.get(series_of(one.id), ()) if at > one.from_s] if one.until_s is None else []
        if ends:
            yield replace(one, until_s=min(ends))


def _overlap(one: Outage, other: Outage) -> bool:
    starts_before_end = one.until_s is None or other.from_s <= one.until_s
    return starts_before_end and (other.until_s is None or one.from_s <= other.until_s)
