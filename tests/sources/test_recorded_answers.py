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
    ("path", "failed"),
    [
        # "Configuration issue" of the pipeline, from the 16th at 18:00 to the 22nd at 17:00.
        ("data/answers/cloudflare_netflows_AS58224_2022.json", range(18, 6 * 24 + 17)),
        ("cases/netflows_of_eight_days.json", range(0)),
    ],
)
def test_netflows(path: str, failed: range) -> None:
    (frame,) = records(cloudflare_netflows.read(found(path), entity="asn/IR/58224"))
    assert (frame.step_s, len(frame.values[0])) == (3600, 192)
    assert [at for at, value in enumerate(frame.values[0]) if value is None] == list(failed)


@pytest.mark.data
def test_every_recorded_answer_is_read_by_a_test() -> None:
    text = Path(__file__).read_text()
    assert [one.name for one in found("data/answers").iterdir() if f"data/answers/{one.name}" not in text] == []


@pytest.mark.data
def test_the_published_case_of_silence() -> None:
    """A sample that the asked time has and the answer leaves out is a count of 0."""
    (frame,) = records(ripestat.read(found("cases/ripestat_period_is_float.json"), place="IR"))
    rows = {series.signal: row for series, row in zip(frame.series, frame.values, strict=True)}
    assert rows["bgp-announcements"] == (43_000, 78_000, 30_000, 0)
