"""How the places of a country lie to each other, asked once of geography and then remembered by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from streams import geography
from streams.correlation.rules import Rules
from topics import Place


class Answers(dict[int, bool]):
    """Whether each place, by number, is in one relation to one and the same place; worked out when first asked."""

    def __init__(self, work_out: Callable[[int], bool]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, number: int) -> bool:
        known = self[number] = self._work_out(number)
        return known


class Pair(NamedTuple):
    """How two places lie to each other: the share of the first's people who live in the second too, the share of
    the second's who live in the first, 0 to 1, and whether they are one and the same for whoever measures."""

    of_first: float
    of_second: float
    same: bool
    holds: bool
    within: bool


class Places:
    """The places that a country's evidence is of, numbered as they come; and relations between them.

    A country has few places and much evidence, and geometry is dear: each pair is worked out once.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._number: dict[Place, int] = {}
        self.all: list[Place] = []
        self._known: dict[tuple[str, int], Answers] = {}
        self._pairs: dict[tuple[int, int], Pair] = {}

    def number(self, place: Place) -> int:
        """The number of a place, from 0."""
        known = self._number.get(place)
        if known is None:
            known = self._number[place] = len(self.all)
            self.all.append(place)
        return known

    def pair(self, first: int, second: int) -> Pair:
        """How two places lie to each other."""
        known = self._pairs.get((first, second))
        if known is None:
            known = self._pairs[first, second] = pair(self.all[first], self.all[second], self._rules)
        return known

    def touching(self, place: int) -> Answers:
        """Which places meet one, once each is grown by its uncertainty."""
        return self._ask("touching", place, geography.touches)

    def nested(self, place: int) -> Answers:
        """Which places lie in one, or have it in them."""
        return self._ask("nested", place, _nested)

    def context(self, place: int) -> Answers:
        """Of which places a protest is context of what happened in one: inside it, in the same region, or within
        `protest_km`.

        A protest that is located only to its country is near a shutdown of the country alone. Where in its country
        a network lies is not known, so no protest is near it.
        """
        return self._ask("context", place, self._is_context)

    def near(self, place: int) -> Answers:
        """Which places touch one, or are at most `near_km` apart: near enough for a candidate."""
        return self._ask("near", place, self._is_near)

    def _ask(self, relation: str, number: int, work_out: Callable[[Place, Place], bool]) -> Answers:
        key = (relation, number)
        known = self._known.get(key)
        if known is None:
            place = self.all[number]
            known = self._known[key] = Answers(lambda other: work_out(place, self.all[other]))
        return known

    def _is_near(self, a: Place, b: Place) -> bool:
        return geography.touches(a, b) or geography.within_km(a, b, self._rules.number("near_km"))

    def _is_context(self, place: Place, protest: Place) -> bool:
        if geography.contains(place, protest):
            return True
        if protest.kind == "country" or place.kind in ("country", "network"):
            return False
        if protest.region is not None and protest.region == place.region:
            return True
        return geography.within_km(place, protest, self._rules.number("protest_km"))


def pair(first: Place, second: Place, rules: Rules) -> Pair:
    """How two places lie to each other, by geography."""
    holds, within = geography.contains(first, second), geography.contains(second, first)
    of_first = _share(second, first, within, rules)
    of_second = _share(first, second, holds, rules)
    same = (holds and within) or ((holds or within) and geography.same_extent(first, second))
    return Pair(of_first, of_second, same, holds, within)


def _share(part: Place, whole: Place, holds: bool, rules: Rules) -> float:
    """The share of a place's people who live in another too. Where a network's are in its country isn't known: it
    has its share of the addresses of the place that it is measured in, where that is known."""
    if holds:
        return 1.0
    if part.kind == "network":
        if not geography.contains(whole, part):
            return 0.0
        own = whole.kind == ("country" if part.region is None else "region")
        return part.share if own and part.share is not None else rules.number("network_share")
    return geography.share(part, whole) or 0.0


def _nested(a: Place, b: Place) -> bool:
    return geography.contains(a, b) or geography.contains(b, a)
