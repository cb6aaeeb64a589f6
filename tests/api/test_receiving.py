"""`shutdowns serve-reports`: onto a real Kafka, with nothing of who sent it; and nothing else is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from streams import admin
from streams.api.guard import Limits
from streams.api.receiving import create_receiver
from streams.kafka import Broker
from streams.reading import read_topic
from streams.settings import Settings
from tests.api.process import serving
from topics import FORM_REPORTS, Report, decode

SALT = "a salt for the tests alone"
FORM = {"country": "KZ", "place": "Almaty", "start": "2021-02-28T14:00", "text": "It's Aigerim, +7 701 123 45 67"}


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    found = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(found)
    return found


JSON = {"content-type": "application/json"}


def reports(settings: Settings) -> list[Report]:
    return [decode(FORM_REPORTS, row.value) for row in read_topic(settings, FORM_REPORTS)]


@pytest.mark.kafka
def test_a_report_is_on_the_topic_when_it_is_answered(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", SALT)
    log = tmp_path / "log"
    with serving(settings, log, command="serve-reports", ready="/healthz") as address:
        answer = httpx.post(f"{address}/reports", json=FORM)
        assert answer.status_code == 201, answer.text
        (one,) = reports(settings)
        assert (one.id, one.places, one.text) == (answer.json()["id"], ("Almaty",), None)
        by_form = httpx.post(f"{address}/report", data=FORM | {"place": "Atyrau"})
        assert by_form.status_code == 200
        assert len(reports(settings)) == 2
        back = answer.json() | {"withdrawn": True}
        assert httpx.post(f"{address}/reports", json=back).status_code == 201
        assert [one.withdrawn for one in reports(settings) if one.id == answer.json()["id"]] == [False, True]
    assert "127.0.0.1" not in log.read_text().partition("Ctrl-C")[2]
    wire = b"".join(row.value or b"" for row in read_topic(settings, FORM_REPORTS))
    assert not [word for word in (b"Aigerim", b"701 123", b"127.0.0.1") if word in wire]


@pytest.fixture
def receiver() -> Iterator[tuple[TestClient, list[Report]]]:
    taken: list[Report] = []

    async def publish(report: Report) -> None:
        taken.append(report)

    with TestClient(create_receiver(publish, SALT.encode(), Limits(rate=0))) as client:
        yield client, taken


def test_what_is_wrong_is_said_field_by_field(receiver: tuple[TestClient, list[Report]]) -> None:
    client, taken = receiver
    answer = client.post("/reports", json={"country": "Atlantis"})
    assert answer.status_code == 422
    assert "country" in answer.json()["problems"]
    assert client.post("/reports", content=b"{", headers=JSON).status_code == 400
    assert client.post("/reports", json=["KZ"]).status_code == 400
    assert client.post("/reports", content=b"x" * 100_000, headers=JSON).status_code == 413
    assert taken == []


def test_nothing_can_be_read_from_it(receiver: tuple[TestClient, list[Report]]) -> None:
    client, _ = receiver
    for path in ("/shutdowns", "/candidates", "/stream", "/reports", "/", "/openapi.json"):
        assert client.get(path).status_code in (404, 405), path
    assert client.get("/report").status_code == 200
    assert client.get("/static/report.css").status_code == 200
    assert client.get("/healthz").text == "ok\n"
