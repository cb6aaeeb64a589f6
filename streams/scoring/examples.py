"""What the model is fitted on and measured by: outages whose cause was looked into by hand, with their features.

The cause is read here and nowhere else: it is the answer. The features are what the engine itself made of the same
lists, read from the contributions of the shutdown that each outage ended in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.scoring.features import FEATURES
from streams.scoring.model import Model, Part, Scorer
from topics import Shutdown
from topics.shutdowns import Question

#: Causes by which an outage was on purpose, as IODA's list writes them.
ON_PURPOSE = frozenset({"government-ordered", "exams"})

#: Causes that say that nobody found out.
NOT_KNOWN = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Example:
    """One outage of the list: what the engine made of it, and whether it was on purpose.

    `features` are in the order of `ON_PURPOSE`, `happened` those of the other question by name. `known` is whether
    the list names any cause: an outage of unknown cause counts as not on purpose."""

    outage: str
    country: str
    from_s: int
    cause: str
    features: tuple[float, ...]
    happened: dict[str, float]
    shutdown: Shutdown

    @property
    def positive(self) -> bool:
        return self.cause.casefold() in ON_PURPOSE

    @property
    def known(self) -> bool:
        return self.cause.casefold() not in NOT_KNOWN


def measuring_scorer() -> Scorer:
    """A scorer whose coefficients are all 1 (or -1): its contributions hold every feature that is not 0."""
    return Scorer(
        Model(
            name="measure",
            version=1,
            happened=_ones("happened"),
            on_purpose=_ones("on-purpose"),
            prior="",
            rows=0,
            positive=0,
            fitted_on=(),
        )
    )


def _ones(question: Question) -> Part:
    return Part(base=0.0, log_odds={feature.name: float(feature.sign) for feature in FEATURES[question]})


def measured_features(shutdown: Shutdown, question: Question) -> dict[str, float]:
    """The features of a shutdown that a `measuring_scorer` scored, by name; 0 where it lists none."""
    found = {one.feature: one.value for one in shutdown.contributions if one.question == question}
    return {feature.name: found.get(feature.name, 0.0) for feature in FEATURES[question]}


def examples(shutdowns: Iterable[Shutdown], causes: Mapping[str, str]) -> list[Example]:
    """The outages of `causes` (cause by id of the outage) as the shutdowns of a `measuring_scorer` have them.

    An outage that several shutdowns list is that of the one with most for it. By begin and id.
    """
    found: dict[str, Example] = {}
    for shutdown in shutdowns:
        features = tuple(measured_features(shutdown, "on-purpose").values())
        happened = measured_features(shutdown, "happened")
        for piece in shutdown.evidence:
            if piece.id not in causes:
                continue
            one = Example(piece.id, shutdown.country, piece.from_s, causes[piece.id], features, happened, shutdown)
            other = found.get(piece.id)
            if other is None or sum(one.features) > sum(other.features):
                found[piece.id] = one
    return sorted(found.values(), key=lambda one: (one.from_s, one.outage))
