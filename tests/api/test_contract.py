"""schemathesis: whatever its document allows, the API answers as its document says."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from streams.api.app import create_app
from streams.api.state import State
from streams.api.store import Store
from tests.api.served import UNLIMITED, feed
from tests.played import played
from topics import REPORTS, Report, decode, encode

STATE = State(Store())
feed(STATE, played())
TAKEN: list[Report] = []


async def publish(report: Report) -> None:
    """Stands for Kafka, which tests/api/test_form.py posts to."""
    TAKEN.append(decode(REPORTS, encode(report)))


APP = create_app(STATE, limits=UNLIMITED, publish=publish, salt=b"0123456789abcdef")
SCHEMA: Any = schemathesis.openapi.from_asgi("/openapi.json", APP)
# The stream has no end to wait for: tests/api/test_stream.py and test_server.py follow it.
FINITE = SCHEMA.exclude(path="/stream")


@FINITE.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_its_document_says(case: Any) -> None:
    case.call_and_validate(
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )


def test_all_paths_are_looked_at() -> None:
    assert len(list(FINITE.get_all_operations())) == len(SCHEMA.raw_schema["paths"]) - 1
