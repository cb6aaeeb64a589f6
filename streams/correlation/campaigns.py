"""Campaigns: drops of one place that come back at the same hour, of which one claim may be about all."""

from __future__ import annotations

from collections.abc import Iterable

from streams.correlation.claims_alone import ClaimsAlone
from streams.correlation.drafts import Draft
from streams.correlation.patterns import Begin, apart_s
from streams.correlation.rules import Rules
from topics import Claim, Evidence, Outage


class Campaigns(ClaimsAlone):
    """Which drops share a campaign, and the claims that are carried from one to the others."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        #: By place, the first outages of the drops that are part of a campaign, or would be if the place dropped on
        #: fewer other days.
        self._campaigns: dict[int, set[str]] = {}
        #: By first outage, what `campaign` answers, as long as no outage comes or goes.
        self._campaign_of: dict[str, list[str]] = {}

    def _list(self, piece: Evidence) -> None:
        if isinstance(piece, Outage):
            self._campaign_of.clear()
        super()._list(piece)

    def _unlist(self, piece: Evidence) -> None:
        if isinstance(piece, Outage):
            self._campaign_of.clear()
            self._campaigns.get(self._place_of[piece.id], set()).discard(piece.id)
        super()._unlist(piece)

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
        known = self._campaign_of.get(own.key)
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
        found = self._campaign_of[own.key] = chain if most else []
        return found

    def _chain(self, own: Begin) -> list[str]:
        """The outages of a place that began at the same hour, in a chain of days without long gaps; empty where
        there are too few."""
        around = self._patterns.around(own.key, self.rules.seconds("campaign_reach_s"))
        apart = self.rules.seconds("campaign_apart_s")
        alike = [begin for begin in around if apart_s(begin, own) <= apart and begin.day != own.day]
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
