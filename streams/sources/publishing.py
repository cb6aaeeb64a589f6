"""Publishing records to Kafka from the command line: every record acknowledged by all copies, or an error."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from streams import security
from streams.admin import KafkaUnreachableError, connected, missing
from streams.errors import StreamsError
from streams.settings import Settings
from topics import Topic

#: How long a record may wait for Kafka before publishing is given up, seconds.
PATIENCE_S = 30


class PublishError(StreamsError):
    """Records did not get to Kafka. The message says how many did, and what to do."""


class Publisher:
    """Sends records to the topics of a Kafka; a context manager, which waits at its end until Kafka has them all.

    Keys are UTF-8, partitioned as Kafka's own clients do (murmur2), so that a key's records meet wherever they
    come from. Publishing again what was published before does no harm: records have ids.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: set[str] = set()
        self._producer: Any = None
        self._failed: BaseException | None = None
        #: Records that Kafka has.
        self.acknowledged = 0

    def __enter__(self) -> Self:
        _demand_listener(self._settings.bootstrap)
        from kafka import KafkaProducer
        from kafka.errors import KafkaError

        try:
            self._producer = KafkaProducer(
                **security.client(self._settings),
                acks="all",
                linger_ms=5,
                allow_auto_create_topics=False,
                max_block_ms=PATIENCE_S * 1000,
                delivery_timeout_ms=PATIENCE_S * 1000,
                request_timeout_ms=PATIENCE_S * 500,
            )
        except KafkaError as error:
            raise KafkaUnreachableError(self._settings.bootstrap, error) from error
        return self

    def send(self, topic: Topic, key: str, value: bytes, *, timestamp_ms: int | None = None) -> None:
        """Hand a record over; it is on its way. Its time in Kafka is now, or `timestamp_ms`.

        Raises:
            PublishError: the topic does not exist, or Kafka did not take this or an earlier record.
        """
        self.put(self._settings.prefix + topic.name, key.encode(), value, timestamp_ms=timestamp_ms)

    def put(self, name: str, key: bytes, value: bytes, **how: Any) -> None:
        """The same for a topic by its name in Kafka; `how` is what Kafka's producer knows: partition, headers, …

        Raises:
            PublishError: see `send`.
        """
        from kafka.errors import KafkaError

        self._demand(name)
        self._raise_failed()
        try:
            future = self._producer.send(name, value=value, key=key, **how)
        except KafkaError as error:
            raise self._error(error) from error
        future.add_callback(self._count)
        future.add_errback(self._fail)

    def flush(self) -> None:
        """Wait until Kafka has everything that was sent.

        Raises:
            PublishError: it did not take it all.
        """
        from kafka.errors import KafkaError

        try:
            self._producer.flush(timeout=PATIENCE_S * 2)
        except KafkaError as error:
            raise self._error(error) from error
        self._raise_failed()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.flush()
        finally:
            self._producer.close(timeout=1 if error is not None or self._failed else PATIENCE_S)

    def _demand(self, name: str) -> None:
        """That the topic exists: a producer would wait for one that doesn't, or make it with other settings."""
        if name in self._known:
            return
        with connected(self._settings) as client:
            absent = missing(client, [name])
        if absent:
            given = f" --prefix {self._settings.prefix}" if self._settings.prefix else ""
            raise PublishError(
                f"there is no topic {name} at {self._settings.bootstrap}; "
                f"run `shutdowns topics create{given}` first"
            )
        self._known.add(name)

    def _count(self, *_: object) -> None:
        self.acknowledged += 1

    def _fail(self, error: BaseException) -> None:
        self._failed = self._failed or error

    def _raise_failed(self) -> None:
        if self._failed is not None:
            raise self._error(self._failed)

    def _error(self, error: BaseException) -> PublishError:
        return PublishError(
            f"Kafka at {self._settings.bootstrap} did not take all records ({error}), only {self.acknowledged:,}. "
            "Look whether it runs (`shutdowns topics describe`), then publish again: "
            "what it has already does no harm."
        )


def _demand_listener(bootstrap: str) -> None:
    """That somebody listens at one of the addresses: said at once, where Kafka's client would try for long."""
    why: OSError | None = None
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
                return
        except OSError as error:
            why = error
        except (ValueError, OverflowError):
            raise KafkaUnreachableError(bootstrap, f"{address.strip()!r} is not of the form host:port") from None
    raise KafkaUnreachableError(bootstrap, why or "no address")
