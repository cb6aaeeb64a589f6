"""Records and points a second through Kafka: `python -m benchmarks.kafka_detection`.

A broker of its own is started, each input published, and then each engine in turn reads all of it as one process:
from its first record until all evidence is on its topic. All three run the same detection on the same bytes, keep
its state so that it survives a crash (Faust and quixstreams in RocksDB with a changelog, bytewax in snapshots),
and must tell the same evidence.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.kafka_detection.job import SHAPES, Shape, encoded, read, stage
from streams import admin
from streams.kafka import Broker
from streams.settings import Settings
from topics import EVIDENCE, MEASUREMENTS, Topic, encode

ENGINES = ("faust", "quixstreams", "bytewax")
LIMIT_S = 180.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one engine did with one input: seconds by the wall and of its own processor time, resident MB."""

    wall_s: float
    cpu_s: float
    megabytes: float
    same: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one; repeatable")
    parser.add_argument("--shape", choices=[one.name for one in SHAPES], action="append", help="only this input")
    given = parser.parse_args()
    logging.getLogger("kafka").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    engines = given.engine or ENGINES
    shapes = [one for one in SHAPES if not given.shape or one.name in given.shape]
    with tempfile.TemporaryDirectory() as folder, Broker(Path(folder) / "kafka", heap="768m") as broker:
        say(f"{'input':<16}{'':>14}" + "".join(f"{name:>24}" for name in engines) + f"{'wanted':>12}")
        for shape in shapes:
            wanted = expected(shape)
            outcomes = [run(engine, shape, broker.bootstrap, Path(folder), wanted) for engine in engines]
            row(shape, outcomes)
    sys.exit(0)


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def row(shape: Shape, outcomes: Sequence[Outcome]) -> None:
    """Print a shape's lines of the table."""
    rates = [f"{shape.rate(one.wall_s):16,.0f} ({one.wall_s:4.1f} s)" for one in outcomes]
    say(f"{shape.name:<16}{shape.unit:>14}" + "".join(f"{rate:>24}" for rate in rates) + f"{shape.target:12,}")
    ratios = [f"{outcomes[0].wall_s / one.wall_s:.2f} of the first" for one in outcomes]
    say(f"{'':<16}{'ratio':>14}" + "".join(f"{words:>24}" for words in ratios))
    # a shared machine gives a process less than a core: what a whole one would have done
    whole = [f"{shape.rate(one.cpu_s):16,.0f} ({one.cpu_s:4.1f} s)" for one in outcomes]
    say(f"{'':<16}{'by processor':>14}" + "".join(f"{rate:>24}" for rate in whole))
    say(f"{'':<16}{'resident':>14}" + "".join(f"{f'{one.megabytes:,.0f} MB':>24}" for one in outcomes))
    same = ["the same" if one.same else "NOT THE SAME" for one in outcomes]
    say(f"{'':<16}{'evidence':>14}" + "".join(f"{words:>24}" for words in same))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The evidence that an input comes to: how many records, and a fingerprint of them all in any order."""

    count: int
    fingerprint: int


def expected(shape: Shape) -> Wanted:
    """What the stage says without Kafka."""
    made, store = stage(), dict[str, bytes]()
    values, batch = [], []
    for _, value in encoded(shape):
        batch.append(read(value))
        if len(batch) == 500:
            values += [encode(record) for _, record in made.process(batch, store).out]
            batch = []
    values += [encode(record) for _, record in made.process(batch, store).out]
    return Wanted(len(values), fingerprint(values))


def fingerprint(values: Sequence[bytes]) -> int:
    """The same for the same values in any order."""
    return sum(int.from_bytes(hashlib.sha256(value).digest()[:8], "big") for value in values) % 2**64


def run(engine: str, shape: Shape, bootstrap: str, folder: Path, wanted: Wanted) -> Outcome:
    """Publish an input and let one engine read it."""
    prefix = f"{engine}-{SHAPES.index(shape)}-"
    settings = Settings(bootstrap=bootstrap, prefix=prefix)
    admin.create_topics(settings, {"detect": MEASUREMENTS})
    publish(shape, settings)
    with tempfile.TemporaryFile() as log, started(engine, settings, folder / prefix, log) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            log.seek(0)
            sys.exit(f"{engine} did not begin:\n{log.read().decode()}")
        family = family_of(process.pid)
        began, used = time.monotonic(), sum(map(cpu_s, family))
        if (there := wait(settings, wanted.count, process)) < wanted.count:
            log.seek(0)
            sys.exit(
                f"{engine}: {there:,} of {wanted.count:,} pieces of evidence came\n{log.read().decode()[-5000:]}"
            )
        outcome = time.monotonic() - began, sum(map(cpu_s, family)) - used, sum(map(resident_mb, family))
    values = evidence(settings)
    return Outcome(*outcome, same=len(values) == wanted.count and fingerprint(values) == wanted.fingerprint)


def publish(shape: Shape, settings: Settings) -> None:
    publish_to(MEASUREMENTS, encoded(shape), settings)


def publish_to(topic: Topic, rows: Iterable[tuple[bytes, bytes]], settings: Settings) -> None:
    """Write records, key and value each, and wait until Kafka has them."""
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, linger_ms=20, batch_size=262_144)
    for key, value in rows:
        producer.send(settings.prefix + topic.name, key=key, value=value)
    producer.flush()
    producer.close()


@contextmanager
def started(
    engine: str, settings: Settings, folder: Path, log: Any, stage: str = "detect"
) -> Iterator[subprocess.Popen[bytes]]:
    """The engine as a process; it is killed in the end. Its first line of output says that it began."""
    if engine == "faust":
        command = ["-m", "streams.cli", "worker", f"--stage={stage}", f"--datadir={folder}"]
    else:
        command = [
            "-m",
            f"benchmarks.kafka_detection.on_{engine}",
            settings.bootstrap,
            settings.prefix,
            str(folder),
        ]
    environment = {**os.environ, **settings.to_environment()}
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=log, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(settings: Settings, count: int, process: subprocess.Popen[bytes]) -> int:
    """Return once as many records of evidence are on their topic, or it is clear that they won't be."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    topic = settings.prefix + EVIDENCE.name
    parts = [TopicPartition(topic, one) for one in consumer.partitions_for_topic(topic)]
    end = time.monotonic() + LIMIT_S
    while (there := sum(consumer.end_offsets(parts).values())) < count:
        if process.poll() is not None or time.monotonic() > end:
            break
        time.sleep(0.05)
    consumer.close()
    return int(there)


def evidence(settings: Settings) -> list[bytes]:
    """All values on the topic of evidence."""
    return [one.value for one in everything(settings.prefix + EVIDENCE.name, settings)]


def everything(topic: str, settings: Settings) -> Iterator[Any]:
    """All records of a topic, as kafka-python has them."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    parts = [TopicPartition(topic, one) for one in consumer.partitions_for_topic(topic)]
    consumer.assign(parts)
    ends = consumer.end_offsets(parts)
    consumer.seek_to_beginning()
    while any(consumer.position(part) < ends[part] for part in parts):
        for found in consumer.poll(timeout_ms=500).values():
            yield from found
    consumer.close()


def family_of(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family_of(int(child)))]


def cpu_s(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_mb(pid: int) -> float:
    """Memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
