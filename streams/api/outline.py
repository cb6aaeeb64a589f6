"""Outlines for the page's map, from our own polygons: small, quantised, and simplified without gaps at borders.

`python -m streams.api.outline` writes the countries of the world into static/map.json; the regions of one country
are made when they are asked for. An outline is a list of rings, a ring a list of whole numbers: longitude and
latitude in steps of `step` degrees, each the difference to the one before. Rings are clockwise, holes the other way
round, as d3-geo wants them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from streams.geography import tables
from streams.geography.polygons import world

STATIC = Path(__file__).parent / "static"

#: Tolerance of the simplification and step of the grid, degrees: for the world, and for one country.
WORLD = (0.1, 0.05)
COUNTRY = (0.02, 0.01)

#: The union of pieces is made on a grid of so many degrees: pieces touch to the last digit of their table.
_GRID = 1e-4

Outline = list[list[int]]


def source() -> str:
    """Fingerprint of the polygons: an outline made from others is out of date."""
    return hashlib.sha256((tables.DATA / "pieces.npz").read_bytes()).hexdigest()[:16]


def world_outline() -> dict[str, Any]:
    """The countries and territories by alpha-2 code."""
    known, whole = tables.gazetteer(), world()
    pieces: dict[str, list[Any]] = {}
    for row in range(int(whole.unit[-1]) + 1):
        pieces.setdefault(known.codes[known.country[row]], []).extend(whole.of_unit(row))
    codes = sorted(pieces)
    return {"source": source(), **_outlined(codes, [_union(pieces[code]) for code in codes], *WORLD)}


@lru_cache(maxsize=64)
def country_outline(code: str) -> bytes:
    """The regions of one country by `adm1_code`, as JSON; empty for a country without any."""
    known, whole = tables.gazetteer(), world()
    number = known.number.get(code)
    rows = [row for row in range(int(whole.unit[-1]) + 1) if known.country[row] == number]
    shapes = [_union(whole.of_unit(row)) for row in rows]
    return orjson.dumps(_outlined([known.keys[row] for row in rows], shapes, *COUNTRY))


def _union(pieces: Iterable[Any]) -> Any:
    valid = shapely.make_valid(np.asarray(list(pieces), dtype=object))
    return _polygons(shapely.union_all(valid, grid_size=_GRID))


def _polygons(shape: Any) -> Any:
    """Its polygons alone: at seams a union leaves lines behind."""
    return shapely.multipolygons([one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"])


def _outlined(names: Sequence[str], shapes: Sequence[Any], tolerance: float, step: float) -> dict[str, Any]:
    simplified = shapely.coverage_simplify(list(shapes), tolerance) if shapes else []
    outlines = {name: _outline(shape, tolerance, step) for name, shape in zip(names, simplified, strict=True)}
    return {"step": step, "outlines": outlines}


def _outline(shape: Any, tolerance: float, step: float) -> Outline:
    """Islands below the tolerance are left out, unless there is nothing else."""
    parts = sorted(shapely.get_parts(shape), key=lambda one: -one.area)
    kept = [one for one in parts if one.area > tolerance * tolerance / 2] or parts[:1]
    rings: Outline = []
    for polygon in kept:
        clockwise = shapely.orient_polygons(polygon, exterior_cw=True)
        holes = [hole for hole in clockwise.interiors if shapely.Polygon(hole).area > tolerance]
        if outer := _ring(clockwise.exterior, step, turns=-1):
            rings += [outer, *(ring for hole in holes if (ring := _ring(hole, step, turns=1)))]
    return rings


def _ring(line: Any, step: float, turns: int) -> list[int]:
    """A ring on the grid; empty where it collapses there, or turns the other way: d3 would fill all but it."""
    xy = np.round(shapely.get_coordinates(line) / step).astype(np.int64)
    moved = np.concatenate([[True], (np.diff(xy, axis=0) != 0).any(axis=1)])
    xy = xy[moved]
    twice_area = int((xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]).sum())
    if len(xy) < 4 or twice_area * turns <= 0:
        return []
    found: list[int] = np.diff(xy, axis=0, prepend=0).flatten().tolist()
    return found


if __name__ == "__main__":
    (STATIC / "map.json").write_bytes(orjson.dumps(world_outline()))
