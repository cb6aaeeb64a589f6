"""Lengths of time in a sentence: "two hours ago", "for three days", "for the next 24 hours", "на двое суток"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streams.texts.clocks import Clock, Words

_UNITS = {
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "months": 30 * 86_400,
    "year": 365 * 86_400,
}

#: Larger counts are no lengths of time.
MOST = 400

#: What a length is: so long ago; so long until now, or in all; so long from now on, or from the begin.
LengthRole = Literal["ago", "lasting", "ahead"]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: seconds, whether it is told in days, what it is, and whether what it tells of goes on."""

    seconds: int
    in_days: bool
    role: LengthRole
    going_on: bool


def durations(words: Words, told: Sequence[Clock]) -> list[Duration]:
    """The lengths of time that a sentence tells; `told` are its clock times, which are none."""
    found = []
    for hit in words.hits:
        seconds = _UNITS.get(hit.kind)
        if seconds is None or any(one.first <= hit.first <= one.last for one in told if not one.vague):
            continue
        counted = _counted(words, hit.first, hit.last)
        if counted is None or counted[0] > MOST:
            continue
        count, first, last = counted
        if any(one.first <= first <= one.last for one in told if not one.vague):
            # The minutes of a clock time count nothing: "16:30, Friday".
            continue
        role = _role(words, first, last)
        if role is not None:
            going_on = role != "ago" or words.near(first, last, "since", before=3, after=3) is not None
            found.append(Duration(count * seconds, seconds >= 86_400, role, going_on))
    return found


def _role(words: Words, first: int, last: int) -> LengthRole | None:
    if words.near(first, last, "ahead", before=3, after=2):
        return "ahead"
    if words.near(first, last, "ago", before=2, after=2):
        return "ago"
    if any(hit.kind == "decrees" for hit in words.hits) and words.near(first, last, "lasting", before=3, after=3):
        # Who suspends it for five days says how long it is to last.
        return "ahead"
    return "lasting" if words.near(first, last, "lasting", "since", before=3, after=3) else None


def _counted(words: Words, first: int, last: int) -> tuple[int, int, int] | None:
    """How many of a unit, and from which token to which: the number before it, or a dual."""
    if words.at(first, "dual"):
        return 2, first, last
    for step in (1, 2, 3):
        found = words.count(first - step)
        if found is not None and found[1] < first:
            return found[0], first - step, last
    return None
