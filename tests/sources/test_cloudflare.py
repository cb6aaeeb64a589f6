"""Cloudflare Radar's answers as evidence and measurements: annotations, anomalies, netflows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.sources import SourceError, cloudflare_netflows, cloudflare_outages
from tests.sources.published import accepted, published, reasons, records
from topics import EVIDENCE, MEASUREMENTS, Outage, decode, encode

ANNOTATION: dict[str, Any] = {
    "id": "9001",
    "dataSource": "ALL",
    "description": "Internet cut during examinations",
    "scope": None,
    "startDate": "2023-06-12T01:00:00Z",
    "endDate": "2023-06-12T05:30:00Z",
    "locations": ["IQ"],
    "asns": [],
    "eventType": "OUTAGE",
    "linkedUrl": "https://example.org/post",
    "asnsDetails": [],
    "locationsDetails": [{"name": "Iraq", "code": "IQ"}],
    "outage": {"outageCause": "GOVERNMENT_DIRECTED", "outageType": "NATIONWIDE"},
}
NETWORKS = {
    "asns": [9198, 21299],
    "locations": ["KZ"],
    "asnsDetails": [
        {"asn": "9198", "name": "KAZTELECOM-AS", "location": {"code": "KZ", "name": "Kazakhstan"}},
        {"asn": "21299", "name": "KAR-TEL-AS", "locations": {"code": "KZ", "name": "Kazakhstan"}},
    ],
    "outage": {"outageCause": "POWER_OUTAGE", "outageType": "NETWORK"},
}
ANOMALY: dict[str, Any] = {
    "uuid": "55a57f33-8bc0-4984-b4df-fdaff72df39d",
    "type": "LOCATION",
    "status": "UNVERIFIED",
    "startDate": "2023-08-02T23:15:00Z",
    "endDate": "2023-08-03T02:00:00Z",
    "locationDetails": {"code": "GA", "name": "Gabon"},
    "visibleInDataSources": ["HTTP", "NET"],
}


def write(tmp_path: Path, result: Any, **more: Any) -> Path:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"success": True, "errors": [], "result": result} | more))
    return path


def annotated(tmp_path: Path, *changed: dict[str, Any]) -> list[Outage]:
    path = write(tmp_path, {"annotations": [ANNOTATION | change for change in changed]})
    found = records(cloudflare_outages.read(path))
    assert all(decode(EVIDENCE, encode(one)) == one for one in found)
    return found


def test_a_nationwide_outage(tmp_path: Path) -> None:
    (found,) = annotated(tmp_path, {})
    assert (found.id, found.country, found.place.kind) == ("cloudflare/annotation/9001/IQ", "IQ", "country")
    assert (found.from_s, found.until_s) == (1_686_531_600, 1_686_547_800)
    assert (found.lineage, found.signals, found.cause) == ("cloudflare-radar", ("traffic",), "GOVERNMENT_DIRECTED")
    assert (found.series, found.origin.reference) == ("cloudflare/country/IQ/traffic", "https://example.org/post")


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("CABLE_CUT", "CABLE_CUT"),
        ("power_outage", "POWER_OUTAGE"),
        ("UNKNOWN", None),
        ("", None),
        (None, None),
    ],
)
def test_the_cause_is_a_code(tmp_path: Path, given: str | None, cause: str | None) -> None:
    (found,) = annotated(tmp_path, {"outage": {"outageCause": given, "outageType": "NATIONWIDE"}})
    assert (found.cause, found.verified) == (cause, True)


def test_an_annotation_without_a_kind_has_no_cause(tmp_path: Path) -> None:
    (found,) = annotated(tmp_path, {"outage": None})
    assert (found.cause, found.verified) == (None, True)


@pytest.mark.parametrize(("status", "verified"), [("VERIFIED", True), ("UNVERIFIED", False), ("REVIEW", None)])
def test_an_anomaly_is_verified_by_its_status(tmp_path: Path, status: str, verified: bool | None) -> None:
    (found,) = records(
        cloudflare_outages.read(write(tmp_path, {"trafficAnomalies": [ANOMALY | {"status": status}]}))
    )
    assert (found.verified, found.cause) == (verified, None)
    assert decode(EVIDENCE, encode(found)) == found


def test_an_outage_of_networks_is_one_of_each(tmp_path: Path) -> None:
    found = annotated(tmp_path, NETWORKS)
    assert [(one.place.kind, one.place.network, one.place.name, one.country) for one in found] == [
        ("network", 9198, "KAZTELECOM-AS", "KZ"),
        ("network", 21299, "KAR-TEL-AS", "KZ"),
    ]
    assert len({one.id for one in found}) == 2


def test_networks_without_details_are_where_the_annotation_is(tmp_path: Path) -> None:
    found = annotated(tmp_path, NETWORKS | {"asnsDetails": None})
    assert [one.place.network for one in found] == [9198, 21299]


@pytest.mark.parametrize(
    ("scope", "description"), [("Sulaymaniyah", ""), (None, "Cut in Sulaymaniyah Governorate")]
)
def test_a_regional_outage_is_where_its_words_say(tmp_path: Path, scope: str | None, description: str) -> None:
    kind = {"outageCause": "GOVERNMENT_DIRECTED", "outageType": "REGIONAL"}
    (found,) = annotated(tmp_path, {"scope": scope, "description": description, "outage": kind})
    assert (found.country, found.place.region is not None) == ("IQ", True)
    assert found.place.kind in ("region", "city")


def test_a_regional_outage_that_says_not_where(tmp_path: Path) -> None:
    kind = {"outageCause": "WEATHER", "outageType": "REGIONAL"}
    (found,) = annotated(tmp_path, {"description": "Storm-related outages in two provinces", "outage": kind})
    assert (found.place.kind, found.place.approximate) == ("country", True)
    networks = annotated(tmp_path, NETWORKS | {"outage": kind})
    assert [one.place.network for one in networks] == [9198, 21299]


def test_several_countries_are_several_outages(tmp_path: Path) -> None:
    assert [one.country for one in annotated(tmp_path, {"locations": ["GA", "CM", "ZZ", "GA"]})] == ["GA", "CM"]


def test_what_has_no_end(tmp_path: Path) -> None:
    old = {"id": 1, "startDate": "2023-03-01T00:00:00Z", "endDate": None}
    new = {"id": 2, "startDate": "2023-06-11T00:00:00Z", "endDate": None}
    path = write(tmp_path, {"annotations": [ANNOTATION | change for change in ({}, old, new)]})
    rows = accepted(cloudflare_outages.read(path))
    _, over, going_on = records(rows)
    assert (over.until_s - over.from_s, over.until_uncertainty_s) == (900, 86_400)
    assert rows[1].flags == ("end-unknown",)
    assert (going_on.until_s, rows[2].flags) == (None, ())


def test_an_end_that_comes_later_is_a_revision(tmp_path: Path) -> None:
    (going_on,) = annotated(tmp_path, {"endDate": None})
    (over,) = annotated(tmp_path, {})
    assert going_on.id == over.id
    assert going_on.revision < over.revision


def test_an_end_before_the_begin_is_flagged(tmp_path: Path) -> None:
    path = write(tmp_path, {"annotations": [ANNOTATION | {"endDate": "2023-06-11T05:30:00Z"}]})
    (row,) = accepted(cloudflare_outages.read(path))
    assert row.flags == ("ends-before-it-begins",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eventType": "EVENT"}, "no outage"),
        ({"eventType": "PIPELINE"}, "no outage"),
        ({"locations": [], "asns": []}, "no place"),
        ({"locations": ["ZZ"]}, "no place"),
        ({"startDate": "soon"}, "time can't be read"),
        ({"startDate": 5}, "a field is missing, or has another form"),
        ({"startDate": "1823-06-12T01:00:00Z"}, "absurd time"),
    ],
)
def test_annotations_that_are_refused(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    path = write(tmp_path, {"annotations": [ANNOTATION, ANNOTATION | change]})
    rows = list(cloudflare_outages.read(path))
    assert (len(accepted(rows)), reasons(rows)) == (1, {reason: 1})


def test_what_clients_keep_has_no_envelope(tmp_path: Path) -> None:
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps({"annotations": [ANNOTATION]}))
    assert len(records(cloudflare_outages.read(path))) == 1


def test_anomalies_of_countries_and_networks(tmp_path: Path) -> None:
    network = {
        "uuid": "u-2",
        "type": "AS",
        "status": "VERIFIED",
        "startDate": "2023-08-02T23:15:00Z",
        "asnDetails": {"asn": "16058", "name": "Gabon-Telecom", "locations": {"code": "GA", "name": "Gabon"}},
    }
    origin = {"uuid": "u-3", "type": "ORIGIN", "startDate": "2023-08-02T23:15:00Z"}
    path = write(tmp_path, {"trafficAnomalies": [ANOMALY, network, origin]})
    rows = list(cloudflare_outages.read(path))
    country, asn = records(rows)
    assert (country.place.key, country.signals) == ("GA", ("http-requests", "netflows"))
    assert (asn.place.key, asn.signals, asn.until_s) == ("GA/AS16058", ("traffic",), None)
    assert "verified" in asn.origin.reference
    assert reasons(rows) == {"no place": 1}
    assert all(decode(EVIDENCE, encode(one)) == one for one in (country, asn))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}',
            "Authentication",
        ),
        ('{"success":true,"errors":[],"result":null}', "no `result`"),
        ('{"success":true,"errors":[],"result":{"other":[]}}', "neither `annotations` nor"),
        ("<html><body>524</body></html>", "HTML or XML"),
        ('{"success":true,"result":{"annotations":[{"id', "damaged JSON"),
        ("", "is empty"),
    ],
)
def test_answers_that_are_errors(tmp_path: Path, body: str, words: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(body)
    with pytest.raises(SourceError, match=words):
        list(cloudflare_outages.read(path))


@pytest.mark.data
def test_published_annotations() -> None:
    folder = published("examples")
    (sudan,) = records(cloudflare_outages.read(folder / "annotation_sudan_exam_2026-04-22.json"))
    assert (sudan.place.key, sudan.until_s - sudan.from_s, sudan.cause) == ("SD", 12_600, "GOVERNMENT_DIRECTED")
    rows = list(cloudflare_outages.read(folder / "annotations_30d_2025-01.json"))
    assert not reasons(rows)
    assert [one.place.key for one in records(rows)] == ["IE", "SY", "HT/AS27653", "HT/AS27653", "RU"]


@pytest.mark.data
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_damaged_copies_of_published_annotations(tmp_path: Path, kept: float) -> None:
    whole = (published("examples") / "annotations_30d_2025-01.json").read_bytes()
    cut = tmp_path / "cut.json"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(SourceError, match="damaged JSON"):
        list(cloudflare_outages.read(cut))


# ------------------------------------------------------------------ netflows

NETFLOWS = {
    "meta": {"aggInterval": "FIFTEEN_MINUTES", "lastUpdated": "2022-09-21T13:00:00Z", "normalization": "MIN0_MAX"},
    "main": {
        "timestamps": [f"2022-09-21T{12 + at // 4:02}:{at % 4 * 15:02}:00Z" for at in (0, 1, 3)],
        "values": ["0.91", 0.5, "0.02"],
    },
}


def test_netflows_of_a_country(tmp_path: Path) -> None:
    (frame,) = records(cloudflare_netflows.read(write(tmp_path, NETFLOWS), entity="country/IR"))
    assert decode(MEASUREMENTS, encode(frame)) == frame
    assert (frame.country, frame.from_s, frame.step_s) == ("IR", 1_663_761_600, 900)
    assert frame.values == ((0.91, 0.5, None, 0.02),)
    assert (frame.series[0].signal, frame.series[0].entity.code) == ("netflows", "IR")


@pytest.mark.parametrize(
    ("note", "missing"),
    [
        ({"eventType": "PIPELINE", "endDate": "2100-01-01T00:00:00Z"}, True),
        ({"eventType": "PIPELINE", "startDate": "2000-01-01T00:00:00Z"}, True),
        ({"eventType": "PIPELINE", "startDate": "2000-01-01T00:00:00Z", "endDate": "2001-01-01T00:00:00Z"}, False),
        ({"eventType": "OUTAGE", "startDate": "2000-01-01T00:00:00Z", "endDate": None}, False),
        ({"eventType": None}, False),
    ],
)
def test_netflows_are_missing_where_radars_pipeline_failed(
    tmp_path: Path, note: dict[str, Any], missing: bool
) -> None:
    meta = {"aggInterval": "FIFTEEN_MINUTES", "confidenceInfo": {"level": 5, "annotations": [note]}}
    (frame,) = records(cloudflare_netflows.read(write(tmp_path, NETFLOWS | {"meta": meta}), entity="country/IR"))
    assert (set(frame.values[0]) == {None}) is missing


def test_netflows_of_a_network_in_the_older_form(tmp_path: Path) -> None:
    older = {"serie_0": NETFLOWS["main"]}
    (frame,) = records(cloudflare_netflows.read(write(tmp_path, older), entity="asn/IR/AS197207"))
    assert frame.series[0].entity.code == "197207"


@pytest.mark.parametrize(
    ("result", "entity", "words"),
    [
        (NETFLOWS, None, "doesn't say what it measures: give --entity country/IR"),
        (NETFLOWS, "country/Atlantis", "is no entity"),
        ({"main": {"timestamps": ["2022-09-21T12:00:00Z"], "values": []}}, "country/IR", "no series"),
        ({"main": {"timestamps": ["noon"], "values": [1]}}, "country/IR", "time can't be read"),
        (
            {"main": {"timestamps": ["2022-09-21T12:00:00Z"], "values": [-1]}},
            "country/IR",
            "no number of at least 0",
        ),
        ({"meta": {}}, "country/IR", "no series"),
    ],
)
def test_netflows_that_cant_be_read(tmp_path: Path, result: Any, entity: str | None, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(cloudflare_netflows.read(write(tmp_path, result), entity=entity))


@pytest.mark.data
def test_the_published_cause_is_a_persons_verdict() -> None:
    (found,) = records(cloudflare_outages.read(published("../cases/cloudflare_government_directed.json")))
    assert (found.cause, found.verified, found.place.key) == ("GOVERNMENT_DIRECTED", True, "SD")


def test_one_series_whatever_it_is_called_in_the_step_that_is_said(tmp_path: Path) -> None:
    serie = {"timestamps": ["2022-09-21T12:00:00Z", "2022-09-21T14:00:00Z"], "values": ["0.5", 1]}
    meta = {"aggInterval": "ONE_HOUR", "normalization": "MIN0_MAX"}
    for name in ("IR", "serie_0", "main"):
        path = write(tmp_path, {name: serie, "meta": meta})
        (frame,) = records(cloudflare_netflows.read(path, entity="country/IR"))
        assert (frame.step_s, frame.values[0]) == (3600, (0.5, None, 1.0))
    path = write(tmp_path, {"IR": serie, "IQ": serie, "meta": meta})
    with pytest.raises(SourceError, match="several series: IR, IQ"):
        list(cloudflare_netflows.read(path, entity="country/IR"))


def test_what_is_null_is_as_what_is_left_out(tmp_path: Path) -> None:
    nothing = {"asns": None, "asnsDetails": None, "locationsDetails": None, "scope": None, "description": None}
    (found,) = annotated(tmp_path, nothing | {"eventType": None, "id": 9001})
    assert (found.id, found.country) == ("cloudflare/annotation/9001/IQ", "IQ")
    unsure = write(tmp_path, {"trafficAnomalies": [ANOMALY | {"status": None, "asnDetails": None}]})
    (anomaly,) = records(cloudflare_outages.read(unsure))
    assert (anomaly.country, anomaly.verified) == ("GA", None)


def test_a_network_that_is_not_named_is_not_the_whole_country(tmp_path: Path) -> None:
    cut = {"outage": {"outageCause": "CABLE_CUT", "outageType": "NETWORK"}, "scope": "An operator"}
    (found,) = annotated(tmp_path, cut)
    assert (found.place.kind, found.place.approximate) == ("country", True)
