"""The areas of STOP's rows against the coordinates that the list has beside some of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from streams.geography.areas import Area, read_area
from streams.geography.countries import country_code
from streams.geography.relations import contains, distance_km
from streams.geography.texts import find_places
from topics.place import Place

#: A place is where the list puts it when it is no farther than this from the list's point, or contains it.
RIGHT_KM = 50.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list that names an area and has a point: what was found, and how far the point is from it."""

    country: str
    text: str
    latitude: float
    longitude: float
    area: Area
    #: From the nearest place found, in km; None where none was found.
    km: float | None
    inside: bool
    #: Why the list's point is wrong, where it was found to be.
    aside: str = ""

    @property
    def right(self) -> bool:
        """Whether a place found is where the list's point is."""
        return self.inside or (self.km is not None and self.km <= RIGHT_KM)


class Aside(NamedTuple):
    """A point of the list, rounded, that is wrong for areas with a word in them, and why."""

    latitude: float
    longitude: float
    word: str
    reason: str


def read_asides(file: Path) -> list[Aside]:
    """A table of points that were found to be wrong."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Aside(float(row["latitude"]), float(row["longitude"]), row["word"], row["reason"]) for row in rows]


def read(file: Path, asides: Sequence[Aside] = ()) -> list[Row]:
    """The rows that name a place in their `area_name` and have coordinates; a few have what is no number."""
    found = []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for cells in csv.DictReader(stream):
            row = {str(key).strip(): (value or "").strip() for key, value in cells.items()}
            country = country_code(row["country"])
            try:
                at = float(row["latitude"]), float(row["longitude"])
            except ValueError:
                continue
            area = read_area(row["area_name"], country or "")
            if country and (area.places or (area.unresolved and not area.nationwide)):
                found.append(_row(country, row["area_name"], *at, area, asides))
    return found


def _row(country: str, text: str, latitude: float, longitude: float, area: Area, asides: Sequence[Aside]) -> Row:
    point = Place(kind="point", country=country, name=text[:60], latitude=latitude, longitude=longitude)
    km = min((distance_km(place, point) for place in area.places), default=None)
    named = [found.place for found in find_places(text, country).places if found.kind == "region"]
    inside = any(contains(place, point) for place in (*area.places, *named))
    at = round(latitude, 2), round(longitude, 2)
    row = Row(country, text, latitude, longitude, area, km, inside)
    aside = next((one.reason for one in asides if one[:2] == at and one.word in text), "")
    return row if row.right else replace(row, aside=aside)


def report(files: list[Path], wrong: int = 0, asides: Path | None = None) -> str:
    """How many are located, and how far from the list's point, by country, as a table of text.

    "right" is the share of the located whose place is within 50 km of the point or in a region named that contains
    it; rows that `asides` tells to be wrong in the list are left out of that and of the distances.
    """
    lines = []
    for file in files:
        rows = read(file, () if asides is None else read_asides(asides))
        by_country: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_country[row.country].append(row)
        lines.append(f"{file.name}: {len(rows)} rows that name a place and have coordinates")
        lines.append(
            f"{'':8s}{'rows':>6s}{'located':>9s}{'aside':>7s}{'right':>8s}{'median km':>11s}{'90 % km':>9s}"
        )
        lines.append(_line("all", rows))
        lines += [
            _line(code, its) for code, its in sorted(by_country.items(), key=lambda one: (-len(one[1]), one[0]))
        ]
        worst = sorted((row for row in rows if not row.right and not row.aside), key=lambda row: -(row.km or 1e9))
        lines += [_shown(row) for row in worst[:wrong]]
    return "\n".join(lines) + "\n"


def _line(name: str, rows: list[Row]) -> str:
    located = [row for row in rows if row.km is not None and not row.aside]
    share = sum(row.km is not None for row in rows) / len(rows)
    km = sorted(row.km for row in located if row.km is not None)
    median, ninety = (quantiles(km, n=20)[9], quantiles(km, n=20)[17]) if len(km) > 1 else (*km, *km, 0.0, 0.0)[:2]
    right = sum(row.right for row in located) / max(1, len(located))
    aside = sum(bool(row.aside) for row in rows)
    return f"{name:8s}{len(rows):6d}{share:9.1%}{aside:7d}{right:8.1%}{median:11.1f}{ninety:9.1f}"


def _shown(row: Row) -> str:
    places = ", ".join(f"{place.name} ({place.key})" for place in row.area.places) or f"none: {row.area.unresolved}"
    far = "not located" if row.km is None else f"{row.km:.0f} km"
    return f"{row.country} {far}: {row.text!r} at {row.latitude:.2f}, {row.longitude:.2f} -> {places}"
