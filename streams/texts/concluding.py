"""What the sentences of a text come to: is it down, is it back, was it only feared?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streams.texts.judged import Judged, Saying

Verdict = Literal["report", "unsure", "none"]
About = Literal[
    "down", "slow", "restored", "announced", "denied", "supposed", "commented", "remembered", "asked", "nothing"
]

#: From this confidence on a text is a report; from the lower one on it is unsure, and kept as such.
SURE, UNSURE = 0.6, 0.35

#: From this weight on a text says that it is back, and not only that it works.
BACK_SURE = 0.7

#: Why a text is no report that has no word of a cut.
NOTHING = "it says nothing of the internet being down"


@dataclass(frozen=True, slots=True)
class Said:
    """What the sentences come to: `down` are those that say that it is or was down, or will be (`announced`).

    `back` are those that say that it is back.
    """

    verdict: Verdict
    about: About
    confidence: float
    why: str
    down: tuple[tuple[Judged, Saying], ...] = ()
    restored: bool = False
    back: tuple[tuple[Judged, Saying], ...] = ()


#: A saying with its sentence and that one's number.
_Placed = tuple[int, Judged, Saying]


def concluded(judged: Sequence[Judged]) -> Said:
    """What the sentences say together. What is back at the end is no report, unless it says when it was gone."""
    sayings = [(number, one, saying) for number, one in enumerate(judged) for saying in one.sayings]
    if not sayings:
        return Said("none", "nothing", 0.0, NOTHING)
    down = [(n, one, s) for n, one, s in sayings if s.state in ("down", "slow") and s.mood == "said"]
    ups = [(n, one, s) for n, one, s in sayings if s.state == "up" and s.mood == "said"]
    denied = [s for _, _, s in sayings if s.mood == "denied"]
    back = [(n, one, s) for n, one, s in ups if s.sure >= BACK_SURE]
    kept = [one for one in down if not _undone(one, back, ups)]
    returned = tuple((one, s) for _, one, s in back if s.word.kind in ("back", "level"))
    if kept:
        best = max(saying.sure for _, _, saying in kept)
        about = _about([saying for _, _, saying in kept])
        verdict: Verdict = "report" if best >= SURE else "unsure" if best >= UNSURE else "none"
        restored = any(n > kept[-1][0] for n, _, _ in back)
        return Said(verdict, about, best, "", tuple((one, s) for _, one, s in kept), restored, returned)
    if denied:
        return Said("none", "denied", 0.15, "it says that nothing is cut")
    if back or ups:
        undone = tuple((one, s) for _, one, s in down)
        return Said("none", "restored", 0.1, "it says that it is back, or works", undone, bool(down), returned)
    coming = tuple((one, s) for _, one, s in sayings if s.mood == "coming" and s.state != "up")
    if coming and not any(s.mood in ("supposed", "commented") for _, _, s in sayings):
        return Said("none", "announced", max(s.sure for _, s in coming), "it tells of what will happen", coming)
    return _unsaid([saying for _, _, saying in sayings])


def _about(kept: Sequence[Saying]) -> About:
    """Slow, where slowness is said and nothing worse than that it hardly works."""
    slow = any(saying.state == "slow" for saying in kept)
    worse = any(saying.state == "down" and saying.word.kind in ("cut", "not", "net") for saying in kept)
    return "slow" if slow and not worse else "down"


def _undone(one: _Placed, back: Sequence[_Placed], ups: Sequence[_Placed]) -> bool:
    """Whether the same sentence says that it is back: "restored after two days of blackout"."""
    number, judged, saying = one
    back = [(n, j, up) for n, j, up in back if n == number and not _goes_on_without(judged, saying, up)]
    if saying.word.kind in ("works", "back") or saying.word.kind == "not":
        return any(up.word.first > saying.word.last or _after(judged, up, saying) for _, _, up in back)
    ups = [(n, j, up) for n, j, up in ups if n == number and not _goes_on_without(judged, saying, up)]
    return bool(back) or (saying.partly and bool(ups))


def _goes_on_without(judged: Judged, down: Saying, up: Saying) -> bool:
    """Whether one thing is back and another stays down: "2G is back, 4G remains suspended"."""
    if down.clause <= up.clause or down.word.first < up.word.last:
        return False
    still = any(up.word.last < hit.first for hit in judged.hits if hit.kind in ("still", "but"))
    return down.topic != up.topic or still


def _after(judged: Judged, up: Saying, down: Saying) -> bool:
    """Whether it was down before it came back: "back after two days without internet"."""
    between = range(up.word.last + 1, down.word.first)
    return any(hit.first in between for hit in judged.hits if hit.kind == "after")


def _unsaid(sayings: Sequence[Saying]) -> Said:
    best = max(sayings, key=lambda saying: saying.sure)
    if best.mood == "asked":
        return Said("unsure", "asked", 0.4, "it asks whether it is down")
    if best.mood == "commented":
        return Said("none", "commented", 0.2, "it comments on a cut that is known")
    if best.mood == "remembered":
        return Said("none", "remembered", 0.15, "it tells of the past")
    return Said("none", "supposed", 0.2, "it tells of what may or will happen")
