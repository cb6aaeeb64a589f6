"""What the soak feeds: as much as it says, and nothing that a stage would refuse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from streams.bench.soak import EXPIRY_S, write_rules
from streams.bench.world import NEWS_AN_HOUR, REPORTS_AN_HOUR, ROUND_S, Feed, World
from streams.correlation import default_rules, load_rules
from streams.pipeline import Offline
from topics import Measurement, encode

START_S = 1_790_000_000
DAY_ROUNDS = 86_400 // ROUND_S


def test_a_feed_has_the_worlds_values_so_many_times() -> None:
    feed = Feed(10, 1152, START_S)
    values = Counter[str]()
    for number in range(DAY_ROUNDS):
        for topic, record in feed.round(number):
            values[topic.name] += (
                len(record.values) * len(record.values[0]) if isinstance(record, Measurement) else 1
            )
    seconds = DAY_ROUNDS * feed.every_s
    assert values["measurements"] / seconds == pytest.approx(10 * feed.world.values_a_second, rel=0.05)
    assert values["news"] / seconds == pytest.approx(10 * NEWS_AN_HOUR / 3_600, rel=0.05)
    assert values["reports"] / seconds == pytest.approx(10 * REPORTS_AN_HOUR / 3_600, rel=0.06)


def test_at_the_pace_of_the_clock_it_is_the_world_itself() -> None:
    feed = Feed(1, 1, START_S, world=World(networks=100))
    assert feed.series == pytest.approx(World(networks=100).series, rel=0.03)
    assert len(feed.countries) > 240
    assert feed.every_s == ROUND_S


def test_frames_are_small_as_those_of_the_reader() -> None:
    rows = [len(record.series) for _, record in Feed(1, 1, START_S).round(0) if isinstance(record, Measurement)]
    assert sum(rows) / len(rows) < 4


def test_the_same_arguments_make_the_same_records() -> None:
    first, second = (Feed(1, 5_000, START_S), Feed(1, 5_000, START_S))
    for number in range(100):
        assert list(first.round(number)) == list(second.round(number))


def test_days_of_it_become_shutdowns_and_nothing_is_refused() -> None:
    feed = Feed(10, 20_000, START_S)
    offline = Offline(arrived_s=START_S + 40 * 86_400)
    for number in range(8 * DAY_ROUNDS):
        for topic, record in feed.round(number):
            offline.add(topic.name, encode(record))
    levels = Counter(one.level for one in offline.shutdowns())
    assert not offline.rejected
    assert levels["corroborated"]


def test_the_rules_differ_from_the_default_ones_in_the_expiry_alone(tmp_path: Path) -> None:
    rules = {rule.id: rule.value for rule in load_rules(write_rules(tmp_path)).all}
    differ = {rule.id for rule in default_rules().all if rules[rule.id] != rule.value}
    assert differ == {"expiry_s"}
    assert rules["expiry_s"] == EXPIRY_S
