"""The e-mail digest: which shutdowns it has, what it says, and templates of one's own."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from streams.cli.main import shutdowns
from streams.kafka import Broker
from streams.notify.digest import DigestError, compose, due
from streams.settings import Settings
from tests.consumers import published
from tests.played import played
from topics import SHUTDOWNS, Explanation, Shutdown

DAY_S = 1_614_470_400  # 28 February 2021, 00:00 UTC
NEWEST = {record.id: record for topic, record in played() if isinstance(record, Shutdown)}


def test_it_has_what_shares_a_moment_with_the_time_and_stands() -> None:
    found = due(NEWEST.values(), DAY_S, DAY_S + 86_400)
    assert {one.place.name for one in found if one.level == "corroborated"} == {"Almaty City", "Nur-Sultan"}
    assert [one.level for one in found] == sorted(
        (one.level for one in found), key=["corroborated", "measured", "reported", "contradicted"].index
    )
    cut = next(one for one in found if one.place.name == "Almaty City")
    assert cut.until_s is not None
    assert cut in due([cut], cut.until_s - 1, cut.until_s)
    assert due([cut], cut.until_s, cut.until_s + 60) == due([cut], cut.from_s - 60, cut.from_s) == []


def test_it_reads_well() -> None:
    message = compose(
        due(NEWEST.values(), DAY_S, DAY_S + 86_400), DAY_S, DAY_S + 86_400, address="https://example.org/"
    )
    assert message["Subject"].startswith("Internet shutdowns, 2021-02-28 00:00 UTC to 2021-03-01 00:00 UTC: ")
    text = message.get_content()
    assert "CORROBORATED  Almaty City, Kazakhstan" in text
    assert "from   2021-02-28 14:00 UTC+0600" in text
    assert "https://example.org/shutdown/" in text


def test_it_tells_both_probabilities_and_who_says_what_else() -> None:
    power = Explanation(
        kind="power", words="a line failed", source="KEGOC", lineage="k", id="c", reference="https://example.org/k"
    )
    [cut] = [one for one in due(NEWEST.values(), DAY_S, DAY_S + 86_400) if one.place.name == "Almaty City"]
    cut = replace(
        cut, happened=0.97, on_purpose=0.31, explanations=(power,), campaign="campaign-1", common_drops=("drop-1",)
    )
    lines = [line.strip() for line in compose([cut], DAY_S, DAY_S + 86_400).get_content().splitlines()]
    assert "happened 0.97, on purpose 0.31" in lines
    assert "power cut: a line failed (KEGOC)  https://example.org/k" in lines
    assert sum("campaign-1" in line for line in lines) == 1
    assert sum("drop-1" in line for line in lines) == 1


def test_a_quiet_day_says_so() -> None:
    assert "None is known." in compose([], DAY_S, DAY_S + 86_400).get_content()


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    template = tmp_path / "short.txt"
    template.write_text("{{ shutdowns | length }} cuts\n{% for one in shutdowns %}{{ one.id }} {% endfor %}")
    message = compose(due(NEWEST.values(), DAY_S, DAY_S + 86_400), DAY_S, DAY_S + 86_400, template=template)
    assert message["Subject"].endswith(" cuts")
    template.write_text("{{ nonsense }}")
    with pytest.raises(DigestError, match="nonsense"):
        compose([], DAY_S, DAY_S + 86_400, template=template)


@pytest.mark.kafka
def test_the_command_prints_an_email(kafka: Broker, topic_prefix: str) -> None:
    published(Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix), topics=(SHUTDOWNS,))
    given = ["--bootstrap", kafka.bootstrap, "--prefix", topic_prefix, "--until", "2021-03-01"]
    done = CliRunner().invoke(shutdowns, ["digest", *given])
    message = email.message_from_bytes(done.stdout_bytes, policy=email.policy.default)
    assert "Almaty City" in message.get_content()
    assert CliRunner().invoke(shutdowns, ["digest", "--until", "yesterday"]).exit_code == 2
