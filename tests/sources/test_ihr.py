"""The Internet Health Report's disconnections and alarms of delay, from files and live."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.sources import SourceError, ihr
from streams.sources.ihr_live import AlarmsPoller, DisconnectionsPoller
from streams.sources.polling import Live
from streams.sources.rows import Accepted, Rejected
from tests.sources.fake import Fake, Polled, serving
from tests.sources.ihr_fake import Ihr, stamp
from topics import Outage

HOUR, DAY = 3_600, 86_400
NOW = 1_700_000_400


@pytest.fixture
def service() -> Ihr:
    return Ihr()


@pytest.fixture
def fake(service: Ihr) -> Iterator[Fake]:
    with serving(service.routes()) as found:
        yield found


def polled(make: Any, fake: Fake, **more: Any) -> Polled:
    return Polled(make, Live(url=fake.url, **more))


def written(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"count": len(rows), "next": None, "previous": None, "results": rows}))
    return path


def outages(rows: Any) -> list[Outage]:
    return [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Outage)]


def reasons(rows: Any) -> list[str]:
    return [row.reason for row in rows if isinstance(row, Rejected)]


# ------------------------------------------------------------------ disconnections, from files


def test_a_disconnection_is_an_outage_by_ripe_atlas(tmp_path: Path, service: Ihr) -> None:
    service.event(NOW, NOW + 3 * HOUR)
    [found] = outages(ihr.read(written(tmp_path, service.events)))
    assert (found.place.key, found.from_s, found.until_s) == ("KZ/AS9198", NOW, NOW + 3 * HOUR)
    assert (found.signals, found.severity, found.lineage) == (("atlas-probes",), "critical", "ripe-atlas")
    assert found.ratio_min == pytest.approx(1 - 10 / 12, abs=1e-4)
    assert "6021" not in str(found)
    assert "192.0.2" not in str(found)


def test_countries_networks_and_regions_have_places(tmp_path: Path, service: Ihr) -> None:
    service.event(NOW, NOW + HOUR, streamtype="country", streamname="KZ", discoprobes=[])
    service.event(NOW, NOW + HOUR, streamname="AS9198")
    service.event(NOW, NOW + HOUR, streamtype="admin1", streamname="Almaty City")
    keys = [one.place.key for one in outages(ihr.read(written(tmp_path, service.events)))]
    assert keys == ["KZ", "KZ/AS9198", "KZ/KAZ-4829"]


def test_where_a_network_is_most_of_its_probes_say(tmp_path: Path, service: Ihr) -> None:
    event = service.event(NOW, NOW + HOUR, streamname="3320")
    elsewhere = [{"lat": 48.2, "lon": 16.4}, {"lat": None, "lon": None}]
    event["discoprobes"] = [*elsewhere, *[{"lat": 50.1, "lon": 8.7}] * 3]
    [found] = outages(ihr.read(written(tmp_path, service.events)))
    assert found.country == "DE"


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"avglevel": 9.9}, "likely false: a low score, or few probes"),
        ({"nbdiscoprobes": 2}, "likely false: a low score, or few probes"),
        ({"discoprobes": []}, "no probes that say in which country it is"),
        ({"streamtype": "country", "streamname": "Nowhere"}, "unknown country"),
        ({"streamtype": "admin1", "streamname": "Atlantis"}, "no place"),
        ({"starttime": "soon"}, "time can't be read"),
        ({"starttime": None}, "a field is missing, or has another form"),
    ],
)
def test_what_is_refused(tmp_path: Path, service: Ihr, spoilt: dict[str, Any], reason: str) -> None:
    service.event(NOW, NOW + HOUR, **spoilt)
    assert reasons(ihr.read(written(tmp_path, service.events))) == [reason]


def test_an_end_that_is_not_known_is_open_for_a_day_and_unknown_then(tmp_path: Path, service: Ihr) -> None:
    service.event(NOW - 30 * DAY)
    service.event(NOW - HOUR)
    old, new = outages(ihr.read(written(tmp_path, service.events)))
    assert (old.until_s, old.until_uncertainty_s) == (NOW - 30 * DAY + HOUR, DAY)
    assert new.until_s is None


@pytest.mark.parametrize("content", ["[]", '{"detail": "x"}', "<html>"])
def test_what_is_no_answer(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    for read in (ihr.read, ihr.read_alarms):
        with pytest.raises(SourceError):
            list(read(path))


# ------------------------------------------------------------------ disconnections, live


def test_each_is_told_once_and_again_with_its_end(fake: Fake, service: Ihr) -> None:
    event = service.event(NOW - HOUR)
    poller = polled(DisconnectionsPoller, fake)
    for number in range(3):
        poller.round(NOW + number * HOUR)
    [began] = poller.take()
    assert (began.until_s, began.revision) == (None, 0)
    event["endtime"] = stamp(NOW + 2 * HOUR)
    poller.round(NOW + 4 * HOUR)
    poller.round(NOW + 5 * HOUR)
    [ended] = poller.take()
    assert (ended.id, ended.until_s, ended.revision) == (began.id, NOW + 2 * HOUR, 2)
    for day in range(1, 12):
        poller.round(NOW + day * DAY)
    assert poller.take() == [], "leaving the list takes nothing back"


def test_one_whose_end_never_comes_is_over_after_a_day(fake: Fake, service: Ihr) -> None:
    service.event(NOW - HOUR)
    poller = polled(DisconnectionsPoller, fake)
    for hours in (0, 12, 24, 36):
        poller.round(NOW + hours * HOUR)
    assert [(one.revision, one.until_s) for one in poller.take()] == [(0, None), (1, NOW)]


def test_all_pages_are_read_and_counted(fake: Fake, service: Ihr) -> None:
    for number in range(25):
        service.event(NOW - HOUR - number * 60, NOW, streamname=str(1_000 + number))
    service.size = 10
    poller = polled(DisconnectionsPoller, fake)
    assert poller.round(NOW).error == ""
    assert len(poller.take()) == 25
    assert [one.params["page"] for one in fake.requests] == ["1", "2", "3"]
    service.lost = 4
    assert "that the service counts" in poller.round(NOW + HOUR).error


def test_one_country_and_a_stretch_of_the_past(fake: Fake, service: Ihr) -> None:
    service.event(NOW - 50 * DAY, NOW - 49 * DAY)
    service.event(NOW - 50 * DAY, NOW - 49 * DAY, streamtype="country", streamname="DE")
    poller = polled(DisconnectionsPoller, fake, country="KZ", since_s=NOW - 60 * DAY, until_s=NOW - 40 * DAY)
    poller.round(NOW)
    assert [one.country for one in poller.take()] == ["KZ"]


@pytest.mark.parametrize("make", [DisconnectionsPoller, AlarmsPoller])
@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "closed"])
def test_a_service_that_fails_is_asked_again(fake: Fake, service: Ihr, make: Any, fault: str) -> None:
    service.event(NOW - 4 * HOUR)
    service.alarm(NOW - 4 * HOUR)
    poller = polled(make, fake)
    fake.misbehave(*[fault] * 5)
    assert poller.round(NOW).error
    assert poller.take() == []
    assert poller.round(NOW + 60).error == ""
    assert poller.take()


# ------------------------------------------------------------------ alarms of delay


def values(records: list[Any]) -> dict[tuple[str, int], float]:
    """What was said of each entity and hour, each once."""
    found: dict[tuple[str, int], float] = {}
    for frame in records:
        for series, row in zip(frame.series, frame.values, strict=True):
            assert series.signal == "delay-alarms"
            for at, value in enumerate(row):
                key = (series.entity.code, frame.from_s + at * HOUR)
                assert found.get(key) != value, "the same is said twice"
                found[key] = value
    return found


def test_alarms_are_counted_by_hour_country_and_chosen_network(tmp_path: Path, service: Ihr) -> None:
    hour = NOW // HOUR * HOUR
    for minute in (0, 30, 60):
        service.alarm(hour + minute * 60)
    service.alarm(hour, startpoint_type="AS", startpoint_name="9198")
    service.alarm(hour, startpoint_type="PB", startpoint_name="6021", endpoint_name="Osaka, Osaka, JP")
    rows = list(ihr.read_alarms(written(tmp_path, service.alarms), entity="asn/KZ/9198"))
    found = values([row.record for row in rows if isinstance(row, Accepted)])
    assert found == {
        ("KZ", hour): 2, ("KZ", hour + HOUR): 1, ("DE", hour): 3, ("DE", hour + HOUR): 1, ("9198", hour): 1,
        ("9198", hour + HOUR): 0, ("JP", hour): 1, ("JP", hour + HOUR): 0,
    }  # fmt: skip


def test_alarms_live_come_once_and_again_where_there_are_more(fake: Fake, service: Ihr) -> None:
    hour = NOW // HOUR * HOUR
    service.alarm(hour - 10 * HOUR)
    poller = polled(AlarmsPoller, fake)
    poller.round(NOW)
    first = values(poller.take())
    assert first["KZ", hour - 10 * HOUR] == 1
    assert len({at for _, at in first}) == 48
    service.alarm(hour - 10 * HOUR + 600)
    poller.round(NOW + HOUR)
    assert values(poller.take()) == {
        ("KZ", hour - 10 * HOUR): 2, ("DE", hour - 10 * HOUR): 2,
        ("KZ", hour - 3 * HOUR): 0, ("DE", hour - 3 * HOUR): 0,
    }  # fmt: skip
    # Who has no alarms any more has none, and does not vanish.
    poller.round(NOW + 60 * HOUR)
    assert set(values(poller.take()).values()) == {0}


def test_alarms_of_a_pause_of_days_are_made_good(fake: Fake, service: Ihr) -> None:
    hour = NOW // HOUR * HOUR
    service.alarm(hour - 10 * HOUR)
    poller = polled(AlarmsPoller, fake)
    poller.round(NOW)
    poller.take()
    service.alarm(hour + 5 * HOUR)
    poller.round(NOW + 6 * DAY)
    found = values(poller.take())
    assert found["KZ", hour + 5 * HOUR] == 1
    assert {at for _, at in found} >= set(range(hour, hour + 6 * DAY - 4 * HOUR, HOUR)), "every hour of the pause"


def test_a_long_past_is_asked_for_in_parts(fake: Fake, service: Ihr) -> None:
    begin = NOW // DAY * DAY - 30 * DAY
    for day in range(30):
        service.alarm(begin + day * DAY + 5 * HOUR)
    poller = polled(AlarmsPoller, fake, since_s=begin, until_s=begin + 30 * DAY)
    assert poller.round(NOW).error == ""
    found = values(poller.take())
    assert sum(value for (code, _), value in found.items() if code == "KZ") == 30
