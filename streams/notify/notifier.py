"""From `shutdown-changes` to a webhook, at least once: an offset is committed when its change is safe.

Safe is what the receiver took, or what lies on `undelivered` after all tries. A crash in between repeats the
change; receivers tell repetitions by `webhook-id`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from streams import security
from streams.errors import StreamsError
from streams.notify import webhook
from streams.notify.figures import Counts, NotifierHealth
from streams.reading import NO_LIMIT_BYTES, demand_topic
from streams.settings import Settings
from streams.sources.publishing import Publisher
from streams.thresholds import EVERY, Thresholds
from topics import SHUTDOWN_CHANGES, UNDELIVERED, ShutdownChange, Topic, Undelivered, decode, encode

log = logging.getLogger(__name__)

#: The longest pause between two tries, seconds; a receiver that asks for more gets no more.
LONGEST_PAUSE_S = 60.0

#: Kafka is asked so often whether it is there, and how far behind this is, seconds.
LOOK_EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where changes go, which of them, and how patiently. Empty `countries` and `levels` mean all.

    A change that takes a shutdown out of the `thresholds` is not told, as one that takes it out of the `levels`.
    """

    name: str
    url: str = field(repr=False)
    key: bytes = field(repr=False)
    countries: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    thresholds: Thresholds = EVERY
    attempts: int = 8
    first_pause_s: float = 1.0
    timeout_s: float = 10.0

    def wants(self, change: ShutdownChange) -> bool:
        """Whether it is to be told of this change."""
        shutdown = change.shutdown
        return (
            (not self.countries or shutdown.country in self.countries)
            and (not self.levels or shutdown.level in self.levels)
            and self.thresholds.takes(shutdown)
        )

    def pause_s(self, tries: int, asked_s: float) -> float:
        """How long to wait after so many tries: twice as long each time."""
        return min(LONGEST_PAUSE_S, max(asked_s, self.first_pause_s * 2.0 ** (tries - 1)))


@dataclass(slots=True)
class Notifier:
    """Goes on where the last one of its receiver's name stopped. Run one of a name: two tell everything twice."""

    settings: Settings
    receiver: Receiver
    #: Pauses between two tries; None: looks every half second whether to stop.
    sleep: Callable[[float], None] | None = None
    counts: Counts = field(default_factory=Counts)
    health: NotifierHealth = field(init=False)
    _look_at: float = 0.0

    def __post_init__(self) -> None:
        self.health = NotifierHealth(self.receiver.name, self.counts)

    def run(
        self, *, from_start: bool = False, again: bool = False, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """Deliver change after change until `stop()`.

        Args:
            from_start: a new group begins with the first change there is, not with the next one.
            again: deliver what lies on `undelivered` for this receiver instead, and return at its end.
            stop: asked between changes and between tries, and every half second while there is nothing to do.
                A change that isn't safe then is told at the next start.

        Raises:
            StreamsError: no Kafka, or no such topic.
        """
        topic = UNDELIVERED if again else SHUTDOWN_CHANGES
        consumer = self._consumer(topic, again=again, earliest=again or from_start)
        try:
            sender = webhook.Sender(self.receiver.timeout_s)
            with Publisher(self.settings) as publisher, closing(sender):
                ends = consumer.end_offsets(list(consumer.assignment()))
                while not stop() and not (again and _reached(consumer, ends)):
                    self._look(consumer)
                    for part, records in consumer.poll(timeout_ms=500).items():
                        for record in records:
                            if record.offset < ends[part] or not again:
                                self._handle(topic, record, sender, publisher, stop)
                                publisher.flush()
                        consumer.commit()
        except _Stopped:
            log.info("told to stop before a change was safe: it is told at the next start")
        finally:
            consumer.close()

    def _look(self, consumer: Any) -> None:
        """Ask Kafka now and then how far behind this is: a consumer itself waits in silence where Kafka is gone."""
        from kafka.errors import KafkaError

        self.health.beat()
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY_S
        try:
            ends = consumer.end_offsets(list(consumer.assignment()))
            self.health.heard(sum(end - consumer.position(part) for part, end in ends.items()))
        except KafkaError as error:
            log.warning("Kafka at %s does not answer: %r", self.settings.bootstrap, error)

    def _consumer(self, topic: Topic, *, again: bool, earliest: bool) -> Any:
        """A consumer of all partitions at the offsets committed under this receiver's name.

        Where none is committed yet, the beginning is committed at once: else changes that came while a notifier
        was down, before its first delivery, would be passed over at the next start.
        """
        from kafka import KafkaConsumer, TopicPartition

        name = demand_topic(self.settings, topic)
        consumer = KafkaConsumer(
            **security.client(self.settings),
            group_id=self.settings.group(f"notify-{self.receiver.name}{'-again' if again else ''}"),
            enable_auto_commit=False,
            max_poll_records=1,
            fetch_max_wait_ms=100,
        )
        parts = [TopicPartition(name, one) for one in consumer.partitions_for_topic(name) or ()]
        consumer.assign(parts)
        fresh = [part for part in parts if consumer.committed(part) is None]
        if fresh:
            (consumer.seek_to_beginning if earliest else consumer.seek_to_end)(*fresh)
            for part in parts:
                consumer.position(part)
            consumer.commit()
        return consumer

    def _handle(
        self, topic: Topic, record: Any, sender: webhook.Sender, publisher: Publisher, stop: Callable[[], bool]
    ) -> None:
        found = decode(topic, record.value, NO_LIMIT_BYTES)
        if isinstance(found, Undelivered) and found.notifier != self.receiver.name:
            return
        change: ShutdownChange = found.change if isinstance(found, Undelivered) else found
        if not self.receiver.wants(change):
            self.counts.skipped += 1
            return
        tries, outcome = self._deliver(sender, change, stop)
        if outcome.result == "taken":
            self.counts.taken += 1
            return
        self.counts.failed_tries += 1
        log.warning("%s was not taken after %d tries: %s", change.id, tries, outcome.words)
        self.counts.undelivered += 1
        name = self.receiver.name
        lost = Undelivered(
            id=f"{name}/{change.id}"[-300:], notifier=name, attempts=tries, reason=outcome.words, change=change
        )
        publisher.send(UNDELIVERED, lost.id, encode(lost))

    def _deliver(
        self, sender: webhook.Sender, change: ShutdownChange, stop: Callable[[], bool]
    ) -> tuple[int, webhook.Outcome]:
        receiver = self.receiver
        for tries in range(1, receiver.attempts + 1):
            body, headers = webhook.request(change, receiver.key, int(time.time()))
            outcome = sender.post(receiver.url, body, headers)
            if outcome.result != "again" or tries == receiver.attempts:
                return tries, outcome
            self.health.beat()
            self.counts.failed_tries += 1
            pause_s = receiver.pause_s(tries, outcome.after_s)
            log.info("%s: %s; again in %.1f s", change.id, outcome.words, pause_s)
            self._pause(pause_s, stop)
        raise StreamsError("a receiver needs at least one attempt")

    def _pause(self, pause_s: float, stop: Callable[[], bool]) -> None:
        """Wait between two tries.

        Raises:
            _Stopped: there is to be no other try.
        """
        if self.sleep is not None:
            self.sleep(pause_s)
        end_s = time.monotonic() + (0.0 if self.sleep is not None else pause_s)
        while not stop() and (left_s := end_s - time.monotonic()) > 0:
            time.sleep(min(0.5, left_s))
        if stop():
            raise _Stopped


class _Stopped(Exception):
    """Told to stop while a change was not safe yet."""


def _reached(consumer: Any, ends: dict[Any, int]) -> bool:
    return all(consumer.position(part) >= end for part, end in ends.items())
