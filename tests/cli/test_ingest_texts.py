"""Texts from the command line onto a real Kafka: reports, protests, and what is unsure, each on its topic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams import admin
from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.reading import NO_LIMIT_BYTES, read_topic
from streams.settings import Settings
from tests.sources.telegram_export import FIVE_PAST_TWO_S, export, message
from topics import INVALID, NEWS, REPORTS, decode


@pytest.mark.kafka
def test_an_export_goes_to_its_topics(
    kafka: Broker, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    hands: list[dict[str, Any]] = [{"from": f"P{number}", "from_id": f"user{number}"} for number in range(3)]
    people = [message(number, "В Алматы нет интернета", **hand) for number, hand in enumerate(hands, 1)]
    path = export(
        tmp_path / "result.json",
        *people,
        message(4, "В Алматы митинг, сотни людей"),
        message(5, "А в Алматы нет интернета?"),
        message(6, "Нет интернета, напишите Айгерим +7 701 123 45 67"),
        message(7, "Снег"),
    )
    where = ["--bootstrap", settings.bootstrap, "--prefix", settings.prefix]
    runner = CliRunner(env={"COLUMNS": "160"})
    done = runner.invoke(shutdowns, ["ingest", "telegram", str(path), *where])
    assert done.exit_code == 0, done.output
    assert "no report: it says nothing of the internet being down" in done.output
    assert [decode(REPORTS, row.value).places for row in read_topic(settings, REPORTS)] == [("Алматы",)] * 3
    assert [decode(NEWS, row.value).places for row in read_topic(settings, NEWS)] == [("Алматы",)]
    kept = [decode(INVALID, row.value, NO_LIMIT_BYTES) for row in read_topic(settings, INVALID)]
    assert [(one.reason, one.timestamp_ms) for one in kept] == [
        ("unsure", FIVE_PAST_TWO_S * 1000),
        ("unknown-place", FIVE_PAST_TWO_S * 1000),
    ]
    listed = runner.invoke(shutdowns, ["invalid", *where])
    assert listed.exit_code == 0, listed.output
    assert "it asks whether it is down" in listed.output
    assert "it says that it is down, but not where" in listed.output
    assert not [word for word in ("Айгерим", "701") if word in listed.output]
    out = tmp_path / "lines.jsonl"
    assert runner.invoke(shutdowns, ["ingest", "telegram", str(path), "--out", str(out)]).exit_code == 0
    found = runner.invoke(shutdowns, ["correlate", str(out)])
    assert found.exit_code == 0, found.output
    assert '"level":"reported"' in found.output
