"""Cutting polygons into small pieces: a tree of small boxes finds a point's region by testing few vertices."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

#: A piece has at most so many vertices.
VERTICES = 64
#: Coordinates are kept as whole numbers of this many degrees, about 11 m: finer than the map.
GRID = 1e-4


def cut(shapes: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of at most `VERTICES` vertices, and the index of the shape of each."""
    parts, owner = shapely.get_parts(np.asarray(shapes, dtype=object), return_index=True)
    done: list[np.ndarray] = []
    owners: list[np.ndarray] = []
    while len(parts):
        small = shapely.get_num_coordinates(parts) <= VERTICES
        done.append(parts[small])
        owners.append(owner[small])
        parts, owner = _halve(parts[~small], owner[~small])
    pieces, owner = np.concatenate(done), np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return pieces[order], owner[order]


def _halve(parts: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(parts):
        return parts, owner
    west, south, east, north = shapely.bounds(parts).T
    wide = east - west >= north - south
    x, y = (west + east) / 2, (south + north) / 2
    first = shapely.box(west, south, np.where(wide, x, east), np.where(wide, north, y))
    second = shapely.box(np.where(wide, x, west), np.where(wide, south, y), east, north)
    halves = np.concatenate([shapely.intersection(parts, first), shapely.intersection(parts, second)])
    flat, index = shapely.get_parts(halves, return_index=True)
    whose = np.concatenate([owner, owner])[index]
    polygons = shapely.get_type_id(flat) == shapely.GeometryType.POLYGON
    flat, whose = flat[polygons], whose[polygons]
    full = ~shapely.is_empty(flat)
    return flat[full], whose[full]


def pack(pieces: np.ndarray) -> dict[str, np.ndarray]:
    """Coordinates as differences of whole grid steps, with the lengths of rings and the rings of pieces."""
    kind, xy, (ring_offsets, piece_offsets) = shapely.to_ragged_array(pieces)
    assert kind == shapely.GeometryType.POLYGON
    steps = np.round(xy[:, :2] / GRID).astype(np.int32)
    differences = np.diff(steps, axis=0, prepend=np.zeros((1, 2), np.int32))
    return {
        "x": differences[:, 0],
        "y": differences[:, 1],
        "rings": np.diff(ring_offsets).astype(np.int32),
        "pieces": np.diff(piece_offsets).astype(np.int32),
    }
