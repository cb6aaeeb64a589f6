"""The contract in files is the contract in code, tools accept it, and what breaks readers is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from streams.cli.main import shutdowns
from tests.node import run_node
from tests.played import played
from topics import CATALOGUE, SHUTDOWN_CHANGES, SHUTDOWNS, encode
from topics.cloudevents import headers
from topics.compatibility import breaks
from topics.schema import as_text, asyncapi, documents, json_schema, schema_name

FOLDER = Path(__file__).parents[2] / "docs" / "schema"
SHUTDOWN: dict[str, Any] = json.loads(as_text(json_schema(SHUTDOWNS.records[0])))


def test_the_files_are_the_codes_contract() -> None:
    expected = {name: as_text(document) for name, document in documents()}
    there = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert there == expected, "run: shutdowns schema --write docs/schema"


def test_every_record_of_the_seed_case_is_valid_by_its_schema() -> None:
    validators = {
        schema_name(record): Draft202012Validator(json_schema(record))
        for topic in CATALOGUE
        for record in topic.records
    }
    for validator in validators.values():
        Draft202012Validator.check_schema(validator.schema)
    seen = set()
    for _, record in played():
        content = json.loads(encode(record))
        validators[content["schema"]].validate(content)
        seen.add(content["schema"])
    assert {"shutdown/1", "shutdown-change/1", "outage/1", "coverage/1", "claim/1", "protest/1"} <= seen


def test_the_official_parser_accepts_the_asyncapi_document(tmp_path: Path) -> None:
    program = """
        const { Parser } = require('@asyncapi/parser');
        const text = require('fs').readFileSync(process.argv[2], 'utf8');
        new Parser().parse(text).then(({ document, diagnostics }) => {
            const bad = diagnostics.filter(one => one.severity < 2);  // errors and warnings
            console.log(JSON.stringify({ bad, channels: document && document.allChannels().map(one => one.id()) }));
        });
    """
    found = json.loads(run_node(program, [str(FOLDER / "asyncapi.json")], ["@asyncapi/parser@3.6.3"]))
    assert found["bad"] == []
    assert found["channels"] == [topic.name for topic in CATALOGUE]


def test_the_parser_refuses_a_document_that_is_none(tmp_path: Path) -> None:
    program = """
        const { Parser } = require('@asyncapi/parser');
        const text = require('fs').readFileSync(process.argv[2], 'utf8');
        new Parser().parse(text).then(({ diagnostics }) => {
            console.log(diagnostics.filter(one => one.severity === 0).length);
        });
    """
    broken = asyncapi()
    del broken["info"]["version"]
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken))
    assert int(run_node(program, [str(file)], ["@asyncapi/parser@3.6.3"])) > 0


@pytest.mark.parametrize("topic", [SHUTDOWNS, SHUTDOWN_CHANGES], ids=lambda topic: topic.name)
def test_the_headers_are_those_that_the_document_promises(topic: Any) -> None:
    [message] = asyncapi()["channels"][topic.name]["messages"]
    promised = Draft202012Validator(asyncapi()["components"]["messages"][message]["headers"])
    records = [record for out, record in played() if out is topic]
    ids = set()
    for record in records:
        sent = {name: value.decode() for name, value in headers(topic, record)}
        promised.validate(sent)
        assert set(sent) <= set(promised.schema["properties"])
        ids.add(sent["ce_id"])
    assert len(ids) == len(records)


def test_what_is_no_event_has_no_headers() -> None:
    assert {headers(topic, record) for topic, record in played() if topic not in (SHUTDOWNS, SHUTDOWN_CHANGES)} == {
        ()
    }


def altered(path: str, **changes: Any) -> dict[str, Any]:
    """The schema of a shutdown with some keywords changed at a field; None takes a keyword away."""
    schema = copy.deepcopy(SHUTDOWN)
    at: Any = schema
    for step in path.split("/") if path else []:
        at = at[step]
    for name, value in changes.items():
        if value is None:
            del at[name]
        else:
            at[name] = value
    return schema


def without(name: str) -> dict[str, Any]:
    schema = altered(f"properties/{name}")
    del schema["properties"][name]
    schema["required"] = [one for one in schema["required"] if one != name]
    return schema


ALLOWED = {
    "the same": SHUTDOWN,
    "a description": altered("properties/digest", description="other words"),
    "a new optional field": altered("properties", fresh={"type": "number", "default": 0.5}),
}
REFUSED = {
    "a field goes away": (without("flags"), "$.flags: the field went away"),
    "a new field is required": (
        altered("", required=[*SHUTDOWN["required"], "fresh"]),
        "$.fresh: old records are no longer valid: it may be missing",
    ),
    "a field may be missing": (
        altered("", required=[one for one in SHUTDOWN["required"] if one != "level"]),
        "$.level: old readers would fail: it may be missing",
    ),
    "another type": (altered("properties/revision", type="string"), "$.revision: old records are no longer valid"),
    "a value more": (
        altered("properties/level", enum=[*SHUTDOWN["properties"]["level"]["enum"], "rumoured"]),
        "$.level: old readers would fail: 'rumoured' is not allowed",
    ),
    "a value less": (
        altered("properties/level", enum=["corroborated", "reported", "contradicted"]),
        "$.level: old records are no longer valid: 'measured' is not allowed",
    ),
    "a tighter bound": (
        altered("properties/revision", minimum=2),
        "$.revision: old records are no longer valid: minimum 1, against 2",
    ),
    "a looser bound": (
        altered("properties/id", maxLength=900),
        "$.id: old readers would fail: maxLength 900, against 300",
    ),
    "no null any more": (
        altered("properties/until_s", anyOf=[SHUTDOWN["properties"]["until_s"]["anyOf"][0]]),
        "$.until_s: old records are no longer valid",
    ),
    "inside a list": (
        altered("$defs/Support/properties/role", enum=["supports"]),
        "$.evidence[].role: old records are no longer valid",
    ),
    "another pattern": (altered("properties/country", pattern="^[A-Z]{3}$"), "$.country: old records"),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_readers_survive_is_allowed(name: str) -> None:
    assert breaks(SHUTDOWN, ALLOWED[name], raw=False) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_readers_is_refused(name: str) -> None:
    changed, words = REFUSED[name]
    assert any(one.startswith(words) for one in breaks(SHUTDOWN, changed, raw=False)), breaks(
        SHUTDOWN, changed, raw=False
    )


def test_records_of_raw_topics_may_widen() -> None:
    wider = altered("properties/level", enum=[*SHUTDOWN["properties"]["level"]["enum"], "rumoured"])
    assert breaks(SHUTDOWN, wider, raw=True) == []
    assert breaks(wider, SHUTDOWN, raw=True)


def test_a_committed_schema_is_not_overwritten_by_one_that_breaks_it(tmp_path: Path) -> None:
    assert CliRunner().invoke(shutdowns, ["schema", "--write", str(tmp_path)]).exit_code == 0
    file = tmp_path / "shutdown-1.json"
    promised = json.loads(file.read_text())
    promised["properties"]["extra"] = {"type": "string"}
    file.write_text(json.dumps(promised))
    refused = CliRunner().invoke(shutdowns, ["schema", "--write", str(tmp_path)])
    assert refused.exit_code == 1
    assert "shutdown/1 $.extra: the field went away" in refused.stderr
    assert json.loads(file.read_text()) == promised


def test_one_schema_is_printed_by_its_name() -> None:
    shown = CliRunner().invoke(shutdowns, ["schema", "shutdown/1"])
    assert json.loads(shown.stdout) == SHUTDOWN
    assert CliRunner().invoke(shutdowns, ["schema", "shutdown/9"]).exit_code == 2


def test_readers_ignore_fields_that_they_do_not_know() -> None:
    record = next(record for topic, record in played() if topic is SHUTDOWNS)
    content = msgspec.to_builtins(record) | {"of_the_future": 1}
    Draft202012Validator(SHUTDOWN).validate(json.loads(json.dumps(content)))
    assert msgspec.convert(content, SHUTDOWNS.records[0], strict=False) == record
