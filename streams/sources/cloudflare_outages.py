"""Cloudflare Radar's outages -> evidence: annotations, written by its team, and anomalies, found by machine.

An annotation of type NETWORK is an outage of each network that it names; one that is NATIONWIDE, of the country;
one that is REGIONAL, of the regions and cities that its scope or description names, else of its networks. Where a
NETWORK or REGIONAL one names none, it is somewhere in the country: the country, marked approximate. Each place is a
piece of evidence.

`cause` is Cloudflare's own code (`GOVERNMENT_DIRECTED`, `CABLE_CUT`, …), a person's verdict; `UNKNOWN` is none. An
annotation is verified, since a person wrote it; an anomaly is, where its status says so.

`endDate` is null while it goes on, and stays so where nobody wrote it down: one that began `STALE_S` before the
newest date around it has an unknown end, not an open one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from streams import geography
from streams.errors import UNREADABLE
from streams.sources import cloudflare
from streams.sources.cloudflare import Annotation, Anomaly
from streams.sources.entities import network
from streams.sources.listed import of_answers
from streams.sources.payloads import PayloadError, decoded, lenient
from streams.sources.points import moment
from streams.sources.rows import Accepted, Refusal, Row
from topics import EVIDENCE, Origin, Outage, Place, Record, signals_named

#: Times are given to a quarter of an hour.
STEP_S = 900

#: What has no end and began so long ago is taken for over, its end unknown. Annotations of 35 days are known.
STALE_S, END_UNKNOWN_S = 60 * 86_400, 86_400

#: What a source of Cloudflare's measures, as a signal.
SIGNALS = signals_named("cloudflare")
ALL = SIGNALS["ALL"]

#: What the status of an anomaly says of it.
VERDICTS = {"VERIFIED": True, "UNVERIFIED": False}


class _Result(msgspec.Struct):
    annotations: list[msgspec.Raw] | None = None
    trafficAnomalies: list[msgspec.Raw] | None = None  # noqa: N815 - the API's name


class _Dates(msgspec.Struct):
    startDate: str = ""  # noqa: N815 - the API's name
    endDate: str | None = None  # noqa: N815 - the API's name


_RESULT, _DATES = lenient(_Result), lenient(_Dates)
_ANNOTATION, _ANOMALY = lenient(Annotation), lenient(Anomaly)


@dataclass(frozen=True, slots=True)
class Items:
    """What an answer lists: annotations, or anomalies."""

    kind: str
    raw: list[bytes]


def read(path: Path) -> Iterator[Row]:
    """The annotations or anomalies of a file of answers. One with several places comes out as several rows.

    Raises:
        SourceError: the file is no such answer, or can't be read.
    """

    def rows_of(raw: bytes, where: str) -> tuple[Iterator[Row], int]:
        items = listed(raw, where)
        return outages(items, newest_s(items)), len(items.raw)

    yield from of_answers(path, rows_of)


def listed(raw: bytes, where: str) -> Items:
    """The items of an answer.

    Raises:
        PayloadError: it is none, or says that there was an error.
    """
    found = decoded(cloudflare.result(raw, where), _RESULT, f"{where}, `result`")
    if found.annotations is not None:
        return Items("annotation", [bytes(one) for one in found.annotations])
    if found.trafficAnomalies is not None:
        return Items("anomaly", [bytes(one) for one in found.trafficAnomalies])
    raise PayloadError(f"{where} lists neither `annotations` nor `trafficAnomalies`")


def newest_s(items: Items) -> int:
    """The latest begin or end of all, Unix seconds: when the answer was given it was that late at least."""
    found = [0]
    for raw in items.raw:
        try:
            dates = _DATES.decode(raw)
            found += [moment(text) for text in (dates.startDate, dates.endDate) if text]
        except (*UNREADABLE, Refusal):
            continue
    return max(found)


def outages(items: Items, now_s: int) -> Iterator[Row]:
    """The outages of the items, numbered by item; `now_s` is when the answer was given."""
    read_one = _annotation if items.kind == "annotation" else _anomaly
    for number, raw in enumerate(items.raw, 1):
        try:
            for outage, flags in read_one(raw, now_s):
                yield Accepted(number, EVIDENCE, outage, flags)
        except Refusal as refusal:
            yield refusal.at(number)


_Found = Iterator[tuple[Record, tuple[str, ...]]]


def _annotation(raw: bytes, now_s: int) -> _Found:
    one: Annotation = _decoded(raw, _ANNOTATION)
    if (one.eventType or "OUTAGE") != "OUTAGE":
        raise Refusal("no outage", (one.eventType or "")[:80])
    signal = SIGNALS.get((one.dataSource or "ALL").upper(), ALL)
    places = _places(one)
    if not places:
        raise Refusal("no place", f"{one.locations}, AS {one.asns}"[:120])
    cause = ((one.outage.outageCause if one.outage else None) or "").strip().upper()
    for place, entity in places:
        yield _outage(
            f"annotation/{one.id}",
            place,
            entity,
            (signal,),
            _span(one.startDate, one.endDate, now_s),
            reference=one.linkedUrl or f"Cloudflare Radar, outage annotation {one.id}",
            cause=cause[:100] if cause not in ("", "UNKNOWN") else None,
            verified=True,
        )


def _anomaly(raw: bytes, now_s: int) -> _Found:
    one: Anomaly = _decoded(raw, _ANOMALY)
    if one.asnDetails is not None and (number := network(str(one.asnDetails.asn))) is not None:
        entity = f"asn/{number}"
        place = geography.entity_place("asn", number, one.asnDetails.name or "", one.asnDetails.country)
    elif one.locationDetails is not None:
        entity = f"country/{one.locationDetails.code}"
        place = _country(one.locationDetails.code or "")
    else:
        raise Refusal("no place", one.type[:80])
    if place is None:
        raise Refusal("unknown country", entity[:80])
    seen = tuple(dict.fromkeys(SIGNALS.get(name.upper(), ALL) for name in one.visibleInDataSources or ()))
    yield _outage(
        f"anomaly/{one.uuid}",
        place,
        entity,
        seen or (ALL,),
        _span(one.startDate, one.endDate, now_s),
        reference=f"Cloudflare Radar, traffic anomaly {one.uuid}, {(one.status or 'status unknown').casefold()}",
        verified=VERDICTS.get((one.status or "").strip().upper()),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    from_s: int
    until_s: int | None
    until_uncertainty_s: int
    flags: tuple[str, ...]


def _span(start: str, end: str | None, now_s: int) -> _Span:
    from_s = moment(start)
    until_s = moment(end) if end else None
    if until_s is not None and until_s < from_s:
        return _Span(from_s, from_s + STEP_S, END_UNKNOWN_S, ("ends-before-it-begins",))
    if until_s is None and now_s - from_s > STALE_S:
        return _Span(from_s, from_s + STEP_S, END_UNKNOWN_S, ("end-unknown",))
    return _Span(from_s, until_s, STEP_S, ())


def _outage(
    name: str,
    place: Place,
    entity: str,
    signals: tuple[str, ...],
    span: _Span,
    *,
    reference: str,
    verified: bool | None,
    cause: str | None = None,
) -> tuple[Record, tuple[str, ...]]:
    outage = Outage(
        id=f"cloudflare/{name}/{place.key}"[:300],
        origin=Origin(source=cloudflare.SOURCE, reference=reference[:2000]),
        country=place.country,
        place=place,
        from_s=span.from_s,
        until_s=span.until_s,
        from_uncertainty_s=STEP_S,
        until_uncertainty_s=span.until_uncertainty_s,
        lineage=cloudflare.LINEAGE,
        # What is over came after what was going on.
        revision=0 if span.until_s is None else 1,
        series=f"cloudflare/{entity}/{'+'.join(signals)}"[:300],
        signals=signals,
        cause=cause,
        verified=verified,
    )
    return outage, span.flags


def _places(one: Annotation) -> list[tuple[Place, str]]:
    """The places of an annotation, each with what was measured there."""
    kind = ((one.outage.outageType if one.outage else None) or "").strip().upper()
    networks = list(_networks(one))
    countries = [place for code in dict.fromkeys(one.locations or ()) if (place := _country(code)) is not None]
    if kind == "NETWORK" and networks:
        return networks
    if kind == "REGIONAL":
        within = [found for country in countries for found in _within(one, country)]
        if within or networks:
            return within or networks
    if kind in ("REGIONAL", "NETWORK"):
        # Of which part of the country it is, is not said.
        countries = [msgspec.structs.replace(country, approximate=True) for country in countries]
    return [(country, f"country/{country.country}") for country in countries] or networks


def _within(one: Annotation, country: Place) -> list[tuple[Place, str]]:
    """The regions, or else cities, that its words name in a country."""
    for text in (one.scope, one.description):
        found = [each.place for each in geography.find_places(text or "", country.country).places]
        regions = [place for place in found if place.kind == "region"]
        if kept := regions or [place for place in found if place.kind == "city"]:
            return [(place, f"region/{place.key}") for place in {place.key: place for place in kept}.values()]
    return []


def _networks(one: Annotation) -> Iterator[tuple[Place, str]]:
    details = {network(str(each.asn)): each for each in one.asnsDetails or ()}
    locations = one.locations or []
    for asn in dict.fromkeys(network(str(each)) for each in one.asns or ()):
        if asn is None:
            continue
        known = details.get(asn)
        home = known.country if known is not None else ""
        if not home and len(locations) == 1:
            home = locations[0]
        name = (known.name or "") if known is not None else ""
        place = geography.entity_place("asn", asn, name, home) if home else None
        if place is not None:
            yield place, f"asn/{asn}"


def _country(code: str) -> Place | None:
    known = geography.country_code(code)
    return None if known is None else geography.country_place(known)


def _decoded(raw: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return decoder.decode(raw)
    except UNREADABLE as error:
        raise Refusal("a field is missing, or has another form", str(error)) from None
