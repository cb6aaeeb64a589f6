"""The model: a logistic regression whose coefficients are data, read from one versioned file.

log-odds = base + the sum of each feature's value times its coefficient; probability = 1 / (1 + exp(-log-odds)).
Coefficients of what speaks for a shutdown are at least 0, of what speaks against it at most 0: so more
support never lowers the probability, and contradiction never raises it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import orjson

from streams.errors import UNREADABLE, StreamsError
from streams.scoring.features import FEATURES, Facts
from topics import Contribution, digest

#: No probability is said nearer to 0 or 1 than this: no model knows so much.
LEAST = 1e-4

BASE_WORDS = "before anything else is known of a drop or a claim"


class ModelError(StreamsError):
    """A model file that can't be used; the message says what is wrong with it."""


class Fitted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that a model was fitted on."""

    file: str
    sha256: str
    rows: int


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coefficients by feature, and where they are from. `rows` are the outages fitted on, `positive` of them cuts
    on purpose; `prior` is the fingerprint of what was believed beforehand."""

    name: str
    version: int
    base: float
    log_odds: dict[str, float]
    prior: str
    rows: int
    positive: int
    fitted_on: tuple[Fitted, ...]

    @property
    def reference(self) -> str:
        """Name, version and fingerprint of the coefficients, as shutdowns cite it."""
        return f"{self.name}/{self.version}-{digest([self.base, sorted(self.log_odds.items())])[:12]}"


@dataclass(frozen=True, slots=True)
class Score:
    """A probability with what each feature adds to its log-odds, and the model that says so."""

    probability: float
    contributions: tuple[Contribution, ...]
    model: str


class Scorer:
    """A model made ready to score with."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.reference = model.reference
        self._base = Contribution(feature="base", value=1.0, log_odds=model.base, words=BASE_WORDS)
        self._terms = tuple((feature, model.log_odds[feature.name]) for feature in FEATURES)

    def score(self, facts: Facts) -> Score:
        """The probability that a shutdown happened and was on purpose, explained."""
        found = [self._base]
        total = self._base.log_odds
        for feature, coefficient in self._terms:
            value = feature.measure(facts)
            if not value or not coefficient:
                continue
            log_odds = round(value * coefficient, 4)
            total += log_odds
            found.append(
                Contribution(
                    feature=feature.name, value=round(value, 4), log_odds=log_odds, words=feature.tell(facts)
                )
            )
        probability = min(1 - LEAST, max(LEAST, round(logistic(total), 4)))
        return Score(probability, tuple(found), self.reference)

    def log_odds(self, features: Mapping[str, float]) -> float:
        """The log-odds of features that were measured before."""
        return self.model.base + sum(features[feature.name] * coefficient for feature, coefficient in self._terms)


def logistic(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else 1 - 1 / (1 + math.exp(log_odds))


def load_model(path: Path | None = None) -> Model:
    """The model that ships with the package, or that of a file.

    Raises:
        ModelError: the file can't be read, or lacks a feature, has one that nobody knows, or one that counts
            the wrong way.
    """
    where = str(path or "the model of this package")
    try:
        text = path.read_bytes() if path else (resources.files(__package__) / "model.json").read_bytes()
        model = msgspec.json.decode(text, type=Model)
    except OSError as error:
        raise ModelError(f"{where}: {error.strerror or error}") from error
    except UNREADABLE as error:
        raise ModelError(f"{where}: {error}") from error
    known = {feature.name: feature.sign for feature in FEATURES}
    if model.log_odds.keys() != known.keys():
        odd = ", ".join(sorted(model.log_odds.keys() ^ known.keys()))
        raise ModelError(f"{where}: needs one coefficient for each feature and no other: {odd}")
    wrong = [name for name, sign in known.items() if model.log_odds[name] * sign < 0]
    if wrong:
        raise ModelError(f"{where}: counts the wrong way: {', '.join(wrong)}. More support must never lower.")
    return model


def dump_model(model: Model) -> bytes:
    """A model as its file has it: the same bytes for the same model."""
    content: dict[str, Any] = msgspec.to_builtins(model)
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@cache
def default_scorer() -> Scorer:
    """The model that ships with the package, ready to score with."""
    return Scorer(load_model())
