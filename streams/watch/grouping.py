"""What groups of drops are made of, and which of those that overlap counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

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


class Timetable:
    """Drops in the order of their begins."""

    def __init__(self, drops: Iterable[Drop]) -> None:
        self._drops = sorted(drops, key=lambda drop: (drop.from_s, drop.id))
        self._begins = [drop.from_s for drop in self._drops]

    def between(self, first_s: int, last_s: int) -> list[Drop]:
        """The drops that begin in [first_s, last_s]."""
        return self._drops[bisect_left(self._begins, first_s) : bisect_right(self._begins, last_s)]

    def count(self, first_s: int, last_s: int) -> int:
        """How many drops begin in [first_s, last_s]."""
        return bisect_right(self._begins, last_s) - bisect_left(self._begins, first_s)

    def begins(self, first_s: int, last_s: int) -> list[int]:
        """The moments in [first_s, last_s] at which drops begin, each once."""
        return list(dict.fromkeys(drop.from_s for drop in self.between(first_s, last_s)))


def members_of(drops: Iterable[Drop]) -> tuple[Member, ...]:
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


def best_of(groups: Sequence[Group], reach_s: int) -> list[Group]:
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


def kinds_of(drop: Drop) -> frozenset[str]:
    """How the signals of a drop measure: two telescopes are one kind."""
    return _kinds(drop.signals)


@lru_cache(maxsize=4_096)
def _kinds(signals: tuple[str, ...]) -> frozenset[str]:
    return frozenset(signal_facts(signal).kind for signal in signals)
