"""How fast the past goes by: `python benchmarks/replay.py [--kafka]`.

Four figures, each on records that are made here, so that anybody can have them:

- a year of the world's evidence (outages, claims and protests by the hundred thousand, coverage of every country)
  from an archive to its shutdowns;
- raw measurements from an archive: read, checked and decoded to frames, values a second;
- the same with detection run over them;
- with `--kafka`, raw measurements from a real broker, which is started for it.

Times are those that our process was on a core (machines are shared), the broker's own not among them. Memory is the
largest resident size, once for a quarter of the records and once for all: flat is the same.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from streams import geography
from streams.geography import tables
from streams.pipeline import build_stage, measured_place
from streams.replay import Archive, FromArchive, FromKafka, Selection, Source
from streams.replay.archive import Position
from streams.replay.play import Account, known, replay
from streams.replay.records import Arrived
from topics import (
    EVIDENCE,
    MEASUREMENTS,
    Claim,
    Coverage,
    Entity,
    Evidence,
    Measurement,
    Origin,
    Outage,
    Protest,
    Record,
    Series,
    Topic,
    encode,
)

YEAR_S = 1_546_300_800  # 2019-01-01T00:00Z
DAY_S = 86_400
SIGNALS = ("ping-slash24", "bgp", "merit-nt")

#: A batch of an archive has so many bytes, fewer than by default: what is read must be many batches.
BATCH_BYTES = 8_000_000


def evidence(days: int) -> Iterator[tuple[int, Evidence]]:
    """When it arrives, and a piece: each day 7 outages, 3 claims, 30 protests, the coverage of every country."""
    chance = random.Random(2019)  # noqa: S311
    codes = [code for code in tables.countries() if geography.country_place(code).latitude is not None]
    for day in range(days):
        midnight = YEAR_S + day * DAY_S
        for number in range(40):
            code = chance.choice(codes)
            place = geography.country_place(code)
            begin = midnight + chance.randrange(DAY_S)
            end = begin + chance.randrange(1800, 2 * DAY_S)
            name, lineage = f"{day}/{number}", f"l{chance.randrange(10_000)}"
            base = {"country": code, "place": place, "origin": Origin(source="made"), "lineage": lineage}
            if number < 7:
                piece: Evidence = Outage(
                    id=f"o/{name}",
                    from_s=begin,
                    until_s=end,
                    series=f"made/country/{code}/bgp",
                    signals=SIGNALS[:2],
                    **base,
                )
            elif number < 10:
                piece = Claim(
                    id=f"c/{name}", from_s=midnight, until_s=midnight + DAY_S, precision="day", report=name,
                    reporter="organisation", scope="national", extent="full", **base,
                )  # fmt: skip
            else:
                piece = Protest(
                    id=f"p/{name}", from_s=midnight, until_s=midnight + DAY_S, precision="day", item=name, **base
                )
            yield begin, piece
        for code in codes:
            for signal in SIGNALS:
                yield midnight + DAY_S, Coverage(
                    id=f"v/{code}/{signal}/{day}", country=code, place=geography.country_place(code),
                    lineage="made", origin=Origin(source="made"), from_s=midnight, until_s=midnight + DAY_S,
                    hours="n" * 24, series=f"made/country/{code}/{signal}", signal=signal,
                )  # fmt: skip


def measurements(days: int, hours: int, countries: int = 60) -> Iterator[tuple[int, Measurement]]:
    """When it arrives, and a frame of so many hours: of every country three signals of eight networks, a value each
    ten minutes."""
    chance = random.Random(1)  # noqa: S311
    codes = list(tables.countries())[:countries]
    series = {
        code: tuple(
            Series(entity=Entity(type="asn", code=str(64_512 + network)), signal=signal)
            for network in range(8)
            for signal in SIGNALS
        )
        for code in codes
    }
    levels = {code: [chance.uniform(50, 5_000) for _ in series[code]] for code in codes}
    noise = [1 + 0.03 * chance.uniform(-1, 1) for _ in range(4_096)]
    for begin in range(YEAR_S, YEAR_S + days * DAY_S, hours * 3600):
        for code in codes:
            at = chance.randrange(4_000)
            rows = tuple(
                tuple(float(round(level * noise[(at + row * 7 + step) % 4_096])) for step in range(6 * hours))
                for row, level in enumerate(levels[code])
            )
            yield begin + hours * 3600, Measurement(
                id=f"made/{code}/{begin}", origin=Origin(source="made"), country=code, from_s=begin, step_s=600,
                series=series[code], values=rows,
            )  # fmt: skip


def archived(folder: Path, topic: Topic, records: Iterator[tuple[int, Record]]) -> tuple[Archive, int]:
    """Records in an archive, and how many."""
    store, position, waiting, count, size = Archive(folder), Position(topic_id="made"), list[Arrived](), 0, 0
    for at_s, record in records:
        waiting.append(Arrived(topic.name, 0, count, at_s * 1000, topic.key(record).encode(), encode(record)))
        count, size = count + 1, size + len(waiting[-1].value or b"")
        if size >= BATCH_BYTES:
            position, size = store.append(topic.name, waiting, position, {0: count}), 0
            waiting.clear()
    if waiting:
        store.append(topic.name, waiting, position, {0: count})
    return store, count


def values_read(source: Source) -> int:
    """Read all frames of a source; how many values they have."""
    selection, account = Selection(), Account()
    frames = (one.record for one in known(source, selection, account, lambda *_: None))
    return sum(len(frame.series) * len(frame.values[0]) for frame in frames)


def values_judged(source: Source) -> int:
    """Read all frames and run detection over them, batch by batch; how many values they have."""
    stage, store, waiting, count = build_stage("detect"), {}, [], 0
    for one in known(source, Selection(), Account(), lambda *_: None):
        waiting.append(one.record)
        count += len(one.record.series) * len(one.record.values[0])
        if len(waiting) == 500:
            stage.process(waiting, store)
            waiting.clear()
    stage.process(waiting, store)
    return count


def published(source: Source, bootstrap: str, prefix: str) -> Source:
    """The same records on a broker."""
    from kafka import KafkaProducer

    from streams import admin
    from streams.settings import Settings

    settings = Settings(bootstrap=bootstrap, prefix=prefix)
    admin.create_topics(settings)
    with closing(KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, batch_size=262_144)) as producer:
        for row in source.rows(Selection(), lambda *_: None):
            producer.send(prefix + row.topic, key=row.key, value=row.value)
        producer.flush()
    return FromKafka(settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", action="store_true", help="from a real broker too")
    parser.add_argument("--days", type=int, default=60, help="days of raw measurements (default: %(default)s)")
    parser.add_argument("--hours", type=int, default=24, help="hours of values in a frame (default: %(default)s)")
    parser.add_argument("--one", choices=("evidence", "read", "judge"), help=argparse.SUPPRESS)
    parser.add_argument("--archive", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(given.one, FromArchive(Archive(given.archive)))
        return
    with tempfile.TemporaryDirectory(prefix="replay-") as name:
        folder = Path(name)
        _, pieces = archived(folder / "year", EVIDENCE, evidence(365))
        say(f"a year of the world's evidence, {pieces:,} pieces", *alone("evidence", folder / "year"))
        for words, days in (("a quarter", given.days // 4), ("all", given.days)):
            archived(folder / words, MEASUREMENTS, measurements(days, given.hours))
            for what in ("read", "judge"):
                say(f"{what} {words} of the measurements", *alone(what, folder / words))
        if given.kafka:
            from streams.kafka import Broker

            with Broker(folder / "kafka") as broker:
                source = published(FromArchive(Archive(folder / "all")), broker.bootstrap, "bench-")
                began = time.process_time()
                count = values_read(source)
                say("read all from Kafka", count, time.process_time() - began, None)


def one(what: str, source: Source) -> None:
    """One measurement, in a process of its own: prints count, seconds, and resident kB."""
    # What is only loaded once does not count: it is loaded before.
    geography.touches(geography.country_place("KZ"), geography.country_place("KG"))
    measured_place(Entity(type="asn", code="64512"), "KZ")
    began = time.process_time()
    if what == "evidence":
        run = replay(source, replace(Selection(), inputs="evidence"))
        assert run.head is not None
        count = run.head.records
    else:
        count = {"read": values_read, "judge": values_judged}[what](source)
    took = time.process_time() - began
    sys.stdout.write(f"{count} {took} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")


def alone(what: str, folder: Path) -> tuple[int, float, float]:
    """Count, seconds and resident MB of a measurement in a process of its own."""
    command = [sys.executable, __file__, "--one", what, "--archive", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, took, size = done.stdout.split()
    return int(count), float(took), int(size) / 1024


def say(words: str, count: int, took: float, size: float | None) -> None:
    memory = "" if size is None else f"  {size:6,.0f} MB resident"
    sys.stdout.write(f"{words:<52} {count:>12,}  {took:6.2f} s  {count / took:>12,.0f} /s{memory}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
