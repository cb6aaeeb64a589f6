"""What stands around a shutdown: what other series said (coverage), and protests near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streams import geography
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, local_midnight
from topics import EARLIEST_S, LATEST_S, Coverage, Outage, Place, Protest
from topics.shutdowns import MeasurementState

HOUR_S = 3600
DAY_S = 86_400


#: What is most worth telling of several claims' measurements, first: what dropped, then what could not be seen.
_WORST: tuple[MeasurementState, ...] = ("dropped", "missing", "too-coarse", "no-series", "normal")


@dataclass(frozen=True, slots=True)
class Coverings:
    """What the measurements of a place said over a span: the state, and the pieces that say it."""

    state: MeasurementState
    fine: tuple[Coverage, ...] = ()
    coarse: tuple[Coverage, ...] = ()
    #: The series that are the reason of the state: that dropped, were missing, too coarse, or normal.
    series: tuple[str, ...] = ()


def _letters(piece: Coverage, during: Span) -> str:
    first = (during.from_s - piece.from_s) // HOUR_S
    last = -(-(during.until_s - piece.from_s) // HOUR_S)
    return piece.hours[max(0, first) : max(0, last)]


def _hours(during: Span) -> int:
    return -(-during.until_s // HOUR_S) - during.from_s // HOUR_S


def coverings(place: Place, during: Span, coverage: Iterable[Coverage]) -> Coverings:
    """What is known by measurement of a place that has no outage, from coverage of its country.

    Only a series of the place's own size or smaller tells: `normal` when each of them was normal in every
    hour, `missing` when one wasn't there, `dropped` when one dropped for less than an outage. Otherwise
    `too-coarse` when there is a wider series, `no-series` when there is none at that time.
    """
    near = [piece for piece in coverage if _letters(piece, during)]
    fine = [piece for piece in near if geography.contains(place, piece.place)]
    coarse = [piece for piece in near if piece not in fine and geography.contains(piece.place, place)]
    if not fine:
        state: MeasurementState = "too-coarse" if coarse else "no-series"
        return Coverings(state, (), tuple(coarse), _named(piece.series for piece in coarse))
    by_series: dict[str, str] = {}
    for piece in sorted(fine, key=lambda piece: (piece.from_s, piece.id)):
        by_series[piece.series] = by_series.get(piece.series, "") + _letters(piece, during)
    if dropped := [one for one, letters in by_series.items() if "d" in letters]:
        return Coverings("dropped", tuple(fine), tuple(coarse), _named(dropped))
    if gaps := [one for one, letters in by_series.items() if letters != "n" * _hours(during)]:
        return Coverings("missing", tuple(fine), tuple(coarse), _named(gaps))
    return Coverings("normal", tuple(fine), tuple(coarse), _named(by_series))


def _named(series: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(series)))


def together(several: Sequence[Coverings]) -> Coverings:
    """What several claims' measurements come to: the state most worth telling, and who says it."""
    state = min((one.state for one in several), key=_WORST.index)
    same = [one for one in several if one.state == state]
    fine = {piece.id: piece for one in several for piece in one.fine}
    coarse = {piece.id: piece for one in several for piece in one.coarse}
    return Coverings(
        state,
        tuple(fine[key] for key in sorted(fine)),
        tuple(coarse[key] for key in sorted(coarse)),
        _named(name for one in same for name in one.series),
    )


def ended_by(outages: Sequence[Outage], coverage: Sequence[Coverage]) -> int | None:
    """When outages that are not over yet ended, by what their series said since; None if that is not known.

    Each of an outage's signals must have been normal in some hour after the outage began: the first such hour
    is its end, and the last of these ends is the end of all. What is missing ends nothing.
    """
    ends = []
    for outage in outages:
        if outage.until_s is None:
            normal = [_first_normal(outage, signal, coverage) for signal in outage.signals]
            if None in normal:
                return None
            ends.append(max(end for end in normal if end is not None))
        else:
            ends.append(outage.until_s)
    return max(ends)


def _first_normal(outage: Outage, signal: str, coverage: Sequence[Coverage]) -> int | None:
    hours = [
        begin
        for piece in coverage
        if piece.signal == signal and piece.place.key == outage.place.key
        for number, letter in enumerate(piece.hours)
        if letter == "n" and (begin := piece.from_s + number * HOUR_S) >= outage.from_s
    ]
    return min(hours, default=None)


def last_drop(coverage: Iterable[Coverage]) -> int | None:
    """The end of the last hour in which a series was down; None if none was."""
    ends = [piece.from_s + (piece.hours.rindex("d") + 1) * HOUR_S for piece in coverage if "d" in piece.hours]
    return max(ends, default=None)


def local_days(place: Place, during: Span) -> Span:
    """The local calendar days of a place that a span touches, as one span: midnight to midnight."""
    zone = geography.zone(place.time_zone)
    last = dt.datetime.fromtimestamp(max(during.from_s, during.until_s - 1), zone).date()
    return Span(local_midnight(during.from_s, place.time_zone), geography.day_span(last, place.time_zone)[1])


def protest_window(place: Place, during: Span, rules: Rules) -> Span:
    """When a protest is context: the local days of the shutdown, and `protest_s` either side."""
    return local_days(place, during).grown(rules.seconds("protest_s"))


def in_window(protest: Protest, when: Span) -> bool:
    """Whether a protest shares a moment with a window in time; midnights that touch are no moment."""
    begins = protest.from_s < when.until_s
    return begins and (protest.until_s is None or when.from_s < protest.until_s)


def reach_of_protest(protest: Protest, rules: Rules) -> Span:
    """Where in time a protest can matter to a shutdown: wider than any exact join, for finding candidates."""
    until = LATEST_S if protest.until_s is None else protest.until_s
    return Span(max(EARLIEST_S, protest.from_s), until).grown(rules.seconds("protest_s") + 2 * DAY_S)
