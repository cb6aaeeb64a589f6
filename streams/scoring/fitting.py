"""Fitting the model of `on_purpose`: the coefficients that the examples make most probable, given what was believed
before.

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
from streams.scoring.features import FEATURES, ON_PURPOSE
from streams.scoring.model import Fitted, Model, Part
from streams.scoring.prior import Prior, default_prior
from topics.shutdowns import Question

NAME, VERSION = "on-purpose", 2

#: Decimals of the coefficients that are kept: far finer than the data tell, far coarser than machines differ.
DECIMALS = 2

#: Steps that it may take, where a dozen do; and how small a step ends it.
MOST_STEPS, EXACT = 200, 1e-9

Floats = NDArray[np.float64]


def fit(examples: Sequence[Example], fitted_on: Sequence[Fitted] = (), prior: Prior | None = None) -> Model:
    """The model of these examples. Without any, it is the prior."""
    prior = prior or default_prior()
    measured = np.array([one.features for one in examples], dtype=np.float64).reshape(-1, len(ON_PURPOSE))
    truth = np.array([one.positive for one in examples], dtype=np.float64)
    base, *log_odds = (round(float(one), DECIMALS) + 0.0 for one in _most_probable(measured, truth, prior))
    return Model(
        name=NAME,
        version=VERSION,
        happened=_believed("happened", prior),
        on_purpose=Part(
            base=base, log_odds={feature.name: one for feature, one in zip(ON_PURPOSE, log_odds, strict=True)}
        ),
        prior=prior.fingerprint,
        rows=len(examples),
        positive=int(truth.sum()),
        fitted_on=tuple(fitted_on),
    )


def _believed(question: Question, prior: Prior) -> Part:
    """The coefficients of a question that the examples say nothing of: as believed beforehand."""
    means = zip(FEATURES[question], prior.features[question], strict=True)
    return Part(base=prior.bases[question].mean, log_odds={feature.name: one.mean for feature, one in means})


def _most_probable(measured: Floats, truth: Floats, prior: Prior) -> Floats:
    """Base and coefficients. Shapes: `measured` (examples, features), `truth` (examples,) of 0 and 1."""
    problem = _Problem(measured, truth, prior)
    weights = np.where(problem.mean * problem.sign < 0, 0.0, problem.mean)
    for _ in range(MOST_STEPS):
        step = problem.step(weights)
        if np.abs(step).max() < EXACT:
            return weights
        weights = problem.taken(weights, step)
    raise StreamsError(f"fitting did not settle in {MOST_STEPS} steps: the examples or the prior are out of bounds")


class _Problem:
    """The negative log of the posterior, to be made as small as can be while signs are held."""

    def __init__(self, measured: Floats, truth: Floats, prior: Prior) -> None:
        beliefs = (prior.bases["on-purpose"], *prior.features["on-purpose"])
        self.mean = np.array([one.mean for one in beliefs])
        self.sign = np.array([0.0, *(feature.sign for feature in ON_PURPOSE)])
        self._tightness = np.array([one.spread for one in beliefs]) ** -2.0
        self._design = np.hstack([np.ones((len(measured), 1)), measured])
        self._truth = truth

    def cost(self, weights: Floats) -> float:
        """What is to be made small, but for a constant."""
        log_odds, away = self._design @ weights, weights - self.mean
        return float(np.logaddexp(0, log_odds).sum() - self._truth @ log_odds + away @ (self._tightness * away) / 2)

    def slope(self, weights: Floats) -> Floats:
        """How the cost rises with each weight."""
        said = 1 / (1 + np.exp(-(self._design @ weights)))
        rises: Floats = self._design.T @ (said - self._truth) + self._tightness * (weights - self.mean)
        return rises

    def step(self, weights: Floats) -> Floats:
        """What Newton's method takes off the weights. One that stands at 0 and would go to its wrong side stays."""
        said = 1 / (1 + np.exp(-(self._design @ weights)))
        slope = self.slope(weights)
        bend = (self._design.T * (said * (1 - said))) @ self._design + np.diag(self._tightness)
        free = (weights != 0) | (slope * self.sign <= 0)
        while True:
            step = np.zeros_like(weights)
            step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
            wrong = (weights == 0) & (step * self.sign > 0)
            if not wrong.any():
                return step
            free &= ~wrong

    def taken(self, weights: Floats, step: Floats) -> Floats:
        """The weights after as much of a step as makes the cost less, and takes none beyond 0."""
        crosses = (weights - step) * self.sign < 0
        share = float(np.min(weights[crosses] / step[crosses], initial=1.0))
        most, before = share, self.cost(weights)
        while self.cost(weights - share * step) > before + EXACT and share > EXACT:
            share /= 2
        after = weights - share * step
        if share == most:
            after[crosses & (np.abs(after) < EXACT)] = 0.0
        return after
