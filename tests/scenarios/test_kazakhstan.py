"""The seed case without Kafka: what it must come to, and that `check` sees whatever is wrong with a result."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from streams.pipeline import Offline
from streams.scenarios import scenario_named, scenarios
from streams.scenarios.kazakhstan_2021_02_28 import ALMATY, ATYRAU, CONSTRUCTED, NUR_SULTAN, SHYMKENT
from topics import Measurement, NewsItem, Report, Shutdown, decode, encode

SCENARIO = scenario_named("kazakhstan-2021-02-28")
HOUR_S = 3600


@pytest.fixture(scope="module")
def result() -> list[Shutdown]:
    offline = Offline(2e9)
    for topic, record in SCENARIO.records():
        offline.add(topic.name, encode(record))
    assert not offline.rejected
    return offline.shutdowns()


def of(result: list[Shutdown], region: str | None, level: str, country: str = "KZ") -> Shutdown:
    [found] = [one for one in result if (one.country, one.place.region, one.level) == (country, region, level)]
    return found


def with_(result: list[Shutdown], old: Shutdown, **changed: object) -> list[Shutdown]:
    return [replace(one, **changed) if one is old else one for one in result]


def test_it_comes_to_what_is_expected(result: list[Shutdown]) -> None:
    assert SCENARIO.check(result) == []
    assert len(result) == len(SCENARIO.expected) + sum(decoy.expected is not None for decoy in SCENARIO.decoys)


def test_places_are_shown_as_they_were_called_then(result: list[Shutdown]) -> None:
    nur_sultan = of(result, NUR_SULTAN, "corroborated")
    assert nur_sultan.place.name == "Nur-Sultan"
    claims = [piece for piece in nur_sultan.evidence if piece.kind == "claim" and "form" not in piece.id]
    assert {piece.place for piece in claims} == {"Nur-Sultan"}


def test_why_atyrau_is_only_reported(result: list[Shutdown]) -> None:
    atyrau = of(result, ATYRAU, "reported")
    assert any("no measurements" in reason.words for reason in atyrau.why)
    assert not atyrau.signals


@pytest.mark.parametrize("missing", [ALMATY, NUR_SULTAN, ATYRAU])
def test_a_missing_shutdown_is_a_fault(result: list[Shutdown], missing: str) -> None:
    left = [one for one in result if one.place.region != missing]
    assert f"{_name(missing)}: 0 shutdowns at that time, not one" in SCENARIO.check(left)


def test_a_doubled_shutdown_is_a_fault(result: list[Shutdown]) -> None:
    doubled = [*result, replace(of(result, ALMATY, "corroborated"), id="again")]
    assert SCENARIO.check(doubled) == ["Almaty: 2 shutdowns at that time, not one"]


DAMAGES: list[tuple[Callable[[Shutdown], dict[str, object]], str]] = [
    (lambda one: {"level": "reported"}, "Almaty is reported, not corroborated"),
    (lambda one: {"measurement": "missing"}, "Almaty: measurement is missing, not dropped"),
    (lambda one: {"signals": one.signals[1:]}, "Almaty: no drop in "),
    (lambda one: {"protests": 0}, "Almaty: 0 protests near it, not 1"),
    (lambda one: {"from_s": one.from_s - HOUR_S}, "Almaty begins 2021-02-28 0"),
    (lambda one: {"until_s": (one.until_s or 0) + HOUR_S}, "Almaty ends 2021-02-28 1"),
    (lambda one: {"until_s": None}, "Almaty ends never, not 2021-02-28 11:00 UTC"),
    (lambda one: {"incident": "another"}, "there are 2 incidents, not one"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGES, ids=[words for _, words in DAMAGES])
def test_each_fault_is_seen(
    result: list[Shutdown], damage: Callable[[Shutdown], dict[str, object]], words: str
) -> None:
    almaty = of(result, ALMATY, "corroborated")
    [fault] = SCENARIO.check(with_(result, almaty, **damage(almaty)))
    assert fault.startswith(words)


@pytest.mark.parametrize("off_s", [-601, -600, 600, 601])
def test_times_may_be_off_by_the_resolution_and_no_more(result: list[Shutdown], off_s: int) -> None:
    wanted = next(one for one in SCENARIO.expected if one.region == ALMATY)
    almaty = of(result, ALMATY, "corroborated")
    moved = with_(result, almaty, from_s=wanted.from_s + off_s)
    assert bool(SCENARIO.check(moved)) is (abs(off_s) > wanted.within_s)


# ------------------------------------------------------------------ decoys


def test_a_stranger_in_the_incident_is_a_fault(result: list[Shutdown]) -> None:
    chad = of(result, None, "measured", "TD")
    joined = with_(result, chad, incident=of(result, ALMATY, "corroborated").incident)
    assert SCENARIO.check(joined) == ["Chad, 2021-02-28 08:20 UTC, is part of the incident"]


def test_an_earlier_day_in_the_incident_is_a_fault(result: list[Shutdown]) -> None:
    earlier = of(result, ALMATY, "reported")
    joined = with_(result, earlier, incident=of(result, ALMATY, "corroborated").incident)
    assert SCENARIO.check(joined) == ["Almaty, 2021-02-11 18:00 UTC, is part of the incident"]


def test_a_decoy_that_is_missing_by_itself_is_a_fault(result: list[Shutdown]) -> None:
    assert SCENARIO.check([one for one in result if one.country != "TD"]) == [
        "Chad: 0 shutdowns at that time, not one"
    ]


def test_a_shutdown_where_there_was_only_a_protest_is_a_fault(result: list[Shutdown]) -> None:
    atyrau = of(result, ATYRAU, "reported")
    made_up = replace(atyrau, id="made-up", incident="own", place=replace(atyrau.place, region=SHYMKENT))
    [fault] = SCENARIO.check([*result, made_up])
    assert fault.startswith("Shymkent has a shutdown, 2021-02-27 19:00 UTC: there was a protest, but nobody")


# ------------------------------------------------------------------ records


def test_records_can_be_written_and_read_and_say_when_they_are_constructed() -> None:
    records = SCENARIO.records()
    assert records == SCENARIO.records()
    assert len({record.id for _, record in records}) == len(records)  # type: ignore[attr-defined]
    for topic, record in records:
        assert decode(topic, encode(record)) == record
        assert isinstance(record, Measurement | NewsItem | Report)
        stated = (record.origin.reference or "").startswith("https://")
        assert stated or CONSTRUCTED in (record.origin.reference or "")
        assert not (isinstance(record, Measurement) and stated)
    assert all(
        record.reporter.name is None
        for _, record in records
        if isinstance(record, Report) and record.reporter.kind == "individual"
    )


def test_measurements_are_of_8_days_at_10_minutes_with_none_for_atyrau() -> None:
    frames = [record for _, record in SCENARIO.records() if isinstance(record, Measurement)]
    kazakh = [frame for frame in frames if frame.country == "KZ"]
    assert len(kazakh) == 8
    assert {frame.step_s for frame in frames} == {600}
    assert all(len(row) == 144 for frame in frames for row in frame.values)
    assert {series.entity.code for frame in kazakh for series in frame.series} == {"2088", "2089"}
    assert {series.signal for frame in kazakh for series in frame.series} == {"ping-slash24", "bgp", "merit-nt"}


def test_scenarios_by_name() -> None:
    assert "kazakhstan-2021-02-28" in scenarios()
    assert all(scenario_named(name).name == name for name in scenarios())
    with pytest.raises(KeyError, match="no scenario 'atlantis'; there are kazakhstan-2021-02-28"):
        scenario_named("atlantis")


def _name(region: str) -> str:
    return next(one.name for one in SCENARIO.expected if one.region == region)
