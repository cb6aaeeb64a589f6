"""The doubles are as strict as the services: one test a fact, with a request that a kind double would pass.

A double that is made kinder fails here, before it hides a fault of ours. docs/SERVICES.md says where each is from.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sources.fake import Answer, Request
from tests.sources.ioda_fake import World
from tests.sources.netflows_fake import Netflows
from tests.sources.ooni_fake import Ooni
from tests.sources.ripestat_fake import Ripestat

NOW = 1_700_000_400
DAY = 86_400


def ask(route: Any, path: str = "/", **params: Any) -> tuple[int, Any]:
    """The status and the decoded body of an answer."""
    found = route(Request("GET", path, {name: str(value) for name, value in params.items()}, {}, {}))
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


@pytest.mark.parametrize(("interval", "days", "status"), [("15m", 7, 400), ("15m", 1, 200), ("1h", 8, 200)])
def test_cloudflare_refuses_too_fine_a_step(interval: str, days: int, status: int) -> None:
    params: dict[str, Any] = {"dateStart": NOW - days * DAY, "dateEnd": NOW, "aggInterval": interval}
    assert ask(Netflows().answer, **params)[0] == status


# ------------------------------------------------------------------ IODA


def ioda(world: World, path: str, **params: Any) -> Any:
    return ask(world.routes()[path], path, **params)[1]


def test_ioda_echoes_times_as_strings_and_defaults_that_nobody_sent() -> None:
    echoed = ioda(World(NOW), "/outages/events", **{"from": NOW - DAY, "until": NOW})["requestParameters"]
    assert (echoed["from"], echoed["until"]) == (str(NOW - DAY), str(NOW))
    assert (echoed["limit"], echoed["page"], echoed["extendWindow"]) == (500, 0, 1_209_600)


@pytest.mark.parametrize(("what", "kept"), [("events", "events"), ("alerts", "alerts")])
def test_ioda_gives_five_hundred_of_a_page_counted_from_0(what: str, kept: str) -> None:
    world = World(NOW)
    world.events = [
        {"location": "region/2088", "name": "Almaty City", "start": NOW - 7200 - at, "end": NOW - 60}
        for at in range(501)
    ]
    world.alerts = [{"time": NOW - 7200 - at, "method": "median"} for at in range(501)]
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
        (event(NOW - 20 * DAY, NOW - 3600), NOW - 20 * DAY),
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


@pytest.mark.parametrize("what", ["events", "alerts"])
def test_ioda_tells_of_sarima_unless_asked_not_to(what: str) -> None:
    world = World(NOW, events=[event(NOW - 7200, None, method="sarima")])
    world.alerts = [{"time": NOW - 7200, "method": "sarima"}]
    asked = {"from": NOW - DAY, "until": NOW}
    assert len(ioda(world, f"/outages/{what}", **asked)["data"]) == 1
    assert ioda(world, f"/outages/{what}", **asked, ignoreMethods="*.sarima")["data"] == []


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
