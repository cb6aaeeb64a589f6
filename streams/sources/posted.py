"""A citizens' form as a report: what somebody posts, and nothing of who it is.

The one way from a form to the topic, for `shutdowns serve-reports`, the API's form and files of posted reports.
Only what is listed in `FIELDS` is looked at. Places are reduced to those that the map knows, coordinates to a tenth
of a degree, texts to what `streams.texts` reads in them; who wrote becomes a salted digest.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from streams import geography
from streams.sources.files import SourceError
from streams.sources.form_fields import TEXT_CHARS, Form
from streams.sources.rows import NO_COUNTRY
from streams.sources.told import FROM_TEXT, TIME_OF_PUBLICATION
from streams.texts import TextReading, read_text
from streams.texts.lexicon import service_names
from streams.texts.privacy import salted, text_digest
from topics import Origin, Report, Reporter
from topics.reports import Extent, Network, ReporterKind, Scope

SOURCE = "form"

#: Every field of a form, and what it means. All but the place may be left out.
FIELDS = {
    "country": "The country: its code or name.",
    "place": "City, district or region, in any language; several with commas; or the whole country.",
    "latitude": "Degrees north; kept to a tenth of a degree.",
    "longitude": "Degrees east; kept to a tenth of a degree.",
    "start": "Since when: 2021-02-28T14:00 by the clocks there, or a day. Left out: now.",
    "end": "Until when.",
    "ongoing": "Whether it goes on.",
    "extent": "full, service or throttling.",
    "networks": "mobile, broadband, or both.",
    "services": "Those that don't work, if not all: whatsapp, telegram, …",
    "text": "In your own words. It is read for what the other fields leave out, and not kept.",
    "language": "Of the text, BCP 47.",
    "kind": "Who you are: individual, organisation, media, operator or government.",
    "name": "The organisation's name. People are not named.",
    "author": "Anything that stays the same for you, to count you once: only a salted digest is kept, another one "
    "for each day that you report on.",
    "id": "Yours for this report: post it again with the same id to correct it.",
    "receipt": "What you were given for a report, to take it back with `withdrawn`.",
    "withdrawn": "Whether to take it back.",
}


#: A report's own id has so many characters, where nothing else tells authors apart: a UUID has 32.
LEAST_ID = 16

#: A report may begin so much after it was received: clocks differ.
AHEAD_S = 3600


class PostedError(SourceError):
    """A form that makes no report. `problems` says by field what is wrong, in words for who filled it in."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {words}" for name, words in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Posted:
    """A report that was posted. Who has the `receipt` may take it back."""

    report: Report
    receipt: str


def read_posted(
    fields: Mapping[str, Any], *, received_s: int, salt: bytes, trusted: bool = False, secret: str = ""
) -> Posted:
    """The report of a form's fields: texts as forms give them, or JSON's values.

    A report without an id of its own gets one made of the digest of `secret`, which is random and becomes the
    receipt: so equal forms are as many reports, and each can be taken back by its author alone. Without a secret,
    as from files, equal forms received at one time are one report.

    Only who is `trusted` reports as an organisation, whose word weighs more: anybody could say so. Others are
    individuals, flagged if they said otherwise.

    Raises:
        PostedError: it makes no report.
    """
    form = Form(fields)
    if form.flag("withdrawn"):
        return _taken_back(form, received_s, salt)
    text = form.text("text", TEXT_CHARS)
    where = _where(form, text, received_s)
    reading = read_text(text, received_s, where.country or None) if text else None
    start, flags = _start(form, where, reading, received_s)
    reporter, posing = _reporter(form, salt, _local_day(start, where.zone), trusted=trusted)
    end = form.moment("end", where.zone) or (reading.end if reading and reading.start == start else "")
    own, author = form.text("id"), form.text("author")
    if own and not (author or trusted) and len(own) < LEAST_ID:
        form.problems["id"] = f"give one of at least {LEAST_ID} characters, so that nobody else has it"
    content = own or f"{received_s} {sorted((key, str(value)) for key, value in fields.items())}"
    is_secret = bool(secret) and not own
    name = _secret_name(secret, salt) if is_secret else salted(salt, SOURCE, author if own else "", content)
    said = reading if reading is not None and reading.verdict == "report" else None
    report = Report(
        id=f"{SOURCE}/{where.country}/{start[:10]}/{name}",
        origin=Origin(source=SOURCE),
        reporter=reporter,
        country=where.country,
        places=where.names,
        scope=where.scope,
        latitude=where.latitude,
        longitude=where.longitude,
        start=start,
        end=end or None,
        ongoing=form.flag("ongoing") or (not end and bool(flags)),
        approximate=bool(flags) or (said is not None and said.approximate and said.start == start),
        extent=form.choice("extent", get_args(Extent)) or (said.extent if said else None),
        networks=form.choices("networks", get_args(Network)) or (said.networks if said else ()),
        services=form.choices("services", service_names()) or (said.services if said else ()),
        cause=(said.cause or None) if said else None,
        attribution="announced" if said and said.about == "announced" and said.start == start else None,
        text_digest=text_digest(salt, text),
        language=_language(form.text("language")) or (reading.language if reading else None),
        flags=(*flags, *posing, *_doubts(reading)),
        known_s=received_s,
        revision=received_s,
    )
    if form.problems:
        raise PostedError(form.problems)
    return Posted(report, secret if is_secret else receipt(report.id, salt))


def _reporter(form: Form, salt: bytes, day: str, *, trusted: bool) -> tuple[Reporter, tuple[str, ...]]:
    """Who posts, and a flag if that is somebody else than they say. People are the same for the `day` that they
    report on: nothing ties what somebody says of one day to what they say of another."""
    kind: ReporterKind = form.choice("kind", get_args(ReporterKind)) or "individual"
    name, author = form.text("name"), form.text("author")
    if kind != "individual" and trusted:
        if not name:
            form.problems["name"] = "say which: an organisation reports under its name"
        return Reporter(kind=kind, name=name[:300]), ()
    digest = salted(salt, SOURCE, "author", day, author) if author else None
    return Reporter(kind="individual", digest=digest), () if kind == "individual" else (f"says-it-is-{kind}",)


def _local_day(moment: str, zone: str) -> str:
    """The day of a moment by the clocks of a place, as correlation counts people by it; "" of what is none."""
    try:
        begin_s = geography.read_moment(moment, zone)[0]
        return dt.datetime.fromtimestamp(begin_s, geography.zone(zone)).date().isoformat()
    except (ValueError, OverflowError):
        return ""


def receipt(report_id: str, salt: bytes) -> str:
    """What lets somebody take a report back that has an id of its author's."""
    return salted(salt, "receipt", report_id)


def _secret_name(secret: str, salt: bytes) -> str:
    """The end of the id of a report whose receipt is a secret: of that only this digest is kept."""
    return salted(salt, SOURCE, "secret receipt", secret)


def _fits(given: str, report_id: str, salt: bytes) -> bool:
    """Whether that is the receipt of a report."""
    own = hmac.compare_digest(given.encode(), receipt(report_id, salt).encode())
    name = report_id.rpartition("/")[2]
    return own or hmac.compare_digest(_secret_name(given, salt).encode(), name.encode())


def _taken_back(form: Form, received_s: int, salt: bytes) -> Posted:
    key, given = form.text("id"), form.text("receipt")
    if not key.startswith(f"{SOURCE}/"):
        form.problems["id"] = "give the id that the report was answered with"
    if not _fits(given, key, salt):
        form.problems["receipt"] = "this is not the receipt of that report"
    if form.problems:
        raise PostedError(form.problems)
    report = Report(
        id=key,
        origin=Origin(source=SOURCE),
        reporter=Reporter(kind="individual"),
        country=NO_COUNTRY,
        start=dt.datetime.fromtimestamp(received_s, dt.UTC).strftime("%Y-%m-%dT%H:%MZ"),
        known_s=received_s,
        revision=received_s,
        withdrawn=True,
    )
    return Posted(report, given)


@dataclass(frozen=True, slots=True)
class _Where:
    country: str = ""
    names: tuple[str, ...] = ()
    scope: Scope | None = None
    latitude: float | None = None
    longitude: float | None = None
    zone: str = "UTC"


def _where(form: Form, text: str, received_s: int) -> _Where:
    """The place of a form, no finer than a town or a tenth of a degree: by its words, its coordinates, its text."""
    written, area = form.text("country"), form.text("place")
    code = (geography.country_code(written) or geography.country_code(written.upper()) or "") if written else ""
    if written and not code:
        form.problems["country"] = "no country is called so: give its code or name"
        return _Where()
    point = _point(form)
    if point is not None:
        located = geography.locate(*point)
        if located is None or (code and located[0] != code):
            form.problems["latitude"] = "these coordinates lie in another country, or in none"
            return _Where()
        code = code or located[0]
    if area:
        return _named(form, area, code, point)
    if point is not None:
        return _placed(code, point)
    reading = read_text(text, received_s, code or None) if text else None
    if reading is not None and reading.country and (reading.places or reading.scope == "national"):
        zone = (reading.places[0] if reading.places else geography.country_place(reading.country)).time_zone
        return _Where(reading.country, reading.names, reading.scope, zone=zone)
    form.problems["place"] = "say where: a town, a region, or the whole country"
    return _Where()


def _point(form: Form) -> tuple[float, float] | None:
    latitude, longitude = form.number("latitude", 90), form.number("longitude", 180)
    if (latitude is None) != (longitude is None) and not form.problems:
        form.problems["latitude"] = "give both coordinates, or none"
    return None if latitude is None or longitude is None else (round(latitude, 1), round(longitude, 1))


def _named(form: Form, words: str, code: str, point: tuple[float, float] | None) -> _Where:
    """A place by its words. Parts with numbers in them are of addresses, and are not looked up beside others."""
    if not code:
        found = geography.find_places(words)
        sure = [one.place.country for one in (*found.countries, *found.places)]
        code = sure[0] if sure else geography.country_code(words) or ""
    if not code:
        form.problems["country"] = "say in which country that is"
        return _Where()
    parts = [part for part in re.split(r"[,;\n]", words) if part.strip()]
    plain = [part for part in parts if not any(letter.isdigit() for letter in part)]
    area = geography.read_area(", ".join(plain or parts), code)
    country = geography.country_place(code)
    if area.nationwide:
        return _Where(code, (), "national", zone=country.time_zone)
    if area.places:
        zone = area.places[0].time_zone
        return _Where(code, tuple(place.name for place in area.places), zone=zone)
    if point is not None:
        return _placed(code, point)
    form.problems["place"] = f"no such place is known in {country.name}: give the nearest town, or the region"
    return _Where()


def _placed(code: str, point: tuple[float, float]) -> _Where:
    return _Where(code, (), None, *point, geography.country_place(code).time_zone)


def _start(form: Form, where: _Where, reading: TextReading | None, received_s: int) -> tuple[str, tuple[str, ...]]:
    """Since when, and a flag if that is only when it was received."""
    given = form.moment("start", where.zone)
    now = dt.datetime.fromtimestamp(received_s, dt.UTC).strftime("%Y-%m-%dT%H:%MZ")
    if given:
        # Without a place nobody knows by whose clock it is.
        if where.country and geography.read_moment(given, where.zone)[0] > received_s + AHEAD_S:
            form.problems["start"] = "this is yet to come"
        return given, ()
    if reading is not None and reading.start and reading.start != now:
        return reading.start, (FROM_TEXT,)
    return now, (TIME_OF_PUBLICATION,)


def _doubts(reading: TextReading | None) -> tuple[str, ...]:
    """A flag where the text says otherwise than the form."""
    against = reading is not None and reading.about in ("restored", "denied")
    return ("text-says-otherwise",) if against else ()


def _language(text: str) -> str | None:
    return text if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", text) else None
