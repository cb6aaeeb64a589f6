"""Parts that add up: drops of most regions, networks or counties at one time are one outage of the whole.

Made from outages, so it can be asked wherever outages are held, and at any moment of a replay.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: The whole is out while parts with at least this share of it are. Half: fewer are an outage of those parts.
LEAST_SHARE = 0.5

#: Fewer parts than these add up to nothing: two networks of one owner fail together.
LEAST_PARTS = 3

#: Stretches with less than this between them are one, seconds: parts come back one after the other.
BRIDGE_S = 3_600


class Drop(NamedTuple):
    """An outage of a part, Unix seconds; `until_s` None is 'not over yet'. `lost` is how much of the part was
    gone, 0 to 1.
    """

    from_s: int
    until_s: int | None
    lost: float = 1.0


@dataclass(frozen=True, slots=True)
class Whole:
    """An outage of a whole, from when enough of its parts were out until when they no longer were.

    `share` is the largest share of the whole that was out at one time, and `lost` the largest share that was gone,
    with what was left of those parts taken off; `mean_lost` is the mean of that over its time, as far as that is
    known. `parts` are those that were out.
    """

    from_s: int
    until_s: int | None
    share: float
    lost: float
    mean_lost: float
    parts: tuple[str, ...]


def wholes(
    drops: Mapping[str, Iterable[Drop]],
    weights: Mapping[str, float],
    *,
    total: float | None = None,
    least: float = LEAST_SHARE,
    bridge_s: int = BRIDGE_S,
) -> list[Whole]:
    """The outages of a whole, by begin.

    Args:
        drops: the outages of each of its parts.
        weights: how much each part makes of the whole: its people, or its share of the whole's series.
        total: what all parts make together; by default the sum of `weights`, in which parts without an outage then
            are too.
        least: the share that must be out.
        bridge_s: stretches with less between them are one.

    >>> drops = {"a": [Drop(0, 9_000)], "b": [Drop(600, 7_200)], "c": [Drop(1_200, None, 0.5)]}
    >>> [one] = wholes(drops, {"a": 1, "b": 1, "c": 1, "d": 1})
    >>> one.from_s, one.until_s, one.share, one.lost, one.parts
    (1200, 7200, 0.75, 0.625, ('a', 'b', 'c'))
    """
    if total is None:
        total = sum(weights.values())
    if len(weights) < LEAST_PARTS or total <= 0:
        return []
    edges: list[tuple[float, int, str, float]] = []
    for part, its in drops.items():
        for one in its:
            edges.append((one.from_s, 1, part, one.lost))
            edges.append((math.inf if one.until_s is None else one.until_s, 0, part, one.lost))
    found: list[_Stretch] = []
    out: dict[str, list[float]] = {}
    stretch: _Stretch | None = None
    for at, begins, part, lost in sorted(edges):
        if found:
            found[-1].goes_on(at)
        its_out = out.setdefault(part, [])
        its_out.append(lost) if begins else its_out.remove(lost)
        now = sorted(name for name, going in out.items() if going)
        share = math.fsum(weights.get(name, 0.0) for name in now) / total
        if share >= least and len(now) >= LEAST_PARTS:
            if stretch is None:
                stretch = _begun(found, at, bridge_s)
            stretch.gone = math.fsum(weights.get(name, 0.0) * max(out[name]) for name in now) / total
            stretch.share, stretch.lost = max(stretch.share, share), max(stretch.lost, stretch.gone)
            stretch.parts.update(now)
        elif stretch is not None:
            stretch.until, stretch = at, None
    return [one.done() for one in found if one.until > one.begin]


@dataclass(slots=True)
class _Stretch:
    begin: float
    until: float = math.inf
    share: float = 0.0
    lost: float = 0.0
    parts: set[str] = field(default_factory=set)
    gone: float = 0.0
    sum: float = 0.0
    last: float = 0.0

    def goes_on(self, at: float) -> None:
        """Count what was gone up to a time."""
        if math.isinf(self.until) and not math.isinf(at):
            self.sum += self.gone * (at - self.last)
            self.last = at

    def done(self) -> Whole:
        return Whole(
            from_s=int(self.begin),
            until_s=None if math.isinf(self.until) else int(self.until),
            share=round(self.share, 6),
            lost=round(self.lost, 6),
            mean_lost=round(self.sum / (self.last - self.begin) if self.last > self.begin else self.lost, 6),
            parts=tuple(sorted(self.parts)),
        )


def _begun(found: list[_Stretch], at: float, bridge_s: int) -> _Stretch:
    """The stretch that begins at a time: the last one where that is hardly over."""
    if not found or at - found[-1].until >= bridge_s:
        found.append(_Stretch(at, last=at))
    elif not math.isinf(found[-1].until):
        # in between fewer were out, how much of them is not told
        found[-1].sum += found[-1].gone * (at - found[-1].last)
        found[-1].last, found[-1].until = at, math.inf
    return found[-1]
