"""Two years of published lists through Kafka, with workers killed on the way: what must be found, and no less."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.sources import Accepted, ioda_outages, mass_mobilization, stop
from tests.agents.harness import REPOSITORY, until
from tests.flow.system import Flow, Sent, offline
from tests.renaming import contents
from topics import LATEST_S, SHUTDOWNS, Shutdown, decode, encode

pytestmark = [pytest.mark.kafka, pytest.mark.data]

DATA = REPOSITORY.parent / "shared" / "data"
LISTS = {
    "stop": (stop, ("stop_2016_2018.csv", "stop_2019.csv")),
    "ioda-outages": (ioda_outages, ("ioda_investigated_2018_2019.csv",)),
    "mass-mobilization": (mass_mobilization, ("mass_mobilization_2016_2019_09.csv",)),
}
DAY_S = 86_400


def paths() -> list[Path]:
    found = [DATA / name for _, names in LISTS.values() for name in names]
    if not all(path.exists() for path in found):
        pytest.skip("the published lists are not beside the repository (../shared/data)")
    return found


@pytest.fixture(scope="module")
def published() -> list[Sent]:
    """Every accepted row of the lists as a record."""
    paths()
    return [
        (row.topic, row.topic.key(row.record), encode(row.record))
        for reader, names in LISTS.values()
        for name in names
        for row in reader.read(DATA / name)
        if isinstance(row, Accepted)
    ]


@pytest.fixture(scope="module")
def wanted(published: list[Sent]) -> list[Shutdown]:
    """What the lists come to without Kafka."""
    return offline(published)


def check_known(shutdowns: list[Shutdown]) -> None:
    """What happened in these years by all accounts is corroborated."""
    missing = []
    for country, day, kind, protests_in in (
        ("ZW", "2019-01-15", "country", ("Harare", "Bulawayo")),
        ("GA", "2019-01-07", "country", ()),
        ("ET", "2019-06-22", "country", ()),
        ("BJ", "2019-04-28", "country", ("",)),
        ("SL", "2018-03-31", "country", ()),
        ("IQ", "2019-10-02", "country", ()),
        ("IN", "2019-08-04", "region", ()),
        ("CD", "2018-12-31", "country", ()),
    ):
        midnight = int(dt.datetime.fromisoformat(f"{day}T00:00+00:00").timestamp())
        found = [
            one
            for one in shutdowns
            if one.country == country
            and one.level == "corroborated"
            and one.place.kind == kind
            and one.from_s < midnight + DAY_S
            and midnight < (one.until_s or LATEST_S)
            and all(
                any(piece.kind == "protest" and place in piece.place for piece in one.evidence)
                for place in protests_in
            )
        ]
        if not found:
            missing.append((country, day))
    assert not missing


def test_what_happened_is_corroborated(wanted: list[Shutdown]) -> None:
    check_known(wanted)


def test_workers_killed_at_random_lose_and_double_nothing(
    flow: Flow, published: list[Sent], wanted: list[Shutdown]
) -> None:
    moments = random.Random(2019)
    sent = list(published)
    moments.shuffle(sent)
    first, second = flow.worker("a").ready(), flow.worker("b").ready()
    flow.publish(sent[: len(sent) // 2])
    time.sleep(moments.uniform(0.0, 2.0))
    first.kill()
    flow.publish(sent[len(sent) // 2 :])
    time.sleep(moments.uniform(0.5, 2.0))
    second.kill_children()
    flow.worker("c").ready()
    flow.settle()
    found = flow.shutdowns()
    assert contents(found) == contents(wanted)
    check_known(found)

    written = flow.written()
    flow.publish(published)
    flow.settle()
    assert contents(flow.shutdowns()) == contents(wanted)
    assert flow.written() == written, "what was known already is not emitted again"


def test_the_commands_come_to_the_same(flow: Flow, wanted: list[Shutdown], tmp_path: Path) -> None:
    """`ingest` publishes what `ingest --out` and `correlate` work on without Kafka."""
    paths()

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "streams.cli", *map(str, arguments)],
            cwd=REPOSITORY,
            env={**flow.settings.to_environment(), "PATH": "", "COLUMNS": "200"},
            capture_output=True,
            check=True,
        )

    worker = flow.worker().ready()
    files = []
    for name, (_, lists) in LISTS.items():
        out = tmp_path / f"{name}.jsonl"
        files.append(out)
        given = [DATA / one for one in lists]
        table = run("ingest", name, *given).stdout
        assert run("ingest", name, "--out", out, *given).stdout == table
    flow.settle()
    lines = run("correlate", *files).stdout.splitlines()
    assert contents(decode(SHUTDOWNS, line) for line in lines) == contents(wanted)
    until(
        lambda: contents(flow.shutdowns()) == contents(wanted),
        5,
        "the workers' shutdowns are those of `correlate`",
    )
    assert worker.exits() == []
