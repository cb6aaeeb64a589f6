"""Records that a schema allows, made by Hypothesis from the JSON Schema itself, the improbable ones too.

Names, codes and times are now and then those of the world, since a record whose country is unknown goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from hypothesis import strategies as st

from topics import Record
from topics.base import EARLIEST_S, LATEST_S
from topics.schema import Schema, json_schema

#: Noon of 1 March 2021 in UTC: when the records are taken to arrive.
NOW_S = 1_614_600_000

#: Rare in texts, and each has made some program stumble.
_TEXTS = ["", " ", "\x00", "\u202e", "Almaty\n", "ß" * 40, "\U0001f1f0\U0001f1ff", "'\"<b>;--", "../..", "{0}%s"]

_NEAR = st.integers(-30 * 86_400, 2 * 86_400).map(lambda offset: NOW_S + offset)
_TIMES = st.one_of(_NEAR, _NEAR, st.integers(EARLIEST_S, LATEST_S), st.sampled_from([EARLIEST_S, LATEST_S]))
_MOMENTS = st.sampled_from(
    ["2021-02-28", "2021-02-28T14:00", "2021-02-28T08:00Z", "2021-02-28T23:59:59+14:00", "2021-03-01", "2021-02-30"]
)

#: What a field of that name has now and then.
_HINTS: dict[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from(["KZ", "KZ", "KZ", "CD", "US", "AQ", "ZZ"]),
    "countries": st.lists(st.sampled_from(["KZ", "KG", "CD", "US", "NZ"]), min_size=2, max_size=4),
    "places": st.lists(st.sampled_from(["Almaty", "Алматы", "nationwide", "Atyrau", "x"]), max_size=4),
    "region": st.sampled_from(["KAZ-4829", "KAZ-3198", "XXX-1"]),
    "city": st.sampled_from([1526384, 610529, 1]),
    "network": st.sampled_from([9198, 0]),
    "time_zone": st.sampled_from(["Asia/Almaty", "UTC"]),
    "source": st.sampled_from(["ioda", "access-now-stop", "form", "feed"]),
    "signal": st.sampled_from(["ping-slash24", "bgp", "gtr", "merit-nt"]),
    "signals": st.lists(st.sampled_from(["ping-slash24", "bgp", "gtr"]), min_size=1, max_size=3),
    "code": st.sampled_from(["KZ", "2088", "9198"]),
    "type": st.sampled_from(["country", "region", "asn"]),
    "start": _MOMENTS,
    "end": _MOMENTS,
    "hours": st.text("dnmu", min_size=1, max_size=24),
    "lineage": st.sampled_from(["ioda", "access-now", "hand-1"]),
    "id": st.text("abc", min_size=1, max_size=2),
    "step_s": st.sampled_from([300, 600, 86_400]),
}


#: What tells places apart, for those that lack it.
_WHOLE = {"region": "KAZ-4829", "city": 1526384, "network": 9198, "latitude": 43.25, "longitude": 76.9}


@cache
def records(record: type[Record]) -> st.SearchStrategy[bytes]:
    """JSON of records that the schema of a type allows."""
    schema = json_schema(record)
    return _values(schema, schema).map(_consistent).map(orjson.dumps)


def _consistent(record: dict[str, Any]) -> dict[str, Any]:
    """Let what must fit together do so mostly: the rows of a frame, the place of a piece."""
    if "values" in record and len(record["values"]) != len(record["series"]):
        width = max(1, len(record["values"][0]))
        record["values"] = [[float(at % 7)] * width for at in range(len(record["series"]))]
    if "place" in record and record["from_s"] % 16:
        place = record["place"]
        place.update({key: one for key, one in _WHOLE.items() if place.get(key) is None}, country=record["country"])
    return record


def _values(schema: Schema, root: Schema, name: str = "") -> st.SearchStrategy[Any]:
    made = _plain(schema, root, name)
    hint = _HINTS.get(name)
    return made if hint is None else st.one_of(hint, hint, hint, made)


def _plain(schema: Schema, root: Schema, name: str) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _plain(root["$defs"][schema["$ref"].rpartition("/")[2]], root, name)
    if "anyOf" in schema:
        return st.one_of(*(_plain(one, root, name) for one in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds: Mapping[str, Any] = {
        "null": st.none,
        "boolean": st.booleans,
        "integer": lambda: _integers(schema),
        "number": lambda: _numbers(schema),
        "string": lambda: _strings(schema),
        "array": lambda: _arrays(schema, root, name),
        "object": lambda: _objects(schema, root),
    }
    made: st.SearchStrategy[Any] = kinds[schema["type"]]()
    return made


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1)
    if (least, most) == (EARLIEST_S, LATEST_S):
        return _TIMES
    edges = [one for one in (least, 0, 1, 2**31, 2**42, 2**43, 2**53, most) if least <= one <= most]
    return st.one_of(st.integers(least, min(most, max(least, 0) + 100_000)), st.sampled_from(edges))


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    least, most = schema.get("minimum"), schema.get("maximum")
    edges = [one for one in (0.0, 1e-300, 0.5, 1.0, 90.0, 1e18, 1.7e308) if most is None or one <= most]
    return st.one_of(st.floats(least, most, allow_nan=False, allow_infinity=False), st.sampled_from(edges))


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 20_000)
    if "pattern" in schema:
        matching: st.SearchStrategy[str] = st.from_regex(re.compile(schema["pattern"]), fullmatch=True)
        return matching.map(lambda text: text.strip("\n"))
    some = st.text(st.characters(codec="utf-8"), min_size=least, max_size=min(most, 40))
    odd = [one for one in [*_TEXTS, "漢" * most, "x" * most] if least <= len(one) <= most]
    return st.one_of(some, st.sampled_from(odd))


def _arrays(schema: Schema, root: Schema, name: str) -> st.SearchStrategy[list[Any]]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 10**9)
    items = _values(schema["items"], root, f"{name}[]")
    few = st.lists(items, min_size=least, max_size=max(least, 3))
    many = items.map(lambda one: [one] * max(least, min(most, 150)))
    return st.one_of(few, few, few, many)


def _objects(schema: Schema, root: Schema) -> st.SearchStrategy[dict[str, Any]]:
    required = set(schema.get("required", ()))
    fields = {key: _values(one, root, key) for key, one in schema["properties"].items()}
    return st.fixed_dictionaries(
        {key: made for key, made in fields.items() if key in required},
        optional={key: made for key, made in fields.items() if key not in required},
    )
