"""Bytes to records and back: orjson out, msgspec in, with errors that name the field.

>>> from topics import MEASUREMENTS, decode
>>> decode(MEASUREMENTS, b"{")
Traceback (most recent call last):
  ...
topics.codec.InvalidRecord: not-json: Input data was truncated
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any, Union

import msgspec
import orjson

from topics.base import RECORD_LIMIT_BYTES, Record, Topic
from topics.invalid import InvalidReason

_FIELD = re.compile(r" - at `\$\.?([^`]*)`$")
_TIME_FIELDS = re.compile(r"(from_s|until_s|known_s|start|end)$")


class InvalidRecord(ValueError):
    """A record that can't be read. `reason` is one of `topics.invalid.InvalidReason`, `field` where it is known."""

    def __init__(self, reason: InvalidReason, detail: str, field: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: InvalidReason = reason
        self.detail = detail
        self.field = field


def encode(record: msgspec.Struct) -> bytes:
    """The record's bytes on the wire: JSON, fields in their declared order."""
    return orjson.dumps(msgspec.to_builtins(record))


def digest(content: Any) -> str:
    """Fingerprint of anything that JSON can hold: SHA-256, the first 32 hex digits."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


class _Unnamed(Record, frozen=True, kw_only=True, tag_field="schema", tag=""):
    """Makes every topic's records a union: msgspec demands the tag of a union, but not of a single type."""


@cache
def _decoder(records: tuple[type[Record], ...]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Union[(*records, _Unnamed)])


def schemas(topic: Topic) -> tuple[str, ...]:
    """The values that `schema` may have on this topic."""
    return tuple(str(record.__struct_config__.tag) for record in topic.records)


def decode(topic: Topic, value: bytes | None, limit_bytes: int = RECORD_LIMIT_BYTES) -> Any:
    """Read one record of a topic.

    Raises:
        InvalidRecord: not JSON, above `limit_bytes`, of a schema the topic doesn't have, or with fields that
            are missing, of the wrong type or out of bounds.
    """
    if value is None:
        raise InvalidRecord("not-json", "the record has no value")
    if len(value) > limit_bytes:
        raise InvalidRecord("oversized", f"{len(value):,} bytes, above the limit of {limit_bytes:,}")
    try:
        record = _decoder(topic.records).decode(value)
    except msgspec.ValidationError as error:
        raise _explained(topic, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRecord("not-json", str(error)) from None
    if isinstance(record, _Unnamed):
        raise InvalidRecord("unknown-schema", f"`schema` is empty; {_known(topic)}", "schema")
    return record


def _known(topic: Topic) -> str:
    return f"{topic.name} knows {', '.join(schemas(topic))}"


def _explained(topic: Topic, error: msgspec.ValidationError) -> InvalidRecord:
    text = str(error)
    found = _FIELD.search(text)
    field = (found.group(1) or None) if found else None
    missing = re.search(r"missing required field `([^`]+)`", text)
    if missing:
        field = f"{field}.{missing.group(1)}" if field else missing.group(1)
    if field == "schema":
        reason: InvalidReason = "missing-field" if missing else "unknown-schema"
        return InvalidRecord(reason, f"{text}; {_known(topic)}", field)
    if missing:
        return InvalidRecord("missing-field", text, field)
    if field and _TIME_FIELDS.search(field) and re.search(r"[<>]=|matching regex", text):
        return InvalidRecord("absurd-time", text, field)
    if re.search(r"[<>]=|matching regex|length|rows|must have", text):
        return InvalidRecord("out-of-bounds", text, field)
    return InvalidRecord("wrong-type", text, field)
