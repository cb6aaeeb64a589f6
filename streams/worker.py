"""The worker: one process a stage, started again when it fails, stopped together.

The supervisor itself is light: it knows neither Faust nor the stages. Its children notice when it is gone,
even by SIGKILL, since each waits on a pipe that only the supervisor holds open.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from streams import admin, checks
from streams.datadir import claim_datadir, keep_matching_state
from streams.errors import StreamsError
from streams.health import Health, Pages
from streams.lag import StageLag, lag_by_partition
from streams.settings import Settings
from topics import Topic

log = logging.getLogger("streams.worker")

#: The exit code of a child that says that it can never start.
NEVER = 78

#: Waits before the next start after failures in a row; the last one stays. A child that worked for
#: `CALM_S` starts from the first again.
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
CALM_S = 60.0

#: A child that has not stopped by itself after this is killed.
STOP_LIMIT_S = 15.0

#: How often the lag is looked at.
LOOK_EVERY_S = 10.0


class WorkerError(StreamsError):
    """The worker can't start or go on."""


@dataclass(frozen=True, slots=True)
class Running:
    """A stage that works: its process and the partitions that it had when it became ready."""

    stage: str
    pid: int
    partitions: tuple[int, ...]


@dataclass(slots=True)
class _Child:
    stage: str
    datadir: Path
    failures: int = 0
    process: asyncio.subprocess.Process | None = None
    running: Running | None = None
    member: str = ""
    life: int | None = None


class Worker:
    """Runs stages until it is told to stop.

    `sources` maps each stage to the topic that it reads; a stage is one of `streams.pipeline` or
    `module:function` for one's own. `on_ready` is called once, when all of them work.
    """

    def __init__(
        self, settings: Settings, sources: Mapping[str, Topic], on_ready: Callable[[Sequence[Running]], None]
    ) -> None:
        self._settings = settings
        self._sources = sources
        self._on_ready = on_ready
        self._stop = asyncio.Event()
        self._announced = False
        self._never: str | None = None
        self._children: list[_Child] = []
        self._lock: IO[str] | None = None
        self._names = {stage_name(spec): topic for spec, topic in sources.items()}
        self._health = Health(self._names)
        self._pages: Pages | None = None

    async def run(self) -> None:
        """Check the topics, start a process for each stage, and return after SIGTERM or SIGINT.

        Raises:
            StreamsError: Kafka can't be reached, topics don't fit, the state folder is in use, or a stage
                says that it can never start.
        """
        checks.check_environment(os.environ)
        changelogs = await asyncio.to_thread(checks.check, self._settings, self._names)
        datadir, self._lock = claim_datadir(self._settings.datadir)
        checks.check_disk(datadir)
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._stop.set)
        for spec in self._sources:
            folder = datadir / stage_name(spec)
            keep_matching_state(folder, changelogs[stage_name(spec)])
            self._children.append(_Child(spec, folder))
        self._health.heard()
        looking = self._serve()
        keeping = asyncio.gather(*(self._keep(child) for child in self._children))
        await self._stop.wait()
        await asyncio.gather(*(self._end(child) for child in self._children))
        await keeping
        looking.cancel()
        if self._pages is not None:
            await asyncio.to_thread(self._pages.close)
        if self._never is not None:
            raise WorkerError(f"stage {self._never} can't start; its log above says why")

    def _serve(self) -> asyncio.Task[None]:
        """Serve the pages, if they are wanted, and look at the lag from outside."""
        if self._settings.pages_port is not None:
            self._pages = Pages(self._health, self._settings.pages_host, self._settings.pages_port)
            log.info("%s", self._pages.words)
        return asyncio.create_task(self._look_at_lag())

    async def _look_at_lag(self) -> None:
        """Look again and again, and end what stands still: Faust can stop fetching and say nothing."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                for stage, one in (await asyncio.to_thread(self._lag)).items():
                    self._health.seen(stage, one.behind, one.committed)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look may be better
                log.warning("how far the stages are behind can't be seen: %s", error)
            stalled = self._health.stalled()
            for child in self._children:
                if stage_name(child.stage) in stalled and child.process is not None:
                    log.error("stage %s works, it says, and commits nothing: ending it", child.stage)
                    with suppress(ProcessLookupError):
                        child.process.kill()

    def _lag(self) -> dict[str, StageLag]:
        with admin.connected(self._settings) as client:
            return lag_by_partition(client, self._settings, self._names)

    async def _keep(self, child: _Child) -> None:
        """Start a child, and start it again whenever it ends."""
        while not self._stop.is_set():
            started = asyncio.get_running_loop().time()
            code = await self._once(child)
            if self._stop.is_set():
                return
            if code == NEVER:
                await self._bury(child)
                self._never = child.stage
                self._stop.set()
                return
            if asyncio.get_running_loop().time() - started > CALM_S:
                child.failures = 0
            wait_s = BACK_OFF_S[min(child.failures, len(BACK_OFF_S) - 1)]
            child.failures += 1
            self._health.restarted(stage_name(child.stage))
            await self._bury(child)
            log.warning("stage %s ended with %s; starting it again in %.1f s", child.stage, _ending(code), wait_s)
            await self._pause(wait_s)
            await self._until_it_fits(child)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    async def _until_it_fits(self, child: _Child) -> None:
        """Wait while the topics don't fit: the state may be made anew just now. Then drop a copy of what it was."""
        name, said = stage_name(child.stage), ""
        while not self._stop.is_set():
            try:
                changelog = await asyncio.to_thread(self._changelog, name)
            except StreamsError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("stage %s waits: %s", name, said)
                await self._pause(1.0)
            else:
                keep_matching_state(child.datadir, changelog)
                return

    def _changelog(self, stage: str) -> str:
        with admin.connected(self._settings) as client:
            return checks.check_changelog(client, self._settings, stage, self._names[stage])

    async def _once(self, child: _Child) -> int:
        report_read, report_write = os.pipe()
        life_read, child.life = os.pipe()
        assert self._lock is not None
        # The child inherits the lock of the state folder: it is free only when the last child is gone.
        child.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "streams.agents.child", child.stage, "--datadir", str(child.datadir),
            "--report", str(report_write), "--life", str(life_read),
            pass_fds=(report_write, life_read, self._lock.fileno()), start_new_session=True,
            env={**os.environ, **self._settings.to_environment()}, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        os.close(report_write)
        os.close(life_read)
        reading = asyncio.create_task(self._listen(child, report_read))
        try:
            return await child.process.wait()
        finally:
            os.close(child.life)
            child.life = child.running = None
            reading.cancel()

    async def _bury(self, child: _Child) -> None:
        """Take a child that died from its group: else its partitions wait until its session ends."""
        member, child.member = child.member, ""
        if not member:
            return
        try:
            await asyncio.to_thread(admin.leave_group, self._settings, stage_name(child.stage), member)
        except StreamsError as error:
            log.info("stage %s stays in its group until its session ends: %s", child.stage, error)

    async def _listen(self, child: _Child, descriptor: int) -> None:
        reader = asyncio.StreamReader()
        pipe = os.fdopen(descriptor, "rb")
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        while line := await reader.readline():
            said: dict[str, Any] = json.loads(line)
            if said["event"] == "member":
                child.member = said["member"]
                continue
            if said["event"] == "figures":
                self._health.told(stage_name(child.stage), said)
                continue
            child.running = Running(said["stage"], said["pid"], tuple(said["partitions"]))
            running = [one.running for one in self._children if one.running is not None]
            if len(running) == len(self._children) and not self._announced:
                self._announced = True
                self._on_ready(running)

    async def _end(self, child: _Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            log.warning("stage %s did not stop within %.0f s: killing it", child.stage, STOP_LIMIT_S)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def stage_name(spec: str) -> str:
    """The name of a stage as groups and topics have it: `module:function` becomes its function.

    >>> stage_name("detect"), stage_name("tests.agents.toys:counting")
    ('detect', 'counting')
    """
    return spec.rpartition(":")[2]


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
