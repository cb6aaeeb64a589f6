"""Which countries are neighbours, and which lie far apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from streams.geography import GeographyError, country_place, distance_km, within_km
from topics import Place


@lru_cache(maxsize=1_024)
def known(country: str) -> bool:
    """Whether the map has a country of that code."""
    try:
        country_place(country)
    except GeographyError:
        return False
    return True


@lru_cache(maxsize=65_536)
def neighbours(one: str, other: str, near_km: float, centres_km: float) -> bool:
    """Whether two countries share a border, or lie at most `near_km` apart. Give the codes in order."""
    if centre_km(one, other) > centres_km:
        return False
    return within_km(country_place(one), country_place(other), near_km)


def apart(countries: Sequence[str], count: int, far_km: float) -> bool:
    """Whether `count` of the countries lie at least `far_km` from each other, centre to centre."""
    return _extends((), tuple(sorted(countries)), count, far_km)


def _extends(chosen: tuple[str, ...], rest: tuple[str, ...], count: int, far_km: float) -> bool:
    if len(chosen) == count:
        return True
    for at, country in enumerate(rest):
        far = tuple(other for other in rest[at + 1 :] if centre_km(country, other) >= far_km)
        if len(chosen) + 1 + len(far) < count:
            continue
        if _extends((*chosen, country), far, count, far_km):
            return True
    return False


@lru_cache(maxsize=65_536)
def centre_km(one: str, other: str) -> float:
    """Return how far the centres of two countries are apart, in km. Give the codes in order."""
    return distance_km(_centre(one), _centre(other))


def _centre(country: str) -> Place:
    place = country_place(country)
    return Place(
        kind="point",
        country=country,
        name=place.name,
        latitude=place.latitude,
        longitude=place.longitude,
        time_zone=place.time_zone,
    )
