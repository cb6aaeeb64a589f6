"""A map and a timeline of a shutdown in characters, for terminals. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from rich.text import Text

from streams import geography
from streams.plots.extent import around, region_keys
from streams.replay.spans import window
from topics import LATEST_S, Place, Shutdown, Support

#: Dots of one character, from the top: Braille patterns have two columns of four.
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BRAILLE = 0x2800

#: How a piece's bar is drawn, by kind.
BARS = {"outage": "█", "claim": "▒", "protest": "░", "coverage": "─"}
#: Steps between the times on an axis, seconds.
STEPS_S = (600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
STYLES = {"outage": "blue", "claim": "yellow", "protest": "magenta", "coverage": "green"}


def map_text(place: Place, width: int = 46, height: int = 16) -> Text:
    """The country's border as dots with the place filled in; a city's or point's circle, with its name beside.

    `width` and `height` are in characters.
    """
    west, south, east, north = around(place, width * 2 / (height * 4))
    x = west + (np.arange(width * 2) + 0.5) * (east - west) / (width * 2)
    y = north - (np.arange(height * 4) + 0.5) * (north - south) / (height * 4)
    lon, lat = (grid.ravel() for grid in np.meshgrid(x, y))
    keys = geography.locate_points(np.clip(lat, -90, 90), lon).reshape(height * 4, width * 2)
    country = np.isin(keys, region_keys(geography.country_place(place.country)))
    border = _edges(country)
    filled = _inside(place, keys, lon.reshape(keys.shape), lat.reshape(keys.shape)) & (country | ~country.any())
    point = _cell(place, (west, south, east, north), width, height) if filled.sum() < 8 else None
    lines: list[Text] = []
    for row in range(height):
        line = Text()
        for column in range(width):
            part = (slice(row * 4, row * 4 + 4), slice(column * 2, column * 2 + 2))
            inside = filled[part]
            dots = inside if inside.any() else border[part]
            code = int((_DOTS * dots).sum())
            if (row, column) == point:
                line.append("●", "bold red")
            else:
                line.append(chr(_BRAILLE + code), "bold red" if inside.any() else "dim")
        lines.append(line)
    drawn = [number for number, line in enumerate(lines) if line.plain.strip(chr(_BRAILLE))]
    return Text("\n").join(lines[drawn[0] : drawn[-1] + 1] if drawn else lines)


def _cell(
    place: Place, bounds: tuple[float, float, float, float], width: int, height: int
) -> tuple[int, int] | None:
    """Row and column of a place's point; None without one."""
    if place.latitude is None or place.longitude is None:
        return None
    west, south, east, north = bounds
    row = (north - place.latitude) / (north - south) * height
    return int(row), int((place.longitude - west) / (east - west) * width)


def _edges(inside: np.ndarray) -> np.ndarray:
    padded = np.pad(inside, 1, mode="edge")
    same = (padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]).astype(bool)
    edges: np.ndarray = inside & ~same
    return edges


def _inside(place: Place, keys: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    found: np.ndarray
    if place.kind in ("city", "point") and place.latitude is not None and place.longitude is not None:
        north = (lat - place.latitude) * 111.3
        east = (lon - place.longitude) * 111.3 * np.cos(np.radians(lat))
        cell_km = abs(lat[1, 0] - lat[0, 0]) * 111.3
        found = np.hypot(north, east) <= max(place.radius_km, cell_km)
        return found
    found = np.isin(keys, region_keys(place))
    return found


@dataclass(frozen=True, slots=True)
class _Axis:
    """Columns of characters for a stretch of time."""

    from_s: int
    until_s: int
    width: int

    def column(self, at_s: int) -> int:
        share = (at_s - self.from_s) / (self.until_s - self.from_s)
        return int(min(max(share, 0.0), 1.0) * self.width)

    def bar(self, from_s: int, until_s: int, letter: str) -> str:
        first, end = self.column(from_s), max(self.column(until_s), self.column(from_s) + 1)
        line = " " * first + letter * (end - first)
        left = "◂" if from_s < self.from_s else line[:1]
        right = "▸" if until_s > self.until_s else line[-1:]
        return (left + line[1:-1] + right if len(line) > 1 else line)[: self.width + 1]


def timeline_text(shutdown: Shutdown, width: int = 60, most: int = 14) -> Text:
    """Each piece of evidence as a bar on one axis of local time, below the shutdown itself."""
    axis = _Axis(*window(shutdown), width)
    text = Text()
    until_s = LATEST_S if shutdown.until_s is None else shutdown.until_s
    text.append(axis.bar(shutdown.from_s, until_s, "■"), "bold red")
    text.append("  the shutdown\n")
    shown = sorted(shutdown.evidence, key=lambda one: (list(BARS).index(one.kind), one.from_s, one.id))[:most]
    for piece in shown:
        text.append(_bar(axis, piece), STYLES[piece.kind])
        text.append(f"  {piece.words}\n")
    if len(shown) < len(shutdown.evidence):
        text.append(f"{' ' * width}  and {len(shutdown.evidence) - len(shown)} more\n", "dim")
    text.append(_ticks(axis, shutdown.place.time_zone), "dim")
    return text


def _bar(axis: _Axis, piece: Support) -> str:
    bar = axis.bar(piece.from_s, LATEST_S if piece.until_s is None else piece.until_s, BARS[piece.kind])
    return bar.ljust(axis.width)


def _ticks(axis: _Axis, time_zone: str) -> str:
    """Round local times below the axis, as close as their labels allow."""
    zone = geography.zone(time_zone)
    per_column = (axis.until_s - axis.from_s) / axis.width
    step_s = next((step for step in STEPS_S if step / per_column >= 14), STEPS_S[-1])
    first = dt.datetime.fromtimestamp(axis.from_s, zone)
    at_s = int(dt.datetime.combine(first.date(), dt.time(), zone).timestamp())
    marks, labels = "", ""
    while at_s < axis.until_s:
        column = axis.column(at_s)
        if at_s >= axis.from_s and column >= len(labels):
            moment = dt.datetime.fromtimestamp(at_s, zone)
            label = f"{moment.day} {moment:%b}" if step_s >= 86_400 else f"{moment.day} {moment:%b %H:%M}"
            marks = marks.ljust(column) + "╵"
            labels = labels.ljust(column) + label + " "
        at_s += step_s
    return f"{marks}\n{labels.ljust(axis.width)}  local time, {time_zone}"
