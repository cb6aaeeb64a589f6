"""Fitting the model: the coefficients that the examples make most probable, given what was believed before.

A logistic regression with a normal prior on each coefficient and its sign held (`Feature.sign`), by Newton's method
with the coefficients that would change sign held at 0. The problem is convex, so there is one answer; rounded, it
is the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streams.errors import StreamsError
from streams.scoring.examples import Example
from streams.scoring.features import FEATURES
from streams.scoring.model import Fitted, Model
from streams.scoring.prior import Prior, default_prior

NAME, VERSION = "on-purpose", 1

#: Decimals of the coefficients that are kept: far finer than the data tell, far coarser than machines differ.
DECIMALS = 3

#: Steps that it may take, where a dozen do; and how small a step ends it.
MOST_STEPS, EXACT = 200, 1e-9

Floats = NDArray[np.float64]


def fit(examples: Sequence[Example], fitted_on: Sequence[Fitted] = (), prior: Prior | None = None) -> Model:
    """The model of these examples. Without any, it is the prior."""
    prior = prior or default_prior()
    measured = np.array([one.features for one in examples], dtype=np.float64).reshape(-1, len(FEATURES))
    truth = np.array([one.positive for one in examples], dtype=np.float64)
    base, *log_odds = (round(float(one), DECIMALS) + 0.0 for one in _most_probable(measured, truth, prior))
    return Model(
        name=NAME,
        version=VERSION,
        base=base,
        log_odds={feature.name: one for feature, one in zip(FEATURES, log_odds, strict=True)},
        prior=prior.fingerprint,
        rows=len(examples),
        positive=int(truth.sum()),
        fitted_on=tuple(fitted_on),
    )


def _most_probable(measured: Floats, truth: Floats, prior: Prior) -> Floats:
    """Base and coefficients. Shapes: `measured` (examples, features), `truth` (examples,) of 0 and 1."""
    beliefs = (prior.base, *prior.features)
    mean = np.array([one.mean for one in beliefs])
    tightness = np.array([one.spread for one in beliefs]) ** -2.0
    sign = np.array([0.0, *(feature.sign for feature in FEATURES)])
    design = np.hstack([np.ones((len(measured), 1)), measured])

    def cost(weights: Floats) -> float:
        """The negative log of the posterior, but for a constant."""
        log_odds = design @ weights
        away = weights - mean
        return float(np.logaddexp(0, log_odds).sum() - truth @ log_odds + away @ (tightness * away) / 2)

    def held(weights: Floats) -> Floats:
        """The same with every sign held."""
        return np.where(weights * sign < 0, 0.0, weights)

    weights = held(mean)
    for _ in range(MOST_STEPS):
        said = 1 / (1 + np.exp(-(design @ weights)))
        slope = design.T @ (said - truth) + tightness * (weights - mean)
        # What stands at 0 and would go to the wrong side stays there for this step.
        free = (weights != 0) | (slope * sign <= 0)
        bend = (design.T * (said * (1 - said))) @ design + np.diag(tightness)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        if np.abs(step).max() < EXACT:
            return weights
        share, before = 1.0, cost(weights)
        while cost(held(weights - share * step)) > before and share > EXACT:
            share /= 2
        weights = held(weights - share * step)
    raise StreamsError(f"fitting did not settle in {MOST_STEPS} steps: the examples or the prior are out of bounds")
