"""RIPE Atlas's probes counted, from files and live: what the service's world had, whatever goes wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.detection import DetectStage
from streams.pipeline import measured_place
from streams.sources import SourceError, atlas
from streams.sources.atlas_live import AtlasPoller
from streams.sources.polling import Live
from streams.sources.rows import Accepted, Rejected
from tests.sources.atlas_fake import Atlas
from tests.sources.fake import Answer, Fake, Polled, Request, serving
from topics import Outage

HOUR, DAY, STEP = 3_600, 86_400, 600
NOW = 1_700_000_400 // STEP * STEP
LAG = 1_800


def world(**more: Any) -> Atlas:
    """Kazakhstan with 40 probes in three networks, Iran with 12 in one, and one probe of no country."""
    probes: dict[int, tuple[str | None, int | None]] = dict.fromkeys(range(1, 25), ("KZ", 9198))
    probes |= dict.fromkeys(range(25, 37), ("KZ", 21299))
    probes |= dict.fromkeys(range(37, 41), ("KZ", 48503))
    probes |= dict.fromkeys(range(101, 113), ("IR", 58224))
    probes[500] = (None, None)
    return Atlas(NOW, probes, **more)


@pytest.fixture
def service() -> Atlas:
    return world()


@pytest.fixture
def fake(service: Atlas) -> Iterator[Fake]:
    with serving(service.routes()) as found:
        yield found


def polled(fake: Fake, **more: Any) -> Polled:
    return Polled(AtlasPoller, Live(url=fake.url, **more))


def at(poller: Polled, service: Atlas, now_s: int) -> Any:
    service.now_s = now_s
    return poller.round(now_s)


def values(records: list[Any]) -> dict[tuple[str, str], dict[int, float]]:
    """What was said last of each series and time."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    for frame in records:
        for series, row in zip(frame.series, frame.values, strict=True):
            own = found.setdefault((frame.country, series.entity.code), {})
            own.update((frame.from_s + step * frame.step_s, value) for step, value in enumerate(row))
    return found


def expected(service: Atlas, country: str, asn: int | None, at_s: int) -> int:
    """How many probes are connected at the end of a step."""
    return sum(
        service.up(number, at_s + STEP - 1)
        for number, (home, network) in service.probes.items()
        if home == country and asn in (None, network)
    )


# ------------------------------------------------------------------ live


def test_counts_are_what_the_world_had(fake: Fake, service: Atlas) -> None:
    service.out(range(1, 21), NOW - 5 * HOUR, NOW - 2 * HOUR)
    poller = polled(fake)
    assert at(poller, service, NOW).error == ""
    found = values(poller.take())
    assert set(found) == {("KZ", "KZ"), ("KZ", "9198"), ("KZ", "21299"), ("IR", "IR"), ("IR", "58224")}
    for (country, code), told in found.items():
        assert min(told) <= NOW - DAY
        assert max(told) == (NOW - LAG) // STEP * STEP - STEP
        asn = None if code == country else int(code)
        assert all(value == expected(service, country, asn, step) for step, value in told.items())
    assert found["KZ", "KZ"][NOW - 4 * HOUR] == 20


def test_each_value_comes_once_and_again_where_events_were_late(fake: Fake, service: Atlas) -> None:
    poller = polled(fake)
    at(poller, service, NOW)
    poller.take()
    late = (NOW - HOUR, 3, "disconnect")
    service.events, service.late = [late], {late}
    at(poller, service, NOW + STEP)
    found = values(poller.take())
    assert {step for told in found.values() for step in told} == {(NOW + STEP - LAG) // STEP * STEP - STEP}
    service.late = set()
    at(poller, service, NOW + 2 * STEP)
    found = values(poller.take())
    assert found["KZ", "KZ"][NOW - HOUR] == 39
    assert NOW - HOUR not in found.get(("IR", "IR"), {})
    at(poller, service, NOW + 2 * STEP)
    assert poller.take() == []


def test_weeks_of_rounds_with_cuts_restarts_and_new_probes_end_where_the_world_is(
    fake: Fake, service: Atlas
) -> None:
    rng = random.Random(4)
    poller = polled(fake)
    told: dict[tuple[str, str], dict[int, float]] = {}
    begin = NOW
    for number in range(1, 37):
        service.out([number], begin + rng.randrange(9 * DAY), begin + 9 * DAY + rng.randrange(HOUR))
    for step in range(10 * DAY // HOUR):
        if step == 100:
            service.probes |= dict.fromkeys(range(201, 206), ("KZ", 9198))
        if step % 50 == 7:
            fake.misbehave(*["500"] * 5)
        at(poller, service, begin + step * HOUR)
        for key, own in values(poller.take()).items():
            told.setdefault(key, {}).update(own)
    last = max(told["KZ", "9198"])
    for step in range(last - 3 * DAY, last + 1, STEP):
        assert told["KZ", "9198"][step] == expected(service, "KZ", 9198, step)
    assert poller.largest_cursor < 20_000


def test_a_cut_is_an_outage_and_a_probe_that_is_switched_off_is_none(fake: Fake, service: Atlas) -> None:
    service.out([2], NOW - 20 * HOUR, None)
    service.out(range(1, 37), NOW - 6 * HOUR, NOW - 3 * HOUR)
    poller = polled(fake)
    at(poller, service, NOW)
    out = DetectStage(places=measured_place).process(poller.take(), {}).out
    found = [piece for _, piece in out if isinstance(piece, Outage)]
    assert {(one.place.key, one.from_s, one.until_s) for one in found} == {
        (key, NOW - 6 * HOUR, NOW - 3 * HOUR) for key in ("KZ", "KZ/AS9198", "KZ/AS21299")
    }


def test_probes_are_listed_once_a_day_page_by_page_and_counted(fake: Fake, service: Atlas) -> None:
    service.probes |= dict.fromkeys(range(1000, 2200), ("DE", 3320))
    poller = polled(fake)
    at(poller, service, NOW)
    asked = fake.asked("/probes/")
    assert [one.params["page"] for one in asked] == ["1", "2", "3"]
    assert {one.params["page_size"] for one in asked} == {"500"}
    at(poller, service, NOW + HOUR)
    assert len(fake.asked("/probes/")) == 3
    service.lost = 300
    status = at(poller, service, NOW + 25 * HOUR)
    assert "that the service counts" in status.error
    assert values(poller.take())["DE", "DE"], "the list of yesterday is used on"


def test_probes_that_are_given_up_are_not_counted(fake: Fake, service: Atlas) -> None:
    service.given_up = set(range(1, 21))
    poller = polled(fake)
    at(poller, service, NOW)
    found = values(poller.take())
    assert set(found["KZ", "KZ"].values()) == {20}
    assert ("KZ", "9198") not in found, "four are too few"


def test_one_country_is_asked_for_by_its_probes(fake: Fake, service: Atlas) -> None:
    poller = polled(fake, country="IR")
    at(poller, service, NOW)
    assert {country for country, _ in values(poller.take())} == {"IR"}
    [asked] = fake.asked("/measurements/7000")
    assert asked.params["probe_ids"] == ",".join(map(str, range(101, 113)))
    assert "end" not in asked.params
    assert int(asked.params["stop"]) == NOW


@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "closed"])
def test_a_service_that_fails_is_asked_again(fake: Fake, service: Atlas, fault: str) -> None:
    poller = polled(fake)
    fake.misbehave(*[fault] * 5, path="/measurements")
    assert at(poller, service, NOW).error
    assert poller.take() == []
    assert at(poller, service, NOW + STEP).error == ""
    assert values(poller.take())["KZ", "KZ"][NOW - 2 * HOUR] == 40


def test_a_crash_repeats_and_loses_nothing(fake: Fake, service: Atlas) -> None:
    service.out(range(1, 21), NOW - 5 * HOUR, NOW - 2 * HOUR)
    poller = polled(fake)
    poller.crash_after = 0
    with pytest.raises(KeyboardInterrupt):
        at(poller, service, NOW)
    poller.crash_after = None
    assert at(poller, service, NOW + STEP).error == ""
    found = values(poller.take())
    assert found["KZ", "KZ"][NOW - 4 * HOUR] == 20
    assert found["IR", "IR"][NOW - 4 * HOUR] == 12


def test_nothing_of_a_single_probe_is_published(fake: Fake, service: Atlas) -> None:
    poller = polled(fake)
    at(poller, service, NOW)
    text = json.dumps([str(record) for record in poller.take()])
    assert "prb" not in text
    assert "192.0.2" not in text


# ------------------------------------------------------------------ files


def written(tmp_path: Path, service: Atlas, form: str = "json") -> tuple[Path, Path]:
    def ask(path: str, **params: Any) -> bytes:
        route = next(route for begin, route in service.routes().items() if path.startswith(begin))
        found = route(Request("GET", path, {name: str(value) for name, value in params.items()}, {}, {}))
        assert not isinstance(found, Answer)
        return found if isinstance(found, bytes) else json.dumps(found).encode()

    events, probes = tmp_path / f"7000.{form}", tmp_path / "probes.json"
    events.write_bytes(ask("/measurements/7000/results/", start=NOW - DAY, stop=NOW, format=form))
    probes.write_bytes(ask("/probes/", page_size=500))
    return events, probes


@pytest.mark.parametrize("form", ["json", "txt"])
def test_a_file_of_events_says_the_same(tmp_path: Path, service: Atlas, form: str) -> None:
    service.out(range(1, 21), NOW - 5 * HOUR, NOW - 2 * HOUR)
    events, probes = written(tmp_path, service, form)
    rows = list(atlas.read(events, probes=probes))
    found = values([row.record for row in rows if isinstance(row, Accepted)])
    assert found["KZ", "KZ"][NOW - 5 * HOUR] == 20
    assert found["KZ", "KZ"][NOW - 2 * HOUR] == 40
    assert found["IR", "IR"][NOW - 4 * HOUR] == 12


def test_events_that_make_no_sense_are_counted(tmp_path: Path, service: Atlas) -> None:
    service.out([1], NOW - HOUR, None)
    events, probes = written(tmp_path, service)
    told = json.loads(events.read_text())
    told += [told[0] | {"event": "reboot"}, told[0] | {"timestamp": 5}, {"prb_id": 1}]
    events.write_text(json.dumps(told))
    assert [row.reason for row in atlas.read(events, probes=probes) if isinstance(row, Rejected)] == [
        "neither a connection nor its end",
        "absurd time",
        "a field is missing, or has another form",
    ]


def test_what_can_t_be_read(tmp_path: Path, service: Atlas) -> None:
    service.out([1], NOW - HOUR, None)
    events, probes = written(tmp_path, service)
    with pytest.raises(SourceError, match="give --probes"):
        list(atlas.read(events))
    with pytest.raises(SourceError):
        list(atlas.read(events, probes=events))
    with pytest.raises(SourceError):
        list(atlas.read(probes, probes=probes))
