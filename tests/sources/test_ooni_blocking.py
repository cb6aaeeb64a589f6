"""OONI's tests of services and its changepoints, from files and live; and what both come to as evidence."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.detection import DetectStage
from streams.pipeline import measured_place
from streams.sources import SourceError, ooni, ooni_changepoints
from streams.sources.ooni_changepoints_live import ChangepointsPoller
from streams.sources.ooni_live import OoniPoller
from streams.sources.polling import Live
from streams.sources.rows import Accepted, Rejected
from tests.sources.fake import Fake, Polled, serving
from tests.sources.ooni_changepoints_fake import Changepoints
from tests.sources.ooni_fake import Ooni
from topics import SERVICES, Blocking, Entity

HOUR, DAY = 3_600, 86_400
NOW = 1_700_000_400  # 14 November 2023, 22:20 UTC
TODAY = NOW // DAY * DAY


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({}) as found:
        yield found


def polled(make: Any, fake: Fake, **more: Any) -> Polled:
    return Polled(make, Live(url=fake.url, **more))


# ------------------------------------------------------------------ changepoints, from files


def point(at: int, direction: str | None, **more: Any) -> dict[str, Any]:
    double = Changepoints()
    double.change(at, str(direction), **more)
    return double.points[0] | {"change_dir": direction}


def read(tmp_path: Path, *points: dict[str, Any]) -> list[Accepted | Rejected]:
    path = tmp_path / "changepoints.json"
    path.write_text(json.dumps({"results": list(points)}))
    return list(ooni_changepoints.read(path))


def pieces(rows: list[Accepted | Rejected]) -> list[Blocking]:
    found = [row.record for row in rows if isinstance(row, Accepted)]
    assert all(isinstance(one, Blocking) for one in found)
    return [one for one in found if isinstance(one, Blocking)]


def test_what_goes_up_is_blocked_until_it_goes_down(tmp_path: Path) -> None:
    [found] = pieces(read(tmp_path, point(NOW + DAY, "down"), point(NOW, "up")))
    assert (found.from_s, found.until_s, found.revision) == (NOW, NOW + DAY, 1)
    assert (found.country, found.place.key, found.service) == ("IR", "IR/AS48159", "whatsapp")
    assert (found.domain, found.method, found.share, found.tests) == ("web.whatsapp.com", "tcp", 0.75, 6)
    assert found.lineage == found.origin.source == "ooni"


def test_the_order_of_an_answer_says_nothing(tmp_path: Path) -> None:
    points = [point(NOW + day * DAY, "up" if day % 2 == 0 else "down", domain=f"{name}.com")
              for day in range(6) for name in ("a", "b")]  # fmt: skip
    expected = {one.id: one.until_s for one in pieces(read(tmp_path, *points))}
    assert len(expected) == 6
    random.Random(2).shuffle(points)
    assert {one.id: one.until_s for one in pieces(read(tmp_path, *points))} == expected


def test_kinds_of_blocking_domains_and_networks_are_apart(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        point(NOW, "up"),
        point(NOW, "up", block_type="dns_isp_block", dns_isp_blocked=0.9),
        point(NOW, "up", probe_asn="AS44244"),
        point(NOW, "up", domain="www.bbc.com"),
        point(NOW + HOUR, "up"),
    )
    found = pieces(rows)
    assert [(one.method, one.place.network, one.service, one.share) for one in found] == [
        ("tcp", 48159, "whatsapp", 0.75),
        ("dns", 48159, "whatsapp", 0.9),
        ("tcp", 44244, "whatsapp", 0.75),
        ("tcp", 48159, "bbc.com", 0.75),
    ]
    assert all(one.until_s is None for one in found)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"change_dir": None}, "no direction of the change"),
        ({"probe_cc": "XX"}, "unknown country"),
        ({"probe_asn": 0}, "no network"),
        ({"domain": ""}, "no domain"),
        ({"start_time": "soon"}, "time can't be read"),
        ({"probe_asn": None}, "a field is missing, or has another form"),
        ({"change_dir": "down"}, "the end of blocking whose begin is not in it"),
    ],
)
def test_what_says_nothing_is_refused_with_its_reason(tmp_path: Path, spoilt: Any, reason: str) -> None:
    rows = read(tmp_path, point(NOW, "up") | spoilt)
    assert [row.reason for row in rows if isinstance(row, Rejected)] == [reason]


@pytest.mark.parametrize("content", ["[]", '{"result": []}', "<html>"])
def test_what_is_no_answer(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(SourceError):
        list(ooni_changepoints.read(path))


# ------------------------------------------------------------------ changepoints, live


def with_changepoints(fake: Fake) -> Changepoints:
    found = Changepoints(started_s=NOW - 90 * DAY)
    fake.routes |= found.routes()
    return found


def test_each_begin_and_each_end_is_told_once(fake: Fake) -> None:
    service, poller = with_changepoints(fake), polled(ChangepointsPoller, fake)
    service.change(NOW - DAY, "up")
    poller.round(NOW)
    poller.round(NOW + HOUR)
    [began] = poller.take()
    assert (began.from_s, began.until_s, began.revision) == (NOW - DAY, None, 0)
    service.change(NOW + HOUR, "down")
    poller.round(NOW + 2 * HOUR)
    poller.round(NOW + 3 * HOUR)
    [ended] = poller.take()
    assert (ended.id, ended.until_s, ended.revision) == (began.id, NOW + HOUR, 1)


def test_an_end_is_told_after_the_begin_has_left_the_list(fake: Fake) -> None:
    service, poller = with_changepoints(fake), polled(ChangepointsPoller, fake)
    service.change(NOW - DAY, "up")
    poller.round(NOW)
    [began] = poller.take()
    for day in range(1, 60):
        poller.round(NOW + day * DAY)
    assert poller.take() == [], "absence is no end, and no withdrawal"
    service.change(NOW + 60 * DAY, "down")
    poller.round(NOW + 60 * DAY + HOUR)
    [ended] = poller.take()
    assert (ended.id, ended.until_s) == (began.id, NOW + 60 * DAY)


def test_a_late_changepoint_is_not_missed(fake: Fake) -> None:
    service, poller = with_changepoints(fake), polled(ChangepointsPoller, fake)
    poller.round(NOW)
    service.change(NOW - 3 * DAY, "up")
    service.change(NOW - 2 * DAY, "down")
    poller.round(NOW + HOUR)
    assert {(one.from_s, one.until_s) for one in poller.take()} >= {(NOW - 3 * DAY, NOW - 2 * DAY)}


def test_a_crash_repeats_and_loses_nothing(fake: Fake) -> None:
    service, poller = with_changepoints(fake), polled(ChangepointsPoller, fake)
    for number in range(6):
        service.change(NOW - DAY, "up", domain=f"{number}.com", probe_cc=("IR", "IQ", "TM")[number % 3])
    poller.crash_after = 1
    with pytest.raises(KeyboardInterrupt):
        poller.round(NOW)
    poller.crash_after = None
    poller.round(NOW + 60)
    assert len({one.id for one in poller.take()}) == 6


@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "closed"])
def test_a_service_that_fails_is_asked_again(fake: Fake, fault: str) -> None:
    service, poller = with_changepoints(fake), polled(ChangepointsPoller, fake)
    service.change(NOW - DAY, "up")
    fake.misbehave(*[fault] * 5)
    assert poller.round(NOW).error
    assert poller.take() == []
    assert poller.round(NOW + 60).error == ""
    assert len(poller.take()) == 1


def test_one_country_and_a_stretch_of_the_past(fake: Fake) -> None:
    service = with_changepoints(fake)
    service.change(NOW - 50 * DAY, "up")
    service.change(NOW - 50 * DAY, "up", probe_cc="IQ")
    service.change(NOW - 45 * DAY, "down")
    poller = polled(ChangepointsPoller, fake, country="IR", since_s=NOW - 60 * DAY, until_s=NOW - 40 * DAY)
    poller.round(NOW)
    assert {(one.country, one.until_s) for one in poller.take()} >= {("IR", NOW - 45 * DAY)}
    assert fake.requests[0].params["probe_cc"] == "IR"


# ------------------------------------------------------------------ counts by service and network


def with_counts(fake: Fake) -> Ooni:
    found = Ooni(counts={("IR", NOW // HOUR * HOUR - hour * HOUR): 50 for hour in range(4, 100)})
    fake.routes |= found.routes()
    return found


def values(records: list[Any], signal: str) -> dict[tuple[str, int], float]:
    """The values of a signal by entity and time."""
    return {
        (series.entity.code, frame.from_s + at * frame.step_s): value
        for frame in records
        for series, row in zip(frame.series, frame.values, strict=True)
        if series.signal == signal
        for at, value in enumerate(row)
        if value is not None
    }


def test_services_come_by_the_day_under_signals_of_their_own(fake: Fake) -> None:
    service, poller = with_counts(fake), polled(OoniPoller, fake)
    for day in range(1, 4):
        service.services["IR", "whatsapp", TODAY - day * DAY + HOUR] = (40, 30, 1)
        service.services["IR", "www.facebook.com", TODAY - day * DAY + HOUR] = (10, 2, 0)
    poller.round(NOW)
    records = poller.take()
    assert values(records, "ooni-anomalies-whatsapp") == {("IR", TODAY - day * DAY): 30 for day in (1, 2)}
    assert set(values(records, "ooni-measurements-facebook").values()) == {10}
    asked = [request.params for request in fake.asked("/aggregation")]
    assert sum("domain" in one or "test_name" in one for one in asked) == len(SERVICES)
    assert all(one["time_grain"] == "day" for one in asked if "test_name" in one)


def test_services_are_asked_for_every_few_hours(fake: Fake) -> None:
    with_counts(fake)
    poller = polled(OoniPoller, fake)
    rounds = [poller.round(NOW + hour * HOUR).requests for hour in range(8)]
    assert rounds == [1 + len(SERVICES), 1, 1, 1, 1, 1, 1 + len(SERVICES), 1]


def test_networks_of_a_chosen_country(fake: Fake) -> None:
    service = with_counts(fake)
    last = NOW // HOUR * HOUR - 4 * HOUR
    service.networks = {("IR", asn, last - hour * HOUR): 7 for asn in (44244, 0) for hour in range(48)}
    poller = polled(OoniPoller, fake, country="IR")
    poller.round(NOW)
    found = values(poller.take(), "ooni-measurements")
    assert {code for code, _ in found} == {"IR", "44244"}
    # Hours without a measurement of a network that has others are 0, as of a country.
    assert {value for (code, at), value in found.items() if code == "44244" and at <= last - 48 * HOUR} == {0}
    chosen = polled(OoniPoller, fake, entities=[(Entity(type="asn", code="58224"), "IR")])
    chosen.round(NOW)
    assert {code for code, _ in values(chosen.take(), "ooni-measurements")} == {"IR"}


def test_a_long_past_is_asked_for_in_weeks(fake: Fake) -> None:
    service = with_counts(fake)
    since = TODAY - 30 * DAY + 5 * HOUR
    service.counts = {("IR", since + hour * HOUR): 50 for hour in range(24 * 28)}
    poller = polled(OoniPoller, fake, since_s=since, until_s=TODAY)
    status = poller.round(NOW)
    assert status.error == ""
    assert len(values(poller.take(), "ooni-measurements")) == 30 * 24 - 5


def test_rows_of_a_file_count_for_their_service_too(tmp_path: Path) -> None:
    row = {"measurement_start_day": "2023-11-14", "probe_cc": "IR", "measurement_count": 9, "anomaly_count": 8,
           "confirmed_count": 0, "failure_count": 0}  # fmt: skip
    path = tmp_path / "x.json"
    rows = [row | {"test_name": name} for name in ("whatsapp", "web_connectivity")]
    path.write_text(json.dumps({"result": [*rows, row | {"domain": "twitter.com"}]}))
    records = [one.record for one in ooni.read(path) if isinstance(one, Accepted)]
    assert set(values(records, "ooni-anomalies").values()) == {24}
    assert set(values(records, "ooni-anomalies-whatsapp").values()) == {8}
    assert set(values(records, "ooni-anomalies-twitter.com").values()) == {8}


def test_what_is_polled_for_weeks_comes_to_the_blocking_there_was(fake: Fake) -> None:
    """Three weeks of rounds, counts that grow for a day, and five days of blocking: one piece of evidence."""
    service = Ooni()
    fake.routes |= service.routes()
    poller, stage, store = polled(OoniPoller, fake), DetectStage(places=measured_place), dict[str, bytes]()
    found: dict[str, Blocking] = {}
    for day in range(21):
        begin = TODAY + day * DAY
        bad = 36 if 12 <= day < 17 else 1
        for hour in range(24):
            service.services["IR", "whatsapp", begin + hour * HOUR] = (3, round(bad / 12), 0)
            service.counts["IR", begin + hour * HOUR] = 50
        for hour in (6, 18, 30):
            poller.round(begin + hour * HOUR)
            for _, piece in stage.process(poller.take(), store).out:
                if isinstance(piece, Blocking):
                    found[piece.id] = piece
    standing = [one for one in found.values() if not one.withdrawn]
    assert [(one.service, one.from_s, one.until_s) for one in standing] == [
        ("whatsapp", TODAY + 12 * DAY, TODAY + 17 * DAY)
    ]
