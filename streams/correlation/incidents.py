"""Incidents: the shutdowns of a country that belong together by place, by claim or by campaign, under one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from streams.correlation.places import Places
from streams.correlation.timeline import Timeline
from streams.correlation.windows import Span
from topics import digest


class Member(NamedTuple):
    """What links a shutdown to others.

    `place` is the number of its place, `measured` whether anything was measured there, `publications` name what its
    claims were published in, `outages` its own first outages, `campaign` the first outages of the cuts before and
    after it in its campaign."""

    span: Span
    place: int
    measured: bool
    publications: tuple[str, ...] = ()
    outages: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()


class Incidents:
    """The shutdowns that stand, what links them, and the name of the incident that each is part of.

    Two shutdowns are linked if they are of one place and at most `gap_s` apart; if the place of one lies in that of
    the other, which was measured or is no country, and they overlap; if one publication claims both; or if they
    follow each other in a campaign. An incident is all that is linked, directly or not; its name is made from its
    first. Where something changes, what is linked to it is worked out again, and nothing else."""

    def __init__(self, gap_s: int, places: Places) -> None:
        self._gap_s = gap_s
        self._places = places
        self._line = Timeline()
        self._members: dict[str, Member] = {}
        self._by_publication: dict[str, set[str]] = defaultdict(set)
        self._by_outage: dict[str, set[str]] = defaultdict(set)
        #: By first outage of a cut, the shutdowns next to it in a campaign.
        self._by_campaign: dict[str, set[str]] = defaultdict(set)
        self._names: dict[str, str] = {}
        self._moved: set[str] = set()

    def name(self, key: str) -> str:
        """The incident of a shutdown, as last worked out by `rename`."""
        return self._names[key]

    def load(self, key: str, member: Member, name: str) -> None:
        """Take a shutdown in as it was given out.

        A crash may have come between the new names of one incident, so the next `rename` looks at all that was
        loaded."""
        self.add(key, member)
        self._names[key] = name

    def add(self, key: str, member: Member) -> None:
        """Let a shutdown stand, in place of any other of that id."""
        if key in self._members:
            if self._members[key] == member:
                return
            self.discard(key)
        self._members[key] = member
        self._line.add(key, member.span)
        for publication in member.publications:
            self._by_publication[publication].add(key)
        for outage in member.outages:
            self._by_outage[outage].add(key)
        for outage in member.campaign:
            self._by_campaign[outage].add(key)
        self._moved.add(key)

    def discard(self, key: str) -> None:
        """Let a shutdown stand no longer."""
        self._moved.update(self._linked(key))
        member = self._members.pop(key)
        self._line.discard(key)
        for index, names in (
            (self._by_publication, member.publications),
            (self._by_outage, member.outages),
            (self._by_campaign, member.campaign),
        ):
            for name in names:
                index[name].discard(key)
                if not index[name]:
                    del index[name]
        self._names.pop(key, None)
        self._moved.discard(key)

    def rename(self) -> dict[str, str]:
        """The shutdowns whose incident is another since the last call, and its name."""
        changed: dict[str, str] = {}
        seen: set[str] = set()
        for key in sorted(self._moved):
            if key not in seen and key in self._members:
                component = self._component(key)
                seen |= component
                first = min(component, key=lambda one: (self._members[one].span.from_s, one))
                name = f"incident-{digest(first)[:16]}"
                for one in component:
                    if self._names.get(one) != name:
                        self._names[one] = changed[one] = name
        self._moved.clear()
        return changed

    def _component(self, seed: str) -> set[str]:
        found: set[str] = set()
        queue = [seed]
        while queue:
            key = queue.pop()
            if key not in found:
                found.add(key)
                queue += self._linked(key)
        return found

    def _linked(self, key: str) -> Iterable[str]:
        """The shutdowns that one is linked to."""
        own = self._members[key]
        found: set[str] = set()
        for publication in own.publications:
            found |= self._by_publication[publication]
        for outage in own.campaign:
            found |= self._by_outage.get(outage, set())
        for outage in own.outages:
            found |= self._by_campaign.get(outage, set())
        for other in self._line.during(own.span.grown(self._gap_s)):
            if other not in found and self._near(own, self._members[other]):
                found.add(other)
        found.discard(key)
        return found

    def _near(self, own: Member, other: Member) -> bool:
        """Whether two shutdowns are of one place and near in time, or one in the other's place while they
        overlap."""
        pair = self._places.pair(own.place, other.place)
        if pair.same:
            return True
        if not (pair.holds or pair.within) or not own.span.meets(other.span):
            return False
        wider = own if pair.holds else other
        return wider.measured or self._places.all[wider.place].kind != "country"
