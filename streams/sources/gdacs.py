"""The Global Disaster Alert and Coordination System's RSS -> evidence of an alternative cause.

Each event is a cause in each country that it reaches: those that its point's circle touches, or, where the point
says too little (a cyclone moves), those that it names. `EVENTS` says which types and alert levels take networks
down, and why. `gdacs:todate` is when the event was last seen, also of one that goes on: newer editions are
revisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from streams import geography, limits
from streams.sources import usgs
from streams.sources.cause_rules import DAY_S, EVENTS, EventRule
from streams.sources.feed_items import child, local_name, moment_of, root_of, words
from streams.sources.files import opened, whole
from streams.sources.payloads import AS_SENT, PayloadError
from streams.sources.rows import Accepted, Refusal, Rejected, Row
from streams.sources.shaking import around, radius_km
from topics import EVIDENCE, Cause, Origin, Place

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SOURCE, LINEAGE = "gdacs", "gdacs"
NAMESPACE = "http://www.gdacs.org"

#: Reasons that say for sure that an event takes no network down.
TOO_WEAK = "an event of this type and alert level takes no network down"

#: Begin and end are given to the day for all but earthquakes.
UNCERTAINTY_S = DAY_S // 2

#: An event names no more countries than there are.
MOST_COUNTRIES = 300

_DEPTH = re.compile(r"Depth:\s*(\d+(?:\.\d+)?)\s*km", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as far as it is read: `causes` are empty where it is too weak, and then `why` says so."""

    id: str
    causes: tuple[Cause, ...] = ()
    why: str = ""


def read(path: Path) -> Iterator[Row]:
    """The events of a feed kept as a file. One in several countries comes out as several rows.

    Raises:
        SourceError: the file is no feed of GDACS, or can't be read.
    """
    with opened(path) as stream:
        items = listed(whole(stream, path, limits.FEED_BYTES), str(path))
    yield from rows(items)


def listed(content: bytes, where: str) -> list[Element]:
    """The items of a feed.

    Raises:
        PayloadError: it is no XML, or no feed of GDACS.
    """
    root = root_of(content, where)
    items = [one for one in root.iter() if local_name(one) == "item"]
    if local_name(root) != "rss":
        raise PayloadError(f"{where} is no RSS: its root is <{local_name(root)}>. {AS_SENT}")
    if items and not any(_said(one, "eventtype") for one in items):
        raise PayloadError(f"{where} is no feed of GDACS: its items have no `gdacs:eventtype` ({NAMESPACE})")
    return items


def rows(items: list[Element]) -> Iterator[Row]:
    """The causes that items make, numbered by item."""
    for number, item in enumerate(items, 1):
        try:
            found = event(item)
        except Refusal as refusal:
            yield refusal.at(number)
            continue
        for cause in found.causes:
            yield Accepted(number, EVIDENCE, cause)
        if not found.causes:
            yield Rejected(number, found.why, found.id[:80])


def event(item: Element) -> Event:
    """Read an item.

    Raises:
        Refusal: a field is missing, or says what can't be.
    """
    kind, number = _said(item, "eventtype").upper(), _said(item, "eventid")
    if not (number.isascii() and number.isalnum() and len(number) <= 40):
        raise Refusal("`gdacs:eventid` is missing or no number", number[:80])
    if kind not in EVENTS:
        raise Refusal(f"`gdacs:eventtype` is none of {', '.join(EVENTS)}", kind[:80])
    rule, level = EVENTS[kind], _said(item, "alertlevel").casefold()
    if level not in ("green", "orange", "red"):
        raise Refusal("`gdacs:alertlevel` is none of Green, Orange, Red", level[:80])
    name = f"{kind}{number}"
    if level not in rule.levels:
        return Event(name, why=TOO_WEAK)
    magnitude = _number(item, "severity")
    reach = _shaken_km(item, magnitude) if kind == "EQ" else rule.radius_km
    if reach == 0:
        return Event(name, why=usgs.TOO_WEAK)
    point = _point(item) if reach is not None else None
    if reach is not None and point is not None:
        places = tuple(around(words(child(item, "title"))[:200] or rule.name, *point, reach))
    else:
        places = _named(item)
    return Event(name, tuple(_cause(item, rule, name, place, magnitude) for place in places), usgs.AT_SEA)


def _cause(item: Element, rule: EventRule, name: str, place: Place, magnitude: float | None) -> Cause:
    from_s = _moment(item, "fromdate")
    seen_s = max(_moment(item, "todate") if _said(item, "todate") else from_s, from_s)
    quake = name.startswith("EQ")
    title = words(child(item, "title")) or f"{rule.name} {_said(item, 'eventname')}".strip()
    return Cause(
        id=f"{SOURCE}/{name}/{place.country}",
        origin=Origin(source=SOURCE, reference=(words(child(item, "link")) or f"GDACS, event {name}")[:2000]),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=seen_s + rule.after_s,
        from_uncertainty_s=usgs.UNCERTAINTY_S if quake else UNCERTAINTY_S,
        until_uncertainty_s=0 if quake else UNCERTAINTY_S,
        # GDACS takes its earthquakes from USGS's network: both are one word.
        lineage=usgs.LINEAGE if quake else LINEAGE,
        revision=_revision(item, from_s),
        kind="disaster",
        title=title[:300],
        magnitude=magnitude,
    )


def _shaken_km(item: Element, magnitude: float | None) -> float:
    """How far an earthquake reaches; 0 where it takes no network down."""
    said = _said(item, "severity")
    if magnitude is None:
        raise Refusal("`gdacs:severity` has no `value`: an earthquake's magnitude", said[:80])
    depth = _DEPTH.search(said)
    return radius_km(magnitude, float(depth[1]) if depth else None) or 0.0


def _named(item: Element) -> tuple[Place, ...]:
    """The countries that an event names: it is somewhere in them."""
    written = (_said(item, "iso3"), *_said(item, "country").split(",")[:MOST_COUNTRIES])
    codes = dict.fromkeys(code for one in written if (code := geography.country_code(one)) is not None)
    if not codes:
        raise Refusal("`gdacs:country` names no country that is known", _said(item, "country")[:80])
    return tuple(replace(geography.country_place(code), approximate=True) for code in codes)


def _point(item: Element) -> tuple[float, float] | None:
    """Latitude and longitude: `georss:point`, or else `geo:Point`."""
    parts = words(child(item, "point")).split()
    inner = child(item, "Point")
    if not parts and inner is not None:
        parts = [words(child(inner, "lat")), words(child(inner, "long"))]
    if not any(parts):
        return None
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        raise Refusal("`georss:point` is no latitude and longitude", " ".join(parts)[:80]) from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refusal("`georss:point` is no latitude and longitude", " ".join(parts)[:80])
    return latitude, longitude


def _moment(item: Element, name: str) -> int:
    text = _said(item, name)
    found = moment_of(text)
    if found is None:
        raise Refusal(f"`gdacs:{name}` can't be read: give it as `Mon, 30 Dec 2019 00:17:00 GMT`", text[:80])
    return found


def _revision(item: Element, from_s: int) -> int:
    """When it was last changed, Unix seconds."""
    changed = moment_of(_said(item, "datemodified")), moment_of(_said(item, "todate"))
    published = moment_of(words(child(item, "pubDate")))
    return max(one for one in (*changed, published, from_s) if one is not None)


def _number(item: Element, name: str) -> float | None:
    """The attribute `value` of an element, if it is a number above 0: 0 stands for what is not known."""
    element = child(item, name)
    try:
        value = float(element.get("value", "") if element is not None else "")
    except ValueError:
        return None
    return value if 0 < value < 1e12 else None


def _said(item: Element, name: str) -> str:
    element = item.find(f"{{{NAMESPACE}}}{name}")
    return words(element)
