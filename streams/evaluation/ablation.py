"""Measure what each feature is worth: leave it out, and see what the answers lose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from streams.evaluation.evaluation import Ablation, Scored, on_purpose_scores
from streams.evaluation.metrics import quality
from streams.scoring import FEATURES, Model, Scorer
from streams.scoring.examples import Example, measured_features
from streams.scoring.features import ON_PURPOSE
from streams.scoring.model import Part
from topics.shutdowns import Question


def ablations(scored: Scored, model: Model) -> list[Ablation]:
    """Every question with all its features, then without each.

    `on-purpose` is fitted anew without the feature, each country left out in its turn. Nothing of `happened`
    is fitted: there the coefficient is 0 in `model`.
    """
    found = [_happened(scored, model, name) for name in (None, *(one.name for one in FEATURES["happened"]))]
    return found + [_on_purpose(scored, index) for index in (None, *range(len(ON_PURPOSE)))]


def _happened(scored: Scored, model: Model, name: str | None) -> Ablation:
    part = model.happened
    kept = {feature: 0.0 if feature == name else value for feature, value in part.log_odds.items()}
    without = msgspec.structs.replace(model, happened=Part(base=part.base, log_odds=kept))
    scorer = Scorer(without)
    measured = [None if by is None else measured_features(by, "happened") for by in scored.happened.by]
    scores = [0.0 if one is None else scorer.answer("happened", one) for one in measured]
    uses = sum(one is not None and name is not None and one[name] != 0 for one in measured)
    return _ablation("happened", name, uses, scored.happened.truth, scores)


def _on_purpose(scored: Scored, index: int | None) -> Ablation:
    examples = [_without(one, index) for one in scored.examples]
    scores = on_purpose_scores(examples, [_without(one, index) for one in scored.learnt])
    uses = 0 if index is None else sum(one.features[index] != 0 for one in scored.examples)
    name = None if index is None else ON_PURPOSE[index].name
    return _ablation("on-purpose", name, uses, [one.positive for one in examples], scores)


def _without(one: Example, index: int | None) -> Example:
    """An example whose feature of that number is 0."""
    features = tuple(0.0 if number == index else value for number, value in enumerate(one.features))
    return replace(one, features=features)


def _ablation(
    question: Question, name: str | None, uses: int, truth: Sequence[bool], scores: list[float]
) -> Ablation:
    found = quality(truth, scores)
    return Ablation(
        question=question,
        feature=name,
        outages=uses,
        average_precision=found.average_precision,
        brier=found.brier,
    )
