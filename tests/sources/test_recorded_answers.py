"""Real answers of services, as others published them, are read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.sources import cloudflare_netflows, ripestat
from tests.sources.published import records

SHARED = Path(__file__).parents[3] / "shared"


def found(path: str) -> Path:
    if not (SHARED / path).exists():
        pytest.skip(f"{path} is not on this machine")
    return SHARED / path


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "step", "size"),
    [
        ("data/answers/ripestat_bgp_update_activity_AS57218_2019.json", 21_600, 50),
        ("data/answers/ripestat_bgp_update_activity_AS58224_2022.json", 86_400, 15),
        ("cases/ripestat_period_is_float.json", 21_600, 4),
    ],
)
def test_ripestat(path: str, step: int, size: int) -> None:
    (frame,) = records(ripestat.read(found(path), place="IR"))
    by_signal = {series.signal: row for series, row in zip(frame.series, frame.values, strict=True)}
    assert (frame.step_s, len(by_signal["bgp-announcements"])) == (step, size)
    assert None not in by_signal["bgp-announcements"]
    assert set(by_signal["bgp-withdrawals"]) == {None}


@pytest.mark.data
@pytest.mark.parametrize(
    "path", ["data/answers/cloudflare_netflows_AS58224_2022.json", "cases/netflows_of_eight_days.json"]
)
def test_netflows(path: str) -> None:
    (frame,) = records(cloudflare_netflows.read(found(path), entity="asn/IR/58224"))
    assert (frame.step_s, len(frame.values[0])) == (3600, 192)
    assert None not in frame.values[0]


@pytest.mark.data
def test_the_published_case_of_silence() -> None:
    """A sample that the asked time has and the answer leaves out is a count of 0."""
    (frame,) = records(ripestat.read(found("cases/ripestat_period_is_float.json"), place="IR"))
    rows = {series.signal: row for series, row in zip(frame.series, frame.values, strict=True)}
    assert rows["bgp-announcements"] == (43_000, 78_000, 30_000, 0)
