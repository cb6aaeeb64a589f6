"""What is measured on published lists keeps its promise; each is skipped where the lists are absent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streams.geography.evaluation import areas, entities, protests
from tests.geography.data import DATA, needs_data

POINTS = Path(__file__).with_name("stop_points.tsv")
STOP = (
    "country,area_name,latitude,longitude\n"
    "Kazakhstan,Almaty,43.25,76.95\n"
    "Kazakhstan,Atyrau region,48.0,52.0\n"
    "Kazakhstan,Astana,43.25,76.95\n"
    "Kazakhstan,Qwertyville,43.25,76.95\n"
    "Kazakhstan,nationwide,48.0,67.0\n"
    "Kazakhstan,Shymkent,no,number\n"
)


def test_rows_with_points_are_measured(tmp_path: Path) -> None:
    file = tmp_path / "stop.csv"
    file.write_text(STOP, encoding="utf-8")
    rows = areas.read(file)
    assert [row.text for row in rows] == ["Almaty", "Atyrau region", "Astana", "Qwertyville"]
    assert [row.right for row in rows] == [True, True, False, False]
    assert rows[3].km is None
    asides = [areas.Aside(43.25, 76.95, "Astana", "Almaty's point")]
    assert [row.aside for row in areas.read(file, asides)] == ["", "", "Almaty's point", ""]
    shown = areas.report([file], wrong=5)
    assert "4 rows that name a place" in shown
    assert "Astana" in shown
    assert "not located: 'Qwertyville'" in shown


@needs_data
def test_areas_of_stop() -> None:
    rows = areas.read(DATA / "stop_2016_2018.csv", areas.read_asides(POINTS))
    located = [row for row in rows if row.km is not None]
    judged = [row for row in located if not row.aside]
    assert len(located) >= 0.90 * len(rows)
    assert sum(row.right for row in judged) >= 0.85 * len(judged)


@needs_data
def test_every_wrong_point_is_one_of_the_list() -> None:
    rows = areas.read(DATA / "stop_2016_2018.csv", areas.read_asides(POINTS))
    assert {aside.reason for aside in areas.read_asides(POINTS)} == {row.aside for row in rows if row.aside}


@needs_data
def test_locations_of_mass_mobilization() -> None:
    rows = protests.read(DATA / "mass_mobilization_2016_2019_09.csv")
    assert sum(bool(area.places or area.nationwide) for _, _, area in rows) >= 0.90 * len(rows)


@needs_data
def test_regions_of_ioda() -> None:
    found = entities.match(DATA / "ioda_regions.csv")
    n = found.right + found.wrong + found.unmatched
    assert n > 3_500
    assert found.right >= 0.97 * n
    assert found.wrong <= 0.015 * n


@pytest.mark.parametrize("kind", ["sentences", "stop", "protests", "regions"])
def test_the_command_tells_what_it_takes(kind: str) -> None:
    command = [sys.executable, "-m", "streams.geography.evaluate", kind, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "--wrong" in done.stdout
