"""The doubles are as strict as the services: one test a fact, with a request that a kind double would pass.

A double that is made kinder fails here, before it hides a fault of ours. docs/SERVICES.md says where each is from.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest

from streams.sources.points import iso
from tests.sources.acled_fake import EMAIL, PASSWORD, ROW, Acled
from tests.sources.atlas_fake import Atlas
from tests.sources.fake import Answer, Request
from tests.sources.gdelt_fake import SLOT, Archive, name
from tests.sources.ihr_fake import Ihr
from tests.sources.ioda_fake import World, alert
from tests.sources.netflows_fake import Netflows
from tests.sources.ooni_changepoints_fake import Changepoints
from tests.sources.ooni_fake import Ooni
from tests.sources.pulse_fake import Pulse
from tests.sources.radar_fake import Radar
from tests.sources.ripestat_fake import Ripestat
from tests.sources.test_cloudflare import ANNOTATION

NOW = 1_700_000_400
NOW_SLOT = NOW // 900 * 900
DAY = 86_400


def ask(route: Any, path: str = "/", headers: Any = None, **params: Any) -> tuple[int, Any]:
    """The status and the decoded body of an answer."""
    found = route(Request("GET", path, {name: str(value) for name, value in params.items()}, headers or {}, {}))
    if isinstance(found, Answer):
        return found.status, json.loads(found.body)
    return 200, json.loads(json.dumps(found))


# ------------------------------------------------------------------ RIPEstat


def ripestat(**more: Any) -> Any:
    double = Ripestat(updates=lambda _, at: 0 if at == NOW // 3600 * 3600 - 3600 else 5)
    params: dict[str, Any] = {
        "resource": "9198",
        "starttime": NOW // 3600 * 3600 - 10 * 3600,
        "endtime": NOW // 3600 * 3600,
    }
    return ask(double.answer, **params | more)[1]["data"]


def test_ripestat_gives_its_period_as_a_float() -> None:
    assert isinstance(ripestat()["sampling_period"], float)


def test_ripestat_widens_the_period_to_fifty_samples() -> None:
    week = NOW // 3600 * 3600 - 7 * DAY
    assert ripestat(starttime=week, min_sampling_period=3600)["sampling_period"] == 21_600
    assert ripestat(starttime=week, min_sampling_period=3600, max_samples=168)["sampling_period"] == 3600


def test_ripestat_hides_silent_samples_unless_asked() -> None:
    assert len(ripestat(min_sampling_period=3600)["updates"]) == 9
    shown = ripestat(min_sampling_period=3600, hide_empty_samples="false")["updates"]
    assert (len(shown), shown[-1]["announcements"]) == (10, None)


def test_ripestat_cuts_off_what_it_has_not_got_yet() -> None:
    double = Ripestat(newest_s=NOW // 3600 * 3600 - 2 * 3600)
    asked: dict[str, Any] = {"resource": "9198", "starttime": NOW - 10 * 3600, "endtime": NOW, "max_samples": 0}
    answer = ask(double.answer, **asked | {"min_sampling_period": 3600, "max_samples": 100})[1]["data"]
    assert answer["query_endtime"] == iso(double.newest_s or 0).removesuffix("Z")
    assert answer["updates"][-1]["starttime"] == iso((double.newest_s or 0) - 3600).removesuffix("Z")


def test_ripestat_says_that_a_call_will_go() -> None:
    double = Ripestat(status="deprecated - use another", messages=[["warning", "it goes in May"]])
    asked: dict[str, Any] = {"resource": "9198", "starttime": NOW - 7200, "endtime": NOW}
    answer = ask(double.answer, **asked)[1]
    assert (answer["data_call_status"], answer["messages"]) == (
        "deprecated - use another",
        [["warning", "it goes in May"]],
    )


def test_ripestat_has_null_in_place_of_counts() -> None:
    shown = ripestat(max_samples=100, hide_empty_samples="false")["updates"]
    assert {one["withdrawals"] for one in shown} == {None}
    assert {one["announcements"] for one in shown} == {5, None}


def test_ripestat_echoes_the_resource_without_as() -> None:
    assert ripestat(resource="AS9198")["resource"] == "9198"


# ------------------------------------------------------------------ OONI


def ooni(**more: Any) -> tuple[int, Any]:
    double = Ooni({("IR", NOW // DAY * DAY + 3600): 7, ("IR", NOW // DAY * DAY + DAY): 9})
    params: dict[str, Any] = {"since": "2023-11-14", "until": "2023-11-15", "axis_x": "measurement_start_day"}
    return ask(double.answer, **params | more)


@pytest.mark.parametrize("which", ["since", "until"])
def test_ooni_refuses_a_time_of_day(which: str) -> None:
    later = {"until": "2023-11-16"}
    assert ooni(**later | {which: "2023-11-15T01:00:00"})[0] == 422
    assert ooni(**later | {which: "2023-11-15T00:00:00"})[0] == 200


def test_ooni_leaves_out_the_day_of_until() -> None:
    assert [row["measurement_count"] for row in ooni()[1]["result"]] == [7]
    assert [row["measurement_count"] for row in ooni(until="2023-11-16")[1]["result"]] == [7, 9]


@pytest.mark.parametrize(("grain", "day"), [("hour", "2023-11-14T01:00:00Z"), ("day", "2023-11-14")])
def test_ooni_writes_times_by_the_grain(grain: str, day: str) -> None:
    assert ooni(time_grain=grain)[1]["result"][0]["measurement_start_day"] == day


def test_ooni_reports_two_axes_that_are_one_with_http_200() -> None:
    assert ooni(axis_y="measurement_start_day") == (200, {"msg": "Axis X and Y cannot be the same", "v": 0})
    assert ooni(axis_x="hour") == (400, {"msg": "Invalid axis name", "v": 0})


@pytest.mark.parametrize(
    ("until", "grain", "status"),
    [
        ("2023-11-21", "hour", 200),
        ("2023-11-22", "hour", 400),
        ("2023-11-14", "hour", 400),
        ("2023-11-16", "week", 400),
    ],
)
def test_ooni_counts_by_hour_for_seven_days_at_most(until: str, grain: str, status: int) -> None:
    assert ooni(until=until, time_grain=grain)[0] == status


@pytest.mark.parametrize(("until", "day"), [("2023-11-21", "2023-11-14T01:00:00Z"), ("2023-11-22", "2023-11-14")])
def test_ooni_takes_the_finest_grain_unless_asked(until: str, day: str) -> None:
    assert ooni(until=until)[1]["result"][0]["measurement_start_day"] == day


def test_ooni_gives_one_sum_without_axes() -> None:
    double = Ooni({("IR", NOW): 7})
    answer = ask(double.answer, since="2023-11-14", until="2023-11-21")[1]
    assert (answer["result"]["measurement_count"], answer["dimension_count"]) == (7, 0)


# ------------------------------------------------------------------ Cloudflare


CLOUDFLARE = {"Authorization": "Bearer cf-hush"}


def netflows(days: int, **more: Any) -> tuple[int, Any]:
    asked: dict[str, Any] = {"dateStart": NOW - days * DAY, "dateEnd": NOW, "location": "IR"}
    return ask(Netflows().answer, headers=CLOUDFLARE, **asked | more)


@pytest.mark.parametrize(("interval", "days", "status"), [("15m", 7, 400), ("15m", 1, 200), ("1h", 8, 200)])
def test_cloudflare_refuses_too_fine_a_step(interval: str, days: int, status: int) -> None:
    assert netflows(days, aggInterval=interval)[0] == status


@pytest.mark.parametrize(("days", "step"), [(1, "FIFTEEN_MINUTES"), (8, "ONE_HOUR"), (30, "ONE_DAY")])
def test_cloudflare_takes_its_own_step_unless_asked(days: int, step: str) -> None:
    assert netflows(days)[1]["result"]["meta"]["aggInterval"] == step


def test_cloudflare_gives_shares_of_the_largest_value_as_texts() -> None:
    values = netflows(1, aggInterval="1h")[1]["result"]["main"]["values"]
    assert all(isinstance(value, str) for value in values)
    assert max(map(float, values)) == 1


def test_cloudflare_annotates_what_its_own_pipeline_made_wrong() -> None:
    asked = {"dateStart": iso(NOW - DAY), "dateEnd": iso(NOW), "aggInterval": "1h", "location": "IR"}
    double = Netflows(
        value=lambda _, at: 50.0, failures=[(NOW - 7_200, NOW - 3_600), (NOW - 9 * DAY, NOW - 8 * DAY)]
    )
    result = ask(double.answer, headers=CLOUDFLARE, **asked)[1]["result"]
    [note] = result["meta"]["confidenceInfo"]["annotations"]
    assert (note["eventType"], note["startDate"], note["endDate"]) == (
        "PIPELINE",
        iso(NOW - 7_200),
        iso(NOW - 3_600),
    )
    assert {float(value) for value in result["main"]["values"]} == {0.5, 1.0}, (
        "and gives out wrong values all the same"
    )


@pytest.mark.parametrize("path", ["/annotations/outages", "/traffic_anomalies", "/netflows/timeseries"])
def test_cloudflare_refuses_who_has_no_token(path: str) -> None:
    status, answer = ask((Radar().routes() | Netflows().routes())[path], path, dateStart=NOW, dateEnd=NOW)
    assert (status, answer["success"], answer["errors"][0]["code"]) == (403, False, 10000)


def radar(annotations: list[dict[str, Any]], **more: Any) -> Any:
    asked: dict[str, Any] = {"dateStart": iso(NOW - 7 * DAY), "dateEnd": iso(NOW)}
    route = Radar(annotations=annotations).routes()["/annotations/outages"]
    return ask(route, headers=CLOUDFLARE, **asked | more)[1]["result"]["annotations"]


def test_cloudflare_lists_what_began_in_the_asked_time_also_what_is_open_for_weeks() -> None:
    known = [
        ANNOTATION | {"id": str(days), "startDate": iso(NOW - days * DAY), "endDate": None} for days in (3, 35)
    ]
    assert [one["id"] for one in radar(known)] == ["3"]
    assert [(one["id"], one["endDate"]) for one in radar(known, dateStart=iso(NOW - 40 * DAY))] == [
        ("3", None),
        ("35", None),
    ]


def test_cloudflare_lists_nothing_in_a_week_without_an_error() -> None:
    assert radar([]) == []


def test_cloudflare_lists_ten_unless_asked() -> None:
    known = [ANNOTATION | {"id": str(number), "startDate": iso(NOW - number)} for number in range(12)]
    assert [len(radar(known)), len(radar(known, limit=100)), len(radar(known, limit=10, offset=10))] == [10, 12, 2]


@pytest.mark.parametrize("status", ["VERIFIED", "UNVERIFIED"])
def test_cloudflare_tells_anomalies_by_whether_they_were_verified(status: str) -> None:
    known = [ANNOTATION | {"id": one, "status": one, "startDate": iso(NOW)} for one in ("VERIFIED", "UNVERIFIED")]
    asked = {"dateStart": iso(NOW - DAY), "dateEnd": iso(NOW), "status": status}
    route = Radar(anomalies=known).routes()["/traffic_anomalies"]
    found = ask(route, headers=CLOUDFLARE, **asked)[1]["result"]["trafficAnomalies"]
    assert [one["id"] for one in found] == [status]


# ------------------------------------------------------------------ ACLED


def acled(double: Acled, **more: Any) -> tuple[int, Any]:
    form = {"grant_type": "password", "client_id": "acled", "username": EMAIL, "password": PASSWORD}
    token = double.oauth(Request("POST", "/oauth/token", {}, {}, form))["access_token"]
    return ask(double.read, headers={"Authorization": f"Bearer {token}"}, **more)


@pytest.mark.parametrize("wrong", ["grant_type", "client_id", "username", "password"])
def test_acled_gives_a_token_for_a_password_alone(wrong: str) -> None:
    form = {"grant_type": "password", "client_id": "acled", "username": EMAIL, "password": PASSWORD, wrong: "x"}
    assert Acled().oauth(Request("POST", "/oauth/token", {}, {}, form)).status == 400


def test_acled_forgets_a_token_after_a_day() -> None:
    double = Acled(now_s=NOW)
    acled(double)
    token = {"Authorization": "Bearer token-1"}
    double.now_s = NOW + DAY - 1
    assert ask(double.read, headers=token)[0] == 200
    double.now_s = NOW + DAY
    assert ask(double.read, headers=token)[0] == 401
    assert ask(double.read)[0] == 401


def test_acled_answers_an_embargoed_account_with_success_and_no_rows() -> None:
    double = Acled(now_s=NOW, embargo_days=679)
    double.add(1, NOW)
    status, answer = acled(double)
    assert (status, answer["success"], answer["count"], answer["data"]) == (200, True, 0, [])
    assert answer["data_query_restrictions"]["date_recency"]["date"] == "2022-01-04"
    double.add(2, NOW, event_date="2022-01-04")
    assert [row["event_id_cnty"] for row in acled(double)[1]["data"]] == ["KAZ2"]
    assert acled(Acled(now_s=NOW))[1]["data_query_restrictions"] == []


def test_acled_moves_its_embargo_on_with_time() -> None:
    double = Acled(now_s=NOW, embargo_days=679)
    double.add(1, NOW - 300 * DAY, event_date="2022-01-05")
    assert acled(double, timestamp=0)[1]["data"] == []
    double.now_s = NOW + DAY
    assert acled(double, timestamp=0)[1]["count"] == 1
    assert acled(double, timestamp=NOW)[1]["count"] == 0, "it changed long before it was seen"


def test_acled_gives_five_thousand_of_a_page_counted_from_1() -> None:
    double = Acled(now_s=NOW)
    double.rows = [ROW | {"event_id_cnty": f"KAZ{number}", "timestamp": number} for number in range(5_001)]
    assert [acled(double)[1]["count"], acled(double, page=2)[1]["count"]] == [5_000, 1]
    assert acled(double, limit=2)[1]["count"] == 2


def test_acled_gives_rows_by_type_change_and_day() -> None:
    double = Acled(now_s=NOW)
    double.add(1, NOW, event_type="Battles")
    double.add(2, NOW - 10)
    double.add(3, NOW - 20, event_date="2022-01-07")
    asked: list[dict[str, Any]] = [
        {"event_type": "Protests|Riots"},
        {"timestamp": NOW - 10},
        {"event_date": "2022-01-06|2022-01-08"},
    ]
    found = [[row["event_id_cnty"][3:] for row in acled(double, **one)[1]["data"]] for one in asked]
    assert found == [["2", "3"], ["1", "2"], ["3"]]


# ------------------------------------------------------------------ Pulse


def pulse(double: Pulse, path: str, token: str = "isoc-hush") -> Answer:
    found = double.answer(Request("GET", path, {}, {"Authorization": f"Bearer {token}"}, {}))
    assert isinstance(found, Answer)
    return found


def test_pulse_is_at_one_path_and_challenges_at_another() -> None:
    double = Pulse(path="/v1/shutdowns", challenged=("/shutdowns",))
    assert [pulse(double, path).status for path in ("/v1/shutdowns", "/shutdowns", "/x")] == [200, 403, 404]
    assert pulse(double, "/shutdowns").body.startswith(b"<!DOCTYPE html>")
    assert pulse(double, "/v1/shutdowns", "wrong").status == 401


# ------------------------------------------------------------------ GDELT


def gdelt(double: Archive, path: str) -> Any:
    return double.file(Request("GET", path, {}, {}, {}))


@pytest.mark.parametrize("stream", ["", ".translation"])
def test_gdelt_has_two_streams_of_zips_with_one_file_each(stream: str) -> None:
    found = gdelt(Archive(NOW_SLOT), f"/{name(NOW_SLOT)}{stream}.export.CSV.zip")
    with zipfile.ZipFile(io.BytesIO(found)) as archive:
        assert archive.namelist() == [f"{name(NOW_SLOT)}{stream}.export.CSV"]
        assert {row.count(b"\t") for row in archive.read(archive.namelist()[0]).splitlines()} == {60}


@pytest.mark.parametrize(
    "path",
    [
        f"/{name(NOW_SLOT + 900)}.export.CSV.zip",
        f"/{name(NOW_SLOT - 60)}.export.CSV.zip",
        f"/{name(NOW_SLOT)}.export.CSV",
        f"/{name(NOW_SLOT)}.translations.export.CSV.zip",
    ],
)
def test_gdelt_has_only_whole_quarters_of_an_hour_that_are_over(path: str) -> None:
    found = gdelt(Archive(NOW_SLOT), path)
    assert isinstance(found, Answer)
    assert found.status == 404


def test_gdelt_translates_later_than_it_publishes() -> None:
    double = Archive(NOW_SLOT)
    double.untranslated = {NOW_SLOT}
    assert isinstance(gdelt(double, f"/{name(NOW_SLOT)}.export.CSV.zip"), bytes)
    assert gdelt(double, f"/{name(NOW_SLOT)}.translation.export.CSV.zip").status == 404


@pytest.mark.parametrize(
    ("update", "stream"), [("lastupdate.txt", ""), ("lastupdate-translation.txt", ".translation")]
)
def test_gdelt_lists_the_newest_files_of_each_stream(update: str, stream: str) -> None:
    double = Archive(NOW_SLOT)
    size, digest, address = gdelt(double, f"/{update}").decode().splitlines()[0].split()
    assert address.endswith(f"/{name(NOW_SLOT)}{stream}.export.CSV.zip")
    content = gdelt(double, f"/{address.rsplit('/', 1)[1]}")
    assert (int(size), digest) == (len(content), hashlib.md5(content, usedforsecurity=False).hexdigest())


@pytest.mark.parametrize("stream", ["", ".translation"])
def test_gdelt_has_a_master_list_of_each_stream(stream: str) -> None:
    double = Archive(NOW_SLOT)
    double.missing = {NOW_SLOT - SLOT}
    listed = gdelt(double, f"/masterfilelist{stream.replace('.', '-')}.txt").decode().splitlines()
    exports = [one.split()[2].rsplit("/", 1)[1] for one in listed if ".export." in one]
    slots = range(NOW_SLOT - DAY, NOW_SLOT + 1, SLOT)
    assert exports == [f"{name(at)}{stream}.export.CSV.zip" for at in slots if at != NOW_SLOT - SLOT]


# ------------------------------------------------------------------ IODA


def ioda(world: World, path: str, **params: Any) -> Any:
    return ask(world.routes()[path], path, **params)[1]


def test_ioda_echoes_times_as_strings_and_defaults_that_nobody_sent() -> None:
    echoed = ioda(World(NOW), "/outages/events", **{"from": NOW - DAY, "until": NOW})["requestParameters"]
    assert (echoed["from"], echoed["until"]) == (str(NOW - DAY), str(NOW))
    assert (echoed["limit"], echoed["page"], echoed["extendWindow"]) == (500, None, 1_209_600)
    sent = {"from": NOW - DAY, "until": NOW, "datasource": "bgp"}
    echoed = ask(World(NOW).routes()["/signals/raw/"], "/signals/raw/country/KZ", **sent)[1]["requestParameters"]
    assert (echoed["from"], echoed["until"]) == (NOW - DAY, NOW), "where they are declared as integers, as those"


@pytest.mark.parametrize("what", ["events", "alerts"])
def test_ioda_gives_five_hundred_of_a_page_counted_from_0(what: str) -> None:
    world = World(NOW)
    world.events = [
        {"location": f"region/{10_000 + at}", "name": f"Region {at}", "start": NOW - 7200 - at, "end": None}
        for at in range(501)
    ]
    asked = {"from": NOW - DAY, "until": NOW}
    assert len(ioda(world, f"/outages/{what}", **asked)["data"]) == 500
    assert len(ioda(world, f"/outages/{what}", **asked, page=1)["data"]) == 1


def event(start: int, end: int | None, **more: Any) -> dict[str, Any]:
    return {"location": "region/2088", "name": "Almaty City", "start": start, "end": end, **more}


@pytest.mark.parametrize(
    ("known", "start"),
    [
        (event(NOW - 20 * DAY, None), None),
        (event(NOW - 20 * DAY, None, alerts=[NOW - 3 * DAY]), NOW - 3 * DAY),
        (event(NOW - 14 * DAY, None), NOW - 14 * DAY),
        (event(NOW - 15 * DAY, None), NOW - 15 * DAY),
        (event(NOW - 15 * DAY - 1, None), None),
        # What ends within reach and began before is not there either: an alert that says normal makes no event.
        (event(NOW - 20 * DAY, NOW - 3600), None),
        (event(NOW - 20 * DAY, NOW - 3600, alerts=[NOW - 3 * DAY]), NOW - 3 * DAY),
    ],
)
def test_ioda_forgets_events_older_than_its_look_back(known: dict[str, Any], start: int | None) -> None:
    world = World(NOW, events=[known])
    found = ioda(world, "/outages/events", **{"from": NOW - DAY, "until": NOW})["data"]
    assert [one["start"] for one in found] == ([] if start is None else [start])


def test_ioda_gives_two_thousand_entities_unless_asked() -> None:
    world = World(NOW, more_regions=2_500)
    assert len(ioda(world, "/entities/query", entityType="region")["data"]) == 2_000
    assert len(ioda(world, "/entities/query", entityType="region", limit=20_000)["data"]) > 2_500


def test_ioda_gives_entities_in_no_order_and_some_only_by_their_type() -> None:
    world = World(NOW)
    regions = [one["code"] for one in ioda(world, "/entities/query", entityType="region")["data"]]
    assert regions != sorted(regions)
    assert {one["type"] for one in ioda(world, "/entities/query")["data"]} == {"country", "region"}
    world.networks = {"KZ": [("9198-2088", "KAZTELECOM", None, None, "Almaty")]}
    assert {one["type"] for one in ioda(world, "/entities/query")["data"]} == {"country", "region"}
    assert [one["type"] for one in ioda(world, "/entities/query", entityType="geoasn")["data"]] == ["geoasn"]


def test_ioda_has_null_for_values_where_there_are_none() -> None:
    world = World(NOW, value=lambda _, code, at: None if code == "TO" or at == NOW - 3600 else 5)
    asked: dict[str, Any] = {"from": NOW - 7200, "until": NOW - 1800, "datasource": "ping-slash24"}
    sets = ask(world.routes()["/signals/raw/"], "/signals/raw/country/KZ,TO", **asked)[1]["data"]
    assert [sets[0][0]["values"].count(None), sets[1][0]["values"]] == [1, None]


@pytest.mark.parametrize("what", ["events", "alerts"])
def test_ioda_tells_of_sarima_unless_asked_not_to(what: str) -> None:
    world = World(NOW, events=[event(NOW - 7200, None, method="sarima")])
    asked = {"from": NOW - DAY, "until": NOW}
    assert len(ioda(world, f"/outages/{what}", **asked)["data"]) == 1
    assert ioda(world, f"/outages/{what}", **asked, ignoreMethods="*.sarima")["data"] == []


def test_ioda_refuses_a_time_that_is_no_number_of_seconds() -> None:
    asks: list[dict[str, Any]] = [{"from": "2023-11-14", "until": NOW}, {"until": NOW}]
    for asked in asks:
        status, answer = ask(World(NOW).routes()["/outages/events"], "/outages/events", **asked)
        assert (status, answer["error"], answer["data"]) == (400, "'from' timestamp must be set", None)


def test_ioda_tells_an_alert_only_where_the_level_changes() -> None:
    series = [("warning", 7), ("critical", 6), ("critical", 5), ("warning", 4), ("normal", 3), ("normal", 2)]
    world = World(NOW, alerts=[alert(NOW - at * 600, level, 100) for level, at in series])
    told = ioda(world, "/outages/alerts", **{"from": NOW - DAY, "until": NOW})["data"]
    assert [one["level"] for one in told] == ["warning", "critical", "normal"]
    told = ioda(world, "/outages/alerts", **{"from": NOW - 5 * 600, "until": NOW})["data"]
    assert [one["level"] for one in told] == ["critical", "normal"], "the first of the window counts as a change"


def test_ioda_tells_of_googles_alerts_more_than_an_hour_late() -> None:
    world = World(NOW, events=[event(NOW - 4_600, None, datasource="gtr", location="country/KZ")])
    asked = {"from": NOW - DAY, "until": NOW}
    assert len(ioda(world, "/outages/alerts", **asked)["data"]) == 1
    world.events[0]["start"] = NOW - 4_400
    assert ioda(world, "/outages/alerts", **asked)["data"] == []


def test_ioda_tells_of_a_pipeline_that_fell_behind_only_then() -> None:
    world = World(NOW, events=[event(NOW - 7_200, NOW - 3_600)], late_s={"bgp": 5 * 3_600})
    asked = {"from": NOW - DAY, "until": NOW + DAY}
    assert ioda(world, "/outages/alerts", **asked)["data"] == []
    world.now_s = NOW + 3 * 3_600
    assert [one["level"] for one in ioda(world, "/outages/alerts", **asked)["data"]] == ["critical"]
    world.now_s = NOW + 4 * 3_600
    assert len(ioda(world, "/outages/alerts", **asked)["data"]) == 2


def test_ioda_looks_at_no_alerts_around_the_asked_time_unless_asked_for_alerts() -> None:
    world = World(NOW, events=[event(NOW - DAY - 60, None)])
    asked = {"from": NOW - DAY, "until": NOW}
    assert ioda(world, "/outages/alerts", **asked)["data"] == []
    assert len(ioda(world, "/outages/alerts", **asked, extendWindow=60)["data"]) == 1
    assert ioda(world, "/outages/events", **asked, extendWindow=59)["data"] == []


def test_ioda_ends_an_event_where_its_alert_says_also_after_the_asked_time() -> None:
    world = World(NOW, events=[event(NOW - 3 * DAY, NOW - 3600)])
    (found,) = ioda(world, "/outages/events", **{"from": NOW - 2 * DAY, "until": NOW - DAY})["data"]
    assert (found["start"] + found["duration"], found["overlaps_window"]) == (NOW - 3600, True)


def test_ioda_scores_what_goes_on_higher_with_each_question() -> None:
    world = World(NOW, events=[event(NOW - 7200, None)])
    scores = [
        ioda(world, "/outages/events", **{"from": NOW - DAY, "until": NOW + at})["data"][0]["score"]
        for at in (0, 600)
    ]
    assert scores[0] < scores[1]


def test_ioda_says_nothing_where_its_store_of_values_fails() -> None:
    asked = {"from": NOW - 3600, "until": NOW, "datasource": "bgp"}
    double = World(NOW, store_fails=True).routes()["/signals/raw/"]
    status, answer = ask(double, "/signals/raw/country/KZ", **asked)
    assert (status, answer["error"], answer["data"]) == (200, None, [])


@pytest.mark.parametrize(("more_s", "status"), [(0, 200), (1, 400)])
def test_ioda_gives_values_of_a_hundred_days_at_most(more_s: int, status: int) -> None:
    asked = {"from": NOW - 100 * DAY - more_s, "until": NOW, "datasource": "gtr"}
    assert ask(World(NOW).routes()["/signals/raw/"], "/signals/raw/country/KZ", **asked)[0] == status


def test_ioda_refuses_a_datasource_that_it_does_not_know() -> None:
    asked = {"from": NOW - 3600, "until": NOW, "datasource": "telescope"}
    assert ask(World(NOW).routes()["/signals/raw/"], "/signals/raw/country/KZ", **asked)[0] == 400


def test_ioda_answers_nothing_of_a_retired_datasource() -> None:
    asked = {"from": NOW - 3600, "until": NOW, "datasource": "ucsd-nt"}
    double = World(NOW).routes()["/signals/raw/"]
    assert ask(double, "/signals/raw/country/KZ", **asked)[1]["data"] == [[]]
    assert (
        ask(double, "/signals/raw/country/KZ", **asked | {"from": NOW - 101 * DAY, "datasource": "bgp"})[0] == 400
    )


@pytest.mark.parametrize(("entity", "there"), [("country/KZ", True), ("region/2088", False)])
def test_ioda_has_googles_signal_of_countries_only(entity: str, there: bool) -> None:
    asked = {"from": NOW - 7200, "until": NOW, "datasource": "gtr"}
    answer = ask(World(NOW).routes()["/signals/raw/"], f"/signals/raw/{entity}", **asked)[1]
    assert (answer["data"] != [[]]) == there


# ------------------------------------------------------------------ OONI's services, networks and changepoints


def counted(double: Ooni, **more: Any) -> list[dict[str, Any]]:
    day = {"since": "2023-11-14", "until": "2023-11-15", "axis_x": "measurement_start_day"}
    found: list[dict[str, Any]] = ask(double.answer, **day | more)[1]["result"]
    return found


def test_ooni_counts_what_is_confirmed_beside_the_anomalies() -> None:
    double = Ooni(services={("IR", "whatsapp", NOW // DAY * DAY): (10, 6, 3)})
    [row] = counted(double, test_name="whatsapp")
    counts = [row[f"{name}_count"] for name in ("measurement", "anomaly", "confirmed", "ok")]
    assert counts == [10, 6, 3, 1]


def test_ooni_compares_domains_as_they_are() -> None:
    double = Ooni(services={("IR", "www.facebook.com", NOW // DAY * DAY): (9, 8, 0)})
    assert counted(double, domain="facebook.com") == []
    assert len(counted(double, domain="facebook.com,www.facebook.com")) == 1


def test_ooni_gives_networks_as_numbers_without_their_country() -> None:
    double = Ooni(networks={("IR", 44244, NOW // DAY * DAY): 7})
    [row] = counted(double, axis_y="probe_asn", probe_cc="IR")
    assert (row["probe_asn"], "probe_cc" in row) == (44244, False)


def changepoints(**params: str) -> list[dict[str, Any]]:
    double = Changepoints(started_s=NOW - 90 * DAY)
    for number in range(8):
        double.change(NOW // DAY * DAY - number * DAY, "up")
    found: list[dict[str, Any]] = ask(double.answer, **params)[1]["results"]
    return found


def test_changepoints_have_defaults_of_when_the_service_was_started() -> None:
    assert changepoints() == []


def test_changepoints_come_with_both_ends_and_without_an_order() -> None:
    found = [one["start_time"][:10] for one in changepoints(since="2023-11-08", until="2023-11-14")]
    assert found != sorted(found)
    assert {"2023-11-08", "2023-11-14"} <= set(found)


def test_changepoints_have_numbers_for_networks_times_with_an_offset_and_null_for_what_is_not_measured() -> None:
    one = changepoints(since="2023-11-14", until="2023-11-14")[0]
    assert (one["probe_asn"], one["dns_isp_blocked"]) == (48159, None)
    assert dt.datetime.fromisoformat(one["start_time"]).tzinfo is not None


# ------------------------------------------------------------------ Cloudflare's regions


@pytest.mark.parametrize(
    ("asked", "of"),
    [
        ({"location": "IR"}, "IR"),
        ({"asn": "44244", "location": "IR"}, "44244"),
        ({"geoId": "1526384"}, "1526384"),
    ],
)
def test_cloudflare_tells_regions_and_networks_apart_from_their_country(asked: dict[str, str], of: str) -> None:
    flows = {"IR": 1, "44244": 2, "1526384": 4}
    double = Netflows(value=lambda code, at: flows[code] if at < NOW - 3600 else flows["IR"])
    answer = ask(double.answer, headers=CLOUDFLARE, dateStart=NOW - DAY, dateEnd=NOW, aggInterval="1h", **asked)[1]
    assert float(answer["result"]["main"]["values"][-1]) == 1 / flows[of]


def test_cloudflare_lists_a_country_and_its_regions_a_hundred_of_a_page() -> None:
    double = Netflows(regions={"KZ": [(str(number), f"Region {number}") for number in range(150)]})
    route = double.routes()["/geolocations"]
    first = ask(route, headers=CLOUDFLARE, location="KZ")[1]["result"]["geolocations"]
    rest = ask(route, headers=CLOUDFLARE, location="KZ", offset=100)[1]["result"]["geolocations"]
    assert (len(first), len(rest), first[0]["type"], first[1]["geoId"]) == (100, 51, "COUNTRY", "0")
    assert ask(route, location="KZ")[0] == 403


# ------------------------------------------------------------------ RIPE Atlas


def atlas() -> Atlas:
    double = Atlas(NOW, dict.fromkeys(range(1, 151), ("KZ", 9198)) | {151: (None, None)}, given_up={2})
    double.out([1], NOW - 7200, NOW - 3600)
    return double


def test_atlas_gives_a_hundred_probes_of_a_page_and_five_hundred_at_most() -> None:
    answer = ask(atlas().routes()["/probes/"])[1]
    assert (answer["count"], len(answer["results"]), answer["next"] is None) == (151, 100, False)
    assert ask(atlas().routes()["/probes/"], page_size=501)[0] == 400
    assert ask(atlas().routes()["/probes/"], page=3)[0] == 404


def test_atlas_tells_probes_by_their_status_and_has_some_of_no_country() -> None:
    rows = ask(atlas().routes()["/probes/"], page_size=500, status="1,2")[1]["results"]
    assert 2 not in {row["id"] for row in rows}
    assert rows[0]["status"]["id"] == 1
    assert rows[-1]["country_code"] is None


def connections(**params: Any) -> list[int]:
    path = "/measurements/7000/results/"
    return [one["timestamp"] for one in ask(atlas().routes()[path], path, **params)[1]]


def test_atlas_passes_over_names_that_it_does_not_know() -> None:
    assert connections(start=NOW - DAY, stop=NOW - 5000) == [NOW - 7200]
    assert connections(start=NOW - DAY, end=NOW - 5000) == [NOW - 7200, NOW - 3600]
    assert connections(start=NOW - DAY, probe_ids="3,4") == []


def test_atlas_writes_one_event_a_line_where_asked() -> None:
    path = "/measurements/7000/results/"
    found = atlas().routes()[path](Request("GET", path, {"format": "txt"}, {}, {}))
    assert [json.loads(line)["event"] for line in found.splitlines()] == ["disconnect", "connect"]


# ------------------------------------------------------------------ Internet Health Report


def test_ihr_has_no_order_unless_asked_and_no_page_behind_the_last() -> None:
    double = Ihr()
    for number in range(12):
        double.event(NOW - number * 3600)
    route = double.routes()["/disco/events/"]
    plain = [one["starttime"] for one in ask(route)[1]["results"]]
    ordered = [one["starttime"] for one in ask(route, ordering="starttime")[1]["results"]]
    assert plain != sorted(plain)
    assert ordered == sorted(plain)
    assert ask(route, page=2)[0] == 404


def test_ihr_ends_where_it_began_what_has_no_known_end() -> None:
    double = Ihr()
    double.event(NOW)
    [one] = ask(double.routes()["/disco/events/"])[1]["results"]
    assert (one["endtime"], one["ongoing"]) == (one["starttime"], False)


def test_ihr_refuses_alarms_of_no_time_or_of_more_than_a_week() -> None:
    route = Ihr().routes()["/network_delay/alarms/"]
    week = {"timebin__gte": iso(NOW - 7 * DAY), "timebin__lte": iso(NOW)}
    assert [ask(route)[0], ask(route, **week)[0]] == [400, 200]
    assert ask(route, **week | {"timebin__gte": iso(NOW - 8 * DAY)})[0] == 400
