"""Alerts as a real Prometheus tells them of a real worker: each fires for its fault, and falls silent after it.

`python -m benchmarks.alerts` causes the faults of all of them; here are two that are quick to come and go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml

from streams import admin
from streams.kafka import Broker
from streams.settings import Settings
from streams.sources.publishing import Publisher
from tests.agents.harness import WorkerProcess, until
from tests.played import played
from tests.prometheus import ABSENT, RULES, Prometheus, free_port, hastened, prometheus
from tests.test_operations import queries
from topics import REPORTS, encode

#: Five minutes are one and a half seconds.
FACTOR = 200


def test_hastened_rules_are_the_same_but_for_their_durations() -> None:
    plain = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    quick = yaml.safe_load(hastened(RULES.read_text(), FACTOR))["groups"][0]["rules"]
    assert [rule["alert"] for rule in plain] == [rule["alert"] for rule in quick]
    by_name = {rule["alert"]: rule for rule in quick}
    assert by_name["ShutdownsStageStandsStill"]["for"] == "1500ms"
    assert "[1500ms]" in by_name["ShutdownsStageStandsStill"]["expr"]
    assert by_name["ShutdownsMeasurementsMissing"]["expr"].endswith("[108000ms])) > 21600 < 172800")


@contextmanager
def working(settings: Settings, folder: Path, port: int) -> Iterator[WorkerProcess]:
    """A worker of stage claims with its pages at a port."""
    worker = WorkerProcess(settings, ["claims"], folder, {"SHUTDOWNS_PAGES_PORT": str(port)})
    try:
        yield worker.ready()
    finally:
        worker.kill()


@pytest.mark.kafka
@pytest.mark.skipif(ABSENT is not None, reason=ABSENT or "")
def test_alerts_come_with_their_faults_and_go_with_them(kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    settings, port = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix, session_timeout_s=6), free_port()
    admin.create_topics(settings)
    good = [(topic.key(one), encode(one)) for topic, one in played() if topic is REPORTS]
    with prometheus(tmp_path / "prometheus", [f"127.0.0.1:{port}"], factor=FACTOR, every_ms=250) as watching:
        with working(settings, tmp_path / "worker", port), Publisher(settings) as publisher:

            def told_of(bad: int) -> set[str]:
                """What fires, after a few good reports more, and so many bad ones."""
                for key, value in [*good[:5], *[("rubbish", b"{")] * bad]:
                    publisher.send(REPORTS, key, value)
                time.sleep(0.2)
                return told(watching)

            for expression in queries():
                watching.query(expression)
            with pytest.raises(httpx.HTTPStatusError, match="400"):
                watching.query("sum by (stage (shutdowns_lag_records)")
            told_of(bad=0)
            until(partial(seen, watching, "shutdowns_records_in_total > 0"), 30, "records in to be scraped")
            assert told(watching) == set()
            until(lambda: "ShutdownsManyInvalid" in told_of(bad=5), 60, "many invalid to be told")
            assert told(watching) == {"ShutdownsManyInvalid"}
            until(lambda: told_of(bad=0) == set(), 60, "silence after them")
        until(lambda: "ShutdownsProcessDown" in told(watching), 30, "the end of the worker to be told")
        with working(settings, tmp_path / "worker", port):
            until(lambda: told(watching) == set(), 30, "silence once there is one again")


def told(watching: Prometheus) -> set[str]:
    """What fires, but for the stages that no worker has here."""
    return watching.firing().keys() - {"ShutdownsStageMissing"}


def seen(watching: Prometheus, expression: str) -> bool:
    return bool(watching.query(expression))
