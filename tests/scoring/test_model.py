"""The model: explained to the last digit, monotone, and no file of coefficients that breaks that is taken."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import FEATURES, Facts, ModelError, Scorer, default_scorer, load_model, values
from streams.scoring.model import dump_model, logistic
from tests.correlation.evidence import ALMATY_REGION, COUNTRY, HOUR_S, START_S, outage
from topics import Outage

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
    return Facts(
        place=draw(st.sampled_from([COUNTRY, ALMATY_REGION])),
        scope=draw(st.sampled_from(["local", "regional", "national"])),
        outages=draw(st.lists(outages(), max_size=3)),
        support=draw(st.floats(0, 8)),
        copies=draw(st.integers(0, 2)),
        blocked=draw(st.integers(0, 2)),
        ordered=draw(st.booleans()),
        contradicted=draw(st.booleans()),
        recurrence=tuple(draw(st.sets(st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4])))),
        protests=draw(st.integers(0, 9)),
        near=draw(st.integers(0, 3)),
        usual=draw(st.sampled_from([None, 0.0, 1.0, 3.0])),
    )


@given(facts())
def test_contributions_sum_to_the_probability(known: Facts) -> None:
    found = default_scorer().score(known)
    total = sum(one.log_odds for one in found.contributions)
    assert found.probability == pytest.approx(1 / (1 + math.exp(-total)), abs=2e-4)
    assert 0 < found.probability < 1
    assert found.contributions[0].feature == "base"
    assert all(one.words for one in found.contributions)
    assert found.model.startswith("on-purpose/1-")


MORE: dict[str, Any] = {
    "support": lambda known: known.support + 1,
    "copies": lambda known: known.copies + 1,
    "blocked": lambda known: known.blocked + 1,
    "ordered": lambda known: True,
    "recurrence": lambda known: (*known.recurrence, 1),
    "protests": lambda known: known.protests + 1,
    "near": lambda known: known.near + 1,
    "outages": lambda known: [
        *known.outages,
        outage("more", from_s=max([START_S, *(one.from_s for one in known.outages)]), signals=("bgp", "gtr")),
    ],
}


@given(facts(), st.sampled_from(sorted(MORE)))
def test_more_support_never_lowers(known: Facts, name: str) -> None:
    before = default_scorer().score(known).probability
    after = default_scorer().score(dataclasses.replace(known, **{name: MORE[name](known)})).probability
    assert after >= before


@given(facts())
def test_contradiction_never_raises(known: Facts) -> None:
    one, other = (dataclasses.replace(known, contradicted=said) for said in (False, True))
    assert default_scorer().score(other).probability <= default_scorer().score(one).probability


def on(clock: str) -> dict[str, float]:
    """Features of an outage in Almaty (UTC+6) that begins at that local time."""
    hours, minutes = map(int, clock.split(":"))
    begin = START_S - 14 * HOUR_S + hours * HOUR_S + minutes * 60
    return values(Facts(place=ALMATY_REGION, scope="regional", outages=[outage("o", from_s=begin)]))


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
        assert values(Facts(place=kathmandu, scope="national", outages=[one]))["hour"] == expected


def test_two_telescopes_are_no_two_ways_of_measuring() -> None:
    for signals, expected in ((("bgp", "merit-nt", "ucsd-nt"), 0.0), (("bgp", "merit-nt", "gtr"), 1.0)):
        known = Facts(place=COUNTRY, scope="national", outages=[outage("o", signals=signals)])
        assert values(known)["signals"] == expected


def test_an_open_outage_lasted_until_it_was_told() -> None:
    begun = outage("o", hours=None)
    assert Facts(place=COUNTRY, scope="national", outages=[begun]).hours == 0
    told = msgspec.structs.replace(begun, known_s=START_S + 2 * HOUR_S)
    assert Facts(place=COUNTRY, scope="national", outages=[told]).hours == 2


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda model: model["log_odds"].pop("claims"), "claims"),
        (lambda model: model["log_odds"].update(country=1.0), "country"),
        (lambda model: model["log_odds"].update(claims=-0.1), "wrong way: claims"),
        (lambda model: model["log_odds"].update(contradicted=0.1), "wrong way: contradicted"),
        (lambda model: model.update(base="low"), "base"),
        (lambda model: model.update(extra=1), "extra"),
    ],
)
def test_a_model_that_would_break_a_promise_is_refused(tmp_path: Path, damage: Any, words: str) -> None:
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
    assert list(load_model().log_odds) == [feature.name for feature in FEATURES]
    assert Scorer(load_model()).reference == default_scorer().reference


def test_the_logistic_function_has_no_edges() -> None:
    assert logistic(0) == 0.5
    assert logistic(800) == 1
    assert logistic(-800) == 0
