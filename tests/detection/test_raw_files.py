"""Published files of measurements, of which is known what happened: `../shared` beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streams.cli.measurement_files import read_measurements
from streams.detection import DEFAULT_RULES
from streams.detection.single_series import Detection, detect
from streams.sources.series_files import SeriesData
from tests.detection.series import DAY, HOUR, spans, utc

SHARED = Path(__file__).parents[2].parent / "shared"
CASES, RAW = SHARED / "cases", SHARED / "data" / "raw"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the files are not beside the repository (../shared)"),
]

#: So many hours are cut off a file's begin.
BEGINS = range(48)


def read(path: Path, signal: str) -> SeriesData:
    return next(one for one in read_measurements(path) if one.signal == signal)


def judge(one: SeriesData, *, cut_h: int = 0, factor: float = 1.0) -> Detection:
    """Judge a series from so many hours after its begin on, at a multiple of its step."""
    fits = one.times >= one.times[0] + cut_h * HOUR
    times, values, step_s = one.times[fits], one.values[fits], one.step_s
    if factor == 0.5:
        step_s //= 2
        times, values = np.sort(np.concatenate((times, times + step_s))), np.repeat(values, 2)
    elif factor == 2:
        step_s *= 2
        slot = times // step_s * step_s
        there = ~np.isnan(values)
        whole = np.unique(slot[there])
        values = np.array([values[there & (slot == at)].mean() for at in whole.tolist()])
        times = whole
    return detect(times, values, step_s, DEFAULT_RULES.of(one.signal))


KNOWN = {
    ("gtr_quiet_nights.csv", "gtr"): [],
    ("gtr_cut_missed_when_file_begins_at_night.csv", "gtr"): [("2025-03-08 16:00", "2025-03-10 16:00")],
    ("cut_of_twelve_days.csv", "ping-slash24"): [("2025-03-04", "2025-03-16")],
    ("gap_of_two_years.csv", "ping-slash24"): [("2022-09-04 21:00", "2022-09-05")],
    ("telescope_in_percent.csv", "merit-nt"): [("2025-03-03 12:00", "2025-03-03 20:00")],
    ("telescope_in_percent.csv", "bgp"): [],
    ("netflows_of_eight_days.json", "netflows"): [
        ("2022-09-21 17:00", "2022-09-22 06:00"),
        ("2022-09-22 13:00", "2022-09-22 20:00"),
    ],
}


@pytest.mark.parametrize("factor", [0.5, 1, 2])
@pytest.mark.parametrize("case", KNOWN, ids="-".join)
def test_cases_are_right_wherever_the_file_begins_and_at_any_step(case: tuple[str, str], factor: float) -> None:
    one = read(CASES / case[0], case[1])
    wanted = [(utc(begin), utc(end)) for begin, end in KNOWN[case]]
    for cut_h in BEGINS:
        found = spans(judge(one, cut_h=cut_h, factor=factor))
        assert len(found) == len(wanted), cut_h
        for (begin, end), (first, last) in zip(found, wanted, strict=True):
            assert abs(begin - first) <= factor * one.step_s, cut_h
            assert end is not None
            assert abs(end - last) <= factor * one.step_s, cut_h


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_an_outage_before_a_gap_of_two_years_has_an_uncertain_end(factor: float) -> None:
    for cut_h in BEGINS:
        one = read(CASES / "gap_of_two_years.csv", "ping-slash24")
        [ended] = judge(one, cut_h=cut_h, factor=factor).outages
        assert ended.until_uncertainty_s == 7 * DAY


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_one_volunteers_burst_is_no_baseline(factor: float) -> None:
    one = read(CASES / "ooni_volunteer_spike.csv", "ooni-measurements")
    for cut_h in BEGINS:
        found = spans(judge(one, cut_h=cut_h, factor=factor))
        assert 0 <= found[0][0] - utc("2019-11-17") <= (factor - 0.5) * DAY, cut_h


#: Evenings without mobile data, UTC: the first lasted until the morning.
CURFEWS = [
    ("2022-09-21 17:15", "2022-09-22 05:00"),
    *((f"2022-09-{day} 12:30", f"2022-09-{day} 20:15") for day in (22, 23)),
    ("2022-09-24 14:15", "2022-09-24 20:15"),
    *((f"2022-09-{day} 12:30", f"2022-09-{day} 20:15") for day in (25, 26, 27, 28)),
    ("2022-09-29 12:30", "2022-09-29 16:30"),
    ("2022-09-30 13:15", None),
]


def test_ten_evenings_of_a_mobile_curfew() -> None:
    found = spans(judge(read(RAW / "ioda_AS44244_2022-09.csv", "merit-nt")))
    inside: set[tuple[int, int | None]] = set()
    for begin, end in CURFEWS:
        from_s, until_s = utc(begin), None if end is None else utc(end)
        over = [one for one in found if one[0] < (until_s or one[0] + 1) and (one[1] or from_s + 1) > from_s]
        assert over, begin
        assert abs(over[0][0] - from_s) <= 45 * 60, begin
        last = over[-1][1]
        assert last == until_s if last is None or until_s is None else abs(last - until_s) <= 45 * 60, begin
        inside.update(over)
    long = [one for one in found if one not in inside and one[1] is not None and one[1] - one[0] >= HOUR]
    assert len(long) <= 2
    for signal in ("bgp", "ping-slash24"):
        assert spans(judge(read(RAW / "ioda_AS44244_2022-09.csv", signal))) == []


ORDINARY = [
    "cloudflare_netflows_TW_2026-07-24_08-07.json",
    "cloudflare_netflow_share_9countries_2026-02-09_03-11.csv",
    "google_youtube_traffic_RU_2019-2025.csv",
]


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_traffic_has_no_outage(name: str) -> None:
    for one in read_measurements(RAW / name, signal="traffic"):
        assert spans(judge(one)) == [], one.name


def test_a_service_that_was_slowed_down_is_a_change_of_level() -> None:
    [level] = judge(read_measurements(RAW / ORDINARY[2])[0]).levels
    assert utc("2024-12-15") < level.from_s < utc("2024-12-22")
    assert 0.5 < level.ratio < 0.8


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("ioda_UA_2024-08-25_30_power_attack.json", "2024-08-26 06:30"),
        ("ioda_UA_2024-11-27_12-02_power_attack.json", "2024-11-28 13:20"),
    ],
)
def test_attacks_on_the_grid_are_drops_of_probing_and_not_of_traffic(name: str, begin: str) -> None:
    [ended] = judge(read(RAW / name, "ping-slash24")).outages
    assert ended.run.from_s == utc(begin)
    assert not ended.run.critical
    assert spans(judge(read(RAW / name, "gtr"))) == []


def test_a_network_that_was_hardly_affected_has_few_and_short_drops() -> None:
    found = [spans(judge(one)) for one in read_measurements(RAW / "ioda_AS58224_2022-09.csv")]
    lengths = [(end or 0) - begin for each in found for begin, end in each]
    assert len(lengths) <= 4
    assert all(0 < length <= HOUR for length in lengths)
