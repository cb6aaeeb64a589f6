"""What the model reads: features of a shutdown, each a number from what was known, and the words for it.

Every feature is 0 where nothing speaks for it, and more where more does; `contradicted` alone speaks against.
None reads a country, a date, or who caused an outage.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from streams.scoring.recurrence import local_s
from topics import Outage, Place, kind_of_measuring
from topics.reports import Scope

HOUR_S = 3_600

#: How far from the hour or half-hour a begin may be: the step of most signals. Seconds.
ON_TIME_S = 300

#: Of the outages that make a shutdown, those that begin this soon after the first say when it began. Seconds.
FIRST_S = 1_800

#: Beyond two days a longer outage says no more.
LONG_H = 48.0

#: More support than three organisations' says no more: independence is never perfect.
MOST_SUPPORT = 3.0

#: Beyond three days on which it came back, more say no more.
MOST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one shutdown.

    `outages` are those of its place; `support` is the weight of the independent lineages that claim it, one
    organisation weighing 1; `recurrence` the local days away (negative: before) on which an outage of the place
    began at the same time; `protests` those in the country on its days, `near` those near it, `usual` the
    country's median for so many days, None where its protests are known for too short a time to say.
    """

    place: Place
    scope: Scope
    outages: Sequence[Outage] = ()
    support: float = 0.0
    copies: int = 0
    blocked: int = 0
    ordered: bool = False
    contradicted: bool = False
    recurrence: Sequence[int] = ()
    protests: int = 0
    near: int = 0
    usual: float | None = None

    @property
    def hours(self) -> float:
        """How long it has lasted, as far as is known. What is open lasted at least until that was told."""
        if not self.outages:
            return 0.0
        begin = min(outage.from_s for outage in self.outages)
        return max(0, max(map(_known_until_s, self.outages)) - begin) / HOUR_S


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of a shutdown. `words` tell it where it is not 0; `sign` is the way that it may count."""

    name: str
    measure: Callable[[Facts], float]
    words: str | Callable[[Facts], str]
    sign: int = 1

    def tell(self, facts: Facts) -> str:
        """The feature of a shutdown in words."""
        return self.words if isinstance(self.words, str) else self.words(facts)


def _known_until_s(outage: Outage) -> int:
    if outage.until_s is not None:
        return outage.until_s
    return outage.from_s if outage.known_s is None else max(outage.from_s, outage.known_s)


def kinds_of(outages: Iterable[Outage]) -> set[str]:
    """The kinds of signal that dropped."""
    return {kind_of_measuring(signal) for outage in outages for signal in outage.signals}


def _on_time(facts: Facts, step_s: int) -> float:
    """1 if it began within `ON_TIME_S` of a local clock time that is a multiple of `step_s`."""
    if not facts.outages:
        return 0.0
    first = min(outage.from_s for outage in facts.outages)
    clock_s = local_s(first, facts.place.time_zone) - first
    for outage in facts.outages:
        past = (outage.from_s + clock_s) % step_s
        if outage.from_s <= first + FIRST_S and min(past, step_s - past) <= ON_TIME_S:
            return 1.0
    return 0.0


@cache
def _days_words(days: tuple[int, ...]) -> str:
    earlier, later = sum(day < 0 for day in days), sum(day > 0 for day in days)
    when = [f"{earlier} of the 4 days before"] * (earlier > 0) + [f"{later} of the 4 days after"] * (later > 0)
    return f"the place had an outage that began at the same local time on {' and '.join(when)}"


def _surge(facts: Facts) -> bool:
    return facts.usual is not None and facts.protests > 2 * facts.usual


FEATURES = (
    Feature(
        "claims",
        lambda facts: math.log2(1 + min(facts.support, MOST_SUPPORT)),
        lambda facts: f"independent sources claim it, of the weight of {facts.support:.3g} organisations",
    ),
    Feature(
        "copies",
        lambda facts: float(facts.copies > 0),
        "sources that repeat the measurement call it a shutdown",
    ),
    Feature(
        "services",
        lambda facts: float(facts.blocked > 0),
        "services are reported blocked or throttled there in those days",
    ),
    Feature(
        "ordered",
        lambda facts: float(facts.ordered),
        "a government ordered or acknowledged it, as sources say",
    ),
    Feature(
        "signals",
        lambda facts: float(len(kinds_of(facts.outages)) >= 3),
        "three kinds of signal or more dropped together",
    ),
    Feature(
        "severity",
        lambda facts: float(any(outage.severity == "critical" for outage in facts.outages)),
        "the drop is critical",
    ),
    Feature(
        "half_hour",
        lambda facts: _on_time(facts, HOUR_S // 2),
        "it began on the hour or the half-hour by the local clock",
    ),
    Feature(
        "hour",
        lambda facts: _on_time(facts, HOUR_S),
        "it began on the hour by the local clock",
    ),
    Feature(
        "duration",
        lambda facts: math.log1p(min(facts.hours, LONG_H)),
        lambda facts: f"it lasted {facts.hours:,.1f} h as far as is known",
    ),
    Feature(
        "recurrence",
        lambda facts: math.log2(1 + min(len(facts.recurrence), MOST_DAYS)),
        lambda facts: _days_words(tuple(facts.recurrence)),
    ),
    Feature(
        "protest",
        lambda facts: float(facts.protests > 0),
        "protests in the country on those days",
    ),
    Feature(
        "protest_near",
        lambda facts: float(facts.near > 0 and facts.place.kind != "country"),
        "protests in the same region, or within reach",
    ),
    Feature(
        "protest_surge",
        lambda facts: float(_surge(facts)),
        lambda facts: f"{facts.protests} protests, where {facts.usual:.2g} are usual in so many days",
    ),
    Feature(
        "national",
        lambda facts: float(facts.scope == "national"),
        "all of the country is affected",
    ),
    Feature(
        "contradicted",
        lambda facts: float(facts.contradicted),
        "every series fine enough to see it stayed normal",
        sign=-1,
    ),
)


def values(facts: Facts) -> dict[str, float]:
    """All features of a shutdown, by name."""
    return {feature.name: feature.measure(facts) for feature in FEATURES}
