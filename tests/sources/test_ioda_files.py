"""IODA's answers and messages from files: signals, events, alerts, its Kafka's messages, the dashboard's export."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from streams.sources import SourceError, ioda_alerts, ioda_events, ioda_signals
from tests.sources.ioda_fake import alert
from tests.sources.published import reasons, records
from topics import EVIDENCE, MEASUREMENTS, Outage, decode, encode

UNTIL = 1_706_832_000


def envelope(kind: str, data: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "metadata": {"requestTime": "2026-02-01T01:44:46+00:00", "responseTime": "2026-02-01T01:44:47+00:00"},
        "requestParameters": {"from": 1706745600, "until": UNTIL},
        "data": data,
        **more,
    }


def write(tmp_path: Path, *documents: Any, name: str = "answer.json") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in documents))
    return path


# ------------------------------------------------------------------ signals


def signal(**changed: Any) -> dict[str, Any]:
    return {
        "entityType": "country",
        "entityCode": "TR",
        "entityName": "Turkey",
        "entityFqid": "geo.provider.EU.TR",
        "datasource": "bgp",
        "from": 1706745600,
        "until": UNTIL,
        "step": 300,
        "nativeStep": 300,
        "values": [62200, None, 62224],
        **changed,
    }


def test_signals_of_a_country(tmp_path: Path) -> None:
    (frame,) = records(ioda_signals.read(write(tmp_path, envelope("signals", [[signal()]]))))
    assert decode(MEASUREMENTS, encode(frame)) == frame
    assert (frame.country, frame.from_s, frame.step_s) == ("TR", 1_706_745_600, 300)
    assert (frame.values, frame.known_s) == (((62200, None, 62224),), 1_769_910_287)
    series = frame.series[0]
    assert (series.signal, series.entity.type, series.entity.code, series.entity.name) == (
        "bgp",
        "country",
        "TR",
        "Turkey",
    )


def test_series_of_one_country_and_time_share_a_frame(tmp_path: Path) -> None:
    region = signal(
        entityType="region", entityCode="4107", entityName="Izmir", entityFqid="geo.netacuity.EU.TR.4107"
    )
    google = signal(datasource="gtr", subtype="WEB_SEARCH", step=1800)
    youtube = signal(datasource="gtr", subtype="YOUTUBE", step=1800)
    path = write(tmp_path, envelope("signals", [[signal(), google, youtube], [region]]))
    frames = records(ioda_signals.read(path))
    assert [[(one.signal, one.entity.code, one.lineage) for one in frame.series] for frame in frames] == [
        [("bgp", "TR", None), ("bgp", "4107", None)],
        [("gtr", "TR", "google"), ("gtr-youtube", "TR", "google")],
    ]


@pytest.mark.parametrize("data", [[], [[]], [[], []]])
def test_old_windows_are_empty_and_no_error(tmp_path: Path, data: Any) -> None:
    assert list(ioda_signals.read(write(tmp_path, envelope("signals", data)))) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            {"datasource": "ping-slash24-loss", "values": [{"agg_values": {"loss_pct": 3}}]},
            "values that are no numbers",
        ),
        ({"values": "none"}, "values that are no numbers"),
        ({"entityType": "continent", "entityCode": "AS", "entityFqid": "geo.netacuity.AS"}, "no place"),
        ({"entityType": "region", "entityCode": "1", "entityFqid": None}, "unknown country"),
        ({"from": 5}, "absurd time"),
        ({"step": 0}, "absurd time"),
        ({"step": "often"}, "a series lacks a field, or has another form"),
    ],
)
def test_series_that_are_refused_one_by_one(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    rows = list(ioda_signals.read(write(tmp_path, envelope("signals", [[signal(), signal(**changed)]]))))
    assert (len(records(rows)), reasons(rows)) == (1, {reason: 1})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (envelope("signals", [[]], error="The window is too long"), "reports an error: The window is too long"),
        ({"type": "signals", "metadata": {}}, "has no `data`"),
        ("<html><title>502</title></html>", "HTML or XML"),
        ('{"type":"signals","data":[[{"entityType"', "damaged JSON"),
        ("", "is empty"),
    ],
)
def test_answers_that_are_errors(tmp_path: Path, document: Any, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(ioda_signals.read(write(tmp_path, document)))


def test_networks_are_where_one_says(tmp_path: Path) -> None:
    network = signal(entityType="asn", entityCode="9198", entityName="KAZTELECOM", entityFqid="asn.9198")
    path = write(tmp_path, envelope("signals", [[network]]))
    assert reasons(ioda_signals.read(path)) == {"unknown country": 1}
    (frame,) = records(ioda_signals.read(path, entity="asn/KZ/9198"))
    assert (frame.country, frame.series[0].entity.type) == ("KZ", "asn")


def test_many_answers_in_one_file_packed_or_not(tmp_path: Path) -> None:
    answers = [envelope("signals", [[signal(**{"from": 1706745600 + at * 900})]]) for at in range(3)]
    plain = write(tmp_path, *answers, name="answers.jsonl")
    packed = tmp_path / "answers.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert [row.number for row in ioda_signals.read(plain)] == [1, 2, 3]
    assert list(ioda_signals.read(plain)) == list(ioda_signals.read(packed))
    pretty = tmp_path / "pretty.json"
    pretty.write_text(json.dumps(answers[0], indent=2))
    assert len(records(ioda_signals.read(pretty))) == 1


def test_values_later_than_the_answer_are_not_believed(tmp_path: Path) -> None:
    document = envelope("signals", [[signal(values=[1] * 10)]])
    document["metadata"]["responseTime"] = "2024-02-01T00:20:00+00:00"
    (frame,) = records(ioda_signals.read(write(tmp_path, document)))
    assert len(frame.values[0]) == 5


def test_the_dashboards_export(tmp_path: Path) -> None:
    text = (
        '"Time (UTC)","Google (Search)","Telescope (# Unique Source IPs)","BGP (#Visible /24s)",'
        '"Active Probing (#/24s Up)"\n'
        '"2026-01-08 16:30:00",64.0017,19.0864,99.7771,53.2796\n'
        '"2026-01-08 16:35:00",,19.1,99.7,\n'
        '"2026-01-08 16:40:00",,,99.7,51\n'
        '"2026-01-08 17:00:00",65.1581,15.8549,99.7683,6.5619\n'
    )
    path = write(tmp_path, text, name="export.csv")
    frames = records(ioda_signals.read(path, entity="country/IR"))
    found = {series.signal: (frame.step_s, row) for frame in frames for series, row in zip(frame.series, frame.values, strict=True)}  # fmt: skip # noqa: E501
    assert found["ping-slash24"] == (600, (53.2796, 51, None, 6.5619))
    assert found["gtr"] == (1800, (64.0017, 65.1581))
    assert found["bgp"][1] == (99.7771, 99.7, 99.7, None, None, None, 99.7683)
    with pytest.raises(SourceError, match="give --entity country/IR"):
        list(ioda_signals.read(path))


# ------------------------------------------------------------------ events


def event(**changed: Any) -> dict[str, Any]:
    return {
        "location": "country/TO",
        "start": 1_706_800_000,
        "duration": 3600,
        "uncertainty": None,
        "method": "median",
        "datasource": "ping-slash24",
        "status": 0,
        "fraction": None,
        "score": 24585.36,
        "location_name": "Tonga",
        "overlaps_window": False,
        **changed,
    }


def events(tmp_path: Path, *changed: dict[str, Any]) -> list[Outage]:
    found = records(
        ioda_events.read(write(tmp_path, envelope("outages.events", [event(**one) for one in changed])))
    )
    assert all(decode(EVIDENCE, encode(one)) == one for one in found)
    return found


def test_an_event(tmp_path: Path) -> None:
    (found,) = events(tmp_path, {})
    assert found.id == "ioda-event/country/TO/ping-slash24/median/1706800000"
    assert (found.from_s, found.until_s, found.area) == (1_706_800_000, 1_706_803_600, 24585.36)
    assert (found.place.key, found.signals, found.lineage) == ("TO", ("ping-slash24",), "ioda")


def test_events_that_go_on_end_where_the_question_does(tmp_path: Path) -> None:
    cut, long, over = events(
        tmp_path,
        {"overlaps_window": True, "duration": UNTIL - 1_706_800_000},
        {"overlaps_window": True, "start": UNTIL - 1_209_900, "duration": 1_209_900},
        {"overlaps_window": True, "start": 1_706_700_000},
    )
    assert (cut.until_s, long.until_s, over.until_s) == (None, None, 1_706_703_600)


def test_the_apis_other_form_of_an_event(tmp_path: Path) -> None:
    other = {
        "from": 1_706_800_000, "until": 1_706_803_600, "datasource": "bgp", "score": 5.5, "overlap": False,
        "method": "median", "format": "ioda",
        "entity": {"code": "4107", "name": "Izmir", "type": "region", "subnames": [],
                   "attrs": {"fqid": "geo.netacuity.EU.TR.4107", "country_code": "TR"}},
    }  # fmt: skip
    going_on = other | {"until": UNTIL, "overlap": True, "datasource": "gtr"}
    none = {name: value for name, value in other.items() if name != "from"}
    rows = list(ioda_events.read(write(tmp_path, envelope("outages.events", [other, going_on, none]))))
    over, still = records(rows)
    assert (over.id, over.until_s) == ("ioda-event/region/4107/bgp/median/1706800000", 1_706_803_600)
    assert (over.country, over.place.kind, still.until_s) == ("TR", "region", None)
    assert reasons(rows) == {"a field is missing, or has another form": 1}


def test_regions_need_their_country_where_their_name_is_no_help(tmp_path: Path) -> None:
    region = {"location": "region/1906", "location_name": "Cagliari", "datasource": "gtr"}
    (found,) = events(tmp_path, region)
    assert (found.country, found.lineage) == ("IT", "google")
    document = envelope("outages.events", [event(location="region/2088", location_name="")])
    path = write(tmp_path, document)
    assert reasons(ioda_events.read(path)) == {"unknown place": 1}
    described = {"code": "2088", "name": "Almaty City", "type": "region", "subnames": [],
                 "attrs": {"fqid": "geo.netacuity.AS.KZ.2088", "country_code": "KZ"}}  # fmt: skip
    entities = write(tmp_path, envelope("entities", [described]), name="entities.json")
    (found,) = records(ioda_events.read(path, entities))
    assert (found.country, found.place.name) == ("KZ", "Almaty City")


def test_events_that_are_refused(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"datasource": "overall"},
        {"datasource": None},
        {"duration": -5},
        {"start": 7},
        {"location": "continent/AS", "location_name": "Asia"},
        {"start": "soon"},
    ]
    path = write(tmp_path, envelope("outages.events", [event(**one) for one in changes]))
    assert reasons(ioda_events.read(path)) == {
        "events of several signals in one": 2,
        "absurd time": 2,
        "unknown place": 1,
        "a field is missing, or has another form": 1,
    }


# ------------------------------------------------------------------ alerts


def alerts(tmp_path: Path, *items: dict[str, Any]) -> list[Any]:
    return list(ioda_events.read(write(tmp_path, envelope("outages.alerts", list(items)))))


def test_alerts_are_an_outage_in_whatever_order(tmp_path: Path) -> None:
    told = [
        alert(1_614_499_200, "critical", 310),
        alert(1_614_499_800, "critical", 52),
        alert(1_614_510_000, "normal", 500),
    ]
    for order in (told, told[::-1]):
        (found,) = records(alerts(tmp_path, *order))
        assert (found.from_s, found.until_s, found.severity) == (1_614_499_200, 1_614_510_000, "critical")
        assert found.ratio_min == pytest.approx(0.1)
        assert (found.place.name, found.country) == ("Almaty City", "KZ")


def test_what_was_before_has_two_names(tmp_path: Path) -> None:
    one = alert(1_614_499_200, "critical", 310)
    one["historicValue"] = one.pop("historyValue")
    (found,) = records(alerts(tmp_path, one))
    assert (found.ratio_min, found.until_s) == (pytest.approx(310 / 520), None)


def test_alerts_that_tell_of_no_outage(tmp_path: Path) -> None:
    rows = alerts(
        tmp_path,
        alert(1_614_499_200, "normal", 500),
        alert(1_614_499_800, "critical", 100),
        alert(1_614_499_800, "critical", 100),
        alert(1_614_500_400, "error", 0),
        alert(5, "critical", 100),
        {"datasource": "bgp"},
    )
    (found,) = records(rows)
    assert found.until_s is None, "an error is no end: nothing was measured"
    assert reasons(rows) == {
        "an end without its begin": 1,
        "told already": 1,
        "nothing was measured (level error)": 1,
        "absurd time": 1,
        "a field is missing, or has another form": 1,
    }


def message(level: str, at: int, *entities: str, **more: Any) -> dict[str, Any]:
    violations = [
        {"expression": one, "condition": "< 0.8", "value": 310, "history_value": 520, "history": None, "time": at}
        for one in entities
    ]
    return {
        "fqid": "active.ping-slash24.team-1.up_slash24_cnt",
        "name": "/24 Ping up /24s (Team 1)",
        "level": level,
        "time": at,
        "expression": None,
        "history_expression": None,
        "method": "median",
        "violations": violations,
        **more,
    }


def test_messages_of_iodas_kafka(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        message("critical", 1_614_499_200, "country/KZ", "country/TR", "region/2088"),
        message("normal", 1_614_510_000, "country/KZ"),
        message("critical", 1_614_510_000, "country/KZ", fqid="unheard.of"),
        {"level": "critical"},
        name="messages.jsonl",
    )
    rows = list(ioda_alerts.messages(path))
    found = {one.place.key: one for one in records(rows)}
    assert (found["KZ"].until_s, found["TR"].until_s) == (1_614_510_000, None)
    assert reasons(rows) == {
        "unknown datasource": 1,
        "a field is missing, or has another form": 1,
        "unknown place": 1,
    }
