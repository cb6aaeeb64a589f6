"""What is believed of each coefficient before any data is seen, read from `prior.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from streams.scoring.features import FEATURES
from topics import digest
from topics.shutdowns import Question


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal distribution of a coefficient, and why it is that one."""

    mean: float
    spread: float
    why: str


@dataclass(frozen=True, slots=True)
class Prior:
    """Beliefs of the base and of every feature of both questions, in the order of `FEATURES`."""

    bases: dict[Question, Belief]
    features: dict[Question, tuple[Belief, ...]]

    @property
    def fingerprint(self) -> str:
        """Of all means and spreads, 12 hex digits."""
        every = [one for question in FEATURES for one in (self.bases[question], *self.features[question])]
        return digest([[one.mean, one.spread] for one in every])[:12]


@cache
def default_prior() -> Prior:
    """The beliefs that ship with the package."""
    tables = tomllib.loads((resources.files(__package__) / "prior.toml").read_text())
    beliefs = {
        question: {name: Belief(**table) for name, table in tables[question].items()} for question in FEATURES
    }
    return Prior(
        {question: beliefs[question]["base"] for question in FEATURES},
        {
            question: tuple(beliefs[question][one.name] for one in features)
            for question, features in FEATURES.items()
        },
    )
