"""The detect stage, scenario by scenario: frames in, evidence out."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from streams.arrival import arrive
from streams.detection import DEFAULT_RULES, DetectionRule, DetectStage
from streams.detection.day import MOST_SLOTS
from streams.stage import Overlay, Refused, Stage
from tests.detection.frames import (
    START,
    Crash,
    coverage,
    frame,
    newest,
    outages,
    pieces,
    place_of,
    run,
    series_of,
    stage,
)  # fmt: skip
from topics import EVIDENCE, LATEST_S, MEASUREMENTS, Coverage, InvalidRecord, Measurement, Outage, decode, encode

STEP = 600
HOUR = 3_600
DAY = 86_400
FLAT = [100.0] * 144


def after(values: Sequence[float | None], **more: Any) -> list[list[Measurement]]:
    """A flat first day, then the values, from the second midnight on."""
    return [[frame(FLAT)], [frame(values, from_s=START + DAY, **more)]]


def only(records: list[Outage]) -> Outage:
    assert len(records) == 1
    return records[0]


def test_is_a_stage() -> None:
    made: Stage = stage()
    assert (made.name, made.source.name, [topic.name for topic in made.outputs]) == (
        "detect", "measurements", ["evidence"],
    )  # fmt: skip


#   second day    n  n  n  d  d  d  n  n
#                          ^from     ^until
def test_an_outage_from_its_first_value_below_to_the_first_above() -> None:
    found = only(outages(run(after([100, 100, 100, 60, 40, 50, 91, 100]))))
    begin = START + DAY + 3 * STEP
    assert (found.from_s, found.until_s) == (begin, begin + 3 * STEP)
    assert (found.from_uncertainty_s, found.until_uncertainty_s) == (STEP, STEP)
    assert (found.series, found.signals) == ("ioda/region/2088/ping-slash24", ("ping-slash24",))
    assert (found.severity, found.ratio_min, found.ratio_mean) == ("critical", 0.4, 0.5)
    assert found.area == (40 + 60 + 50) * 10
    assert (found.lineage, found.origin.source, found.country) == ("ioda", "ioda", "KZ")
    assert found.place == place_of(series_of().entity, "KZ")


@pytest.mark.parametrize(
    ("signal", "value", "severity"),
    [
        ("ping-slash24", 90.1, None),
        ("ping-slash24", 89, "warning"),
        ("ping-slash24", 51, "warning"),
        ("ping-slash24", 49.9, "critical"),
        ("bgp", 96, None),
        ("bgp", 94, "warning"),
        ("bgp", 49, "critical"),
        ("merit-nt", 41, None),
        ("ucsd-nt", 35, "warning"),
        ("merit-nt", 14, "critical"),
        ("gtr", 77, None),
        ("gtr", 60, "warning"),
        ("unheard-of", 81, None),
        ("unheard-of", 60, "warning"),
    ],
)
def test_thresholds_of_each_signal(signal: str, value: float, severity: str | None) -> None:
    series = [series_of(signal=signal)]
    frames = [frame(FLAT, from_s=START + day * DAY, series=series) for day in range(6)]
    frames.append(frame([*[value] * 12, 100], from_s=START + 6 * DAY, series=series))
    assert [found.severity for found in outages(run([frames]))] == ([] if severity is None else [severity])


def test_one_bad_value_is_no_outage_and_two_are() -> None:
    assert outages(run(after([100, 100, 70, 100]))) == []
    assert outages(run(after([100, 100, 0, 100]))) == []
    assert only(outages(run(after([100, 100, 70, 70, 100])))).ratio_mean == 0.7


def test_a_very_low_value_is_told_at_once_and_withdrawn_if_it_stays_the_only_one() -> None:
    so_far, last = after([100, 100, 20]), START + DAY + 2 * STEP
    told = only(outages(run(so_far)))
    assert (told.from_s, told.until_s, told.severity) == (last, None, "critical")
    assert outages(run([*so_far, [frame([100], from_s=last + STEP)]])) == []
    low = frame([20, 100], from_s=last + STEP)
    assert only(outages(run([*so_far, [low]]))).until_s == last + 2 * STEP


def test_one_value_that_stands_for_an_hour_may_be_an_outage() -> None:
    flat = frame([100] * 48, step_s=HOUR)
    found = only(outages(run([[flat], [frame([100, 20, 100], from_s=START + 2 * DAY, step_s=HOUR)]])))
    assert (found.from_s, found.until_s) == (START + 2 * DAY + HOUR, START + 2 * DAY + 2 * HOUR)


def test_what_is_not_judged_says_nothing_and_hinders_nobody() -> None:
    signals = ("ooni-anomalies", "ping-slash24", "bgp-withdrawals")
    series = [series_of(signal=signal) for signal in signals]
    flat, cut = [FLAT] * 3, [[5.0] * 12] * 3
    out = run([[frame(flat, series=series)], [frame(cut, series=series, from_s=START + DAY)]])
    assert {one.signals for one in outages(out)} == {("ping-slash24",)}
    assert {one.signal for one in coverage(out)} == {"ping-slash24"}


def test_an_outage_is_open_until_it_is_seen_to_end() -> None:
    found = only(outages(run(after([40, 40]))))
    assert (found.until_s, found.until_uncertainty_s) == (None, 0)


def test_growth_is_a_revision_of_one_id() -> None:
    single = [frame([value], from_s=START + DAY + at * STEP) for at, value in enumerate([40, 30, 100, 100])]
    batches = [[each] for each in (frame(FLAT), *single)]
    told = [piece for piece in run(batches) if isinstance(piece, Outage)]
    assert [piece.revision for piece in told] == [0, 1, 2]
    assert len({piece.id for piece in told}) == 1
    assert [piece.until_s for piece in told] == [None, None, START + DAY + 2 * STEP]


#   second day    n  n  d  .  .  d  .  .  n
def test_missing_values_neither_begin_nor_end_an_outage_but_widen_its_ends() -> None:
    found = only(outages(run(after([100, 100, None, 40, None, None, 40, None, None, 100]))))
    begin = START + DAY + 3 * STEP
    assert (found.from_s, found.from_uncertainty_s) == (begin, 2 * STEP)
    assert (found.until_s, found.until_uncertainty_s) == (START + DAY + 9 * STEP, 3 * STEP)


def test_coverage_tells_drop_normal_missing_and_unjudged_apart() -> None:
    hours: list[list[float | None]] = [
        [100.0] * 6,
        [None] * 6,
        [40.0] * 6,
        [None, None, None, 100, 100, 100],
        [*[None] * 4, 100, 100],
    ]
    values = [value for hour in hours for value in hour]
    first, second = coverage(run(after(values)))
    assert first.hours == "u" + "n" * 23
    assert (second.from_s, second.until_s, second.hours) == (START + DAY, START + DAY + 5 * HOUR, "nmdnm")


def test_coverage_begins_with_the_series_and_counts_a_silent_day_as_missing() -> None:
    batches = [
        [frame([100.0] * 12, from_s=START + 20 * HOUR)],
        [frame([100.0] * 12, from_s=START + 2 * DAY)],
    ]
    told = coverage(run(batches))
    assert [piece.hours for piece in told] == ["unmm", "m" * 24, "nn"]
    assert [piece.from_s for piece in told] == [START + 20 * HOUR, START + DAY, START + 2 * DAY]


def test_a_series_silent_for_long_had_ended() -> None:
    batches = [[frame(FLAT)], [frame(FLAT, from_s=START + 9 * DAY)]]
    assert [piece.from_s for piece in coverage(run(batches))] == [START, START + 9 * DAY]
    batches = [[frame(FLAT)], [frame(FLAT, from_s=START + 8 * DAY)]]
    assert len(coverage(run(batches))) == 9


def test_a_value_of_a_whole_day_speaks_for_its_hours() -> None:
    told = run([[frame([100, 100, 100, 40, 40, 100], step_s=DAY)]])
    assert [piece.hours[0] * len(piece.hours) == piece.hours for piece in coverage(told)] == [True] * 6
    assert "".join(piece.hours[0] for piece in coverage(told)) == "unnddn"


def test_coverage_is_said_again_only_when_it_changes() -> None:
    batches = [[frame([100.0], from_s=START + at * STEP)] for at in range(36)]
    told = [piece for piece in run(batches) if isinstance(piece, Coverage)]
    assert [piece.hours for piece in told] == ["u", "un", "unn", "unnn", "unnnn", "unnnnn"]
    assert [piece.revision for piece in told] == list(range(6))


def test_a_late_value_is_applied_at_its_own_time_and_takes_an_outage_back() -> None:
    # the first day is as low as the outage, but comes late
    level, shifted = frame(FLAT, from_s=START + DAY), frame([40.0] * 144, from_s=START + 2 * DAY)
    late = frame([40.0] * 144)
    told = run([[level], [shifted], [late]])
    before, after_late = run([[level], [shifted]]), newest(told)
    assert len(outages(before)) == 1
    assert list(after_late.values()) == list(newest(run([[late, level, shifted]])).values())
    withdrawn = [piece for piece in told if isinstance(piece, Outage) and piece.withdrawn]
    assert [piece.id for piece in withdrawn] == [only(outages(before)).id]


def test_a_value_later_than_the_bound_is_counted_and_refused() -> None:
    made, store = stage(), dict[str, bytes]()
    for day in range(20):
        made.process([frame(FLAT, from_s=START + day * DAY)], store)
    result = made.process([frame([1.0], from_s=START + DAY, name="late", known_s=START + 30 * DAY)], store)
    assert (result.out, made.counts.too_late) == ([], 1)
    (refused,) = result.refused
    assert (refused.reason, refused.field) == ("out-of-bounds", "from_s")
    assert "14 days older than its newest" in refused.detail
    late = frame([1.0, 1.0], from_s=START + 7 * DAY, name="in time", known_s=START + 30 * DAY)
    result = made.process([late], store)
    assert len(outages(pieces(result))) == 1


def test_duplicates_and_contradictions_are_counted() -> None:
    made, store = stage(), dict[str, bytes]()
    made.process([frame(FLAT, name="b")], store)
    assert made.process([frame(FLAT, name="b")], store).out == []
    assert (made.counts.duplicates, made.counts.contradictions) == (144, 0)
    made.process([frame([*FLAT[:143], 5.0], name="a")], store)
    assert (made.counts.duplicates, made.counts.contradictions) == (144 + 143, 1)
    assert made.process([frame([*FLAT[:143], 5.0], name="c")], store).out != []


@pytest.mark.parametrize(
    ("value", "reason"), [(float("nan"), "out-of-bounds"), (float("inf"), "out-of-bounds"), (-1.0, "out-of-bounds")]
)
def test_impossible_values_are_refused_and_nothing_else_stops(value: float, reason: str) -> None:
    good = frame([100.0, 100.0], series=[series_of("1")])
    bad = frame([[100.0, None], [100.0, value]], name="bad")
    result = stage().process([bad, good], {})
    assert [(each.index, each.reason, each.field) for each in result.refused] == [(0, reason, "values[1][1]")]
    assert {piece.series for piece in coverage(pieces(result))} == {"ioda/region/1/ping-slash24"}


def test_an_unknown_place_is_refused() -> None:
    bad = frame([[1.0], [1.0]], series=[series_of("1"), series_of("nowhere")])
    (refused,) = stage().process([bad], {}).refused
    assert (refused.reason, refused.field) == ("unknown-place", "series[1].entity")
    assert "nowhere" in refused.detail


def test_clocks_in_the_future_are_refused() -> None:
    made = stage()
    ahead = frame([100.0] * 3, from_s=START + 2 * DAY, known_s=START)
    beyond = frame([100.0] * 3, from_s=LATEST_S, known_s=None)
    refused: list[Refused] = made.process([ahead, beyond], {}).refused
    assert [(each.index, each.reason, each.field) for each in refused] == [
        (0, "absurd-time", "from_s"), (1, "absurd-time", "from_s"),
    ]  # fmt: skip


def test_a_value_each_second_is_refused() -> None:
    (refused,) = stage().process([frame([100.0] * 10, step_s=59)], {}).refused
    assert (refused.reason, refused.field) == ("out-of-bounds", "step_s")


def test_a_day_full_of_contradicting_records_stays_small() -> None:
    """A value at every odd second, each of a record with an id as long as they get, none of which compresses."""
    rng, made, store = random.Random(1), stage(), dict[str, bytes]()
    records = [
        frame(
            [rng.random() * 1e6], from_s=START + at, step_s=60, name="".join(rng.choices(string.printable, k=300))
        )
        for at in sorted(rng.sample(range(DAY), 3_000))
    ]
    made.process(records, store)
    assert made.counts.too_many == 3_000 - MOST_SLOTS
    assert 100_000 < max(map(len, store.values())) < 500_000


def test_values_from_the_future_would_make_those_of_today_too_late() -> None:
    """A frame that began yesterday and whose last value is of next month, by the time at which it arrived."""
    now = START + DAY
    record = frame([100.0] * 30, step_s=DAY)
    with pytest.raises(InvalidRecord, match="days after it arrived") as caught:
        arrive(MEASUREMENTS, encode(record), now + DAY)
    assert (caught.value.reason, caught.value.field) == ("absurd-time", "from_s")
    assert arrive(MEASUREMENTS, encode(record), now + 27 * DAY) == record


def test_lineage_is_who_measured() -> None:
    def lineage(**more: Any) -> str:
        return coverage(run([[frame([100.0], series=[series_of(**more)])]]))[0].lineage

    assert lineage() == "ioda"
    assert lineage(signal="gtr") == "google"
    assert lineage(signal="gtr", lineage="alphabet") == "alphabet"


def test_evidence_is_what_the_topic_takes_even_of_long_names() -> None:
    long = frame([*FLAT, *[10.0] * 3], series=[series_of("x/" * 150, signal="y" * 100)])
    told = run([[long]])
    assert [decode(EVIDENCE, encode(piece)) for piece in told] == told
    assert {type(piece) for piece in told} == {Outage, Coverage}


def test_series_of_two_countries_or_signals_are_apart() -> None:
    told = run([[frame([100.0]), frame([100.0], country="RU"), frame([100.0], series=[series_of(signal="bgp")])]])
    assert len({piece.id for piece in coverage(told)}) == 3


def test_a_cache_that_is_full_changes_nothing() -> None:
    store: dict[str, bytes] = {}
    made = DetectStage(places=place_of, series_kept=1)
    batches = [[frame([[100.0 - at], [50.0 + at]], from_s=START + at * STEP)] for at in range(30)]
    out = [piece for batch in batches for piece in pieces(made.process(batch, store))]
    assert out == run(batches)


def test_what_a_full_cache_lets_go_is_forgotten_all_the_same() -> None:
    """Records that begin before the bound of lateness are noted, lest a crash change what is late: not for ever."""
    days = 15
    batches = [
        [frame([100.0] * days * 24, from_s=START + at * days * DAY, step_s=HOUR, series=[series_of(code)])]
        for at in range(60)
        for code in ("a", "b")
    ]
    stores: list[dict[str, bytes]] = [{}, {}]
    for store, kept in zip(stores, (1, 2), strict=True):
        made = DetectStage(places=place_of, series_kept=kept)
        for batch in batches:
            made.process(batch, store)
    assert stores[0] == stores[1]


def test_replayed_after_everything_was_written_says_nothing() -> None:
    worker = Crash()
    batches = after([100, 40, 40, 100])
    for batch in batches:
        worker.process(batch, survive=1)
    told = len(worker.out)
    for batch in batches:
        worker.process(batch)
    assert len(worker.out) == told


def test_the_changelog_of_single_values_is_within_ten_times_their_bytes() -> None:
    made, written, came = stage(), 0, 0
    store: dict[str, bytes] = {}
    for at in range(3 * 288):
        record = frame(
            [500.0 + (at * 7919) % 50], from_s=START + at * 300, step_s=300, known_s=START + at * 300 + 400,
            name=f"{(at + 7) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}",
        )  # fmt: skip
        over = Overlay(store)
        made.process([record], over)
        for key, value in over.changes():
            written += len(key) + len(value or b"")
            if value is not None:
                store[key] = value
        came += len(encode(record))
    assert written < 10 * came


def test_rules_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="bridged"):
        DetectionRule(id="x", bridge_s=9 * DAY)
    with pytest.raises(ValueError, match="below 1"):
        DetectionRule(id="x", warning=1)
    with pytest.raises(ValueError, match="ids must differ"):
        msgspec.structs.replace(DEFAULT_RULES, rules=(DEFAULT_RULES.otherwise,))
    assert DEFAULT_RULES.hash != msgspec.structs.replace(DEFAULT_RULES, gap_days=2).hash
