"""The locations of Mass Mobilization's rows, as coders wrote them."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path

from streams.geography.areas import Area, read_area
from streams.geography.countries import country_code

SEED = 20190901


def read(file: Path) -> list[tuple[str, str, Area]]:
    """Country, text and what is read of it, of each row that has a location."""
    found = []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            country, text = country_code(row["country"]), (row["location"] or "").strip()
            if country and text:
                found.append((country, text, read_area(text, country)))
    return found


def report(files: list[Path], wrong: int = 0) -> str:
    """The share located by country; `wrong` shows so many rows, drawn at random, to be checked by hand."""
    lines = []
    for file in files:
        rows = read(file)
        by_country: dict[str, list[Area]] = defaultdict(list)
        for country, _, area in rows:
            by_country[country].append(area)
        lines.append(f"{file.name}: {len(rows)} rows with a location")
        lines.append(_line("all", [area for _, _, area in rows]))
        lines += [
            _line(code, its) for code, its in sorted(by_country.items(), key=lambda one: (-len(one[1]), one[0]))
        ]
        for country, text, area in random.Random(SEED).sample(rows, min(wrong, len(rows))):  # noqa: S311
            places = ", ".join(f"{place.name} ({place.key})" for place in area.places) or "none"
            whole = ", nationwide" if area.nationwide else ""
            lines.append(f"{country}: {text!r} -> {places}{whole}; not found: {list(area.unresolved)}")
    return "\n".join(lines) + "\n"


def _line(name: str, areas: list[Area]) -> str:
    located = sum(bool(area.places or area.nationwide) for area in areas)
    complete = sum(bool(area.places or area.nationwide) and not area.unresolved for area in areas)
    return (
        f"{name:8s}{len(areas):6d} rows{located / len(areas):9.1%} located{complete / len(areas):9.1%} in all parts"
    )
