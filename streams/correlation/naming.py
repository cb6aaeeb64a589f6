"""Which shutdown a conclusion is: the ids that were given out, and new ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from streams.correlation.incidents import Member
from streams.correlation.watermark import Turn
from topics import LATEST_S, Claim, Shutdown, Support, digest


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered beside a shutdown that stands: the outages and claims that it was made of, by id, and
    when the country's newest evidence turns it into another."""

    uses: tuple[str, ...]
    turns: tuple[Turn, ...] = ()
    #: The first outages of the cuts next to it in its campaign.
    campaign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A shutdown as its evidence makes it, before it has its id; what is remembered beside it; and what links it to
    others."""

    shutdown: Shutdown
    kept: Kept
    member: Member


class Names:
    """The ids of shutdowns: which each conclusion keeps or gets. `is_outage` tells ids of outages from those of
    claims."""

    def __init__(self, is_outage: Callable[[str], bool]) -> None:
        self._is_outage = is_outage

    def name(
        self, concluded: Sequence[Conclusion], touched: Mapping[str, Shutdown], kept: Mapping[str, Kept]
    ) -> dict[str, Conclusion]:
        """Give each conclusion its id: see `assign`."""
        named = self.assign(concluded, touched, kept)
        return {
            key: replace(one, shutdown=msgspec.structs.replace(one.shutdown, id=key)) for key, one in named.items()
        }

    def assign(
        self, concluded: Sequence[Conclusion], touched: Mapping[str, Shutdown], kept: Mapping[str, Kept]
    ) -> dict[str, Conclusion]:
        """Find the id of each conclusion: of the ids whose evidence is looked at again, the oldest first, each goes
        to the conclusion that has most of its evidence; what is left gets an id of its own.

        Args:
            concluded: what the evidence makes.
            touched: the shutdowns whose evidence is looked at again, by id.
            kept: what is remembered of all that stand, by id.
        """
        waiting = sorted(concluded, key=lambda one: order(one.shutdown))
        named = self._kept_names(waiting, touched, kept)
        taken = {id(one) for one in named.values()}
        for one in waiting:
            if id(one) not in taken:
                named[_new_id(one, named, touched, kept)] = one
        return named

    def _kept_names(
        self, waiting: Sequence[Conclusion], touched: Mapping[str, Shutdown], kept: Mapping[str, Kept]
    ) -> dict[str, Conclusion]:
        """The conclusions that get an id which was given out already."""
        free: dict[str, dict[int, None]] = defaultdict(dict)
        for number, one in enumerate(waiting):
            for piece in one.kept.uses:
                free[piece][number] = None
        named: dict[str, Conclusion] = {}
        for key in sorted(touched, key=lambda key: order(touched[key])):
            # What was measured says better than a claim which shutdown it is: a claim may be of many.
            worth = {piece: 2 if self._is_outage(piece) else 1 for piece in kept[key].uses if free.get(piece)}
            shared = _shared({piece: of for piece, of in worth.items() if len(free[piece]) <= _MANY}, free)
            rest = {piece: of for piece, of in worth.items() if len(free[piece]) > _MANY}
            if rest:
                for number in shared:
                    shared[number] += sum(of for piece, of in rest.items() if number in free[piece])
                if max(shared.values(), default=0) <= sum(rest.values()):
                    # One that has nothing but those may have as much.
                    shared = _shared(worth, free)
            if shared:
                # Of two that have all of its evidence it is the one with least beside.
                best = max(shared, key=lambda one: (shared[one], -len(waiting[one].kept.uses), -one))
                named[key] = waiting[best]
                for piece in waiting[best].kept.uses:
                    free[piece].pop(best, None)
        return named


#: A piece of more conclusions than this, as a claim of years is, is looked at after the others.
_MANY = 16


def _shared(worth: Mapping[str, int], free: Mapping[str, Iterable[int]]) -> dict[int, int]:
    """What the conclusions, by number, have of some evidence."""
    shared: dict[int, int] = defaultdict(int)
    for piece, of in worth.items():
        for number in free[piece]:
            shared[number] += of
    return shared


def _new_id(one: Conclusion, named: Container[str], touched: Container[str], kept: Container[str]) -> str:
    """An id for a shutdown none of whose evidence has one: one made from its evidence."""
    key, number = one.shutdown.id, 1
    while key in named or (key in kept and key not in touched):
        number += 1
        key = f"{one.shutdown.country}-{digest([one.shutdown.id, number])[:16]}"
    return key


def listed_uses(shutdown: Shutdown, people: Mapping[str, Sequence[Claim]]) -> tuple[str, ...]:
    """The outages and claims that a shutdown was made of, as far as it lists them.

    Args:
        shutdown: as it was given out. What is a claim's of another cut of its campaign is none of its own.
        people: individuals' claims by the row that stands for them: they are its own where their times meet the
            row's.
    """
    carried = any(reason.detail == "campaign" for reason in shutdown.why)
    found: list[str] = []
    for row in shutdown.evidence:
        if row.role in ("contradicts", "context") or row.kind not in ("outage", "claim"):
            continue
        if carried and row.kind == "claim":
            continue
        if row.reporter == "individual":
            found += [claim.id for claim in people.get(row.id, ()) if _meets(row, claim)]
        else:
            found.append(row.id)
    return tuple(found)


def _meets(row: Support, claim: Claim) -> bool:
    row_until_s = LATEST_S if row.until_s is None else row.until_s
    until_s = LATEST_S if claim.until_s is None else claim.until_s
    return row.from_s <= until_s and claim.from_s <= row_until_s


def order(shutdown: Shutdown) -> tuple[int, str]:
    """Where a shutdown comes among others: by its begin."""
    return (shutdown.from_s, shutdown.id)
