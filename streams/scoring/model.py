"""The model: two logistic regressions whose coefficients are data, read from one versioned file.

For each question: log-odds = base + the sum of each feature's value times its coefficient, and the answer is
1 / (1 + exp(-log-odds)). The probability is the product of both: it happened, and it was on purpose. Coefficients
of what speaks for a shutdown are at least 0, of what speaks against it at most 0: so more support never lowers the
probability, and contradiction never raises it.
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
from streams.scoring.features import FEATURES, Facts, Feature
from topics import Contribution, digest
from topics.shutdowns import Question

#: No probability is said nearer to 0 or 1 than this: no model knows so much.
LEAST = 1e-4

#: So many contributions are kept to be used again.
TOLD = 4_096

BASE_WORDS: dict[Question, str] = {
    "happened": "before anything else is known of a drop or a claim",
    "on-purpose": "before anything else is known of what happened",
}


class ModelError(StreamsError):
    """A model file that can't be used; the message says what is wrong with it."""


class Fitted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that a model was fitted on."""

    file: str
    sha256: str
    rows: int


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The coefficients of one question, by feature."""

    base: float
    log_odds: dict[str, float]


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coefficients by question and feature, and where they are from. `rows` are the outages fitted on, `positive`
    of them cuts on purpose; `prior` is the fingerprint of what was believed beforehand."""

    name: str
    version: int
    happened: Part
    on_purpose: Part
    prior: str
    rows: int
    positive: int
    fitted_on: tuple[Fitted, ...]

    @property
    def reference(self) -> str:
        """Name, version and fingerprint of the coefficients, as shutdowns cite it."""
        content = [[part.base, sorted(part.log_odds.items())] for part in (self.happened, self.on_purpose)]
        return f"{self.name}/{self.version}-{digest(content)[:12]}"

    def part(self, question: Question) -> Part:
        """The coefficients of a question."""
        return self.happened if question == "happened" else self.on_purpose


@dataclass(frozen=True, slots=True)
class Score:
    """Both answers and their product, with what each feature adds to the log-odds, and the model that says so."""

    happened: float
    on_purpose: float
    contributions: tuple[Contribution, ...]
    model: str

    @property
    def probability(self) -> float:
        """That it happened, and on purpose."""
        return bounded(self.happened * self.on_purpose)


class Scorer:
    """A model made ready to score with."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.reference = model.reference
        #: Contributions made before, whose words depend on nothing but the value: most features have few.
        self._told: dict[tuple[Question, str, float], Contribution] = {}
        self._parts: dict[Question, tuple[Contribution, tuple[tuple[Feature, float], ...]]] = {
            question: _prepared(question, model.part(question)) for question in FEATURES
        }

    def score(self, facts: Facts) -> Score:
        """How likely it is that a shutdown happened, and that it was on purpose, explained."""
        happened, why = self._answer("happened", facts)
        on_purpose, also = self._answer("on-purpose", facts)
        return Score(happened, on_purpose, (*why, *also), self.reference)

    def _answer(self, question: Question, facts: Facts) -> tuple[float, list[Contribution]]:
        base, terms = self._parts[question]
        found = [base]
        total = base.log_odds
        for feature, coefficient in terms:
            value = feature.measure(facts)
            if not value:
                continue
            key = question, feature.name, value
            told = self._told.get(key)
            if told is None:
                told = Contribution(
                    feature=feature.name,
                    value=round(value, 4),
                    log_odds=round(value * coefficient, 4),
                    words=feature.tell(facts),
                    question=question,
                )
                if isinstance(feature.words, str) and len(self._told) < TOLD:
                    self._told[key] = told
            total += told.log_odds
            found.append(told)
        return bounded(logistic(total)), found

    def answer(self, question: Question, features: Mapping[str, float]) -> float:
        """The answer to a question by features that were measured before."""
        part = self.model.part(question)
        total = part.base + sum(features[one.name] * part.log_odds[one.name] for one in FEATURES[question])
        return bounded(logistic(total))


def _prepared(question: Question, part: Part) -> tuple[Contribution, tuple[tuple[Feature, float], ...]]:
    """The base of a question, and its features with their coefficients. What has none is never told of."""
    base = Contribution(
        feature="base", value=1.0, log_odds=part.base, words=BASE_WORDS[question], question=question
    )
    return base, tuple((one, part.log_odds[one.name]) for one in FEATURES[question] if part.log_odds[one.name])


def bounded(probability: float) -> float:
    """A probability as it is said: to 4 digits, and never nearer to 0 or 1 than `LEAST`."""
    return min(1 - LEAST, max(LEAST, round(probability, 4)))


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
    for question, features in FEATURES.items():
        _require_features(where, question, {one.name: one.sign for one in features}, model.part(question).log_odds)
    return model


def _require_features(where: str, question: Question, known: dict[str, int], given: dict[str, float]) -> None:
    if given.keys() != known.keys():
        odd = ", ".join(sorted(given.keys() ^ known.keys()))
        raise ModelError(f"{where}: `{question}` needs one coefficient for each feature and no other: {odd}")
    wrong = [name for name, sign in known.items() if given[name] * sign < 0]
    if wrong:
        raise ModelError(
            f"{where}: `{question}` counts the wrong way: {', '.join(wrong)}. More support must never lower."
        )


def dump_model(model: Model) -> bytes:
    """A model as its file has it: the same bytes for the same model."""
    content: dict[str, Any] = msgspec.to_builtins(model)
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@cache
def default_scorer() -> Scorer:
    """The model that ships with the package, ready to score with."""
    return Scorer(load_model())
