"""Single written places, and the area columns of lists."""

from __future__ import annotations

import pytest

from streams.geography import entity_place, find_place, locate, read_area


@pytest.mark.parametrize(
    ("text", "country", "kind", "name", "region"),
    [
        ("Алматы", "KZ", "city", "Almaty", "KAZ-4829"),
        ("Almaty", "KZ", "city", "Almaty", "KAZ-4829"),
        ("Алма-Ата", "KZ", "city", "Almaty", "KAZ-4829"),
        ("Almaty oblast", "KZ", "region", "Almaty", "KAZ-3207"),
        ("Алматинская область", "KZ", "region", "Almaty", "KAZ-3207"),
        ("Атырау", "KZ", "city", "Atyrau", "KAZ-3198"),
        ("Jammu and Kashmir", "IN", "region", "Jammu and Kashmir", "IND-2431"),
        ("Kashmir", "IN", "region", "Jammu and Kashmir", "IND-2431"),
        ("Sopore town, Jammu and Kashmir", "IN", "city", "Sopur", "IND-2431"),
        ("Bulawayo", "ZW", "city", "Bulawayo", "ZWE-531"),
        ("Amhara", "ET", "region", "Amhara", "ETH-3109"),
        ("Saigon", "VN", "city", "Ho Chi Minh City", "VNM-501"),
        ("Rangoon", "MM", "city", "Yangon", "MMR-3269"),
        ("Gujarat state", "IN", "region", "Gujarat", "IND-3264"),
        ("Aurangabad, Bihar", "IN", "city", "Aurangābād", "IND-3258"),
        ("Region (Mérida)", "VE", "region", "Mérida", "VEN-27"),
        ("Mérida", "VE", "city", "Mérida", "VEN-27"),
        ("Scotland", "GB", "region", "Scotland", "GBR+GB-SCT"),
    ],
)
def test_find_place(text: str, country: str, kind: str, name: str, region: str) -> None:
    place = find_place(text, country)
    assert place is not None
    assert (place.kind, place.name, place.region, place.country) == (kind, name, region, country)
    assert not place.approximate


def test_a_district_is_a_place_of_its_own() -> None:
    district, town = find_place("Pulwama district", "IN"), find_place("Pulwama", "IN")
    assert district is not None
    assert town is not None
    assert district.key != town.key
    assert district.region == town.region == "IND-2431"
    assert district.radius_km >= 20


@pytest.mark.parametrize(
    ("text", "country", "region"),
    [("Abai Region", "KZ", "KAZ-3206"), ("Sidama", "ET", "ETH-3129"), ("Kashmir Valley", "IN", "IND-2431")],
)
def test_regions_newer_than_the_map_are_the_wider_region_approximately(
    text: str, country: str, region: str
) -> None:
    place = find_place(text, country)
    assert place is not None
    assert place.region == region
    assert place.approximate


def test_an_unknown_place_in_a_known_one_is_that_one_approximately() -> None:
    place = find_place("Lassipora area, Pulwama, Jammu and Kashmir", "IN")
    assert place is not None
    assert place.name == "Pulwama"
    assert place.approximate


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("", "KZ"),
        ("???", "KZ"),
        ("Qwertyville", "KZ"),
        ("Almaty", "ZZ"),
        ("Almaty and Astana", "KZ"),
        ("city", "KZ"),
    ],
)
def test_not_sure(text: str, country: str) -> None:
    assert find_place(text, country) is None


@pytest.mark.parametrize(
    ("text", "country", "names"),
    [
        ("Cities of Almaty and Nur-Sultan", "KZ", ["Almaty", "Astana"]),
        ("Almaty, Nur-Sultan and Atyrau", "KZ", ["Almaty", "Astana", "Atyrau"]),
        ("Rohtak, Sonipat and Jhajjar (Haryana)", "IN", ["Rohtak", "Sonīpat", "Jhajjar"]),
        ("12 districts of Rajasthan", "IN", ["Rajasthan"]),
        ("Kharkiv, Lviv, Zhytomyr, Poltava, Sumy", "UA", ["Kharkiv", "Lviv", "Zhytomyr", "Poltava", "Sumy"]),
        ("Tonk, Rajasthan", "IN", ["Tonk"]),
        ("several cities", "KZ", []),
    ],
)
def test_read_area(text: str, country: str, names: list[str]) -> None:
    area = read_area(text, country)
    assert [place.name for place in area.places] == names
    assert not area.nationwide


@pytest.mark.parametrize("text", ["nationwide", "National", "National ", "Kazakhstan", "the whole country"])
def test_nationwide(text: str) -> None:
    area = read_area(text, "KZ")
    assert area.nationwide
    assert area.places == ()


def test_what_is_not_found_is_said() -> None:
    area = read_area("Almaty, Qwertyville and Astana", "KZ")
    assert [place.name for place in area.places] == ["Almaty", "Astana"]
    assert area.unresolved == ("Qwertyville",)


@pytest.mark.parametrize(
    ("entity", "key"),
    [
        (("region", "2088", "Almaty City", "KZ"), "KZ/KAZ-4829"),
        (("region", "2089", "Astana", "KZ"), "KZ/KAZ-4830"),
        (("region", "2077", "Atyrau", "KZ"), "KZ/KAZ-3198"),
        (("country", "TD", "Chad", "TD"), "TD"),
        (("asn", "9198", "Kazakhtelecom", "KZ"), "KZ/AS9198"),
        (("geoasn", "9198-2077", "Kazakhtelecom", "KZ"), "KZ/AS9198"),
    ],
)
def test_entity_place(entity: tuple[str, str, str, str], key: str) -> None:
    place = entity_place(*entity)
    assert place is not None
    assert place.key == key


@pytest.mark.parametrize(
    "entity",
    [("region", "0", "?", "KZ"), ("region", "0", "", "KZ"), ("asn", "x", "", "KZ"), ("region", "1", "A", "??")],
)
def test_an_entity_that_is_no_place(entity: tuple[str, str, str, str]) -> None:
    assert entity_place(*entity) is None


@pytest.mark.parametrize(
    ("lat", "lon", "found"),
    [
        (43.25, 76.92, ("KZ", "KAZ-4829")),
        (51.16, 71.43, ("KZ", "KAZ-4830")),
        (47.1, 51.9, ("KZ", "KAZ-3198")),
        (34.3, 74.47, ("IN", "IND-2431")),
        (0.0, 0.0, None),
        (90.0, 0.0, None),
        (-90.0, 0.0, ("AQ", "ATA+00?")),
        (-16.8, 179.99, ("FJ", "FJI-2657")),
    ],
)
def test_locate_point(lat: float, lon: float, found: tuple[str, str] | None) -> None:
    located = locate(lat, lon)
    assert located is None if found is None else located is not None and located[0] == found[0]
    if found is not None and found[0] != "FJ":
        assert located == found
    assert locate(lat, lon + 360) == located


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_no_point_on_earth(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match="no point on Earth"):
        locate(lat, lon)
