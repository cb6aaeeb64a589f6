"""Charts of the report as SVG, drawn by hand: text stays text, and nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from streams import geography
from streams.plots.extent import around
from streams.plots.maps import land
from streams.plots.report.counting import LEVELS, ByLevel
from streams.plots.words import LEVEL_COLOURS, place_and_country
from topics import Shutdown


def bars(counts: ByLevel, width: int = 460, most: int = 18) -> str:
    """Horizontal bars, a row a name, its levels side by side; past `most` rows the rest is one."""
    rows = list(counts.items())
    if len(rows) > most:
        rest = rows[most - 1 :]
        summed = {level: sum(levels[level] for _, levels in rest) for level in LEVELS}
        rows = [*rows[: most - 1], (f"{len(rest)} others", summed)]
    top = max((sum(levels.values()) for _, levels in rows), default=0) or 1
    label, step = 170, 24
    parts = []
    for row, (name, levels) in enumerate(rows):
        x, y = float(label), row * step
        parts.append(f'<text x="{label - 8}" y="{y + 16}" text-anchor="end">{escape(_short(name))}</text>')
        for level in LEVELS:
            length = (width - label - 50) * levels[level] / top
            parts.append(_rectangle(x, y + 4, length, 16, level, f"{name}: {levels[level]} {level}"))
            x += length
        parts.append(f'<text x="{x + 6:.1f}" y="{y + 16}" class="number">{sum(levels.values()):,}</text>')
    words = ", ".join(f"{name} {sum(levels.values())}" for name, levels in rows)
    return _svg(width, max(1, len(rows)) * step, parts, words)


def _rectangle(x: float, y: float, width: float, height: float, level: str, title: str) -> str:
    if not width or not height:
        return ""
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {box} fill="{LEVEL_COLOURS[level]}"><title>{escape(title)}</title></rect>'


def months(counts: ByLevel, width: int = 700, height: int = 230) -> str:
    """A column a month, its levels one on the other."""
    top = max((sum(levels.values()) for levels in counts.values()), default=0) or 1
    step, base = width / 12, height - 24
    parts = [f'<line x1="0" x2="{width}" y1="{base}" y2="{base}" stroke="#999"/>']
    for column, (month, levels) in enumerate(counts.items()):
        x, y = column * step + step * 0.16, float(base)
        for level in LEVELS:
            high = (base - 20) * levels[level] / top
            y -= high
            parts.append(_rectangle(x, y, step * 0.68, high, level, f"{month}: {levels[level]} {level}"))
        middle = column * step + step / 2
        total = sum(levels.values())
        if total:
            parts.append(
                f'<text x="{middle:.1f}" y="{y - 5:.1f}" text-anchor="middle" class="number">{total:,}</text>'
            )
        parts.append(f'<text x="{middle:.1f}" y="{height - 6}" text-anchor="middle">{month}</text>')
    words = ", ".join(f"{month} {sum(levels.values())}" for month, levels in counts.items())
    return _svg(width, height, parts, words)


@dataclass(frozen=True, slots=True)
class _Projection:
    """Degrees to pixels: longitudes squeezed as at the middle latitude."""

    west: float
    north: float
    x_scale: float
    y_scale: float

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        return (longitude - self.west) * self.x_scale, (self.north - latitude) * self.y_scale


def country_map(shutdowns: Sequence[Shutdown], country: str, width: int = 700, height: int = 430) -> str:
    """A country with the regions that had shutdowns shaded by their number, and cities as circles."""
    west, south, east, north = around(geography.country_place(country), width / height)
    to = _Projection(west, north, width / (east - west), height / (north - south))
    within = (east - west) / width
    whole = geography.outline(geography.country_place(country), within_degrees=max(0.005, within))
    parts = [_land_path((west, south, east, north), to), _path(whole, to, "#e4e4e0", "#8b8b86")]
    numbers: dict[str, list[Shutdown]] = {}
    for one in shutdowns:
        numbers.setdefault(one.place.key, []).append(one)
    most = max((len(some) for some in numbers.values()), default=1)
    for some in sorted(numbers.values(), key=lambda some: -geography.outline(some[0].place).area):
        place, colour = some[0].place, _strongest(some)
        title = f"{place_and_country(some[0])}: {len(some)}"
        if place.kind == "country":
            continue
        if place.kind == "region":
            shape = geography.outline(place, within_degrees=within)
            parts.append(_path(shape, to, colour, "#ffffff", title, 0.35 + 0.5 * len(some) / most))
        elif place.latitude is not None and place.longitude is not None:
            parts.append(_circle(to.at(place.longitude, place.latitude), len(some), most, colour, title))
    return _svg(width, height, parts, f"map of {geography.country_place(country).name}")


def world_map(shutdowns: Sequence[Shutdown], width: int = 900, height: int = 420) -> str:
    """The world with a circle on every country that had shutdowns, as large as their number."""
    bounds = (-170.0, -56.0, 190.0, 78.0)
    to = _Projection(bounds[0], bounds[3], width / 360, height / (bounds[3] - bounds[1]))
    parts = [_land_path(bounds, to)]
    by_country: dict[str, list[Shutdown]] = {}
    for one in shutdowns:
        by_country.setdefault(one.country, []).append(one)
    most = max((len(some) for some in by_country.values()), default=1)
    for country, some in sorted(by_country.items(), key=lambda one: -len(one[1])):
        place = geography.country_place(country)
        if place.longitude is not None and place.latitude is not None:
            at = to.at((place.longitude + 170) % 360 - 170, place.latitude)
            parts.append(_circle(at, len(some), most, _strongest(some), f"{place.name}: {len(some)}"))
    return _svg(width, height, parts, "map of the world")


def _strongest(shutdowns: Iterable[Shutdown]) -> str:
    return LEVEL_COLOURS[min((one.level for one in shutdowns), key=LEVELS.index)]


def _land_path(bounds: tuple[float, float, float, float], to: _Projection) -> str:
    """Land as runs of cells: light, and good enough for a background."""
    west, _, east, north = bounds
    cells = land(bounds, 300)
    size = (east - west) / cells.shape[1]
    moves = []
    for row, line in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            x0, y0 = to.at(west + first * size, north - row * size)
            x1, y1 = to.at(west + end * size, north - (row + 1) * size)
            moves.append(f"M{x0:.1f} {y0:.1f}H{x1:.1f}V{y1 + 0.3:.1f}H{x0:.1f}z")
    return f'<path d="{"".join(moves)}" fill="#f0f0ec"/>'


def _path(
    shape: shapely.Geometry, to: _Projection, fill: str, stroke: str, title: str = "", opacity: float = 1.0
) -> str:
    moves = []
    for part in shapely.get_parts(shape):
        for ring in shapely.get_rings(part):
            corners = [to.at(x, y) for x, y in shapely.get_coordinates(ring)]
            moves.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "z")
    told = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<path d="{"".join(moves)}" fill="{fill}" fill-opacity="{opacity:.2f}" fill-rule="evenodd" '
        f'stroke="{stroke}" stroke-width="0.8">{told}</path>'
    )


def _circle(at: tuple[float, float], number: int, most: int, colour: str, title: str) -> str:
    radius = 4 + 16 * (number / most) ** 0.5
    told = f"<title>{escape(title)}</title>"
    return (
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6" '
        f'stroke="{colour}">{told}</circle>'
    )


def _svg(width: int, height: int, parts: Iterable[str], words: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label={quoteattr(words)}>'
        f"{''.join(parts)}</svg>"
    )


def _short(name: str, most: int = 25) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
