"""Fitting finds the one best answer, whatever the examples, and holds every sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import StreamsError
from streams.scoring import FEATURES, default_scorer, fitting
from streams.scoring.examples import Example
from streams.scoring.features import ON_PURPOSE
from streams.scoring.fitting import _most_probable, _Problem, fit
from streams.scoring.prior import Belief, Prior, default_prior
from tests.correlation.evidence import outage
from tests.scoring.test_shutdowns import of, standing
from topics.shutdowns import Question

NUMBER = len(ON_PURPOSE)


def wide(spread: float) -> Prior:
    """The prior with every spread of the question that is fitted another."""
    prior = default_prior()
    return Prior(
        prior.bases | {"on-purpose": Belief(prior.bases["on-purpose"].mean, spread, "")},
        prior.features
        | {"on-purpose": tuple(Belief(one.mean, spread, "") for one in prior.features["on-purpose"])},
    )


def example(number: int, cause: str, **features: float) -> Example:
    """An outage of a known cause with those features of `ON_PURPOSE`, and no other."""
    row = tuple(features.get(feature.name, 0.0) for feature in ON_PURPOSE)
    shutdown = of(standing(outage("o")), "o")
    return Example(f"o{number}", "KZ", number, cause, row, {}, shutdown)


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
    for question, features in FEATURES.items():
        assert model.part(question).base == prior.bases[question].mean
        beliefs = zip(features, prior.features[question], strict=True)
        assert model.part(question).log_odds == {feature.name: one.mean for feature, one in beliefs}
    assert (model.rows, model.positive) == (0, 0)


def test_examples_move_what_they_speak_of_and_nothing_else() -> None:
    """Cuts on purpose that all come back move `recurrence` up; what no example has stays as believed."""
    prior = wide(1.0)
    rows = [example(number, "exams", recurrence=1.0) for number in range(20)]
    rows += [example(20 + number, "power outage") for number in range(20)]
    before, after = fit([], prior=prior), fit(rows, prior=prior)
    assert after.on_purpose.log_odds["recurrence"] > before.on_purpose.log_odds["recurrence"]
    untouched = {feature.name for feature in ON_PURPOSE} - {"recurrence"}
    for name in untouched:
        assert after.on_purpose.log_odds[name] == before.on_purpose.log_odds[name]
    assert (after.rows, after.positive) == (40, 20)


def test_lists_of_causes_say_nothing_of_whether_it_happened() -> None:
    rows = [example(number, "exams", recurrence=1.0, claims=1.0) for number in range(20)]
    assert fit(rows).happened == fit([]).happened
    assert fit(rows).on_purpose != fit([]).on_purpose


def test_examples_against_a_sign_move_it_to_nothing_and_no_further() -> None:
    """Recurring outages without any purpose, and shared ones with it: the wrong way round."""
    rows = [example(number, "power outage", recurrence=1.0) for number in range(300)]
    rows += [example(300 + number, "exams", shared=1.0) for number in range(300)]
    found = fit(rows, prior=wide(30.0)).on_purpose.log_odds
    assert found["recurrence"] == 0
    assert found["shared"] == 0


@pytest.mark.parametrize("question", FEATURES)
def test_every_belief_says_why_and_has_the_features_sign(question: Question) -> None:
    prior = default_prior()
    for feature, belief in zip(FEATURES[question], prior.features[question], strict=True):
        assert belief.mean * feature.sign > 0
        assert belief.spread > 0
        assert len(belief.why) > 20
    assert len(prior.bases[question].why) > 20


def test_the_model_that_ships_was_fitted_from_these_beliefs() -> None:
    """`happened` is believed, not fitted; and another belief is another fingerprint."""
    model, prior = default_scorer().model, default_prior()
    assert model.prior == prior.fingerprint
    assert model.happened == fit([]).happened
    assert wide(0.7).fingerprint != prior.fingerprint


def test_what_does_not_settle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_STEPS", 0)
    with pytest.raises(StreamsError, match="did not settle"):
        fit([])
