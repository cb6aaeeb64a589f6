"""A raster over the map: most points fall into a cell that lies in one region whole, and need no geometry.

Coarse cells of `COARSE` degrees; those that borders or the coast cross are split into `SPLIT` by `SPLIT` fine
ones. What is still crossed is `MIXED`: there the polygons decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from streams.geography.tables import COARSE, FAR, FINE, MIXED, SPLIT

#: A cell is `FAR` when nothing of the map is nearer than this, in degrees of latitude (28 km).
REACH = 0.252
_LINE = 24
_BATCH = 100_000


def rasterise(shapes: list[Any], pieces: np.ndarray, owner: np.ndarray) -> dict[str, np.ndarray]:
    """`coarse`: for each cell from the south pole and the date line on, its unit, `FAR`, or -10 - block.

    `fine`: for each block its cells, from south-west to north-east: unit, `MIXED` or `FAR`.
    """
    judge = _Judge(shapes, pieces, owner)
    south, west = np.meshgrid(np.arange(-90, 90, COARSE), np.arange(-180, 180, COARSE), indexing="ij")
    coarse = judge.all(west.ravel(), south.ravel(), COARSE).astype(np.int32)
    mixed = np.flatnonzero(coarse == MIXED)
    step_y, step_x = np.divmod(np.arange(SPLIT * SPLIT), SPLIT)
    fine_west = (west.ravel()[mixed, None] + step_x * FINE).ravel()
    fine_south = (south.ravel()[mixed, None] + step_y * FINE).ravel()
    fine = judge.all(fine_west, fine_south, FINE).astype(np.int16)
    coarse[mixed] = -10 - np.arange(len(mixed))
    return {"coarse": coarse, "fine": fine}


class _Judge:
    """Says of square cells which unit each lies in whole."""

    def __init__(self, shapes: list[Any], pieces: np.ndarray, owner: np.ndarray) -> None:
        self.borders = shapely.STRtree(_short_lines(shapes))
        self.tree = shapely.STRtree(pieces)
        self.owner = owner

    def all(self, west: np.ndarray, south: np.ndarray, size: float) -> np.ndarray:
        parts = [self._some(west[i : i + _BATCH], south[i : i + _BATCH], size) for i in range(0, len(west), _BATCH)]
        return np.concatenate(parts)

    def _some(self, west: np.ndarray, south: np.ndarray, size: float) -> np.ndarray:
        cells = np.full(len(west), MIXED, dtype=np.int64)
        near = self._near(west, south, size)
        cells[~near] = FAR
        pure = near.copy()
        boxes = shapely.box(west[near], south[near], west[near] + size, south[near] + size)
        crossed = np.unique(self.borders.query(boxes, predicate="intersects")[0])
        pure[np.flatnonzero(near)[crossed]] = False
        centres = shapely.points(west[pure] + size / 2, south[pure] + size / 2)
        which, piece = self.tree.query(centres, predicate="intersects")
        cells[np.flatnonzero(pure)[which]] = self.owner[piece]
        return cells

    def _near(self, west: np.ndarray, south: np.ndarray, size: float) -> np.ndarray:
        edge = np.minimum(90.0, np.maximum(np.abs(south), np.abs(south + size)) + REACH)
        wide = np.where(edge > 89, 360.0, REACH / np.cos(np.radians(np.minimum(edge, 89.0))))
        near = np.zeros(len(west), dtype=bool)
        for turn in (-360.0, 0.0, 360.0):
            x = west + turn
            around = shapely.box(x - wide, south - REACH, x + size + wide, south + size + REACH)
            near[np.unique(self.tree.query(around)[0])] = True
        return near


def _short_lines(shapes: list[Any]) -> np.ndarray:
    rings = shapely.get_rings(shapely.get_parts(np.asarray(shapes, dtype=object)))
    lines = []
    for ring in rings:
        xy = shapely.get_coordinates(ring)
        lines += [shapely.linestrings(xy[i : i + _LINE + 1]) for i in range(0, len(xy) - 1, _LINE)]
    return np.asarray(lines, dtype=object)
