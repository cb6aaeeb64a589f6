"""Outages of parts that become outages of the whole, in the stage."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detection import DEFAULT_RULES, DetectionRules, DetectStage
from streams.pipeline import Offline, build_stage
from tests.detection.frames import START, Crash, frame, newest, outages, pieces, series_of
from tests.detection.test_properties import LEVELS, RULES, batches_of
from topics import MEASUREMENTS, Entity, Evidence, Measurement, Outage, Place, Series

HOUR, DAY = 3_600, 86_400
COUNTRY = Place(kind="country", country="KZ", name="Kazakhstan")

#: What share of the country's people lives in each region, what share of a region's in each county.
REGIONS = {"0": 0.3, "1": 0.2, "2": 0.2, "3": 0.1, "4": 0.1}
COUNTIES = {"a": 0.4, "b": 0.2, "c": 0.2}


def region(code: str) -> Place:
    return Place(kind="region", country="KZ", name=code, region=f"KAZ-{code}")


def place_of(entity: Entity, country: str) -> Place:
    if entity.type == "country":
        return COUNTRY
    if entity.type == "asn":
        return Place(kind="network", country=country, name=entity.code, network=int(entity.code))
    if entity.type == "county":
        within, _, _ = entity.code.partition("/")
        number = sum(map(ord, entity.code))
        return Place(kind="city", country=country, name=entity.code, region=f"KAZ-{within}", city=number)
    return region(entity.code)


def whole_of(place: Place) -> tuple[Place, float | None] | None:
    if place.kind == "network":
        return COUNTRY, None
    if place.kind == "region":
        return COUNTRY, REGIONS.get(place.name)
    if place.kind == "city":
        return region(place.name.partition("/")[0]), COUNTIES[place.name[-1]]
    return None


def stage(rules: DetectionRules = DEFAULT_RULES) -> DetectStage:
    return DetectStage(rules, places=place_of, whole_of=whole_of)


def run(batches: Iterable[Sequence[Measurement]], rules: DetectionRules = DEFAULT_RULES) -> list[Evidence]:
    store: dict[str, bytes] = {}
    made = stage(rules)
    return [piece for batch in batches for piece in pieces(made.process(batch, store))]


def row(*drops: tuple[int, int, float], level: float = 100.0) -> list[float]:
    """Four days of hourly values; of each drop the first hour, the one after its last, and what is left."""
    values = [level] * 96
    for first, end, left in drops:
        values[first:end] = [left * level] * (end - first)
    return values


def frames_of(rows: dict[Series, list[float]]) -> list[Measurement]:
    """A frame of each day of each series."""
    return [
        frame(values[24 * day : 24 * day + 24], from_s=START + day * DAY, step_s=HOUR, series=[series])
        for day in range(4)
        for series, values in rows.items()
    ]


def of_type(kind: str, code: str, signal: str = "ping-slash24") -> Series:
    return Series(entity=Entity(type=kind, code=code), signal=signal)  # type: ignore[arg-type]


def wholes(found: Iterable[Outage]) -> list[Outage]:
    return [one for one in found if one.parts]


def at(hour: int) -> int:
    return START + hour * HOUR


def test_regions_with_most_people_are_the_country() -> None:
    rows = {series_of(code): row((50, 60, 0.1)) for code in "012"} | {series_of("3"): row()}
    found = outages(run([frames_of(rows)]))
    [one] = wholes(found)
    assert len(found) == 4
    assert (one.place, one.from_s, one.until_s) == (COUNTRY, at(50), at(60))
    assert one.parts == ("KZ/KAZ-0", "KZ/KAZ-1", "KZ/KAZ-2")
    assert (one.series, one.signals, one.lineage) == ("ioda/regions/KZ/ping-slash24", ("ping-slash24",), "ioda")
    assert one.ratio_min == pytest.approx(1 - 0.7 * 0.9)
    assert (one.severity, one.ratio_mean) == ("critical", one.ratio_min)
    assert one.area == pytest.approx(63 * 600)


@pytest.mark.parametrize("codes", ["01", "34", "134", "056"])
def test_few_regions_or_few_people_are_not(codes: str) -> None:
    found = outages(run([frames_of({series_of(code): row((50, 60, 0.1)) for code in codes})]))
    assert len(found) == len(codes)
    assert wholes(found) == []


def test_it_lasts_while_enough_are_out_and_is_open_while_they_are() -> None:
    rows = {
        series_of("0"): row((50, 70, 0.0)),
        series_of("1"): row((52, 66, 0.5)),
        series_of("2"): row((54, 96, 0.0)),
    }
    [one] = wholes(outages(run([frames_of(rows)])))
    assert (one.from_s, one.until_s) == (at(54), at(66))
    rows = {series_of(code): row((80, 96, 0.0)) for code in "0123"}
    [still] = wholes(outages(run([frames_of(rows)])))
    assert (still.from_s, still.until_s) == (at(80), None)


def test_another_signal_or_country_is_apart() -> None:
    rows = {series_of(code): row((50, 60, 0.0)) for code in "01"}
    rows |= {series_of(code, "bgp"): row((50, 60, 0.0)) for code in "24"}
    assert wholes(outages(run([frames_of(rows)]))) == []


def test_counties_are_their_region_and_regions_of_counties_the_country() -> None:
    rows = {of_type("county", f"{code}/{county}"): row((50, 60, 0.0)) for code in "012" for county in "abc"}
    found = {one.place.key: one for one in wholes(outages(run([frames_of(rows)])))}
    assert list(found) == ["KZ/KAZ-0", "KZ/KAZ-1", "KZ/KAZ-2", "KZ"]
    assert found["KZ/KAZ-0"].series == "ioda/counties/KAZ-0/ping-slash24"
    assert found["KZ/KAZ-0"].ratio_min == pytest.approx(0.2)
    assert found["KZ"].parts == ("KZ/KAZ-0", "KZ/KAZ-1", "KZ/KAZ-2")
    assert found["KZ"].ratio_min == pytest.approx(1 - 0.7 * 0.8)


def networks(levels: dict[str, float], signal: str = "ping-slash24") -> dict[Series, list[float]]:
    return {of_type("asn", code, signal): row((50, 60, 0.0), level=level) for code, level in levels.items()}


def test_networks_count_by_their_share_of_the_countrys_series() -> None:
    rows = networks({"1": 400.0, "2": 200.0, "3": 50.0})
    assert wholes(outages(run([frames_of(rows)]))) == [], "nobody says how large the country is"
    whole = of_type("country", "KZ")
    [one] = wholes(outages(run([frames_of(rows | {whole: row(level=1_000.0)})])))
    assert one.parts == ("KZ/AS1", "KZ/AS2", "KZ/AS3")
    assert one.ratio_min == pytest.approx(1 - 0.65, abs=0.06)
    assert wholes(outages(run([frames_of(rows | {whole: row(level=2_000.0)})]))) == []


def test_networks_in_per_cent_of_their_own_and_users_of_many_add_up_to_nothing() -> None:
    whole = of_type("country", "KZ")
    rows = networks({"1": 100.0, "2": 100.0, "3": 100.0}) | {whole: row(level=100.0)}
    assert wholes(outages(run([frames_of(rows)]))) == []
    rows = networks({"1": 400.0, "2": 200.0, "3": 50.0}, "gtr") | {of_type("country", "KZ", "gtr"): row()}
    assert wholes(outages(run([frames_of(rows)]))) == []


def test_what_comes_later_revises_it_and_may_take_it_back() -> None:
    rows = {series_of(code): row((50, 60, 0.1)) for code in "012"}
    frames, store, made = frames_of(rows), dict[str, bytes](), stage()
    told = [piece for one in frames for piece in pieces(made.process([one], store))]
    [one] = wholes(outages(told))
    # a newer record says that the third was as ever; another worker reads it
    good = frame([100.0] * 24, from_s=START + 2 * DAY, step_s=HOUR, series=[series_of("2")], known_s=at(96))
    told += pieces(stage().process([good], store))
    assert wholes(outages(told)) == []
    last = [piece for piece in told if piece.id == one.id][-1]
    assert (last.withdrawn, last.revision > one.revision) == (True, True)


NAMES = ("Akmola", "Aktobe", "Almaty", "South Kazakhstan", "Karaganda", "East Kazakhstan", "Kostanay", "Zhambyl")


def kazakhstan(names: Iterable[str]) -> Measurement:
    """A frame of regions by the names that IODA has for them, all out for ten hours."""
    rows = {
        Series(entity=Entity(type="region", code=name, name=name), signal="ping-slash24"): row((50, 60, 0.0))
        for name in names
    }
    return frame([*rows.values()], step_s=HOUR, series=[*rows])


def test_the_stage_of_the_program_adds_up_what_the_map_knows() -> None:
    [one] = wholes(outages(pieces(build_stage("detect").process([kazakhstan(NAMES)], {}))))
    assert (one.place.key, len(one.parts)) == ("KZ", len(NAMES))


def test_most_regions_are_one_shutdown_of_the_country_with_all_of_them_in_it() -> None:
    program = Offline(at(200))
    program.put(MEASUREMENTS, kazakhstan(NAMES))
    [shutdown] = program.shutdowns()
    assert (shutdown.place.key, shutdown.from_s, shutdown.until_s) == ("KZ", at(50), at(60))
    assert len(shutdown.evidence) == len(NAMES) + 1
    assert {one.place.key for one in program.evidence() if isinstance(one, Outage) and not one.parts} <= set(
        next(one.parts for one in program.evidence() if isinstance(one, Outage) and one.parts)
    )


def test_few_regions_are_a_shutdown_each() -> None:
    program = Offline(at(200))
    program.put(MEASUREMENTS, kazakhstan(NAMES[:2]))
    assert sorted(one.place.kind for one in program.shutdowns()) == ["region", "region"]


@st.composite
def truths(draw: st.DrawFn) -> list[list[float | None]]:
    """Hourly values of five regions, which often drop together."""
    begin, length = draw(st.integers(10, 40)), draw(st.integers(2, 40))
    out = []
    for _ in REGIONS:
        values: list[float | None] = [100.0] * 72
        if draw(st.booleans()):
            first = max(1, begin + draw(st.integers(-3, 3)))
            end = min(72, first + length + draw(st.integers(-2, 3)))
            values[first:end] = [draw(st.sampled_from([0.0, 10.0, 60.0]))] * (end - first)
        for _ in range(draw(st.integers(0, 3))):
            values[draw(st.integers(0, 71))] = draw(LEVELS)
        out.append(values)
    return out


def pieces_of(truth: list[list[float | None]], rng: random.Random) -> list[Measurement]:
    """The truth cut into frames of one or of all regions, some overlapping."""
    frames: list[Measurement] = []
    cuts = [0, *sorted(rng.sample(range(1, 72), rng.choice([0, 2, 6]))), 72]
    for first, end in pairwise(cuts):
        groups = [list(range(len(truth)))] if rng.random() < 0.4 else [[one] for one in range(len(truth))]
        frames += [
            frame(
                [truth[each][first:end] for each in rows],
                from_s=START + HOUR * first,
                step_s=HOUR,
                series=[series_of(str(each)) for each in rows],
                name=f"f{first}/{rows}",
            )
            for rows in groups
        ]
    return frames


def whole(truth: list[list[float | None]]) -> list[Measurement]:
    return [frame(truth, step_s=HOUR, series=[series_of(str(each)) for each in range(len(truth))])]


@settings(max_examples=100, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_order_and_splits_change_nothing(truth: list[list[float | None]], rng: random.Random) -> None:
    frames = pieces_of(truth, rng)
    frames += rng.choices(frames, k=2)
    rng.shuffle(frames)
    assert newest(run(batches_of(frames, rng), RULES)) == newest(run([whole(truth)], RULES))


@settings(max_examples=100, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_a_crash_while_writing_changes_nothing(truth: list[list[float | None]], rng: random.Random) -> None:
    frames = pieces_of(truth, rng)
    if rng.random() < 0.5:
        rng.shuffle(frames)
    worker, done = Crash(RULES, stage), 0
    while done < len(frames):
        size = rng.choice([1, 2, 5])
        if rng.random() < 0.5:
            worker.process(frames[done : done + size], survive=rng.choice([0, 0.2, 0.5, 0.8, 0.95, 1]))
            size = max(1, size - rng.choice([0, 1]))
        worker.process(frames[done : done + size])
        done += size
    assert newest(worker.out) == newest(run([whole(truth)], RULES))


@settings(max_examples=60, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_batches_and_an_empty_cache_change_not_one_record(
    truth: list[list[float | None]], rng: random.Random
) -> None:
    frames = pieces_of(truth, rng)
    rng.shuffle(frames)
    store: dict[str, bytes] = {}
    made, out = stage(RULES), []
    for batch in batches_of(frames, rng):
        out += pieces(made.process(batch, store))
        if rng.random() < 0.5:
            made.forget()
    assert out == run([[each] for each in frames], RULES)
