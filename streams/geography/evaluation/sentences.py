"""Sentences with every place marked, and what is found in them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from streams.geography.relations import distance_km
from streams.geography.texts import Found, find_places

SCRIPTS = {
    "en": "Latin", "fr": "Latin", "es": "Latin", "tr": "Latin", "ru": "Cyrillic", "uk": "Cyrillic",
    "be": "Cyrillic", "kk": "Cyrillic", "ar": "Arabic", "fa": "Arabic", "ur": "Arabic", "hi": "Devanagari",
    "bn": "Bengali", "my": "Burmese", "am": "Ethiopic", "zh": "Han",
}  # fmt: skip

#: A city and the district around it, or GeoNames' two entries for one town, are one answer.
SAME_KM = 25.0
_MARK = re.compile(r"\[([^\[\]]+)\]\(([^()]+)\)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place marked in a sentence: its offsets and its key."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without its marks, and the marks."""

    language: str
    text: str
    marks: tuple[Mark, ...]


@dataclass(slots=True)
class Score:
    """Counts of places marked, found, found rightly, and found at just the marked letters."""

    marked: int = 0
    found: int = 0
    right: int = 0
    exact: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of the marked places that are found."""
        return self.right / self.marked if self.marked else 1.0

    @property
    def precision(self) -> float:
        """The share of what is found that is right."""
        return self.right / self.found if self.found else 1.0


def read(file: Path) -> list[Sentence]:
    """The sentences of a file: a language and a text with marks `[as written](key)` a line."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, marked = line.split("\t")
            found.append(parse(language, marked))
    return found


def parse(language: str, marked: str) -> Sentence:
    """One sentence with its marks taken out."""
    text, marks, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        marks.append(Mark(len(text), len(text) + len(match.group(1)), match.group(2)))
        text += match.group(1)
        at = match.end()
    return Sentence(language, text + marked[at:], tuple(marks))


def agrees(found: Found, key: str) -> bool:
    """Whether a place found is the one of a key."""
    if found.place.key == key:
        return True
    if found.place.kind != "city" or "/@" not in key:
        return False
    from streams.geography.finding import city_place

    meant = city_place(int(key.partition("@")[2]))
    return meant is not None and key[:2] == found.place.country and distance_km(meant, found.place) <= SAME_KM


def score(sentence: Sentence, into: Score) -> None:
    """Read one sentence and count."""
    found = list(find_places(sentence.text))
    left = list(found)
    into.marked += len(sentence.marks)
    into.found += len(found)
    missed = []
    for mark in sentence.marks:
        hit = next((f for f in left if f.start < mark.end and mark.start < f.end and agrees(f, mark.key)), None)
        if hit is None:
            missed.append(f"{sentence.text[mark.start : mark.end]} ({mark.key})")
            continue
        left.remove(hit)
        into.right += 1
        into.exact += (hit.start, hit.end) == (mark.start, mark.end)
    if missed or left:
        extra = [f"{f.name} ({f.place.key} {f.place.name})" for f in left]
        into.wrong.append(f"{sentence.text}\n    missed: {', '.join(missed)}\n    extra: {', '.join(extra)}")


def report(files: list[Path], wrong: int = 0) -> str:
    """Recall and precision overall, by script and by language, as a table of text."""
    lines = []
    for file in files:
        total: dict[str, Score] = defaultdict(Score)
        sentences = read(file)
        for sentence in sentences:
            for name in ("all", SCRIPTS[sentence.language], sentence.language):
                score(sentence, total[name])
        lines.append(f"{file.name}: {len(sentences)} sentences, {len({s.language for s in sentences})} languages")
        lines.append(
            f"{'':12s}{'marked':>8s}{'found':>8s}{'right':>8s}{'recall':>9s}{'precision':>11s}{'exact':>8s}"
        )
        for name, one in sorted(total.items(), key=lambda item: (len(item[0]) == 2, item[0] != "all", item[0])):
            share = one.exact / one.right if one.right else 1.0
            lines.append(
                f"{name:12s}{one.marked:8d}{one.found:8d}{one.right:8d}"
                f"{one.recall:9.1%}{one.precision:11.1%}{share:8.1%}"
            )
        lines += total["all"].wrong[:wrong]
    return "\n".join(lines) + "\n"
