"""Which of several places of one name is meant."""

from __future__ import annotations

from collections.abc import Iterable

from streams.geography import tables
from streams.geography.tables import CITY, DISTRICT, GROUP, MAIN, UNIT

#: Of two cities of one name, the larger is meant when it is so many times larger.
CLEARLY_LARGER = 3.0
#: A city named like its region is meant rather than the region from this population on.
LARGE_CITY = 200_000
#: Namesakes so close together are one place for all that follows.
SAME_PLACE_KM = 60.0
#: A city of a district's name so close to its point is its seat.
SEAT_KM = 25.0


def choose(rows: list[tuple[int, int]], kinds: frozenset[str], inside: Iterable[int] = ()) -> int | None:
    """The row meant: of the kind that the text says, inside the units it names, else the most likely; or None."""
    known = tables.gazetteer()
    units = frozenset(inside)
    if units:
        rows = [(row, role) for row, role in rows if known.units(row) & units] or (
            [] if all(known.kind[row] in (CITY, DISTRICT) for row, _ in rows) else rows
        )
    rows = _of_kinds(rows, kinds) or rows
    regions = [(row, role) for row, role in rows if known.kind[row] in (UNIT, GROUP)]
    districts = [(row, role) for row, role in rows if known.kind[row] == DISTRICT]
    cities = [(row, role) for row, role in rows if known.kind[row] == CITY]
    region, district, city = _first_region(regions), _largest(districts), _largest(cities)
    if region is not None and not _city_before_region(city, region, dict(rows)):
        return region
    if city is None:
        return district
    if district is not None and _district_before_city(district, city, dict(cities)):
        return district
    return city


def _of_kinds(rows: list[tuple[int, int]], kinds: frozenset[str]) -> list[tuple[int, int]]:
    wanted = set()
    if "region" in kinds:
        wanted |= {UNIT, GROUP}
    if "district" in kinds:
        wanted |= {DISTRICT}
    if "city" in kinds:
        wanted |= {CITY}
    known = tables.gazetteer()
    return [(row, role) for row, role in rows if known.kind[row] in wanted]


def _first_region(rows: list[tuple[int, int]]) -> int | None:
    """The unit first called so, before a wider region, before one called so among other names.

    Of a region and the city region in it, both of one name, the wider is meant: the city itself stands
    for the city region.
    """
    if not rows:
        return None
    known = tables.gazetteer()
    return min(
        rows,
        key=lambda item: (not item[1] & MAIN, known.kind[item[0]], -float(known.radius_km[item[0]]), item[0]),
    )[0]


def _largest(rows: list[tuple[int, int]]) -> int | None:
    """The largest of namesakes, those first called so before others; None when two are about as likely."""
    if not rows:
        return None
    order = sorted(rows, key=lambda item: (-_weight(item), item[0]))
    best = order[0]
    for other in order[1:]:
        if _weight(other) * CLEARLY_LARGER <= _weight(best):
            break
        if _apart_km(best[0], other[0]) > SAME_PLACE_KM:
            return None
    return best[0]


def _weight(item: tuple[int, int]) -> float:
    row, role = item
    return (tables.gazetteer().population[row] + 300) * (1.0 if role & MAIN else 0.2)


def _apart_km(one: int, other: int) -> float:
    from streams.geography.polygons import GEOD

    known = tables.gazetteer()
    lon, lat = known.longitude, known.latitude
    return float(GEOD.inv(lon[one], lat[one], lon[other], lat[other])[2]) / 1000


def _city_before_region(city: int | None, region: int, roles: dict[int, int]) -> bool:
    if city is None:
        return False
    known = tables.gazetteer()
    if any(known.largest[unit] == city for unit in known.units(region)):
        return True
    return known.population[city] >= LARGE_CITY and bool(roles[city] & MAIN or not roles[region] & MAIN)


def _district_before_city(district: int, city: int, roles: dict[int, int]) -> bool:
    """Whether a district is meant, not a city of its name that is none of its seat."""
    known = tables.gazetteer()
    if _apart_km(district, city) <= SEAT_KM:
        return False
    return known.population[district] > CLEARLY_LARGER * known.population[city] or not roles[city] & MAIN
