"""What a stage refuses, as a record of `invalid` with its bytes and the reason."""

from __future__ import annotations

from typing import Protocol

from streams.settings import SEND_LIMIT_BYTES
from topics import INVALID, Invalid, encode
from topics.invalid import InvalidReason

#: Base64 makes four bytes of three; the rest of the record gets 200,000 bytes, ample for reason and key.
_LARGEST_VALUE = (SEND_LIMIT_BYTES - 200_000) * 3 // 4
_LARGEST_KEY = 50_000
_LONGEST_WORDS = 2_000


class Message(Protocol):
    """A record as Kafka had it; `timestamp` in seconds."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> float | None: ...
    @property
    def generation_id(self) -> int: ...


def refusal(
    message: Message, reason: InvalidReason, detail: str, field: str | None = None, error: str | None = None
) -> tuple[bytes, bytes]:
    """Key and value of the record for `invalid`. `error` is how a stage failed on it.

    It must fit into one record whatever came, so a key or value too long for that is cut, and the detail says so.
    """
    words = detail[:_LONGEST_WORDS]
    value, key, cut = message.value, message.key, False
    if value is not None and len(value) > _LARGEST_VALUE:
        words += f"; only the first {_LARGEST_VALUE:,} of its {len(value):,} bytes are kept here"
        value, cut = value[:_LARGEST_VALUE], True
    if key is not None and len(key) > _LARGEST_KEY:
        words += f"; only the first {_LARGEST_KEY:,} of its key's {len(key):,} bytes are kept here"
        key, cut = key[:_LARGEST_KEY], True
    record = Invalid(
        id=f"{message.topic}/{message.partition}/{message.offset}",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=None if message.timestamp is None else round(message.timestamp * 1000),
        key=key,
        value=value,
        reason=reason,
        detail=words,
        cut=cut,
        field=None if field is None else field[:_LONGEST_WORDS],
        error=None if error is None else error[:_LONGEST_WORDS],
    )
    return INVALID.key(record).encode(), encode(record)
