"""Targets: texts, dates, places, forms; settings, rules; records of every topic."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from streams import geography
from streams.arrival import arrive
from streams.claims.lineage import wording
from streams.correlation.rules import default_text, read_rules
from streams.errors import StreamsError
from streams.pipeline import build_stage
from streams.replay.whatif import rules_for
from streams.settings import CONFIG_VARIABLE, Settings, documented, load
from streams.sources.dates import dates_in_links, links, links_disagree, read_date
from streams.sources.gdelt_rows import domain
from streams.sources.posted import read_posted
from streams.stage import SOURCES
from streams.texts import read_protest, read_text
from streams.texts.privacy import names_account, redacted
from tests.fuzzing.files import stored
from tests.fuzzing.judging import Target, sound
from tests.played import near_miss, played
from topics import (
    CANDIDATES,
    CATALOGUE,
    FORM_REPORTS,
    INVALID,
    REPORTS,
    UNDELIVERED,
    Invalid,
    InvalidRecord,
    ShutdownChange,
    Topic,
    Undelivered,
    decode,
    encode,
)

PUBLISHED_S = 1_614_499_500
DAY = dt.date(2021, 2, 28)
MARKED = Path(__file__).parents[1] / "texts" / "marked.tsv"


@cache
def sentences() -> list[bytes]:
    """Texts in many languages, as the tests of reading have them."""
    rows = list(csv.reader(io.StringIO(MARKED.read_text("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE))
    return [max(row, key=len).encode() for row in rows[1 :: max(1, len(rows) // 40)] if row]


def _decoded(data: bytes) -> str:
    """A text as it reaches us: everything that brings one has checked that it is UTF-8."""
    return data.decode("utf-8", "replace")


def _texts(data: bytes) -> Iterator[str]:
    text = _decoded(data)
    for country in (None, "KZ"):
        found = read_text(text, PUBLISHED_S, country)
        yield f"{found.verdict} {found.about} {found.language} {found.scope} {found.why} {bool(found.start)}"
        yield f"protest {read_protest(text, PUBLISHED_S, country) is not None}"
    yield f"{names_account(text)} {redacted(text) == text}"
    yield f"{wording(text) is not None}"


def _places(data: bytes) -> Iterator[str]:
    text = _decoded(data)[:20_000]
    yield f"{geography.country_code(text[:200])} {geography.country_code(text[:3], fips=True)}"
    area = geography.read_area(text, "KZ")
    yield f"{area.nationwide} {min(len(area.places), 3)} {min(len(area.unresolved), 3)}"
    found = geography.find_places(text)
    yield f"{min(len(found.countries), 3)} {min(len(found.places), 3)}"
    yield f"{geography.find_place(text[:300], 'KZ') is not None} {geography.region_by_code(text[:20]) is not None}"
    for kind in ("country", "region", "asn", "geoasn", "county", "place"):
        yield f"{kind} {geography.entity_place(kind, text[:300], text[:300], 'KZ') is not None}"
    yield domain(text)[:0]


def _numbers(data: bytes) -> Iterator[str]:
    """Coordinates of any float: a record's are bounded, a cell's are not."""
    latitude, _, longitude = _decoded(data).partition(" ")
    try:
        located = geography.locate(float(latitude), float(longitude))
    except (geography.GeographyError, ValueError) as error:
        yield type(error).__name__
    else:
        yield f"{located is None}"


def _moments(data: bytes) -> Iterator[str]:
    text = _decoded(data)
    day = read_date(text, "end")
    yield f"{day.day is None} {day.ongoing} {day.flags}"
    addresses = links(text)
    yield f"{min(len(addresses), 4)} {min(4, sum(1 for _ in dates_in_links(addresses, DAY)))}"
    yield f"{links_disagree(addresses, DAY, day.day)}"
    try:
        yield f"{geography.read_moment(text, 'Asia/Almaty')[2]}"
    except ValueError:
        yield "no moment"


def _form(data: bytes) -> Iterator[str]:
    try:
        fields: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for trusted in (False, True):
        if isinstance(fields, dict):
            try:
                posted = read_posted(fields, received_s=PUBLISHED_S, salt=b"s" * 16, trusted=trusted)
                yield sound(REPORTS, posted.report)
            except StreamsError as error:
                yield str(sorted(getattr(error, "problems", ())))


def _settings(data: bytes) -> Iterator[str]:
    path = Path(tempfile.gettempdir()) / f"fuzz-{os.getpid()}.toml"
    path.write_bytes(data)
    loaded = load({CONFIG_VARIABLE: str(path)})
    yield str(sorted(loaded.origins.values()))[:0]
    text = _decoded(data).partition("\n")[0].partition("=")[2].strip()
    for name, variable, _, _ in documented():
        try:
            Settings.from_environment({variable: text})
            yield f"{name} taken"
        except StreamsError:
            yield f"{name} refused"


def _settings_seed() -> bytes:
    given = {name: default for name, _, default, _ in documented() if default != "None"}
    return "".join(
        f"{name} = {msgspec.json.encode(default).decode()}\n" for name, default in given.items()
    ).encode()


def _rules(data: bytes) -> Iterator[str]:
    text = _decoded(data)
    try:
        yield rules_for(None, [text[:200]]).hash[:0]
    except StreamsError:
        yield "refused"
    yield read_rules(text, "a file").hash[:0]


def _record(topic: Topic, data: bytes) -> Iterator[str]:
    """A record as a stage gets it: refused where it is read, by the stage, or taken."""
    found = decode(topic, data)
    yield sound(topic, found)
    stage = next((name for name, source in SOURCES.items() if source is topic), None)
    if stage is not None:
        arrive(topic, data, PUBLISHED_S + 10**6)
        store: dict[str, bytes] = {}
        result = build_stage(stage).process([found, found], store)
        yield from (f"{one.reason} {one.field}" for one in result.refused)
        for out, record in result.out:
            yield sound(out, record)
            if len(encode(record)) > 500_000:
                raise AssertionError(f"{stage} makes a record of {len(encode(record)):,} bytes")
        if (longest := max(map(len, store.values()), default=0)) > 900_000:
            raise AssertionError(f"{stage} keeps a value of {longest:,} bytes")


_INVALID = Invalid(
    id="reports/0/1",
    topic="reports",
    partition=0,
    offset=1,
    timestamp_ms=1,
    key=b"k",
    value=b"{",
    reason="not-json",
    detail="it ends too early",
)


def _records(topic: Topic) -> list[bytes]:
    if topic is FORM_REPORTS:
        return _records(REPORTS)
    if topic is INVALID:
        return [encode(_INVALID)]
    if topic is UNDELIVERED:
        change = next(record for _, record in played() if isinstance(record, ShutdownChange))
        return [encode(Undelivered(id="n/1", notifier="n", attempts=1, reason="HTTP 500", change=change))]
    records = [*played(), (CANDIDATES, near_miss())]
    found = [encode(record) for one, record in records if one is topic]
    found = sorted((one for one in found if len(one) < 20_000), key=len)
    return [found[0], found[len(found) // 2], found[-1]]


def targets() -> Iterator[Target]:
    """All of them."""
    yield Target("texts", "text", _texts, sentences)
    yield Target("places", "text", _places, lambda: [*sentences(), b"Almaty, Nur-Sultan and Atyrau region"])
    yield Target("coordinates", "text", _numbers, lambda: [b"43.25 76.95", b"-90 180", b"90.0 -180.0"])
    dates = [b"2019-01-08 00:00:00", b"1/8/19 about noon", b"Ongoing", b"2021-02-28T14:00+06:00",
             b"https://example.org/2021/2/28/x, https://x.y/feb-28-2021; http://z/05-May-2018"]  # fmt: skip
    yield Target("dates", "text", _moments, lambda: dates)
    yield Target("form", "json", _form, lambda: stored("posted", ".json"))
    yield Target("settings", "toml", _settings, lambda: [_settings_seed()])
    yield Target("rules", "toml", _rules, lambda: [default_text().encode()])
    for topic in CATALOGUE:
        run, seeds = partial(_record, topic), partial(_records, topic)
        yield Target(f"topic-{topic.name}", "json", run, seeds, (InvalidRecord,))
