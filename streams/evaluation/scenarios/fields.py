"""The fields of one shutdown held against an expectation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from streams.evaluation.scenarios.expectations import Names, Shutdowns
from streams.evaluation.scenarios.matching import bounds_words, in_bounds, say, several
from streams.evaluation.scenarios.times import utc_words
from topics import LATEST_S, Shutdown

#: Fields that have one of the values expected.
_VALUES = ("level", "measurement", "status", "scope", "extent", "precision")

#: Fields that lie within bounds.
_NUMBERS = ("probability", "happened", "on_purpose", "sources", "support", "protests")

_LISTS = (
    "signals", "networks", "services", "blocked", "flags", "explanations", "features", "evidence", "reasons",
)  # fmt: skip


def conditions(expected: Shutdowns, one: Shutdown) -> Iterator[str]:
    """Yield what differs in one shutdown."""
    for name in _VALUES:
        yield from _value(name, getattr(expected, name), getattr(one, name))
    yield from _value("kind of place", expected.kind, one.place.kind)
    for name in _NUMBERS:
        bounds, value = getattr(expected, name), getattr(one, name)
        if bounds is not None and value is None:
            yield f"{name} is not given out"
        elif bounds is not None and not in_bounds(value, bounds):
            yield f"{name} is {value:.4g}, not {bounds_words(bounds)}"
    alarms = one.false_alarms_a_year
    if expected.false_alarms is not None and alarms is not None and not in_bounds(alarms, expected.false_alarms):
        yield f"false alarms a year are {alarms:.4g}, not {bounds_words(expected.false_alarms)}"
    yield from _times(expected, one)
    yield from _present(expected, one)
    for name in _LISTS:
        names: Names | None = getattr(expected, name)
        if names is not None:
            yield from (f"{name}: {fault}" for fault in _named(names, set(_list(name, one))))
    if expected.words is not None:
        yield from say(expected.words, said(one))


def said(one: Shutdown) -> list[str]:
    """Return all that a shutdown says in words of why: its reasons, and what else may explain it."""
    return [*(reason.words for reason in one.why), *(other.words for other in one.explanations)]


def _value(name: str, wanted: str | tuple[str, ...] | None, value: str | None) -> Iterator[str]:
    if wanted is not None and value not in several(wanted):
        yield f"{name} is {value}, not {' or '.join(several(wanted))}"


def _times(expected: Shutdowns, one: Shutdown) -> Iterator[str]:
    if expected.start is not None and abs(one.from_s - expected.start) > expected.within:
        yield f"begins {utc_words(one.from_s)}, not {utc_words(expected.start)}"
    open_ended = one.until_s is None or one.until_s >= LATEST_S
    if not isinstance(expected.until, msgspec.UnsetType):
        wanted = expected.until
        if wanted is None:
            if not open_ended:
                yield f"ends {utc_words(one.until_s)}, not open"
        elif open_ended or abs((one.until_s or 0) - wanted) > expected.within:
            yield f"ends {utc_words(one.until_s)}, not {utc_words(wanted)}"
    if expected.lasts is not None:
        low, high = expected.lasts
        length = LATEST_S if one.until_s is None else one.until_s - one.from_s
        if not in_bounds(length, (low, high)):
            words = "without end" if one.until_s is None else f"{length / 3600:.1f} h"
            bounds = bounds_words((None if low is None else low / 3600, None if high is None else high / 3600))
            yield f"lasts {words}, not {bounds} h"


def _present(expected: Shutdowns, one: Shutdown) -> Iterator[str]:
    for name, wanted, value in (
        ("acknowledged", expected.acknowledged, bool(one.acknowledged)),
        ("part of a campaign", expected.campaign, one.campaign is not None),
        ("part of a common drop", expected.common_drop, bool(one.common_drops)),
    ):
        if wanted is not None and wanted is not value:
            yield f"it is {'' if value else 'not '}{name}"


def _list(name: str, one: Shutdown) -> Iterable[str]:
    match name:
        case "explanations":
            return (other.kind for other in one.explanations)
        case "features":
            return (part.feature for part in one.contributions)
        case "evidence":
            return (part for piece in one.evidence for part in (piece.kind, piece.role, piece.source))
        case "reasons":
            return (part for reason in one.why for part in (reason.code, reason.detail) if part is not None)
    values: Any = getattr(one, name)
    return tuple(values)


def _named(names: Names, found: set[str]) -> Iterator[str]:
    if missing := set(names.has) - found:
        yield f"lack {', '.join(sorted(missing))}"
    if names.one_of and not found & set(names.one_of):
        yield f"have none of {', '.join(names.one_of)}"
    if unwanted := set(names.lacks) & found:
        yield f"have {', '.join(sorted(unwanted))}"
    if names.only is not None and found != set(names.only):
        yield f"are {', '.join(sorted(found)) or 'none'}, not {', '.join(names.only) or 'none'}"
