"""`shutdowns list` and `show`, from a run, an archive and Kafka."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from streams import admin, geography
from streams.cli.main import shutdowns as command
from streams.kafka import Broker
from streams.plots.terminal import map_text, timeline_text
from streams.replay.archive import Archive
from streams.replay.recorder import Recorder
from streams.replay.runs import Run
from streams.settings import Settings
from streams.sources.publishing import Publisher
from topics import CATALOGUE, SHUTDOWN_CHANGES, SHUTDOWNS, Explanation, Shutdown, encode


def invoke(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return done.output


def almaty(run: Run) -> Shutdown:
    return next(one for one in run.shutdowns if one.place.name == "Almaty City")


def test_list(seed_file: Path, seed_run: Run) -> None:
    output = invoke("list", "--from", str(seed_file))
    assert all(one.id in output for one in seed_run.shutdowns)
    lines = invoke("list", "--from", str(seed_file), "--json", "--country", "Kazakhstan", "--level", "corroborated")
    assert {json.loads(line)["place"]["name"] for line in lines.splitlines()} == {"Almaty City", "Nur-Sultan"}
    assert "0 shutdowns" in invoke("list", "--from", str(seed_file), "--since", "2022-01-01")


def told(tmp_path: Path, *shutdowns: Shutdown) -> str:
    """The name of a run's file that holds these."""
    path = tmp_path / "told.jsonl"
    with path.open("wb") as stream:
        Run(None, list(shutdowns)).write(stream)
    return str(path)


def test_list_and_export_by_probabilities(tmp_path: Path, seed_run: Run) -> None:
    known = almaty(seed_run)
    failure = msgspec.structs.replace(known, id="KZ-failure", happened=0.97, on_purpose=0.04, probability=0.04)
    ordered = msgspec.structs.replace(known, id="KZ-ordered", happened=0.9, on_purpose=0.8, probability=0.72)
    where = ["--from", told(tmp_path, failure, ordered)]
    for options, ids in (
        (["--happened", "0.95"], {"KZ-failure"}),
        (["--on-purpose", "0.5.."], {"KZ-ordered"}),
        (["--happened", "0.9", "--probability", "..0.5"], {"KZ-failure"}),
    ):
        listed = invoke("list", "--json", *where, *options).splitlines()
        assert {json.loads(line)["id"] for line in listed} == ids
        path = tmp_path / "out.jsonl"
        invoke("export", "--format", "cloudevents", "--out", str(path), *where, *options)
        assert {json.loads(line)["subject"] for line in path.read_text().splitlines()} == ids
    done = CliRunner().invoke(command, ["list", *where, "--happened", "likely"])
    assert done.exit_code == 2
    assert "0.8" in done.output


def test_show_tells_both_probabilities_and_who_says_what_else(tmp_path: Path, seed_run: Run) -> None:
    power = Explanation(
        kind="power",
        words="a line failed",
        source="KEGOC",
        lineage="k",
        id="cause/1",
        reference="https://example.org/k",
    )
    denial = Explanation(kind="denial", words="no cut", source="the ministry", lineage="m", id="claim/1")
    one = msgspec.structs.replace(
        almaty(seed_run), happened=0.97, on_purpose=0.31, probability=0.3, explanations=(power, denial),
        campaign="campaign-1", common_drops=("drop-1",),
    )  # fmt: skip
    lines = invoke("show", one.id, "--from", told(tmp_path, one)).splitlines()

    def line(head: str) -> str:
        return next(text for text in lines if text.strip("│ ").startswith(head))

    assert "0.97" in line("happened")
    assert "0.31" in line("on purpose")
    assert "0.30" in line("both")
    assert "power cut: a line failed  (KEGOC)  https://example.org/k" in line("other causes")
    assert "no cut  (the ministry)" in line("denied")
    assert "campaign-1" in line("campaign")
    assert "drop-1" in line("drops elsewhere")


def test_show_tells_evidence_map_and_timeline(seed_file: Path, seed_run: Run) -> None:
    output = invoke("show", almaty(seed_run).id, "--from", str(seed_file))
    for words in (
        "CORROBORATED",
        "28 Feb 2021, 14:00 to 17:00",
        "●",
        "the shutdown",
        "local time, Asia/Almaty",
        "28 Feb 14:00",
    ):
        assert words in output
    assert (
        json.loads(invoke("show", almaty(seed_run).id, "--from", str(seed_file), "--json"))["level"]
        == "corroborated"
    )


def test_history_tells_all_revisions_and_what_caused_them(seed_file: Path, seed_run: Run) -> None:
    mine = almaty(seed_run)
    output = invoke("show", mine.id[:9], "--from", str(seed_file), "--history")
    assert f"{mine.revision} revisions" in output
    assert "level: measured → corroborated" in output
    assert "status: open → closed" in output
    lines = invoke("show", mine.id, "--from", str(seed_file), "--history", "--json").splitlines()
    assert [json.loads(line)["shutdown"]["revision"] for line in lines] == list(range(1, mine.revision + 1))


def test_what_a_file_does_not_tell(tmp_path: Path, seed_run: Run) -> None:
    bare = tmp_path / "bare.jsonl"
    with bare.open("wb") as stream:
        Run(seed_run.head, seed_run.shutdowns).write(stream)
    done = CliRunner().invoke(command, ["show", almaty(seed_run).id, "--from", str(bare), "--history"])
    assert done.exit_code == 1
    assert "--history" in done.output
    done = CliRunner().invoke(command, ["show", "XX-1", "--from", str(bare)])
    assert "shutdowns list" in done.output


@pytest.mark.kafka
def test_from_kafka_and_from_an_archive_of_it(
    kafka: Broker, topic_prefix: str, tmp_path: Path, seed_run: Run
) -> None:
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(settings)
    merged = msgspec.structs.replace(
        almaty(seed_run), id="KZ-merged", revision=1, status="merged", merged_into=almaty(seed_run).id
    )
    with Publisher(settings) as publisher:
        publisher.send(SHUTDOWNS, merged.id, encode(merged))
        for change in seed_run.changes:
            publisher.send(SHUTDOWN_CHANGES, SHUTDOWN_CHANGES.key(change), encode(change))
            publisher.send(SHUTDOWNS, SHUTDOWNS.key(change.shutdown), encode(change.shutdown))
    Recorder(settings, Archive(tmp_path), CATALOGUE).run(follow=False)
    live = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix]
    for where in (live, ["--from", str(tmp_path)]):
        output = invoke("list", "--json", *where)
        assert {json.loads(line)["id"] for line in output.splitlines()} == {one.id for one in seed_run.shutdowns}
        assert '"id":"KZ-merged"' in invoke("list", "--json", "--all", *where)
        assert f"{almaty(seed_run).revision} revisions" in invoke("show", almaty(seed_run).id, "--history", *where)


def test_maps_of_all_kinds_of_places(seed_run: Run) -> None:
    """Shapes are filled, small places are a dot, and nothing is drawn where nothing is known."""
    chad = map_text(geography.country_place("TD"), 40, 14).plain
    assert chad.count("⣿") > 50
    city = geography.find_place("Suva", "FJ")
    assert city is not None
    assert "●" in map_text(city).plain or "⣿" in map_text(city).plain
    for shutdown in seed_run.shutdowns:
        widths = {len(line) for line in map_text(shutdown.place, 40, 14).plain.split("\n")}
        assert widths == {40}
        assert timeline_text(shutdown, 50).plain.startswith((" ", "■"))
