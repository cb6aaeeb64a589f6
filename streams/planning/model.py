"""From a load to partitions, workers, memory, disk and bytes.

A stage scales by its source's partitions, and a key never leaves its partition. So what counts is the busiest
worker: the partitions dealt to it, with the keys that fall on them. The fewest workers are taken whose busiest one
stays within its share of processor time and memory, then the fewest partitions that allow it; and twice as many
partitions as workers, since to grow them later is work.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from streams.planning.figures import Figure, PlanError, load_figures
from streams.planning.question import DAY_S, Question
from streams.planning.rates import of_shape
from streams.planning.skew import ways
from streams.planning.work import Work, drops_per_day, evidence, works
from streams.settings import Settings
from streams.stage import SOURCES

GB = 1_000_000_000

#: RocksDB beside what it keeps: levels that are being merged, and its log.
DISK_FACTOR = 2

#: Kafka's `segment.bytes` and `segment.ms` by default: so much of a changelog's partition is not compacted yet.
SEGMENT_BYTES, SEGMENT_DAYS = 1_073_741_824, 7

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What a stage needs. `busy`, sizes and times are of its busiest worker."""

    stage: str
    topic: str
    records_per_s: float
    #: Processor time of the whole stage, in cores; and of the busiest worker.
    cores: float
    busy: float
    partitions: int
    workers: int
    #: The busiest worker's share over the mean.
    imbalance: float
    #: Of a worker that has nothing to do, and of the busiest one.
    rest_bytes: float
    memory_bytes: float
    disk_bytes: float
    #: After losing a worker, from its partitions' coming to another: with the folder of its state, and without.
    restore_folder_s: float
    restore_changelog_s: float
    #: After an hour in which nothing was read.
    catch_up_s: float
    #: What asked for so many workers: "one is enough", "processor time", "memory" or "one country".
    limit: str


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic's bytes: one copy, uncompressed."""

    topic: str
    partitions: int
    records_per_day: float
    bytes_per_day: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer, with what it was asked."""

    question: Question
    stages: tuple[StagePlan, ...]
    topics: tuple[TopicPlan, ...]

    @property
    def workers(self) -> int:
        return sum(one.workers for one in self.stages)

    @property
    def cores(self) -> float:
        """Processor time that is used, in cores."""
        return sum(one.cores for one in self.stages)

    @property
    def memory_bytes(self) -> float:
        """Of all workers, each given what the busiest of its stage needs."""
        return sum(one.workers * one.memory_bytes for one in self.stages)

    @property
    def disk_bytes(self) -> float:
        """The same, of disk."""
        return sum(one.workers * one.disk_bytes for one in self.stages)

    @property
    def kafka_bytes_per_day(self) -> float:
        """All copies of all topics."""
        return sum(one.bytes_per_day for one in self.topics) * self.question.replication


def plan(question: Question, figures: Figures | None = None) -> Plan:
    """What a load needs.

    Raises:
        PlanError: the question makes no sense, or one country is more than a worker can do.
    """
    asked = question.checked()
    known = load_figures() if figures is None else figures
    work = works(asked, known)
    stages = tuple(_stage(name, work[name], asked, known) for name in SOURCES)
    return Plan(asked, stages, tuple(_topics(asked, known, work, stages)))


def _stage(name: str, work: Work, asked: Question, figures: Figures) -> StagePlan:
    room = asked.worker_memory_gb * GB - work.rest_bytes
    if room <= 0:
        raise PlanError(f"{name}: a worker has {work.rest_bytes / GB:.2f} GB at rest: give it more worker memory")
    dealt = ways(work.keys, asked.largest_share)
    least = min(one.share for one in dealt)
    if least * work.cores >= 1:
        raise PlanError(
            f"{name}: the busiest worker has {least:.1%} of {work.cores:,.0f} cores of work however partitions are "
            "dealt, since a country is one key and never parted. Let a record bring more values of each series "
            "(--frame-values), or measure fewer series."
        )
    by_cpu = 1 / (asked.headroom * work.cores) if work.cores else math.inf
    by_memory = room / work.memory_bytes if work.memory_bytes else math.inf
    most = max(least, min(by_cpu, by_memory))
    workers, partitions, share = next(one for one in dealt if one.share <= most * (1 + 1e-9))
    busy = share * work.cores
    read_s = share * work.read / figures["correlate_read_per_s"].value
    repeated = min(partitions * SEGMENT_BYTES, SEGMENT_DAYS * work.changelog_bytes_per_day) / work.key_bytes
    restored_s = share * (work.state_keys + repeated) / figures["restore_records_per_s"].value
    return StagePlan(
        stage=name,
        topic=SOURCES[name].name,
        records_per_s=work.records_per_s,
        cores=work.cores,
        busy=busy,
        partitions=partitions,
        workers=workers,
        imbalance=share * workers,
        rest_bytes=work.rest_bytes,
        memory_bytes=work.rest_bytes + share * work.memory_bytes,
        disk_bytes=DISK_FACTOR * share * work.state_bytes,
        restore_folder_s=figures["start_s"].value + read_s,
        restore_changelog_s=figures["start_s"].value + read_s + restored_s,
        catch_up_s=3600 * busy / (1 - busy),
        limit=_limit(workers, least, by_cpu, by_memory),
    )


def _limit(workers: int, least: float, by_cpu: float, by_memory: float) -> str:
    if min(by_cpu, by_memory) < least:
        return "one country"
    if workers == 1:
        return "one is enough"
    return "memory" if by_memory < by_cpu else "processor time"


def _topics(
    asked: Question, figures: Figures, work: Mapping[str, Work], stages: tuple[StagePlan, ...]
) -> list[TopicPlan]:
    value = {name: one.value for name, one in figures.items()}
    partitions = {one.topic: one.partitions for one in stages}
    pieces, frames = evidence(asked), asked.frames_per_s * DAY_S
    frame = of_shape(figures, "measurement_bytes", asked.frame_series, asked.frame_values)
    evidence_bytes = (pieces.coverage + pieces.outages) * value["coverage_bytes"]
    evidence_bytes += pieces.claims * value["claim_bytes"] + pieces.protests * value["protest_bytes"]
    drops = drops_per_day(asked)
    steps = (pieces.outages + pieces.claims) * value["steps_per_core"]
    rows = [
        ("measurements", frames, frames * frame),
        ("reports", asked.reports_per_day, asked.reports_per_day * value["report_bytes"]),
        ("news", asked.news_per_day, asked.news_per_day * value["news_bytes"]),
        ("evidence", pieces.all, evidence_bytes),
        ("drops", drops, drops * value["drop_bytes"]),
        ("shutdowns", steps, steps * value["shutdown_bytes"]),
        ("shutdown-changes", steps, steps * value["change_bytes"]),
    ]
    for one in stages:
        written, name = work[one.stage].changelog_bytes_per_day, Settings().changelog(one.stage)
        partitions[name] = one.partitions
        rows.append((name, written / work[one.stage].key_bytes, written))
    return [
        TopicPlan(name, partitions.get(name, partitions["evidence"]), count, size) for name, count, size in rows
    ]
