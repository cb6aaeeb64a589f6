"""Cloudflare, OONI, RIPEstat and Pulse polled: each thing once, revised, withdrawn; whatever goes wrong."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from streams.pipeline import measured_place
from streams.sources import SourceError, cloudflare_live
from streams.sources.cloudflare_live import NetflowsPoller, OutagesPoller
from streams.sources.conditions import condition
from streams.sources.entities import named
from streams.sources.ooni_live import OoniPoller
from streams.sources.polling import Live
from streams.sources.pulse_live import PulsePoller
from streams.sources.ripestat_live import RipestatPoller
from tests.sources.fake import Fake, Polled, Request, serving
from tests.sources.netflows_fake import Netflows, flow
from tests.sources.ooni_fake import Ooni
from tests.sources.pulse_fake import Pulse
from tests.sources.radar_fake import Radar
from tests.sources.ripestat_fake import Ripestat
from tests.sources.test_cloudflare import ANNOTATION, ANOMALY
from tests.sources.test_pulse import CARD

NOW = 1_686_600_000  # 2023-06-12 20:00 UTC
FAULTS = ("429", "500", "html", "truncated", "closed")
SECRETS = {"CLOUDFLARE_API_TOKEN": "cf-hush", "PULSE_API_TOKEN": "isoc-hush"}


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    moment = dt.datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({}) as fake:
        yield fake


def polled(make: Any, fake: Fake, **given: Any) -> Polled:
    return Polled(make, Live(url=fake.url, secrets=SECRETS, **given))


# ------------------------------------------------------------------ Cloudflare's lists


def with_radar(fake: Fake) -> Radar:
    radar = Radar()
    fake.routes |= radar.routes()
    return radar


def test_annotations_are_revised_and_withdrawn(fake: Fake) -> None:
    radar = with_radar(fake)
    radar.annotations = [ANNOTATION | {"endDate": None}, ANNOTATION | {"id": "9002", "locations": ["SY"]}]
    radar.anomalies = [ANOMALY | {"startDate": "2023-06-12T10:00:00Z", "endDate": None}]
    poller = polled(OutagesPoller, fake)
    assert poller.round(NOW).error == ""
    first = {one.id: one for one in poller.take()}
    assert len(first) == 3
    radar.annotations[0] = ANNOTATION
    radar.anomalies = [radar.anomalies[0] | {"status": "VERIFIED"}]
    poller.round(NOW + 900)
    revised = poller.take()
    assert {one.id for one in revised} == {
        "cloudflare/annotation/9001/IQ",
        f"cloudflare/anomaly/{ANOMALY['uuid']}/GA",
    }
    assert all(one.revision > first[one.id].revision for one in revised)
    assert all(one.verified for one in revised)
    assert first[f"cloudflare/anomaly/{ANOMALY['uuid']}/GA"].verified is False
    radar.annotations.pop()
    told = []
    for at in range(2, 6):
        poller.round(NOW + at * 900)
        told.append([(one.id, one.withdrawn) for one in poller.take()])
    assert told == [[], [], [("cloudflare/annotation/9002/SY", True)], []]


def test_pages_that_shift(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudflare_live, "PAGE", 3)
    radar = with_radar(fake)
    radar.annotations = [ANNOTATION | {"id": str(number)} for number in range(8)]
    page, fresh = radar.page, iter([ANNOTATION | {"id": "new"}])

    def shifting(request: Request, name: str, items: list[dict[str, Any]]) -> Any:
        answer = page(request, name, items)
        radar.annotations[:0] = [one for one in [next(fresh, None)] if one is not None]
        return answer

    radar.page = shifting  # type: ignore[method-assign]
    poller = polled(OutagesPoller, fake)
    poller.round(NOW)
    poller.round(NOW + 900)
    counts = Counter(one.id for one in poller.take())
    assert len(counts) == 9
    assert set(counts.values()) == {1}


@pytest.mark.parametrize("fault", [*FAULTS, "error"])
def test_a_list_that_fails_leaves_the_other_alone(fake: Fake, fault: str) -> None:
    radar = with_radar(fake)
    radar.annotations, radar.anomalies = [ANNOTATION], [ANOMALY | {"startDate": "2023-06-12T10:00:00Z"}]
    poller = polled(OutagesPoller, fake)
    body = b'{"success":false,"errors":[{"code":7000,"message":"No route"}],"result":null}'
    for at in range(4):
        fake.misbehave(*[(lambda _: body) if fault == "error" else fault] * 5, path="/annotations")
        status = poller.round(NOW + at * 900)
        assert status.error.startswith("annotations: ")
    assert [one.id.split("/")[1] for one in poller.take()] == ["anomaly"]
    poller.round(NOW + 5 * 900)
    assert [one.id.split("/")[1] for one in poller.take()] == ["annotation"]


def test_an_annotation_of_35_days_is_closed(fake: Fake) -> None:
    radar = with_radar(fake)
    radar.annotations = [ANNOTATION | {"startDate": iso(NOW), "endDate": None}]
    poller = polled(OutagesPoller, fake)
    told = []
    for day in range(1, 60):
        if day == 36:
            radar.annotations[0]["endDate"] = iso(NOW + 35 * 86_400)
        poller.round(NOW + day * 86_400)
        told += poller.take()
    assert [(one.until_s, one.withdrawn) for one in told] == [(None, False), (NOW + 35 * 86_400, False)]


def test_a_bad_token_is_said_and_not_told(fake: Fake) -> None:
    with_radar(fake)
    poller = Polled(OutagesPoller, Live(url=fake.url, secrets={"CLOUDFLARE_API_TOKEN": "wrong-hush"}))
    status = poller.round(NOW)
    assert "HTTP 403" in status.error
    assert "hush" not in status.error


# ------------------------------------------------------------------ netflows


def points(records: list[Any]) -> dict[int, float]:
    found: dict[int, float] = {}
    for frame in records:
        for at, value in enumerate(frame.values[0]):
            if value is not None:
                assert frame.from_s + at * frame.step_s not in found
                found[frame.from_s + at * frame.step_s] = value
    return found


def test_netflows_keep_one_scale_and_come_once(fake: Fake) -> None:
    service = Netflows()
    fake.routes |= service.routes()
    poller = polled(NetflowsPoller, fake, entities=[named("country/IR")])
    hole = NOW - 7200
    service.missing = {hole}
    for at in range(0, 60, 3):
        if at == 9:
            service.missing.clear()
        assert poller.round(NOW + at * 5400).error == ""
    found = points(poller.take())
    assert hole in found
    times = sorted(found)
    assert times == list(range(times[0], times[-1] + 1, 3600))
    ratios = [found[at] / flow(at) for at in times]
    assert max(ratios) / min(ratios) < 1.001
    assert poller.largest_cursor < 30_000


def test_netflows_of_a_pipeline_that_failed_are_missing_and_move_no_scale(fake: Fake) -> None:
    service = Netflows(failures=[(NOW - 3 * 86_400, NOW - 86_400)])
    fake.routes |= service.routes()
    poller = polled(NetflowsPoller, fake, entities=[named("country/IR")])
    poller.round(NOW)
    told = points(poller.take())
    assert told, "the rest of the week"
    assert all(not NOW - 3 * 86_400 <= at < NOW - 86_400 for at in told)
    service.failures.append((NOW + 3_600, None))
    poller.round(NOW + 86_400)
    later = points(poller.take())
    assert max(later) < NOW + 3_600, "it fails still"
    service.failures[1] = (NOW + 3_600, NOW + 86_400)
    poller.round(NOW + 2 * 86_400)
    told |= later | points(poller.take())
    scale = {round(value / flow(at), 4) for at, value in told.items()}
    assert len(scale) == 1


def test_netflows_after_a_pause_of_weeks_keep_their_scale(fake: Fake) -> None:
    fake.routes |= Netflows(value=lambda _, at: flow(at) * (3 if at > NOW + 10 * 86_400 else 1)).routes()
    poller = polled(NetflowsPoller, fake, entities=[named("country/IR")])
    poller.round(NOW)
    poller.round(NOW + 24 * 86_400)
    found = points(poller.take())
    times = sorted(found)
    assert times == list(range(times[0], times[-1] + 1, 3600))
    ratios = [found[at] / flow(at) / (3 if at > NOW + 10 * 86_400 else 1) for at in times]
    assert max(ratios) / min(ratios) < 1.001
    assert poller.largest_cursor < 30_000


@pytest.mark.parametrize("fault", FAULTS)
def test_netflows_of_one_that_fails_leave_the_other_alone(fake: Fake, fault: str) -> None:
    fake.routes |= Netflows().routes()
    poller = polled(NetflowsPoller, fake, entities=[named("country/IR"), named("asn/IR/44244")])
    fake.misbehave(*[fault] * 5)
    status = poller.round(NOW)
    assert status.error.startswith("country/IR: ")
    assert {frame.series[0].entity.code for frame in poller.take()} == {"44244"}
    poller.round(NOW + 3600)
    assert {frame.series[0].entity.code for frame in poller.take()} == {"IR", "44244"}


def test_netflows_of_a_network_are_those_of_its_part_in_the_country(fake: Fake) -> None:
    fake.routes |= Netflows().routes()
    polled(NetflowsPoller, fake, entities=[named("asn/IR/44244")]).round(NOW)
    [asked] = fake.asked("/netflows")
    assert (asked.params["asn"], asked.params["location"]) == ("44244", "IR")


def test_netflows_of_a_region_are_asked_for_by_its_id(fake: Fake) -> None:
    service = Netflows(regions={"KZ": [(str(number), f"Region {number}") for number in range(150)]})
    service.regions["KZ"] += [("1526395", "Almaty"), ("1526384", "Almaty City")]
    fake.routes |= service.routes()
    poller = polled(NetflowsPoller, fake, entities=[named("region/KZ/Almaty City"), named("region/KZ/Atyrau")])
    status = poller.round(NOW)
    assert [one.params["geoId"] for one in fake.asked("/netflows")] == ["1526384"]
    assert status.error.startswith("region/Atyrau: Cloudflare lists no region 'Atyrau' of KZ")
    [frame] = poller.take()
    place = measured_place(frame.series[0].entity, "KZ")
    assert place is not None
    assert place.key == "KZ/KAZ-4829"
    poller.round(NOW + 900)
    assert len(fake.asked("/geolocations")) == 2, "two pages, once"


def test_netflows_want_an_entity(fake: Fake) -> None:
    with pytest.raises(SourceError, match="give --entity"):
        NetflowsPoller(Live(url=fake.url, secrets=SECRETS))


# ------------------------------------------------------------------ OONI


def with_ooni(fake: Fake) -> Ooni:
    ooni = Ooni()
    fake.routes |= ooni.routes()
    return ooni


def counted(records: list[Any]) -> dict[tuple[str, int], list[float]]:
    """What was said of each country and hour, in order."""
    found: dict[tuple[str, int], list[float]] = {}
    for frame in records:
        for series, row in zip(frame.series, frame.values, strict=True):
            if series.signal == "ooni-measurements":
                for at, value in enumerate(row):
                    found.setdefault((frame.country, frame.from_s + at * 3600), []).append(value)
    return found


def test_counts_come_once_and_again_where_they_grow(fake: Fake) -> None:
    ooni, last = with_ooni(fake), NOW - 3 * 3600
    ooni.counts = {("IR", last - hour * 3600): 100 + hour for hour in range(1, 80)}
    poller = polled(OoniPoller, fake)
    poller.round(NOW)
    assert set(counted(poller.take())) == {("IR", last - hour * 3600) for hour in range(1, 73)}
    ooni.counts["IR", last] = 50
    ooni.counts["IR", last - 10 * 3600] += 7
    poller.round(NOW + 3600)
    assert counted(poller.take()) == {("IR", last): [50], ("IR", last - 10 * 3600): [117]}
    poller.round(NOW + 3600)
    assert poller.take() == []
    assert poller.largest_cursor < 15_000


def test_a_long_past_is_asked_for_in_parts_of_seven_days(fake: Fake) -> None:
    ooni, first = with_ooni(fake), NOW - 20 * 86_400
    ooni.counts = {("IR", at): 5 for at in range(first, NOW, 3600)}
    poller = polled(OoniPoller, fake, since_s=first, until_s=NOW - 86_400)
    assert poller.round(NOW).error == ""
    assert counted(poller.take()) == {("IR", at): [5] for at in range(first, NOW - 86_400, 3600)}
    hourly = [one for one in fake.asked("/aggregation") if one.params["time_grain"] == "hour"]
    assert len([one for one in hourly if one.params["axis_y"] == "probe_cc" and "test_name" not in one.params]) == 3


def test_ooni_after_a_pause_of_a_week(fake: Fake) -> None:
    ooni, last = with_ooni(fake), NOW - 3 * 3600
    ooni.counts = {("IR", last - hour * 3600): 7 for hour in range(-9 * 24, 80)}
    poller = polled(OoniPoller, fake)
    poller.round(NOW)
    poller.round(NOW + 9 * 86_400)
    assert counted(poller.take()) == {("IR", last - hour * 3600): [7] for hour in range(1 - 9 * 24, 73)}


def test_a_country_that_falls_silent_has_no_measurements(fake: Fake) -> None:
    ooni, last = with_ooni(fake), NOW - 3 * 3600
    ooni.counts = {(country, last - hour * 3600): 100 for hour in range(1, 72) for country in ("IR", "IQ")}
    poller = polled(OoniPoller, fake)
    poller.round(NOW)
    poller.take()
    for hour in range(1, 5):
        ooni.counts["IQ", last + hour * 3600 - 3600] = 90
        poller.round(NOW + hour * 3600)
    found = counted(poller.take())
    assert {at: said for (country, at), said in found.items() if country == "IR"} == {
        last + hour * 3600: [0] for hour in range(4)
    }


@pytest.mark.parametrize("fault", [*FAULTS, "error"])
def test_ooni_failing(fake: Fake, fault: str) -> None:
    ooni, last = with_ooni(fake), NOW - 3 * 3600
    ooni.counts = {("IR", last - hour * 3600): 100 + hour for hour in range(1, 80)}
    poller = polled(OoniPoller, fake)
    fake.misbehave(*[(lambda _: b'{"msg":"busy","v":0}') if fault == "error" else fault] * 5)
    assert poller.round(NOW).error
    assert poller.take() == []
    assert poller.round(NOW + 60).error == ""
    assert len(counted(poller.take())) == 72


# ------------------------------------------------------------------ RIPEstat


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_activity_from_where_it_was_asked_for_last(fake: Fake, fault: str | None) -> None:
    fake.routes |= Ripestat().routes()
    poller = polled(RipestatPoller, fake, entities=[named("asn/KZ/9198"), named("asn/KZ/21299")])
    for hour in range(0, 30, 5):
        if fault is not None and hour == 10:
            fake.misbehave(*[fault] * 5)
        poller.round(NOW + hour * 3600)
    times = Counter(
        (series.entity.code, frame.from_s + at * 3600)
        for frame in poller.take()
        for series, row in zip(frame.series, frame.values, strict=True)
        for at, value in enumerate(row)
        if series.signal == "bgp-announcements" and value is not None
    )
    end = NOW + 25 * 3600 - 4 * 3600
    assert set(times.values()) == {1}
    assert set(times) == {
        (asn, at) for asn in ("9198", "21299") for at in range(NOW - 4 * 3600 - 7 * 86_400, end, 3600)
    }


def test_silence_is_no_update_not_a_missing_value(fake: Fake) -> None:
    dark = range(NOW - 30 * 3600, NOW - 10 * 3600)
    fake.routes |= Ripestat(updates=lambda _, at: 0 if at in dark else 40).routes()
    poller = polled(RipestatPoller, fake, entities=[named("asn/KZ/9198")], since_s=NOW - 48 * 3600)
    poller.round(NOW)
    found = {
        frame.from_s + at * 3600: value
        for frame in poller.take()
        for series, row in zip(frame.series, frame.values, strict=True)
        for at, value in enumerate(row)
        if series.signal == "bgp-announcements"
    }
    assert found == {at: 0 if at in dark else 40 for at in range(NOW - 48 * 3600, NOW - 4 * 3600, 3600)}


def test_hours_that_ripestat_has_not_got_yet_are_asked_for_again(fake: Fake) -> None:
    service = Ripestat(updates=lambda _, at: 40)
    fake.routes |= service.routes()
    poller = polled(RipestatPoller, fake, entities=[named("asn/KZ/9198")], since_s=NOW - 48 * 3600)
    for hour in range(0, 12, 2):
        service.newest_s = NOW + hour * 3600 - 9 * 3600 + 900
        assert poller.round(NOW + hour * 3600).error == ""
    found = Counter(
        (frame.from_s + at * 3600, value)
        for frame in poller.take()
        for series, row in zip(frame.series, frame.values, strict=True)
        for at, value in enumerate(row)
        if series.signal == "bgp-announcements"
    )
    assert set(found.values()) == {1}
    assert sorted(found) == [(at, 40) for at in range(NOW - 48 * 3600, NOW + 3600, 3600)]


def test_what_ripestat_warns_of_is_told(fake: Fake) -> None:
    fake.routes |= Ripestat(
        status="deprecated - use another", messages=[["warning", "it goes"], ["info", "x"]]
    ).routes()
    status = polled(RipestatPoller, fake, entities=[named("asn/KZ/9198")]).round(NOW)
    assert status.notices == [
        "RIPEstat says of this data call: deprecated - use another",
        "RIPEstat, warning: it goes",
    ]


def test_ripestat_wants_networks(fake: Fake) -> None:
    with pytest.raises(SourceError, match="give --entity asn/KZ/9198"):
        RipestatPoller(Live(url=fake.url, entities=[named("country/KZ")]))


# ------------------------------------------------------------------ Pulse


def with_pulse(fake: Fake, **given: Any) -> Pulse:
    pulse = Pulse(**given)
    fake.routes |= pulse.routes()
    return pulse


def test_pulse_is_asked_whether_it_has_changed(fake: Fake) -> None:
    pulse = with_pulse(fake)
    pulse.entries = [CARD | {"status": "Ongoing", "end_datetime": None}, CARD | {"detail_url": "/b"}]
    poller = polled(PulsePoller, fake)
    assert poller.round(NOW, rounds=3).received == 0
    first = {one.id: one for one in poller.take()}
    assert len(first) == 2
    pulse.entries[0] = CARD
    poller.round(NOW + 3600)
    (over,) = poller.take()
    assert (over.ongoing, over.revision > first[over.id].revision) == (False, True)
    del pulse.entries[1]
    for hour in range(2, 6):
        poller.round(NOW + hour * 3600)
    (gone,) = poller.take()
    assert (gone.id.startswith("pulse//b/"), gone.withdrawn) == (True, True)
    assert all(request.headers["Authorization"] == "Bearer isoc-hush" for request in fake.requests)


@pytest.mark.parametrize(("path", "asked"), [("/shutdowns", 3), ("/v1/shutdowns", 4)])
def test_pulse_is_looked_for_where_clients_have_it(fake: Fake, path: str, asked: int) -> None:
    with_pulse(fake, entries=[CARD], path=path, challenged=tuple({"/shutdowns"} - {path}))
    poller = polled(PulsePoller, fake)
    for hour in range(3):
        assert poller.round(NOW + hour * 3600).error == ""
    assert (len(poller.take()), len(fake.requests)) == (1, asked), "then at once where it was found"


def test_pulse_that_is_nowhere_is_refused(fake: Fake) -> None:
    with_pulse(fake, path="/elsewhere", challenged=("/shutdowns",))
    poller = polled(PulsePoller, fake)
    status = poller.round(NOW)
    assert status.error.startswith(f"{fake.url}/shutdowns: HTTP 403: <!DOCTYPE html>")
    assert condition("pulse", status, NOW).word == "refused"
    assert poller.take() == []


def test_pulse_with_a_wrong_token_is_refused_and_asked_nowhere_else(fake: Fake) -> None:
    with_pulse(fake)
    poller = Polled(PulsePoller, Live(url=fake.url, secrets={"PULSE_API_TOKEN": "wrong-hush"}))
    status = poller.round(NOW)
    assert ("HTTP 401" in status.error, condition("pulse", status, NOW).word) == (True, "refused")
    assert len(fake.requests) == 1


def test_what_a_list_that_is_not_whole_lacks_is_not_taken_back(fake: Fake) -> None:
    pulse = with_pulse(fake, entries=[CARD, CARD | {"detail_url": "/b"}])
    poller = polled(PulsePoller, fake)
    poller.round(NOW)
    poller.take()
    pulse.entries, pulse.total = [CARD], 2
    for hour in range(1, 6):
        status = poller.round(NOW + hour * 3600)
    assert poller.take() == []
    pulse.entries = [CARD, CARD | {"detail_url": "/c"}]
    pulse.total = 3
    status = poller.round(NOW + 6 * 3600)
    assert status.notices == [
        "Pulse says that its list has 3 shutdowns and gives 2: those that are missing are not taken back"
    ]


def test_an_empty_list_of_pulse_is_said(fake: Fake) -> None:
    with_pulse(fake)
    assert condition("pulse", polled(PulsePoller, fake).round(NOW), NOW).word == "empty"
