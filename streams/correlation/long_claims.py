"""Which drops bear out a long claim: one that is early in it or fills much of it, or many of one place."""

from __future__ import annotations

from streams.correlation.components import Components
from streams.correlation.drafts import Draft
from streams.correlation.patterns import DAY_S
from streams.correlation.rules import Rules
from streams.correlation.windows import joining_span
from streams.scoring.recurrence import local_s
from topics import Claim, Evidence, Outage


class LongClaims(Components):
    """Claims of weeks and more, each beside the drops of the places that it could be about."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        #: By place and id of a long claim: whether the drops of that place bear it out; and which may do otherwise.
        self._borne_out: dict[int, dict[str, bool]] = {}
        self._stale: dict[tuple[int, str], bool] = {}

    def _list(self, piece: Evidence) -> None:
        super()._list(piece)
        if isinstance(piece, Outage):
            self._question_long(self._place_of[piece.id], piece)

    def _unlist(self, piece: Evidence) -> None:
        if isinstance(piece, Outage):
            self._question_long(self._place_of[piece.id], piece)
        for known in self._borne_out.values():
            known.pop(piece.id, None)
        super()._unlist(piece)

    def _bears_out(self, claim: Claim, draft: Draft) -> bool:
        """Whether a drop is what a claim is about: always, of one of up to `claim_long_s`; of a longer one, if it
        is early in it, lasts for much of it, or is one of many: see the rules."""
        own, rules = joining_span(claim, self.rules), self.rules
        length_s = own.until_s - own.from_s
        if length_s <= rules.seconds("claim_long_s") or draft.span.from_s <= own.from_s + rules.seconds(
            "claim_long_s"
        ):
            return True
        if draft.span.shared_s(own) >= rules.number("long_share") * length_s:
            return True
        number = self._place_of[draft.outages[0].id]
        known = self._borne_out.setdefault(number, {})
        if claim.id not in known:
            known[claim.id] = self._pattern(claim, number)
        return known[claim.id]

    def _pattern(self, claim: Claim, number: int) -> bool:
        """Whether a place dropped much more often during a long claim than in equal stretches before and after."""
        first, last = self._claimed_days(claim, number)
        days = last - first
        inside = len(self._patterns.days(number, first, last))
        if inside < self.rules.count("long_days") or inside * self.rules.count("long_rate_days") < days:
            return False
        outside = len(self._patterns.days(number, first - days, first))
        outside += len(self._patterns.days(number, last, last + days))
        return inside >= self.rules.number("long_rate") * outside / 2

    def _claimed_days(self, claim: Claim, number: int) -> tuple[int, int]:
        """The local days of a place that a claim covers, the latter left out, counted from 1970."""
        own, zone = joining_span(claim, self.rules), self.places.all[number].time_zone
        return local_s(own.from_s, zone) // DAY_S, -(-local_s(own.until_s, zone) // DAY_S)

    def _question_long(self, number: int, outage: Outage) -> None:
        """Note that long claims may be borne out by the drops of a place, or no longer, once one came or went."""
        known = self._borne_out.get(number, {})
        day = local_s(outage.from_s, outage.place.time_zone) // DAY_S
        for key in list(known):
            first, last = self._claimed_days(self.claim(key), number)
            if first - (last - first) <= day < last + (last - first):
                # Forgotten at once, so that nobody asks in between and takes the old answer for the new one.
                self._stale.setdefault((number, key), known.pop(key))
