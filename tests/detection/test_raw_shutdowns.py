"""What published files of measurements amount to in the end, by correlation: `../shared` beside the repository.

Written of what was measured alone: nobody claims anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from streams.pipeline import Offline
from streams.sources import ioda_export, ioda_signals, monash
from streams.sources.rows import Accepted, Row
from tests.detection.series import HOUR, utc
from topics import MEASUREMENTS, Outage

SHARED = Path(__file__).parents[2].parent / "shared"
RAW = SHARED / "data" / "raw"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the files are not beside the repository (../shared)"),
]


def program(rows: Iterable[Row]) -> Offline:
    """The stages, with what a file holds taken in."""
    made = Offline(utc("2026-12-01"))
    for row in rows:
        if isinstance(row, Accepted):
            made.put(MEASUREMENTS, row.record)
    return made


@pytest.mark.parametrize("name", ["2024-08-25_30", "2024-11-27_12-02"])
def test_attacks_on_the_grid_are_cuts_and_not_on_purpose(name: str) -> None:
    [found] = program(ioda_signals.read(RAW / f"ioda_UA_{name}_power_attack.json")).shutdowns()
    assert found.place.key == "UA"
    assert found.on_purpose is not None
    assert found.on_purpose < 0.2


def test_evenings_of_a_mobile_curfew_are_a_shutdown_each() -> None:
    found = program(ioda_export.read(RAW / "ioda_AS44244_2022-09.csv", "asn/IR/44244")).shutdowns()
    evenings = [one for one in found if one.from_s >= utc("2022-09-21")]
    assert len(evenings) == 10
    assert len(found) - len(evenings) <= 2


def test_most_states_without_power_are_the_country() -> None:
    made = program(monash.read(SHARED / "data" / "monash_venezuela_2019_07.csv"))
    whole = [one for one in made.evidence() if isinstance(one, Outage) and one.parts]
    [country] = [one for one in whole if one.place.key == "VE"]
    assert abs(country.from_s - utc("2019-07-22 20:00")) <= HOUR
    assert len(country.parts) >= 10
    first = min(made.shutdowns(), key=lambda one: abs(one.from_s - country.from_s))
    assert first.place.key == "VE"


def test_half_of_a_states_counties_in_a_hurricane_are_the_state_and_not_the_country() -> None:
    made = program(monash.read(SHARED / "data" / "monash_hurricane_laura_2020_08.csv"))
    assert {one.place.name for one in made.evidence() if isinstance(one, Outage) and one.parts} <= {"Louisiana"}
