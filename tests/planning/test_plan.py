"""What a load needs: more of it never needs fewer workers, and what makes no sense is said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.planning import Figure, Plan, PlanError, Question, load_figures, plan
from streams.planning.rates import of_shape
from streams.planning.skew import PARTITIONS
from streams.stage import SOURCES
from topics import CATALOGUE

FIGURES = load_figures()

questions = st.builds(
    Question,
    points_per_s=st.floats(0.01, 1e5),
    frame_series=st.integers(1, 500),
    frame_values=st.integers(1, 300),
    reports_per_day=st.floats(0, 1e6),
    news_per_day=st.floats(0, 1e6),
    evidence_days=st.integers(1, 365),
    headroom=st.floats(1, 5),
    worker_memory_gb=st.floats(1, 64),
    largest_share=st.sampled_from([0.0, 0.3]),
)


def answered(question: Question) -> Plan | None:
    try:
        return plan(question, FIGURES)
    except PlanError:
        return None


@settings(max_examples=40)
@given(questions, st.floats(1, 50))
def test_more_points_never_need_fewer_workers_or_less_of_anything(question: Question, times: float) -> None:
    less, more = answered(question), answered(replace(question, points_per_s=question.points_per_s * times))
    if less is None:
        assert more is None, "what can't be done can't be done with more of it"
    elif more is not None:
        for a, b in zip(less.stages, more.stages, strict=True):
            assert b.workers >= a.workers
        assert more.kafka_bytes_per_day >= less.kafka_bytes_per_day
        assert more.cores >= less.cores * 0.999


@settings(max_examples=40)
@given(questions)
def test_workers_have_partitions_to_work_on_and_stay_within_their_measure(question: Question) -> None:
    found = answered(question)
    if found is None:
        return
    assert [one.stage for one in found.stages] == list(SOURCES)
    for one in found.stages:
        if one.stage == "watch":
            assert (one.partitions, one.workers) == (1, 1), "one key"
        else:
            assert one.partitions in PARTITIONS
            assert one.partitions >= 2 * one.workers
        assert one.imbalance >= 1 - 1e-9
        assert one.busy < 1
        assert one.restore_changelog_s >= one.restore_folder_s > 0
        if one.limit != "one country":
            assert one.busy * question.headroom <= 1.001
            assert one.memory_bytes <= question.worker_memory_gb * 1.001e9


def test_twice_the_headroom_is_not_fewer_workers_and_more_memory_not_more() -> None:
    asked = Question(points_per_s=20_000, series=12_000_000, worker_memory_gb=32, evidence_days=7)
    base = plan(asked)
    assert plan(replace(asked, headroom=4)).workers >= base.workers
    assert plan(replace(asked, worker_memory_gb=128)).workers <= base.workers


def test_a_day_of_values_in_a_record_costs_less_than_each_alone() -> None:
    alone = plan(Question(points_per_s=1_000))
    together = plan(Question(points_per_s=1_000, frame_values=144))
    assert together.stages[0].cores < alone.stages[0].cores / 10
    assert together.topics[0].bytes_per_day < alone.topics[0].bytes_per_day


def test_the_plan_names_every_topic_that_stages_write_and_their_changelogs() -> None:
    found = {one.topic for one in plan(Question(points_per_s=1)).topics}
    rare = {"form-reports", "candidates", "invalid", "undelivered"}
    assert {topic.name for topic in CATALOGUE} - found == rare
    assert len([name for name in found if name.endswith("changelog")]) == len(SOURCES)


def test_a_country_with_most_of_the_series_limits_first() -> None:
    asked = Question(points_per_s=10_000, series=6_000_000, worker_memory_gb=8, evidence_days=7)
    spread = plan(asked)
    hot = plan(replace(asked, largest_share=0.8))
    assert hot.stages[0].limit == "one country"
    assert hot.stages[0].memory_bytes > 0.8 * 6_000_000 * FIGURES["detect_memory_bytes"].value
    assert spread.stages[0].memory_bytes < hot.stages[0].memory_bytes


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(points_per_s=0), "points_per_s is 0: it must be more than 0"),
        (Question(points_per_s=-1), "points_per_s is -1"),
        (Question(points_per_s=math.nan), "points_per_s is nan"),
        (Question(points_per_s=math.inf), "points_per_s is inf"),
        (Question(points_per_s=1e300), "points_per_s is 1e+300"),
        (Question(points_per_s=1, frame_series=0), "frame_series is 0: it must be 1 to 5000"),
        (Question(points_per_s=1, frame_values=0), "frame_values is 0"),
        (Question(points_per_s=1, headroom=0.5), "headroom is 0.5"),
        (Question(points_per_s=1, worker_memory_gb=0.1), "worker_memory_gb is 0.1"),
        (Question(points_per_s=1, largest_share=1), "largest_share is 1"),
        (Question(points_per_s=1, evidence_days=0), "evidence_days is 0"),
        (Question(points_per_s=1, series=100_000_000), "says nothing of outages"),
        (Question(points_per_s=1_000, series=10), "refuses steps below a minute"),
        (Question(points_per_s=5_000_000, series=300_000_000), "detect: the busiest worker has"),
    ],
)
def test_what_makes_no_sense_or_can_t_be_done_is_said(question: Question, words: str) -> None:
    with pytest.raises(PlanError) as error:
        plan(question)
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["detect_us", "detect_changelog_bytes", "measurement_bytes"])
def test_a_shape_between_the_measured_ones_lies_between_them_and_those_are_met(name: str) -> None:
    for series, values in ((1, 1), (1, 144), (50, 1), (50, 144)):
        measured = FIGURES[f"{name}_{series}x{values}"].value
        assert of_shape(FIGURES, name, series, values) == pytest.approx(measured)
    between = [of_shape(FIGURES, name, 10, values) for values in (1, 5, 20, 100, 144, 1_000)]
    assert between == sorted(between)
    assert of_shape(FIGURES, name, 100, 288) == pytest.approx(4 * FIGURES[f"{name}_50x144"].value)


def test_every_figure_says_what_it_is_and_what_prints_it() -> None:
    root = Path(__file__).parents[2]
    for one in FIGURES.values():
        assert one.value > 0
        assert one.unit
        assert one.what
        assert one.on
        module = one.by.removeprefix("python ").removeprefix("-m ").split(" --")[0]
        path = root / (module if module.endswith(".py") else module.replace(".", "/"))
        assert path.exists() or path.with_suffix(".py").exists(), one.by


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_figures_of_ones_own_count_before_the_packages(tmp_path: Path) -> None:
    own = written(tmp_path, '[correlate_records_per_s]\nvalue = 10\nby = "a stopwatch"\non = "an old machine"\n')
    figures = load_figures(own)
    assert figures["correlate_records_per_s"] == Figure(
        "correlate_records_per_s", 10.0, "pieces/s", FIGURES["correlate_records_per_s"].what, "a stopwatch",
        "an old machine",
    )  # fmt: skip
    asked = Question(points_per_s=1_000)
    slow, fast = (
        next(one for one in plan(asked, known).stages if one.stage == "correlate") for known in (figures, None)
    )
    assert slow.cores > 100 * fast.cores


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[no_such]\nvalue = 1", "there is no figure `no_such`"),
        ("[start_s]\nvalue = 0", "`[start_s]` needs"),
        ("[start_s]\nvalue = true", "`[start_s]` needs"),
        ("[start_s]\nvalue = inf", "`[start_s]` needs"),
        ("[start_s]\n", "`[start_s]` needs"),
        ("start_s = 3", "`[start_s]` needs"),
        ("[start_s", "is not TOML"),
    ],
)
def test_a_file_of_figures_that_can_t_be_used_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PlanError) as error:
        load_figures(written(tmp_path, text))
    assert words in str(error.value)


def test_a_file_of_figures_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="can't be read"):
        load_figures(tmp_path / "none.toml")
