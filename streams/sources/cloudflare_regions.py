"""Regions as Cloudflare Radar knows them: by GeoNames ids, which `/geolocations` lists with their names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from streams.geography.entities import region_row
from streams.geography.tables import gazetteer
from streams.sources import cloudflare
from streams.sources.payloads import decoded


class Geolocation(msgspec.Struct):
    """A place of the list. `type` is `CONTINENT`, `COUNTRY` or `ADM1`, `code` a country's alpha-2 code."""

    geoId: str | int  # noqa: N815 - the API's name
    name: str = ""
    type: str = ""
    code: str | None = None


class _Result(msgspec.Struct):
    geolocations: list[Geolocation]


_RESULT = msgspec.json.Decoder(_Result)


def listed(raw: bytes, where: str) -> list[Geolocation]:
    """The geolocations of an answer.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    return decoded(cloudflare.result(raw, where), _RESULT, f"{where}, `result`").geolocations


def ids(found: Iterable[Geolocation], country: str) -> dict[str, str]:
    """Ids of a country's regions, by `adm1_code` of the map. Those that are on no map are left out."""
    known: dict[str, str] = {}
    for one in found:
        row = region_row(one.name, country) if one.type == "ADM1" else None
        if row is not None and (region := gazetteer().place(row).region) is not None:
            known.setdefault(region, str(one.geoId))
    return known


def code(name: str, country: str) -> str | None:
    """The `adm1_code` of a region that is chosen by its name."""
    row = region_row(name, country)
    return None if row is None else gazetteer().place(row).region
