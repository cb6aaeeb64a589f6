"""CloudEvents 1.0, structured mode, as JSON Lines: <https://cloudevents.io>."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import msgspec
import orjson

from topics import Evidence, Shutdown, ShutdownChange
from topics.cloudevents import attributes


def event(record: Shutdown | ShutdownChange) -> dict[str, Any]:
    """A record as an event: the same attributes as in its headers on Kafka, the record under `data`."""
    return {**attributes(record), "datacontenttype": "application/json", "data": msgspec.to_builtins(record)}


def write(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:  # noqa: ARG001
    """One event a line."""
    for shutdown in shutdowns:
        stream.write(orjson.dumps(event(shutdown), option=orjson.OPT_APPEND_NEWLINE))
