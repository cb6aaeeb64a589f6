"""USGS's earthquakes as causes: features of its feeds and its catalogue, strong and weak, updated and deleted."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from streams import limits
from streams.sources import SourceError, causes, usgs
from streams.sources.cause_rules import EARTHQUAKES
from streams.sources.shaking import around, intensity, radius_km
from tests.sources.published import accepted, reasons, records
from topics import EVIDENCE, Cause, decode, encode

AT_MS = 1_675_646_254_342  # 2023-02-06 01:17:34 UTC


def feature(number: str = "us6000jllz", **changed: Any) -> dict[str, Any]:
    """A feature as both services give it; `changed` are properties, or `point` for its geometry."""
    point = changed.pop("point", [37.0143, 37.2256, 10])
    properties = {
        "mag": 7.8,
        "place": "Pazarcik earthquake, Kahramanmaras earthquake sequence",
        "time": AT_MS,
        "updated": AT_MS + 600_000,
        "tz": None,
        "url": f"https://earthquake.usgs.gov/earthquakes/eventpage/{number}",
        "felt": 2_000,
        "alert": "red",
        "status": "reviewed",
        "tsunami": 0,
        "ids": f",{number},",
        "type": "earthquake",
    }
    geometry = None if point is None else {"type": "Point", "coordinates": point}
    return {"type": "Feature", "id": number, "properties": properties | changed, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    metadata = {"generated": AT_MS, "status": 200, "api": "1.10.3", "count": len(features)}
    return {"type": "FeatureCollection", "metadata": metadata, "features": list(features)}


def write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "quakes.geojson"
    path.write_text(json.dumps(content))
    return path


def read(tmp_path: Path, *features: Any) -> list[Any]:
    return list(usgs.read(write(tmp_path, collection(*features))))


def quakes(tmp_path: Path, *features: Any) -> list[Cause]:
    found = records(read(tmp_path, *features))
    assert all(decode(EVIDENCE, encode(one)) == one for one in found)
    return found


def test_an_earthquake_at_a_border_is_a_cause_in_both_countries(tmp_path: Path) -> None:
    found = {one.country: one for one in quakes(tmp_path, feature())}
    assert set(found) == {"SY", "TR"}
    cause = found["TR"]
    assert (cause.id, cause.kind, cause.magnitude) == ("usgs/us6000jllz/TR", "disaster", 7.8)
    assert (cause.from_s, cause.until_s) == (AT_MS // 1000, AT_MS // 1000 + EARTHQUAKES.lasts_s)
    assert (cause.revision, cause.lineage, cause.origin.source) == (AT_MS // 1000 + 600, "usgs", "usgs")
    assert (cause.place.kind, cause.place.latitude, cause.place.longitude) == ("point", 37.2256, 37.0143)
    assert 150 < cause.place.radius_km < 250
    assert cause.title is not None
    assert "magnitude 7.8" in cause.title
    assert cause.origin.reference == "https://earthquake.usgs.gov/earthquakes/eventpage/us6000jllz"


@pytest.mark.parametrize("magnitude", [EARTHQUAKES.least_magnitude - 0.1, 2.5, -1.0])
def test_a_weak_one_is_no_cause(tmp_path: Path, magnitude: float) -> None:
    assert reasons(read(tmp_path, feature(mag=magnitude))) == {usgs.TOO_WEAK: 1}


def test_a_deep_one_is_no_cause_where_a_shallow_one_is(tmp_path: Path) -> None:
    assert quakes(tmp_path, feature(mag=6.0, point=[37.0, 37.2, 10]))
    assert reasons(read(tmp_path, feature(mag=6.0, point=[37.0, 37.2, 400]))) == {usgs.TOO_WEAK: 1}


@pytest.mark.parametrize("depth", [None, -2.5, 0])
def test_depths_that_are_missing_or_above_the_sea(tmp_path: Path, depth: float | None) -> None:
    assert quakes(tmp_path, feature(mag=6.0, point=[37.0, 37.2, depth]))


def test_one_far_out_at_sea_is_no_cause(tmp_path: Path) -> None:
    assert reasons(read(tmp_path, feature(mag=6.5, point=[-30.0, 0.5, 10]))) == {usgs.AT_SEA: 1}


def test_one_off_the_coast_is_a_cause_ashore(tmp_path: Path) -> None:
    assert "JP" in {one.country for one in quakes(tmp_path, feature(mag=9.1, point=[142.4, 38.3, 29]))}


@pytest.mark.parametrize("kind", ["quarry blast", "explosion", "ice quake", "nuclear explosion"])
def test_what_is_no_earthquake_is_no_cause(tmp_path: Path, kind: str) -> None:
    assert reasons(read(tmp_path, feature(type=kind))) == {usgs.NO_EARTHQUAKE: 1}


def test_an_update_is_a_revision_of_the_same_cause(tmp_path: Path) -> None:
    (first,) = quakes(tmp_path, feature(mag=6.0, point=[70.0, 46.0, 10], status="automatic"))
    (later,) = quakes(tmp_path, feature(mag=6.3, point=[70.1, 46.0, 12], updated=AT_MS + 9_000_000))
    assert (first.id, first.revision < later.revision) == (later.id, True)
    assert first.place.radius_km < later.place.radius_km


def test_a_deleted_one_is_withdrawn_wherever_it_may_have_been(tmp_path: Path) -> None:
    published = quakes(tmp_path, feature(mag=6.9))
    rows = read(tmp_path, feature(mag=5.1, status="deleted", updated=AT_MS + 9_000_000))
    gone = records(rows)
    assert {one.id for one in published} <= {one.id for one in gone}
    assert all(one.withdrawn and one.revision > published[0].revision for one in gone)
    assert {row.flags for row in accepted(rows)} == {("withdrawn",)}
    assert quakes(tmp_path, feature(mag=None, status="deleted"))


def test_a_deleted_one_without_a_place_takes_back_nothing(tmp_path: Path) -> None:
    (row,) = read(tmp_path, feature(point=None, mag=None, time=None, status="deleted"))
    assert "deleted" in row.reason


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mag": None}, "`mag` is missing"),
        ({"mag": 77}, "`mag` is no magnitude"),
        ({"mag": "big"}, "a field is missing, or has another form"),
        ({"time": None}, "`time` is missing"),
        ({"time": AT_MS // 1000}, "`time` is no time of ours in milliseconds"),
        ({"updated": 10**18}, "`updated` is no time of ours in milliseconds"),
        ({"point": None}, "`geometry.coordinates`"),
        ({"point": []}, "`geometry.coordinates`"),
        ({"point": [37.2, 95.0, 10]}, "`geometry.coordinates`"),
        ({"point": [None, 37.0, 10]}, "`geometry.coordinates`"),
        ({"number": ""}, "no id"),
    ],
)
def test_features_that_are_refused_say_why_and_the_rest_goes_on(
    tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    rows = read(tmp_path, feature(**changed), feature("us2"))
    (reason,) = reasons(rows)
    assert words in reason
    assert {row.number for row in accepted(rows)} == {2}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "FeatureCollection"}, "has no `features`"),
        ({"type": "Topology", "features": []}, "has no `features`"),
        ({"features": []}, "type"),
        ([], "not of the form"),
    ],
)
def test_answers_that_are_something_else(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(usgs.read(write(tmp_path, content)))


def test_an_empty_answer_has_no_earthquakes(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_one_event_alone(tmp_path: Path) -> None:
    path = write(tmp_path, feature())
    assert {one.id for one in records(usgs.read(path))} == {"usgs/us6000jllz/SY", "usgs/us6000jllz/TR"}


def test_a_document_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_bytes(json.dumps(collection(feature())).encode()[:-20])
    with pytest.raises(SourceError, match="damaged JSON"):
        list(causes.read(path))


def test_a_huge_document_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DOCUMENT_BYTES", 10_000)
    path = tmp_path / "quakes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(collection(*[feature(str(at)) for at in range(99)])).encode()))
    with pytest.raises(SourceError, match="more than"):
        list(usgs.read(path))


def test_more_events_than_usgs_ever_answers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usgs, "MOST_EVENTS", 3)
    assert len(read(tmp_path, *[feature(str(at), mag=2.0) for at in range(3)])) == 3
    with pytest.raises(SourceError, match="more than 3 features"):
        read(tmp_path, *[feature(str(at)) for at in range(4)])


# ------------------------------------------------------------------ shaking


def test_the_radius_grows_with_magnitude_and_shrinks_with_depth() -> None:
    grown = [radius_km(5 + step / 10, 10.0) or 0.0 for step in range(1, 46)]
    assert grown == sorted(grown)
    deep = [radius_km(7.5, float(depth)) or 0.0 for depth in range(0, 300, 10)]
    assert deep == sorted(deep, reverse=True)
    assert (deep[0] > 100, deep[-1]) == (True, 0.0)


@pytest.mark.parametrize("magnitude", [6.0, 7.0, 8.0])
def test_at_the_edge_shaking_is_that_of_the_rule(magnitude: float) -> None:
    reach = radius_km(magnitude, 15.0)
    assert reach is not None
    assert intensity(magnitude, math.hypot(reach, 15.0)) == pytest.approx(EARTHQUAKES.intensity, abs=0.02)


@pytest.mark.parametrize(
    ("magnitude", "source_km", "expected"),
    # By hand from the published coefficients (Allen, Wald and Worden 2012, table 1).
    [(5.0, 10.0, 5.974), (6.0, 20.0, 6.405), (7.0, 100.0, 5.663)],
)
def test_intensity_as_published(magnitude: float, source_km: float, expected: float) -> None:
    assert intensity(magnitude, source_km) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("point", "reach", "countries"),
    [
        ((-17.9, 179.9), 150.0, {"FJ"}),
        ((43.0, 71.0), 20.0, {"KZ"}),
        ((0.0, -30.0), 100.0, set()),
        ((-14.0, -171.9), 60.0, {"WS"}),
        ((41.1, 45.1), 60.0, {"AM", "AZ", "GE"}),
    ],
)
def test_the_countries_that_a_circle_touches(point: tuple[float, float], reach: float, countries: set[str]) -> None:
    places = list(around("x", *point, reach))
    assert {place.country for place in places} == countries
    assert all((place.latitude, place.longitude, place.radius_km) == (*point, reach) for place in places)
