"""Lists of power cuts, cable faults, maintenance, attacks and the like, as CSV or spreadsheets -> evidence.

The columns are ours (`COLUMNS`, docs/SOURCES.md): such lists are published in as many forms as there are
publishers. A row that names several places is a cause in each.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from streams import geography
from streams.sources.cause_rules import DAY_S, USUAL_LENGTHS
from streams.sources.rows import Accepted, Cells, FirstRows, Refusal, Rejected, Row, Schema, table
from topics import EARLIEST_S, EVIDENCE, LATEST_S, Cause, Origin, Place, digest
from topics.evidence import CauseKind

#: Every column, and what it means. Those of `SCHEMA` must be there; the others may be left out.
COLUMNS = {
    "kind": "power, cable, disaster, attack, maintenance, war-damage or technical.",
    "country": "The country: its code or name.",
    "place": "Cities or regions, with commas; AS9198 for a network; empty: the whole country.",
    "from": "Since when: 2021-02-28T14:00 by the clocks there, with Z or +06:00 behind it, or a day, 2021-02-28.",
    "until": "Until when, likewise; a day counts wholly. Empty: not known; ongoing: it goes on.",
    "title": "What happened, in a few words.",
    "magnitude": "How strong: customers cut off, megawatts; a number of at least 0.",
    "source": "Who says so: rows of one source count as one word.",
    "reference": "Where it can be looked up: a link.",
    "id": "The publisher's own number, so that a corrected row is the same cause.",
}
SCHEMA = Schema("a list of causes", ("kind", "country", "place", "from", "until"))

#: What the source is called where a list does not say.
SOURCE = "causes-list"

#: A clock time of a list is good to so much.
UNCERTAINTY_S = 300

_KINDS: tuple[CauseKind, ...] = get_args(CauseKind)
_NETWORK = re.compile(r"AS\s?([0-9]{1,10})", re.IGNORECASE)


def read(path: Path) -> Iterator[Row]:
    """The rows of a list. One with several places comes out as several rows.

    Raises:
        SourceError: the file is no such list, or can't be read.
    """
    given = FirstRows()
    for row in table(path, SCHEMA).rows:
        if isinstance(row, Rejected):
            yield row
            continue
        number, cells = row
        try:
            causes, flags = _causes(cells, path.name)
            for cause in causes:
                given.refuse_twin(cause.id, number, "another row is the same cause: give each an `id` of its own")
                yield Accepted(number, EVIDENCE, cause, flags)
        except Refusal as refusal:
            yield refusal.at(number)


def _causes(cells: Cells, file: str) -> tuple[list[Cause], tuple[str, ...]]:
    kind = next((one for one in _KINDS if one == cells["kind"].casefold().replace(" ", "-")), None)
    if kind is None:
        raise Refusal(f"`kind` is none of {', '.join(_KINDS)}", cells["kind"][:80])
    country = geography.country_code(cells["country"])
    if country is None:
        raise Refusal("`country` is none: give its ISO code or name", cells["country"][:80])
    source = _source(cells.get("source", ""))
    key = cells.get("id") or digest([kind, cells["from"], cells.get("title", ""), source])[:16]
    told = _Told(
        kind, source, key, cells.get("title", ""), _magnitude(cells.get("magnitude", "")),
        cells.get("reference") or f"{file[:200]}, {key}",
    )  # fmt: skip
    spans = [(place, _span(cells, place, kind)) for place in _places(cells["place"], country)]
    return [_cause(told, place, span) for place, span in spans], spans[0][1].flags


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row says that is the same at all of its places."""

    kind: CauseKind
    source: str
    key: str
    title: str
    magnitude: float | None
    reference: str


def _cause(told: _Told, place: Place, span: _Span) -> Cause:
    return Cause(
        id=f"causes/{told.source}/{told.key}"[:180] + f"/{place.key}",
        origin=Origin(source=told.source, reference=told.reference[:2000]),
        country=place.country,
        place=place,
        from_s=span.from_s,
        until_s=span.until_s,
        from_uncertainty_s=0 if span.days else UNCERTAINTY_S,
        until_uncertainty_s=span.until_uncertainty_s,
        precision="day" if span.days else "minute",
        lineage=told.source,
        # What is over came after what was going on.
        revision=0 if span.until_s is None else 1,
        kind=told.kind,
        title=told.title[:300] or None,
        magnitude=told.magnitude,
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """When a cause was at a place; `days` where only days are known of it."""

    from_s: int
    until_s: int | None
    until_uncertainty_s: int
    days: bool
    flags: tuple[str, ...] = ()


def _span(cells: Cells, place: Place, kind: CauseKind) -> _Span:
    """When a row's cause was at a place. An end that was not written down is guessed, with a flag."""
    from_s, day_end_s, days = _moment(cells["from"], place, "from")
    until = cells["until"]
    if until.casefold() == "ongoing":
        return _Span(from_s, None, 0, days)
    usual_s = USUAL_LENGTHS[kind].lasts_s
    if not until:
        return _Span(from_s, max(day_end_s, from_s + usual_s), usual_s, days, ("end-unknown",))
    _, until_s, days_too = _moment(until, place, "until")
    if until_s < from_s:
        return _Span(from_s, max(day_end_s, from_s + usual_s), usual_s, days, ("ends-before-it-begins",))
    if days_too:
        return _Span(from_s, until_s, 0 if days else DAY_S, days)
    return _Span(from_s, max(until_s, from_s + 60), UNCERTAINTY_S, days)


def _moment(text: str, place: Place, name: str) -> tuple[int, int, bool]:
    """The first and the last second of a cell's time at a place, and whether it is a day."""
    written = re.sub(r"(?<=\d) (?=\d)", "T", text, count=1)
    try:
        from_s, until_s, day = geography.read_moment(written, place.time_zone)
        if day:
            # A country of several time zones has a long day.
            spans = [geography.read_moment(written, zone)[:2] for zone in geography.time_zones(place)]
            from_s, until_s = min(span[0] for span in spans), max(span[1] for span in spans)
    except ValueError:
        words = f"`{name}` can't be read: write 2021-02-28T14:00, 2021-02-28T08:00Z or 2021-02-28"
        raise Refusal(words, text[:80]) from None
    if from_s < EARLIEST_S or until_s > LATEST_S:
        raise Refusal(f"`{name}` is absurd: a time between 1990 and 2100", text[:80])
    return from_s, until_s, day


def _places(text: str, country: str) -> list[Place]:
    """The places of a row. One that the map does not know is refused: too large, it would explain too much."""
    if not text:
        return [geography.country_place(country)]
    if network := _NETWORK.fullmatch(text):
        found = geography.entity_place("asn", network[1], "", country)
        assert found is not None
        return [found]
    area = geography.read_area(text, country)
    if area.unresolved or not (area.places or area.nationwide):
        unknown = ", ".join(area.unresolved) or text
        raise Refusal(
            "`place` is not on the map: give the nearest city, or the region", f"{unknown}, {country}"[:80]
        )
    if not area.places:
        return [geography.country_place(country)]
    return list({place.key: place for place in area.places}.values())


def _source(text: str) -> str:
    """A source's name as records have it: `National Grid` is `national-grid`."""
    if not text:
        return SOURCE
    latin = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:64].strip("-")
    # A name in another script would be nobody's, and all such names one.
    return latin if sum(map(str.isalnum, text)) == len(latin.replace("-", "")) else f"source-{digest(text)[:12]}"


def _magnitude(text: str) -> float | None:
    """A number, with commas or blanks between its thousands; None where there is none."""
    if not text:
        return None
    try:
        value = float(re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", text))
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e15:
        raise Refusal("`magnitude` is no number of at least 0", text[:80])
    return value
