"""Measure the answer to `happened`: listed outages against decoys, where no outage is listed.

A position is a place and a stretch of time. Positives are the listed outages themselves. Decoys are the same
positions moved: by whole weeks at their own place, and at their own time to another place of the list. No listed
outage of a place that touches a decoy's comes within `APART_S` of it. The answer at a position is the highest
`happened` of the shutdowns that overlap it there, 0 where none does.

A decoy is not known to be quiet. A list of outages is what somebody looked at, so a cut that is claimed at a decoy
may have happened. How often the engine affirms a decoy is an upper bound of how often it is wrong there.

Positives are easy: their outages are in the evidence, and every one is real. A list without false drops can't say
how well `happened` tells a false drop from a real one.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from streams import geography
from streams.correlation.windows import Span
from streams.evaluation.metrics import Bin, Quality, calibration, quality
from streams.scoring.examples import measured_features
from streams.scoring.model import Scorer
from topics import Outage, Place, Shutdown

WEEK_S = 7 * 86_400

#: Decoys of each kind that are made of each listed outage, where the list leaves room for them.
EACH = 1

#: How far a listed outage must be from a decoy, seconds: claims of days reach so far.
APART_S = 2 * 86_400

#: The same seed makes the same decoys of the same list.
SEED = 14

#: From here on an answer affirms.
AFFIRMED = 0.5

Made = Literal["listed", "moved in time", "moved to another place"]


class Position(NamedTuple):
    """A place and a stretch of time, and whether an outage is listed there or how it was moved."""

    place: Place
    during: Span
    made: Made


class Affirmed(msgspec.Struct, frozen=True, kw_only=True):
    """Decoys that were given more than `AFFIRMED`, for one reason."""

    reason: str
    decoys: int


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """How well `happened` tells listed outages from decoys.

    `made` counts the decoys of each kind; `affirmed` says why decoys were given more than `AFFIRMED`. Bins count
    positions, and their `share` is that of listed outages.
    """

    made: dict[str, int]
    quality: Quality
    calibration: list[Bin]
    affirmed: list[Affirmed]


class Answers(NamedTuple):
    """The answer at each position, and the shutdown that gave it."""

    positions: list[Position]
    scores: list[float]
    by: list[Shutdown | None]

    @property
    def truth(self) -> list[bool]:
        return [one.made == "listed" for one in self.positions]


def answers(
    listed: Sequence[Outage], every: Sequence[Outage], shutdowns: Iterable[Shutdown], scorer: Scorer
) -> Answers:
    """Answer at listed outages and at decoys.

    Args:
        listed: the outages that are scored, the positives.
        every: all outages of the list: none of these is at a decoy.
        shutdowns: those of a `measuring_scorer`.
        scorer: the model whose answer is asked for.
    """
    positions = [Position(one.place, _span(one), "listed") for one in listed]
    positions += decoys(listed, every)
    by_country: dict[str, list[tuple[float, Shutdown]]] = defaultdict(list)
    for shutdown in shutdowns:
        answer = scorer.answer("happened", measured_features(shutdown, "happened"))
        by_country[shutdown.country].append((answer, shutdown))
    found = [_answer(one, by_country[one.place.country]) for one in positions]
    return Answers(positions, [score for score, _ in found], [shutdown for _, shutdown in found])


def happened(found: Answers) -> Happened:
    """The figures of the answers at all positions."""
    made = Counter(one.made for one in found.positions if one.made != "listed")
    reasons = Counter(
        reason(position, by)
        for position, score, by in zip(*found, strict=True)
        if position.made != "listed" and score > AFFIRMED and by is not None
    )
    order = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return Happened(
        made={str(kind): number for kind, number in sorted(made.items())},
        quality=quality(found.truth, found.scores),
        calibration=calibration(found.truth, found.scores),
        affirmed=[Affirmed(reason=words, decoys=number) for words, number in order],
    )


def decoys(listed: Sequence[Outage], every: Sequence[Outage]) -> list[Position]:
    """Positions of these outages, moved to where none of `every` is. The same for the same lists."""
    chosen = random.Random(SEED)  # noqa: S311 - a reproducible sample, no secret
    taken: dict[str, list[tuple[Place, Span]]] = defaultdict(list)
    for outage in every:
        taken[outage.country].append((outage.place, _span(outage).grown(APART_S)))
    places = sorted({one.place.key: one.place for one in every}.items())
    begins = [one.from_s for one in every]
    found: list[Position] = []
    for outage in sorted(listed, key=lambda one: (one.from_s, one.id)):
        during = _span(outage)
        weeks = range(-((during.from_s - min(begins)) // WEEK_S), (max(begins) - during.from_s) // WEEK_S + 1)
        times = [Span(during.from_s + n * WEEK_S, during.until_s + n * WEEK_S) for n in weeks if n]
        moved = [Position(outage.place, one, "moved in time") for one in times]
        elsewhere = [
            Position(place, during, "moved to another place") for key, place in places if key != outage.place.key
        ]
        for candidates in (moved, elsewhere):
            chosen.shuffle(candidates)
            found += _first_free(candidates, taken)
    return found


def _first_free(
    candidates: Iterable[Position], taken: Mapping[str, Sequence[tuple[Place, Span]]]
) -> list[Position]:
    """The first `EACH` positions at which no outage is listed."""
    found: list[Position] = []
    for one in candidates:
        near = (place for place, during in taken[one.place.country] if during.meets(one.during))
        if not any(geography.touches(place, one.place) for place in near):
            found.append(one)
            if len(found) == EACH:
                break
    return found


def _answer(position: Position, shutdowns: Sequence[tuple[float, Shutdown]]) -> tuple[float, Shutdown | None]:
    best: tuple[float, Shutdown | None] = (0.0, None)
    for score, one in shutdowns:
        until_s = one.from_s if one.until_s is None else one.until_s
        # Geometry is checked last: it is the expensive test.
        overlaps = score > best[0] and Span(one.from_s, until_s).meets(position.during)
        if overlaps and geography.touches(one.place, position.place):
            best = (score, one)
    return best


def reason(position: Position, by: Shutdown) -> str:
    """Why a shutdown affirms a cut at a decoy."""
    if by.signals:
        return "a listed outage reaches it: it is one cut with others, or its end is not known"
    whole = by.place.key == position.place.key or geography.contains(by.place, position.place)
    where = "of the place" if whole else "of a part of the place"
    series = "series stayed normal" if by.measurement == "normal" else "nothing measured"
    many = "several sources claim a cut" if by.sources > 1 else "one source claims a cut"
    return f"{many} {where}, {series}"


def _span(outage: Outage) -> Span:
    """An outage's span; one without an end is that it began."""
    return Span(outage.from_s, outage.from_s if outage.until_s is None else max(outage.from_s, outage.until_s))
