"""Shutdowns and candidates cut to a budget of bytes, whatever their evidence has.

Lists of evidence are bounded by number already (`evidence_listed`); an id, a title or a link may have thousands of
bytes all the same. What is cut is said: `trimmed` stands among a shutdown's flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from topics import Candidate, Explanation, Reason, Shutdown, encode
from topics.shutdowns import Support

#: A record up to this size is left as it is. One that is larger has lists within `_BUDGETS`, which is less.
RECORD_BYTES = 200_000

#: What lists may have where a record is too large, in bytes: the first items that fit are kept.
_BUDGETS: Mapping[str, int] = {
    "evidence": 80_000,
    "explanations": 15_000,
    "contributions": 15_000,
    "acknowledged": 5_000,
    "services": 5_000,
    "signals": 5_000,
    "common_drops": 5_000,
    "flags": 5_000,
}

#: What each reason may have of ids and series. There are some twenty reasons at most.
_REASON_BYTES = 1_500

#: Names and other short texts are cut to so many characters.
_NAME_CHARS = 100

FLAG = "trimmed"


def trimmed(shutdown: Shutdown) -> Shutdown:
    """The shutdown, its lists cut if it is larger than `RECORD_BYTES`."""
    if len(encode(shutdown)) <= RECORD_BYTES:
        return shutdown
    lists: dict[str, Any] = {name: _first(getattr(shutdown, name), most) for name, most in _BUDGETS.items()}
    lists["explanations"] = _first(map(_explanation, shutdown.explanations), _BUDGETS["explanations"])
    lists["flags"] = (*lists["flags"], FLAG)
    return replace(shutdown, **lists, why=tuple(map(_reason, shutdown.why)))


def trimmed_candidate(candidate: Candidate) -> Candidate:
    """The candidate, its rows cut if it is larger than `RECORD_BYTES`."""
    if len(encode(candidate)) <= RECORD_BYTES:
        return candidate
    rows: tuple[Support, ...] = _first(candidate.evidence, _BUDGETS["evidence"])
    return replace(candidate, evidence=rows, words=_short(candidate.words, 3 * _NAME_CHARS))


def _reason(reason: Reason) -> Reason:
    return replace(
        reason, evidence=_first(reason.evidence, _REASON_BYTES), series=_first(reason.series, _REASON_BYTES)
    )


def _explanation(one: Explanation) -> Explanation:
    return replace(one, source=_short(one.source, _NAME_CHARS))


def _first(items: Iterable[Any], most_bytes: int) -> tuple[Any, ...]:
    """The first items that fit."""
    kept: list[Any] = []
    left = most_bytes
    for item in items:
        left -= len(item.encode() if isinstance(item, str) else encode(item)) + 1
        if left < 0:
            break
        kept.append(item)
    return tuple(kept)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
