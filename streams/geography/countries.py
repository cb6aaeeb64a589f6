"""Countries: their codes from any spelling, and their place on Earth."""

from __future__ import annotations

import re
from functools import lru_cache

from streams.geography.fold import fold
from topics.place import Place

_BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")


@lru_cache(maxsize=16_384)
def country_code(text: str, *, fips: bool = False) -> str | None:
    """ISO 3166-1 alpha-2 code of a country, however it is written; None if unknown.

    Takes the name in any language of CLDR, the spellings of published lists, alpha-2 and alpha-3 codes in
    capitals, and the numeric code as digits. With `fips` the text is a FIPS 10-4 code, as GDELT's are: those
    look like alpha-2 codes and mean other countries.

    >>> country_code("Democratic Republic of (DRC)"), country_code("KAZ"), country_code("UP", fips=True)
    ('CD', 'KZ', 'UA')
    """
    from streams.geography import tables

    text = text.strip()
    if fips:
        return _by_fips().get(text.upper())
    if text in tables.countries():
        return text
    if text.isascii() and text.isdigit():
        return _by_code().get(f"{int(text):03d}") if len(text) <= 3 else None
    if len(text) == 3 and text.isupper() and text in _by_code():
        return _by_code()[text]
    return _by_name(text)


def _by_name(text: str) -> str | None:
    from streams.geography import tables

    known, parts = tables.country_names(), tables.parts_named_as_countries()
    tries = [text, _BRACKETS.sub(" ", text)]
    if text.count(",") == 1:
        last, first = text.split(",")
        tries.append(f"{first} {last}")
    for attempt in tries:
        folded = fold(attempt)
        for name in (folded, folded.removeprefix("the "), folded.removeprefix("republic of ")):
            if name in known or name in parts:
                return known.get(name) or parts[name]
    return None


@lru_cache(maxsize=1)
def _by_code() -> dict[str, str]:
    from streams.geography import tables

    rows = tables.countries().values()
    return {row.iso3: row.code for row in rows} | {f"{row.numeric:03d}": row.code for row in rows if row.numeric}


@lru_cache(maxsize=1)
def _by_fips() -> dict[str, str]:
    from streams.geography import tables

    return {row.fips: row.code for row in tables.countries().values() if row.fips}


@lru_cache(maxsize=512)
def country_place(code: str) -> Place:
    """The country as a place: its centre, a circle of its area, the time zone of its capital.

    `code` is alpha-2. Raises `GeographyError` for a code that no country has.
    """
    from streams.geography import tables
    from streams.geography.errors import GeographyError

    row = tables.countries().get(code)
    if row is None:
        raise GeographyError(f"no country has the code {code!r}: give an ISO 3166-1 alpha-2 code, e.g. 'KZ'")
    return Place(
        kind="country",
        country=code,
        name=row.name,
        latitude=row.latitude,
        longitude=row.longitude,
        radius_km=row.radius_km,
        time_zone=row.zones[0],
    )


def time_zones(place: Place) -> tuple[str, ...]:
    """IANA names of the zones of a place, the main one first: a country has all of its own."""
    from streams.geography import tables

    if place.kind in ("country", "network") and place.region is None:
        row = tables.countries().get(place.country)
        if row is not None:
            return row.zones
    return (place.time_zone,)
