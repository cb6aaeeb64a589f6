"""The runbook: a page for each alert, and no command that does not exist or does not do what is said."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx
import pytest
import yaml
from click.testing import CliRunner

from streams import admin
from streams.cli.main import shutdowns
from streams.health import Health, Pages
from streams.kafka import Broker
from streams.settings import Settings
from streams.sources.publishing import Publisher
from tests.agents.harness import WorkerProcess, until
from tests.commands import parse
from tests.test_operations import OPS, alerts
from topics import REPORTS, Origin, Report, Reporter, encode

TEXT = (OPS / "runbook.md").read_text()

#: Lines of programs that are not here are marked so.
NOT_RUN = "not run here"

#: Commands that change nothing, by their first words.
READING = ("lag", "topics describe", "settings", "invalid --", "invalid show", "sources status", "sources list")

#: Commands that ask services outside.
ASKING = ("sources check",)


def lines() -> list[str]:
    """Every command line of the runbook that can be tried, without its comment."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)
    found = [line for block in blocks for line in block.splitlines() if line.strip()]
    return [line.partition(" #")[0].strip() for line in found if NOT_RUN not in line]


def test_there_is_a_page_for_each_alert_and_no_other() -> None:
    pages = re.findall(r"^## (\w+)$", TEXT, re.M)
    assert sorted(pages) == sorted(alert["alert"] for alert in alerts())
    for page in re.split(r"^## ", TEXT, flags=re.M)[1:]:
        assert "**Means.**" in page, page[:40]
        assert "**Do.**" in page, page[:40]
        assert "```sh\n" in page, page[:40]


def test_only_programs_that_are_not_here_are_left_untried() -> None:
    marked = [line for line in TEXT.splitlines() if line.rstrip().endswith(f"# {NOT_RUN}")]
    assert {line.split()[0] for line in marked} == {"kubectl", "kafka-metadata-quorum.sh", "df", "du"}
    assert {line.split()[0] for line in lines()} == {"shutdowns", "curl"}


def told_elsewhere() -> list[str]:
    """The commands that docs/METRICS.md gives, behind a variable."""
    text = (OPS.parent / "docs" / "METRICS.md").read_text()
    return re.findall(r"^SHUTDOWNS_PAGES_PORT=\d+ (shutdowns .+)$", text, re.M)


@pytest.mark.parametrize(
    "line", sorted({line for line in lines() if line.startswith("shutdowns ")} | {*told_elsewhere()})
)
def test_each_command_is_one_with_these_options(line: str) -> None:
    parse(shlex.split(line)[1:])


def test_a_misspelt_option_would_be_seen() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(["invalid", "show", "--raison", "x"])
    with pytest.raises(click.UsageError):
        parse(["topics", "descibe"])


def test_the_pages_that_are_asked_are_there() -> None:
    asked = {urlsplit(line.split()[1]) for line in lines() if line.startswith("curl ")}
    assert {one.netloc for one in asked} == {"127.0.0.1:9464"}, "the port of docs and of ops/prometheus"
    scraped = yaml.safe_load((OPS / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    assert scraped[0]["static_configs"][0]["targets"][0] == "127.0.0.1:9464"
    pages = Pages(Health([]), "127.0.0.1", 0)
    try:
        for one in asked:
            assert httpx.get(f"http://127.0.0.1:{pages.port}{one.path}").status_code in (200, 503)
    finally:
        pages.close()


@pytest.mark.kafka
def test_its_commands_work_on_a_real_kafka(
    kafka: Broker, topic_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of `shutdowns`, first those that only read; `notify` is tried where a webhook is
    (`tests/notify/test_webhook.py`)."""
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix, session_timeout_s=6)
    admin.create_topics(settings)
    with Publisher(settings) as publisher:
        for number in range(8):  # enough for each partition, so that reports/0/0 is there
            publisher.send(REPORTS, f"rubbish-{number}", b"{")
        for number in range(3):
            nowhere = Report(
                id=f"nowhere-{number}",
                origin=Origin(source="form"),
                reporter=Reporter(kind="individual", digest="f00d"),
                country="KZ",
                places=("No such place at all",),
                start="2021-02-28T17:00Z",
            )
            publisher.send(REPORTS, REPORTS.key(nowhere), encode(nowhere))
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    wanted = list(dict.fromkeys(line for line in lines() if line.startswith("shutdowns ")))
    with ExitStack() as stack:
        for line in filter(is_("worker"), wanted):
            [stage] = re.findall(r"--stage (\w+)$", line)
            worker = WorkerProcess(settings, [stage], tmp_path / stage, {})
            stack.callback(worker.kill)
            worker.ready()
        until(partial(_listed, "11 invalid records: 8 not-json, 3 unknown-place"), 60, "what is bad to be refused")
        for line in filter(is_(*READING), wanted):
            _run(line, topic_prefix)
        left = [line for line in wanted if not is_(*READING, *ASKING, "worker", "notify")(line)]
        assert {line.split()[1] for line in left} == {"invalid", "plan"}
        for line in left:
            _run(line, topic_prefix)
        until(partial(_listed, "3 invalid records: 3 unknown-place"), 60, "those put back to be refused anew")


def is_(*words: str) -> Callable[[str], bool]:
    """Whether a line is one of these commands, by their first words."""
    return lambda line: line.startswith(tuple(f"shutdowns {one}" for one in words))


def _run(line: str, prefix: str) -> None:
    quick = f"{line} --over 0.1" if is_("lag")(line) else line
    done = CliRunner().invoke(shutdowns, shlex.split(quick.replace(" reports/", f" {prefix}reports/"))[1:])
    assert done.exit_code == 0, f"{line}: {done.output}"


def _listed(words: str) -> bool:
    return words in CliRunner().invoke(shutdowns, ["invalid"]).output
