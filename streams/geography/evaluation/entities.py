"""IODA's regions, matched by country and name as its API gives them, against the HASC codes of its own table."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from streams.geography import tables
from streams.geography.countries import country_code
from streams.geography.entities import entity_place


@dataclass(slots=True)
class Matching:
    """Counts of regions of known HASC code: matched rightly, matched to another region, not matched."""

    right: int = 0
    wrong: int = 0
    unmatched: int = 0
    rows: list[str] = field(default_factory=list)


def match(file: Path) -> Matching:
    """Match every region of the table whose HASC code one region of the map alone has."""
    known = tables.gazetteer()
    hasc: list[str] = known.details["hasc"]
    times = Counter(code for code in hasc if code)
    found = Matching()
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            code, country = row["usercode"], row["fqid"].split(".")[1]
            if times[code] != 1 or country_code(country) is None:
                continue
            place = entity_place("region", row["ne_10m_admin_1.regions.v3.0.0-id"], row["name"], country)
            if place is None or place.region is None:
                found.unmatched += 1
                found.rows.append(f"unmatched: {row['fqid']} {row['name']} {code}")
                continue
            own = hasc[known.row_of_key[place.region]]
            if own == code:
                found.right += 1
            else:
                found.wrong += 1
                found.rows.append(f"wrong: {row['fqid']} {row['name']} {code} -> {place.name} {own}")
    return found


def report(files: list[Path], wrong: int = 0) -> str:
    """The shares right, unmatched and wrong, as text."""
    lines = []
    for file in files:
        found = match(file)
        n = found.right + found.wrong + found.unmatched
        lines.append(
            f"{file.name}: {n} regions with a code of their own: {found.right / n:.2%} right, "
            f"{found.unmatched / n:.2%} unmatched, {found.wrong / n:.2%} wrong ({found.wrong})"
        )
        lines += sorted(found.rows, reverse=True)[:wrong]
    return "\n".join(lines) + "\n"
