"""One record of a raw topic, which tells of places and times in words, to one piece of evidence a place.

Reports and news items share all of this: finding their places, turning local days and clocks into UTC, and
taking pieces back when a newer revision of the record no longer names their place.

A piece's id is made from the record's id and the place's key, its revision from the record's revision and
content (`piece_revision`). So whatever the order in which revisions arrive, and however often, the pieces that
stand in the end are those of the newest.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from streams import geography
from streams.geography.finding import region_place
from streams.geography.fold import fold
from streams.stage import Refused, Result, Store, restoring
from topics import (
    EARLIEST_S,
    EVIDENCE,
    LATEST_S,
    Claim,
    NewsItem,
    Place,
    Protest,
    Report,
    Topic,
    digest,
)
from topics.evidence import Precision
from topics.invalid import InvalidReason

R = TypeVar("R", bound=Report | NewsItem)
P = TypeVar("P", bound=Claim | Protest)

#: A record that names more places than this is refused: each becomes a piece of evidence.
MOST_PLACES = 500

#: The widest revision of a record: a Unix time in milliseconds fits.
MOST_REVISION = 2**42
_TIE_BITS = 20

#: How far off a clock time is, seconds: of one that the record gives as such, and of one it calls approximate.
CLOCK_S, APPROXIMATE_S = 300, 1800

#: Uncertainty around a record's own coordinates, km.
POINT_KM = 15.0

#: What the ids of a source's records begin with, where that is not its own name.
NAMESPACES = {"access-now-stop": "stop"}

#: Texts that evidence repeats from a record are cut, so that a long record with many places stays small.
TEXT_CHARS, ITEM_CHARS, ITEMS = 1_000, 100, 20


class Unusable(Exception):
    """A record that can't become evidence; becomes `Refused`."""

    def __init__(self, reason: InvalidReason, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.reason: InvalidReason = reason
        self.detail = detail
        self.field = field


class Found(NamedTuple):
    """What a record's words name: the country's code, places in it, all of it, and what is on no map.

    `excluded` are the places that they leave out ("National except Kurdish areas"), `partial` the keys of places of
    which they mean a part that they don't name ("12 districts of Rajasthan").
    """

    country: str
    places: tuple[Place, ...]
    nationwide: bool
    unlocated: tuple[str, ...]
    excluded: tuple[Place, ...] = ()
    partial: frozenset[str] = frozenset()


class Span(NamedTuple):
    """A record's time at one place, as evidence has it."""

    from_s: int
    until_s: int | None
    from_uncertainty_s: int
    until_uncertainty_s: int
    precision: Precision
    flags: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What it takes to withdraw a piece."""

    id: str
    place: Place
    from_s: int
    until_s: int | None


class Located(msgspec.Struct, frozen=True, array_like=True):
    """The newest revision seen of a record, and the pieces that stand for it. What comes next of them has a
    revision above `floor`, which is 0 but where a rebuild corrected them: see `streams.located_standing`.
    """

    revision: int
    digest: str
    pieces: tuple[Kept, ...]
    floor: int = 0


LOCATED = msgspec.msgpack.Decoder(Located)


class LocatingStage(ABC, Generic[R, P]):
    """Implements `streams.stage.Stage` for records that tell of places. State: one small value a record."""

    name: str
    source: Topic
    outputs = (EVIDENCE,)
    layout = 1

    @abstractmethod
    def places(self, record: R) -> tuple[tuple[Place, ...], tuple[str, ...]]:
        """The places that a record tells of, at least one, and flags for what could not be located.

        Raises:
            Unusable: there is none.
        """

    @abstractmethod
    def piece(self, record: R, place: Place, span: Span, flags: tuple[str, ...]) -> P:
        """The piece of one place; its id, revision and `withdrawn` are set by the caller."""

    def process(self, records: Sequence[R], store: Store) -> Result:
        """Take in a batch; see `streams.stage.Stage.process`."""
        result = Result()
        for index, record in enumerate(records):
            try:
                pieces = self._take(record, store)
            except Unusable as error:
                result.refused.append(Refused(index, error.reason, error.detail, error.field))
            else:
                result.out.extend((EVIDENCE, piece) for piece in pieces)
        return result

    def forget(self) -> None:
        """Nothing is cached."""

    def _take(self, record: R, store: Store) -> list[P]:
        if record.revision > MOST_REVISION:
            raise Unusable("out-of-bounds", f"its revision is above {MOST_REVISION:,}", "revision")
        fingerprint = digest(msgspec.to_builtins(record))
        key = bound_id(record)
        known = store.get(key)
        with restoring(key):
            old = None if known is None else LOCATED.decode(known)
        if old is not None and (record.revision, fingerprint) <= (old.revision, old.digest):
            return []
        own = piece_revision(record.revision, fingerprint)
        floor = 0 if old is None else old.floor
        revision = max(own, floor + 1) if floor else own
        standing = [] if record.withdrawn else self._pieces(record, revision)
        kept = tuple(Kept(one.id, one.place, one.from_s, one.until_s) for one in standing)
        gone = [] if old is None else [one for one in old.pieces if one.id not in {new.id for new in standing}]
        state = Located(record.revision, fingerprint, kept, floor if revision == own else revision)
        store[key] = msgspec.msgpack.encode(state)
        return [*standing, *(self._withdrawn(record, one, revision) for one in gone)]

    def _pieces(self, record: R, revision: int) -> list[P]:
        places, flags = self.places(record)
        if len(places) > MOST_PLACES:
            raise Unusable("out-of-bounds", f"it names {len(places)} places, more than {MOST_PLACES}", "places")
        return [
            replace(
                self.piece(record, place, span_at(record, place), flags),
                id=self._id(record, place),
                revision=revision,
            )
            for place in places
        ]

    def _id(self, record: R, place: Place) -> str:
        kind = "claim" if isinstance(record, Report) else "protest"
        bound = bound_id(record)
        name = bound if len(bound) <= 200 else digest(bound)
        return f"{kind}/{name}/{place.key}"

    def _withdrawn(self, record: R, kept: Kept, revision: int) -> P:
        span = Span(kept.from_s, kept.until_s, 0, 0, "day")
        piece = self.piece(record, kept.place, span, ())
        return replace(piece, id=kept.id, revision=revision, withdrawn=True)


def bound_id(record: Report | NewsItem) -> str:
    """The record's id, in the namespace of its source: no source can revise or take back what another one said.

    Ids that begin with the namespace of their source are left as they are.

    >>> from topics import NewsItem, Origin
    >>> def item(source: str, id: str) -> NewsItem:
    ...     return NewsItem(id=id, origin=Origin(source=source), country="KZ", start="2021-02-28")
    >>> bound_id(item("gdelt", "gdelt/1")), bound_id(item("feed", "gdelt/1")), bound_id(item("feed", "1"))
    ('gdelt/1', 'feed:gdelt/1', 'feed:1')
    """
    return bound(record.origin.source, record.id)


def bound(source: str, record_id: str) -> str:
    """An id in the namespace of a source, see `bound_id`."""
    namespace = NAMESPACES.get(source, source)
    taken = source in NAMESPACES.values()
    return record_id if record_id.startswith(f"{namespace}/") and not taken else f"{source}:{record_id}"


def piece_revision(revision: int, fingerprint: str) -> int:
    """The revision of a record's pieces: that of the record first, then its content, so that two records of one
    id and revision that say different things rank in the same way everywhere.

    >>> piece_revision(2, "00000f") > piece_revision(1, "fffff0") > piece_revision(1, "0000f0")
    True
    """
    return (revision << _TIE_BITS) | int(fingerprint[:5], 16)


def find(record: Report | NewsItem) -> Found:
    """What a record's country and places name, each place once.

    Raises:
        Unusable: there is no such country.
    """
    code = geography.country_code(record.country)
    if code is None:
        raise Unusable("unknown-place", f"no country is called {record.country!r}", "country")
    places: dict[str, Place] = {}
    excluded: dict[str, Place] = {}
    in_part: set[str] = set()
    whole: set[str] = set()
    unlocated: list[str] = []
    nationwide = False
    for text in record.places:
        area = geography.read_area(text, code)
        nationwide = nationwide or area.nationwide
        excluded.update((place.key, place) for place in area.exceptions)
        # Beside several names, "and several villages" says nothing of how much of each is meant.
        (in_part if area.unspecified and len(area.places) == 1 else whole).update(
            place.key for place in area.places
        )
        for place in area.places:
            written = as_written(place, text)
            known = places.setdefault(place.key, written)
            if (known.approximate, known.name == place.name) > (place.approximate, written.name == place.name):
                places[place.key] = written
        unlocated += area.unresolved or ([text] if not (area.places or area.nationwide) and text.strip() else [])
    # What one text names in its own right is not left out by another.
    left_out = tuple(place for key, place in excluded.items() if key not in places)
    return Found(
        code,
        tuple(places.values()),
        nationwide,
        tuple(dict.fromkeys(unlocated)),
        left_out,
        frozenset(in_part - whole),
    )


def as_written(place: Place, text: str) -> Place:
    """The place by the name that `text` has for it, if that is in Latin letters: names change, and what was
    Nur-Sultan to those who reported it stays so. Spellings that fold to the gazetteer's name give way to it.
    """
    if fold(place.name) in fold(text):
        return place
    for found in geography.find_places(text, place.country).places:
        if found.place.key == place.key and all(not letter.isalpha() or _is_latin(letter) for letter in found.name):
            return replace(place, name=found.name)
    return place


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


def point(record: Report | NewsItem, country: str, *, region: bool) -> Place | None:
    """The place of a record's own coordinates, in `country`: their region, or the point. None without any.

    Raises:
        Unusable: they lie in another country, or in none.
    """
    if record.latitude is None or record.longitude is None:
        return None
    # Two decimals are a kilometre: enough here, and less of where an individual was.
    latitude, longitude = round(record.latitude, 2), round(record.longitude, 2)
    located = geography.locate(latitude, longitude)
    if located is None or located[0] != country:
        where = "in no country" if located is None else f"in {located[0]}"
        raise Unusable("unknown-place", f"its coordinates lie {where}, not in {country}", "latitude")
    around = None if located[1] is None else region_place(located[1])
    if region and around is not None:
        return around
    base = around or geography.country_place(country)
    return Place(
        kind="point",
        country=country,
        name=f"{latitude:.2f}, {longitude:.2f} ({base.name})",
        region=base.region,
        latitude=latitude,
        longitude=longitude,
        radius_km=POINT_KM,
        time_zone=base.time_zone,
    )


def nowhere(found: Found, words: str) -> Unusable:
    """The refusal of a record none of whose places is known."""
    country = geography.country_place(found.country).name
    if not found.unlocated:
        return Unusable("unknown-place", f"{words} in {country}, but not where", "places")
    named = ", ".join(repr(text[:ITEM_CHARS]) for text in found.unlocated[:5])
    return Unusable("unknown-place", f"no place in {country} is known by {named}", "places")


def unlocated_flags(found: Found) -> tuple[str, ...]:
    """A flag that says which of a record's places were not found."""
    if not found.unlocated:
        return ()
    return (short(f"unlocated: {', '.join(found.unlocated)}", 2 * ITEM_CHARS),)


def span_at(record: Report | NewsItem, place: Place) -> Span:
    """When it was, by the clocks of the place.

    Days are whole local days, the last one included. Of clock times, the uncertainty is `CLOCK_S`, or
    `APPROXIMATE_S` where the record says so. A day without an end is that day; a clock time without one has no
    known end, and what goes on has none either. An end before the begin is none: flagged, and left out.

    Raises:
        Unusable: a date that doesn't exist, or one out of bounds.
    """
    ongoing = isinstance(record, Report) and record.ongoing
    clock = APPROXIMATE_S if isinstance(record, Report) and record.approximate else CLOCK_S
    from_s, day_end_s, is_day = _moment(record.start, place, "start")
    precision: Precision = "day" if is_day else "minute"
    until_s: int | None
    if ongoing or (record.end is None and not is_day):
        until_s, until_is_day = None, True
    elif record.end is None:
        until_s, until_is_day = day_end_s, True
    else:
        _, until_s, until_is_day = _moment(record.end, place, "end")
    if until_s is not None and (until_s < from_s or (until_is_day and until_s == from_s)):
        return span_at(replace(record, end=None), place)._replace(flags=("ends-before-it-begins",))
    until_uncertainty = 0 if until_is_day else clock
    if until_s is not None and until_is_day and precision == "minute":
        until_uncertainty = min(86_400, until_s - from_s)
    return Span(from_s, until_s, 0 if is_day else clock, until_uncertainty, precision)


def _moment(text: str, place: Place, field: str) -> tuple[int, int, bool]:
    try:
        from_s, until_s, is_day = geography.read_moment(text, place.time_zone)
    except ValueError as error:
        raise Unusable("absurd-time", str(error), field) from None
    if from_s < EARLIEST_S or until_s > LATEST_S:
        raise Unusable("absurd-time", f"{text} is before 1990 or after 2099", field)
    return from_s, until_s, is_day


def short(text: str, most: int = TEXT_CHARS) -> str:
    """A text cut to `most` characters, which then ends in `…`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def short_items(items: Sequence[str]) -> tuple[str, ...]:
    """The first `ITEMS` of them, each cut to `2 * ITEM_CHARS` characters."""
    return tuple(short(item, 2 * ITEM_CHARS) for item in items[:ITEMS])
