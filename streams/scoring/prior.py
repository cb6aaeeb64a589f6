"""What is believed of each coefficient before any data is seen, read from `prior.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from streams.scoring.features import FEATURES
from topics import digest


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal distribution of a coefficient, and why it is that one."""

    mean: float
    spread: float
    why: str


@dataclass(frozen=True, slots=True)
class Prior:
    """Beliefs of the base and of every feature, in the order of `FEATURES`."""

    base: Belief
    features: tuple[Belief, ...]

    @property
    def fingerprint(self) -> str:
        """Of all means and spreads, 12 hex digits."""
        return digest([[one.mean, one.spread] for one in (self.base, *self.features)])[:12]


@cache
def default_prior() -> Prior:
    """The beliefs that ship with the package."""
    tables = tomllib.loads((resources.files(__package__) / "prior.toml").read_text())
    beliefs = {name: Belief(**table) for name, table in tables.items()}
    return Prior(beliefs["base"], tuple(beliefs[feature.name] for feature in FEATURES))
