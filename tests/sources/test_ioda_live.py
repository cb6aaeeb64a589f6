"""IODA polled: every value once, gaps filled, events that grow or go, alerts followed; whatever goes wrong."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streams.sources import ioda_live_events, ioda_live_signals
from streams.sources.entities import named
from streams.sources.ioda import step_s
from streams.sources.ioda_live_events import EventsPoller
from streams.sources.ioda_live_signals import ASKED, FIRST_S, SignalsPoller
from streams.sources.polling import Live
from tests.sources.fake import Fake, Polled, serving
from tests.sources.ioda_fake import NAMES, REGIONS, World, alert
from topics import Measurement, Outage, final_after_s

NOW = 1_700_000_400  # a round 10 minutes
ROUND = 600
FAULTS = ("429", "500", "html", "truncated", "closed")


@pytest.fixture
def world() -> World:
    return World(NOW)


@pytest.fixture
def fake(world: World) -> Iterator[Fake]:
    with serving(world.routes()) as fake:
        yield fake


def values(records: list[Any]) -> list[tuple[str, str, int, float | None]]:
    """Signal, code, time and value of each value of frames."""
    return [
        (series.signal, series.entity.code, frame.from_s + at * frame.step_s, value)
        for frame in records
        if isinstance(frame, Measurement)
        for series, row in zip(frame.series, frame.values, strict=True)
        for at, value in enumerate(row)
    ]


def expected(world: World, until_now: int, since_s: int) -> dict[tuple[str, str, int], float]:
    """All values that are final at a moment, by the world itself."""
    found = {}
    for signal in ASKED:
        step = step_s(signal)
        for code in ("KZ", "TR", "TO", *(REGIONS if signal != "gtr" else ())):
            for at in range(-(-since_s // step) * step, (until_now - final_after_s(signal)) // step * step, step):
                value = world.value(signal, code, at)
                if value is not None:
                    found[signal, code, at] = value
    return found


def check(found: list[tuple[str, str, int, float | None]], wanted: dict[tuple[str, str, int], float]) -> None:
    """Nothing lost, nothing doubled, nothing else."""
    there = [(signal, code, at) for signal, code, at, value in found if value is not None]
    assert [key for key, count in Counter(there).items() if count > 1] == []
    assert {(signal, code, at): value for signal, code, at, value in found if value is not None} == wanted


# ------------------------------------------------------------------ signals


def test_a_week_first_then_what_is_new(world: World, fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url))
    status = polled.round(NOW)
    assert (status.error, status.requests) == ("", 2 + 2 * 4 - 1)
    found = values(polled.take())
    since = {signal: (NOW - final_after_s(signal)) // step_s(signal) * step_s(signal) - FIRST_S for signal in ASKED}
    assert {signal: min(at for one, _, at, _ in found if one == signal) for signal in ASKED} == since
    world.now_s = NOW + 6 * ROUND
    for at in range(1, 7):
        assert polled.round(NOW + at * ROUND).error == ""
    found += values(polled.take())
    wanted = expected(world, NOW + 6 * ROUND, NOW - 2 * FIRST_S)
    check(found, {key: value for key, value in wanted.items() if key[2] >= since[key[0]]})


def test_places_and_whose_it_is(fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.round(NOW)
    frames = polled.take()
    assert {frame.country for frame in frames} == {"KZ", "TR", "TO"}
    by_signal = {series.signal: series.lineage for frame in frames for series in frame.series}
    assert by_signal == {"bgp": None, "ping-slash24": None, "merit-nt": None}
    assert {frame.known_s for frame in frames} == {NOW}


def test_only_one_country_and_a_chosen_network(world: World, fake: Fake) -> None:
    REGIONS["9198"] = ("KZ", "KAZTELECOM")
    try:
        live = Live(url=fake.url, country="KZ", since_s=NOW - 7200, entities=[named("asn/KZ/9198")])
        polled = Polled(SignalsPoller, live)
        polled.round(NOW)
    finally:
        del REGIONS["9198"]
    found = values(polled.take())
    assert {code for _, code, _, _ in found} == {"KZ", "2088", "2077", "9198"}


def test_series_that_cant_be_read_are_counted(fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 7200))
    odd: Callable[[bytes], bytes] = lambda body: body.replace(b'"step": 300', b'"step": "often"', 1)  # noqa: E731
    fake.misbehave(odd, path="/signals/raw/region")
    status = polled.round(NOW)
    assert (status.error, status.refused) == ("", 1)
    assert status.why == "a series lacks a field, or has another form: 1"


def test_a_stretch_of_the_past(world: World, fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 20 * 86_400, until_s=NOW - 18 * 86_400))
    polled.round(NOW)
    found = [at for signal, _, at, _ in values(polled.take()) if signal == "ping-slash24"]
    assert (min(found), max(found)) == (NOW - 20 * 86_400, NOW - 18 * 86_400 - 600)


def test_gaps_are_asked_for_again(world: World, fake: Fake) -> None:
    late = {("ping-slash24", "2088", NOW - 3600 + at * 600) for at in range(4)}
    whole = world.value
    missing = set(late)
    world.value = lambda datasource, code, at: (
        None if (datasource, code, at) in missing else whole(datasource, code, at)
    )
    since = NOW - 4 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for at in range(8):
        world.now_s = NOW + at * ROUND
        if at == 5:
            missing.clear()
        polled.round(world.now_s)
    found = values(polled.take())
    check(found, expected(world, world.now_s, since))
    assert not any(group.get("gaps") for group in polled.cursors.values() if isinstance(group, dict))


def test_gaps_are_asked_for_once_more_after_an_absence(world: World, fake: Fake) -> None:
    whole = world.value
    missing = {("ping-slash24", "2088", NOW - 3600 + at * 600) for at in range(4)}
    world.value = lambda datasource, code, at: (
        None if (datasource, code, at) in missing else whole(datasource, code, at)
    )
    since = NOW - 4 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for hours in (0, 1, 73, 74):
        world.now_s = NOW + hours * 3600
        if hours > 1:
            missing.clear()
        assert polled.round(world.now_s).error == ""
    check(values(polled.take()), expected(world, world.now_s, since))


def test_a_series_that_vanishes_is_a_gap_and_comes_back(world: World, fake: Fake) -> None:
    since = NOW - 4 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for at in range(10):
        world.now_s = NOW + at * ROUND
        world.signals = ("bgp", "merit-nt", "gtr") if 2 <= at < 6 else ("bgp", "ping-slash24", "merit-nt", "gtr")
        assert polled.round(world.now_s).error == ""
    check(values(polled.take()), expected(world, world.now_s, since))


def test_gaps_are_given_up_after_a_day(world: World, fake: Fake) -> None:
    whole = world.value
    world.value = lambda source, code, at: None if code == "TO" and at > NOW else whole(source, code, at)
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 3600))
    for hour in range(0, 60, 6):
        world.now_s = NOW + hour * 3600
        polled.round(world.now_s)
    gaps = [
        gap
        for group in polled.cursors.values()
        if isinstance(group, dict)
        for gap in group.get("gaps", {}).get("TO", [])
    ]
    assert gaps
    assert min(end for _, end in gaps) > world.now_s - 2 * 86_400
    assert polled.largest_cursor < 20_000


@pytest.mark.parametrize("fault", [*FAULTS, "0.5", "error", "field"])
def test_a_fault_loses_and_doubles_nothing(world: World, fake: Fake, fault: str) -> None:
    kinds: dict[str, Callable[[bytes], bytes]] = {
        "error": lambda body: b'{"type":"signals","error":"no such thing","data":[[]]}',
        "field": lambda body: body.replace(b'"values"', b'"vals"').replace(b'"data"', b'"dta"'),
    }
    since = NOW - 2 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    polled.round(NOW)
    # Longer than patience: parts of the round fail, and are made good in the next.
    fake.misbehave(*[kinds.get(fault, fault)] * 7, path="/signals")
    world.now_s = NOW + ROUND
    status = polled.round(world.now_s)
    assert status.error
    assert status.failing_since_s == world.now_s
    fake.faults.clear()
    world.now_s = NOW + 2 * ROUND
    status = polled.round(world.now_s)
    assert (status.error, status.failing_since_s) == ("", None)
    check(values(polled.take()), expected(world, world.now_s, since))


def test_random_faults_and_restarts(world: World, fake: Fake) -> None:
    dice = random.Random(11)
    whole, missing = world.value, set[tuple[str, str, int]]()
    world.value = lambda source, code, at: None if (source, code, at) in missing else whole(source, code, at)
    since = NOW - 3 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for at in range(24):
        world.now_s = NOW + at * ROUND
        fake.misbehave(*(dice.choice(FAULTS) for _ in range(dice.randrange(12))), path="/signals")
        missing |= {
            (signal, dice.choice(["KZ", "2088", "TO"]), world.now_s // 1800 * 1800 - 1800 * dice.randrange(6))
            for signal in ("bgp", "ping-slash24")
            if dice.random() < 0.4
        }
        if at > 18:
            missing.clear()
            fake.faults.clear()
        polled.round(world.now_s)
    check(values(polled.take()), expected(world, world.now_s, since))


def test_a_crash_between_publishing_and_the_cursor_says_the_same_again(world: World, fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.crash_after = 1
    with pytest.raises(KeyboardInterrupt):
        polled.round(NOW)
    polled.crash_after = None
    before = polled.take()
    polled.round(NOW)
    again = polled.take()
    assert {one.id for one in before} & {one.id for one in again}, "what was published already has the same ids"
    once = {one.id: one for one in (*before, *again)}
    check(values(list(once.values())), expected(world, NOW, NOW - 3600))


@pytest.mark.parametrize("skew_s", [-7200, 7200])
def test_another_clock_than_ours(world: World, fake: Fake, skew_s: int) -> None:
    world.skew_s = skew_s
    since = NOW - 3 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for at in range(4):
        world.now_s = NOW + at * ROUND
        polled.round(world.now_s)
    check(values(polled.take()), expected(world, world.now_s, since))


def test_values_later_than_expected_are_gaps_until_they_come(world: World, fake: Fake) -> None:
    world.lag_s = 2 * 3600
    since = NOW - 4 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    for at in range(24):
        world.now_s = NOW + at * ROUND
        polled.round(world.now_s)
    found = values(polled.take())
    settled = expected(world, world.now_s - 3 * 3600, since)
    there = Counter((signal, code, at) for signal, code, at, value in found if value is not None)
    assert set(settled) <= set(there)
    assert set(there.values()) == {1}


def test_the_directory_is_asked_for_once_a_day_and_used_on_where_it_fails(world: World, fake: Fake) -> None:
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.round(NOW)
    polled.round(NOW + ROUND)
    assert len(fake.asked("/entities")) == 2
    fake.misbehave(*["500"] * 5, path="/entities")
    world.now_s = NOW + 2 * 86_400
    assert polled.round(world.now_s).error == ""
    assert polled.take()


@pytest.mark.parametrize("first", [True, False])
def test_a_store_that_fails_behind_an_answer_without_error_is_asked_again(
    world: World, fake: Fake, first: bool
) -> None:
    since = NOW - 2 * 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    if not first:
        polled.round(NOW)
    world.now_s, world.store_fails = NOW + ROUND, True
    assert "has nothing of the" in polled.round(world.now_s).error
    world.now_s, world.store_fails = NOW + 2 * ROUND, False
    assert polled.round(world.now_s).error == ""
    check(values(polled.take()), expected(world, world.now_s, since))


def test_googles_product_is_asked_for_by_name(fake: Fake) -> None:
    Polled(SignalsPoller, Live(url=fake.url, since_s=NOW - 86_400)).round(NOW)
    asked = {one.params["datasource"]: one.params.get("sourceParams") for one in fake.asked("/signals")}
    assert asked == {"gtr": "WEB_SEARCH", "bgp": None, "ping-slash24": None, "merit-nt": None}


def test_nothing_without_a_directory(fake: Fake) -> None:
    fake.misbehave(*["500"] * 5, path="/entities")
    polled = Polled(SignalsPoller, Live(url=fake.url))
    status = polled.round(NOW)
    assert "entities/query: HTTP 500" in status.error
    assert (status.ok_s, polled.take()) == (None, [])


# ------------------------------------------------------------------ events


def outages(records: list[Any], kind: str = "ioda-event") -> list[Outage]:
    """The outages of events, or of alerts."""
    assert all(isinstance(one, Outage) for one in records)
    return [one for one in records if one.id.startswith(f"{kind}/")]


def event(start: int, end: int | None, location: str = "region/2088", name: str = "Almaty City") -> dict[str, Any]:
    return {"location": location, "name": name, "start": start, "end": end}


def test_an_event_that_grows_is_one_outage(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 1800, None)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    for at in range(4):
        world.now_s = NOW + at * ROUND
        polled.round(world.now_s)
    (going_on,) = outages(polled.take())
    assert (going_on.until_s, going_on.place.name, going_on.country) == (None, "Almaty City", "KZ")
    world.events[0]["end"] = world.now_s
    world.now_s += ROUND
    polled.round(world.now_s)
    over = outages(polled.take())
    assert {(one.id, one.until_s) for one in over} == {(going_on.id, world.now_s - ROUND)}
    assert going_on.revision < over[0].revision < over[-1].revision
    assert over[-1].area == pytest.approx(80 * (world.now_s - ROUND - NOW + 1800) / 60)
    world.now_s += ROUND
    polled.round(world.now_s)
    assert polled.take() == []


def test_an_event_that_is_gone_is_withdrawn_once(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 7200, NOW - 3600), event(NOW - 7200, None, "country/TO", "Tonga")]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    first = {one.place.key: one for one in outages(polled.take())}
    del world.events[0]
    told = []
    for at in range(1, 6):
        polled.round(NOW + at * ROUND)
        told.append(outages(polled.take()))
    assert [len(each) for each in told] == [0, 0, 1, 0, 0]
    (gone,) = told[2]
    assert gone.withdrawn
    assert first[gone.place.key].id == gone.id
    assert gone.revision > first[gone.place.key].revision
    world.events.append(event(NOW - 7200, NOW - 3600))
    polled.round(NOW + 6 * ROUND)
    (back,) = outages(polled.take())
    assert (back.id, back.withdrawn, back.revision > gone.revision) == (gone.id, False, True)


def test_an_event_too_old_to_be_listed_stands(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 7200, NOW - 3600)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    polled.take()
    for day in range(1, 6):
        polled.round(NOW + day * 86_400)
    assert polled.take() == []
    assert polled.largest_cursor < 2_000


def test_an_event_that_began_before_the_window_and_is_over(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 1_209_300, NOW - 60)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    (outage,) = outages(polled.take())
    assert outage.until_s == NOW - 60


def test_an_event_of_weeks_is_opened_and_closed_once(world: World, fake: Fake) -> None:
    """Polled every six hours for 40 days: 20 days dark, an alert on the 16th, and an end."""
    start, dark = NOW, 20 * 86_400
    world.events = [event(start, None) | {"alerts": [start, start + 16 * 86_400]}]
    polled = Polled(EventsPoller, Live(url=fake.url))
    told: list[Outage] = []
    for hour in range(6, 40 * 24, 6):
        world.now_s = NOW + hour * 3600
        if world.now_s > start + dark and world.events[0]["end"] is None:
            world.events[0]["end"] = start + dark
        assert polled.round(world.now_s).error == ""
        told += outages(polled.take())
    assert len({one.id for one in told}) == 1
    # The alert says the end first, then the list, with how deep it was.
    assert [one.until_s for one in told] == [None, start + dark, start + dark]
    assert {one.from_s for one in told} == {start}
    assert not any(one.withdrawn for one in told)


def test_an_event_that_ends_while_nobody_asks_is_over_not_withdrawn(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 7200, None)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    polled.take()
    world.events = [event(NOW - 7200, NOW + 3600), event(NOW + 20 * 3600, NOW + 22 * 3600)]
    told: list[Outage] = []
    for at in range(6):
        world.now_s = NOW + 3 * 86_400 + at * ROUND
        polled.round(world.now_s)
        told += outages(polled.take())
    assert not any(one.withdrawn for one in told)
    last = {one.from_s: one.until_s for one in told}
    assert last == {NOW - 7200: NOW + 3600, NOW + 20 * 3600: NOW + 22 * 3600}


def test_an_end_that_the_alerts_could_not_say_is_no_withdrawal(world: World, fake: Fake) -> None:
    """20 days dark; the end comes while alerts can't be had, and is said once they can."""
    world.events = [event(NOW, None)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    for day in range(1, 21):
        world.now_s = NOW + day * 86_400
        polled.round(world.now_s)
    polled.take()
    world.events[0]["end"] = NOW + 20 * 86_400 + 600
    for at in range(2, 8):
        world.now_s = NOW + 20 * 86_400 + at * ROUND
        fake.misbehave(*["500"] * 5, path="/outages/alerts")
        assert polled.round(world.now_s).error.startswith("alerts: ")
    assert polled.take() == []
    polled.round(world.now_s + ROUND)
    (over,) = outages(polled.take())
    assert (over.from_s, over.until_s, over.withdrawn) == (NOW, NOW + 20 * 86_400 + 600, False)


def test_another_outage_after_a_hidden_one_is_its_own(world: World, fake: Fake) -> None:
    world.events = [event(NOW, NOW + 20 * 86_400), event(NOW + 20 * 86_400 + 7200, None)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    told: list[Outage] = []
    for hour in range(6, 22 * 24, 6):
        world.now_s = NOW + hour * 3600
        polled.round(world.now_s)
        told += outages(polled.take())
    last = {one.id: (one.from_s, one.until_s, one.withdrawn) for one in told}
    assert sorted(last.values(), key=str) == [
        (NOW, NOW + 20 * 86_400, False),
        (NOW + 20 * 86_400 + 7200, None, False),
    ]


def test_a_hidden_event_ends_with_the_alert_that_says_normal(world: World, fake: Fake) -> None:
    start, end = NOW, NOW + 20 * 86_400
    world.events = [event(start, None)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    told: list[Outage] = []
    for hour in range(6, 24 * 24, 6):
        world.now_s = NOW + hour * 3600
        if world.now_s > end:
            world.events.clear()
            world.alerts = [alert(end, "normal", 500, datasource="bgp")]
        polled.round(world.now_s)
        told += [one for one in outages(polled.take()) if one.id.startswith("ioda-event/")]
    assert [(one.until_s, one.withdrawn) for one in told] == [(None, False), (end, False)]


def test_an_event_that_has_ended_is_not_opened_again(world: World, fake: Fake) -> None:
    world.events = [event(NOW - 7200, NOW - 3600)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    told: list[Outage] = []
    for hour in range(72):
        world.now_s = NOW + hour * 3600
        polled.round(world.now_s)
        told += outages(polled.take())
    assert {(one.until_s, one.withdrawn) for one in told} == {(NOW - 3600, False)}


def test_all_regions_are_asked_for(world: World, fake: Fake) -> None:
    world.more_regions = 4_534 - len(REGIONS)
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    assert len(polled.cursors["entities"]["entities"]["region"]) == 4_534


def test_pages_that_overlap_and_shift(world: World, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ioda_live_events, "PAGE", 10)
    places = [*(("country", code, name) for code, name in NAMES.items())]
    places += [("region", code, name) for code, (_, name) in REGIONS.items()]
    series = itertools.product(("bgp", "ping-slash24", "merit-nt", "mozilla"), places)
    world.events = [
        event(NOW - 7200 - at * 60, NOW - 3600, f"{type_}/{code}", name) | {"datasource": datasource}
        for at, (datasource, (type_, code, name)) in enumerate(series)
    ]
    grown = iter([event(NOW - 9600, None, "country/TO", "Tonga") | {"datasource": "gtr"}])

    def between(page: int) -> None:
        if page == 0 and (fresh := next(grown, None)) is not None:
            world.events.insert(0, fresh)

    world.between = between
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    assert len({one.id for one in outages(polled.take())}) == 24
    polled.round(NOW + ROUND)
    (fresh,) = outages(polled.take())
    assert fresh.from_s == NOW - 9600
    polled.round(NOW + 2 * ROUND)
    assert polled.take() == []


@pytest.mark.parametrize("fault", [*FAULTS, "error"])
def test_a_list_that_fails_withdraws_nothing(world: World, fake: Fake, fault: str) -> None:
    world.events = [event(NOW - 7200, NOW - 3600)]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    polled.take()
    for at in range(1, 5):
        error: Callable[[bytes], bytes] = lambda body: b'{"error":"overloaded","data":[]}'  # noqa: E731
        fake.misbehave(*[error if fault == "error" else fault] * 5, path="/outages/events")
        assert polled.round(NOW + at * ROUND).error
    assert polled.take() == []


def test_what_cant_be_placed_is_counted(world: World, fake: Fake) -> None:
    world.events = [
        event(NOW - 7200, None, "region/99", "Nowhere"),
        event(NOW - 7200, None, "continent/AS", "Asia"),
    ]
    polled = Polled(EventsPoller, Live(url=fake.url))
    status = polled.round(NOW)
    assert (status.refused, status.why, status.error) == (4, "unknown place: 4", "")


# ------------------------------------------------------------------ alerts


def test_alerts_open_deepen_and_end_one_outage(world: World, fake: Fake) -> None:
    polled = Polled(EventsPoller, Live(url=fake.url))
    world.alerts = [alert(NOW - 1200, "warning", 310)]
    polled.round(NOW)
    (opened,) = outages(polled.take(), "ioda-alert")
    assert (opened.from_s, opened.until_s, opened.severity) == (NOW - 1200, None, "warning")
    assert opened.ratio_min == pytest.approx(310 / 520)
    world.alerts.append(alert(NOW - 600, "critical", 52))
    polled.round(NOW + ROUND)
    (deeper,) = outages(polled.take(), "ioda-alert")
    world.alerts.append(alert(NOW + ROUND, "normal", 500))
    world.now_s = NOW + 2 * ROUND
    polled.round(NOW + 2 * ROUND)
    (over,) = outages(polled.take(), "ioda-alert")
    assert {opened.id, deeper.id, over.id} == {opened.id}
    assert opened.revision < deeper.revision < over.revision
    assert deeper.ratio_min == pytest.approx(0.1)
    assert over.until_s == NOW + ROUND
    polled.round(NOW + 3 * ROUND)
    assert polled.take() == [], "the hour that is asked for again tells nothing again"


def test_alerts_of_a_service_that_failed_for_hours(world: World, fake: Fake) -> None:
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    fake.misbehave(*["500"] * 30, path="/outages/alerts")
    world.alerts = [alert(NOW + 600, "critical", 100), alert(NOW + 7200, "normal", 500)]
    for at in range(1, 7):
        assert polled.round(NOW + at * ROUND).error
    fake.faults.clear()
    world.now_s = NOW + 20 * ROUND
    polled.round(NOW + 20 * ROUND)
    (outage,) = outages(polled.take(), "ioda-alert")
    assert (outage.from_s, outage.until_s) == (NOW + 600, NOW + 7200)


def test_alerts_of_a_pipeline_that_fell_behind_for_hours(world: World, fake: Fake) -> None:
    hour = 3_600
    polled = Polled(EventsPoller, Live(url=fake.url))
    world.late_s["ping-slash24"] = 8 * hour
    world.alerts = [alert(NOW + hour, "critical", 100), alert(NOW + 2 * hour, "normal", 500)]
    found: list[Outage] = []
    for at in range(0, 12 * hour, ROUND):
        world.now_s = NOW + at
        polled.round(world.now_s)
        found += outages(polled.take(), "ioda-alert")
    assert [(one.from_s, one.until_s) for one in found] == [
        (NOW + hour, None),
        (NOW + hour, NOW + 2 * hour),
    ], "each is told once, at the round after it came"
    asked = [int(one.params["until"]) - int(one.params["from"]) for one in fake.asked("/outages/alerts")]
    assert sum(length >= 24 * hour for length in asked) == 12, "a whole day once an hour"
    assert len(asked) == 12 * hour // ROUND, "and in no request more"


def test_pages_of_alerts(world: World, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ioda_live_events, "PAGE", 7)
    world.alerts = [
        alert(NOW - 3600 + at * 60, "normal" if at % 2 else "critical", 100, code="2077") for at in range(40)
    ]
    polled = Polled(EventsPoller, Live(url=fake.url))
    polled.round(NOW)
    found = outages(polled.take(), "ioda-alert")
    assert len(found) == 20
    assert all(one.until_s is not None and one.until_s - one.from_s == 60 for one in found)


def test_groups_stay_as_the_world_grows(world: World, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ioda_live_signals, "TOGETHER", 2)
    since = NOW - 3600
    polled = Polled(SignalsPoller, Live(url=fake.url, since_s=since))
    polled.round(NOW)
    world.now_s = NOW + ROUND
    polled.round(world.now_s)
    assert max(request.path.count(",") for request in fake.asked("/signals")) >= 1
    check(values(polled.take()), expected(world, world.now_s, since))
