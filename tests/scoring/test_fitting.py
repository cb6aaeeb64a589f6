"""Fitting finds the one best answer, whatever the examples, and holds every sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import StreamsError
from streams.scoring import FEATURES, fitting
from streams.scoring.fitting import _most_probable, _Problem, fit
from streams.scoring.prior import Belief, Prior, default_prior

NUMBER = len(FEATURES)


def wide(spread: float) -> Prior:
    """The prior with every spread another."""
    prior = default_prior()
    return Prior(Belief(prior.base.mean, spread, ""), tuple(Belief(one.mean, spread, "") for one in prior.features))


@given(st.integers(0, 10_000), st.sampled_from([0, 1, 5, 40, 300]), st.sampled_from([0.05, 0.5, 3.0, 30.0]))
def test_no_other_answer_is_better(seed: int, rows: int, spread: float) -> None:
    """At the answer the cost falls in no direction that signs allow."""
    rng = np.random.default_rng(seed)
    measured = np.round(rng.exponential(1, (rows, NUMBER)) * (rng.random((rows, NUMBER)) < 0.4), 2)
    truth = (rng.random(rows) < rng.uniform(0, 1)).astype(np.float64)
    prior = wide(spread)
    weights = _most_probable(measured, truth, prior)
    problem = _Problem(measured, truth, prior)
    slope = problem.slope(weights)
    assert (weights * problem.sign >= 0).all()
    scale = 1e-5 * max(1.0, spread**-2)
    assert np.abs(slope[weights != 0]).max(initial=0) < scale
    assert (slope * problem.sign >= -scale)[weights == 0].all()


def test_without_examples_it_is_the_prior() -> None:
    model, prior = fit([]), default_prior()
    assert model.base == prior.base.mean
    assert list(model.log_odds.values()) == [one.mean for one in prior.features]
    assert (model.rows, model.positive) == (0, 0)


def test_every_belief_says_why_and_has_the_features_sign() -> None:
    prior = default_prior()
    for feature, belief in zip(FEATURES, prior.features, strict=True):
        assert belief.mean * feature.sign >= 0
        assert belief.spread > 0
        assert len(belief.why) > 20


def test_what_does_not_settle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_STEPS", 0)
    with pytest.raises(StreamsError, match="did not settle"):
        fit([])
