"""What an operator sees of real workers: pages, lag from outside, and a log of one line an event."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.error
import urllib.request
from functools import partial

import pytest

from streams import admin
from streams.lag import lag_by_partition
from streams.memory import memory_bytes
from tests.agents.harness import System, WorkerProcess, listening, ticks, until
from topics import Record

pytestmark = pytest.mark.kafka


def page(worker: WorkerProcess, name: str) -> tuple[int, str]:
    """Status and text of a page of a worker."""
    address = re.findall(r"pages at (http://127\.0\.0\.1:\d+)/metrics", worker.log())[-1]
    try:
        with urllib.request.urlopen(f"{address}/{name}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def figure(worker: WorkerProcess, name: str) -> float:
    """The sum of a metric's samples."""
    return sum(float(value) for value in re.findall(rf"^{name}{{.*}} (\S+)$", page(worker, "metrics")[1], re.M))


def test_pages_tell_of_work_and_of_a_stage_that_stands_still(system: System) -> None:
    worker = system.worker(SHUTDOWNS_PAGES_PORT="0").ready()
    system.publish_ticks([*ticks(names=20, each=20)])
    system.publish(system.sources[system.stage], [(b"x", b"not json, and private")])
    system.settle()
    until(lambda: figure(worker, "shutdowns_records_in_total") == 401, 30, "the figures")
    assert figure(worker, "shutdowns_records_out_total") == 400
    assert figure(worker, "shutdowns_records_invalid_total") == 1
    assert page(worker, "readyz") == (200, "ok\n")
    (child,) = worker.children()
    assert figure(worker, "shutdowns_memory_bytes") == pytest.approx(memory_bytes(child), rel=0.2)
    # Faust's web would serve a stage's tables to anyone.
    assert listening(child) == set()
    assert len(listening(worker.process.pid)) == 1, "the pages alone"
    os.kill(child, signal.SIGSTOP)
    until(partial(_fell_silent, worker), 30, "the stopped stage to be noticed")
    os.kill(child, signal.SIGCONT)
    until(lambda: figure(worker, "shutdowns_stage_restarts_total") >= 1, 30, "the sleeper to start again")
    until(lambda: page(worker, "readyz")[0] == 200, 40, "it to work again")
    assert "private" not in worker.log()


def _fell_silent(worker: WorkerProcess) -> bool:
    status, words = page(worker, "livez")
    return status == 503 and "told nothing" in words


def test_lag_is_told_by_partition_while_nobody_works(system: System) -> None:
    records: list[Record] = [*ticks(names=40, each=5)]
    system.publish_ticks([*ticks(names=40, each=5)])
    with admin.connected(system.settings) as client:
        found = lag_by_partition(client, system.settings, system.sources)[system.stage]
    assert found.total == len(records)
    assert len(found.behind) == 4
    assert set(found.committed.values()) == {0}


def test_the_log_is_one_json_object_an_event(system: System) -> None:
    worker = system.worker(SHUTDOWNS_LOG_FORMAT="json").ready()
    worker.kill_children()
    until(lambda: "ended with SIGKILL" in worker.log(), 60, "the end to be told")
    until(lambda: len(worker.children()) == 1, 60, "a new child")
    lines = [json.loads(line) for line in worker.log().splitlines()]
    assert {"worker", "counting"} <= {line["who"] for line in lines}
    assert all(line["time"].endswith("Z") and line["level"] and line["message"] for line in lines)
