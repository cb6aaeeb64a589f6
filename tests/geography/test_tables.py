"""The built tables: their size, their price, what is said where they are broken, and the disputed areas."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from streams.geography import GeographyError, contains, country_place, region_by_code, tables

TABLES = Path(tables.__file__).parent / "build" / "tables"


def test_all_files_together_are_small() -> None:
    assert sum(file.stat().st_size for file in tables.DATA.iterdir()) < 30e6


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux's /proc")
def test_the_first_answers_come_soon_and_cost_little_memory() -> None:
    code = (
        "import re, time; t = time.process_time();"
        "from streams import geography as g;"
        "g.find_places('Almaty'); g.locate(43.2, 76.9); g.read_area('Almaty', 'KZ');"
        "peak = re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read()).group(1);"
        "print(time.process_time() - t, int(peak) / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    cpu_s, megabytes = map(float, done.stdout.split())
    # One second is what is promised; a machine that is busy with other tests is given more.
    assert cpu_s < 2.0
    assert megabytes < 300


@pytest.mark.parametrize("content", [b"", b"PK no archive", b"x" * 1000])
def test_a_broken_table_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    (tmp_path / "places.npz").write_bytes(content)
    monkeypatch.setattr(tables, "DATA", tmp_path)
    with pytest.raises(GeographyError, match=r"places\.npz can't be read .*reinstall"):
        tables.read_arrays("places")


def test_disputed_areas_are_in_one_table_and_found_under_every_code_of_theirs() -> None:
    lines = [line for line in (TABLES / "disputed.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert {"RUS-283", "IND-2431", "SAH+00?"} <= {row["code"] for row in rows}
    for row in rows:
        place = region_by_code(row["code"], "adm1")
        assert place is not None
        assert place.country == row["country"]
        for code in (row["country"], *row["also"].split()):
            assert contains(country_place(code), place)
            assert tables.gazetteer().under(
                tables.gazetteer().row_of_key[row["code"]], tables.gazetteer().number[code]
            )


@pytest.mark.parametrize("country", ["GB", "FR", "IT", "UG", "PH", "LV", "LK", "BF"])
def test_countries_drawn_as_districts_roll_up(country: str) -> None:
    known = tables.gazetteer()
    number = known.number[country]
    groups = [row for row in known.members if known.country[row] == number]
    units = {
        row for row in range(len(known.keys)) if known.kind[row] == tables.UNIT and known.country[row] == number
    }
    within = {unit for row in groups for unit in known.members[row]} & units
    assert len(groups) >= 4
    assert len(within) > 0.7 * len(units)
