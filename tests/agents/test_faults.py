"""What must come out whatever happens: real workers on a real broker, killed, paused and cut off.

The oracle is the stage itself, run over the same records with a dict for its state.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.agents.batching import POISON_IN_A_ROW
from streams.kafka import Broker
from tests.agents.harness import System, ticks, until
from tests.agents.toys import TICKS, Counting, Tally, Tick
from topics import encode

pytestmark = pytest.mark.kafka


def oracle(records: Sequence[Tick]) -> dict[str, Tally]:
    """The last tally of each name."""
    made = Counting().process(records, {}).out
    return {record.name: record for _, record in made if isinstance(record, Tally)}


def check(system: System, records: Sequence[Tick]) -> list[Tally]:
    """Every tick has its tally, and the last of each name is the oracle's. Gives the tallies."""
    tallies = system.tallies()
    assert {tally.id for tally in tallies} == {tick.id for tick in records}
    assert {tally.name: tally for tally in tallies} == oracle(records)
    return tallies


def test_an_orderly_stop_repeats_and_loses_nothing(system: System) -> None:
    records = ticks(names=40, each=250)
    worker = system.worker().ready()
    stopped = threading.Event()

    def feed() -> None:
        """In small pieces, half of them while it works and stops, the others when it has."""
        for first in range(0, len(records), 500):
            if first == len(records) // 2:
                stopped.wait(60)
            system.publish_ticks(records[first : first + 500])

    with ThreadPoolExecutor(1) as pool:
        fed = pool.submit(feed)
        until(system.tallies, 60, "the first tallies")
        assert worker.stop() == 0
        stopped.set()
        fed.result()
    assert worker.exits() == []
    assert 0 < len(system.tallies()) < len(records)
    system.worker().ready()
    system.settle()
    assert len(check(system, records)) == len(records)


@pytest.mark.parametrize("seed", [1, 2])
def test_kills_at_random_moments_lose_and_double_nothing(system: System, seed: int) -> None:
    moments = random.Random(seed)
    records = ticks(names=50, each=400)
    system.publish_ticks(records)
    worker = system.worker().ready()
    for number in range(1, 4):
        time.sleep(moments.uniform(0.05, 3.0))
        worker.kill_children()
        until(lambda: len(worker.exits()) == number and worker.children(), 30, "a new child")  # noqa: B023
    system.settle()
    check(system, records)
    assert worker.exits() == ["SIGKILL"] * 3


def test_another_worker_takes_over_from_a_killed_one(system: System) -> None:
    records = ticks(names=50, each=600)
    first = system.worker("a").ready()
    second = system.worker("b").ready()
    system.publish_ticks(records[:15_000])
    until(system.tallies, 60, "the first tallies")
    first.kill()
    system.publish_ticks(records[15_000:])
    system.settle()
    check(system, records)
    assert second.exits() == []


def test_two_workers_share_the_partitions(system: System) -> None:
    first, second = system.worker("a").ready(), system.worker("b").ready()

    def shared() -> bool:
        owned = sorted(map(len, system.owners().values()))
        return owned == [2, 2]

    until(shared, 60, "two partitions each")
    records = ticks(names=50, each=100)
    system.publish_ticks(records)
    system.settle()
    assert len(check(system, records)) == len(records)
    assert second.stop() == 0
    until(lambda: list(map(len, system.owners().values())) == [4], 60, "all partitions with the one that is left")
    assert first.exits() == []


def test_more_workers_than_partitions(system: System) -> None:
    workers = [system.worker(name).ready() for name in "abcde"]
    until(lambda: sorted(map(len, system.owners().values())) == [0, 1, 1, 1, 1], 30, "one without partitions")
    records = ticks(names=20, each=20)
    system.publish_ticks(records)
    system.settle()
    check(system, records)
    assert [worker.stop() for worker in workers] == [0] * 5


def test_a_worker_that_slept_past_its_session_does_no_harm(system: System) -> None:
    records = ticks(names=50, each=600)
    first = system.worker("a").ready()
    system.publish_ticks(records[:15_000])
    until(system.tallies, 60, "the first tallies")
    first.pause()
    system.worker("b").ready()
    system.publish_ticks(records[15_000:])
    system.settle()
    first.resume()
    until(first.exits, 60, "the sleeper to start again")
    more = ticks(names=50, each=20, first=601)
    system.publish_ticks(more)
    system.settle()
    check(system, records + more)


def test_the_broker_dies_and_comes_back(system: System, kafka: Broker) -> None:
    records = ticks(names=50, each=300)
    worker = system.worker().ready()
    system.publish_ticks(records[:10_000])
    until(system.tallies, 60, "the first tallies")
    kafka.kill()
    time.sleep(2)
    kafka.restart()
    system.publish_ticks(records[10_000:])
    system.settle()
    check(system, records)
    assert worker.process.poll() is None


def test_the_broker_stands_still_for_longer_than_a_session(system: System, kafka: Broker) -> None:
    records = ticks(names=50, each=300)
    system.worker().ready()
    system.publish_ticks(records[:10_000])
    until(system.tallies, 60, "the first tallies")
    kafka.pause()
    time.sleep(8)
    kafka.resume()
    system.publish_ticks(records[10_000:])
    system.settle()
    check(system, records)


def test_the_state_survives_the_loss_of_its_folder(system: System, tmp_path: Path) -> None:
    records = ticks(names=50, each=40)
    system.publish_ticks(records[:1_000])
    first = system.worker("a").ready()
    system.settle()
    assert first.stop() == 0
    system.worker("b").ready()
    system.publish_ticks(records[1_000:])
    system.settle()
    assert len(check(system, records)) == len(records)


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("failing", "RuntimeError in process (tests/agents/toys.py:"),
        ("swelling", "a record for tallies with key 'boom' has 600,"),
        ("hoarding", "the state under 'boom' has 600,000 bytes, above 500,000"),
    ],
)
def test_a_record_on_which_a_stage_fails_goes_to_invalid_and_the_rest_goes_on(
    system_of: Callable[[str], System], stage: str, said: str, tmp_path: Path
) -> None:
    system = system_of(stage)
    good = ticks(names=20, each=20)
    poison = Tick(id="boom/1", name="boom", number=1, padding="private words")
    worker = system.worker(TOY_FIX=str(tmp_path / "fix"), SHUTDOWNS_LOG_LEVEL="DEBUG").ready()
    system.publish_ticks([*good[:200], poison, *good[200:]])
    system.settle()
    check(system, good)
    assert worker.exits() == []
    assert said in worker.log()
    assert "private words" not in worker.log()
    assert not any(tally.name == "boom" for tally in system.tallies()), "nothing is sent of what is not kept"
    (refused,) = system.invalid()
    assert (refused.key, refused.value) == (b"boom", encode(poison))
    assert refused.error is not None
    assert said in refused.error


def test_a_stage_that_fails_on_all_records_ends_and_goes_on_when_mended(
    system_of: Callable[[str], System], tmp_path: Path
) -> None:
    fix = tmp_path / "fix"
    system = system_of("failing")
    before, after = ticks(names=20, each=20), ticks(names=20, each=20, first=21)
    booms = [Tick(id=f"boom/{number}", name="boom", number=number) for number in range(1, 31)]
    worker = system.worker(TOY_FIX=str(fix)).ready()
    system.publish_ticks(before)
    system.settle()
    system.publish_ticks(booms)
    until(lambda: len(worker.exits()) >= 3, 40, "the stage to fail again and again")
    assert set(worker.exits()) == {"exit code 70"}
    assert len(system.invalid()) == POISON_IN_A_ROW, "no more after each start"
    rows = [row for row in system.read(TICKS) if row.key == b"boom"]
    # What was refused may not be committed yet when the process ends; then it is read again.
    done = system.committed()[rows[0].partition] - rows[0].offset
    assert 0 <= done <= POISON_IN_A_ROW
    fix.touch()
    system.publish_ticks(after)
    system.settle()
    check(system, [*before, *booms[done:], *after])


def test_a_stage_that_works_by_its_own_account_and_takes_nothing_is_ended(
    system_of: Callable[[str], System], tmp_path: Path
) -> None:
    fix = tmp_path / "fix"
    system = system_of("dozing")
    worker = system.worker(TOY_FIX=str(fix)).ready()
    time.sleep(4)
    assert worker.exits() == [], f"idle is no fault: {worker.log()}"
    records = ticks(names=5, each=5)
    system.publish_ticks(records)
    until(lambda: worker.exits() == ["SIGKILL"], 30, "it to be ended")
    assert "stage tests.agents.toys:dozing works, it says, and commits nothing" in worker.log()
    fix.touch()
    system.settle()
    check(system, records)


def test_children_die_with_a_killed_supervisor(system: System) -> None:
    worker = system.worker().ready()
    children = worker.children()
    worker.process.kill()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 30, "the children to be gone")
    # The folder is free for the next one at once.
    system.worker().ready()
