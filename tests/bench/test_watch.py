"""What is seen from outside: delays by offsets, processes by their command."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from streams.bench.watch import Delay, memory_mb, stages_of
from streams.lag import StageLag
from streams.memory import memory_bytes
from tests.agents.harness import until


def lag(behind: dict[int, int], committed: dict[int, int]) -> StageLag:
    """Of a topic that lost nothing to retention."""
    return StageLag(behind, committed, {part: committed[part] + count for part, count in behind.items()})


def test_a_delay_is_that_of_the_oldest_record_not_committed() -> None:
    delay = Delay()
    # of two partitions: what is behind, and what is committed, at each look
    looks = [
        (0, {0: 0, 1: 0}, {0: 10, 1: 10}, 0),
        (5, {0: 5, 1: 0}, {0: 10, 1: 12}, 5),  # the topic ended at 10 and 10 when it began
        (10, {0: 9, 1: 0}, {0: 14, 1: 15}, 10),  # 14 is not yet the 15 that were there at 5
        (15, {0: 8, 1: 0}, {0: 16, 1: 15}, 10),  # past 15
        (20, {0: 0, 1: 0}, {0: 24, 1: 15}, 0),
        (25, {0: 0, 1: 3}, {0: 24, 1: 15}, 5),
    ]
    for at_s, behind, committed, wanted in looks:
        assert delay.seen(lag(behind, committed), at_s) == wanted, at_s


def test_a_stage_that_never_did_anything_waits_since_the_first_look() -> None:
    delay = Delay()
    assert [delay.seen(lag({0: 100}, {0: 0}), at) for at in (3.0, 8.0, 13.0)] == [0, 5, 10]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at by Linux's /proc")
def test_the_stages_of_a_worker_are_its_children_that_run_one() -> None:
    code = "import sys; sys.stdin.read()"
    arguments = [sys.executable, "-c", code, "-m", "streams.agents.child", "claims", "--datadir", "x"]
    with (
        subprocess.Popen(arguments, stdin=subprocess.PIPE) as stage,
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as other,
    ):
        until(lambda: stages_of(os.getpid()) == {"claims": stage.pid}, 30, "it to have its command line")
        until(lambda: memory_mb(stage.pid) > 1, 30, "it to be loaded")
        for process in (stage, other):
            assert process.stdin is not None
            process.stdin.close()
    assert memory_mb(stage.pid) == 0
    assert memory_bytes(stage.pid) is None
    was_mb, held = memory_mb(os.getpid()), b"\x01" * (64 << 20)
    assert memory_mb(os.getpid()) - was_mb == pytest.approx(len(held) / 2**20, abs=8)
