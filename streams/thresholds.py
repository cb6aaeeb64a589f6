"""Which shutdowns a consumer wants, by the probabilities that they happened and were on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from topics import Shutdown


class Bounds(NamedTuple):
    """The least and the highest probability that is wanted, both included."""

    least: float = 0.0
    most: float = 1.0


ANY = Bounds()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Bounds for each of a shutdown's probabilities."""

    happened: Bounds = ANY
    on_purpose: Bounds = ANY
    probability: Bounds = ANY

    def takes(self, shutdown: Shutdown) -> bool:
        """Return whether a shutdown is within all bounds.

        One that was merged or retracted has no probabilities and is always taken: whoever was told of it wants to
        know that it ended.
        """
        if shutdown.status in ("merged", "retracted"):
            return True
        return (
            _within(shutdown.happened, self.happened)
            and _within(shutdown.on_purpose, self.on_purpose)
            and _within(shutdown.probability, self.probability)
        )


#: All shutdowns.
EVERY = Thresholds()


def read_bounds(text: str) -> Bounds:
    """Read bounds: `0.8` is at least that much, `..0.3` at most, `0.2..0.5` both.

    Raises:
        ValueError: the text is none of these, or the bounds leave nothing.

    >>> read_bounds("0.8"), read_bounds("..0.3")
    (Bounds(least=0.8, most=1.0), Bounds(least=0.0, most=0.3))
    """
    least, dots, most = text.strip().partition("..")
    found = Bounds(_share(least, 0.0) if dots else float(least), _share(most, 1.0))
    if not 0.0 <= found.least <= found.most <= 1.0:
        raise ValueError("bounds are from 0 to 1, the lower one first")
    return found


def _share(text: str, default: float) -> float:
    return float(text) if text.strip() else default


def _within(value: float | None, bounds: Bounds) -> bool:
    if bounds == ANY:
        return True
    return value is not None and bounds.least <= value <= bounds.most
