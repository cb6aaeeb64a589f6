"""Files of records into the run without Kafka."""

from __future__ import annotations

from collections.abc import Iterable

from streams.pipeline import Offline
from streams.sources.lines import LinesError, read_lines
from streams.stage import INPUTS
from topics import INVALID


def take_lines(offline: Offline, files: Iterable[str]) -> None:
    """Take in all records of the files; "-" is standard input.

    Raises:
        LinesError: a file can't be read, or has records of a topic that is no input.
    """
    for topic, _, value in read_lines(files):
        if topic is INVALID:
            # What a source could not read for sure lies between its records.
            continue
        if topic not in INPUTS:
            raise LinesError(f"{topic.name} is no input: it is what the stages make; leave its lines out")
        offline.add(topic.name, value)
