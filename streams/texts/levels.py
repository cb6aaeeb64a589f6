"""Shares of ordinary levels: "connectivity is at 4% of ordinary levels", "упала до 20% от обычного уровня"."""

from __future__ import annotations

from collections.abc import Sequence

from streams.texts.lexicon import Hit
from streams.texts.tokens import Sentence

#: Signs of per cent, in any script.
_PERCENT = ("%", "٪", "﹪", "％")

#: Words between a share and what it is a share of.
REACH = 6


def level(sentence: Sentence, levels: Sequence[Hit]) -> tuple[int, Hit] | None:
    """Return the share of ordinary levels that a sentence tells, in per cent, and the words for the levels.

    Of "from 98% to 4% of ordinary levels" the last one counts: it is where things stand.
    """
    tokens = sentence.tokens
    for hit in levels:
        for at in (*range(hit.first - 1, hit.first - 1 - REACH, -1), *range(hit.last + 1, hit.last + 1 + REACH)):
            if 0 <= at < len(tokens):
                number = tokens[at].number
                if number is not None and number <= 100 and _is_share(sentence, at):
                    return number, hit
    return None


def _is_share(sentence: Sentence, at: int) -> bool:
    """Whether a number is written with a sign of per cent, before or behind."""
    tokens = sentence.tokens
    behind = tokens[at + 1].gap if at + 1 < len(tokens) else sentence.tail
    before = tokens[at].gap
    return behind.strip().startswith(_PERCENT) or before.endswith(_PERCENT)
