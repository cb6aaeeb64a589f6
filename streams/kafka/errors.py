"""What can go wrong with a Kafka of one's own on this machine. Every message says what to do next."""

from __future__ import annotations

from streams.errors import StreamsError

#: The way out that is always open.
OTHER_KAFKA = "Or use any other Kafka: start the other commands with --bootstrap HOST:PORT."


class KafkaError(StreamsError):
    """Base of all errors about the broker on this machine."""


class JarsError(KafkaError):
    """Kafka's jars can't be had, or are not the pinned ones."""


class JavaError(KafkaError):
    """There is no Java, or it does not run."""


class PortTaken(KafkaError):
    """Something else listens at the port."""


class DiskFull(KafkaError):
    """There is too little space where the data go."""


class FolderError(KafkaError):
    """The data folder can't be used: not writable, or what is in it is not this broker's."""


class FolderInUse(FolderError):
    """Another broker has the data folder."""


class BrokerFailed(KafkaError):
    """The broker did not start, did not answer in time, or ended by itself."""
