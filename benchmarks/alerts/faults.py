"""The faults: what is broken, which alerts must tell of it, and how it is mended."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.alerts.stand import Stand, fresh, measured, without
from tests.api.served import made_up
from topics import REPORTS, SHUTDOWN_CHANGES, encode

#: The disk that is filled.
SMALL = "small"


@dataclass(frozen=True)
class Fault:
    """`cause` breaks something and says what; `mend` puts it right."""

    alerts: tuple[str, ...]
    cause: Callable[[Stand], str]
    mend: Callable[[Stand], object]


def worker_killed(stand: Stand) -> str:
    stand.worker.kill()
    return "SIGKILL to the worker and its stages"


def stage_left_out(stand: Stand) -> str:
    stand.worker.stop(60)
    stand.start_worker(without("claims"))
    return "the only worker is started without `claims`"


def all_stages_again(stand: Stand) -> None:
    stand.worker.stop(60)
    stand.start_worker()


def stage_stopped(stand: Stand) -> str:
    os.kill(stand.stage("claims"), signal.SIGSTOP)
    return "SIGSTOP to the process of `claims` while reports come in"


def stage_continued(stand: Stand) -> None:
    os.kill(stand.stage("claims"), signal.SIGCONT)


def broker_paused(stand: Stand) -> str:
    stand.broker.pause()
    return "SIGSTOP to Kafka"


def broker_killed(stand: Stand) -> str:
    stand.broker.kill()
    return "SIGKILL to Kafka"


def disk_full(stand: Stand) -> str:
    """A worker whose state lies on a disk of 64 MB, with nothing left of them."""
    folder = stand.folder / SMALL
    stand.worker.stop(60)
    stand.mount(folder, "64m")
    stand.start_worker(datadir=SMALL)
    (folder / "filler").write_bytes(b"x" * max(0, shutil.disk_usage(folder).free - 4096))
    return "the disk of the state is full"


def disk_freed(stand: Stand) -> None:
    (stand.folder / SMALL / "filler").unlink()
    stand.worker.kill()
    stand.start_worker()


class Slowly:
    """Lets the process of `claims` run for a twentieth of the time, while more reports come than it then takes."""

    def __init__(self) -> None:
        self._mended = threading.Event()
        self._threads: list[threading.Thread] = []

    def cause(self, stand: Stand) -> str:
        self._mended.clear()
        flood = [one for one in fresh() if one[0] is REPORTS]
        stand.publish(flood * 5000)

        def more() -> None:
            while not self._mended.is_set():
                stand.publish(flood * 300)

        def slow() -> None:
            pid = stand.stage("claims")
            with suppress(ProcessLookupError):
                while not self._mended.is_set():
                    os.kill(pid, signal.SIGSTOP)
                    time.sleep(0.95)
                    os.kill(pid, signal.SIGCONT)
                    time.sleep(0.05)

        self._threads = [threading.Thread(target=one, daemon=True) for one in (slow, more)]
        for thread in self._threads:
            thread.start()
        return "15,000 reports at once and more, `claims` stopped for 19 of 20 moments"

    def mend(self, _: Stand) -> None:
        self._mended.set()
        for thread in self._threads:
            thread.join()


SLOWLY = Slowly()


def flood(stand: Stand) -> str:
    rubbish = [(REPORTS, f"rubbish-{number}", b"{") for number in range(3)]
    stand.trickle = lambda: [*fresh(), *rubbish]
    return "as many reports that are no JSON as good ones"


def fresh_again(stand: Stand) -> None:
    stand.trickle = fresh


def source_behind(stand: Stand) -> str:
    stand.trickle = lambda: [measured("cloudflare", 7 * 3600), *fresh()[1:]]
    return "the only measurements that come are seven hours old"


def source_caught_up(stand: Stand) -> None:
    stand.trickle = lambda: [measured("cloudflare", 60), *fresh()]


def state_large(stand: Stand) -> str:
    with (stand.folder / "worker" / "claims" / "large").open("wb") as file:
        file.truncate(8_100_000_000)
    return "a file of 8.1 GB, sparse, in the folder of the state"


def state_small(stand: Stand) -> None:
    (stand.folder / "worker" / "claims" / "large").unlink()


def outside_fails(stand: Stand) -> str:
    stand.outside.status = 500
    return "the service answers every request with HTTP 500"


def outside_refuses(stand: Stand) -> str:
    stand.outside.status = 410
    changes = [(topic, topic.key(one), encode(one)) for topic, one in made_up(3) if topic is SHUTDOWN_CHANGES]
    stand.publish(changes)
    return "the receiver answers three changes with HTTP 410"


def outside_well(stand: Stand) -> None:
    stand.outside.status = 200


FAULTS: dict[str, Fault] = {
    "worker-killed": Fault(("ShutdownsProcessDown",), worker_killed, lambda stand: stand.start_worker()),
    "stage-left-out": Fault(("ShutdownsStageMissing",), stage_left_out, all_stages_again),
    "stage-stopped": Fault(
        ("ShutdownsStageNotWorking", "ShutdownsStageStandsStill"), stage_stopped, stage_continued
    ),
    "broker-paused": Fault(("ShutdownsKafkaUnreachable",), broker_paused, lambda stand: stand.broker.resume()),
    "broker-killed": Fault(("ShutdownsKafkaUnreachable",), broker_killed, lambda stand: stand.broker.restart()),
    "disk-full": Fault(("ShutdownsStageCrashing",), disk_full, disk_freed),
    "slow": Fault(("ShutdownsLagGrows",), SLOWLY.cause, SLOWLY.mend),
    "flood": Fault(("ShutdownsManyInvalid",), flood, fresh_again),
    "source-behind": Fault(
        ("ShutdownsMeasurementsLate", "ShutdownsMeasurementsMissing"), source_behind, source_caught_up
    ),
    "state-large": Fault(("ShutdownsStateLarge",), state_large, state_small),
    "source-fails": Fault(("ShutdownsSourceFails",), outside_fails, outside_well),
    "receiver-refuses": Fault(("ShutdownsUndelivered",), outside_refuses, outside_well),
}
