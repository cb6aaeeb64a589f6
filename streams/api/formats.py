"""Shutdowns as JSON, GeoJSON or CSV, and which of them a client wants."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence

import msgspec
import orjson
from starlette.requests import Request

from streams.api.problems import Problem
from streams.api.state import Entry, summary
from streams.judgement_words import explained
from streams.spreadsheets import harmless
from topics import Shutdown

JSON, GEOJSON, CSV = "application/json", "application/geo+json", "text/csv"
NAMES = {"json": JSON, "geojson": GEOJSON, "csv": CSV}

COLUMNS = (
    "id", "revision", "level", "status", "merged_into", "country", "place", "place_kind", "latitude", "longitude",
    "radius_km", "from", "until", "from_uncertainty_s", "until_uncertainty_s", "precision", "incident", "scope",
    "extent", "networks", "services", "signals", "measurement", "acknowledged", "protests", "probability",
    "false_alarms_a_year", "flags", "rules", "happened", "on_purpose", "sources", "explanations", "campaign",
    "common_drops", "blocked",
)  # fmt: skip


def negotiate(request: Request, offered: Sequence[str]) -> str:
    """The media type to answer with: `format`, where it is given, else what `Accept` likes best.

    Raises:
        Problem: none of those offered will do (406), or `format` names another (400).
    """
    name = request.query_params.get("format")
    if name:
        if NAMES.get(name) not in offered:
            known = ", ".join(one for one, media_type in NAMES.items() if media_type in offered)
            raise Problem(400, f"format: {name[:20]!r} is none of {known}", parameter="format")
        return NAMES[name]
    accept = request.headers.get("accept", "").strip()
    if not accept:
        return offered[0]
    liked = _liked(accept)
    best = max(offered, key=lambda one: (_quality(one, liked), -offered.index(one)))
    if _quality(best, liked) <= 0:
        raise Problem(
            406, f"there is {', '.join(offered)} here, and nothing that Accept names", offered=list(offered)
        )
    return best


def _liked(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in accept.split(",")[:50]:
        media_type, *parameters = (part.strip().lower() for part in one.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            found[media_type] = min(1.0, max(0.0, float(quality)))
        except ValueError:
            found[media_type] = 0.0
    return found


def _quality(media_type: str, liked: dict[str, float]) -> float:
    """What names the type exactly counts before what names it in part."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in liked:
            return liked[name]
    return 0.0


def as_json(entries: Iterable[Entry], following: str | None) -> bytes:
    """A page: `{"shutdowns": […], "next": …}`, of summaries made before."""
    return b'{"shutdowns":[%b],"next":%b}' % (
        b",".join(entry.summary for entry in entries),
        orjson.dumps(following),
    )


def as_geojson(entries: Iterable[Entry], following: str | None) -> bytes:
    """The same as a FeatureCollection of points, RFC 7946."""
    features = b",".join(feature(entry.shutdown, entry.summary) for entry in entries)
    return b'{"type":"FeatureCollection","features":[%b],"next":%b}' % (features, orjson.dumps(following))


def feature(shutdown: Shutdown, properties: bytes | None = None) -> bytes:
    """One shutdown as a Feature; `properties` are its summary, or all of it if so given."""
    place = shutdown.place
    geometry = None
    if place.latitude is not None and place.longitude is not None:
        geometry = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
        orjson.dumps(shutdown.id),
        orjson.dumps(geometry),
        properties or summary(shutdown),
    )


def as_csv(shutdowns: Iterable[Shutdown]) -> bytes:
    """A table with one line a shutdown, RFC 4180; lists with `;` between, times in ISO 8601, UTC."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in shutdowns:
        table.writerow(_row(one))
    return text.getvalue().encode()


def _row(one: Shutdown) -> list[object]:
    values = msgspec.to_builtins(one)
    place = one.place
    values |= {
        "explanations": [explained(other) for other in one.explanations],
        "place": place.name,
        "place_kind": place.kind,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "radius_km": place.radius_km,
        "from": moment(one.from_s),
        "until": None if one.until_s is None else moment(one.until_s),
    }
    return [_cell(values[name]) for name in COLUMNS]


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        value = ";".join(str(one) for one in value)
    return harmless(value) if isinstance(value, str) else value


def moment(moment_s: int) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
