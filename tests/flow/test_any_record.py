"""Whatever a schema allows, its stage works on or refuses, and so does every stage after it, to the shutdown."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.arrival import arrive
from streams.pipeline import build_stage
from streams.release.checking import released
from streams.stage import INPUTS, SOURCES, Stage
from tests.generated import NOW_S, records
from topics import DROPS, FORM_REPORTS, RECORD_LIMIT_BYTES, REPORTS, InvalidRecord, Record, Topic, decode, encode

#: The stage that reads each topic.
READERS = {topic.name: name for name, topic in SOURCES.items()}

TYPES = [(topic, record) for topic in (*INPUTS, DROPS) for record in topic.records]


class Flow:
    """All stages with states of their own, record by record."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self.stores: dict[str, dict[str, bytes]] = {}

    def take(self, topic: Topic, value: bytes) -> Iterator[tuple[Topic, Record]]:
        """Let a record go through its stage, and what that makes through the next ones."""
        waiting = deque([(topic, value)])
        while waiting:
            at, content = waiting.popleft()
            try:
                if at is FORM_REPORTS:
                    at, record = REPORTS, released(content, NOW_S)
                else:
                    record = decode(at, content) if at is DROPS else arrive(at, content, NOW_S)
            except InvalidRecord:
                assert at is topic, "what a stage makes can be read"
                continue
            for out, made in self._processed(READERS[at.name], record):
                encoded = encode(made)
                assert len(encoded) < RECORD_LIMIT_BYTES
                yield out, made
                if out.name in READERS:
                    waiting.append((out, encoded))
                else:
                    decode(out, encoded)

    def _processed(self, name: str, record: Any) -> list[tuple[Topic, Record]]:
        if name not in self.stages:
            self.stages[name], self.stores[name] = build_stage(name), {}
        store = self.stores[name]
        result = self.stages[name].process([record], store)
        assert all(len(value) < RECORD_LIMIT_BYTES for value in store.values())
        return result.out


@pytest.mark.parametrize(
    ("topic", "record"), TYPES, ids=[f"{topic.name}-{record.__name__}" for topic, record in TYPES]
)
def test_a_stage_works_on_whatever_its_schema_allows_or_refuses_it(topic: Topic, record: type[Record]) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(records(record), min_size=1, max_size=4))
    def holds(values: list[bytes]) -> None:
        flow = Flow()
        for value in values:
            deque(flow.take(topic, value), maxlen=0)

    holds()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_records_of_all_kinds_together(data: st.DataObject) -> None:
    flow = Flow()
    for topic, record in data.draw(st.lists(st.sampled_from(TYPES), max_size=8)):
        deque(flow.take(topic, data.draw(records(record))), maxlen=0)
