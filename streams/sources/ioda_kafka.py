"""IODA's own Kafka, live: the alerts of its detectors, where one has access to it.

Its offsets are a cursor as any other, kept after the outages were published: its own groups and commits are not
used. A topic that was made anew begins before our offsets: then it is read from its beginning, and alerts that were
told before are not told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from streams.sources import ioda
from streams.sources.files import SourceError
from streams.sources.http import Fetcher, Manners
from streams.sources.ioda_alerts import Alert, message_alerts
from streams.sources.ioda_live_events import followed
from streams.sources.polling import Batch, Live, Seen, Step
from streams.sources.rows import Refusal

#: Messages read between two batches, and how long one waits for more, ms.
MOST, WAIT_MS = 5_000, 1_000


class IodaKafkaPoller:
    """Implements `streams.sources.polling.Poller`.

    Raises:
        SourceError: it isn't said where IODA's Kafka is.
    """

    every_s = 15
    manners = Manners()
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        address, _, topic = (live.url or "").removeprefix("kafka://").partition("/")
        if not address or not topic:
            raise SourceError("say where IODA's Kafka is: --url kafka://HOST:PORT/TOPIC")
        self._address, self._topic, self._live = address, topic, live

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:  # noqa: ARG002
        """See `Poller.round`."""
        known = ioda.known_entities(self._live.entities_file)
        offsets: dict[str, int] = dict(cursors.get("offsets") or {})
        with self._messages(offsets) as batches:
            for values, after in batches:
                alerts: list[Alert] = []
                refused: list[str] = []
                for value in values:
                    try:
                        alerts += message_alerts(value)
                    except Refusal as refusal:
                        refused.append(refusal.reason)
                yield Seen(len(alerts), max((alert.time for alert in alerts), default=None))
                yield from followed(alerts, cursors, known, now_s, self._live.wants)
                yield Batch("offsets", after, (), refused)

    @contextmanager
    def _messages(self, offsets: Mapping[str, int]) -> Iterator[Iterator[tuple[list[bytes], dict[str, int]]]]:
        from kafka import KafkaConsumer, TopicPartition
        from kafka.errors import KafkaError

        consumer = None
        try:
            consumer = KafkaConsumer(
                bootstrap_servers=self._address.split(","), group_id=None, enable_auto_commit=False
            )
            parts = [TopicPartition(self._topic, one) for one in consumer.partitions_for_topic(self._topic) or ()]
            if not parts:
                raise SourceError(f"IODA's Kafka at {self._address} has no topic {self._topic}")
            consumer.assign(parts)
            first, last = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
            for part in parts:
                at = int(offsets.get(str(part.partition), first[part]))
                consumer.seek(part, at if first[part] <= at <= last[part] else first[part])
            yield _until(consumer, last)
        except KafkaError as error:
            raise SourceError(f"IODA's Kafka at {self._address}: {error}") from error
        finally:
            if consumer is not None:
                consumer.close()


def _until(consumer: Any, last: Mapping[Any, int]) -> Iterator[tuple[list[bytes], dict[str, int]]]:
    """Messages in order, up to where the topic ended, with the offsets behind them by partition."""
    while any(consumer.position(part) < end for part, end in last.items()):
        polled = consumer.poll(timeout_ms=WAIT_MS, max_records=MOST)
        values = [record.value for records in polled.values() for record in records if record.value]
        yield values, {str(part.partition): consumer.position(part) for part in last}
