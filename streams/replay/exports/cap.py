"""Common Alerting Protocol 1.2: <https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2.html>.

One message a shutdown. `certainty` tells of the level: only what is corroborated is observed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import BinaryIO
from xml.etree import ElementTree as Tree

import shapely

from streams import geography
from streams.judgement_words import both_words, explained
from streams.replay.exports.common import references
from topics import LATEST_S, Evidence, Place, Shutdown, ShutdownChange

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "shutdown-streams"

CERTAINTY = {"corroborated": "Observed", "measured": "Possible", "reported": "Possible", "contradicted": "Unlikely"}
SEVERITY = {"national": "Severe", "regional": "Moderate", "local": "Minor"}

#: Parts of a shape that are told, the largest first, and how far they may be from the map, degrees.
PARTS = 12
WITHIN_DEGREES = 0.05


def alert(shutdown: Shutdown, before: Sequence[Shutdown] = (), sender: str = SENDER) -> bytes:
    """A shutdown as a message.

    Args:
        shutdown: the revision to tell.
        before: earlier revisions that were told: then it is an update of them, or a cancellation.
        sender: who sends it; no blanks, commas, `<` or `&`.
    """
    root = Tree.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", _identifier(shutdown))
    _add(root, "sender", sender)
    _add(root, "sent", _sent(shutdown))
    _add(root, "status", "Actual")
    ended = shutdown.status in ("merged", "retracted")
    _add(root, "msgType", "Alert" if not before else "Cancel" if ended else "Update")
    _add(root, "scope", "Public")
    if before:
        told = " ".join(f"{sender},{_identifier(one)},{_sent(one)}" for one in before)
        _add(root, "references", told)
    _add(root, "incidents", shutdown.incident)
    _info(root, shutdown)
    Tree.indent(root)
    made: bytes = Tree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return made + b"\n"


def alerts(changes: Sequence[ShutdownChange], sender: str = SENDER) -> list[bytes]:
    """The steps of one shutdown as a message each, every one referring to those before it."""
    steps = [change.shutdown for change in changes]
    return [alert(shutdown, steps[:number], sender) for number, shutdown in enumerate(steps)]


def write(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:  # noqa: ARG001
    """The message of a single shutdown."""
    [shutdown] = shutdowns
    stream.write(alert(shutdown))


def _info(root: Tree.Element, shutdown: Shutdown) -> None:
    info = Tree.SubElement(root, "info")
    over = shutdown.until_s is not None and shutdown.until_s < LATEST_S
    for name, value in (
        ("language", "en-US"),
        ("category", "Infra"),
        ("event", "Internet shutdown"),
        ("responseType", "Monitor"),
        ("urgency", "Past" if over else "Immediate"),
        ("severity", "Minor" if shutdown.extent in ("service", "throttling") else SEVERITY[shutdown.scope]),
        ("certainty", CERTAINTY[shutdown.level]),
        ("onset", _time(shutdown.from_s, shutdown.place)),
    ):
        _add(info, name, value)
    if over:
        assert shutdown.until_s is not None
        _add(info, "expires", _time(shutdown.until_s, shutdown.place))
    country = geography.country_place(shutdown.country).name
    _add(info, "senderName", "shutdown-streams")
    _add(info, "headline", f"Internet shutdown, {shutdown.level}: {_where(shutdown.place, country)}"[:160])
    _add(info, "description", _description(shutdown))
    links = references(shutdown)
    if links:
        _add(info, "web", links[0].split()[0])
    for name, value in _parameters(shutdown):
        parameter = Tree.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    _area(info, shutdown.place, country)


def _description(shutdown: Shutdown) -> str:
    if not shutdown.why:
        return "It stands no longer."
    sentences = [reason.words for reason in shutdown.why]
    if likely := both_words(shutdown):
        sentences.append(f"Probabilities: {likely}.")
    return " ".join(sentences)


def _parameters(shutdown: Shutdown) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = [
        ("level", shutdown.level),
        ("status", shutdown.status),
        ("measurement", shutdown.measurement),
    ]
    found += [("signal", signal) for signal in shutdown.signals]
    shares = (
        ("probability", shutdown.probability),
        ("happened", shutdown.happened),
        ("on_purpose", shutdown.on_purpose),
    )
    found += [(name, f"{share:.3f}") for name, share in shares if share is not None]
    found += [("explanation", explained(one)) for one in shutdown.explanations]
    found += [("campaign", shutdown.campaign)] if shutdown.campaign is not None else []
    found += [("common_drop", drop) for drop in shutdown.common_drops]
    return [*found, ("rules", shutdown.rules), ("digest", shutdown.digest)]


def _area(info: Tree.Element, place: Place, country: str) -> None:
    area = Tree.SubElement(info, "area")
    _add(area, "areaDesc", _where(place, country))
    if place.kind in ("city", "point") and place.latitude is not None:
        _add(area, "circle", f"{place.latitude:.4f},{place.longitude:.4f} {place.radius_km:.1f}")
    else:
        parts = shapely.get_parts(geography.outline(place, within_degrees=WITHIN_DEGREES))
        for part in sorted(parts, key=shapely.area, reverse=True)[:PARTS]:
            corners = shapely.get_coordinates(shapely.get_exterior_ring(part))
            _add(area, "polygon", " ".join(f"{y:.4f},{x:.4f}" for x, y in corners))
    for name, value in (("ISO 3166-1", place.country), ("Natural Earth adm1_code", place.region)):
        if value is not None:
            geocode = Tree.SubElement(area, "geocode")
            _add(geocode, "valueName", name)
            _add(geocode, "value", value)


def _where(place: Place, country: str) -> str:
    return country if place.kind == "country" else f"{place.name}, {country}"


def _add(parent: Tree.Element, name: str, text: str) -> None:
    Tree.SubElement(parent, name).text = "".join(
        letter for letter in text if letter.isprintable() or letter == "\n"
    )


def _identifier(shutdown: Shutdown) -> str:
    return f"{shutdown.id}.{shutdown.revision}"


def _sent(shutdown: Shutdown) -> str:
    """When its newest evidence was known; where nobody says, when it began: no clock but the records' own."""
    return _time(shutdown.known_s or shutdown.from_s, None)


def _time(moment_s: int, place: Place | None) -> str:
    """A time as CAP wants it: with an offset, `-00:00` for UTC, never `Z`."""
    if place is None:
        return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")
    text = dt.datetime.fromtimestamp(moment_s, geography.zone(place.time_zone)).isoformat()
    # Offsets of before 1900 have seconds; CAP's have none.
    return text[:25].replace("+00:00", "-00:00")
