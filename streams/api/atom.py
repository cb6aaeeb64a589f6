"""The newest changes as an Atom feed, RFC 4287."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from xml.etree import ElementTree

from streams import geography
from streams.api.formats import moment
from streams.judgement_words import both_words
from topics import ShutdownChange

_ATOM = "http://www.w3.org/2005/Atom"


def feed(changes: Iterable[ShutdownChange], base: str) -> bytes:
    """The feed; `base` is the address of the API, without a slash at the end."""
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    listed = list(changes)
    _add(root, "title", "Internet shutdowns")
    _add(root, "id", f"{base}/feed.atom")
    ElementTree.SubElement(root, f"{{{_ATOM}}}link", rel="self", href=f"{base}/feed.atom")
    ElementTree.SubElement(root, f"{{{_ATOM}}}link", rel="alternate", href=f"{base}/")
    _add(root, "updated", moment(max((_known_s(one) for one in listed), default=0)))
    author = ElementTree.SubElement(root, f"{{{_ATOM}}}author")
    _add(author, "name", "shutdown-streams")
    for one in listed:
        _entry(root, one, base)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _entry(root: ElementTree.Element, change: ShutdownChange, base: str) -> None:
    shutdown = change.shutdown
    entry = ElementTree.SubElement(root, f"{{{_ATOM}}}entry")
    country = geography.country_place(shutdown.country).name
    place = country if shutdown.place.kind == "country" else f"{shutdown.place.name}, {country}"
    _add(entry, "id", f"{base}/shutdowns/{shutdown.id}#{shutdown.revision}")
    _add(entry, "title", f"{place}: {shutdown.level}, {change.change}")
    _add(entry, "updated", moment(_known_s(change)))
    ElementTree.SubElement(entry, f"{{{_ATOM}}}link", href=f"{base}/shutdown/{shutdown.id}")
    ElementTree.SubElement(entry, f"{{{_ATOM}}}category", term=shutdown.level)
    _add(entry, "summary", _words(change))


def _words(change: ShutdownChange) -> str:
    shutdown = change.shutdown
    zone = geography.zone(shutdown.place.time_zone)
    begin = dt.datetime.fromtimestamp(shutdown.from_s, zone)
    end = None if shutdown.until_s is None else dt.datetime.fromtimestamp(shutdown.until_s, zone)
    until = "not over yet" if end is None else f"until {end:%Y-%m-%d %H:%M}"
    told = [f"From {begin:%Y-%m-%d %H:%M}, {until} (local time)."]
    if likely := both_words(shutdown):
        told.append(f"{likely[0].upper()}{likely[1:]}.")
    return " ".join([*told, *(one.words for one in shutdown.why)])


def _known_s(change: ShutdownChange) -> int:
    shutdown = change.shutdown
    return shutdown.known_s or shutdown.until_s or shutdown.from_s


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    # What XML can't hold, a name in a report might: control characters.
    clean = "".join(letter for letter in text if letter >= " " or letter in "\t\n")
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = clean
