"""One stage's state made anew: its records through the stage, and what it says against what stands."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.agents.refusals import refusal
from streams.arrival import arrive
from streams.correlation import load_rules
from streams.correlation.stage import CorrelateStage
from streams.correlation.standing import CorrelateStanding
from streams.detection.standing import DetectStanding
from streams.halving import process_or_refuse
from streams.located_standing import LocatedStanding
from streams.pipeline import BATCH, build_stage
from streams.reading import NO_LIMIT_BYTES
from streams.rebuild.errors import RebuildError
from streams.rebuild.inputs import Inputs, Told
from streams.rebuild.ledger import Difference, Ledger
from streams.rebuild.placing import Placing
from streams.replay.archive import Archive
from streams.replay.records import Arrived
from streams.settings import Settings
from streams.sources.publishing import Publisher
from streams.stage import LAYOUT_KEY, Stage
from streams.standing import Standing, Thing
from streams.watch.standing import WatchStanding
from topics import (
    INVALID,
    RECORD_LIMIT_BYTES,
    SHUTDOWN_CHANGES,
    Claim,
    InvalidRecord,
    Protest,
    Record,
    Topic,
    decode,
    encode,
)
from topics.cloudevents import headers

#: Publishes a record of a topic.
Send = Callable[[Topic, Record], None]


@dataclass(slots=True)
class Counts:
    """What became of what stands: said for the first time, corrected, taken back, or left as it stands, since what
    it was made of is missed; `behind`: written to a topic that a crash had left without it; `refused`: records that
    went to `invalid`."""

    new: int = 0
    corrected: int = 0
    gone: int = 0
    left: int = 0
    behind: int = 0
    refused: int = 0

    @property
    def published(self) -> int:
        return self.new + self.corrected + self.gone + self.behind


@dataclass(frozen=True, slots=True)
class _Message:
    """A record as refusals want it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: float | None
    generation_id: int = 0


class StageWork:
    """The rebuild of one stage, on this machine; `streams.rebuild.run` has what is done about Kafka's own.

    Args:
        client: from `admin.connected`.
        settings: the Kafka, the prefix, and the rules.
        name: the stage.
        partitions: so many the new state has.
        folder: where to keep everything meanwhile.
        archive: has the records that Kafka has no more; None: there is none.
    """

    def __init__(
        self, client: Any, settings: Settings, name: str, partitions: int, folder: Path, archive: Archive | None
    ) -> None:
        self._client, self._settings, self.name = client, settings, name
        self.stage: Stage = build_stage(name, load_rules(settings.rules))
        self._standing = standing_of(self.stage)
        self._ledger = Ledger(folder, self._standing)
        self._placing = Placing(partitions)
        self.inputs = Inputs(settings, self.stage.source, archive)
        self._outputs = [Inputs(settings, topic, None) for topic in self._standing.topics]
        self.records = 0

    @property
    def partitions(self) -> int:
        """How many partitions the new state has."""
        return self._placing.partitions

    def begin(self) -> None:
        """Find out what there is to read; `inputs.missed` says then what is not.

        Raises:
            StreamsError: a topic is missing, Kafka doesn't answer, or the archive doesn't fit.
        """
        self.inputs.begin(self._client)
        for topic, output in zip(self._standing.topics, self._outputs, strict=True):
            output.begin(self._client)
            if not output.missed:
                self._ledger.whole.add(topic)

    # ------------------------------------------------------------------ the state

    def take(self, told: Told) -> None:
        """Let the stage process what is in its source up to now, and was not processed yet.

        Raises:
            RebuildError: records lie where their keys don't belong, or something became too large.
        """
        waiting: dict[int, list[Arrived]] = {}
        for row in self.inputs.rows(self._client, told):
            partition = self._placing.of(row)
            rows = waiting.setdefault(partition, [])
            rows.append(row)
            if len(rows) >= BATCH:
                self._process(partition, waiting.pop(partition))
        for partition, rows in waiting.items():
            self._process(partition, rows)
        self._placing.demand_explained()

    def _process(self, partition: int, rows: Sequence[Arrived]) -> None:
        records: list[Any] = []
        sources: list[Arrived] = []
        for row in rows:
            arrived_s = math.inf if row.timestamp_ms is None else row.timestamp_ms / 1000
            try:
                records.append(arrive(self.stage.source, row.value, arrived_s))
                sources.append(row)
            except InvalidRecord as error:
                self._refuse(row, refusal(self._message(row), error.reason, error.detail, error.field))
        result = process_or_refuse(self.stage, records, self._ledger.state(partition))
        for one in result.refused:
            row = sources[one.index]
            self._refuse(row, refusal(self._message(row), one.reason, one.detail, one.field))
            for subject in self._standing.refused(records[one.index]):
                self._ledger.told_of[subject] = b"%d" % partition
        for topic, record in result.out:
            if topic is not SHUTDOWN_CHANGES:
                self._ledger.say(topic, record, partition)
        self.records += len(rows)

    def _message(self, row: Arrived) -> _Message:
        at_s = None if row.timestamp_ms is None else row.timestamp_ms / 1000
        return _Message(self.inputs.name, row.partition, row.offset, row.key, row.value, at_s)

    def _refuse(self, row: Arrived, refused: tuple[bytes, bytes]) -> None:
        self._ledger.refused[refused[0].decode()] = b"%d " % (row.timestamp_ms or 0) + refused[1]

    def rows(self) -> Iterator[tuple[int, bytes, bytes]]:
        """The new state as the rows of a changelog: partition, key and value.

        Raises:
            RebuildError: a value is too large for Kafka.
        """
        for partition in range(self.partitions):
            yield partition, LAYOUT_KEY, b"%d" % self.stage.layout
            for key, value in self._ledger.state(partition).items():
                if len(value) > RECORD_LIMIT_BYTES:
                    raise RebuildError(f"the state of {self.name} under {key!r} has {len(value):,} bytes, too many")
                yield partition, key.encode(), value

    # ------------------------------------------------------------------ what stands

    def look(self, told: Told) -> None:
        """Read what stands on the output topics by now."""
        for topic, output in zip(self._standing.topics, self._outputs, strict=True):
            for row in output.rows(self._client, told):
                try:
                    record = decode(topic, row.value, NO_LIMIT_BYTES)
                except InvalidRecord:
                    continue  # written by others: whoever reads the topic refuses it
                self._ledger.stand(topic, record)

    def correct(self, send: Send) -> Counts:
        """Publish what differs from what stands, and let the state know how things stand then."""
        counts = Counts()
        self._rename()
        trusted_s = self.inputs.begins_s + self._standing.horizon_s
        for one in self._ledger.differences():
            now, partition = self._resolve(one, trusted_s, send, counts)
            if partition is not None:
                self._standing.settle(now, self._ledger.state(partition))
        self._standing.finish(self._ledger.states)
        counts.refused = self._send_refused(send)
        return counts

    def _rename(self) -> None:
        """Let the state have the ids that were given out."""
        for renamed in self._standing.rename(self._ledger.standing(), self._ledger.says(), self._ledger.states):
            for thing in renamed.unsaid:
                self._ledger.unsay(thing)
            for thing in renamed.said:
                self._ledger.say_thing(thing, renamed.partition)

    def _resolve(self, one: Difference, trusted_s: float, send: Send, counts: Counts) -> tuple[Thing, int | None]:
        """Publish what one thing needs; give how it stands then, and the partition whose state is to know it."""
        before, says, partition = one.stands, one.says, one.partition
        if says is None:
            partition = self._home(before)
        for topic, known in one.behind:
            counts.behind += 1
            for target, record in self._standing.records(known, before):
                if target is topic:
                    send(target, record)
        if before is None:
            now = self._standing.next(None, says)
            counts.new += 1
        elif says is not None and self._standing.same(before, says):
            return before, partition
        elif before.from_s < trusted_s or partition is None:
            counts.left += 1
            return before, partition
        elif says is None:
            gone = self._standing.gone(before, self._ledger.state(partition))
            if gone is None:
                return before, partition
            now = gone
            counts.gone += 1
        else:
            now = self._standing.next(before, says)
            counts.corrected += 1
        for topic, record in self._standing.records(before, now):
            send(topic, record)
        return now, partition

    def _home(self, thing: Thing) -> int | None:
        """The partition whose state knows what a thing was said of, or would if its records were not refused."""
        found = self._standing.home(thing, self._ledger.states)
        if found is None and (subject := self._standing.told_of(thing)) is not None:
            known = self._ledger.told_of.get(subject)
            return None if known is None else int(known)
        return found

    def _send_refused(self, send: Send) -> int:
        """Put on `invalid` what was refused now and never before. What came before its retention is left."""
        if not next(iter(self._ledger.refused), None):
            return 0
        there = Inputs(self._settings, INVALID, None)
        there.begin(self._client)
        for row in there.rows(self._client, lambda *_: None):
            if row.key is not None:
                self._ledger.refused.pop(row.key.decode(errors="replace"), None)
        since_ms, count = time.time() * 1000 - INVALID.retention_ms, 0
        for _, kept in self._ledger.refused.rows():
            arrived_ms, _, value = kept.partition(b" ")
            if int(arrived_ms) >= since_ms:
                send(INVALID, decode(INVALID, value, NO_LIMIT_BYTES))
                count += 1
        return count

    def close(self) -> None:
        """Let go of the files."""
        self._ledger.close()


def standing_of(stage: Stage) -> Standing:
    """How what a stage says is held against what stands."""
    if isinstance(stage, CorrelateStage):
        return CorrelateStanding(stage)
    if stage.name == "detect":
        return DetectStanding()
    if stage.name == "watch":
        return WatchStanding()
    return LocatedStanding(Claim if stage.name == "claims" else Protest)


def sender(settings: Settings, publisher: Publisher) -> Send:
    """Publishes records as the workers do."""

    def send(topic: Topic, record: Record) -> None:
        publisher.put(
            settings.prefix + topic.name,
            topic.key(record).encode(),
            encode(record),
            headers=list(headers(topic, record)),
        )

    return send
