"""Colours and short words that pictures and reports share."""

from __future__ import annotations

import datetime as dt

from streams import geography
from topics import LATEST_S, Shutdown

LEVEL_COLOURS = {
    "corroborated": "#c62828",
    "measured": "#1f5fa8",
    "reported": "#d89000",
    "contradicted": "#757575",
}


def place_and_country(shutdown: Shutdown) -> str:
    country = geography.country_place(shutdown.country).name
    return country if shutdown.place.kind == "country" else f"{shutdown.place.name}, {country}"


def when(shutdown: Shutdown) -> str:
    """Begin and end in local days and, where they are known, times: `28 Feb 2021, 14:00 to 17:00`."""
    zone = geography.zone(shutdown.place.time_zone)
    first = dt.datetime.fromtimestamp(shutdown.from_s, zone)
    days = shutdown.precision == "day"
    begin = _day(first) if days else f"{_day(first)}, {first:%H:%M}"
    if shutdown.until_s is None or shutdown.until_s >= LATEST_S:
        return f"since {begin}"
    last = dt.datetime.fromtimestamp(shutdown.until_s - (1 if days else 0), zone)
    if last.date() == first.date():
        return begin if days else f"{begin} to {last:%H:%M}"
    return f"{begin} to {_day(last)}" if days else f"{begin} to {_day(last)}, {last:%H:%M}"


def _day(moment: dt.datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
