"""Of very many pieces that say the same, a sample: what floods in costs no more than what counts.

Pieces say the same when they differ in nothing that correlation reads but in who says it: then each can stand for
the others. Thirty individuals weigh all that individuals can, and one hand counts once however often it says a
thing. So of each such group the first so many lineages take part, in the order of a digest, and of each lineage the
first so many pieces. Which ones depends on the set of the group's pieces alone, never on the order in which they
came, and no piece that comes lets the group have fewer lineages than before. (A bottom-k sketch; Cohen and Kaplan,
"Summarizing data using bottom-k sketches", PODC 2007.) The nth lineage displaces another with a chance of k/n, so
that of n some k (1 + ln n/k) ever take part.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from topics import digest


class Member(NamedTuple):
    """A piece in a group: whose word it is, and its id."""

    group: Hashable
    lineage: str
    key: str


@dataclass(slots=True)
class _Group:
    """The lineages by digest, and of each its ids by digest."""

    ranked: list[tuple[str, str]] = field(default_factory=list)
    ids: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


class Sample:
    """Ids by group; at most `lineages` lineages of a group take part, with at most `repeats` ids each."""

    def __init__(self, lineages: int, repeats: int) -> None:
        self._lineages = lineages
        self._repeats = repeats
        self._groups: dict[Hashable, _Group] = {}

    def add(self, member: Member) -> tuple[bool, list[str]]:
        """Put an id into a group: whether it takes part, and which ones don't any more for it."""
        group = self._groups.setdefault(member.group, _Group())
        ids = group.ids.setdefault(member.lineage, [])
        rank = (digest(member.lineage), member.lineage)
        if not ids:
            insort(group.ranked, rank)
        at = bisect_left(group.ranked, rank)
        own = (digest(member.key), member.key)
        insort(ids, own)
        if at >= self._lineages:
            return False, []
        if len(ids) == 1:
            return True, self._first(group, self._lineages)
        place = bisect_left(ids, own)
        if place >= self._repeats:
            return False, []
        return True, [key for _, key in ids[self._repeats : self._repeats + 1]]

    def discard(self, member: Member) -> tuple[bool, list[str]]:
        """Take an id out of its group: whether it took part, and which ones do instead."""
        group = self._groups[member.group]
        ids = group.ids[member.lineage]
        at = bisect_left(group.ranked, (digest(member.lineage), member.lineage))
        place = bisect_left(ids, (digest(member.key), member.key))
        del ids[place]
        if not ids:
            del group.ids[member.lineage]
            del group.ranked[at]
            if not group.ranked:
                del self._groups[member.group]
        if at >= self._lineages or place >= self._repeats:
            return False, []
        if not ids:
            return True, self._first(group, self._lineages - 1)
        return True, [key for _, key in ids[self._repeats - 1 : self._repeats]]

    def _first(self, group: _Group, number: int) -> list[str]:
        """The ids that take part, or did, of the lineage of that number, from 0 on; none where there are fewer."""
        if number >= len(group.ranked):
            return []
        return [key for _, key in group.ids[group.ranked[number][1]][: self._repeats]]
