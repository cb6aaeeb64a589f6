"""The networks of countries as IODA knows them: which are asked for, and where they are.

`asn` is a whole network, `geoasn` the part of one in a country (`9198-KZ`) or a region (`9198-2088`). The largest
networks of a country are chosen, until together they have the wanted share of its addresses. Of each the part in
the country and those in its regions are asked for; the whole network only where most of it is there: a network of
the whole world says nothing of one country.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import msgspec

from streams.sources import ioda
from streams.sources.files import SourceError
from streams.sources.http import Fetcher, FetchError

#: Entities of one answer, at most; the API gives 2,000 unless asked otherwise.
MOST = 20_000

#: From which part of its addresses on a network is at home in a country.
HOME = 0.5


class Network(msgspec.Struct, frozen=True, array_like=True):
    """A network or a part of one: its country, its name (of a part in a region with the region's behind it, in
    brackets), and its share of the addresses of its country, or of its region; None where that isn't known."""

    country: str
    name: str
    share: float | None


#: By type and code: `asn`, `geoasn`.
Networks = dict[str, dict[str, Network]]


def wanted_share(text: str | None) -> float | None:
    """The share that `--networks 80%` gives; None where no networks are wanted.

    >>> wanted_share("80%"), wanted_share("0.5"), wanted_share(None)
    (0.8, 0.5, None)

    Raises:
        SourceError: it is none.
    """
    if text is None:
        return None
    number = text.strip().removesuffix("%").strip()
    try:
        share = float(number) / (100 if "%" in text else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise SourceError(f"--networks {text!r} is no share: give a part of the addresses, such as 80%")
    return share


def ask(fetcher: Fetcher, base: str, country: str, share: float) -> Networks:
    """Ask for the networks of a country, and choose.

    Raises:
        FetchError: an answer could not be had, or may have been cut off.
    """
    return chosen(
        country, _related(fetcher, base, "asn", country), _related(fetcher, base, "geoasn", country), share
    )


def _related(fetcher: Fetcher, base: str, type_: str, country: str) -> list[ioda.Described]:
    url = f"{base}/entities/query"
    params: dict[str, str | int] = {"entityType": type_, "relatedTo": f"country/{country}", "limit": MOST}
    found = fetcher.get(url, partial(ioda.described, where=url), params) or []
    if len(found) >= MOST:
        words = (
            f"{url}: the answer has {len(found):,} entities of type {type_} of {country}, as many as were asked for"
        )
        raise FetchError(f"{words}: there may be more", "unreadable")
    return found


def chosen(
    country: str, whole: Iterable[ioda.Described], parts: Iterable[ioda.Described], share: float
) -> Networks:
    """The networks of a country that together have a share of its addresses, the largest first.

    Args:
        country: its code.
        whole: the networks (`asn`) that are related to it.
        parts: parts of networks (`geoasn`) that are related to it; those elsewhere are left out.
        share: how much of the addresses is wanted, 0 to 1.
    """
    networks = {str(one.code): one for one in whole}
    by_network: dict[str, dict[str, ioda.Described]] = {}
    for one in parts:
        asn, _, geo = str(one.code).partition("-")
        if geo == country or geo[:1].isdigit():
            by_network.setdefault(asn, {})[geo] = one
    sizes = {asn: _size(asn, country, networks, by_network) for asn in {*networks, *by_network}}
    total = sum(sizes.values())
    found: Networks = {"asn": {}, "geoasn": {}}
    reached = 0
    for asn, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        if not total or reached >= share * total:
            break
        reached += size
        name = _name(asn, networks.get(asn), by_network.get(asn, {}))
        own = round(size / total, 4)
        if size >= HOME * (_addresses(networks.get(asn)) or 0):
            found["asn"][asn] = Network(country, name, own)
        for geo, part in sorted(by_network.get(asn, {}).items()):
            region = str(part.subnames.get("region") or "") if isinstance(part.subnames, dict) else ""
            if geo == country:
                found["geoasn"][f"{asn}-{geo}"] = Network(country, name, own)
            elif region:
                found["geoasn"][f"{asn}-{geo}"] = Network(country, f"{name} ({region})", None)
    return found


def _size(
    asn: str,
    country: str,
    networks: Mapping[str, ioda.Described],
    by_network: Mapping[str, Mapping[str, ioda.Described]],
) -> int:
    """The addresses that a network has in a country; all of its own where that isn't said."""
    inside = _addresses(by_network.get(asn, {}).get(country))
    return inside if inside is not None else _addresses(networks.get(asn)) or 0


def _addresses(one: ioda.Described | None) -> int | None:
    """The number of an entity's addresses: attributes are numbers or strings."""
    attributes = one.attrs if one is not None and isinstance(one.attrs, dict) else {}
    given = attributes.get("ip_count")
    try:
        return None if given is None or isinstance(given, bool) else max(0, int(given))
    except (TypeError, ValueError, OverflowError):
        return None


def _name(asn: str, whole: ioda.Described | None, parts: Mapping[str, ioda.Described]) -> str:
    """What a network is called: by its organisation, without the number that the API puts before names."""
    for one in (whole, *parts.values()):
        attributes = one.attrs if one is not None and isinstance(one.attrs, dict) else {}
        given = str(attributes.get("org") or (one.name if one is whole and one is not None else "")).strip()
        for prefix in (f"AS{asn} ", f"AS{asn}-"):
            given = given.removeprefix(prefix)
        given = given.strip().removeprefix("(").removesuffix(")").strip()
        if given:
            return given[:200]
    return f"AS{asn}"
