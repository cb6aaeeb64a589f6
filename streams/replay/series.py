"""The measurements around a shutdown: the series that could see it, judged as the stage judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from streams import geography
from streams.detection import DEFAULT_RULES
from streams.detection.rules import Rule
from streams.detection.single_series import Detection, detect
from streams.pipeline import measured_place
from streams.replay.inputs import Source
from streams.replay.play import Account, known
from streams.replay.selection import Selection
from streams.replay.spans import window
from streams.sources.series_files import SeriesData, series_of
from topics import MEASUREMENTS, Measurement, Place, Series, Shutdown

#: At most so many series, those of the place's own size first.
MOST = 8

Judged = tuple[SeriesData, Detection, Rule]


def series_around(
    source: Source,
    shutdown: Shutdown,
    *,
    most: int = MOST,
    told: Callable[[int, int | None], None] = lambda *_: None,
) -> list[Judged]:
    """The series of a shutdown's place, or wider ones where it has none, with baselines and outages.

    Args:
        source: where the measurements are.
        shutdown: its place and time.
        most: so many series at most.
        told: called with records passed, of how many.
    """
    from_s, until_s = window(shutdown)
    signals = DEFAULT_RULES
    lead_s = signals.learn_s
    selection = Selection(country=shutdown.country)
    own: list[Measurement] = []
    wider: list[Measurement] = []
    for record in _frames(source, selection, from_s - lead_s, until_s, told):
        for kept, fits in ((own, _inside), (wider, _outside)):
            part = _part(record, shutdown.place, fits)
            if part is not None:
                kept.append(part)
    found = series_of(own) or series_of(wider)
    judged: list[Judged] = []
    for one in found:
        rule = signals.of(one.signal)
        judged.append((one, detect(one.times, one.values, one.step_s, rule), rule))
    judged.sort(key=lambda one: (-_depth(one, shutdown), one[0].name))
    return judged[:most]


def _frames(
    source: Source, selection: Selection, from_s: int, until_s: int, told: Callable[[int, int | None], None]
) -> Iterator[Measurement]:
    for one in known(source, selection, Account(), told):
        if one.topic is MEASUREMENTS and one.record.until_s > from_s and one.record.from_s < until_s:
            yield one.record


def _inside(place: Place, of: Place) -> bool:
    return geography.contains(place, of)


def _outside(place: Place, of: Place) -> bool:
    return not geography.contains(place, of) and geography.contains(of, place)


def _part(record: Measurement, place: Place, fits: Callable[[Place, Place], bool]) -> Measurement | None:
    """The series of a frame whose places fit."""
    rows: list[int] = []
    for number, series in enumerate(record.series):
        of = _place(series, record.country)
        if of is not None and fits(place, of):
            rows.append(number)
    if not rows:
        return None
    return msgspec.structs.replace(
        record,
        series=tuple(record.series[row] for row in rows),
        values=tuple(record.values[row] for row in rows),
    )


def _place(series: Series, country: str) -> Place | None:
    return measured_place(series.entity, country)


def _depth(one: Judged, shutdown: Shutdown) -> float:
    """How much was lost during the shutdown: the area of the outages that overlap it."""
    until_s = shutdown.until_s or window(shutdown)[1]
    return sum(
        ended.run.area
        for ended in one[1].outages
        if ended.run.from_s < until_s and (ended.until_s is None or ended.until_s > shutdown.from_s)
    )
