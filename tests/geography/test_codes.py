"""Regions by the codes of other systems, as they were on a day."""

from __future__ import annotations

from datetime import date

import pytest

from streams.geography import codes_of, region_by_code
from streams.geography.codes import System


@pytest.mark.parametrize(
    ("code", "system", "on", "region", "approximate"),
    [
        ("KZ-75", "iso", None, "KAZ-4829", False),
        ("KZ-ALA", "iso", date(2021, 2, 28), "KAZ-4829", False),
        ("KZ-ALA", "iso", date(2022, 11, 28), "KAZ-4829", False),
        ("KZ-ALM", "iso", date(2021, 2, 28), "KAZ-3207", False),
        ("kz-ast", "iso", None, "KAZ-4830", False),
        ("KZ-10", "iso", None, "KAZ-3206", True),
        ("IN-OR", "iso", date(2020, 1, 1), "IND-2444", False),
        ("GB-SCT", "iso", None, "GBR+GB-SCT", False),
        ("AF.BM", "hasc", None, "AFG-1743", False),
        ("KAZ-3207", "adm1", None, "KAZ-3207", False),
    ],
)
def test_codes(code: str, system: System, on: date | None, region: str, approximate: bool) -> None:
    place = region_by_code(code, system, on)
    assert place is not None
    assert (place.region, place.approximate) == (region, approximate)


@pytest.mark.parametrize(
    ("code", "system", "on"),
    [("KZ-ALA", "iso", date(2022, 11, 29)), ("XX-1", "iso", None), ("", "hasc", None), ("0", "geonames", None)],
)
def test_what_means_nothing(code: str, system: System, on: date | None) -> None:
    assert region_by_code(code, system, on) is None


def test_codes_of_a_region() -> None:
    place = region_by_code("KAZ-4829", "adm1")
    assert place is not None
    found = codes_of(place)
    assert (found["adm1"], found["iso"]) == ("KAZ-4829", "KZ-75")
    assert region_by_code(found["hasc"], "hasc") == place
