"""Campaigns: drops of one place that come back at the same hour, of which one claim may be about all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from streams.correlation.claims_alone import ClaimsAlone
from streams.correlation.components import Component
from streams.correlation.drafts import Draft
from streams.correlation.patterns import Begin, apart_s
from streams.correlation.rules import Rules
from topics import Claim, Evidence, Outage


class Drawn(NamedTuple):
    """What a drop has of its campaign: the number of its other days, the outages next to it by time, and the claims
    that are carried to it."""

    days: int
    next_to: tuple[str, ...]
    claims: tuple[Claim, ...]


class Campaigns(ClaimsAlone):
    """Which drops share a campaign, and the claims that are carried from one to the others."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        #: By place, the first outages of the drops that are part of a campaign, or would be if the place dropped on
        #: fewer other days.
        self._campaigns: dict[int, set[str]] = {}
        #: By place and first outage, what `campaign` answers, as long as no outage of the place comes or goes.
        self._campaign_of: dict[int, dict[str, list[str]]] = {}
        #: What was concluded on last: by outage the claims of its drop, which it can lend to others; and by first
        #: outage what a drop has of its campaign. Where there is none, nothing is kept.
        self._lent: dict[str, tuple[Claim, ...]] = {}
        self._drawn: dict[str, Drawn] = {}

    def _list(self, piece: Evidence) -> None:
        super()._list(piece)
        if isinstance(piece, Outage):
            self._campaign_of.pop(self._place_of[piece.id], None)

    def _unlist(self, piece: Evidence) -> None:
        if isinstance(piece, Outage):
            place = self._place_of[piece.id]
            self._campaign_of.pop(place, None)
            self._campaigns.get(place, set()).discard(piece.id)
            self._lent.pop(piece.id, None)
            self._drawn.pop(piece.id, None)
        super()._unlist(piece)

    def reached(self, key: str) -> Iterator[str]:
        """The outages whose campaigns can be others for one that comes or goes: those that can share one with it;
        and where the place dropped at no other time of that day, those of any hour, for whom the days are more."""
        place, _ = self._patterns.begin(key)
        yield from (begin.key for begin in self._alike(key))
        if self._patterns.alone_on_its_day(key) and (others := self._campaigns.get(place)):
            around = self._patterns.around(key, self.rules.seconds("campaign_reach_s"))
            yield from (begin.key for begin in around if begin.key in others)

    def borrowers(self, component: Component) -> set[str]:
        """The outages that can share a campaign with those of a component whose drops have other claims than
        before. What they have now is noted."""
        now = {outage.id: tuple(self.independent(draft)) for draft in component.drafts for outage in draft.outages}
        found: set[str] = set()
        for key in component.ids:
            claims = now.get(key, ())
            if claims != self._lent.pop(key, ()):
                found.update(begin.key for begin in self._alike(key))
            if claims:
                self._lent[key] = claims
        return found

    def draws_otherwise(self, key: str) -> bool:
        """Whether the drop that an outage is the first of has other things of its campaign than before."""
        draft = self.draft_of(key)
        if draft is None or draft.first.id != key:
            # Noted with its component, once it is.
            return False
        return self._draw(draft) != self._drawn.get(key)

    def note_drawn(self, component: Component) -> None:
        """Note what the drops of a component have of their campaigns."""
        for key in component.ids:
            self._drawn.pop(key, None)
        for draft in component.drafts:
            if (drawn := self._draw(draft)) is not None:
                self._drawn[draft.first.id] = drawn

    def _draw(self, draft: Draft) -> Drawn | None:
        campaign = [] if draft.failed is not None else self.campaign(draft)
        if not campaign:
            return None
        claims = () if self.independent(draft) else tuple(self.carried(draft))
        return Drawn(self.days_of(campaign), self.next_to(draft, campaign), claims)

    def carried(self, draft: Draft) -> list[Claim]:
        """The claims of the nearest claimed cut of the same campaign, where nobody claims this one; see the
        rules."""
        if draft.failed is not None:
            return []
        anchor = self._anchor(draft)
        return [] if anchor is None else self.independent(anchor)

    def campaign(self, draft: Draft) -> list[str]:
        """The first outages of the drops that share a campaign with one: at the same hour, in a chain of days
        without long gaps, on most of the days on which the place dropped at all. By time, its own left out; empty
        where there are too few."""
        own_place, own = self._patterns.begin(draft.first.id)
        answers = self._campaign_of.setdefault(own_place, {})
        known = answers.get(own.key)
        if known is not None:
            return known
        chain = self._chain(own)
        if chain:
            self._campaigns.setdefault(own_place, set()).add(own.key)
        else:
            self._campaigns.get(own_place, set()).discard(own.key)
        days = {own.day, *(self._patterns.begin(key)[1].day for key in chain)}
        among = self._patterns.days(own_place, min(days), max(days) + 1)
        most = len(days) >= self.rules.number("campaign_share") * len(among)
        found = answers[own.key] = chain if most else []
        return found

    def _chain(self, own: Begin) -> list[str]:
        """The outages of a place that began at the same hour, in a chain of days without long gaps; empty where
        there are too few."""
        alike = [begin for begin in self._alike(own.key) if begin.day != own.day]
        if len({begin.day for begin in alike}) + 1 < self.rules.count("campaign_days"):
            return []
        found: list[str] = []
        for side in ([one for one in alike if one < own][::-1], [one for one in alike if one > own]):
            last = own
            for begin in side:
                if abs(begin.local_s - last.local_s) > self.rules.seconds("campaign_gap_s"):
                    break
                found.append(begin.key)
                last = begin
        days = {own.day, *(self._patterns.begin(key)[1].day for key in found)}
        return found if len(days) >= self.rules.count("campaign_days") else []

    def _alike(self, key: str) -> list[Begin]:
        """The begins of a place in reach of one and at the same hour, by time."""
        own, apart = self._patterns.begin(key)[1], self.rules.seconds("campaign_apart_s")
        around = self._patterns.around(key, self.rules.seconds("campaign_reach_s"))
        return [begin for begin in around if apart_s(begin, own) <= apart]

    def days_of(self, outages: Iterable[str]) -> int:
        """On how many local days outages of one place began."""
        return len({self._patterns.begin(key)[1].day for key in outages})

    def next_to(self, draft: Draft, campaign: Iterable[str]) -> tuple[str, ...]:
        """Of the outages of a campaign, those nearest before and after a draft."""
        own = self._patterns.begin(draft.first.id)[1]
        begins = sorted(self._patterns.begin(key)[1] for key in campaign)
        before = [begin.key for begin in begins if begin < own][-1:]
        return (*before, *[begin.key for begin in begins if begin > own][:1])

    def _anchor(self, draft: Draft) -> Draft | None:
        """The nearest claimed drop of the same campaign."""
        own = self._patterns.begin(draft.first.id)[1]
        keys = self.campaign(draft)
        for key in sorted(keys, key=lambda key: (abs(self._patterns.begin(key)[1].local_s - own.local_s), key)):
            found = self.draft_of(key)
            if found is not None and found.failed is None and self.independent(found):
                return found
        return None
