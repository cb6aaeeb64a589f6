"""The marked sentences: how many places are found, how many of those found are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.geography import find_places
from streams.geography.evaluation import sentences
from streams.geography.evaluation.sentences import Mark, Score

FILES = sorted(Path(__file__).with_name("sentences").glob("*.tsv"))


def test_there_are_three_hundred_in_fourteen_languages() -> None:
    all_of_them = [sentence for file in FILES for sentence in sentences.read(file)]
    assert len(all_of_them) >= 300
    assert len({sentence.text for sentence in all_of_them}) == len(all_of_them)
    assert len({sentence.language for sentence in all_of_them}) >= 14
    assert sum(not sentence.marks for sentence in all_of_them) >= 25, "sentences without any place, to be wrong on"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_recall_and_precision(file: Path) -> None:
    total = Score()
    for sentence in sentences.read(file):
        sentences.score(sentence, total)
    assert total.recall >= 0.90, total.wrong
    assert total.precision >= 0.95, total.wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_offsets_are_those_of_the_text(file: Path) -> None:
    for sentence in sentences.read(file):
        for found in find_places(sentence.text):
            assert sentence.text[found.start : found.end] == found.name
            assert 0 < found.confidence < 1
            assert found.key == found.place.key


def test_marks_are_read() -> None:
    sentence = sentences.parse("en", "From [Almaty](KZ/@1526384) to [Kyrgyzstan](KG).")
    assert sentence.text == "From Almaty to Kyrgyzstan."
    assert sentence.marks == (Mark(5, 11, "KZ/@1526384"), Mark(15, 25, "KG"))


def test_a_miss_and_a_wrong_place_count_against() -> None:
    total = Score()
    sentences.score(sentences.parse("en", "In [Almaty](RU/@524901) nothing works."), total)
    assert (total.marked, total.found, total.right) == (1, 1, 0)
    assert len(total.wrong) == 1
    assert (total.recall, total.precision) == (0, 0)
