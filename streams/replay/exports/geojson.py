"""GeoJSON, RFC 7946: <https://www.rfc-editor.org/rfc/rfc7946>."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import orjson
import shapely

from streams import geography
from streams.replay.exports.common import flat
from topics import Evidence, Place, Shutdown

#: Degrees that a border may be off: about a kilometre.
WITHIN_DEGREES = 0.01


def geometry(place: Place, within_degrees: float = WITHIN_DEGREES) -> dict[str, Any] | None:
    """The shape of a place as a GeoJSON geometry, five decimals; its point where no shape is known, or None.

    A city or point is the circle of its uncertainty.
    """
    shape = geography.outline(place, within_degrees=within_degrees)
    if shape.is_empty:
        if place.latitude is None or place.longitude is None:
            return None
        shape = shapely.Point(place.longitude, place.latitude)
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(shape))
    return {"type": found["type"], "coordinates": _rounded(found["coordinates"])}


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(coordinates, 5)
    return [_rounded(one) for one in coordinates]


def feature(shutdown: Shutdown, within_degrees: float = WITHIN_DEGREES) -> dict[str, Any]:
    """A shutdown as a feature, with its shape and its flat fields."""
    return {
        "type": "Feature",
        "id": shutdown.id,
        "geometry": geometry(shutdown.place, within_degrees),
        "properties": flat(shutdown),
    }


def write(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:  # noqa: ARG001
    """One feature collection; feature by feature, so that memory does not grow with them."""
    stream.write(b'{"type":"FeatureCollection","features":[')
    for number, shutdown in enumerate(shutdowns):
        stream.write((b",\n" if number else b"\n") + orjson.dumps(feature(shutdown)))
    stream.write(b"\n]}\n")
