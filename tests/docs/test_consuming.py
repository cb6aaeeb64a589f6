"""The programs of docs/consuming.md, run as they stand there, but for the address and the topics' prefix."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.kafka import Broker, jars
from streams.kafka.java import java
from streams.settings import Settings
from tests.agents.harness import REPOSITORY, until
from tests.consumers import published
from tests.node import node_packages
from tests.played import played
from topics import SHUTDOWN_CHANGES, SHUTDOWNS, Shutdown, ShutdownChange

pytestmark = pytest.mark.kafka

TEXT = (REPOSITORY / "docs/consuming.md").read_text()
CHANGES = [record for _, record in played() if isinstance(record, ShutdownChange)]
REVISIONS = [record for _, record in played() if isinstance(record, Shutdown)]


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    return published(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix), (SHUTDOWNS, SHUTDOWN_CHANGES))


def program(language: str, settings: Settings) -> str:
    """A program of the document, for the broker of this test and a group of its own."""
    text = str(re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[0])
    assert "127.0.0.1:9092" in text
    return text.replace("127.0.0.1:9092", settings.bootstrap).replace("my-service", settings.prefix)


@contextmanager
def running(command: Sequence[str], output: Path, folder: Path) -> Iterator[None]:
    """A program that runs until the block ends."""
    with output.open("wb") as stream:
        process = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.STDOUT, env=os.environ)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def lines(output: Path) -> list[str]:
    return output.read_text().splitlines()


def test_python_sees_every_step_once_and_in_order(settings: Settings, tmp_path: Path) -> None:
    published(settings, (SHUTDOWN_CHANGES,))  # all of it again, as after a crash
    text = program("python", settings).replace(
        "SHUTDOWN_CHANGES.name", repr(settings.prefix + SHUTDOWN_CHANGES.name)
    )
    # Only what a consumer installs: nothing of the engine may be needed.
    text = f"import sys\nsys.modules['streams'] = sys.modules['faust'] = sys.modules['shapely'] = None\n{text}"
    expected = [
        f"{one.change} {one.shutdown.level} {one.shutdown.country} {one.shutdown.place.name}" for one in CHANGES
    ]
    output = tmp_path / "output"
    with running([sys.executable, "-W", "ignore", "-c", text], output, REPOSITORY):
        until(lambda: len(lines(output)) >= len(expected), 30, f"it prints {expected}")
    assert sorted(lines(output)) == sorted(expected)


def test_javascript_reads_the_present_state(settings: Settings, tmp_path: Path) -> None:
    folder = node_packages(("kafkajs@2.2.4",))
    file = folder / f"{settings.prefix}.js"
    file.write_text(program("javascript", settings).replace('"shutdowns"', repr(settings.prefix + "shutdowns")))
    expected = sorted(f"shutdown-streams.shutdown {one.level} {one.country} {one.place.name}" for one in REVISIONS)
    output = tmp_path / "output"
    try:
        with running(["node", str(file)], output, folder):
            until(lambda: len(lines(output)) >= len(expected), 40, f"it prints {expected}")
    finally:
        file.unlink()
    assert sorted(lines(output)) == expected


def test_kafkas_console_consumer_shows_keys_and_headers(settings: Settings, tmp_path: Path) -> None:
    words = shlex.split(program("console", settings))
    assert words[0] == "kafka-console-consumer.sh"
    words[words.index("shutdowns")] = settings.prefix + "shutdowns"
    class_path = os.pathsep.join(str(jar) for jar in jars.ensure_jars())
    main = [str(java()), "-cp", class_path, "org.apache.kafka.tools.consumer.ConsoleConsumer"]
    output = tmp_path / "output"
    with running([*main, *words[1:], "--max-messages", str(len(REVISIONS))], output, tmp_path):
        until(lambda: "Processed a total" in output.read_text(), 40, "it reads them all")
    for one in REVISIONS:
        shown = next(line for line in lines(output) if f"ce_id:{one.id}/{one.revision}," in line)
        assert f"\t{one.id}\t{{" in shown
