"""Parts that add up: drops of most regions, networks or counties at one time are one outage of the whole.

Made from outages, so it can be asked wherever outages are held, and at any moment of a replay.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Begin and end of an outage, Unix seconds; None is 'not over yet'.
Span = tuple[int, int | None]

#: The whole is out while parts with at least this share of it are. Half: fewer are an outage of those parts.
LEAST_SHARE = 0.5

#: Fewer parts than these add up to nothing: two networks of one owner fail together.
LEAST_PARTS = 3

#: Stretches with less than this between them are one, seconds: parts come back one after the other.
BRIDGE_S = 3_600


@dataclass(frozen=True, slots=True)
class Whole:
    """An outage of a whole, from when enough of its parts were out until when they no longer were.

    `share` is the largest share of the whole that was out at one time, 0 to 1; `parts` are those that were out.
    """

    from_s: int
    until_s: int | None
    share: float
    parts: tuple[str, ...]


def wholes(
    drops: Mapping[str, Iterable[Span]],
    weights: Mapping[str, float],
    *,
    least: float = LEAST_SHARE,
    bridge_s: int = BRIDGE_S,
) -> list[Whole]:
    """The outages of a whole, by begin.

    Args:
        drops: the outages of each of its parts.
        weights: how much each part makes of the whole: its people, or its share of the whole's series. Parts
        without
            an outage are there too.
        least: the share that must be out.
        bridge_s: stretches with less between them are one.

    >>> drops = {"a": [(0, 9_000)], "b": [(600, 7_200)], "c": [(1_200, None)]}
    >>> [one] = wholes(drops, {"a": 1, "b": 1, "c": 1, "d": 1})
    >>> one.from_s, one.until_s, one.share, one.parts
    (600, 9000, 0.75, ('a', 'b', 'c'))
    """
    total = sum(weights.values())
    if len(weights) < LEAST_PARTS or total <= 0:
        return []
    edges: list[tuple[float, int, str]] = []
    for part, spans in drops.items():
        for from_s, until_s in spans:
            edges += [(from_s, 1, part), (math.inf if until_s is None else until_s, 0, part)]
    found: list[_Stretch] = []
    out: dict[str, int] = {}
    stretch: _Stretch | None = None
    for at, begins, part in sorted(edges):
        out[part] = out.get(part, 0) + (1 if begins else -1)
        now = {name for name, count in out.items() if count > 0}
        share = math.fsum(weights.get(name, 0.0) for name in sorted(now)) / total
        if share >= least and len(now) >= LEAST_PARTS:
            if stretch is None:
                stretch = _begun(found, at, bridge_s)
            stretch.share = max(stretch.share, share)
            stretch.parts |= now
        elif stretch is not None:
            stretch.until, stretch = at, None
    return [
        Whole(
            from_s=int(one.begin),
            until_s=None if math.isinf(one.until) else int(one.until),
            share=min(1.0, round(one.share, 6)),
            parts=tuple(sorted(one.parts)),
        )
        for one in found
        if one.until > one.begin
    ]


@dataclass(slots=True)
class _Stretch:
    begin: float
    until: float
    share: float
    parts: set[str]


def _begun(found: list[_Stretch], at: float, bridge_s: int) -> _Stretch:
    """The stretch that begins at a time: the last one where that is hardly over."""
    if not found or at - found[-1].until >= bridge_s:
        found.append(_Stretch(at, math.inf, 0.0, set()))
    found[-1].until = math.inf
    return found[-1]
