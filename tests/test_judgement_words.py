"""Probabilities, explanations and reasons in words."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from streams.judgement_words import (
    EXPLANATION_WORDS,
    both_words,
    competing,
    denials,
    explained,
    own_reasons,
    share_words,
)
from tests.api.served import EXAMPLE
from topics import Explanation, Reason
from topics.evidence import CauseKind

POWER = Explanation(kind="power", words="a line failed", source="KEGOC", lineage="kegoc", id="cause/1")
DENIAL = Explanation(kind="denial", words="it denies it", source="the ministry", lineage="ministry", id="claim/1")


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "below 0.01"), (0.01, "0.01"), (0.5, "0.50"), (0.99, "0.99"), (0.9999, "above 0.99")],
)
def test_a_probability_says_no_more_than_is_known(share: float, words: str) -> None:
    assert share_words(share) == words


def test_both_probabilities_are_named_and_unknown_ones_are_not() -> None:
    shutdown = replace(EXAMPLE, happened=0.97, on_purpose=0.31)
    assert both_words(shutdown) == "happened 0.97, on purpose 0.31"
    assert both_words(replace(shutdown, on_purpose=None)) == "happened 0.97"
    assert both_words(replace(shutdown, happened=None, on_purpose=None)) == ""


def test_every_kind_of_explanation_has_words() -> None:
    assert EXPLANATION_WORDS.keys() == {*get_args(CauseKind), "denial"}


def test_an_explanation_says_what_and_who_and_a_denial_is_no_cause() -> None:
    shutdown = replace(EXAMPLE, explanations=(POWER, DENIAL))
    assert explained(POWER) == "power cut: a line failed (KEGOC)"
    assert explained(DENIAL).startswith("denied: ")
    assert (competing(shutdown), denials(shutdown)) == ([POWER], [DENIAL])


def test_only_reasons_that_repeat_explanations_are_left_out() -> None:
    def reason(evidence: tuple[str, ...], detail: str | None = "competing-explanation") -> Reason:
        return Reason(code="agrees-in-time-and-place", detail=detail, rule="r/1", words="…", evidence=evidence)

    verdict, repeated, other = reason(("outage/1",)), reason(("cause/1",)), reason(("cause/1",), None)
    shutdown = replace(EXAMPLE, explanations=(POWER,), why=(verdict, repeated, other))
    assert own_reasons(shutdown) == [verdict, other]
