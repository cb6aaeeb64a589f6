"""Maps for pictures: a country among its neighbours, with places drawn in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from streams import geography
from topics import Place

Bounds = tuple[float, float, float, float]

#: Points from side to side when the land around a country is looked up.
LAND_POINTS = 420

MARKS = {"claim": ("o", "#b26a00"), "protest": ("^", "#7b3fa0"), "cause": ("X", "#00696b")}


def land(bounds: Bounds, points: int = LAND_POINTS) -> np.ndarray:
    """Where there is land, as rows of true values from north to south."""
    west, south, east, north = bounds
    rows = max(2, round(points * (north - south) / (east - west)))
    x = west + (np.arange(points) + 0.5) * (east - west) / points
    y = north - (np.arange(rows) + 0.5) * (north - south) / rows
    lon, lat = (grid.ravel() for grid in np.meshgrid(x, y))
    found: np.ndarray = (geography.locate_points(np.clip(lat, -90, 90), lon) != "").reshape(rows, points)
    return found


def draw_map(axis: Any, place: Place, colour: str, bounds: Bounds, marks: Iterable[tuple[str, Place]] = ()) -> None:
    """A place in its country: land in grey, the country outlined, the place filled, what `marks` names marked."""
    west, south, east, north = bounds
    shades = np.where(land(bounds)[..., None], 0.93, 1.0) * np.ones(3)
    axis.imshow(shades, extent=(west, east, south, north), interpolation="bilinear", zorder=0)
    country = geography.outline(geography.country_place(place.country), within_degrees=0.02)
    shapes(axis, country, facecolor="0.82", edgecolor="0.45", lw=0.7, zorder=1)
    shapes(
        axis,
        geography.outline(place, within_degrees=0.02),
        facecolor=colour,
        edgecolor=colour,
        alpha=0.75,
        zorder=2,
    )
    if place.latitude is not None and place.longitude is not None and place.kind != "country":
        axis.plot([place.longitude], [place.latitude], marker="o", ms=5, mfc="white", mec=colour, mew=1.6, zorder=4)
        axis.annotate(
            place.name, (place.longitude, place.latitude), (6, 6), textcoords="offset points", fontsize=8, zorder=5
        )
    told: set[str] = set()
    for kind, where in marks:
        if where.latitude is not None and where.longitude is not None and where.kind != "country":
            shape, shade = MARKS[kind]
            label = None if kind in told else f"{kind}s"
            told.add(kind)
            at = ([where.longitude], [where.latitude])
            axis.plot(*at, marker=shape, ms=4.5, color=shade, ls="", zorder=3, label=label)
    if told:
        axis.legend(loc="lower left", fontsize=7, framealpha=0.9)
    axis.set_xlim(west, east)
    axis.set_ylim(south, north)
    axis.set_aspect(1 / max(0.2, math.cos(math.radians((south + north) / 2))))
    axis.set_xticks([])
    axis.set_yticks([])
    for side in axis.spines.values():
        side.set_color("0.8")


def shapes(axis: Any, shape: Any, **style: Any) -> None:
    """Draw the polygons of a shapely geometry."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    for part in shapely.get_parts(shape):
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))
        axis.add_patch(PathPatch(outline, **style))
