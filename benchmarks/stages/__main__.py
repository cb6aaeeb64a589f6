"""What a worker of each stage does through Kafka, and what its records and its state weigh.

    python -m benchmarks.stages                      all stages, a few minutes
    python -m benchmarks.stages --stage correlate    one
    python -m benchmarks.stages --write mine.toml    and write the figures, for `shutdowns plan --figures mine.toml`

A broker of its own is started. For each input a worker of that stage alone reads all of it, from its first record
until the last is committed. Rates are told by the wall and by the worker's processor time; what is written are
those by processor: on a shared machine they are what a whole core would do.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.kafka_detection.__main__ import cpu_s, everything, family_of, publish_to, resident_mb, say, started
from benchmarks.stages.inputs import Input, inputs
from streams import admin
from streams.kafka import Broker
from streams.lag import lag
from streams.settings import Settings
from streams.stage import SOURCES
from topics import CATALOGUE, EVIDENCE, Claim, Outage, decode

LIMIT_S = 600.0
HEADINGS = ("records", "by wall/s", "by cpu/s", "points/s", "rest MB", "end MB")


@dataclass(frozen=True, slots=True)
class Weight:
    """Records of a topic, and their bytes with keys and headers, as the producer sends them: uncompressed."""

    records: int
    bytes: int

    @property
    def each(self) -> float:
        return self.bytes / self.records if self.records else 0.0


@dataclass(slots=True)
class Outcome:
    """One run. `state` is what a reader of the compacted changelog would keep."""

    wall_s: float
    cpu_s: float
    rest_mb: float
    end_mb: float
    topics: dict[str, Weight] = field(default_factory=dict)
    changelog: Weight = field(default_factory=lambda: Weight(0, 0))
    state: Weight = field(default_factory=lambda: Weight(0, 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=list(SOURCES), action="append", help="only this one; repeatable")
    parser.add_argument("--records", type=int, default=20_000, help="of the others than detect (%(default)s)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the figures as TOML")
    given = parser.parse_args()
    logging.getLogger("kafka").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "kafka", heap="768m") as broker:
        say(f"{'input':<16}" + "".join(f"{name:>11}" for name in HEADINGS))
        for one in inputs(given.records, tuple(given.stage or SOURCES)):
            outcome = run(one, broker.bootstrap, Path(folder))
            show(one, outcome)
            found |= figures(one, outcome)
    if given.write is not None:
        given.write.write_text("\n".join(found.values()))
    sys.exit(0)


def run(one: Input, bootstrap: str, folder: Path) -> Outcome:
    """Publish an input, let a worker of the stage read it, and weigh what there is then."""
    prefix = one.name.replace(" ", "") + "-"
    settings = Settings(bootstrap=bootstrap, prefix=prefix, commit_interval_s=0.2)
    admin.create_topics(settings)
    publish_to(one.topic, one.rows, settings)
    with tempfile.TemporaryFile() as log, started("faust", settings, folder / prefix, log, one.stage) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            log.seek(0)
            sys.exit(f"the worker did not begin:\n{log.read().decode()}")
        family = family_of(process.pid)
        began, used, rest = time.monotonic(), sum(map(cpu_s, family)), sum(map(resident_mb, family))
        settle(one, settings)
        took_s, cpu = time.monotonic() - began, sum(map(cpu_s, family)) - used
        outcome = Outcome(took_s, cpu, rest, sum(map(resident_mb, family)))
    weigh(one, outcome, settings)
    return outcome


def settle(one: Input, settings: Settings) -> None:
    """Wait until the stage has committed all of its input."""
    end = time.monotonic() + LIMIT_S
    with admin.connected(settings) as client:
        while behind := lag(client, settings, {one.stage: one.topic})[one.stage]:
            if time.monotonic() > end:
                sys.exit(f"{one.name}: {behind:,} of {len(one.rows):,} records are left after {LIMIT_S:.0f} s")
            time.sleep(0.1)


def weigh(one: Input, outcome: Outcome, settings: Settings) -> None:
    """Weigh what lies on the topics, and the stage's state."""
    for topic in CATALOGUE:
        outcome.topics[topic.name] = weight(everything(settings.prefix + topic.name, settings))
    newest: dict[tuple[int, bytes], int] = {}
    written = []
    for record in everything(settings.changelog(one.stage), settings):
        written.append(record)
        newest[record.partition, record.key] = len(record.key) + len(record.value) if record.value else 0
    outcome.changelog = weight(written)
    kept = [size for size in newest.values() if size]
    outcome.state = Weight(len(kept), sum(kept))


def weight(records: Iterable[Any]) -> Weight:
    count = size = 0
    for one in records:
        count += 1
        size += (
            len(one.key or b"") + len(one.value or b"") + sum(len(name) + len(text) for name, text in one.headers)
        )
    return Weight(count, size)


def show(one: Input, outcome: Outcome) -> None:
    """Print a run."""
    many = len(one.rows)
    say(
        f"{one.name:<16}{many:11,}{many / outcome.wall_s:11,.0f}{many / outcome.cpu_s:11,.0f}"
        f"{one.points / outcome.cpu_s:11,.0f}{outcome.rest_mb:11,.0f}{outcome.end_mb:11,.0f}"
    )
    for name, topic in outcome.topics.items():
        if topic.records:
            say(f"    {name:<20}{topic.records:9,} records  {topic.each:9,.0f} bytes each")
    written, state = outcome.changelog, outcome.state
    say(f"    {'changelog':<20}{written.records:9,} records  {written.bytes / many:9,.0f} bytes a record read")
    say(f"    {'state':<20}{state.records:9,} keys     {state.bytes / many:9,.0f} bytes a record read")


def figures(one: Input, outcome: Outcome) -> dict[str, str]:
    """The figures of a run as `shutdowns plan --figures` reads them."""
    by = f"python -m benchmarks.stages --stage {one.stage}"
    on = f"one worker, by its processor time; {os.cpu_count()} cores; Python {platform.python_version()}"
    return {
        name: f'[{name}]\nvalue = {value:.6g}\nby = "{by}"\non = "{on}"\n'
        for name, value in named(one, outcome).items()
    }


def named(one: Input, outcome: Outcome) -> dict[str, float]:
    """The figures of a run by their names in `streams/planning/figures.toml`."""
    many, given = len(one.rows), outcome.topics
    if one.stage == "detect":
        shape = one.name.removeprefix("detect ").replace(" ", "")
        return {
            f"detect_us_{shape}": 1e6 * outcome.cpu_s / many,
            f"detect_changelog_bytes_{shape}": outcome.changelog.bytes / many,
            f"measurement_bytes_{shape}": given["measurements"].each,
            "coverage_bytes": given["evidence"].each,
            "detect_rest_mb": outcome.rest_mb,
        }
    found = {
        f"{one.stage}_records_per_s": many / outcome.cpu_s,
        f"{one.stage}_rest_mb": outcome.end_mb,
        f"{one.stage}_changelog_bytes": outcome.changelog.bytes / many,
        f"{one.stage}_state_bytes": outcome.state.bytes / many,
    }
    if one.stage == "correlate":
        core = sum(isinstance(decode(EVIDENCE, value), Outage | Claim) for _, value in one.rows)
        return found | {
            "correlate_state_keys": outcome.state.records / many,
            "steps_per_core": given["shutdown-changes"].records / core,
            "shutdown_bytes": given["shutdowns"].each,
            "change_bytes": given["shutdown-changes"].each,
        }
    if one.stage == "watch":
        return found | {"watch_state_keys": outcome.state.records / many, "drop_bytes": given["drops"].each}
    raw, piece = ("report", "claim") if one.stage == "claims" else ("news", "protest")
    return found | {f"{raw}_bytes": given[one.topic.name].each, f"{piece}_bytes": given["evidence"].each}


if __name__ == "__main__":
    main()
