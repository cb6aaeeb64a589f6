"""Where records of sources go: onto the topics, or into JSON Lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources.lines import write_line
from topics import Record, Topic, encode

Send = Callable[[Topic, Record], None]


@contextmanager
def sender(settings: Settings, out: str | None) -> Iterator[Send]:
    """Sends records to Kafka, or with `out` writes them as lines to that file; `-` is standard output."""
    if out is None:
        from streams.sources.publishing import Publisher

        with Publisher(settings) as publisher:
            yield lambda topic, record: publisher.send(topic, topic.key(record), encode(record))
        return
    try:
        if out == "-":
            yield _writer(sys.stdout.buffer)
            sys.stdout.flush()
        else:
            with Path(out).open("wb") as stream:
                yield _writer(stream)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StreamsError(f"{out} can't be written: {error.strerror or error}") from error


def _writer(stream: BinaryIO) -> Send:
    def write(topic: Topic, record: Record) -> None:
        stream.write(write_line(topic, topic.key(record), encode(record)))

    return write
