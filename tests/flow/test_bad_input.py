"""Bad input to every topic that is read: each record on `invalid` with its bytes and why, and the rest goes on."""

from __future__ import annotations

import json
import subprocess
import sys

import orjson
import pytest

from streams.reading import NO_LIMIT_BYTES, read_topic
from streams.scenarios import scenario_named
from tests.agents.harness import REPOSITORY, producing
from tests.flow.system import Flow, Sent, offline
from tests.renaming import contents
from topics import (
    EVIDENCE,
    INVALID,
    LATEST_S,
    MEASUREMENTS,
    NEWS,
    RECORD_LIMIT_BYTES,
    REPORTS,
    Invalid,
    Topic,
    decode,
    encode,
)

pytestmark = pytest.mark.kafka

SCENARIO = scenario_named("kazakhstan-2021-02-28")


def good(topic: Topic) -> dict[str, object]:
    """A record of a raw topic that is well."""
    record = next(record for one, record in SCENARIO.records() if one is topic)
    fields: dict[str, object] = orjson.loads(encode(record))
    return fields


def spoilt(topic: Topic, **fields: object) -> bytes:
    """The same with other fields; None takes one away."""
    made = {**good(topic), "id": "spoilt", **fields}
    return orjson.dumps({name: value for name, value in made.items() if value is not None})


def claim(**fields: object) -> bytes:
    """A piece of evidence as only other systems would write it."""
    return orjson.dumps({"schema": "claim/1", "id": "spoilt", **fields})


INPUTS = (MEASUREMENTS, REPORTS, NEWS, EVIDENCE)

#: Topic, value, reason and field.
BAD: list[tuple[Topic, bytes | None, str, str | None]] = [
    *((topic, value, "not-json", None) for topic in INPUTS for value in (b"{", None)),
    (MEASUREMENTS, spoilt(MEASUREMENTS, country=7), "wrong-type", "country"),
    (MEASUREMENTS, spoilt(MEASUREMENTS, step_s=None), "missing-field", "step_s"),
    (MEASUREMENTS, spoilt(MEASUREMENTS, schema="measurement/99"), "unknown-schema", "schema"),
    (MEASUREMENTS, spoilt(MEASUREMENTS, from_s=LATEST_S - 864_000), "absurd-time", "from_s"),
    (MEASUREMENTS, spoilt(MEASUREMENTS, padding="x" * RECORD_LIMIT_BYTES), "oversized", None),
    (REPORTS, spoilt(REPORTS, places="Almaty"), "wrong-type", "places"),
    (REPORTS, spoilt(REPORTS, reporter=None), "missing-field", "reporter"),
    (REPORTS, spoilt(REPORTS, schema="rumour/1"), "unknown-schema", "schema"),
    (REPORTS, spoilt(REPORTS, start="2999-01-01"), "absurd-time", "start"),
    (REPORTS, spoilt(REPORTS, start="2021-02-30"), "absurd-time", "start"),
    (REPORTS, spoilt(REPORTS, places=["Nowhereburgh"]), "unknown-place", "places"),
    (REPORTS, spoilt(REPORTS, country="Atlantis"), "unknown-place", "country"),
    (REPORTS, spoilt(REPORTS, text="x" * RECORD_LIMIT_BYTES), "oversized", None),
    (NEWS, spoilt(NEWS, start=None), "missing-field", "start"),
    (NEWS, spoilt(NEWS, country="Atlantis"), "unknown-place", "country"),
    (NEWS, spoilt(NEWS, schema="news"), "unknown-schema", "schema"),
    (NEWS, spoilt(NEWS, title="x" * RECORD_LIMIT_BYTES), "oversized", None),
    (EVIDENCE, claim(), "missing-field", "origin"),
    (EVIDENCE, b'{"schema":"gossip/1"}', "unknown-schema", "schema"),
    (EVIDENCE, b"[]", "wrong-type", None),
]


#: What only records say: refused ones, and those that are well.
PAYLOADS = ("Nowhereburgh", "Atlantis", "rumour", "gossip", "spoilt", "xxxx", "Almaty", "Nur-Sultan", "Access Now")


def test_bad_records_among_good_ones(flow: Flow) -> None:
    sent: list[Sent] = [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]
    worker = flow.worker(environment={"SHUTDOWNS_LOG_LEVEL": "DEBUG"}).ready()
    half = len(sent) // 2
    flow.publish(sent[:half])
    _publish_bad(flow)
    flow.publish(sent[half:])
    flow.settle()
    assert SCENARIO.check(flow.shutdowns()) == []
    assert contents(flow.shutdowns()) == contents(offline(sent))
    assert worker.exits() == []
    log = worker.log()
    assert not [word for word in PAYLOADS if word in log]
    assert len(log.splitlines()) > 50, "DEBUG tells of every step, and of no record"

    records = [decode(INVALID, row.value, NO_LIMIT_BYTES) for row in read_topic(flow.settings, INVALID)]
    assert len(records) == len(BAD)
    there = {
        (flow.settings.prefix + topic.name, row.partition, row.offset): row
        for topic in INPUTS
        for row in read_topic(flow.settings, topic)
    }
    refused: dict[bytes, Invalid] = {}
    for one in records:
        row = there[one.topic, one.partition, one.offset]
        assert (row.key, row.value) == (one.key, one.value)
        assert one.key is not None
        refused[one.key] = one
    for number, (topic, value, reason, field) in enumerate(BAD):
        one = refused[b"%d" % number]
        assert (one.topic, one.value) == (flow.settings.prefix + topic.name, value)
        assert (one.reason, one.field) == (reason, field), f"{number}: {one.detail}"
        assert one.detail

    listed = _invalid(flow, "--json", "--reason", "unknown-place")
    assert {json.loads(line)["id"] for line in listed} == {
        one.id for one in records if one.reason == "unknown-place"
    }


def _publish_bad(flow: Flow) -> None:
    from kafka import KafkaProducer

    with producing(KafkaProducer(bootstrap_servers=flow.settings.bootstrap)) as producer:
        for number, (topic, value, _, _) in enumerate(BAD):
            producer.send(flow.settings.prefix + topic.name, key=b"%d" % number, value=value)
        producer.flush(timeout=30)


def _invalid(flow: Flow, *options: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "invalid", *options],
        cwd=REPOSITORY, env=flow.settings.to_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()
