"""Bad input on a real broker: each record lands on `invalid`, with its bytes and why, and the rest goes on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.agents.harness import REPOSITORY, System, producing, ticks
from tests.agents.test_faults import check
from tests.agents.toys import TICKS, Tick
from topics import RECORD_LIMIT_BYTES, encode

pytestmark = pytest.mark.kafka

LARGE = encode(Tick(id="large", name="large", number=1, padding="x" * RECORD_LIMIT_BYTES))
NEARLY = Tick(id="nearly", name="nearly", number=1, padding="x" * (RECORD_LIMIT_BYTES - 1_000))
LARGEST = encode(Tick(id="largest", name="largest", number=1, padding="x" * 1_040_000))
NOWHERE = encode(Tick(id="nowhere/1", name="nowhere", number=1))

#: Key, value, and the reason and field that are expected.
POISON: list[tuple[bytes | None, bytes | None, str, str | None]] = [
    (b"k", b"", "not-json", None),
    (b"k", b"{", "not-json", None),
    (b"k", b"\xff\xfe\x00", "not-json", None),
    (b"k", b"null", "wrong-type", None),
    (None, b"[]", "wrong-type", None),
    (b"\xff\x00", b"{}", "missing-field", "schema"),
    (b"k", b'{"schema":"tick/2"}', "unknown-schema", "schema"),
    (b"k", b'{"schema":"tick/1","id":"a","name":"n"}', "missing-field", "number"),
    (b"k", b'{"schema":"tick/1","id":"a","name":"n","number":"1"}', "wrong-type", "number"),
    (b"k", b'{"schema":"tick/1","id":"\\ud800","name":"n","number":1}', "not-json", None),
    (b"k", b'{"a":' * 50_000, "not-json", None),
    (b"", None, "not-json", None),
    (b"k", LARGE, "oversized", None),
    (b"k", LARGEST, "oversized", None),
    (b"k", NOWHERE, "unknown-place", "name"),
]


def test_every_kind_of_poison_lands_on_invalid_and_the_rest_goes_on(system: System) -> None:
    good = ticks(names=10, each=len(POISON))
    system.worker().ready()
    for number, (key, value, _, _) in enumerate(POISON):
        system.publish_ticks(good[number * 10 : number * 10 + 10])
        system.publish(TICKS, [(key, value)])
    system.publish_ticks([NEARLY])
    system.settle()
    check(system, [*good, NEARLY])
    name = system.settings.prefix + TICKS.name
    refused = {(one.key, one.value): one for one in system.invalid()}
    assert len(refused) == len(system.invalid()) == len(POISON)
    there = {(row.partition, row.offset): row for row in system.read(TICKS)}
    for key, value, reason, field in POISON:
        one = refused[key, value]
        assert (one.reason, one.field) == (reason, field), one.detail
        assert one.topic == name
        assert one.partition is not None and one.offset is not None  # noqa: PT018
        assert one.id == f"{name}/{one.partition}/{one.offset}"
        row = there[one.partition, one.offset]
        assert (row.key, row.value) == (key, value)
        assert one.timestamp_ms is not None
        assert one.timestamp_ms > 1_600_000_000_000
        assert one.detail


def test_the_command_lists_what_is_invalid(system: System) -> None:
    system.worker().ready()
    for key, value, _, _ in POISON:
        system.publish(TICKS, [(key, value)], partition=0)
    system.settle()

    def invalid(*options: str) -> str:
        command = [sys.executable, "-m", "streams.cli", "invalid", *options]
        environment = system.settings.to_environment()
        done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    lines = invalid().splitlines()
    assert lines[-1].startswith(f"{len(POISON)} invalid records: 6 not-json, ")
    assert lines[0] == f"{system.settings.prefix}ticks 0:0  not-json  Input data was truncated"
    assert lines[1].strip() == "key k"
    assert any(line.startswith(f"{system.settings.prefix}ticks 0:7  missing-field number  ") for line in lines)
    assert all(len(line) < 400 for line in lines)
    rows = [json.loads(line) for line in invalid("--json", "--reason", "oversized").splitlines()]
    assert [row["offset"] for row in rows] == [12, 13]
    assert len(rows[1]["value"]) > 1_040_000
    assert [json.loads(line)["offset"] for line in invalid("--json", "--limit", "2").splitlines()] == [13, 14]
    assert invalid("--reason", "absurd-time") == "0 invalid records\n"


def test_offsets_that_transactions_take_are_no_lost_records(system: System) -> None:
    from kafka import KafkaProducer

    worker = system.worker().ready()
    records = ticks(names=20, each=20)
    name = system.settings.prefix + TICKS.name
    with producing(KafkaProducer(bootstrap_servers=system.settings.bootstrap, transactional_id=name)) as producer:
        producer.init_transactions()
        for start in range(0, len(records), 40):
            producer.begin_transaction()
            for tick in records[start : start + 40]:
                producer.send(name, key=tick.name.encode(), value=encode(tick))
            producer.commit_transaction()
    last = ticks(names=20, each=1, first=21)
    system.publish_ticks(last)
    system.settle()
    check(system, records + last)
    assert worker.exits() == []
    assert worker.log().count("WARNING") == 0
