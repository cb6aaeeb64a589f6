"""What is broken: a broker, all processes of ours with their pages, and a Prometheus over them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

from streams import admin
from streams.kafka import Broker
from streams.scenarios.kazakhstan_2021_02_28 import SCENARIO
from streams.settings import Settings
from streams.sources.publishing import Publisher
from streams.stage import SOURCES
from tests.agents.harness import REPOSITORY, WorkerProcess
from tests.consumers import write
from tests.played import played
from tests.prometheus import Prometheus, free_port, prometheus
from topics import EVIDENCE, MEASUREMENTS, REPORTS, Entity, Measurement, Origin, Outage, Series, Topic, encode

#: A record on its way: topic, key, bytes.
Sent = tuple[Topic, str, bytes]

PROCESSES = ("worker", "source", "api", "notify")

#: The source polls every second instead of every five minutes; everything else of it is as it is.
SOURCE = (
    "from streams.sources.feeds import FeedPoller; from streams.sources.http import Manners; "
    "FeedPoller.every_s = 1; FeedPoller.manners = Manners(every_s=0, attempts=1); "
    "from streams.cli.main import shutdowns; shutdowns()"
)

FEED = b'<rss version="2.0"><channel><title>Radio Almaty</title><link>https://radio.example</link></channel></rss>'


@dataclass(slots=True)
class Outside:
    """A service and a receiver that are not ours: both answer with `status`."""

    status: int = 200
    url: str = ""

    @contextmanager
    def serving(self) -> Iterator[None]:
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(FEED)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self._answer(b"")

            def _answer(self, body: bytes) -> None:
                self.send_response(outside.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it that
                """Nobody reads it."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}/feed"
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield
            server.shutdown()
            thread.join()


@dataclass(slots=True)
class Stand:
    """All of it. `trickle` makes what is published every second; a fault may put something else in its place."""

    broker: Broker
    settings: Settings
    folder: Path
    ports: Mapping[str, int]
    outside: Outside
    prometheus: Prometheus = field(init=False)
    worker: WorkerProcess = field(init=False)
    trickle: Callable[[], list[Sent]] = field(default_factory=lambda: fresh)
    mounted: list[Path] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start_worker(self, stages: Sequence[str] = (), datadir: str = "worker") -> None:
        """Start a worker of these stages (none: all), and wait until it works."""
        pages = {"SHUTDOWNS_PAGES_PORT": str(self.ports["worker"])}
        self.worker = WorkerProcess(self.settings, stages, self.folder / datadir, pages).ready(90)

    def stage(self, name: str) -> int:
        """The process of a stage."""
        for pid in self.worker.children():
            if name in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return pid
        raise SystemExit(f"no process of {name}: {self.worker.log()[-2000:]}")

    def publish(self, sent: Sequence[Sent]) -> None:
        with Publisher(self.settings) as publisher:
            for topic, key, value in sent:
                publisher.send(topic, key, value)

    def mount(self, folder: Path, size: str) -> None:
        """A file system of that size, until the end."""
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
        self.mounted.append(folder)

    def feed(self) -> None:
        """Publish the trickle every second, as long as there is a Kafka, until the end."""
        while not self._stopped.wait(1.0):
            with suppress(Exception):  # Kafka is away: that is what is tried
                self.publish(self.trickle())

    def close(self) -> None:
        self._stopped.set()
        self.worker.kill()
        for folder in self.mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def standing(folder: Path, factor: int) -> Iterator[Stand]:
    """Start everything; stop it at the end."""
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(folder / "kafka", heap="512m"))
        outside = Outside()
        stack.enter_context(outside.serving())
        settings = Settings(bootstrap=broker.bootstrap, session_timeout_s=6)
        admin.create_topics(settings)
        outage = next(one for _, one in played() if isinstance(one, Outage))
        write(settings, [(EVIDENCE, msgspec.structs.replace(outage, until_s=None))])
        stand = Stand(broker, settings, folder, {name: free_port() for name in PROCESSES}, outside)
        stack.callback(stand.close)
        stand.start_worker()
        module, at = [sys.executable, "-m", "streams.cli"], str(free_port())
        for name, command in {
            "source": [sys.executable, "-c", SOURCE, "ingest", "feed", "--live", "--url", outside.url],
            "api": [*module, "api", "--port", at],
            "notify": [*module, "notify", "--url", outside.url, "--attempts", "1"],
        }.items():
            stack.enter_context(_running(stand, name, command))
        targets = [f"127.0.0.1:{port}" for port in stand.ports.values()]
        stand.prometheus = stack.enter_context(
            prometheus(folder / "prometheus", targets, factor=factor, every_ms=1000)
        )
        feeding = threading.Thread(target=stand.feed, daemon=True)
        feeding.start()
        yield stand


@contextmanager
def _running(stand: Stand, name: str, command: Sequence[str]) -> Iterator[None]:
    environment = {
        **os.environ,
        **stand.settings.to_environment(),
        "SHUTDOWNS_PAGES_PORT": str(stand.ports[name]),
        "SHUTDOWNS_SALT": "a salt for this benchmark alone",
        "SHUTDOWNS_WEBHOOK_SECRET": "a secret for this benchmark alone",
    }
    with (stand.folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fresh() -> list[Sent]:
    """A measurement of a minute ago, and reports that can be read and located."""
    reports = [(topic, topic.key(one), encode(one)) for topic, one in SCENARIO.records() if topic is REPORTS]
    return [measured("ioda", 60), *reports[:3]]


def measured(source: str, age_s: int) -> Sent:
    """A frame of a source that ends so long ago."""
    until_s = int(time.time()) - age_s
    series = Series(entity=Entity(type="region", code="2088", name="Almaty City"), signal="ping-slash24")
    frame = Measurement(
        id=f"{source}/KZ/{until_s}",
        origin=Origin(source=source),
        country="KZ",
        from_s=until_s - 300,
        step_s=300,
        series=(series,),
        values=((100.0,),),
    )
    return MEASUREMENTS, MEASUREMENTS.key(frame), encode(frame)


def without(stage: str) -> list[str]:
    """All stages but one."""
    return [name for name in SOURCES if name != stage]
