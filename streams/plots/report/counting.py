"""What a yearly report counts: by country, month, level, duration, trigger. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from streams import geography
from streams.geography.fold import fold
from topics import LATEST_S, Claim, Evidence, Shutdown

LEVELS = ("corroborated", "measured", "reported", "contradicted")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Upper ends of the classes of duration, seconds, and their names. What has no end is a class of its own.
DURATIONS = (
    (6 * 3600, "up to 6 hours"),
    (86_400, "up to a day"),
    (3 * 86_400, "1 to 3 days"),
    (7 * 86_400, "3 to 7 days"),
    (30 * 86_400, "7 to 30 days"),
    (LATEST_S, "longer"),
)
NO_END = "not over, or not known"

#: What sources call a trigger, folded, and what it is counted as: the categories of Access Now's yearly reports.
#: The first that occurs counts.
TRIGGERS = (
    ("exam", "Exams"),
    ("election", "Elections"),
    ("protest", "Protests"),
    ("communal", "Communal violence"),
    ("political", "Political instability"),
    ("information", "Information control"),
    ("holiday", "Holidays and anniversaries"),
    ("anniversar", "Holidays and anniversaries"),
    ("visit", "Visits of officials"),
    ("conflict", "Conflict"),
    ("military", "Conflict"),
    ("coup", "Conflict"),
    ("war", "Conflict"),
)
OTHER_TRIGGER, NO_TRIGGER = "Other", "Not said"


#: Names in the order to be shown, each with its number by level.
ByLevel = dict[str, dict[str, int]]


@dataclass(slots=True)
class Counts:
    """A year counted. `hours` are those that somebody claims, where an end is known."""

    total: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    places: ByLevel = field(default_factory=dict)
    months: ByLevel = field(default_factory=dict)
    durations: ByLevel = field(default_factory=dict)
    triggers: ByLevel = field(default_factory=dict)
    scopes: ByLevel = field(default_factory=dict)
    hours: float = 0.0


def in_year(shutdowns: Iterable[Shutdown], country: str | None, year: int) -> list[Shutdown]:
    """The shutdowns that stand, of a country or of the world, that began in a year by their places' clocks."""
    found = [
        one
        for one in shutdowns
        if country in (None, one.country)
        and one.status not in ("merged", "retracted")
        and begin_of(one).year == year
    ]
    return sorted(found, key=lambda one: (one.from_s, one.id))


def begin_of(shutdown: Shutdown) -> dt.datetime:
    """When it began, local."""
    return dt.datetime.fromtimestamp(shutdown.from_s, geography.zone(shutdown.place.time_zone))


def count(shutdowns: Sequence[Shutdown], country: str | None, evidence: Mapping[str, Evidence]) -> Counts:
    """Count a year's shutdowns. Places are countries, or of one country its regions and cities."""
    levels: list[str] = [one.level for one in shutdowns]
    return Counts(
        total=len(shutdowns),
        levels={level: levels.count(level) for level in LEVELS},
        places=_by_number(shutdowns, lambda one: place_name(one, country)),
        months=_in_order(shutdowns, lambda one: MONTHS[begin_of(one).month - 1], MONTHS),
        durations=_in_order(shutdowns, duration_of, [*(name for _, name in DURATIONS), NO_END]),
        triggers=_by_number(shutdowns, lambda one: trigger_of(one, evidence), (OTHER_TRIGGER, NO_TRIGGER)),
        scopes=_in_order(shutdowns, lambda one: one.scope, ("national", "regional", "local")),
        hours=sum(_hours(one) for one in shutdowns if one.level != "measured"),
    )


def place_name(shutdown: Shutdown, country: str | None) -> str:
    """What a shutdown is counted under: its country, or in a report of one country its place."""
    if country is None:
        return geography.country_place(shutdown.country).name
    return "the whole country" if shutdown.place.kind == "country" else shutdown.place.name


def duration_of(shutdown: Shutdown) -> str:
    """The class of its duration."""
    if shutdown.until_s is None or shutdown.until_s >= LATEST_S:
        return NO_END
    length = shutdown.until_s - shutdown.from_s
    return next(name for most_s, name in DURATIONS if length <= most_s)


def trigger_of(shutdown: Shutdown, evidence: Mapping[str, Evidence]) -> str:
    """What its claims say was the trigger, the first of them by begin that says so."""
    for piece in sorted(shutdown.evidence, key=lambda one: (one.from_s, one.id)):
        claim = evidence.get(piece.id)
        if isinstance(claim, Claim) and claim.cause:
            words = fold(claim.cause)
            return next((name for word, name in TRIGGERS if word in words), OTHER_TRIGGER)
    return NO_TRIGGER


def _hours(shutdown: Shutdown) -> float:
    if shutdown.until_s is None or shutdown.until_s >= LATEST_S:
        return 0.0
    return (shutdown.until_s - shutdown.from_s) / 3600


def _in_order(shutdowns: Iterable[Shutdown], name_of: Callable[[Shutdown], str], order: Iterable[str]) -> ByLevel:
    found: ByLevel = {name: dict.fromkeys(LEVELS, 0) for name in order}
    for one in shutdowns:
        found.setdefault(name_of(one), dict.fromkeys(LEVELS, 0))[one.level] += 1
    return found


def _by_number(
    shutdowns: Iterable[Shutdown], name_of: Callable[[Shutdown], str], last: Sequence[str] = ()
) -> ByLevel:
    """Those with the most that somebody claims first: what was only measured is often no shutdown."""

    def rank(one: tuple[str, dict[str, int]]) -> tuple[int, int, int, str]:
        name, levels = one
        number = sum(levels.values())
        return (last.index(name) if name in last else -1, levels["measured"] - number, -number, name)

    return dict(sorted(_in_order(shutdowns, name_of, ()).items(), key=rank))
