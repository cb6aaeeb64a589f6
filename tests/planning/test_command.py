"""`shutdowns plan`, and what docs/SCALING.md shows of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from benchmarks.stages.__main__ import Outcome, Weight, figures, named
from benchmarks.stages.inputs import FRAMES, Input, inputs
from streams.cli.main import shutdowns
from streams.cli.plan import SHOWN
from streams.planning import load_figures, plan
from streams.planning.words import size
from streams.planning.work import works
from streams.settings import Settings
from streams.stage import SOURCES
from topics import CATALOGUE, MEASUREMENTS

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(shutdowns, ["plan", *arguments])


def test_the_plans_in_the_documentation_are_those_that_the_command_prints() -> None:
    text = (ROOT / "docs" / "SCALING.md").read_text()
    shown = re.search(r"<!-- generated .*? -->\n\n(.*?)\n<!-- end", text, re.DOTALL)
    assert shown is not None
    assert shown[1] == run("--markdown").output, "put what `shutdowns plan --markdown` prints between the marks"


def test_what_the_documentation_says_beside_the_plans_is_theirs() -> None:
    asked, counted = SHOWN["One million series, a value in ten minutes"], load_figures(None)
    of_stage = {one.stage: one for one in plan(asked, counted).stages}
    busiest = of_stage["correlate"]
    a_day = works(asked, counted)["correlate"].memory_bytes / asked.evidence_days
    its_day = (busiest.memory_bytes - busiest.rest_bytes) / asked.evidence_days
    country_s = 5e6 / counted["correlate_read_per_s"].value
    text = (ROOT / "docs" / "SCALING.md").read_text()
    for words in (
        f"{size(a_day)} a day for a million series, {size(its_day)} in the busiest of {busiest.workers} workers",
        f"5 million pieces take {round(country_s, -1):.0f} s",
        f"(limit {Settings().rebalance_timeout_s:.0f} s)",
    ):
        assert words in text


def test_a_plan_says_in_words_why() -> None:
    result = run("--points-per-second", "1667", "--series", "1000000")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert re.search(r"\d+ workers of detect, since a worker has 4 GB of memory", words)
    assert "since countries are not equal" in words
    assert "What limits first 1. memory of" in words
    assert all(stage in words for stage in SOURCES)


def test_a_plan_as_json_has_the_same_and_more() -> None:
    found = json.loads(run("--points-per-second", "1000", "--headroom", "3", "--json").output)
    assert found["asked"]["headroom"] == 3
    assert [one["stage"] for one in found["stages"]] == list(SOURCES)
    assert found["together"]["workers"] == sum(one["workers"] for one in found["stages"])
    assert all(one["why"] for one in found["stages"])
    assert {"partitions", "memory_bytes", "disk_bytes", "restore_changelog_s", "catch_up_s"} <= found["stages"][
        0
    ].keys()


def test_what_makes_no_sense_is_one_line_and_an_exit_code() -> None:
    for arguments, words in (
        (("--points-per-second", "0"), "points_per_s is 0"),
        (("--points-per-second", "1", "--figures", "none.toml"), "none.toml can't be read"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert words in result.output
        assert result.output.count("\n") == 1
    missing = run()
    assert missing.exit_code == 2
    assert "--points-per-second" in missing.output


def test_the_figures_can_be_listed_with_what_prints_them() -> None:
    found = json.loads(run("--show-figures", "--json").output)
    assert [one["name"] for one in found] == list(load_figures())
    table = run("--show-figures").output
    assert "printed by" in table
    assert "41,134" in table


def test_the_benchmark_writes_every_figure_that_it_is_said_to_print() -> None:
    by = "python -m benchmarks.stages --stage"
    said = {name for name, one in load_figures().items() if one.by.startswith(by)}
    frames = [Input(f"detect {shape.name}", "detect", MEASUREMENTS, [(b"", b"")], 1) for shape in FRAMES]
    others = inputs(200, ("claims", "protests", "correlate", "watch"))
    assert {name for one in (*frames, *others) for name in named(one, outcome())} == said


def outcome() -> Outcome:
    each = Weight(1, 1)
    return Outcome(1.0, 1.0, 1.0, 1.0, {topic.name: each for topic in CATALOGUE}, each, each)


def test_what_the_benchmark_writes_is_what_a_plan_reads(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    one = next(inputs(50, ("claims",)))
    own.write_text("\n".join(figures(one, outcome()).values()))
    assert load_figures(own)["claims_records_per_s"].value == 50
    result = run("--points-per-second", "1", "--figures", str(own), "--json")
    assert result.exit_code == 0, result.output
