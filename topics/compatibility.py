"""What may change in a record's schema within a major version, and what may not.

Topics are kept for years, so whoever reads one meets records of every version; and readers are not updated on
the day on which writers are. So, within `name/1`:

- whatever an old schema allows, the new one must allow too (new code reads old records);
- of records that the stages write, whatever the new schema allows, the old one must allow too, unknown fields
  ignored (old readers read new records). Records of raw topics are read by the stages alone, so they may widen;
- no field goes away.

Integers have 64 bits, said or not.

What that leaves: new fields that aren't required, and anything in descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

#: Keywords that bound a value: whether a larger number allows less.
_BOUNDS = {
    "minimum": True,
    "exclusiveMinimum": True,
    "minLength": True,
    "minItems": True,
    "maximum": False,
    "exclusiveMaximum": False,
    "maxLength": False,
    "maxItems": False,
}

#: What integers are where a schema doesn't say: those that this system writes never had more than 64 bits.
_WHOLE = {"minimum": -(2**63), "maximum": 2**63 - 1}


def breaks(old: Schema, new: Schema, *, raw: bool) -> list[str]:
    """What in `new` breaks readers or records of `old`, a sentence each; empty if nothing does.

    Args:
        old: the JSON Schema that was promised.
        new: the one that is to take its place.
        raw: the record is of a raw topic, see above.
    """
    found = [f"{where}: old records are no longer valid: {why}" for where, why in _beyond(old, new, old, new, "$")]
    if not raw:
        found += [f"{where}: old readers would fail: {why}" for where, why in _beyond(new, old, new, old, "$")]
    found += [f"{where}: the field went away" for where in _removed(old, new, old, new, "$")]
    return list(dict.fromkeys(found))


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _options(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives of a schema: one for each value of an enumeration, each member of a union."""
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return [option for one in schema["anyOf"] for option in _options(one, root)]
    if "enum" in schema:
        return [{"const": value} for value in schema["enum"]]
    return [schema]


def _beyond(one: Schema, other: Schema, root: Schema, other_root: Schema, where: str) -> Iterator[tuple[str, str]]:
    """Where and why something that `one` allows is not allowed by `other`."""
    for option in _options(one, root):
        tries = [
            list(_outside(option, allowed, root, other_root, where)) for allowed in _options(other, other_root)
        ]
        if all(tries):
            # The alternative that comes nearest tells best what is wrong.
            yield from min(tries, key=lambda reasons: (_strange(reasons), len(reasons)))


def _strange(reasons: list[tuple[str, str]]) -> bool:
    return any("another type" in why for _, why in reasons)


def _outside(one: Schema, other: Schema, root: Schema, other_root: Schema, where: str) -> Iterator[tuple[str, str]]:
    if "const" in one or "const" in other:
        if one.get("const", ...) != other.get("const", ...):
            yield where, f"{_words(one)} is not allowed"
        return
    kinds = (one.get("type"), other.get("type"))
    if kinds[0] != kinds[1] and kinds != ("integer", "number"):
        yield where, f"{_words(one)} is of another type than {_words(other)}"
        return
    yield from ((where, why) for why in _looser(one, other))
    if "items" in one and "items" in other:
        yield from _beyond(one["items"], other["items"], root, other_root, f"{where}[]")
    for name in other.get("required", ()):
        if name not in one.get("required", ()):
            yield f"{where}.{name}", "it may be missing"
    for name, allowed in other.get("properties", {}).items():
        if name in one.get("properties", {}):
            yield from _beyond(one["properties"][name], allowed, root, other_root, f"{where}.{name}")


def _looser(one: Schema, other: Schema) -> Iterator[str]:
    """The keywords by which `one` bounds a value less than `other`."""
    if one.get("type") == "integer":
        one = {**_WHOLE, **one}
    for keyword, larger_is_less in _BOUNDS.items():
        limit, given = other.get(keyword), one.get(keyword)
        if limit is not None and (given is None or (given < limit if larger_is_less else given > limit)):
            yield f"{keyword} {'none' if given is None else given}, against {limit}"
    for keyword in ("pattern", "contentEncoding", "format"):
        if other.get(keyword) is not None and one.get(keyword) != other[keyword]:
            yield f"{keyword} {one.get(keyword)}, against {other[keyword]}"


def _words(schema: Schema) -> str:
    return repr(schema["const"]) if "const" in schema else str(schema.get("type", "anything"))


def _removed(old: Schema, new: Schema, root: Schema, new_root: Schema, where: str) -> Iterator[str]:
    old, new = _resolved(old, root), _resolved(new, new_root)
    if "items" in old and "items" in new:
        yield from _removed(old["items"], new["items"], root, new_root, f"{where}[]")
    for name, was in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{where}.{name}"
        else:
            yield from _removed(was, new["properties"][name], root, new_root, f"{where}.{name}")
