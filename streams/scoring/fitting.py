"""Fitting the model: the coefficients that the examples make most probable, given what was believed before.

A logistic regression with a normal prior on each coefficient and its sign held (`Feature.sign`), by L-BFGS-B. The
problem is convex, so there is one answer; rounded, it is the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

Floats = NDArray[np.float64]


def fit(examples: Sequence[Example], fitted_on: Sequence[Fitted] = (), prior: Prior | None = None) -> Model:
    """The model of these examples. Without any, it is the prior.

    Raises:
        StreamsError: SciPy isn't there.
    """
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
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise StreamsError(
            "fitting needs SciPy: pip install 'shutdown-streams[fit]'. Scoring with the model that ships doesn't."
        ) from None
    beliefs = (prior.base, *prior.features)
    mean = np.array([one.mean for one in beliefs])
    spread = np.array([one.spread for one in beliefs])
    design = np.hstack([np.ones((len(measured), 1)), measured])

    def cost(weights: Floats) -> tuple[float, Floats]:
        """The negative log of the posterior, and its gradient."""
        log_odds = design @ weights
        away = (weights - mean) / spread
        value = np.logaddexp(0, log_odds).sum() - truth @ log_odds + away @ away / 2
        wrong = 1 / (1 + np.exp(-log_odds)) - truth
        return float(value), design.T @ wrong + away / spread

    bounds = [(None, None), *((0, None) if feature.sign > 0 else (None, 0) for feature in FEATURES)]
    exact = {"maxiter": 10_000, "ftol": 1e-15, "gtol": 1e-9}
    found: Any = minimize(cost, mean, jac=True, method="L-BFGS-B", bounds=bounds, options=exact)
    weights: Floats = found.x
    return weights
