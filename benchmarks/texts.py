"""How well texts are read, and how fast: precision and recall on the marked set, and texts a second.

    python benchmarks/texts.py [--half tune|hold] [--misses] [--seconds 3]

The set stands in tests/texts/marked.tsv: `tune` is the half that words and weights were chosen on, `hold` the
half held apart. All are read as if published at one moment, 21 September 2022, 12:30 UTC, a Wednesday.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streams.geography import find_places
from streams.texts import TextReading, read_text

MARKED = Path(__file__).parents[1] / "tests" / "texts" / "marked.tsv"
PUBLISHED_S = 1_663_763_400


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and what a reader of it marked: whether it reports, where (names), since when, what."""

    half: str
    language: str
    reports: bool
    where: tuple[str, ...]
    when: str
    what: str
    text: str


def marked(path: Path = MARKED) -> list[Marked]:
    """The marked set."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Marked(
                row["half"],
                row["language"],
                row["report"] == "yes",
                tuple(name for name in row["where"].split(",") if name),
                row["when"],
                row["what"],
                row["text"],
            )
            for row in rows
        ]


def misses(one: Marked, reading: TextReading) -> list[str]:
    """What of a reading is not as marked."""
    found = []
    if _reports(reading) is not one.reports:
        found.append("report")
    if not one.reports or found:
        return found
    places = {place.name for place in reading.places} or {reading.country}
    wanted = {name if len(name) == 2 else _known(name, reading.country) for name in one.where}
    if one.where and places != wanted:
        found.append("where")
    if one.when and reading.start != one.when:
        found.append("when")
    if one.what and _what(reading) != one.what:
        found.append("what")
    return found


def _reports(reading: TextReading) -> bool:
    """Whether a text says that it is or was down: not what is announced, or only says that it is back."""
    return reading.verdict == "report" and reading.about not in ("announced", "restored")


def _known(name: str, country: str) -> str:
    """A marked name as the map writes it."""
    places = find_places(name, country or None).places
    return places[0].place.name if places else name


def _what(reading: TextReading) -> str:
    return {"throttling": "slow", "service": "service"}.get(reading.extent or "", "full" if reading.extent else "")


def score(set_: Iterable[Marked]) -> tuple[dict[str, Counter[str]], list[tuple[Marked, TextReading, list[str]]]]:
    """Counts by language (and `all`), and what was missed."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed = []
    for one in set_:
        reading = read_text(one.text, PUBLISHED_S)
        wrong = misses(one, reading)
        if wrong:
            missed.append((one, reading, wrong))
        said = _reports(reading)
        for key in (one.language, "all"):
            count = counts[key]
            count["texts"] += 1
            count["hit" if said and one.reports else "false" if said else "missed" if one.reports else "left"] += 1
            count["unsure"] += reading.verdict == "unsure"
            for part in ("where", "when", "what"):
                told = bool(getattr(one, part)) and said and one.reports
                count[f"{part} marked"] += told
                count[f"{part} right"] += told and part not in wrong
    return counts, missed


def table(counts: dict[str, Counter[str]]) -> str:
    """The counts as a table in Markdown."""
    lines = [
        "| language | texts | precision | recall | unsure | where | when | what |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for key in sorted(counts, key=lambda one: (one == "all", one)):
        count = counts[key]
        cells = [
            key,
            str(count["texts"]),
            _share(count["hit"], count["hit"] + count["false"]),
            _share(count["hit"], count["hit"] + count["missed"]),
            str(count["unsure"]),
            *(_share(count[f"{part} right"], count[f"{part} marked"]) for part in ("where", "when", "what")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"


def speed(set_: list[Marked], seconds: float) -> float:
    """Texts a second, in one process, over the whole set again and again."""
    for one in set_:
        read_text(one.text, PUBLISHED_S)
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        for one in set_:
            read_text(one.text, PUBLISHED_S)
        count += len(set_)
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=["tune", "hold"], help="only this half of the set")
    parser.add_argument("--misses", action="store_true", help="list what was read otherwise than marked")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to measure the speed; 0: not")
    given = parser.parse_args()
    set_ = marked()
    for half in [given.half] if given.half else ["tune", "hold"]:
        counts, missed = score(one for one in set_ if one.half == half)
        sys.stdout.write(f"\n{half}\n\n{table(counts)}\n")
        for one, reading, wrong in missed if given.misses else ():
            sys.stdout.write(
                f"\n{', '.join(wrong)}: {one.text}\n  {one.where} {one.when} {one.what}\n  {reading}\n"
            )
    if given.seconds:
        sys.stdout.write(f"\n{speed(set_, given.seconds):,.0f} texts/s\n")


if __name__ == "__main__":
    main()
