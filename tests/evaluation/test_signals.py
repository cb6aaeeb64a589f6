"""Scores of detection on raw series whose outages are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from streams.cli.evaluate_signals import read_windows
from streams.cli.main import shutdowns
from streams.errors import StreamsError
from streams.evaluation.signals import Window, score_signals
from streams.sources.series_files import SeriesData
from tests.detection.series import DAY, HOUR, MONDAY, cut, daily, times

BEGIN, END = MONDAY + 20 * DAY + 15 * HOUR, MONDAY + 21 * DAY + 2 * HOUR


def series(days: int = 40) -> SeriesData:
    at = times(days)
    return SeriesData("a gtr", "a", "gtr", at, np.round(cut(daily(at), at, BEGIN, END, 0.05), 2), HOUR)


def test_known_outages_and_false_alarms_of_both_rules() -> None:
    own, ioda = score_signals([series()], [Window(BEGIN, END, "A GTR"), Window(BEGIN, END, "another")])
    assert (own.signal, own.rule, ioda.rule) == ("gtr", "traffic", "ioda-median-google")
    assert (own.windows, own.hit, own.recall, own.false_alarms) == (1, 1, 1.0, 0)
    assert (own.begin_error_s, own.end_error_s, own.told_s) == (0, 0, HOUR)
    assert ioda.hit == 1
    assert ioda.false_alarms > 30, "a night is an outage to it"
    assert own.years == pytest.approx((38.5 * DAY) / 31_557_600, rel=0.02)
    assert ioda.a_year == ioda.false_alarms / ioda.years


def test_a_window_that_nothing_answers_is_missed() -> None:
    own, _ = score_signals([series()], [Window(BEGIN + 5 * DAY, BEGIN + 6 * DAY)])
    assert (own.windows, own.hit, own.recall, own.begin_error_s) == (1, 0, 0.0, None)
    assert own.false_alarms == 1


def write(path: Path) -> Path:
    one = series()
    rows = [f"{at},{one.name},{value}" for at, value in zip(one.times.tolist(), one.values.tolist(), strict=True)]
    path.write_text("time,series,value\n" + "\n".join(rows))
    return path


def test_the_command(tmp_path: Path) -> None:
    values, truth, picture = write(tmp_path / "a.csv"), tmp_path / "truth.csv", tmp_path / "out.png"
    truth.write_text("series,from,until\na gtr,2021-02-14 15:00,2021-02-15 02:00\n")
    arguments = ["evaluate", "--signals", str(values), "--truth", str(truth)]
    done = CliRunner(env={"COLUMNS": "150"}).invoke(shutdowns, [*arguments, "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert "1 of 1" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    own, ioda = json.loads(CliRunner().invoke(shutdowns, [*arguments, "--json"]).stdout)
    assert own["hit"] == ioda["hit"] == 1
    assert own["false_alarms"] < ioda["false_alarms"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (["--signals", "F"], ["--truth"]),
        (["--truth", "F"], ["--signals"]),
        ([], ["--reports", "--outages", "--scenarios"]),
        (["--reports", "F"], ["--outages"]),
    ],
)
def test_what_does_not_go_together_is_refused(given: list[str], missing: list[str], tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv")
    done = CliRunner().invoke(shutdowns, ["evaluate", *(str(file) if one == "F" else one for one in given)])
    assert done.exit_code == 2
    assert [option for option in missing if option not in done.output] == [], done.output


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("begin,end\n1,2\n")
    with pytest.raises(StreamsError, match="no columns"):
        read_windows(truth)
    truth.write_text("from,until\nyesterday,\n")
    with pytest.raises(StreamsError, match="row 2"):
        read_windows(truth)
    truth.write_text("from,until\n2021-02-14 15:00,\n")
    assert read_windows(truth) == [Window(BEGIN, None)]
