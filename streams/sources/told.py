"""What people and papers write, as rows: a report, a protest, or a text kept on `invalid` because it is unsure.

The one way from a text to a topic, whatever brought it, so that one rule of privacy holds for all: of the text
itself nothing goes on unless `keep_text` says so, and then without accounts, addresses and numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from streams.sources.feed_times import ZONE_UNKNOWN
from streams.sources.rows import NO_COUNTRY, Accepted, Rejected, Row
from streams.texts import ProtestReading, TextReading, read_protest, read_text
from streams.texts.privacy import redacted, text_digest
from streams.texts.when import moment_of
from topics import INVALID, NEWS, REPORTS, Invalid, NewsItem, Origin, Report, Reporter
from topics.invalid import InvalidReason

#: Flags of reports that were read from texts.
FROM_TEXT, TIME_OF_PUBLICATION = "read-from-text", "time-of-publication"

#: Flag of reports that say when it was back, and not since when it was down.
ENDED = "tells-only-the-end"

#: Who ordered what a government says of itself, and the causes of a cut that are nobody's order.
OWN_ORDER = "the government (its own statement)"
NOBODYS_ORDER = frozenset({"attack", "cable", "maintenance", "power cut", "technical", "weather"})

#: What a row that takes something back is counted as.
WITHDRAWN = ("withdrawn",)


@dataclass(frozen=True, slots=True)
class Told:
    """A text and where it comes from. `id` stays when it is edited, `revision` grows; `cites` is whom it repeats.

    `changed` says that it was edited: it may have been a report, and is taken back if it is none now.
    """

    id: str
    source: str
    text: str
    published_s: int
    revision: int
    reporter: Reporter
    reference: str | None = None
    cites: tuple[str, ...] = ()
    changed: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How texts are read: where their source is at home (alpha-2), the salt, whether (redacted) texts are kept."""

    salt: bytes
    country: str | None = None
    keep_text: bool = False


def rows(told: Told, manner: Manner, number: int) -> Iterator[Row]:
    """The rows that a text makes; at least one."""
    reading = read_text(told.text, told.published_s, manner.country)
    unfit = _unfit(reading)
    protest = read_protest(told.text, told.published_s, manner.country)
    if reading.verdict != "none" and unfit is None:
        report = _report(told, reading, manner)
        yield Accepted(number, REPORTS, report, report.flags)
    elif told.changed:
        yield Accepted(number, REPORTS, _withdrawn_report(told), WITHDRAWN)
    if unfit is not None:
        yield Accepted(number, INVALID, _invalid(told, reading, unfit, manner), (f"kept on `invalid`: {unfit[0]}",))
    if protest is not None:
        item = _protest(told, protest, manner)
        yield Accepted(number, NEWS, item, item.flags)
    elif told.changed:
        yield Accepted(number, NEWS, _withdrawn_item(told), WITHDRAWN)
    elif reading.verdict == "none":
        yield Rejected(number, f"no report: {reading.why}" if told.text.strip() else "no text")


def taken_back(told: Told, number: int) -> Iterator[Row]:
    """What takes back all that a text may have made, now that it is gone."""
    yield Accepted(number, REPORTS, _withdrawn_report(told), WITHDRAWN)
    yield Accepted(number, NEWS, _withdrawn_item(told), WITHDRAWN)


def _withdrawn_report(told: Told) -> Report:
    """The record that takes a report back. Where there was none of that id it does nothing."""
    return Report(
        id=told.id,
        origin=Origin(source=told.source),
        reporter=told.reporter,
        country=NO_COUNTRY,
        start=_moment(told.published_s),
        known_s=told.published_s,
        revision=told.revision,
        withdrawn=True,
    )


def _withdrawn_item(told: Told) -> NewsItem:
    return NewsItem(
        id=told.id,
        origin=Origin(source=told.source),
        country=NO_COUNTRY,
        start=_moment(told.published_s)[:10],
        known_s=told.published_s,
        revision=told.revision,
        withdrawn=True,
    )


def _moment(moment_s: int) -> str:
    return moment_of(dt.datetime.fromtimestamp(moment_s, dt.UTC))


def _unfit(reading: TextReading) -> tuple[InvalidReason, str] | None:
    """Why a text that is or may be a report can't be a record."""
    if reading.verdict == "none":
        return None
    if reading.verdict == "unsure":
        return "unsure", f"{reading.why} (confidence {reading.confidence:.2f})"
    if not reading.country:
        return "unknown-place", "it says that it is down, but not where"
    if not reading.places and reading.scope != "national":
        return "unknown-place", f"it says that it is down in {reading.country}, but not where"
    return None


def _report(told: Told, reading: TextReading, manner: Manner) -> Report:
    at_publication = reading.start == _moment(told.published_s)
    timed = (TIME_OF_PUBLICATION,) if at_publication else ()
    ended = (ENDED,) if reading.about == "restored" else ()
    # By a clock of nobody knows where only the day is known.
    start = reading.start[:10] if at_publication and ZONE_UNKNOWN in told.flags else reading.start
    kind = told.reporter.kind
    return Report(
        id=told.id,
        origin=Origin(source=told.source, reference=told.reference),
        reporter=told.reporter,
        country=reading.country,
        places=reading.names,
        scope=reading.scope,
        start=start,
        end=reading.end or None,
        ongoing=reading.ongoing,
        approximate=reading.approximate or ZONE_UNKNOWN in told.flags,
        extent=reading.extent,
        networks=reading.networks,
        services=reading.services,
        cause=reading.cause or None,
        attribution="announced" if reading.about == "announced" else None,
        ordered_by=OWN_ORDER if kind == "government" and _may_be_ordered(reading) else None,
        cites=told.cites,
        text=redacted(told.text)[:20_000] if manner.keep_text else None,
        text_digest=text_digest(manner.salt, told.text),
        language=reading.language,
        flags=(FROM_TEXT, *timed, *ended, *told.flags),
        known_s=told.published_s,
        revision=told.revision,
    )


def _may_be_ordered(reading: TextReading) -> bool:
    """Whether a text leaves it open that the cut was ordered."""
    return not reading.unordered and reading.cause not in NOBODYS_ORDER


def _invalid(told: Told, reading: TextReading, unfit: tuple[InvalidReason, str], manner: Manner) -> Invalid:
    """An unsure text as `invalid` may have it: what is known of it, and the text only where texts are kept."""
    reason, detail = unfit
    value = {
        "id": told.id,
        "origin": {"source": told.source, "reference": told.reference},
        "reporter": {"kind": told.reporter.kind, "digest": told.reporter.digest},
        "published_s": told.published_s,
        "language": reading.language,
        "about": reading.about,
        "confidence": reading.confidence,
        "country": reading.country or None,
        "places": reading.names,
        "text_digest": text_digest(manner.salt, told.text),
        "text": redacted(told.text)[:20_000] if manner.keep_text else None,
    }
    return Invalid(
        id=f"{told.id}/{told.revision}"[:300],
        topic=REPORTS.name,
        partition=None,
        offset=None,
        timestamp_ms=told.published_s * 1000,
        key=told.id.encode(),
        value=orjson.dumps(value),
        reason=reason,
        detail=detail,
        field="text",
    )


def _protest(told: Told, found: ProtestReading, manner: Manner) -> NewsItem:
    where = found.where
    return NewsItem(
        id=told.id,
        origin=Origin(source=told.source, reference=told.reference),
        country=where.country,
        places=where.names or ("national",),
        start=found.day,
        title="protest",
        text=redacted(told.text)[:20_000] if manner.keep_text else None,
        cites=told.cites or _same(told, manner),
        flags=(FROM_TEXT, *told.flags),
        known_s=told.published_s,
        revision=told.revision,
    )


def _same(told: Told, manner: Manner) -> tuple[str, ...]:
    """Whose word a news item is: a copy's original, else who writes it. News items have no reporter."""
    copy = text_digest(manner.salt, told.text)
    if told.reporter.name:
        return (told.reporter.name,)
    return (f"text {copy}",) if copy else (f"hand {told.reporter.digest}",) if told.reporter.digest else ()
