"""The public surface of `streams.replay`, and its DataFrames."""

from __future__ import annotations

import subprocess
import sys

import pandas
import pytest

from streams import replay as surface
from streams.replay import (
    FromMemory,
    Run,
    Selection,
    changes_frame,
    compare,
    differences_frame,
    evidence_frame,
    replay,
    series_around,
    series_frame,
    shutdowns_frame,
)
from tests.replay.seed import SCENARIO


def test_every_name_is_there_and_no_other() -> None:
    assert sorted(surface.__all__) == sorted(set(surface.__all__))
    assert all(getattr(surface, name) is not None for name in surface.__all__)
    with pytest.raises(AttributeError):
        _ = surface.nothing


def test_importing_it_costs_nothing() -> None:
    code = "import sys, streams.replay; print({'pandas', 'pyarrow', 'numpy', 'kafka'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_frames(seed_run: Run) -> None:
    shutdowns = shutdowns_frame(seed_run.shutdowns)
    assert list(shutdowns.index) == [one.id for one in seed_run.shutdowns]
    assert str(shutdowns.begin.dt.tz) == "UTC"
    changes = changes_frame(seed_run.changes)
    assert len(changes) == len(seed_run.changes)
    assert set(changes.change) >= {"opened", "escalated", "closed"}
    evidence = evidence_frame(seed_run.evidence)
    assert set(evidence.kind) == {"outage", "coverage", "claim", "protest"}
    assert (evidence.end > evidence.begin).all()


def test_frames_of_differences_and_series(seed_run: Run) -> None:
    seed = FromMemory(SCENARIO.records())
    found = differences_frame(compare(seed_run, replay(seed, Selection(without=frozenset({"ioda"})))))
    assert set(found.kind) >= {"vanishes", "changes"}
    almaty = next(one for one in seed_run.shutdowns if one.place.name == "Almaty City")
    series = series_frame(series_around(seed, almaty))
    assert series.index.is_monotonic_increasing
    probing = series.xs("value", axis=1, level=1).filter(like="ping-slash24").iloc[:, 0]
    cut = probing.loc["2021-02-28T08:00":"2021-02-28T10:50"]
    assert cut.max() < 0.5 * probing.loc[:"2021-02-28T07:50"].median()


def test_frames_of_nothing() -> None:
    assert len(shutdowns_frame([])) == len(changes_frame([])) == 0
    assert isinstance(series_frame([]), pandas.DataFrame)
