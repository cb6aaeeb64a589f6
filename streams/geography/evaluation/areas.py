"""The areas of STOP's rows against the coordinates that the list has beside some of them."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from streams.geography.areas import Area, read_area
from streams.geography.countries import country_code
from streams.geography.relations import contains, distance_km
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

    @property
    def right(self) -> bool:
        """Whether a place found is where the list's point is."""
        return self.inside or (self.km is not None and self.km <= RIGHT_KM)


def read(file: Path) -> list[Row]:
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
                found.append(_row(country, row["area_name"], *at, area))
    return found


def _row(country: str, text: str, latitude: float, longitude: float, area: Area) -> Row:
    point = Place(kind="point", country=country, name=text[:60], latitude=latitude, longitude=longitude)
    km = min((distance_km(place, point) for place in area.places), default=None)
    return Row(country, text, latitude, longitude, area, km, any(contains(place, point) for place in area.places))


def report(files: list[Path], wrong: int = 0) -> str:
    """How many are located, and how far from the list's point, by country, as a table of text."""
    lines = []
    for file in files:
        rows = read(file)
        by_country: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_country[row.country].append(row)
        lines.append(f"{file.name}: {len(rows)} rows that name a place and have coordinates")
        lines.append(f"{'':8s}{'rows':>6s}{'located':>9s}{'right':>8s}{'median km':>11s}{'90 % km':>9s}")
        lines.append(_line("all", rows))
        lines += [
            _line(code, its) for code, its in sorted(by_country.items(), key=lambda one: (-len(one[1]), one[0]))
        ]
        worst = sorted((row for row in rows if not row.right), key=lambda row: -(row.km or 1e9))
        lines += [_shown(row) for row in worst[:wrong]]
    return "\n".join(lines) + "\n"


def _line(name: str, rows: list[Row]) -> str:
    located = [row for row in rows if row.km is not None]
    km = sorted(row.km for row in located if row.km is not None)
    median, ninety = (quantiles(km, n=20)[9], quantiles(km, n=20)[17]) if len(km) > 1 else (*km, *km, 0.0, 0.0)[:2]
    right = sum(row.right for row in rows) / max(1, len(located))
    return f"{name:8s}{len(rows):6d}{len(located) / len(rows):9.1%}{right:8.1%}{median:11.1f}{ninety:9.1f}"


def _shown(row: Row) -> str:
    places = ", ".join(f"{place.name} ({place.key})" for place in row.area.places) or f"none: {row.area.unresolved}"
    far = "not located" if row.km is None else f"{row.km:.0f} km"
    return f"{row.country} {far}: {row.text!r} at {row.latitude:.2f}, {row.longitude:.2f} -> {places}"
