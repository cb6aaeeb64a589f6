"""What stands around a shutdown: what other series said (coverage), and protests near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from streams import geography
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, local_midnight
from topics import EARLIEST_S, LATEST_S, Coverage, Outage, Place, Protest

HOUR_S = 3600
DAY_S = 86_400


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
