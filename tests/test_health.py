"""A worker's pages: what counts as living and as ready, and what Prometheus reads."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.health import SILENCE_S, STALL_S, Health, Pages, PagesError


class Clock:
    """Seconds, moved by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


FIGURES = {
    "taken": 7,
    "given": {"evidence": 3},
    "refused": {"not-json": 2},
    "delay_s": 12.5,
    "newest": {"ioda": 900.0},
    "state_bytes": 4096,
    "memory_bytes": 131_072_000,
    "working": True,
    "partitions": [0, 1],
}


def figure(health: Health, name: str) -> float | None:
    """The first sample of a metric; none if it has none."""
    samples = (sample for family in health.collect() for sample in family.samples)
    return next((sample.value for sample in samples if sample.name == name), None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_stage_that_tells_its_figures_lives_and_is_ready(clock: Clock) -> None:
    health = Health(["detect"], clock)
    assert health.dead() == []
    assert health.unready() == ["detect has no partitions yet, or restores its state"]
    health.told("detect", FIGURES)
    assert health.unready() == []


def test_one_that_falls_silent_does_not_live(clock: Clock) -> None:
    health = Health(["detect"], clock)
    health.told("detect", FIGURES)
    clock.now += SILENCE_S
    assert health.dead() == []
    clock.now += 1
    assert health.dead() == [f"detect has told nothing for {SILENCE_S + 1:.0f} s"]
    health.restarted("detect")
    assert health.dead() == []
    clock.now += 61
    assert health.dead() == ["detect has not started within 61 s"]


def test_idle_is_alive_and_stalled_is_not(clock: Clock) -> None:
    health = Health(["detect"], clock)
    for _ in range(60):
        health.told("detect", FIGURES)
        health.seen("detect", {0: 0, 1: 0}, {0: 5, 1: 5})
        clock.now += 10
    assert health.dead() == []
    for step in range(int(STALL_S / 10) + 2):
        health.told("detect", FIGURES)
        health.seen("detect", {0: 3 + step, 1: 0}, {0: 5, 1: 5})
        clock.now += 10
    assert "records behind and stands still" in health.dead()[0]
    assert health.stalled() == ["detect"]
    health.seen("detect", {0: 3, 1: 0}, {0: 6, 1: 5})
    assert health.dead() == []


def test_who_restores_its_state_commits_nothing_and_is_not_stalled(clock: Clock) -> None:
    health = Health(["detect"], clock)
    for _ in range(60):
        health.told("detect", {**FIGURES, "working": False})
        health.seen("detect", {0: 99, 1: 0}, {0: 5, 1: 5})
        clock.now += 10
    assert health.dead() == health.stalled() == []


def test_while_kafka_is_away_nothing_is_known_and_none_is_stalled(clock: Clock) -> None:
    health = Health(["detect"], clock, now=lambda: clock.now + 5e8)
    health.told("detect", FIGURES)
    health.seen("detect", {0: 3, 1: 0}, {0: 5, 1: 5})
    seen_s = clock.now + 5e8
    assert figure(health, "shutdowns_kafka_seen_timestamp_seconds") == seen_s
    assert figure(health, "shutdowns_lag_records") == 3
    for _ in range(60):
        clock.now += 10
        health.told("detect", FIGURES)
    assert health.dead() == []
    assert figure(health, "shutdowns_lag_records") is None
    assert figure(health, "shutdowns_kafka_seen_timestamp_seconds") == seen_s
    health.seen("detect", {0: 3, 1: 0}, {0: 5, 1: 5})
    assert health.dead() == [], "it has had no time to go on"
    assert figure(health, "shutdowns_kafka_seen_timestamp_seconds") == seen_s + 600


def test_memory_that_nobody_tells_is_not_zero(clock: Clock) -> None:
    health = Health(["detect"], clock)
    for figures in ({**FIGURES, "memory_bytes": None}, {}):
        health.told("detect", figures)
        assert figure(health, "shutdowns_memory_bytes") is None
    health.told("detect", FIGURES)
    health.restarted("detect")
    assert figure(health, "shutdowns_memory_bytes") is None, "that process is gone"


def test_one_that_falls_silent_no_longer_counts_as_working(clock: Clock) -> None:
    health = Health(["detect"], clock)
    health.told("detect", FIGURES)
    assert figure(health, "shutdowns_stage_working") == 1
    clock.now += SILENCE_S + 1
    assert figure(health, "shutdowns_stage_working") == 0


def test_anothers_partitions_are_anothers_to_answer_for(clock: Clock) -> None:
    health = Health(["detect"], clock)
    for _ in range(60):
        health.told("detect", FIGURES)
        health.seen("detect", {0: 0, 1: 0, 2: 99}, {0: 5, 1: 5, 2: 0})
        clock.now += 10
    assert health.dead() == []


def test_the_pages_say_it_to_whoever_asks(clock: Clock) -> None:
    health = Health(["detect"], clock)
    pages = Pages(health, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{pages.port}"
    try:
        with pytest.raises(urllib.error.HTTPError, match="503") as refused:
            urllib.request.urlopen(f"{address}/readyz")
        assert b"detect has no partitions yet" in refused.value.read()
        refused.value.close()
        health.told("detect", FIGURES)
        health.seen("detect", {0: 4, 1: 0}, {0: 5, 1: 5})
        for page in ("livez", "readyz"):
            with urllib.request.urlopen(f"{address}/{page}") as answer:
                assert answer.read() == b"ok\n"
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{address}/tables")
        refused.value.close()
        with urllib.request.urlopen(f"{address}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
    finally:
        pages.close()
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert found["shutdowns_records_in_total", "detect"] == 7
    assert found["shutdowns_records_out_total", "detect", "evidence"] == 3
    assert found["shutdowns_records_invalid_total", "detect", "not-json"] == 2
    assert found["shutdowns_event_delay_seconds", "detect"] == 12.5
    assert found["shutdowns_state_bytes", "detect"] == 4096
    assert found["shutdowns_memory_bytes", "detect"] == 131_072_000
    assert found["shutdowns_stage_working", "detect"] == 1
    assert found["shutdowns_stage_partitions", "detect"] == 2
    assert found["shutdowns_newest_measurement_timestamp_seconds", "ioda"] == 900
    assert found["shutdowns_lag_records", "0", "detect"] == 4


def test_a_taken_port_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PagesError, match="SHUTDOWNS_PAGES_PORT"):
            Pages(Health([]), "127.0.0.1", taken.getsockname()[1])
