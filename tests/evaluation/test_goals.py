"""What is promised of accuracy, held to the published lists of 2018 and 2019."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streams.evaluation import Evaluation, Lists, Played, evaluate, play, score
from streams.scoring.examples import examples, measuring_scorer
from streams.scoring.fitting import fit
from streams.scoring.model import dump_model
from tests.sources.published import IODA_FILE, PROTEST_FILE, published

pytestmark = pytest.mark.data

MODEL = Path(__file__).parents[2] / "streams" / "scoring" / "model.json"


@pytest.fixture(scope="module")
def played() -> Played:
    reports = published("stop_2016_2018.csv"), published("stop_2019.csv")
    return play(Lists(reports, (published(IODA_FILE),), (published(PROTEST_FILE),)), measuring_scorer())


@pytest.fixture(scope="module")
def found(played: Played) -> Evaluation:
    return evaluate(played, score(played), "each country by a model fitted without it")


def test_the_level_is_right(found: Evaluation) -> None:
    every = found.level[0]
    assert every.recall is not None
    assert every.recall >= 0.90
    assert every.precision is not None
    assert every.precision >= 0.85


def test_the_probability_tells_what_was_on_purpose(found: Evaluation) -> None:
    own = next(one for one in found.methods if one.name == "probability")
    assert own.micro.average_precision is not None
    assert own.micro.average_precision >= 0.95
    assert own.micro.brier is not None
    assert own.micro.brier <= 0.020
    assert own.macro["average_precision"] is not None
    assert own.macro["average_precision"] >= 0.92


def test_the_answer_to_on_purpose_is_calibrated(found: Evaluation) -> None:
    """At both ends, where nearly all outages are: in between are too few to say."""
    own = next(one for one in found.methods if one.name == "on_purpose")
    lowest, highest = own.calibration[0], own.calibration[-1]
    assert lowest.outages > 300
    assert lowest.share <= 0.01
    assert highest.outages > 50
    assert highest.share >= 0.95


def test_claims_alone_seldom_affirm_a_decoy(found: Evaluation) -> None:
    asked = found.happened
    assert set(asked.made) == {"moved in time", "moved to another place"}
    assert sum(asked.made.values()) > 1_200
    assert sum(one.decoys for one in asked.affirmed) < 0.02 * sum(asked.made.values())
    assert asked.quality.recall == 1
    assert asked.quality.brier is not None
    assert asked.quality.brier < 0.01


def test_the_papers_rule_is_as_published(found: Evaluation) -> None:
    rule = next(one for one in found.methods if one.name == "rule").micro
    assert rule.recall == pytest.approx(0.73, abs=0.02)
    assert rule.precision == pytest.approx(0.87, abs=0.04)


def test_every_outage_of_the_list_is_scored_once(played: Played, found: Evaluation) -> None:
    assert found.outages == len(played.causes) > 620
    assert found.positive == 79
    assert sum(country.outages for country in found.countries) == found.outages


def test_nothing_but_what_a_country_had_tells_of_it(played: Played) -> None:
    """Left out one by one, no country's own outages are in what scores them: so all others together still are."""
    every = examples(played.shutdowns, played.causes)
    iraq = [one for one in every if one.country == "IQ"]
    assert fit([one for one in every if one.country != "IQ"]).rows == len(every) - len(iraq)


def test_the_shipped_model_is_made_by_fit_byte_for_byte(played: Played) -> None:
    every = examples(played.shutdowns, played.causes)
    made = dump_model(fit(every, sorted(played.read, key=lambda one: one.file)))
    assert made == MODEL.read_bytes(), (
        "run shutdowns fit, as its --help says, with --out streams/scoring/model.json"
    )


def test_chance_and_the_estimate_of_it_agree(found: Evaluation) -> None:
    chance = found.false_alarms
    assert chance is not None
    assert chance.offsets >= 200
    assert chance.expected < chance.observed / 4
    assert chance.shutdowns > 30
    assert chance.counted_a_year / 1.5 < chance.estimated_a_year < 1.5 * chance.counted_a_year


def test_scoring_needs_no_library_of_evaluation() -> None:
    """The shipped model scores where SciPy and scikit-learn are not installed."""
    program = (
        "import sys; sys.modules.update({'scipy': None, 'sklearn': None});"
        "from streams.correlation import CountryState, default_rules;"
        "from tests.correlation.evidence import outage;"
        "state = CountryState(default_rules()); state.apply(outage('o'));"
        "print(state.standing()[0].probability)"
    )
    root = MODEL.parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False, timeout=60
    )
    assert 0 < float(done.stdout) < 1, done.stderr
