"""Reports by individuals, held back until so many people of one place have reported that none of them stands out.

Until `individuals_shown` people of a place report on one local day, their claims take no part in anything: no
level, no date, no figure that is given out differs by them. Claims of places with fewer people are put together by
region: if they are enough there, they count without their town, as of a part of the region. The rest takes no part.
Claims of a whole country tell of nobody's place: they take part by themselves, and count for no town. (k-anonymity
by generalisation and suppression; Sweeney 2002. Wider than a region they are not put together: two people in two
corners of a country say nothing of what lies between.)

Which claims take part, and as of which place, depends on the set of claims alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from streams import geography
from streams.correlation.rules import Rules
from streams.geography.finding import city_place, region_place
from topics import Claim, Evidence, Place

#: The local day and the place: a town or a region.
Key = tuple[str, str]

#: A claim as it took part and as it does from now on; None where it doesn't.
Turn = tuple[Evidence | None, Evidence | None]


def of_individual(piece: Evidence | None) -> bool:
    """Whether a piece is an individual's claim."""
    return isinstance(piece, Claim) and piece.reporter == "individual"


def row_id(claim: Claim) -> str:
    """Return what stands for an individual's claim in what is given out: one id for all of a place."""
    return f"individuals/{claim.place.key}"


@dataclass(slots=True)
class _Group:
    """The claims of one place and day that are shown nowhere finer, and whose they are."""

    place: Place
    ids: set[str] = field(default_factory=set)
    hands: Counter[str] = field(default_factory=Counter)
    lineages: Counter[str] = field(default_factory=Counter)

    def count(self, claim: Claim, sign: int) -> None:
        """Put a claim in, or take it out."""
        for counter, name in ((self.hands, claim.hand or claim.lineage), (self.lineages, claim.lineage)):
            counter[name] += sign
            if not counter[name]:
                del counter[name]
        if sign > 0:
            self.ids.add(claim.id)
        else:
            self.ids.discard(claim.id)

    @property
    def people(self) -> int:
        """How many people they are at least: one hand is one, and so are copies of one text."""
        return min(len(self.hands), len(self.lineages))


class Crowd:
    """The individuals' claims of one country. `shown` has those that take part, as of the place that is told."""

    def __init__(self, rules: Rules) -> None:
        self._least = rules.count("individuals_shown")
        self._claims: dict[str, Claim] = {}
        self._groups: dict[Key, _Group] = {}
        self.shown: dict[str, Claim] = {}

    def turn(self, old: Evidence | None, new: Evidence | None) -> Iterator[Turn]:
        """Let `new` stand instead of `old`; yield what takes part otherwise than before, each to be `put`."""
        moved: set[str] = set()
        for piece, sign in ((old, -1), (new, 1)):
            if isinstance(piece, Claim) and of_individual(piece) and piece.place.kind != "country":
                if sign > 0:
                    self._claims[piece.id] = piece
                moved |= self._move(piece, sign)
                if sign < 0:
                    del self._claims[piece.id]
        own = next((piece.id for piece in (old, new) if piece is not None), "")
        was = self.shown.get(own) if of_individual(old) else old
        now = self._told(own) if own in self._claims else new
        if was is not None or now is not None:
            yield was, now
        for key in sorted(moved - {own}):
            was, now = self.shown.get(key), self._told(key)
            if was != now:
                yield was, now

    def put(self, was: Evidence | None, now: Evidence | None) -> None:
        """Note that a piece takes part otherwise than before."""
        if was is not None and of_individual(was):
            self.shown.pop(was.id, None)
        if isinstance(now, Claim) and of_individual(now):
            self.shown[now.id] = now

    def _move(self, claim: Claim, sign: int) -> set[str]:
        """Put a claim into its groups, or take it out: the ids of the claims that may be shown otherwise by it."""
        moved: set[str] = set()
        waiting = [(claim, sign)]
        day = _day(claim)
        for place in _places(claim):
            key = day, place.key
            group = self._groups.setdefault(key, _Group(place))
            was_enough = group.people >= self._least
            for one, change in waiting:
                group.count(one, change)
            is_enough = group.people >= self._least
            moved |= {one.id for one, _ in waiting}
            if was_enough != is_enough:
                # The wider group had all of this one or nothing, and has the contrary from now on.
                moved |= group.ids
                before = group.ids - {one.id for one, _ in waiting} | {one.id for one, sign in waiting if sign < 0}
                ids = before if is_enough else group.ids
                waiting = [(self._claims[one], -1 if is_enough else 1) for one in sorted(ids)]
            elif is_enough:
                waiting = []
            if not group.ids:
                del self._groups[key]
        return moved

    def _told(self, key: str) -> Claim | None:
        """A claim as it takes part: of the finest place where enough have reported."""
        claim = self._claims.get(key)
        for place in _places(claim) if claim is not None else ():
            assert claim is not None
            group = self._groups.get((_day(claim), place.key))
            if group is not None and key in group.ids and group.people >= self._least:
                return claim if place.key == claim.place.key else replace(claim, place=place, partial=True)
        return None


def _day(claim: Claim) -> str:
    return dt.datetime.fromtimestamp(claim.from_s, geography.zone(claim.place.time_zone)).date().isoformat()


def _places(claim: Claim) -> Iterator[Place]:
    """The place of a claim and its region, each once. Claims of one place have the same."""
    place = claim.place
    yield place
    if place.kind == "city" and place.city is not None:
        city = city_place(place.city)
        region = None if city is None or city.region is None else region_place(city.region)
        if region is not None and region.country == claim.country:
            yield region
