"""CloudEvents 1.0 on Kafka, binary mode: attributes as headers `ce_…`, the value stays the record's own JSON.

<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md>. Every attribute
comes from the record alone, so a record that is sent again after a crash is the same event again: readers that
remember `ce_source` and `ce_id` see each once.
"""

from __future__ import annotations

import datetime as dt

from topics.base import Record, Topic, schema_uri
from topics.shutdown_changes import SHUTDOWN_CHANGES, ShutdownChange
from topics.shutdowns import SHUTDOWNS, Shutdown

#: `ce_source`: the context in which an id is unique.
SOURCE = "/shutdown-streams"

#: The topics whose records are CloudEvents, each with its `ce_type`.
EVENT_TYPES: dict[str, str] = {
    SHUTDOWNS.name: "shutdown-streams.shutdown",
    SHUTDOWN_CHANGES.name: "shutdown-streams.shutdown-change",
}


def attributes(record: Shutdown | ShutdownChange) -> dict[str, str]:
    """The CloudEvents attributes of a record, without prefix. `time` is when its newest evidence was known."""
    shutdown = record if isinstance(record, Shutdown) else record.shutdown
    topic = SHUTDOWNS if isinstance(record, Shutdown) else SHUTDOWN_CHANGES
    found = {
        "specversion": "1.0",
        "id": f"{shutdown.id}/{shutdown.revision}",
        "source": SOURCE,
        "type": EVENT_TYPES[topic.name],
        "subject": shutdown.id,
        "dataschema": schema_uri(type(record)),
    }
    if shutdown.known_s is not None:
        found["time"] = dt.datetime.fromtimestamp(shutdown.known_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found


def headers(topic: Topic, record: Record) -> tuple[tuple[str, bytes], ...]:
    """The Kafka headers of a record of a topic: none where its records are no CloudEvents."""
    if topic.name not in EVENT_TYPES:
        return ()
    assert isinstance(record, Shutdown | ShutdownChange)
    found = [(f"ce_{name}", value.encode()) for name, value in attributes(record).items()]
    return (*found, ("content-type", b"application/json"))
