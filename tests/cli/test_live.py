"""`shutdowns ingest SOURCE --live` and `shutdowns sources`: on a real broker, against services of this machine."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams import admin
from streams.admin import KafkaUnreachableError
from streams.cli.live import PAUSE_S, _outlive
from streams.cli.main import shutdowns
from streams.health import Pages
from streams.kafka import Broker
from streams.reading import read_topic
from streams.settings import Settings
from streams.sources.catalogue import SOURCES, as_markdown
from streams.sources.figures import SourceHealth
from streams.sources.http import Manners
from streams.sources.publishing import Publisher, PublishError
from streams.sources.state import STATE, Status
from tests.sources.fake import Fake, serving
from tests.sources.gdelt_fake import Archive
from tests.sources.test_ioda_files import message
from topics import EVIDENCE, NEWS, Topic, decode

SLOT = 900
DOCS = Path(__file__).parents[2] / "docs" / "SOURCES.md"


def run(*arguments: str | Path, **environ: str) -> Result:
    done = CliRunner(env={"COLUMNS": "200", **environ}).invoke(shutdowns, [*map(str, arguments)])
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def archive() -> Archive:
    return Archive(int(time.time()) // SLOT * SLOT)


@pytest.fixture
def fake(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.setattr("streams.sources.gdelt_live.FIRST_S", 4 * SLOT)
    monkeypatch.setattr(
        "streams.sources.gdelt_live.GdeltPoller.manners", Manners(every_s=0, attempts=2, first_wait_s=0.01)
    )
    with serving(archive.routes()) as fake:
        yield fake


# ------------------------------------------------------------------ without Kafka


DAY = ("--since", "2019-08-20", "--until", "2019-08-20")


def test_a_stretch_of_the_past_into_lines(fake: Fake, archive: Archive, tmp_path: Path) -> None:
    archive.abroad = "example.net"
    out = tmp_path / "news.jsonl"
    done = run("ingest", "gdelt", "--live", "--url", fake.url, *DAY, "--out", out)
    assert done.exit_code == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert {line["topic"] for line in lines} == {"news"}
    # Two articles a quarter of an hour in English, and two in other languages.
    assert len({line["value"]["id"] for line in lines}) == len(lines) == 4 * 96
    assert "384 records, 384 requests" in done.stderr


def test_not_all_of_the_past_is_an_error(fake: Fake, archive: Archive, tmp_path: Path) -> None:
    archive.damaged = {1_566_259_200 + SLOT}
    done = run("ingest", "gdelt", "--live", "--url", fake.url, *DAY, "--out", tmp_path / "x")
    assert done.exit_code == 1
    assert "not all of it could be had" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gdelt"], "give files, or --live"),
        (["gdelt", "--live", __file__], "give files or --live, not both"),
        (["stop", "--live"], "No such option"),
        (["acled", "--live"], "this source wants ACLED_EMAIL: set that variable, or ACLED_EMAIL_FILE"),
        (["cloudflare-outages", "--live"], "this source wants CLOUDFLARE_API_TOKEN"),
        (["ripestat", "--live"], "give --entity asn/KZ/9198"),
        (["ripestat", "--live", "--entity", "asn/KZ/many"], "is no entity"),
        (["ioda-alerts", "--live"], "--url kafka://HOST:PORT/TOPIC"),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = run("ingest", *arguments, "--out", tmp_path / "out", ACLED_EMAIL="", CLOUDFLARE_API_TOKEN="")
    assert done.exit_code in (1, 2)
    assert words in done.stderr


def test_a_newer_list_takes_back_what_it_has_no_more(tmp_path: Path) -> None:
    head = "id,country,location,participants_category,protesteridentity,start_date,end_date\n"
    old, new, out = tmp_path / "old.csv", tmp_path / "new.csv", tmp_path / "out.jsonl"
    old.write_text(
        head + "1,Chad,Abeche,50-99,workers,2019-01-14,2019-01-16\n2,Chad,Abeche,50-99,all,2019-02-14,\n"
    )
    new.write_text(
        head + "1,Chad,Abeche,50-99,workers,2019-01-15,2019-01-16\n3,Chad,Abeche,50-99,all,2019-03-14,\n"
    )
    done = run("ingest", "mass-mobilization", new, "--replaces", old, "--out", out)
    found = {one["id"]: one for one in (json.loads(line)["value"] for line in out.read_text().splitlines())}
    assert {key: one["withdrawn"] for key, one in found.items()} == {
        "mass-mobilization/1": False,
        "mass-mobilization/2": True,
        "mass-mobilization/3": False,
    }
    assert found["mass-mobilization/1"]["revision"] > 0
    assert "corrected: other than in the file that it replaces" in done.stdout
    assert "withdrawn: no more in the file" in done.stdout


def test_the_sources_and_all_about_one() -> None:
    done = run("sources", "list")
    assert all(source.name in done.stdout for source in SOURCES)
    told = run("sources", "list", "acled").stdout
    for words in ("ACLED_EMAIL, ACLED_PASSWORD", "every hour", "a week", "ACLED's terms of use"):
        assert words in told
    assert "no source 'rumours'; there are ioda-signals" in run("sources", "list", "rumours").stderr


def test_the_documentation_has_them_all() -> None:
    assert as_markdown() in DOCS.read_text(encoding="utf-8")
    assert run("sources", "list", "--markdown").stdout == as_markdown()


def test_every_source_can_be_loaded() -> None:
    for source in SOURCES:
        assert source.reader or source.poller
        assert not source.reader or callable(source.read())
        assert not source.poller or callable(source.live())
        assert bool(source.every) == bool(source.poller)


def test_pages_of_a_source() -> None:
    health = SourceHealth("gdelt", 900)
    pages = Pages(health, "127.0.0.1", 0)
    try:
        health.told(Status(round_s=1, ok_s=1, records=7))
        with urllib.request.urlopen(f"http://127.0.0.1:{pages.port}/metrics") as answer:
            assert 'shutdowns_source_records_total{source="gdelt"} 7.0' in answer.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{pages.port}/readyz") as answer:
            assert answer.status == 200
    finally:
        pages.close()


def test_a_kafka_that_is_lost_ends_no_source_that_has_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    health, said, slept = SourceHealth("gdelt", 900), list[str](), list[float]()
    monkeypatch.setattr("streams.cli.live.time.sleep", slept.append)

    def lost() -> None:
        raise PublishError("Kafka did not take it.")

    with pytest.raises(PublishError):
        _outlive(lost, health, said.append)
    assert said == []

    def work() -> None:
        if not slept:
            health.told(Status(round_s=1, ok_s=1))
            lost()
        if len(slept) == 1:
            raise KafkaUnreachableError("127.0.0.1:9")

    _outlive(work, health, said.append)
    assert slept == [PAUSE_S, PAUSE_S]
    assert said[0].startswith("Kafka did not take it. It is tried again")
    failures = next(one for one in health.collect() if one.name == "shutdowns_source_failures")
    assert {one.labels["reason"]: one.value for one in failures.samples}["kafka"] == 2
    assert health.dead() == []


# ------------------------------------------------------------------ onto the topics


def news(settings: Settings) -> list[str]:
    return [decode(NEWS, one.value).id for one in read_topic(settings, NEWS)]


@pytest.mark.kafka
def test_a_restart_neither_skips_nor_repeats(
    kafka: Broker, topic_prefix: str, fake: Fake, archive: Archive
) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    to = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    live = ["ingest", "gdelt", "--live", "--url", fake.url, "--rounds", "1", *to]
    archive.abroad = "example.net"
    latest = archive.until
    archive.until = latest - 2 * SLOT
    assert "No source was polled yet" in run("sources", "status", *to).stdout
    assert run(*live).exit_code == 0
    first = news(settings)
    assert len(first) == len(set(first)) >= 2
    archive.until = latest
    assert run(*live).exit_code == 0
    assert run(*live).exit_code == 0
    found = news(settings)
    assert len(found) == len(set(found)) == len(first) + 8
    done = run("sources", "status", *to)
    assert done.exit_code == 0
    assert "gdelt" in done.stdout
    assert "ok" in done.stdout


@pytest.mark.kafka
def test_a_source_that_fails_shows_and_stops_nobody(kafka: Broker, topic_prefix: str, fake: Fake) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    to = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    fake.misbehave(*["500"] * 2)
    done = run("ingest", "gdelt", "--live", "--url", fake.url, "--rounds", "1", *to)
    assert "FAILED" in done.stderr
    assert (done.exit_code, "the last round failed" in done.stderr) == (1, True)
    status = run("sources", "status", "--json", *to)
    assert status.exit_code == 1
    told = json.loads(status.stdout)
    assert (told["source"], told["state"]) == ("gdelt", "failing")
    assert "HTTP 500" in told["error"]
    assert run("ingest", "gdelt", "--live", "--url", fake.url, "--rounds", "1", *to).exit_code == 0
    assert run("sources", "status", *to).exit_code == 0


@pytest.mark.kafka
def test_iodas_own_kafka_is_followed(kafka: Broker, topic_prefix: str) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    theirs = Topic(name="watchtower", records=(), summary="", key_words="", key=str, event_time="", partitions=2)
    with admin.connected(settings) as client:
        wanted = admin.Wanted(topic_prefix + theirs.name, theirs.partitions, theirs.config())
        admin.apply(client, settings, [admin.Step(wanted, "create", "")])

    def say(*messages: Any) -> None:
        with Publisher(settings) as publisher:
            for one in messages:
                publisher.send(theirs, one["violations"][0]["expression"], json.dumps(one).encode())

    to = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    live = ["ingest", "ioda-alerts", "--live", "--rounds", "1", "--url"]
    live += [f"kafka://{kafka.bootstrap}/{topic_prefix}watchtower", *to]
    say(message("critical", 1_614_499_200, "country/KZ"), message("critical", 1_614_499_200, "country/TR"))
    assert run(*live).exit_code == 0
    say(message("normal", 1_614_510_000, "country/KZ"))
    assert run(*live).exit_code == 0
    assert "0 records" in run(*live).stderr
    outages = [decode(EVIDENCE, one.value) for one in read_topic(settings, EVIDENCE)]
    assert sorted((one.country, one.until_s) for one in outages if one.country == "KZ" and one.until_s) == [
        ("KZ", 1_614_510_000)
    ]
    assert len(outages) == 3
    missing = run(*live[:-5], f"kafka://{kafka.bootstrap}/{topic_prefix}none", *to)
    assert "has no topic" in missing.stderr


@pytest.mark.kafka
def test_cursors_are_a_compacted_topic_of_their_own(kafka: Broker, topic_prefix: str, fake: Fake) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    to = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    done = run("ingest", "gdelt", "--live", "--url", fake.url, "--rounds", "1", *to)
    assert done.exit_code == 0
    with admin.connected(settings) as client:
        there = admin.live(client, [topic_prefix + STATE.name])[topic_prefix + STATE.name]
    assert there.config["cleanup.policy"] == "compact"
    assert {record.key.decode() for record in read_topic(settings, STATE)} == {
        "gdelt/slots",
        "gdelt/status",
        "gdelt/translated",
    }
    assert (
        run("ingest", "gdelt", "--live", "--url", fake.url, "--rounds", "1", "--country", "BY", *to).exit_code == 0
    )
    assert "gdelt@BY/slots" in {record.key.decode() for record in read_topic(settings, STATE)}, "of its own"
