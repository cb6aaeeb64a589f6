"""Countries by name and code."""

from __future__ import annotations

import csv

import pytest

from streams import geography
from streams.geography import GeographyError, country_code, country_place, time_zones
from tests.geography.data import DATA, needs_data
from topics.place import Place


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kazakhstan", "KZ"),
        ("KZ", "KZ"),
        ("KAZ", "KZ"),
        ("398", "KZ"),
        ("004", "AF"),
        ("4", "AF"),
        (" Gabon ", "GA"),
        ("Democratic Republic of (DRC)", "CD"),
        ("DRC", "CD"),
        ("Democratic Republic of Congo", "CD"),
        ("DemocraticRepublicCongo", "CD"),
        ("Congo Kinshasa", "CD"),
        ("Congo", "CG"),
        ("Congo Brazzaville", "CG"),
        ("Myanmar/Burma", "MM"),
        ("SriLanka", "LK"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Venezuela, Bolivarian Republic of", "VE"),
        ("Timor Leste", "TL"),
        ("Ivory Coast", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Ivory Coast (Cote d'Ivoire)", "CI"),
        ("Kyrgyz Republic (Kyrgyzstan)", "KG"),
        ("Syria", "SY"),
        ("Türkiye", "TR"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Guinea-Bissau", "GW"),
        ("Казахстан", "KZ"),
        ("Қазақстан", "KZ"),
        ("ایران", "IR"),
        ("السودان", "SD"),
        ("भारत", "IN"),
        ("মিয়ানমার", "MM"),
        ("မြန်မာ", "MM"),
        ("ኢትዮጵያ", "ET"),
        ("中国", "CN"),
        ("Україна", "UA"),
        ("پاکستان", "PK"),
    ],
)
def test_country_code(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "  ", "Atlantis", "nationwide", "kz", "999", "12345", "?", "ZZ"])
def test_what_is_no_country(text: str) -> None:
    assert country_code(text) is None


@pytest.mark.parametrize(("fips", "code"), [("UP", "UA"), ("SU", "SD"), ("IZ", "IQ"), ("KZ", "KZ"), ("CH", "CN")])
def test_fips_codes_are_others_than_alpha_2(fips: str, code: str) -> None:
    assert country_code(fips, fips=True) == code


@needs_data
def test_every_country_of_the_published_lists_is_known() -> None:
    unknown, cells = set(), 0
    for file in sorted(DATA.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                for column, text in row.items():
                    if column and column.strip().lower() == "country":
                        cells += 1
                        if country_code(text) is None:
                            unknown.add(text)
    assert cells > 3000
    assert unknown == set()


def test_country_place() -> None:
    place = country_place("KZ")
    assert place.kind == "country"
    assert place.key == "KZ"
    assert place.name == "Kazakhstan"
    assert place.time_zone == "Asia/Almaty"
    assert place.radius_km == pytest.approx(930, abs=5)
    assert place.latitude == pytest.approx(48.4, abs=0.5)


def test_a_country_across_the_antimeridian_is_not_in_the_atlantic() -> None:
    fiji, russia = country_place("FJ"), country_place("RU")
    assert fiji.longitude is not None
    assert russia.longitude is not None
    assert 176 < fiji.longitude <= 180 or -180 <= fiji.longitude < -178
    assert 80 < russia.longitude < 110


def test_no_country_of_that_code() -> None:
    with pytest.raises(GeographyError, match="ISO 3166-1"):
        country_place("ZZ")


def test_time_zones_of_a_country_and_of_a_city() -> None:
    assert time_zones(country_place("KZ"))[0] == "Asia/Almaty"
    assert "Asia/Atyrau" in time_zones(country_place("KZ"))
    assert time_zones(country_place("IN")) == ("Asia/Kolkata",)
    city = Place(kind="city", country="KZ", name="Atyrau", city=610529, time_zone="Asia/Atyrau")
    assert geography.time_zones(city) == ("Asia/Atyrau",)
