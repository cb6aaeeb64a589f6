"""What came out of a world held against its expectations: a sentence for each thing that differs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.evaluation.scenarios.expectations import (
    Apart,
    Candidates,
    Compare,
    Count,
    Expected,
    Life,
    LinkField,
    Rejected,
    Relation,
    Selection,
    Shutdowns,
    Together,
)
from streams.evaluation.scenarios.fields import conditions
from streams.evaluation.scenarios.matching import NOTHING, bounds_words, in_bounds, say, several
from streams.evaluation.scenarios.times import utc_words
from streams.geography.fold import fold
from streams.pipeline import Rejected as RejectedRecord
from topics import Candidate, Shutdown, ShutdownChange

#: Figures that a comparison may be of; `shutdowns` is how many there are.
FIGURES = ("probability", "happened", "on_purpose", "support", "sources", "protests")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a run: the shutdowns that stand, near misses, refused records, and each change in order."""

    shutdowns: list[Shutdown]
    candidates: list[Candidate] = field(default_factory=list)
    rejected: list[RejectedRecord] = field(default_factory=list)
    changes: list[ShutdownChange] = field(default_factory=list)


def faults(expected: Expected, outcome: Outcome, other: Outcome | None = None) -> list[str]:
    """Return what differs from an expectation; nothing if it is met. `other` is the world that it compares with."""
    match expected:
        case Shutdowns():
            return _shutdowns(expected, outcome)
        case Candidates():
            return _candidates(expected, outcome)
        case Rejected():
            return _rejected(expected, outcome)
        case Life():
            return _life(expected, outcome)
        case Compare():
            assert other is not None
            return _compare(expected, outcome, other)
        case Together():
            return _together(expected, outcome)
        case Apart():
            return _apart(expected, outcome)


def selected(selection: Selection, found: Iterable[Any]) -> list[Any]:
    """Return the shutdowns or candidates that a selection means."""
    return [one for one in found if _is_of(selection, one)]


def _is_of(selection: Selection, one: Shutdown | Candidate) -> bool:
    if selection.country is not None and one.country != selection.country:
        return False
    if selection.place is not None and fold(selection.place) not in fold(one.place.name):
        return False
    if selection.kind is not None and one.place.kind not in several(selection.kind):
        return False
    if selection.level is not None and getattr(one, "level", None) not in several(selection.level):
        return False
    at = selection.at
    return at is None or (one.from_s <= at and (one.until_s is None or at < one.until_s))


def selection_words(selection: Selection) -> str:
    """Return a selection in words: `Kenya's`, for messages."""
    parts = [
        *(several(selection.level) if selection.level is not None else ()),
        selection.place or selection.country or "",
        *(several(selection.kind) if selection.kind is not None else ()),
        f"at {utc_words(selection.at)}" if selection.at is not None else "",
    ]
    return " ".join(part for part in parts if part) or "all"


def _counted(number: int, count: Count | None, what: str) -> list[str]:
    wanted: Count = (1, None) if count is None else count
    return [] if in_bounds(number, wanted) else [f"{what}: {number}, not {bounds_words(wanted)}"]


def _shutdowns(expected: Shutdowns, outcome: Outcome) -> list[str]:
    found = selected(expected.of, outcome.shutdowns)
    words = selection_words(expected.of)
    differing = _counted(len(found), expected.count, f"shutdowns ({words})")
    for count, name, values in (
        (expected.incidents, "incidents", {one.incident for one in found}),
        (expected.campaigns, "campaigns", {one.campaign for one in found if one.campaign is not None}),
    ):
        if count is not None:
            differing += _counted(len(values), count, f"{name} ({words})")
    for one in found:
        where = f"{one.place.name} {utc_words(one.from_s)}"
        differing += [f"{where}: {fault}" for fault in conditions(expected, one)]
    return differing


def _candidates(expected: Candidates, outcome: Outcome) -> list[str]:
    found = [
        one
        for one in selected(expected.of, outcome.candidates)
        if expected.condition is None or one.condition == expected.condition
    ]
    what = f"candidates ({selection_words(expected.of)}{f', {expected.condition}' if expected.condition else ''})"
    differing = _counted(len(found), expected.count, what)
    if expected.words is not None and found:
        differing += say(expected.words, [one.words for one in found])
    return differing


def _rejected(expected: Rejected, outcome: Outcome) -> list[str]:
    wanted = {"topic": expected.topic, "reason": expected.reason, "field": expected.field}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = [one for one in outcome.rejected if all(getattr(one, name) == value for name, value in given.items())]
    return _counted(len(found), expected.count, "refused records")


def _life(expected: Life, outcome: Outcome) -> list[str]:
    ids = {change.shutdown.id for change in outcome.changes if _is_of(expected.of, change.shutdown)}
    steps = [change for change in outcome.changes if change.shutdown.id in ids]
    differing = [] if expected.ids is None else _counted(len(ids), expected.ids, "ids given out")
    if expected.ids is None and not ids:
        differing.append(f"no shutdown of {selection_words(expected.of)} was ever given out")
    for kind in ("opened", "updated", "escalated", "closed", "merged", "retracted"):
        count: Count | None = getattr(expected, kind)
        if count is not None:
            differing += _counted(sum(step.change == kind for step in steps), count, f"steps {kind!r}")
    if expected.words is not None:
        differing += say(expected.words, [step.words for step in steps])
    return differing


def _figure(name: str, found: list[Shutdown]) -> float:
    if name == "shutdowns":
        return len(found)
    return max((float(getattr(one, name) or 0) for one in found), default=0.0)


def _compare(expected: Compare, outcome: Outcome, other: Outcome) -> list[str]:
    here, there = selected(expected.of, outcome.shutdowns), selected(expected.of, other.shutdowns)
    differing = []
    for name in (*FIGURES, "shutdowns"):
        relation: Relation | None = getattr(expected, name)
        if relation is None:
            continue
        if name in ("happened", "on_purpose") and any(getattr(one, name) is None for one in (*here, *there)):
            differing.append(f"{name} is not given out")
            continue
        mine, its = _figure(name, here), _figure(name, there)
        if not _holds(relation, mine, its, expected):
            differing.append(f"{name} is {mine:.4g}, and {its:.4g} in the other world: it must be {relation}")
    if not here and expected.shutdowns is None:
        differing.append(f"no shutdown of {selection_words(expected.of)} to compare")
    return differing


def _holds(relation: Relation, mine: float, its: float, expected: Compare) -> bool:
    by, factor = expected.by, expected.factor
    match relation:
        case "higher":
            return mine > its + NOTHING and mine >= its * factor + by
        case "lower":
            return mine < its - NOTHING and mine * factor + by <= its
        case "not higher":
            return mine <= its * factor + by + NOTHING
        case "not lower":
            return mine * factor + by >= its - NOTHING
        case "same":
            return abs(mine - its) <= by + NOTHING


def _links(one: Shutdown, by: LinkField) -> set[str]:
    if by == "incident":
        return {one.incident}
    if by == "campaign":
        return set() if one.campaign is None else {one.campaign}
    return set(one.common_drops)


def _linked(of: Sequence[Selection], by: LinkField, outcome: Outcome) -> tuple[list[list[set[str]]], list[str]]:
    groups = [[_links(one, by) for one in selected(selection, outcome.shutdowns)] for selection in of]
    absent = [selection_words(one) for one, group in zip(of, groups, strict=True) if not group]
    return groups, [f"no shutdown of {words}" for words in absent]


def _together(expected: Together, outcome: Outcome) -> list[str]:
    groups, differing = _linked(expected.of, expected.by, outcome)
    every = [links for group in groups for links in group]
    if every and not set.intersection(*every):
        differing.append(f"{len(every)} shutdowns share no {expected.by}")
    return differing


def _apart(expected: Apart, outcome: Outcome) -> list[str]:
    groups, differing = _linked(expected.of, expected.by, outcome)
    joined: list[set[str]] = [set().union(*group) for group in groups]
    for number, links in enumerate(joined):
        for later in range(number + 1, len(joined)):
            if links & joined[later]:
                names = (selection_words(expected.of[number]), selection_words(expected.of[later]))
                differing.append(f"{names[0]} and {names[1]} share one {expected.by}")
    return differing
