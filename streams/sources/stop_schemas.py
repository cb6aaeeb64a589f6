"""The three schemas of Access Now's STOP list, brought to one: columns and cells to an `Entry`.

| schema | columns | what is peculiar |
|---|---|---|
| 2016-2018 | 26 | `geo_scope` in words, coordinates, an `id`; services in free text |
| 2019-2020 | 43 | blanks in the headers, `Level 1` to `Level 3`, a column a service, an `ID`; 2020: prose first |
| 2021 and later | 45 to 47 | `geo_scope` in sentences, `shutdown_status`; the combined sheet has `count_year` |
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from streams.sources.rows import Cells, Schema
from topics.reports import Extent, Network, Scope

_SHARED = ("start_date", "end_date", "country", "geo_scope", "area_name", "ordered_by", "actual_cause", "an_link")
EARLY = Schema("Access Now's STOP list of 2016-2018", (*_SHARED, "news_link", "shutdown_type_group", "id"))
MIDDLE = Schema(
    "Access Now's STOP list of 2019-2020",
    (*_SHARED, "news_link", "full_or_service_based", "affected_network", "id"),
)
LATE = Schema(
    "Access Now's STOP list of 2021 and later",
    (*_SHARED, "info_source_link", "shutdown_extent", "shutdown_type", "affected_network", "shutdown_status"),
)

#: Services that lists name in words, as they are called here.
SERVICES = (
    "facebook", "twitter", "whatsapp", "instagram", "telegram", "youtube", "viber", "skype", "signal", "tiktok",
    "snapchat", "imo", "wechat", "linkedin", "clubhouse", "wikipedia", "tinder", "pinterest", "periscope", "zoom",
    "messenger", "vpn", "sms",
)  # fmt: skip
_COLUMNS = {f"{name}_affected": name for name in ("facebook", "twitter", "whatsapp", "instagram", "telegram")}
_NOT_SAID = ("", "unknown", "uknown", "unkown", "none", "n/a")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of any of the schemas. Texts are as written, empty where nothing is said."""

    number_in_list: str
    year: str
    start: str
    end: str
    status: str
    estimated: bool
    duration: str
    country: str
    area: str
    scope: Scope | None
    extent: Extent | None
    networks: tuple[Network, ...]
    services: tuple[str, ...]
    cause: str
    ordered_by: str
    decision_maker: str
    acknowledged: bool
    links: str
    an_link: str
    event: str
    latitude: str
    longitude: str


def said(text: str) -> str:
    """The text, or nothing where it only says that nothing is known."""
    text = " ".join(text.split())
    return "" if text.casefold() in _NOT_SAID else text


@lru_cache(maxsize=4096)
def _yes(text: str) -> bool:
    return text.strip().casefold() in ("yes", "1", "1.0", "true")


@lru_cache(maxsize=4096)
def _scope(text: str) -> Scope | None:
    """`Local`, `Level 2`, `It affected locations in more than one state, …`: how far it reached."""
    text = " ".join(text.casefold().split())
    levels: tuple[tuple[str, Scope], ...] = (
        ("more than one state", "national"),
        ("more than one city", "regional"),
        ("only affected one", "local"),
        ("level 1", "local"),
        ("level 2", "regional"),
        ("level 3", "national"),
        ("regional", "regional"),
        ("local", "local"),
        ("national", "national"),
    )
    return next((scope for words, scope in levels if words in text), None)


@lru_cache(maxsize=4096)
def _networks(text: str) -> tuple[Network, ...]:
    text = text.casefold()
    names: tuple[Network, ...] = ("broadband", "mobile")
    return tuple(name for name in names if name in text)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of a text, and the services among them."""
    words = frozenset(re.findall(r"[a-z]+", text.casefold()))
    return words, tuple(name for name in SERVICES if name in words or f"{name}s" in words)


def _services(cells: Cells, *texts: str) -> tuple[str, ...]:
    found = [name for column, name in _COLUMNS.items() if _yes(cells.get(column, ""))]
    words, named = _words(" ".join(texts))
    found += named
    if _yes(cells.get("sms_affected", "")):
        found.append("sms")
    if _yes(cells.get("phonecall_affected", "")) or not words.isdisjoint(("phone", "telephony")):
        found.append("phone calls")
    return tuple(dict.fromkeys(found))


def _early(cells: Cells) -> Entry:
    group = cells["shutdown_type_group"].casefold()
    kinds: dict[str, Extent] = {"service-based": "service", "throttling": "throttling"}
    extent = kinds.get(group, "full" if said(group) else None)
    kind = cells.get("shutdown_type", "")
    services = _services(cells, cells.get("service_details", ""), kind)
    return _entry(
        cells, extent, _networks(f"{group} {kind}"), services, cells["news_link"], cells.get("duration_days", "")
    )


def _middle(cells: Cells) -> Entry:
    services = _services(
        cells, cells.get("other_service_details_specify", ""), cells.get("sms_and_phone_call_affected", "")
    )
    extent = _extent(cells.get("shutdown_type_new", ""), cells["full_or_service_based"])
    return _entry(
        cells, extent, _networks(cells["affected_network"]), services, cells["news_link"], cells.get("duration", "")
    )


def _late(cells: Cells) -> Entry:
    services = _services(cells, cells.get("other_affected", ""))
    extent = _extent(cells["shutdown_type"], cells["shutdown_extent"])
    # Both ends count in this schema: a row of one day has the duration 1.
    inclusive = re.sub(r"^\d{1,6}$", lambda match: str(int(match.group()) - 1), cells.get("duration", ""))
    return _entry(
        cells, extent, _networks(cells["affected_network"]), services, cells["info_source_link"], inclusive
    )


@lru_cache(maxsize=4096)
def _extent(kind: str, extent: str) -> Extent | None:
    """A cut of the network beats services: where it was cut, they were gone too."""
    if "throttl" in kind.casefold() and "shutdown" not in kind.casefold():
        return "throttling"
    if "full" in extent.casefold():
        return "full"
    return "service" if "service" in extent.casefold() else None


def _entry(
    cells: Cells,
    extent: Extent | None,
    networks: tuple[Network, ...],
    services: tuple[str, ...],
    links: str,
    duration: str,
) -> Entry:
    return Entry(
        number_in_list=cells.get("id", ""),
        year=cells.get("count_year") or cells.get("year", ""),
        start=cells["start_date"],
        end=cells["end_date"],
        status=cells.get("shutdown_status", "").casefold(),
        estimated=cells.get("start_date_type", "").casefold() == "estimated",
        duration=duration,
        country=" ".join(cells["country"].split()),
        area=" ".join(cells["area_name"].split()),
        scope=_scope(cells["geo_scope"]),
        extent=extent,
        networks=networks,
        services=services,
        cause=said(cells["actual_cause"]),
        ordered_by=said(cells["ordered_by"]),
        decision_maker=said(cells.get("decision_maker", "")),
        acknowledged=_yes(cells.get("gov_ack", "")),
        links=links,
        an_link=cells["an_link"],
        event=" ".join(cells.get("event", "").split()),
        latitude=cells.get("latitude", ""),
        longitude=cells.get("longitude", ""),
    )


#: Each schema with the function that reads its rows.
SCHEMAS: dict[str, tuple[Schema, Callable[[Cells], Entry]]] = {
    schema.name: (schema, read) for schema, read in ((LATE, _late), (MIDDLE, _middle), (EARLY, _early))
}
