"""Signals of one entity, and sources that fail: what evidence says when it is put together."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from streams.detection import Agreement, SourceFailure, agreements, source_failures
from streams.detection.rules import RULES
from streams.detection.single_series import detect
from tests.detection.frames import START, coverage, frame, newest, run, series_of
from topics import Coverage, Measurement, Outage

HOUR = 3_600
DAY = 86_400
SIGNALS = ("bgp", "merit-nt", "ping-slash24")


def entity(*rows: Sequence[float | None], code: str = "2088", country: str = "KZ") -> Measurement:
    """Hourly values of the three signals of one region, after a day of 100."""
    series = [series_of(code, signal) for signal in SIGNALS]
    values = [[*[100.0] * 24, *row] for row in rows]
    return frame(values, step_s=HOUR, series=series, country=country, name=f"{country}/{code}")


def told(*frames: Measurement) -> tuple[list[Outage], list[Coverage]]:
    pieces = newest(run([frames])).values()
    return (
        [one for one in pieces if isinstance(one, Outage)],
        [one for one in pieces if isinstance(one, Coverage)],
    )


#             hour  24   25   26   27
def test_which_of_the_three_agree() -> None:
    rows = ([100.0, 40.0, 40.0, 100.0], [100.0, None, None, 100.0], [100.0, 100.0, 40.0, 100.0])
    [one] = agreements(*told(entity(*rows)))
    begin = START + 25 * HOUR
    assert one == Agreement("ioda/region/2088", begin, begin + 2 * HOUR, ("bgp", "ping-slash24"), (), ("merit-nt",))
    assert one.agree


def test_a_signal_that_stays_normal_disagrees() -> None:
    [one] = agreements(*told(entity([100.0, 40.0, 100.0], [100.0] * 3, [100.0, 30.0, 100.0])))
    assert (one.dropped, one.normal, one.missing, one.agree) == (("bgp", "ping-slash24"), ("merit-nt",), (), False)


def test_half_missing_is_not_normal() -> None:
    [one] = agreements(*told(entity([100.0, 40.0, 40.0, 100.0], [100.0, 100.0, None, 100.0], [100.0] * 4)))
    assert (one.normal, one.missing) == (("ping-slash24",), ("merit-nt",))


@pytest.mark.parametrize(("hours", "count"), [(1, 1), (2, 2)])
def test_a_gap_of_an_hour_is_bridged_and_two_are_not(hours: int, count: int) -> None:
    first, second = [40.0, *[100.0] * (hours + 2)], [100.0, *[100.0] * hours, 40.0, 100.0]
    assert len(agreements(*told(entity(first, [100.0] * len(first), second)))) == count


def test_what_is_not_over_has_no_end() -> None:
    [one] = agreements(*told(entity([100.0, 40.0, 40.0], [100.0] * 3, [100.0, 100.0, 40.0])))
    assert (one.until_s, one.dropped, one.normal) == (None, ("bgp", "ping-slash24"), ("merit-nt",))


def test_entities_are_apart_and_order_does_not_matter() -> None:
    low, flat = [100.0, 40.0, 100.0], [100.0] * 3
    outages, said = told(entity(low, flat, low), entity(flat, low, [100.0, 10.0, 10.0], code="2089"))
    wanted = agreements(outages, said)
    assert [one.entity for one in wanted] == ["ioda/region/2088", "ioda/region/2089"]
    for seed in range(5):
        random.Random(seed).shuffle(outages)
        random.Random(seed).shuffle(said)
        assert agreements(outages, said) == wanted


def test_a_withdrawn_outage_does_not_agree() -> None:
    outages, said = told(entity([40.0, 100.0], [100.0] * 2, [40.0, 100.0]))
    gone = [msgspec.structs.replace(one, withdrawn=one.signals == ("bgp",)) for one in outages]
    assert [one.dropped for one in agreements(gone, said)] == [("ping-slash24",)]


def test_a_source_of_which_nothing_comes_has_failed() -> None:
    row = [100.0] * 24 + [None] * 3 + [100.0]
    frames = [
        frame([row, row], step_s=HOUR, series=[series_of("1"), series_of("2")], country=country, name=country)
        for country in ("KZ", "RU")
    ]
    said = coverage(run([frames]))
    assert source_failures(said) == [SourceFailure("ioda", "ping-slash24", START + 24 * HOUR, START + 27 * HOUR, 4)]


def test_one_series_that_speaks_is_enough_for_no_failure() -> None:
    silent, speaking = [100.0] * 24 + [None] * 3 + [100.0], [100.0] * 28
    frames = [
        frame([silent], step_s=HOUR, series=[series_of("1")]),
        frame([speaking], step_s=HOUR, series=[series_of("2")], country="RU"),
    ]
    assert source_failures(coverage(run([frames]))) == []
    assert source_failures(coverage(run([frames[:1]]))) == [], "a single series is no source"


def test_series_that_fell_silent_one_after_the_other_did_not_fail_at_once() -> None:
    rows = [[100.0] * at + [None] * (28 - at) + [100.0] for at in (4, 5, 6, 7, 26)]
    said = coverage(run([[frame(rows, step_s=HOUR)]]))
    assert source_failures(said) == []


def test_letters_of_a_series_judged_alone_are_the_coverage_of_the_stage() -> None:
    rng = np.random.default_rng(4)
    values = np.round(100 + 3 * rng.standard_normal(300))
    values[150:170] *= 0.3
    values[200:220] = np.nan
    times = START + 5 * HOUR + 600 * np.arange(300, dtype=np.int64)
    alone = detect(times, values, 600, RULES["ioda-median"]).letters()
    row = [None if np.isnan(value) else float(value) for value in values]
    staged: dict[int, str] = {}
    for piece in coverage(run([[frame([row], from_s=START + 5 * HOUR)]])):
        staged.update(enumerate(piece.hours, piece.from_s // HOUR))
    assert alone == staged
    assert set(alone.values()) == {"u", "n", "d", "m"}
