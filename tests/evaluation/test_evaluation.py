"""The scorecard over small lists: who counts as positive, what is never read, who is scored by whom."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from streams.errors import StreamsError
from streams.evaluation import Lists, evaluate, play, score
from streams.evaluation.ablation import ablations
from streams.scoring import FEATURES, Scorer, default_scorer, load_model
from streams.scoring.examples import examples, measuring_scorer
from streams.scoring.features import ON_PURPOSE
from streams.scoring.fitting import fit
from streams.sources import SourceError
from tests.evaluation.lists import OUTAGES, outage_row, small_lists, write
from topics import encode


def test_positives_are_by_cause_alone(tmp_path: Path) -> None:
    played = play(small_lists(tmp_path), measuring_scorer())
    found = {one.outage.rpartition("/")[2]: one for one in examples(played.shutdowns, played.causes)}
    assert {key for key, one in found.items() if one.positive} == {"B1", "B2", "G1"}
    assert {key for key, one in found.items() if one.known} == {"B1", "B2", "B3", "G1"}
    assert found["G2"].cause == "Unknown"


def test_the_cause_reaches_nothing_that_is_scored(tmp_path: Path) -> None:
    """With every cause another, the same lists make the same evidence and shutdowns, byte for byte."""
    for folder in ("plain", "other"):
        (tmp_path / folder).mkdir()
    plain = play(small_lists(tmp_path / "plain"), default_scorer())
    other = play(small_lists(tmp_path / "other", cause="Weather"), default_scorer())
    assert plain.causes != other.causes
    assert [encode(piece) for piece in plain.evidence] == [encode(piece) for piece in other.evidence]
    assert [encode(one) for one in plain.shutdowns] == [encode(one) for one in other.shutdowns]


def test_each_country_is_scored_by_a_model_that_has_not_seen_it(tmp_path: Path) -> None:
    played = play(small_lists(tmp_path), measuring_scorer())
    every = examples(played.shutdowns, played.causes)
    scored = score(played)
    without = fit([one for one in every if one.country != "BJ"])
    for one, given in zip(scored.examples, scored.scores["on_purpose"], strict=True):
        if one.country == "BJ":
            names = [feature.name for feature in ON_PURPOSE]
            assert given == Scorer(without).answer("on-purpose", dict(zip(names, one.features, strict=True)))


def test_what_came_back_later_is_not_known_at_the_end(tmp_path: Path) -> None:
    scored = score(play(small_lists(tmp_path), measuring_scorer()))
    at = {one.outage.rpartition("/")[2]: index for index, one in enumerate(scored.examples)}
    whole, by_end = scored.scores["probability"], scored.scores["probability_at_end"]
    assert by_end[at["B1"]] < whole[at["B1"]]
    assert by_end[at["B2"]] == pytest.approx(whole[at["B2"]])


def test_a_split_scores_some_years_and_a_model_scores_all(tmp_path: Path) -> None:
    played = play(small_lists(tmp_path), measuring_scorer())
    scored = score(played, (frozenset({2019}), frozenset({2018})))
    assert {one.outage.rpartition("/")[2] for one in scored.examples} == {"B3", "G2"}
    given = score(played, model=load_model())
    assert "shipped" not in given.scores
    assert score(played).scores["shipped"] == given.scores["probability"]


def test_the_scorecard_adds_up(tmp_path: Path) -> None:
    played = play(small_lists(tmp_path), measuring_scorer())
    found = evaluate(played, score(played), "all", worst=2)
    assert (found.outages, found.positive, found.known_causes) == (5, 3, 4)
    assert [one.outages for one in found.countries] == [3, 2]
    rule = next(one for one in found.methods if one.name == "rule")
    assert (rule.micro.precision, rule.micro.recall) == (1, 1)
    assert len(found.misses) == 2
    assert {one.file for one in found.read} == {"reports.csv", "outages.csv", "protests.csv"}
    national = next(row for row in found.join if row.scope == "national")
    assert (national.claims, national.join, national.engine) == (3, 2, 2)


def test_the_probability_is_the_product_of_both_answers(tmp_path: Path) -> None:
    scored = score(play(small_lists(tmp_path), measuring_scorer()), model=load_model())
    own = Scorer(load_model())
    for one, on_purpose, both in zip(
        scored.examples, scored.scores["on_purpose"], scored.scores["probability"], strict=True
    ):
        assert both == pytest.approx(own.answer("happened", one.happened) * on_purpose)


def test_the_level_is_counted_by_scope(tmp_path: Path) -> None:
    """All five are national; cuts claimed on their days are corroborated, cable and power failure are not."""
    played = play(small_lists(tmp_path), measuring_scorer())
    found = evaluate(played, score(played), "all")
    every, national, *finer = found.level
    assert (every.outages, every.positive, every.corroborated, every.right) == (5, 3, 3, 3)
    assert (every.precision, every.recall) == (1, 1)
    assert msgspec.structs.replace(every, scope="national") == national
    assert [(row.scope, row.outages, row.precision, row.recall) for row in finer] == [
        ("regional", 0, None, None),
        ("local", 0, None, None),
    ]
    assert found.level_misses == []


def test_where_every_cut_was_the_weather_the_level_is_wrong(tmp_path: Path) -> None:
    played = play(small_lists(tmp_path, cause="Weather"), measuring_scorer())
    found = evaluate(played, score(played), "all")
    assert {miss.outage.rpartition("/")[2] for miss in found.level_misses} == {"B1", "B2", "G1"}


def test_a_feature_left_out_is_missed_where_it_is_used(tmp_path: Path) -> None:
    scored = score(play(small_lists(tmp_path), measuring_scorer()))
    found = {(one.question, one.feature): one for one in ablations(scored, load_model())}
    assert len(found) == 2 + sum(map(len, FEATURES.values()))
    claims, whole = found["on-purpose", "claims"], found["on-purpose", None]
    assert claims.outages == 3
    assert claims.brier is not None
    assert whole.brier is not None
    assert claims.brier > whole.brier
    unused = found["happened", "denied"]
    assert (unused.outages, unused.brier) == (0, found["happened", None].brier)


def test_lists_that_are_none_are_refused(tmp_path: Path) -> None:
    lists = small_lists(tmp_path)
    with pytest.raises(SourceError, match="is none of these"):
        play(Lists(lists.outages, lists.outages, ()), measuring_scorer())
    bare = [row[:-2] for row in [outage_row("B1", "Benin", "2019-04-28 10:00", 20, "")]]
    path = write(tmp_path / "bare.csv", OUTAGES[:-2], bare)
    with pytest.raises(SourceError, match="cause"):
        play(Lists(lists.reports, (path,), ()), measuring_scorer())


def test_two_files_that_disagree_about_a_cause_are_refused(tmp_path: Path) -> None:
    lists = small_lists(tmp_path)
    row = outage_row("B1", "Benin", "2019-04-28 10:00", 20, "Weather")
    other = write(tmp_path / "other.csv", OUTAGES, [row])
    with pytest.raises(StreamsError, match="'Weather', and in a file before 'Government-Ordered'"):
        play(Lists(lists.reports, (*lists.outages, other), ()), measuring_scorer())
