"""Runs as pandas DataFrames (the extra `analysis`). Times are UTC and aware; an end that is not known is NaT."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from streams.errors import StreamsError
from streams.replay.comparison import Comparison
from streams.replay.exports.tables import arrow
from topics import LATEST_S, Evidence, Shutdown, ShutdownChange

if TYPE_CHECKING:
    from pandas import DataFrame

    from streams.replay.series import Judged


def _pandas() -> Any:
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise StreamsError("DataFrames need pandas: pip install 'shutdown-streams[analysis]'") from error
    return pandas


def shutdowns_frame(shutdowns: Sequence[Shutdown]) -> DataFrame:
    """A row a shutdown, indexed by its id: the columns of `shutdowns export --format parquet`."""
    _pandas()
    frame: DataFrame = arrow(shutdowns).to_pandas().set_index("id")
    return frame


def changes_frame(changes: Iterable[ShutdownChange]) -> DataFrame:
    """A row a change, in order: shutdown, revision, kind, level, probabilities, what changed, because of what."""
    rows = [
        {
            "id": change.shutdown.id,
            "revision": change.shutdown.revision,
            "known": _moment(change.shutdown.known_s),
            "change": change.change,
            "place": change.shutdown.place.name,
            "level": change.shutdown.level,
            "status": change.shutdown.status,
            "happened": change.shutdown.happened,
            "on_purpose": change.shutdown.on_purpose,
            "probability": change.shutdown.probability,
            "changed": list(change.changed),
            "because": list(change.because),
            "words": change.words,
        }
        for change in changes
    ]
    return _frame(rows, ["known"])


def evidence_frame(evidence: Iterable[Evidence]) -> DataFrame:
    """A row a piece, indexed by its id: kind, source, lineage, place, begin, end, when it was known."""
    rows = [
        {
            "id": piece.id,
            "kind": str(type(piece).__struct_config__.tag).partition("/")[0],
            "source": piece.origin.source,
            "lineage": piece.lineage,
            "country": piece.country,
            "place": piece.place.name,
            "begin": _moment(piece.from_s),
            "end": _moment(piece.until_s),
            "precision": piece.precision,
            "known": _moment(piece.known_s),
            "withdrawn": piece.withdrawn,
        }
        for piece in evidence
    ]
    return _frame(rows, ["begin", "end", "known"]).set_index("id")


def differences_frame(comparison: Comparison) -> DataFrame:
    """A row a shutdown that differs between two runs: what of it, and why."""
    rows = [
        {
            "kind": one.kind,
            "before": one.before,
            "after": one.after,
            "country": one.country,
            "place": one.place.name,
            "begin": _moment(one.from_s),
            "level": one.level,
            "fields": {change.field: (change.before, change.after) for change in one.fields},
            "why": list(one.why),
        }
        for one in comparison.differences
    ]
    return _frame(rows, ["begin"])


def series_frame(judged: Iterable[Judged]) -> DataFrame:
    """Values and baselines of series, indexed by time; columns are pairs of series and `value` or `baseline`."""
    pandas = _pandas()
    parts = []
    for series, found, _ in judged:
        index = pandas.to_datetime(found.times, unit="s", utc=True)
        columns = {(series.name, "value"): found.values, (series.name, "baseline"): found.prediction}
        parts.append(pandas.DataFrame(columns, index=index))
    frame: DataFrame = pandas.concat(parts, axis=1).sort_index() if parts else pandas.DataFrame()
    return frame


def _frame(rows: list[dict[str, Any]], times: Sequence[str]) -> DataFrame:
    pandas = _pandas()
    frame: DataFrame = pandas.DataFrame(rows)
    for name in times:
        if name in frame:
            frame[name] = pandas.to_datetime(frame[name], utc=True)
    return frame


def _moment(moment_s: int | None) -> dt.datetime | None:
    return None if moment_s is None or moment_s >= LATEST_S else dt.datetime.fromtimestamp(moment_s, dt.UTC)
