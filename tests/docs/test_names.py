"""Names in the documents are names that there are: of settings, rules, fields and figures.

What is derived of a setting is none: nobody can give it another value, so no document may tell anybody to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams import geography
from streams.correlation import load_rules
from streams.detection.recurrence import Recurrence
from streams.detection.rules import DetectionRule, DetectionRules
from streams.evaluation.scenarios import expectations, form
from streams.scoring.features import FEATURES
from streams.settings import documented
from streams.variables import unknown
from tests.metrics import metrics
from topics import SIGNALS, SignalFacts
from topics.schema import json_schema, record_types

ROOT = Path(__file__).parents[2]
TEXTS = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "ops" / "runbook.md", ROOT / "README.md"]

#: Names that others gave: a field of Natural Earth's, headers of CloudEvents, fields of answers of services and
#: names in their code.
OF_OTHERS = {
    "adm1_code",
    "ce_id",
    "ce_source",
    "ce_subject",
    "ce_type",
    *("data_call_status", "query_endtime", "sampling_period"),  # RIPEstat
    *("ip_count", "overlaps_window"),  # IODA
    *("affected_regions", "end_date", "start_date"),  # Pulse
    *(
        "block_type",
        "change_dir",
        "event_detector_changepoints",
        "group_by_date",
        "probe_asn",
        "start_time",
    ),  # OONI
    *("atlas_probestatus", "page_size", "probe_ids"),  # RIPE Atlas, Internet Health Report
}


def named(text: str) -> set[str]:
    """Names of more than one word that stand alone between backticks."""
    return set(re.findall(r"(?<!`)`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`(?!`)", text))


def _properties(schema: Any) -> Iterator[str]:
    """The names of all fields that a JSON Schema has, however deep."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _properties(inner)


def _of_scenarios() -> Iterator[str]:
    """The fields that a line of a scenario may have."""
    for module in (expectations, form):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                yield from (one.encode_name for one in msgspec.structs.fields(kind))


@cache
def known() -> frozenset[str]:
    """Every name that a document may have."""
    return frozenset(
        {name for name, *_ in documented()}
        | {rule.id for rule in load_rules().all}
        | {one.name for rules in (DetectionRule, DetectionRules) for one in msgspec.structs.fields(rules)}
        | {one.name for one in fields(Recurrence)}
        | {one.name for features in FEATURES.values() for one in features}
        | {name for record in record_types() for name in _properties(json_schema(record))}
        | {name for signal in SIGNALS for _, name in signal.names}
        | {one.name for one in fields(SignalFacts)}
        | metrics().keys()
        | set(geography.__all__)
        | set(_of_scenarios())
        | {path.stem for path in (ROOT / "streams").rglob("*.py")}
        | set(re.findall(r"^def (test_\w+)", (ROOT / "tests/sources/test_doubles.py").read_text("utf-8"), re.M))
        | OF_OTHERS
    )


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_name_is_one_that_there_is(path: Path) -> None:
    assert named(path.read_text("utf-8")) <= known()


def test_names_that_there_are_not_would_be_seen() -> None:
    text = "give `session_timeout_s`, `expiry_s` or `rebalance_timeout_s`; not `one`, `a_file.py` or ``x_s``"
    assert named(text) - known() == {"rebalance_timeout_s"}


def test_every_variable_is_one_that_there_is() -> None:
    for path in TEXTS:
        told = set(re.findall(r"`(SHUTDOWNS_[A-Z0-9_]+)`", path.read_text("utf-8")))
        assert unknown(dict.fromkeys(told, "x")) == [], path.name
