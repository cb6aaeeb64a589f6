"""Places on a map: what a text was found to name, each with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, PathPatch
from matplotlib.path import Path as Outline

from streams import geography
from streams.errors import StreamsError
from streams.geography import Found
from topics import Place

_SEA, _LAND, _COAST, _MARK = "#eef3f6", "#fbfaf7", "#b9b4a8", "#b3261e"
_WIDTH, _HEIGHT = 9.0, 6.5
#: A map shows at least so many degrees of latitude.
_LEAST = 3.0
#: Countries in sight are sought at the points of a grid of so many steps.
_STEPS = 24
#: Holes in a country smaller than this, in square degrees, are none.
_SLIVER = 0.05


def draw(file: Path, found: Sequence[Found]) -> None:
    """Draw the places into `file` (PNG or SVG). Raises `StreamsError` where there is none to draw."""
    places = list(dict.fromkeys(one.place for one in found if one.place.latitude is not None))
    if not places:
        raise StreamsError("no place was found in the text: there is nothing to draw")
    west, south, east, north = _extent(places)
    figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(_SEA)
    for code, points in _countries(west, south, east, north, {place.country for place in places}).items():
        country = geography.country_place(code)
        _fill(axes, geography.outline(country, within_degrees=0.02), _LAND, _COAST, 0.8)
        if len(points) > _STEPS:
            y, x = (sum(values) / len(points) for values in zip(*points, strict=True))
            axes.text(x, y, country.name, fontsize=8, color="#8d8879", ha="center", va="center")
    for place in places:
        _place(axes, place)
    _labels(axes, found)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / max(0.2, math.cos(math.radians((south + north) / 2))))
    axes.tick_params(labelsize=8, colors="#777777")
    axes.grid(visible=True, color="#d9dde0", linewidth=0.4)
    axes.set_xlabel("longitude, °", fontsize=8, color="#777777")
    axes.set_ylabel("latitude, °", fontsize=8, color="#777777")
    figure.savefig(file, dpi=160)


def _extent(places: Sequence[Place]) -> tuple[float, float, float, float]:
    """West, south, east, north around the places and their uncertainty, in the shape of the picture."""
    boxes = []
    for place in places:
        shape = geography.outline(place, within_degrees=0.1) if place.kind in ("country", "region") else None
        if shape is not None and not shape.is_empty:
            boxes.append(shape.bounds)
            continue
        x, y, reach = place.longitude or 0.0, place.latitude or 0.0, place.radius_km / 111.0
        boxes.append((x - 2 * reach, y - reach, x + 2 * reach, y + reach))
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    squeeze = max(0.2, math.cos(math.radians((south + north) / 2)))
    high = max(1.35 * (north - south), 1.35 * (east - west) * squeeze * _HEIGHT / _WIDTH, _LEAST)
    wide = high * _WIDTH / _HEIGHT / squeeze
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _countries(
    west: float, south: float, east: float, north: float, named: set[str]
) -> dict[str, list[tuple[float, float]]]:
    """The countries in sight, and which points of a grid over the map lie in each."""
    found: dict[str, list[tuple[float, float]]] = {code: [] for code in sorted(named)}
    for i in range(1, _STEPS):
        for j in range(1, _STEPS):
            lat, lon = south + (north - south) * i / _STEPS, west + (east - west) * j / _STEPS
            where = geography.locate(lat, lon) if abs(lat) < 90 else None
            if where is not None:
                found.setdefault(where.country, []).append((lat, lon))
    return found


def _place(axes: Axes, place: Place) -> None:
    x, y = place.longitude or 0.0, place.latitude or 0.0
    if place.kind in ("country", "region"):
        _fill(axes, geography.outline(place, within_degrees=0.01), f"{_MARK}26", _MARK, 1.2)
        return
    high = 2 * place.radius_km / 111.0
    circle = Ellipse(
        (x, y), high / max(0.2, math.cos(math.radians(y))), high, facecolor=f"{_MARK}30", edgecolor=_MARK
    )
    axes.add_patch(circle)
    axes.plot([x], [y], marker="o", markersize=3, color=_MARK)


def _fill(axes: Axes, shape: shapely.Geometry, face: str, edge: str, width: float) -> None:
    for part in shapely.get_parts(shape):
        # Where neighbours' borders don't quite meet, slivers are left: no holes.
        rings = [part.exterior, *(ring for ring in part.interiors if shapely.Polygon(ring).area > _SLIVER)]
        if part.geom_type == "Polygon":
            paths = [Outline(shapely.get_coordinates(ring), closed=True) for ring in rings]
            patch = PathPatch(Outline.make_compound_path(*paths), facecolor=face, edgecolor=edge, linewidth=width)
            axes.add_patch(patch)


def _labels(axes: Axes, found: Sequence[Found]) -> None:
    """The English name of each place beside it, and above it the one written, if that is in Latin letters too."""
    done = set()
    for one in found:
        place = one.place
        if place.key in done or place.latitude is None or place.longitude is None:
            continue
        done.add(place.key)
        written = f"{one.name} · " if one.name != place.name and one.name.isascii() else ""
        axes.annotate(
            f"{written}{place.name} ({one.confidence:.0%})",
            (place.longitude, place.latitude),
            xytext=(6, 6),
            textcoords="offset points",
            fontsize=9,
            color="#222222",
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "#ffffffcc", "edgecolor": "none"},
        )
