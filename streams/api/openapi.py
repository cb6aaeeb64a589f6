"""The OpenAPI 3.1 document of the API, made from the record types and the tables of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from typing import Any

import msgspec

from streams.api import queries
from streams.api.formats import CSV, GEOJSON, JSON
from streams.api.problems import MEDIA_TYPE
from streams.api.state import DETAILS
from streams.sources.posted import FIELDS
from topics import CANDIDATES, SHUTDOWN_CHANGES, SHUTDOWNS
from topics.schema import plain

Schema = dict[str, Any]

_REF = "#/components/schemas/{name}"


def _ref(name: str) -> Schema:
    return {"$ref": _REF.format(name=name)}


def _words(values: Sequence[str]) -> Schema:
    """Several values of an enumeration, with commas between."""
    one = "|".join(values)
    return {"type": "string", "pattern": f"^({one})(,({one}))*$", "maxLength": 100}


_SHARE = r"(0|1|0?\.[0-9]{1,9}|1\.0{1,9})"
_BOUNDS: Schema = {
    "type": "string",
    "pattern": rf"^({_SHARE}|{_SHARE}?\.\.{_SHARE}?)$",
    "examples": ["0.8", "..0.3", "0.2..0.5"],
    "maxLength": 40,
}
_BOUNDS_WORDS = "`0.8` is at least that much, `..0.3` at most. Those merged or retracted have none, and pass"

_PARAMETERS: dict[str, tuple[Schema, str]] = {
    "country": (
        {"type": "string", "examples": ["KZ", "KZ,TD"], "maxLength": 300},
        "ISO 3166-1 alpha-2 codes or names, with commas between",
    ),
    "place": (
        {"type": "string", "examples": ["KAZ-4829", "Алматы"], "maxLength": 300},
        "a place's key, `adm1_code`, or name in any script; what lies in it is included",
    ),
    "bbox": (
        {"type": "string", "examples": ["46.5,40.5,87.4,55.5"], "maxLength": 100},
        "west,south,east,north in degrees; west above east crosses the date line",
    ),
    "from": (
        {"type": "string", "examples": ["2021-02-28", "2021-02-28T08:00Z", "1614499200"], "maxLength": 40},
        "only what was not over before: ISO 8601, in UTC unless it says otherwise, or Unix seconds",
    ),
    "until": ({"type": "string", "examples": ["2021-03-01"], "maxLength": 40}, "only what began before"),
    "level": (_words(queries.LEVELS), "levels, with commas between"),
    "status": (_words((*queries.STATUSES, "all")), "by default `open,closed`: those that stand"),
    "scope": (_words(queries.SCOPES), "scopes, with commas between"),
    "incident": ({"type": "string", "maxLength": 300}, "ids of incidents, with commas between"),
    "campaign": (
        {"type": "string", "maxLength": 300},
        "ids of campaigns, with commas between: cuts that recur at one local time",
    ),
    "common_drops": (
        {"type": "string", "maxLength": 300},
        "ids of drops in several countries, with commas between: the shutdowns elsewhere that are part of one",
    ),
    "happened": (_BOUNDS, f"the probability that connectivity was really cut or degraded: {_BOUNDS_WORDS}"),
    "on_purpose": (_BOUNDS, f"the probability that, if it happened, somebody decided it: {_BOUNDS_WORDS}"),
    "probability": (_BOUNDS, f"the product of the two: {_BOUNDS_WORDS}"),
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": queries.MOST, "default": queries.DEFAULT_LIMIT},
        "how many",
    ),
    "cursor": ({"type": "string", "maxLength": 300}, "where the page begins: from `next` of the one before"),
    "format": ({"enum": ["json", "geojson", "csv"]}, "instead of an Accept header"),
    "after": ({"type": "integer", "minimum": 0, "maximum": 999_999_999}, "only revisions above this one"),
    "since": (
        {"type": "string", "examples": ["start", "0:12,1:5"], "maxLength": 300},
        "an event's id: begin after it; `start`: with the first change there is. Last-Event-ID counts before it",
    ),
    "short": (
        {"type": "boolean"},
        "without what only /shutdowns/{id} has: " + ", ".join(f"`{name}`" for name in DETAILS),
    ),
}


def _parameter(name: str, *, required: bool = False) -> Schema:
    schema, words = _PARAMETERS[name]
    return {"name": name, "in": "query", "required": required, "description": words, "schema": schema}


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 300}}


def _answer(content: Schema, words: str = "what was asked for") -> Schema:
    return {"description": words, "content": content}


def _get(summary: str, content: Schema, parameters: Sequence[Schema] = (), *also: int) -> Schema:
    answers: Schema = {"200": _answer(content)}
    if content.keys() & {JSON, "application/atom+xml"}:
        answers["304"] = {"description": "unchanged since the ETag in If-None-Match"}
    for status in (400, 414, 429, *also):
        answers[str(status)] = {"$ref": "#/components/responses/problem"}
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": answers}}


def _json(schema: Schema) -> Schema:
    return {JSON: {"schema": schema}}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def document() -> Schema:
    """The whole document."""
    records = [SHUTDOWNS.records[0], SHUTDOWN_CHANGES.records[0], CANDIDATES.records[0]]
    _, parts = msgspec.json.schema_components(records, ref_template=_REF)
    schemas = {name: plain(part) for name, part in parts.items()} | _own(plain(parts["Shutdown"]))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "shutdown-streams",
            "version": metadata.version("shutdown-streams"),
            "description": "Internet shutdowns as they are known now, their history and their evidence. "
            "Reading needs no token. Errors are problem+json (RFC 9457); answers have ETags.",
            "license": {"name": "MIT"},
        },
        "paths": _paths(),
        "components": {
            "schemas": schemas,
            "responses": {
                "problem": {"description": "what was wrong", "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
            },
        },
    }


def _own(shutdown: Schema) -> Schema:
    """The schemas that only the API has."""
    properties = {name: one for name, one in shutdown["properties"].items() if name not in DETAILS}
    text, number, maybe = {"type": "string"}, {"type": "integer"}, {"type": ["integer", "null"]}
    return {
        "ShutdownSummary": {**shutdown, "title": "ShutdownSummary", "properties": properties},
        "Feature": _object(
            type={"const": "Feature"},
            id=text,
            geometry={"type": ["object", "null"]},
            properties={"type": "object"},
        ),
        "Incident": _object(
            id=text,
            country=text,
            from_s=number,
            until_s=maybe,
            levels={"type": "object", "additionalProperties": number},
            places=_list(text),
            shutdowns=_list({}),
        ),
        "Problem": _object(type=text, title=text, status=number, detail=text),
    }


def _posting() -> Schema:
    """What `/reports` takes: the fields of `streams.sources.posted`, in words."""
    texts: Schema = {name: {"type": "string", "description": words} for name, words in FIELDS.items()}
    for name, most in (("latitude", 90), ("longitude", 180)):
        texts[name] = {**texts[name], "type": "number", "minimum": -most, "maximum": most}
    for name in ("ongoing", "withdrawn"):
        texts[name] = {**texts[name], "type": "boolean"}
    for name in ("networks", "services"):
        texts[name] = {**texts[name], "type": "array", "items": {"type": "string"}}
    answers: Schema = {"201": _answer(_json(_object(id={"type": "string"}, receipt={"type": "string"})), "taken")}
    for status in (400, 403, 413, 414, 415, 422, 429, 503):
        answers[str(status)] = {"$ref": "#/components/responses/problem"}
    return {
        "summary": "Report a shutdown",
        "description": "Nothing of who sends it is kept; times are cut to a quarter of an hour..",
        "requestBody": {"required": True, "content": _json({"type": "object", "properties": texts})},
        "responses": answers,
    }


def _paths() -> Schema:
    wanted = [_parameter(name) for name in queries.FILTER]
    limit, shape = _parameter("limit"), _parameter("format")
    following = {"type": ["string", "null"], "description": "the next page; null at the end"}
    listed = {
        JSON: {"schema": _object(shutdowns=_list(_ref("ShutdownSummary")), next=following)},
        GEOJSON: {"schema": _object(type={"const": "FeatureCollection"}, features=_list(_ref("Feature")))},
        CSV: {"schema": {"type": "string"}},
    }
    one = {
        JSON: {"schema": _ref("Shutdown")},
        GEOJSON: {"schema": _ref("Feature")},
        CSV: {"schema": {"type": "string"}},
    }
    series = _object(from_s={"type": "integer"}, until_s={"type": "integer"}, series=_list({"type": "object"}))
    counted = _object(shutdowns={"type": "integer"}, incidents={"type": "integer"}, open={"type": "integer"})
    whole: Schema = {"type": ["object", "null"], "description": "as it lies on `evidence`; null: not to be told"}
    piece = _object(support=_ref("Support"), piece=whole)
    other = _object(explanation=_ref("Explanation"), piece=whole)
    common: Schema = {"type": "object", "description": "`common-drop/1`, as it lies on `evidence`"}
    whose = {**_parameter("country"), "schema": {"type": "string", "maxLength": 100}}
    named = {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "maxLength": 300}}
    status = _json(_object(status={"type": "string"}))
    return {
        "/shutdowns": _get(
            "Shutdowns, the newest first", listed, [*wanted, limit, _parameter("cursor"), shape], 406
        ),
        "/shutdowns/{id}": _get("One shutdown, whole", one, [_ID, shape], 404, 406),
        "/shutdowns/{id}/history": _get(
            "Every revision, the oldest first",
            _json(_object(changes=_list(_ref("ShutdownChange")))),
            [_ID, _parameter("after"), limit],
            404,
        ),
        "/shutdowns/{id}/evidence": _get(
            "The pieces it stands on, what else may explain it, and drops in several countries that it is part of",
            _json(_object(evidence=_list(piece), explanations=_list(other), common_drops=_list(common))),
            [_ID],
            404,
        ),
        "/shutdowns/{id}/signals": _get(
            "The signals of its place against their baselines", _json(series), [_ID], 404
        ),
        "/incidents": _get(
            "Shutdowns that belong together", _json(_object(incidents=_list(_ref("Incident")))), [*wanted, limit]
        ),
        "/incidents/{id}": _get("One incident with its shutdowns", _json(_ref("Incident")), [_ID], 404),
        "/candidates": _get(
            "What fell short of a shutdown by one condition",
            _json(_object(candidates=_list(_ref("Candidate")))),
            [_parameter(name) for name in ("country", "from", "until", "limit")],
        ),
        "/places": _get(
            "Places by a name in any script", _json(_object(places=_list({"type": "object"}))), [named, whose]
        ),
        "/stream": _get(
            "Every change, as server-sent events",
            {"text/event-stream": {"schema": {"type": "string"}}},
            [*wanted, _parameter("since"), _parameter("short")],
            503,
        ),
        "/feed.atom": _get(
            "The newest changes, as Atom", {"application/atom+xml": {"schema": {"type": "string"}}}, wanted
        ),
        "/stats": _get("How many there are", _json(counted), wanted),
        "/timeline": _get(
            "How many began when, by level",
            _json(_object(from_s={"type": "integer"}, bin_s={"type": "integer"}, counts={"type": "object"})),
            wanted,
        ),
        "/reports": {"post": _posting()},
        "/healthz": _get("Whether the process answers", status),
        "/readyz": _get("Whether everything has been read", status, (), 503),
    }
