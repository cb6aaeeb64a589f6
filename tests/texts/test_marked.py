"""The marked texts: what was marked by hand, and what the reading makes of it (docs/TEXTS.md has the table)."""

from __future__ import annotations

import pytest

from benchmarks.texts import marked, score


@pytest.mark.parametrize("half", ["tune", "hold"])
def test_precision_and_recall(half: str) -> None:
    texts = [one for one in marked() if one.half == half]
    assert len(texts) > 100
    counts, missed = score(texts)
    of_all = counts["all"]
    words = "\n".join(f"{', '.join(wrong)}: {one.text} -> {reading}" for one, reading, wrong in missed)
    assert of_all["hit"] / (of_all["hit"] + of_all["false"]) >= 0.95, words
    assert of_all["hit"] / (of_all["hit"] + of_all["missed"]) >= 0.95, words
    for part in ("where", "when", "what"):
        assert of_all[f"{part} right"] / of_all[f"{part} marked"] >= 0.9, words


def test_the_set_is_what_the_docs_say_it_is() -> None:
    texts = marked()
    assert len(texts) >= 200
    assert len({one.language for one in texts}) >= 8
    assert len({one.text for one in texts}) == len(texts)
    for half in ("tune", "hold"):
        assert {one.reports for one in texts if one.half == half} == {True, False}
