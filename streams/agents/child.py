"""One stage in a process of its own: `python -m streams.agents.child STAGE --datadir DIR`.

Started by `shutdowns worker`. Settings come from the environment. On file descriptor `--report` it writes
JSON lines: as which member it is in its group, and that it is ready. On `--life` it waits for the end of its
parent, and exits when that comes.

Exit codes: 0 stopped on request, 70 a fault or a lost broker (start again), 78 it can't ever start.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Hashable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from streams import logs
from streams.agents.batching import Arrive, plainly
from streams.agents.trimming import give_back_for_ever
from streams.agents.watchdog import Watchdog
from streams.errors import StreamsError
from streams.files import folder_bytes
from streams.memory import memory_bytes
from streams.settings import Settings
from streams.stage import Stage

log = logging.getLogger("streams.worker")

FAULT = 70
NEVER = 78

#: How long an orderly stop may take; what was committed by then stays, and the rest comes again.
STOP_LIMIT_S = 10.0

#: How often the supervisor is told the figures of its pages.
FIGURES_EVERY_S = 1.0


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one stage until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m streams.agents.child")
    parser.add_argument("stage", help="name of a stage, or `module:function` that makes one")
    parser.add_argument("--datadir", type=Path, required=True)
    parser.add_argument("--report", type=int)
    parser.add_argument("--life", type=int)
    given = parser.parse_args(arguments)
    try:
        settings = Settings.from_environment()
        logs.set_up(settings.log_level, settings.log_format, given.stage.rpartition(":")[2])
        if given.life is not None:
            _die_with_parent(given.life)
        stage, arrive = make_stage(given.stage, settings.rules)
    except StreamsError as error:
        never(str(error))
    # Tables of places and state decoded are many objects and no rubbish: look through them seldom.
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    code = asyncio.run(Child(stage, arrive, settings, given.datadir, given.report).run())
    leave(code)


def make_stage(spec: str, rules: Path | None = None) -> tuple[Stage, Arrive]:
    """The stage of that name, or what `module:function` returns: stages of one's own run like the others.

    With it comes how its records are read. `rules` is a file of rules, for the stages that have any.

    Raises:
        StreamsError: there is no such stage.
    """
    module, colon, function = spec.partition(":")
    try:
        if colon:
            return getattr(import_module(module), function)(), plainly
        from streams.arrival import arrive
        from streams.correlation import load_rules
        from streams.pipeline import build_stage

        return build_stage(spec, load_rules(rules)), arrive
    except (ImportError, AttributeError, KeyError) as error:
        raise StreamsError(f"there is no stage {spec!r}: {error}") from error


def leave(code: int) -> NoReturn:
    """End the process at once: no `finally`, no exit handler, so that nothing more can be committed."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def fatal(words: str) -> NoReturn:
    """End the process because of a fault."""
    log.critical("%s; exiting, to start again from what is committed", words)
    leave(FAULT)


def never(words: str) -> NoReturn:
    """End the process for a reason that another start would meet again."""
    log.critical("%s", words)
    leave(NEVER)


def _die_with_parent(descriptor: int) -> None:
    """The parent holds the other end and never writes: the end of file is the end of the parent."""

    def wait() -> None:
        os.read(descriptor, 1)
        os._exit(FAULT)

    threading.Thread(target=wait, name="parent", daemon=True).start()


class Child:
    """The life of a stage's process."""

    def __init__(self, stage: Stage, arrive: Arrive, settings: Settings, datadir: Path, report: int | None) -> None:
        self._stage = stage
        self._arrive = arrive
        self._settings = settings
        self._datadir = datadir
        self._report = report
        if report is not None:
            os.set_blocking(report, False)
        self._ready = False
        self._member = ""
        self._app: Any = None
        self._watchdog = Watchdog(
            self._waiting_for,
            fatal,
            limit_s=settings.stall_timeout_s,
            sleep_limit_s=settings.session_timeout_s * 0.8,
        )

    async def run(self) -> int:
        """Start, work until a signal comes, stop. Gives the exit code."""
        from streams.app import create_app

        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, stop.set)
        self._app = app = create_app(
            self._stage,
            self._settings,
            self._datadir,
            fatal=fatal,
            never=never,
            demand_awake=self._watchdog.demand_awake,
            beat=self._watchdog.beat,
            arrive=self._arrive,
        )
        self._watchdog.start()
        works = (self._beat(), app.batcher.run(), self._start(), give_back_for_ever())
        tasks = [asyncio.create_task(work) for work in works]
        for task in tasks:
            task.add_done_callback(_no_fault)
        await stop.wait()
        await self._stop()
        return 0

    async def _start(self) -> None:
        try:
            await self._app.start()
        except BaseException as error:  # noqa: BLE001 - a worker that did not start is no worker
            fatal(f"{self._stage.name} could not start: {error!r}")
        self._ready = True
        partitions = self._partitions()
        log.info("ready, partitions %s", partitions)
        self._tell(event="ready", stage=self._stage.name, pid=os.getpid(), partitions=partitions)

    def _partitions(self) -> list[int]:
        """The partitions of the source that this process has; none before it is ready."""
        if not self._ready:
            return []
        return sorted(tp.partition for tp in self._app.consumer.assignment() if self._is_source(tp.topic))

    def _is_source(self, topic: str) -> bool:
        return topic == self._settings.prefix + self._stage.source.name

    def _tell(self, **what: object) -> None:
        if self._report is not None:
            # A supervisor that does not read must not stop the stage: what no longer fits is not told.
            with suppress(BlockingIOError):
                os.write(self._report, json.dumps(what).encode() + b"\n")

    def _tell_figures(self) -> None:
        waiting = self._waiting_for()
        self._tell(
            event="figures",
            **self._app.batcher.figures.snapshot(),
            partitions=self._partitions(),
            working=self._ready and (waiting is None or self._app.batcher.busy),
            state_bytes=folder_bytes(self._datadir),
            memory_bytes=memory_bytes(os.getpid()),
        )

    async def _beat(self) -> None:
        """Tell the watchdog that the loop runs, and see to it that a crash of any of Faust's services counts."""
        told_at = 0.0
        while True:
            self._watchdog.beat()
            if self._app.crashed:
                self._crashed(self._app.crash_reason)
            member = self._app.consumer.member_id()
            if member != self._member:
                self._member = member
                self._tell(event="member", member=member)
            if asyncio.get_running_loop().time() > told_at + FIGURES_EVERY_S:
                told_at = asyncio.get_running_loop().time()
                self._tell_figures()
            await asyncio.sleep(0.2)

    def _crashed(self, reason: BaseException | None) -> NoReturn:
        from faust.exceptions import ConsistencyError

        if isinstance(reason, ConsistencyError):
            log.warning("the state here knows more than its changelog: deleting it, the changelog counts")
            shutil.rmtree(self._app.conf.tabledir, ignore_errors=True)
        fatal(f"{self._stage.name} crashed: {reason!r}")

    def _waiting_for(self) -> Hashable | None:
        """What the watchdog measures: None, or a description that changes with every bit of progress."""
        app = self._app
        if app is None or not app.started:
            return "start"
        if app.batcher.busy:
            return f"a batch (after {app.batcher.processed} records, {app.table.reads} values of the state read)"
        if self._ready and not app.rebalancing and not app.in_recovery:
            return None
        recovery = app.tables._recovery
        read = sum(offset or 0 for offset in list(recovery.active_offsets.values())) if recovery else 0
        return f"a rebalance or recovery (generation {app.consumer_generation_id}, {read} of the changelog read)"

    async def _stop(self) -> None:
        """Finish the batch in work, commit, leave the group. What hangs after that is left behind."""
        log.info("stopping")
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._app.batcher.pause()
                if self._ready:
                    await self._app.consumer.commit()
                await self._app.stop()
        except TimeoutError:
            log.warning("did not stop within %.0f s; leaving what hangs", STOP_LIMIT_S)
        except Exception:
            log.exception("stopping failed; what was not committed comes again")
        log.info("stopped")


def _no_fault(task: asyncio.Task[Any]) -> None:
    """A task of ours that ends with an exception must end the process: the rest would go on without it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        fatal(f"{task.get_coro()} failed: {error!r}")


if __name__ == "__main__":
    main()
