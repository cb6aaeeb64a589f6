"""The model: explained to the last digit, monotone, and no file of coefficients that breaks that is taken."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import FEATURES, Facts, ModelError, Score, Scorer, default_scorer, load_model, values
from streams.scoring.model import dump_model, logistic
from tests.correlation.evidence import ALMATY, ALMATY_REGION, COUNTRY, HOUR_S, START_S, outage
from topics import Outage
from topics.shutdowns import Question

NETWORK = msgspec.structs.replace(COUNTRY, kind="network", network=9198)
SIGNALS = ("bgp", "ping-slash24", "merit-nt", "ucsd-nt", "gtr")


@st.composite
def outages(draw: st.DrawFn) -> Outage:
    return outage(
        "o",
        draw(st.sampled_from([COUNTRY, ALMATY_REGION])),
        START_S + 60 * draw(st.integers(0, 120)),
        draw(st.sampled_from([None, 0.2, 1, 5, 400])),
        signals=tuple(draw(st.sets(st.sampled_from(SIGNALS), min_size=1))),
        severity=draw(st.sampled_from(["warning", "critical"])),
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    weights = [draw(st.floats(0, 8)) for _ in range(4)]
    return Facts(
        place=draw(st.sampled_from([COUNTRY, ALMATY_REGION, NETWORK])),
        scope=draw(st.sampled_from(["local", "regional", "national"])),
        outages=draw(st.lists(outages(), max_size=3)),
        support=weights[0],
        ordered=weights[1],
        technical=weights[2],
        unexplained=weights[3],
        owners=draw(st.sampled_from([0.0, 1.0])),
        copies=draw(st.integers(0, 2)),
        blocked=draw(st.integers(0, 2)),
        doubt=draw(st.floats(0, 1)),
        others_normal=draw(st.floats(0, 1)),
        failed=draw(st.booleans()),
        recurrence=tuple(draw(st.sets(st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4])))),
        campaign=draw(st.integers(0, 9)),
        protests=draw(st.integers(0, 9)),
        near=draw(st.integers(0, 3)),
        usual=draw(st.sampled_from([None, 0.0, 1.0, 3.0])),
        causes=draw(st.floats(0, 1)),
        denials=draw(st.integers(0, 2)),
        shared=draw(st.booleans()),
        verdict=draw(st.sampled_from([None, "ordered", "technical"])),
        verified=draw(st.floats(0, 1)),
    )


@given(facts())
def test_contributions_sum_to_both_answers(known: Facts) -> None:
    found = default_scorer().score(known)
    answers = {"happened": found.happened, "on-purpose": found.on_purpose}
    for question, answer in answers.items():
        terms = [one for one in found.contributions if one.question == question]
        assert terms[0].feature == "base"
        assert answer == pytest.approx(1 / (1 + math.exp(-sum(one.log_odds for one in terms))), abs=2e-4)
        assert 0 < answer < 1
    assert {one.question for one in found.contributions} == set(answers)
    assert found.probability == pytest.approx(found.happened * found.on_purpose, abs=2e-4)
    assert 0 < found.probability <= min(answers.values())
    assert all(one.words for one in found.contributions)
    assert found.model.startswith("on-purpose/2-")


def _later(known: Facts) -> list[Outage]:
    """One outage more, in more kinds of signal, that began no earlier."""
    begin = max([START_S, *(one.from_s for one in known.outages)])
    return [*known.outages, outage("more", from_s=begin, signals=("bgp", "gtr"))]


#: What speaks for a cut, by field: how much of it is more.
FOR_HAPPENED: dict[str, Callable[[Facts], Any]] = {
    "support": lambda known: known.support + 1,
    "outages": _later,
}
FOR_ON_PURPOSE: dict[str, Callable[[Facts], Any]] = {
    "ordered": lambda known: known.ordered + 1,
    "unexplained": lambda known: known.unexplained + 1,
    "copies": lambda known: known.copies + 1,
    "blocked": lambda known: known.blocked + 1,
    "recurrence": lambda known: (*known.recurrence, 1),
    "campaign": lambda known: known.campaign + 1,
    "protests": lambda known: known.protests + 1,
    "near": lambda known: known.near + 1,
}

AGAINST_HAPPENED: dict[str, Callable[[Facts], Any]] = {
    "doubt": lambda known: min(1.0, known.doubt + 0.3),
    "others_normal": lambda known: min(1.0, known.others_normal + 0.3),
    "denials": lambda known: known.denials + 1,
    "failed": lambda known: True,
}
AGAINST_ON_PURPOSE: dict[str, Callable[[Facts], Any]] = {
    "technical": lambda known: known.technical + 1,
    "owners": lambda known: known.owners + 1,
    "causes": lambda known: min(1.0, known.causes + 0.3),
    "shared": lambda known: True,
    "verdict": lambda known: "technical",
}


def scored(known: Facts, **changed: Any) -> Score:
    return default_scorer().score(dataclasses.replace(known, **changed))


@given(facts(), st.sampled_from(sorted(FOR_HAPPENED)))
def test_more_support_never_lowers_that_it_happened(known: Facts, name: str) -> None:
    assert scored(known, **{name: FOR_HAPPENED[name](known)}).happened >= scored(known).happened


@given(facts(), st.sampled_from(sorted(FOR_ON_PURPOSE)))
def test_more_evidence_of_a_decision_never_lowers(known: Facts, name: str) -> None:
    before, after = scored(known), scored(known, **{name: FOR_ON_PURPOSE[name](known)})
    assert after.on_purpose >= before.on_purpose
    assert after.happened == before.happened
    assert after.probability >= before.probability


@given(facts(), st.sampled_from(sorted(AGAINST_HAPPENED)))
def test_contradiction_never_raises(known: Facts, name: str) -> None:
    before, after = scored(known), scored(known, **{name: AGAINST_HAPPENED[name](known)})
    assert after.happened <= before.happened
    assert after.on_purpose == before.on_purpose
    assert after.probability <= before.probability


@given(facts(), st.sampled_from(sorted(AGAINST_ON_PURPOSE)))
def test_another_cause_lowers_the_purpose_alone(known: Facts, name: str) -> None:
    """Who names a broken cable says that it happened, and that nobody decided it."""
    before, after = scored(known), scored(known, **{name: AGAINST_ON_PURPOSE[name](known)})
    assert after.on_purpose <= before.on_purpose
    assert after.happened == before.happened


@given(facts(), st.floats(0, 1), st.floats(0, 1))
def test_a_verdict_counts_as_far_as_it_was_verified(known: Facts, one: float, other: float) -> None:
    less, more = sorted((one, other))
    for verdict, way in (("ordered", 1), ("technical", -1)):
        weak, strong = (scored(known, verdict=verdict, verified=verified) for verified in (less, more))
        assert way * strong.on_purpose >= way * weak.on_purpose
        assert strong.happened == weak.happened


@pytest.mark.parametrize(
    ("name", "value"),
    [("doubt", 1.0), ("others_normal", 1.0), ("failed", True), ("denials", 1)],
)
def test_what_speaks_against_it_is_heard(name: str, value: Any) -> None:
    known = Facts(place=ALMATY_REGION, scope="regional", outages=[outage("o")], support=1.0)
    assert scored(known, **{name: value}).happened < scored(known).happened


@pytest.mark.parametrize(
    ("name", "value"),
    [("technical", 1.0), ("owners", 1.0), ("causes", 0.5), ("shared", True), ("verdict", "technical")],
)
def test_another_cause_is_heard(name: str, value: Any) -> None:
    known = Facts(place=ALMATY_REGION, scope="regional", outages=[outage("o")], support=1.0, unexplained=1.0)
    assert scored(known, **{name: value}).on_purpose < scored(known).on_purpose


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_failed_instrument_outweighs_the_deepest_drop(signal: str) -> None:
    """One signal of one source, which failed: it says nothing, however deep and long it fell."""
    deepest = outage("o", COUNTRY, hours=400, signals=(signal,), ratio_min=0.0, severity="critical")
    known = Facts(place=COUNTRY, scope="national", outages=[deepest])
    assert scored(known).happened > 0.5
    assert scored(known, failed=True).happened < 0.05


def test_a_national_blackout_that_nobody_claims_is_no_longer_improbable() -> None:
    """Dark for two days in three kinds of signal: likelier on purpose than not."""
    dark = outage("o", COUNTRY, hours=48, signals=("bgp", "ping-slash24", "gtr"), ratio_min=0.05)
    shallow = msgspec.structs.replace(dark, ratio_min=0.8)
    one, other = (scored(Facts(place=COUNTRY, scope="national", outages=[each])) for each in (dark, shallow))
    assert one.probability > 0.5 > other.probability


@pytest.mark.parametrize("signals", [("merit-nt",), ("merit-nt", "ucsd-nt")])
def test_nights_of_a_telescope_prove_nothing(signals: tuple[str, ...]) -> None:
    known = Facts(place=COUNTRY, scope="national", outages=[outage("o", COUNTRY, signals=signals)])
    assert scored(known, recurrence=(-1, 1), campaign=7).on_purpose == scored(known).on_purpose
    probed = dataclasses.replace(known, outages=[outage("o", COUNTRY)])
    assert scored(probed, recurrence=(-1, 1)).on_purpose > scored(probed).on_purpose
    assert scored(probed, campaign=7).on_purpose > scored(probed).on_purpose


def test_nightly_maintenance_of_a_network_proves_nothing() -> None:
    known = Facts(place=NETWORK, scope="local", outages=[outage("o", NETWORK)])
    assert scored(known, recurrence=(-2, -1, 1), campaign=7).on_purpose == scored(known).on_purpose


def test_further_sources_add_less_and_less() -> None:
    """Log-odds of one more organisation fall with each, and beyond three none adds anything."""
    known = Facts(place=ALMATY, scope="local")
    odds = [
        sum(
            one.log_odds
            for one in scored(known, support=float(number), unexplained=float(number)).contributions
            if one.feature == "claims"
        )
        for number in range(6)
    ]
    steps = [after - before for before, after in itertools.pairwise(odds)]
    assert steps[0] > steps[1] > steps[2] > 0
    assert steps[3:] == [0, 0]


def on(clock: str) -> dict[str, float]:
    """Features of an outage in Almaty (UTC+6) that begins at that local time."""
    hours, minutes = map(int, clock.split(":"))
    begin = START_S - 14 * HOUR_S + hours * HOUR_S + minutes * 60
    known = Facts(place=ALMATY_REGION, scope="regional", outages=[outage("o", from_s=begin)])
    return values(known)["on-purpose"]


@pytest.mark.parametrize(
    ("clock", "half_hour", "hour"),
    [
        ("13:54", 0, 0),
        ("13:55", 1, 1),
        ("14:00", 1, 1),
        ("14:05", 1, 1),
        ("14:06", 0, 0),
        ("14:24", 0, 0),
        ("14:25", 1, 0),
        ("14:30", 1, 0),
        ("14:35", 1, 0),
        ("14:36", 0, 0),
    ],
)
def test_on_the_hour_by_the_local_clock(clock: str, half_hour: float, hour: float) -> None:
    found = on(clock)
    assert (found["half_hour"], found["hour"]) == (half_hour, hour)


def test_on_the_hour_where_offsets_are_no_whole_hours() -> None:
    kathmandu = msgspec.structs.replace(COUNTRY, time_zone="Asia/Kathmandu")
    for minutes, expected in ((15, 1.0), (0, 0.0)):
        one = outage("o", kathmandu, START_S + 60 * minutes)
        found = values(Facts(place=kathmandu, scope="national", outages=[one]))["on-purpose"]
        assert found["hour"] == expected


def test_two_telescopes_are_no_two_ways_of_measuring() -> None:
    for signals, expected in ((("bgp", "merit-nt", "ucsd-nt"), 0.0), (("bgp", "merit-nt", "gtr"), 1.0)):
        known = Facts(place=COUNTRY, scope="national", outages=[outage("o", signals=signals)])
        assert values(known)["on-purpose"]["signals"] == expected


def test_an_open_outage_lasted_until_it_was_told() -> None:
    begun = outage("o", hours=None)
    assert Facts(place=COUNTRY, scope="national", outages=[begun]).hours == 0
    told = msgspec.structs.replace(begun, known_s=START_S + 2 * HOUR_S)
    assert Facts(place=COUNTRY, scope="national", outages=[told]).hours == 2


DAMAGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a feature of happened is gone": (lambda model: model["happened"]["log_odds"].pop("claims"), "claims"),
    "a feature of on-purpose is gone": (lambda model: model["on_purpose"]["log_odds"].pop("ordered"), "ordered"),
    "a feature nobody knows": (lambda model: model["on_purpose"]["log_odds"].update(country=1.0), "country"),
    "of the other question": (lambda model: model["happened"]["log_odds"].update(protest=1.0), "protest"),
    "claims lower": (
        lambda model: model["happened"]["log_odds"].update(claims=-0.1),
        "`happened` counts the wrong way: claims",
    ),
    "contradiction raises": (
        lambda model: model["happened"]["log_odds"].update(contradicted=0.1),
        "`happened` counts the wrong way: contradicted",
    ),
    "orders lower": (
        lambda model: model["on_purpose"]["log_odds"].update(ordered=-0.1),
        "`on-purpose` counts the wrong way: ordered",
    ),
    "another cause raises": (
        lambda model: model["on_purpose"]["log_odds"].update(technical=0.1),
        "`on-purpose` counts the wrong way: technical",
    ),
    "base is no number": (lambda model: model["on_purpose"].update(base="low"), "base"),
    "a field nobody knows": (lambda model: model.update(extra=1), "extra"),
    "a question is gone": (lambda model: model.pop("happened"), "happened"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_model_that_would_break_a_promise_is_refused(tmp_path: Path, name: str) -> None:
    damage, words = DAMAGES[name]
    content = json.loads(dump_model(load_model()))
    damage(content)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=words):
        load_model(path)


def test_a_model_file_is_written_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(dump_model(load_model()))
    assert load_model(path) == load_model()
    with pytest.raises(ModelError, match="No such file"):
        load_model(tmp_path / "none.json")


def test_the_model_has_every_feature() -> None:
    model = load_model()
    for question, features in FEATURES.items():
        assert list(model.part(question).log_odds) == [feature.name for feature in features]
    assert model.part("happened") is model.happened
    assert model.part("on-purpose") is model.on_purpose
    assert Scorer(load_model()).reference == default_scorer().reference


@pytest.mark.parametrize("question", FEATURES)
def test_another_coefficient_is_another_reference(question: Question) -> None:
    """Shutdowns cite the model by its fingerprint: no coefficient of either question may change unseen."""
    model = load_model()
    part = model.part(question)
    other = msgspec.structs.replace(part, base=part.base + 0.01)
    name = "happened" if question == "happened" else "on_purpose"
    assert msgspec.structs.replace(model, **{name: other}).reference != model.reference


@given(facts())
def test_measured_features_give_the_same_answer(known: Facts) -> None:
    scorer, found = default_scorer(), default_scorer().score(known)
    measured = values(known)
    assert scorer.answer("happened", measured["happened"]) == pytest.approx(found.happened, abs=1e-3)
    assert scorer.answer("on-purpose", measured["on-purpose"]) == pytest.approx(found.on_purpose, abs=1e-3)


def test_the_logistic_function_has_no_edges() -> None:
    assert logistic(0) == 0.5
    assert logistic(800) == 1
    assert logistic(-800) == 0
