"""What stands around a shutdown: what other series said (coverage), and protests near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from streams import geography
from streams.correlation.rules import Rules
from streams.correlation.windows import Span
from topics import EARLIEST_S, LATEST_S, Coverage, Place, Protest
from topics.shutdowns import MeasurementState

HOUR_S = 3600
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Coverings:
    """What the measurements of a place said over a span: the state, and the pieces that say it."""

    state: MeasurementState
    fine: tuple[Coverage, ...] = ()
    coarse: tuple[Coverage, ...] = ()


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
        return Coverings("too-coarse" if coarse else "no-series", (), tuple(coarse))
    by_series: dict[str, str] = {}
    for piece in fine:
        by_series[piece.series] = by_series.get(piece.series, "") + _letters(piece, during)
    if any("d" in letters for letters in by_series.values()):
        state: MeasurementState = "dropped"
    elif all(letters == "n" * _hours(during) for letters in by_series.values()):
        state = "normal"
    else:
        state = "missing"
    return Coverings(state, tuple(fine), tuple(coarse))


def local_days(place: Place, during: Span) -> Span:
    """The local calendar days of a place that a span touches, as one span: midnight to midnight."""
    zone = geography.zone(place.time_zone)
    first = dt.datetime.fromtimestamp(during.from_s, zone).date()
    last = dt.datetime.fromtimestamp(max(during.from_s, during.until_s - 1), zone).date() + dt.timedelta(days=1)
    return Span(_midnight(first, zone), _midnight(last, zone))


def _midnight(day: dt.date, zone: dt.tzinfo) -> int:
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())


def protest_window(place: Place, during: Span, rules: Rules) -> Span:
    """When a protest is context: the local days of the shutdown, and `protest_s` either side."""
    return local_days(place, during).grown(rules.seconds("protest_s"))


def in_window(protest: Protest, when: Span) -> bool:
    """Whether a protest shares a moment with a window in time; midnights that touch are no moment."""
    return Span(protest.from_s, LATEST_S if protest.until_s is None else protest.until_s).meets(when, -1)


def is_context(protest: Protest, place: Place, when: Span, rules: Rules) -> bool:
    """Whether a protest is near enough: inside the place, in the same region, or within `protest_km`.

    A protest that is located only to its country is near a shutdown of the country alone. Where in its
    country a network lies is not known, so no protest is near it.
    """
    if not in_window(protest, when):
        return False
    if geography.contains(place, protest.place):
        return True
    if protest.place.kind == "country" or place.kind in ("country", "network"):
        return False
    if protest.place.region is not None and protest.place.region == place.region:
        return True
    return geography.distance_km(place, protest.place) <= rules.number("protest_km")


def reach_of_protest(protest: Protest, rules: Rules) -> Span:
    """Where in time a protest can matter to a shutdown: wider than any exact join, for finding candidates."""
    until = LATEST_S if protest.until_s is None else protest.until_s
    return Span(max(EARLIEST_S, protest.from_s), until).grown(rules.seconds("protest_s") + 2 * DAY_S)
