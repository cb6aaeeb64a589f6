"""`shutdowns fit` and `shutdowns evaluate`, as a user calls them, over small lists."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli.lists import SplitType, YearsType, repeated
from streams.cli.main import shutdowns
from streams.evaluation import Lists
from streams.scoring import load_model
from tests.evaluation.lists import small_lists


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("--reports a b --json", "--reports a --reports b --json"),
        ("--reports a --reports b", "--reports a --reports b"),
        ("--outages a b --protests c --plot p.png", "--outages a --outages b --protests c --plot p.png"),
        ("--plot p.png --reports a", "--plot p.png --reports a"),
        ("--reports", "--reports"),
        ("--reports a b --misses 3", "--reports a --reports b --misses 3"),
    ],
)
def test_options_of_several_files(args: str, expected: str) -> None:
    assert repeated(args.split()) == expected.split()


def test_years() -> None:
    years = YearsType()
    assert years.convert("2018", None, None) == {2018}
    assert years.convert("2016-2018,2020", None, None) == {2016, 2017, 2018, 2020}
    split = SplitType()
    assert [*map(sorted, split.convert("2016-2018:2019", None, None))] == [[2016, 2017, 2018], [2019]]
    fit, score = split.convert("2019", None, None)
    assert max(fit) == 2018
    assert min(score) == 2019


def options(lists: Lists) -> list[str]:
    named = (("--reports", lists.reports), ("--outages", lists.outages), ("--protests", lists.protests))
    return [word for name, paths in named if paths for word in (name, *map(str, paths))]


def test_fit_then_evaluate_with_that_model(tmp_path: Path) -> None:
    runner, model, plot = CliRunner(), tmp_path / "model.json", tmp_path / "accuracy.png"
    lists = options(small_lists(tmp_path))
    made = runner.invoke(shutdowns, ["fit", *lists, "--out", str(model)])
    assert made.exit_code == 0, made.output
    assert load_model(model).rows == 5
    assert runner.invoke(shutdowns, ["fit", *lists]).stdout_bytes == model.read_bytes()
    done = runner.invoke(shutdowns, ["evaluate", *lists, "--model", str(model), "--json", "--plot", str(plot)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["outages"] == 5
    assert {one["name"] for one in found["methods"]} >= {"rule", "level", "probability"}
    assert {"level", "happened", "level_misses"} <= found.keys()
    assert {one["name"] for one in found["methods"]} >= {"on_purpose"}
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_tables_say_what_was_scored(tmp_path: Path) -> None:
    lists = options(small_lists(tmp_path))
    done = CliRunner().invoke(shutdowns, ["evaluate", *lists, "--split", "2018:2019", "--misses", "1"])
    assert done.exit_code == 0, done.output
    assert "3 outages, 3 on purpose" in done.stdout
    assert "years 2019 to 2019, each country by a model fitted without it, on 2018 to 2018" in " ".join(
        done.stdout.split()
    )


def test_tables_fit_a_terminal_and_tell_the_answers_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = CliRunner().invoke(shutdowns, ["evaluate", *options(small_lists(tmp_path)), "--ablation"])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    titles = (
        "Level: corroborated",
        "Happened, reliability",
        "On purpose, reliability",
        "Probability, reliability",
        "Without each feature",
    )
    assert [line for line in lines if line in titles] == [*titles]
    assert not any("…" in line for line in lines)


def test_lists_without_protests_and_without_shutdowns(tmp_path: Path) -> None:
    lists, plot = small_lists(tmp_path, cause="Weather"), tmp_path / "accuracy.svg"
    given = options(Lists(lists.reports, lists.outages, ()))
    done = CliRunner().invoke(shutdowns, ["evaluate", *given, "--json", "--plot", str(plot)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["outages"], found["positive"]) == (5, 0)
    assert found["methods"][0]["micro"]["recall"] is None
    assert plot.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--split", "2030"], "no outage to score"),
        (["--split", "19"], "give years as"),
        (["--split", "2019-2018:2020"], "last year is before the first"),
        (["--model", "pyproject.toml"], "pyproject.toml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, extra: list[str], words: str) -> None:
    done = CliRunner().invoke(shutdowns, ["evaluate", *options(small_lists(tmp_path)), *extra])
    assert done.exit_code != 0
    assert words in done.output


def test_fitting_on_nothing_is_refused(tmp_path: Path) -> None:
    lists = options(small_lists(tmp_path, cause="Weather"))
    done = CliRunner().invoke(shutdowns, ["fit", *lists])
    assert done.exit_code == 1
    assert "nothing to learn from" in done.output
