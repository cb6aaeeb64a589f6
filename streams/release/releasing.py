"""Releasing the form's reports: every quarter of an hour all that came since, in no order, with one time in Kafka.

So neither the time nor the place of a report on `reports`, nor of anything that is made of it, tells at which
second somebody wrote: only `form-reports` has that order. Nobody else reads it, and Kafka forgets it after a week.

An offset is committed when its report is safe on `reports`. A crash in between repeats reports, which have ids and
revisions: what is said twice counts once. Two processes of this do no harm either.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from streams import security
from streams.admin import KafkaUnreachableError, TopicsError
from streams.agents.refusals import refusal
from streams.reading import demand_topic
from streams.release.checking import released
from streams.release.figures import ReleaseHealth
from streams.settings import Settings
from streams.sources.publishing import Publisher, PublishError
from streams.stage import RELEASE
from topics import FORM_REPORTS, INVALID, REPORTS, InvalidRecord, Report, encode

log = logging.getLogger(__name__)

#: So much is taken into memory at once, and shuffled together: records, and bytes of their values.
MOST_RECORDS, MOST_BYTES = 20_000, 67_108_864

#: So long is waited for a Kafka that was lost, before it is asked again, seconds.
AGAIN_S = 10.0

#: Where reports are released at once, Kafka is asked for them so often, seconds.
AT_ONCE_S = 0.5

Stop = Callable[[], bool]


class _Refused(NamedTuple):
    """A record of `form-reports`, as `streams.agents.refusals` wants a message: its time in seconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: float
    generation_id: int = 0


class Releaser:
    """Releases every `settings.release_every_s`, by the clock: on the hour, a quarter past, …"""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._every_s = settings.release_every_s
        self.health = ReleaseHealth(self._every_s)

    def run(self, stop: Stop, ready: Callable[[], object] = lambda: None) -> None:
        """Release until `stop()`, which is asked twice a second. `ready` is called once, when Kafka has answered.

        Raises:
            StreamsError: no Kafka, or no such topic, at the start. A Kafka that is lost later is waited for.
        """
        from kafka.errors import KafkaError

        began = False
        while not stop():
            try:
                with self._connected() as (consumer, publisher):
                    if not began:
                        began = True
                        ready()
                    while self._waited(self._pause_s(), stop):
                        self.release(consumer, publisher)
            except (KafkaUnreachableError, TopicsError, PublishError, KafkaError) as error:
                if not began:
                    raise
                log.warning("%s; tried again in %.0f s", error, AGAIN_S)
                self._waited(AGAIN_S, stop)

    def release(self, consumer: Any, publisher: Publisher) -> None:
        """Release all that is on `form-reports` now."""
        ends = consumer.end_offsets(list(consumer.assignment()))
        refused = 0
        while any(consumer.position(part) < end for part, end in ends.items()):
            refused += self._part(_taken(consumer, ends), publisher)
            # All of it is safe: only now may it never come again.
            publisher.flush()
            consumer.commit()
        self.health.ended(refused)

    def _part(self, rows: list[Any], publisher: Publisher) -> int:
        """Send what may go on, shuffled, and the rest to `invalid`; says how many those are."""
        reports: list[Report] = []
        refused = 0
        for row in rows:
            message = _Refused(row.topic, row.partition, row.offset, row.key, row.value, row.timestamp / 1000)
            try:
                reports.append(released(row.value, message.timestamp))
                continue
            except InvalidRecord as error:
                key, value = refusal(message, error.reason, error.detail, error.field)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, it is the record's, and others wait behind it
                what = f"{type(error).__name__}: {error}"
                key, value = refusal(message, "out-of-bounds", "checking it failed", error=what)
            publisher.send(INVALID, key.decode(), value)
            refused += 1
        secrets.SystemRandom().shuffle(reports)
        at_ms = int(self._slot_s() * 1000)
        for report in reports:
            publisher.send(REPORTS, REPORTS.key(report), encode(report), timestamp_ms=at_ms)
        return refused

    def _slot_s(self) -> float:
        """When this release was due: the one time that all of its reports get."""
        now = self._clock()
        return now - now % self._every_s if self._every_s else now

    def _pause_s(self) -> float:
        return self._every_s - self._clock() % self._every_s if self._every_s else AT_ONCE_S

    def _waited(self, seconds: float, stop: Stop) -> bool:
        """Wait; False if it was told to stop meanwhile."""
        end = time.monotonic() + seconds
        while not stop():
            left = end - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, 0.5))
        return False

    @contextmanager
    def _connected(self) -> Iterator[tuple[Any, Publisher]]:
        """A consumer of all partitions at what is committed, and a producer."""
        name = demand_topic(self._settings, FORM_REPORTS)
        from kafka import KafkaConsumer, TopicPartition

        consumer = KafkaConsumer(
            **security.client(self._settings),
            group_id=self._settings.group(RELEASE),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
        )
        with closing(consumer), Publisher(self._settings) as publisher:
            consumer.assign([TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()])
            yield consumer, publisher


def _taken(consumer: Any, ends: dict[Any, int]) -> list[Any]:
    """What comes next up to those ends, or as much as is shuffled together."""
    rows: list[Any] = []
    size = 0
    while len(rows) < MOST_RECORDS and size < MOST_BYTES:
        if all(consumer.position(part) >= end for part, end in ends.items()):
            break
        for found in consumer.poll(timeout_ms=500).values():
            rows += found
            size += sum(len(row.value or b"") for row in found)
    return rows
