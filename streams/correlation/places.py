"""How the places of a country lie to each other, asked once of geography and then remembered by number."""

from __future__ import annotations

from collections.abc import Callable

from streams import geography
from streams.correlation.rules import Rules
from topics import Place


class Places:
    """The places that a country's evidence is of, numbered as they come; and relations between them.

    A country has few places and much evidence, and geometry is dear: each pair is worked out once.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._number: dict[Place, int] = {}
        self.all: list[Place] = []
        self._known: dict[tuple[str, int, int], bool] = {}

    def number(self, place: Place) -> int:
        """The number of a place, from 0."""
        known = self._number.get(place)
        if known is None:
            known = self._number[place] = len(self.all)
            self.all.append(place)
        return known

    def touch(self, a: int, b: int) -> bool:
        """Whether two places meet once each is grown by its uncertainty."""
        return self._ask("touch", min(a, b), max(a, b), geography.touches)

    def contains(self, outer: int, inner: int) -> bool:
        """Whether all of `inner` lies in `outer`."""
        return self._ask("contains", outer, inner, geography.contains)

    def nested(self, a: int, b: int) -> bool:
        """Whether one of the two lies in the other."""
        return self.contains(a, b) or self.contains(b, a)

    def in_context(self, protest: int, place: int) -> bool:
        """Whether a protest of one place is context of what happened in another, see `is_near`."""
        return self._ask("context", protest, place, self._is_context)

    def near(self, a: int, b: int) -> bool:
        """Whether two places touch, or are at most `near_km` apart: near enough for a candidate."""
        return self._ask("near", min(a, b), max(a, b), self._is_near)

    def _ask(self, relation: str, a: int, b: int, work_out: Callable[[Place, Place], bool]) -> bool:
        key = (relation, a, b)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = work_out(self.all[a], self.all[b])
        return known

    def _is_near(self, a: Place, b: Place) -> bool:
        return geography.touches(a, b) or geography.within_km(a, b, self._rules.number("near_km"))

    def _is_context(self, protest: Place, place: Place) -> bool:
        """Inside the place, in the same region, or within `protest_km`.

        A protest that is located only to its country is near a shutdown of the country alone. Where in its country
        a network lies is not known, so no protest is near it.
        """
        if geography.contains(place, protest):
            return True
        if protest.kind == "country" or place.kind in ("country", "network"):
            return False
        if protest.region is not None and protest.region == place.region:
            return True
        return geography.within_km(place, protest, self._rules.number("protest_km"))
