"""Outages of several signals of one entity, combined: which of them agree, which stayed normal, which said nothing.

Made from evidence, so it can be asked wherever evidence is held, and at any moment of a replay.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from streams.detection.rules import HOUR_S
from topics import Coverage, Outage

#: Outages of two signals belong together where they overlap or leave at most this between them, seconds.
GAP_S = HOUR_S

#: Begin and end of an outage, Unix seconds; None is 'not over yet'.
Span = tuple[int, int | None]

#: What a signal said hour by hour: letters of `Coverage.hours` by hours since 1970.
Letters = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """An outage of an entity as its signals saw it, from the first one's begin to the last one's end.

    `normal` are signals all of whose hours in between were normal, `missing` those that said nothing in at least
    one of them: a missing signal neither agrees nor disagrees. One with a drop too short for an outage is in
    none of the three.
    """

    entity: str
    from_s: int
    until_s: int | None
    dropped: tuple[str, ...]
    normal: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Whether at least two signals dropped and none of the others stayed normal."""
        return len(self.dropped) > 1 and not self.normal


def agreements(outages: Iterable[Outage], coverage: Iterable[Coverage], *, gap_s: int = GAP_S) -> list[Agreement]:
    """The combined outages of every entity that pieces of evidence tell of, by entity and begin.

    The entity is that of `series` without its signal: `ioda/region/2088`. Withdrawn pieces don't count.
    """
    spans: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    letters: dict[str, dict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for outage in outages:
        if not outage.withdrawn:
            for signal in outage.signals:
                spans[entity_of(outage.series)][signal].append((outage.from_s, outage.until_s))
    for piece in coverage:
        if not piece.withdrawn:
            said = letters[entity_of(piece.series)][piece.signal]
            said.update(enumerate(piece.hours, piece.from_s // HOUR_S))
    return [one for entity in sorted(spans) for one in combine(entity, spans[entity], letters[entity], gap_s=gap_s)]


def entity_of(series: str) -> str:
    """A series' name without its signal.

    >>> entity_of("ioda/region/2088/bgp")
    'ioda/region/2088'
    """
    return series.rpartition("/")[0] or series


def combine(
    entity: str, spans: Mapping[str, Sequence[Span]], letters: Mapping[str, Letters], *, gap_s: int = GAP_S
) -> list[Agreement]:
    """The combined outages of one entity, given each signal's outages and what it said hour by hour.

    >>> seen = {"bgp": [(7_200, 10_800)], "ping-slash24": [(7_800, None)]}
    >>> [one] = combine("ioda/country/TD", seen, {"merit-nt": {2: "n", 3: "m"}})
    >>> one.dropped, one.missing, one.until_s
    (('bgp', 'ping-slash24'), ('merit-nt',), None)
    """
    in_order = sorted(
        (from_s, math.inf if until_s is None else until_s, signal)
        for signal, its in spans.items()
        for from_s, until_s in its
    )
    found: list[tuple[int, float, set[str]]] = []
    for from_s, until_s, signal in in_order:
        if found and from_s <= found[-1][1] + gap_s:
            first, last, dropped = found[-1]
            found[-1] = first, max(last, until_s), dropped | {signal}
        else:
            found.append((from_s, until_s, {signal}))
    return [_agreement(entity, *one, letters) for one in found]


def _agreement(
    entity: str, from_s: int, until_s: float, dropped: set[str], letters: Mapping[str, Letters]
) -> Agreement:
    last_s = until_s
    if math.isinf(until_s):
        last_s = HOUR_S * (1 + max((max(said) for said in letters.values() if said), default=0))
    first = from_s // HOUR_S
    hours = range(first, max(math.ceil(last_s / HOUR_S), first + 1))
    others = {
        signal: {said.get(hour, "m") for hour in hours} for signal, said in letters.items() if signal not in dropped
    }
    return Agreement(
        entity=entity,
        from_s=from_s,
        until_s=int(until_s) if until_s < math.inf else None,
        dropped=tuple(sorted(dropped)),
        normal=tuple(sorted(signal for signal, said in others.items() if said == {"n"})),
        missing=tuple(sorted(signal for signal, said in others.items() if said & {"m", "u"})),
    )
