"""The server as a process over a real Kafka: what it serves, and that a follower loses nothing over a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.settings import Settings
from tests.api.process import serving
from tests.api.served import made_up
from tests.consumers import published, write
from tests.played import played
from topics import Shutdown, ShutdownChange, encode

pytestmark = pytest.mark.kafka

CHANGES = {record.id for _, record in played() if isinstance(record, ShutdownChange)}
NEWEST = {record.id: record for _, record in played() if isinstance(record, Shutdown)}


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    return published(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix))


def follow(address: str, since: str, count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next events of the stream: id and data."""
    found: list[tuple[str, dict[str, Any]]] = []
    with httpx.stream("GET", f"{address}/stream", headers={"last-event-id": since}, timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        ident = ""
        for line in answer.iter_lines():
            if line.startswith("id: "):
                ident = line[4:]
            elif line.startswith("data: "):
                found.append((ident, json.loads(line[6:])))
                if len(found) == count:
                    break
    return found


def test_it_serves_what_is_on_the_topics_and_loses_nothing_over_a_restart(
    settings: Settings, tmp_path: Path
) -> None:
    fresh = made_up(5)
    with serving(settings, tmp_path / "first") as address:
        listed = httpx.get(f"{address}/shutdowns?status=all", timeout=30).json()["shutdowns"]
        assert {one["id"]: one["revision"] for one in listed} == {one.id: one.revision for one in NEWEST.values()}
        one = next(iter(NEWEST.values()))
        assert httpx.get(f"{address}/shutdowns/{one.id}", timeout=30).content == encode(one)
        seen = follow(address, "start", len(CHANGES) - 10)
        write(settings, fresh[:4])
        seen += follow(address, seen[-1][0], 5)
    write(settings, fresh[4:])
    with serving(settings, tmp_path / "second") as address:
        seen += follow(address, seen[-1][0], len(CHANGES) + len(fresh) // 2 - len(seen))
    ids = [data["id"] for _, data in seen]
    assert len(ids) == len(set(ids))
    assert set(ids) == CHANGES | {record.id for _, record in fresh if isinstance(record, ShutdownChange)}
    for log in ("first", "second"):
        assert "127.0.0.1" not in (tmp_path / log).read_text().replace("Serving at http://127.0.0.1", ""), (
            "no client"
        )


def test_it_says_what_is_missing(kafka: Broker, topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt of this test alone")
    for given, words in (
        (["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix], "Run `shutdowns topics create` first"),
        (["--bootstrap", "127.0.0.1:1"], "no Kafka answers at 127.0.0.1:1"),
        (["--port", kafka.bootstrap.rpartition(":")[2]], "give another --port"),
    ):
        port = [] if "--port" in given else ["--port", "0"]
        done = CliRunner().invoke(shutdowns, ["api", *port, *given])
        assert done.exit_code == 1
        assert words in done.stderr
