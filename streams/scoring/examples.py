"""What the model is fitted on and measured by: outages whose cause was looked into by hand, with their features.

The cause is read here and nowhere else: it is the answer. The features are what the engine itself made of the same
lists, read from the contributions of the shutdown that each outage ended in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.scoring.features import FEATURES
from streams.scoring.model import Model, Scorer
from topics import Shutdown

#: Causes by which an outage was on purpose, as IODA's list writes them.
ON_PURPOSE = frozenset({"government-ordered", "exams"})

#: Causes that say that nobody found out.
NOT_KNOWN = frozenset({"", "unknown"})


@dataclass(frozen=True, slots=True)
class Example:
    """One outage of the list: what the engine made of it, and whether it was on purpose.

    `features` are in the order of `FEATURES`. `known` is whether the list names any cause: an outage of unknown
    cause counts as not on purpose.
    """

    outage: str
    country: str
    from_s: int
    cause: str
    features: tuple[float, ...]
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
            base=0.0,
            log_odds={feature.name: float(feature.sign) for feature in FEATURES},
            prior="",
            rows=0,
            positive=0,
            fitted_on=(),
        )
    )


def examples(shutdowns: Iterable[Shutdown], causes: Mapping[str, str]) -> list[Example]:
    """The outages of `causes` (cause by id of the outage) as the shutdowns of a `measuring_scorer` have them.

    An outage that several shutdowns list is that of the one with most for it. By begin and id.
    """
    found: dict[str, Example] = {}
    for shutdown in shutdowns:
        measured = {one.feature: one.value for one in shutdown.contributions}
        features = tuple(measured.get(feature.name, 0.0) for feature in FEATURES)
        for piece in shutdown.evidence:
            if piece.id not in causes:
                continue
            one = Example(piece.id, shutdown.country, piece.from_s, causes[piece.id], features, shutdown)
            other = found.get(piece.id)
            if other is None or sum(one.features) > sum(other.features):
                found[piece.id] = one
    return sorted(found.values(), key=lambda one: (one.from_s, one.outage))
