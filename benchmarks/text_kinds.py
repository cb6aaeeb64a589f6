"""How well texts of the hard kinds are read: persons, sites, speakers, comments, announcements, times, ends.

    python benchmarks/text_kinds.py [--half tune|hold] [--misses]

The set stands in tests/texts/kinds.tsv, each text with the moment of its publication, the country where its
source is at home, and its right reading. `expect` is `report`, `announced`, `restored` or `none`. Half of the
texts, chosen by a checksum of their words, is held apart from fitting. `pub` is the moment of publication, `-` no
moment, and an empty cell is not compared.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streams.geography import country_place, find_places, read_moment
from streams.texts import TextReading, read_text

KINDS = Path(__file__).parents[1] / "tests" / "texts" / "kinds.tsv"

PARTS = ("where", "when", "what")


@dataclass(frozen=True, slots=True)
class Marked:
    """A text and its right reading."""

    half: str
    kind: str
    language: str
    published: str
    home: str
    expect: str
    country: str
    places: str
    extent: str
    networks: str
    start: str
    end: str
    text: str

    @property
    def published_s(self) -> int:
        """The moment of publication, Unix seconds."""
        return int(dt.datetime.fromisoformat(self.published + "Z").timestamp())


def marked(path: Path = KINDS) -> list[Marked]:
    """Read the marked set."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [Marked(**row) for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)]


def read(one: Marked) -> TextReading:
    """Read a marked text."""
    return read_text(one.text, one.published_s, one.home or None)


def told(reading: TextReading) -> str:
    """Return the class of a reading: `report`, `announced`, `restored` or `none`."""
    if reading.verdict != "report":
        return "none"
    return reading.about if reading.about in ("announced", "restored") else "report"


def misses(one: Marked, reading: TextReading) -> list[str]:
    """Return what of a reading is not as marked: `report`, or parts of `PARTS`."""
    if told(reading) != one.expect:
        return ["report"]
    if one.expect == "none":
        return []
    found = []
    if (reading.country, _places(reading)) != (one.country, _wanted(one)):
        found.append("where")
    zone = reading.places[0].time_zone if reading.places else _zone(reading.country)
    start = reading.start if one.expect != "restored" else ""
    if not (_same(one.start, start, zone, one.published) and _same(one.end, reading.end, zone, one.published)):
        found.append("when")
    networks = ",".join(reading.networks)
    if (one.extent and reading.extent != one.extent) or (one.networks and networks != one.networks):
        found.append("what")
    return found


def _places(reading: TextReading) -> set[str]:
    names = {place.name for place in reading.places}
    return names or {reading.scope or ""}


def _wanted(one: Marked) -> set[str]:
    """Return the names of the marked places as the gazetteer writes them."""
    names = set()
    for name in one.places.split(","):
        found = find_places(name, one.country).places if name != "national" else ()
        names.add(found[0].place.name if found else name)
    return names


def _zone(country: str) -> str:
    return country_place(country).time_zone if country else "UTC"


def _same(wanted: str, moment: str, zone: str, published: str) -> bool:
    if not wanted:
        return True
    if wanted == "-":
        return not moment
    if not moment:
        return False
    wanted = f"{published}Z" if wanted == "pub" else wanted
    return ("T" in wanted) == ("T" in moment) and read_moment(wanted, zone)[0] == read_moment(moment, zone)[0]


def score(
    set_: Iterable[Marked], by: str = "kind"
) -> tuple[dict[str, Counter[str]], list[tuple[Marked, list[str]]]]:
    """Count hits and misses by kind (or language) and in all; return what was missed as well."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed = []
    for one in set_:
        reading = read(one)
        wrong = misses(one, reading)
        if wrong:
            missed.append((one, wrong))
        wanted, found = one.expect != "none", told(reading) != "none"
        right = "report" not in wrong
        for key in (getattr(one, by), "all"):
            count = counts[key]
            count["texts"] += 1
            count["hit"] += wanted and right
            count["false"] += found and not right
            count["missed"] += wanted and not right
            for part in PARTS:
                count[part] += wanted and right and part not in wrong
    return counts, missed


def table(counts: dict[str, Counter[str]], by: str = "kind") -> str:
    """Format the counts as a table in Markdown."""
    lines = [f"| {by} | texts | precision | recall | where | when | what |", "|---|---|---|---|---|---|---|"]
    for key in sorted(counts, key=lambda one: (one == "all", one)):
        count = counts[key]
        cells = [
            key,
            str(count["texts"]),
            _share(count["hit"], count["hit"] + count["false"]),
            _share(count["hit"], count["hit"] + count["missed"]),
            *(_share(count[part], count["hit"]) for part in PARTS),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=["tune", "hold"], help="only this half of the set")
    parser.add_argument("--by", choices=["kind", "language"], default="kind", help="a line for each of these")
    parser.add_argument("--misses", action="store_true", help="list what was read otherwise than marked")
    given = parser.parse_args()
    for half in [given.half] if given.half else ["tune", "hold"]:
        counts, missed = score((one for one in marked() if one.half == half), given.by)
        sys.stdout.write(f"\n{half}\n\n{table(counts, given.by)}\n")
        for one, wrong in missed if given.misses else ():
            sys.stdout.write(f"\n{', '.join(wrong)}: {one}\n  {read(one)}\n")


if __name__ == "__main__":
    main()
