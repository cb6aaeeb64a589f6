"""What the sentences of a text come to: is it down, is it back, was it only feared?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streams.texts.judging import Judged, Saying

Verdict = Literal["report", "unsure", "none"]
About = Literal["down", "slow", "restored", "denied", "supposed", "remembered", "asked", "nothing"]

#: From this confidence on a text is a report; from the lower one on it is unsure, and kept as such.
SURE, UNSURE = 0.6, 0.35


@dataclass(frozen=True, slots=True)
class Said:
    """What the sentences come to: `down` are those that say that it is or was down."""

    verdict: Verdict
    about: About
    confidence: float
    why: str
    down: tuple[tuple[Judged, Saying], ...] = ()
    restored: bool = False


def concluded(judged: Sequence[Judged]) -> Said:
    """What the sentences say together. What is back at the end is no report, unless it says when it was gone."""
    sayings = [(number, one, saying) for number, one in enumerate(judged) for saying in one.sayings]
    if not sayings:
        return Said("none", "nothing", 0.0, "it says nothing of the internet being down")
    down = [(n, one, s) for n, one, s in sayings if s.state in ("down", "slow") and s.mood == "said"]
    ups = [(n, s) for n, _, s in sayings if s.state == "up" and s.mood == "said"]
    denied = [s for _, _, s in sayings if s.mood == "denied"]
    back = [(n, s) for n, s in ups if s.sure >= 0.7]
    kept = [one for one in down if not _undone(one, back, ups)]
    if kept:
        best = max(saying.sure for _, _, saying in kept)
        about = _about([saying for _, _, saying in kept])
        verdict: Verdict = "report" if best >= SURE else "unsure" if best >= UNSURE else "none"
        restored = any(n > kept[-1][0] for n, _ in back)
        return Said(verdict, about, best, "", tuple((one, s) for _, one, s in kept), restored)
    if denied:
        return Said("none", "denied", 0.15, "it says that nothing is cut")
    if back or ups:
        return Said("none", "restored", 0.1, "it says that it is back, or works")
    return _unsaid([saying for _, _, saying in sayings])


def _about(kept: Sequence[Saying]) -> About:
    """Slow, where slowness is said and nothing worse than that it hardly works."""
    slow = any(saying.state == "slow" for saying in kept)
    worse = any(saying.state == "down" and saying.word.kind in ("cut", "not", "net") for saying in kept)
    return "slow" if slow and not worse else "down"


def _undone(
    one: tuple[int, Judged, Saying], back: Sequence[tuple[int, Saying]], ups: Sequence[tuple[int, Saying]]
) -> bool:
    """Whether the same sentence says that it is back: "restored after two days of blackout"."""
    number, _, saying = one
    if saying.word.kind in ("works", "back") or saying.word.kind == "not":
        return any(n == number and up.word.first > saying.word.last for n, up in back)
    return any(n == number for n, _ in back) or (saying.partly and any(n == number for n, _ in ups))


def _unsaid(sayings: Sequence[Saying]) -> Said:
    best = max(sayings, key=lambda saying: saying.sure)
    if best.mood == "asked":
        return Said("unsure", "asked", 0.4, "it asks whether it is down")
    if best.mood == "remembered":
        return Said("none", "remembered", 0.15, "it tells of the past")
    return Said("none", "supposed", 0.2, "it tells of what may or will happen")
