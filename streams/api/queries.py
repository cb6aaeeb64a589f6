"""What a request asks for: parameters read and checked, shutdowns found by them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import orjson
from starlette.datastructures import QueryParams

from streams import geography
from streams.api.problems import Problem
from streams.api.state import Entry, Key, State
from streams.thresholds import EVERY, Bounds, Thresholds, read_bounds
from topics import EARLIEST_S, LATEST_S, Place, Shutdown
from topics.reports import Scope
from topics.shutdowns import Level, Status

LEVELS: tuple[str, ...] = get_args(Level)
STATUSES: tuple[str, ...] = get_args(Status)
SCOPES: tuple[str, ...] = get_args(Scope)

#: Those that stand: what is asked for unless `status` says otherwise.
STANDING = frozenset({"open", "closed"})

DEFAULT_LIMIT, MOST = 50, 500
LONGEST_VALUE = 300

#: Places of a filter: each is compared with every shutdown.
MOST_PLACES = 20

Box = tuple[float, float, float, float]

#: The parameters of a filter; others are refused, since a misspelt one would silently filter nothing.
FILTER = (
    "country", "place", "bbox", "from", "until", "level", "status", "scope", "incident", "campaign", "common_drops",
    "happened", "on_purpose", "probability",
)  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """Which shutdowns. Empty sets mean all; times are Unix seconds; the box is west, south, east, north."""

    countries: frozenset[str] = frozenset()
    places: tuple[str | Place, ...] = ()
    box: Box | None = None
    from_s: int = EARLIEST_S
    until_s: int = LATEST_S
    levels: frozenset[str] = frozenset()
    statuses: frozenset[str] = STANDING
    scopes: frozenset[str] = frozenset()
    incidents: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    common_drops: frozenset[str] = frozenset()
    thresholds: Thresholds = EVERY

    @cached_property
    def _always(self) -> bool:
        """Nothing but the status is asked."""
        return self == Filter(countries=self.countries, statuses=self.statuses)

    def takes(self, one: Shutdown) -> bool:
        """Whether a shutdown is asked for."""
        if one.status not in self.statuses or (self.countries and one.country not in self.countries):
            return False
        return self._always or (
            one.from_s < self.until_s
            and (one.until_s is None or one.until_s > self.from_s)
            and (not self.levels or one.level in self.levels)
            and (not self.scopes or one.scope in self.scopes)
            and (not self.incidents or one.incident in self.incidents)
            and (not self.campaigns or one.campaign in self.campaigns)
            and (not self.common_drops or not self.common_drops.isdisjoint(one.common_drops))
            and self.thresholds.takes(one)
            and (self.box is None or _meets(one.place, self.box))
            and (not self.places or any(_is_in(one.place, wanted) for wanted in self.places))
        )


@dataclass(frozen=True)
class Page:
    """Some of the shutdowns asked for, and where the next page begins; None at the end."""

    entries: tuple[Entry, ...]
    next: str | None


def page(state: State, wanted: Filter, after: Key | None, limit: int) -> Page:
    """The next shutdowns in order after a key."""
    # The order is by begin, the newest first: those that began too late are passed over all at once.
    begun: Key = (-wanted.until_s, "\U0010ffff")
    after = begun if after is None else max(after, begun)
    found: list[Entry] = []
    for entry in state.listed(wanted.countries, after):
        if wanted.takes(entry.shutdown):
            if len(found) == limit:
                return Page(tuple(found), cursor_of(found[-1].key))
            found.append(entry)
    return Page(tuple(found), None)


def matching(state: State, wanted: Filter) -> Iterator[Entry]:
    """All of them."""
    return (entry for entry in state.listed(wanted.countries) if wanted.takes(entry.shutdown))


def demand_known(params: QueryParams, known: Sequence[str]) -> None:
    """That there are no other parameters, and none is absurdly long.

    Raises:
        Problem: there is one.
    """
    for name, value in params.multi_items():
        if name not in known:
            raise _bad(name[:40], f"there is no such parameter here; there are {', '.join(known)}")
        if len(value) > LONGEST_VALUE:
            raise _bad(name, f"it has {len(value)} characters, more than {LONGEST_VALUE}")


def read_filter(params: QueryParams, default: frozenset[str] = STANDING) -> Filter:
    """The filter of a request; `default` are the statuses where it names none.

    Raises:
        Problem: a parameter has a value that makes no sense.
    """
    countries = frozenset(_country(text) for text in _values(params, "country"))
    given = _choice(params, "status", (*STATUSES, "all"))
    return Filter(
        countries=countries,
        places=_places(params, countries),
        box=_box(params),
        from_s=_moment(params, "from", EARLIEST_S),
        until_s=_moment(params, "until", LATEST_S),
        levels=_choice(params, "level", LEVELS),
        statuses=frozenset(STATUSES) if "all" in given else given or default,
        scopes=_choice(params, "scope", SCOPES),
        incidents=frozenset(_values(params, "incident")),
        campaigns=frozenset(_values(params, "campaign")),
        common_drops=frozenset(_values(params, "common_drops")),
        thresholds=Thresholds(*(_bounds(params, name) for name in ("happened", "on_purpose", "probability"))),
    )


def read_limit(params: QueryParams, most: int = MOST) -> int:
    """How many are asked for.

    Raises:
        Problem: no number, or too many.
    """
    text = params.get("limit", str(min(DEFAULT_LIMIT, most)))
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or not 1 <= int(text) <= most:
        raise _bad("limit", f"{text[:20]!r} is not a whole number from 1 to {most}")
    return int(text)


def cursor_of(key: Key) -> str:
    """A key as the opaque text that clients give back.

    >>> read_cursor(cursor_of((-1614499200, "KZ-1")))
    (-1614499200, 'KZ-1')
    """
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read_cursor(text: str | None) -> Key | None:
    """The key of a cursor.

    Raises:
        Problem: it is none of ours.
    """
    if not text:
        return None
    try:
        moment, ident = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(moment, int) or not isinstance(ident, str):
            raise ValueError("other types")
    except (ValueError, TypeError, binascii.Error):
        raise _bad("cursor", "take it from `next` of the page before, as it is") from None
    return (moment, ident)


def _values(params: QueryParams, name: str) -> list[str]:
    return [text.strip() for value in params.getlist(name) for text in value.split(",") if text.strip()]


def _choice(params: QueryParams, name: str, allowed: Sequence[str]) -> frozenset[str]:
    values = frozenset(_values(params, name))
    if strange := values - set(allowed):
        raise _bad(name, f"{min(strange)[:40]!r} is none of {', '.join(allowed)}")
    return values


def _country(text: str) -> str:
    code = text.upper() if len(text) == 2 else ""
    found = code if code and geography.country_code(code) == code else geography.country_code(text)
    if found is None:
        raise _bad("country", f"{text[:40]!r} is no country; give an ISO 3166-1 alpha-2 code such as KZ, or a name")
    return found


def _places(params: QueryParams, countries: frozenset[str]) -> tuple[str | Place, ...]:
    texts = list(dict.fromkeys(text for text in params.getlist("place") if text))
    if len(texts) > MOST_PLACES:
        raise _bad("place", f"{len(texts)} places, more than {MOST_PLACES}")
    return tuple(_place(text, countries) for text in texts)


def _place(text: str, countries: frozenset[str]) -> str | Place:
    """A place's key or `adm1_code` as it is; a name, in any script, as the place that bears it."""
    if "/" in text or (text.count("-") == 1 and text.rpartition("-")[2].isdigit()):
        return text
    for country in sorted(countries):
        found = geography.find_place(text, country)
        if found is not None:
            return found
    named = geography.find_places(text, next(iter(countries)) if len(countries) == 1 else None)
    if named.places:
        return named.places[0].place
    raise _bad("place", f"{text[:60]!r} is no place that is known; /places?q= finds them, and `country` helps")


def _box(params: QueryParams) -> Box | None:
    text = params.get("bbox")
    if not text:
        return None
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        raise _bad("bbox", f"{text[:60]!r} is not west,south,east,north in degrees") from None
    inside = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    if not inside:
        raise _bad(
            "bbox", "west and east are from -180 to 180, south and north from -90 to 90, south is below north"
        )
    return (west, south, east, north)


def _moment(params: QueryParams, name: str, default: int) -> int:
    text = params.get(name)
    if not text:
        return default
    try:
        if text.isascii() and text.isdigit() and len(text) <= 12 and len(text) > 8:
            moment_s = int(text)
        else:
            moment = dt.datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
            moment_s = int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError):
        raise _bad(
            name, f"{text[:40]!r} is no time: ISO 8601, in UTC unless it says otherwise, or Unix seconds"
        ) from None
    if not EARLIEST_S <= moment_s <= LATEST_S:
        raise _bad(name, f"{text[:40]!r} is before 1990 or after 2100")
    return moment_s


def _bounds(params: QueryParams, name: str) -> Bounds:
    text = params.get(name)
    if not text:
        return Bounds()
    try:
        return read_bounds(text)
    except ValueError:
        raise _bad(name, f"{text[:40]!r} is no bound: 0.8 is at least, ..0.3 at most, 0.2..0.5 both") from None


def _bad(name: str, words: str) -> Problem:
    return Problem(400, f"{name}: {words}", parameter=name)


def _meets(place: Place, box: Box) -> bool:
    """Whether a place, grown by its uncertainty, meets a box; boxes may run over the date line."""
    if place.latitude is None or place.longitude is None:
        return False
    west, south, east, north = box
    reach = place.radius_km / 111.32
    if not south - reach <= place.latitude <= north + reach:
        return False
    wide = reach / max(0.01, math.cos(math.radians(min(89.0, abs(place.latitude)))))
    width = (east - west) % 360 if (east - west) % 360 or east == west else 360
    return (place.longitude - west + wide) % 360 <= width + 2 * wide


def _is_in(place: Place, wanted: str | Place) -> bool:
    if isinstance(wanted, str):
        return wanted in (place.key, place.region)
    return place.key == wanted.key or geography.contains(wanted, place)
