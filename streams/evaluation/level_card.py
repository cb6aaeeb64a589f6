"""Compare the level `corroborated` with the causes that were found by hand, over all outages and by scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from streams.evaluation.join import SCOPES
from streams.scoring.examples import Example
from topics.reports import Scope


class LevelRow(msgspec.Struct, frozen=True, kw_only=True):
    """Outages of a scope: how many were on purpose, how many the engine corroborates, how many of these are both.

    Precision is null where nothing is corroborated, recall where nothing was on purpose.
    """

    scope: Scope | Literal["all"]
    outages: int
    positive: int
    corroborated: int
    right: int
    precision: float | None
    recall: float | None


def level_rows(examples: Sequence[Example]) -> list[LevelRow]:
    """The rows of all outages, then of each scope. The scope is that of the shutdown that the outage is part of."""
    return [
        _row("all", examples),
        *(_row(scope, [one for one in examples if one.shutdown.scope == scope]) for scope in SCOPES),
    ]


def _row(scope: Scope | Literal["all"], examples: Sequence[Example]) -> LevelRow:
    said = [one for one in examples if one.shutdown.level == "corroborated"]
    positive, right = sum(one.positive for one in examples), sum(one.positive for one in said)
    return LevelRow(
        scope=scope,
        outages=len(examples),
        positive=positive,
        corroborated=len(said),
        right=right,
        precision=round(right / len(said), 4) if said else None,
        recall=round(right / positive, 4) if positive else None,
    )
