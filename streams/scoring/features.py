"""What the model reads: features of a shutdown, each a number from what was known, and the words for it.

Two questions are asked. Did it happen: was connectivity really cut or degraded? And given that, was it on purpose:
by somebody's decision? Every feature is 0 where nothing speaks for it, and more where more does; `sign` says which
way it may count. None reads a country, a date, or a cause that was found out afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from streams.scoring.recurrence import local_s
from topics import Outage, Place, kind_of_measuring
from topics.reports import Scope
from topics.shutdowns import Question

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

#: Beyond seven days of a campaign, more say no more.
MOST_CAMPAIGN = 7

#: So many protests are no surge, however few are usual.
LEAST_SURGE = 2

#: How much a drop in one kind of signal says that connectivity was lost, beside one in active probing: routes flap,
#: and what a telescope hears depends on few hosts.
KIND_WORTH = {
    "probing": 1.0,
    "traffic": 1.0,
    "index": 0.8,
    "routing": 0.7,
    "delay": 0.3,
    "telescope": 0.3,
    "volunteers": 0.3,
}

#: The same of a kind that nothing is known of.
OTHER_WORTH = 0.5

#: From how deep on a drop of a whole country is a blackout: the share of the baseline that is lost.
BLACKOUT_DEPTH = 0.7


@dataclass(frozen=True)
class Facts:
    """What is known of one shutdown.

    `outages` are those of its place; `support` is the weight of the independent lineages that claim a cut, one
    organisation weighing 1, and `ordered`, `technical`, `unexplained` that of those who say that it was ordered,
    that it had another cause, or neither; `owners` that of operators and governments who name another cause.
    `doubt`, 0 to 1, is how much series that stayed normal speak against a claim, `others_normal`, 0 to 1, how much
    of the kinds of signal of the place stayed normal while others dropped. `failed` is whether the drop is its
    source's own failure. `recurrence` are the local days away (negative: before) on which an outage of the place
    began at the same time, `campaign` the days of the campaign that it is part of; `protests` those in the country
    on its days, `near` those near it, `usual` the country's median for so many days, None where its protests are
    known for too short a time. `causes`, 0 to 1, is how much of its time power cuts, storms and the like near it
    may explain, `denials` those who say that there was no cut, `shared` is whether neighbouring countries dropped
    alike. `blocking`, 0 to 1, is how sure measurements are that claimed services were blocked. `verdict` is what
    the measurer says of the cause.
    """

    place: Place
    scope: Scope
    outages: Sequence[Outage] = ()
    support: float = 0.0
    ordered: float = 0.0
    technical: float = 0.0
    unexplained: float = 0.0
    owners: float = 0.0
    copies: int = 0
    blocked: int = 0
    blocking: float = 0.0
    doubt: float = 0.0
    others_normal: float = 0.0
    failed: bool = False
    recurrence: Sequence[int] = ()
    campaign: int = 0
    protests: int = 0
    near: int = 0
    usual: float | None = None
    causes: float = 0.0
    denials: int = 0
    shared: bool = False
    verdict: Literal["ordered", "technical"] | None = None
    #: What the verdict is worth: 1 where a person verified it, less where that is not known, or not done.
    verified: float = 1.0

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds of signal that dropped."""
        return kinds_of(self.outages)

    @cached_property
    def hours(self) -> float:
        """How long it has lasted, as far as is known. What is open lasted at least until that was told."""
        if not self.outages:
            return 0.0
        begin = min(outage.from_s for outage in self.outages)
        return max(0, max(map(_known_until_s, self.outages)) - begin) / HOUR_S

    @cached_property
    def known_depth(self) -> float:
        """The largest share of the baseline that was lost, 0 to 1; 0 where no value is known."""
        return max((1 - one.ratio_min for one in self.outages if one.ratio_min is not None), default=0.0)


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


def _seen_by(facts: Facts) -> float:
    """How much the kinds of signal that dropped are worth together; of one network a quarter: networks flap."""
    worth = sum(KIND_WORTH.get(kind, OTHER_WORTH) for kind in facts.kinds) + facts.blocking
    return math.log2(1 + worth * (0.25 if facts.place.kind == "network" else 1.0))


def _recurrence_counts(facts: Facts) -> bool:
    """Whether it says something that it came back at the same time: nothing of a telescope alone, whose nights are
    quiet, or of one network, which is maintained by night."""
    return facts.place.kind != "network" and not facts.kinds <= {"telescope", "volunteers"}


def _recurs(facts: Facts) -> float:
    return math.log2(1 + min(len(facts.recurrence), MOST_DAYS)) if _recurrence_counts(facts) else 0.0


def _campaign(facts: Facts) -> float:
    return math.log2(1 + min(facts.campaign, MOST_CAMPAIGN)) / 3 if _recurrence_counts(facts) else 0.0


def _blackout(facts: Facts) -> float:
    """How much of a national blackout it is: deep, in three kinds of signal or more, for up to two days."""
    deep = facts.known_depth >= BLACKOUT_DEPTH and len(facts.kinds) >= 3
    return min(1.0, facts.hours / LONG_H) if deep and facts.scope == "national" else 0.0


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
    return facts.usual is not None and facts.protests > max(LEAST_SURGE, 2 * facts.usual)


def _organisations(weight: float) -> str:
    """A weight as people say it: `1 organisation`, `2.5 organisations`."""
    number = f"{weight:.3g}"
    return f"{number} organisation{'s' * (number != '1')}"


def _weight(weight: float) -> float:
    return math.log2(1 + min(weight, MOST_SUPPORT))


HAPPENED = (
    Feature(
        "measured",
        _seen_by,
        lambda facts: (
            f"{len(facts.kinds)} kinds of signal dropped, by what each is worth"
            if facts.kinds
            else "tests of the services that are claimed failed"
        ),
    ),
    Feature(
        "depth",
        lambda facts: facts.known_depth,
        lambda facts: f"at its deepest {facts.known_depth:.0%} of what is usual was lost",
    ),
    Feature(
        "lasted",
        lambda facts: math.log1p(min(facts.hours, LONG_H)),
        lambda facts: f"it lasted {facts.hours:,.1f} h as far as is known",
    ),
    Feature(
        "claims",
        lambda facts: _weight(facts.support),
        lambda facts: f"independent sources say that it happened, of the weight of {_organisations(facts.support)}",
    ),
    Feature(
        "contradicted",
        lambda facts: facts.doubt,
        "series that would have shown it stayed normal",
        sign=-1,
    ),
    Feature(
        "others_normal",
        lambda facts: facts.others_normal,
        "other kinds of signal of the place stayed normal",
        sign=-1,
    ),
    Feature(
        "denied",
        lambda facts: float(facts.denials > 0),
        "somebody says that there was no cut",
        sign=-1,
    ),
    Feature(
        "source_failed",
        lambda facts: float(facts.failed),
        "the source itself failed: the same signal dropped elsewhere at that time",
        sign=-1,
    ),
)

ON_PURPOSE = (
    Feature(
        "claims",
        lambda facts: _weight(facts.unexplained + facts.ordered),
        lambda facts: (
            "independent sources claim a cut and name no other cause, of the weight of "
            f"{_organisations(facts.unexplained + facts.ordered)}"
        ),
    ),
    Feature(
        "ordered",
        lambda facts: float(facts.ordered > 0),
        "somebody decided it, as sources say",
    ),
    Feature(
        "unmeasured",
        lambda facts: float(not facts.outages),
        "it is claimed where no drop was measured: who lists cuts that nobody measured has reasons to",
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
        "signals",
        lambda facts: float(len(facts.kinds) >= 3),
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
        _recurs,
        lambda facts: _days_words(tuple(facts.recurrence)),
    ),
    Feature(
        "campaign",
        _campaign,
        lambda facts: f"the place dropped at that hour on {facts.campaign} other days, and seldom at others",
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
        "blackout",
        _blackout,
        "all of the country is dark in three kinds of signal, for long",
    ),
    Feature(
        "verdict_ordered",
        lambda facts: facts.verified if facts.verdict == "ordered" else 0.0,
        "who measured it says that somebody decided it",
    ),
    Feature(
        "verdict_technical",
        lambda facts: facts.verified if facts.verdict == "technical" else 0.0,
        "who measured it names a technical cause",
        sign=-1,
    ),
    Feature(
        "technical",
        lambda facts: _weight(facts.technical),
        lambda facts: (
            "sources name another cause (power, cable, disaster, attack, maintenance), of the weight of "
            f"{_organisations(facts.technical)}"
        ),
        sign=-1,
    ),
    Feature(
        "owners_technical",
        lambda facts: float(facts.owners > 0),
        "who runs the network or the country names a technical cause",
        sign=-1,
    ),
    Feature(
        "cause_near",
        lambda facts: facts.causes,
        lambda facts: (
            "something that can take networks down was near it in place and time, and may explain "
            f"{facts.causes:.0%} of it"
        ),
        sign=-1,
    ),
    Feature(
        "shared",
        lambda facts: float(facts.shared),
        "neighbouring countries dropped alike at that time",
        sign=-1,
    ),
)

#: All features by the question that they answer.
FEATURES: dict[Question, tuple[Feature, ...]] = {"happened": HAPPENED, "on-purpose": ON_PURPOSE}


def values(facts: Facts) -> dict[Question, dict[str, float]]:
    """All features of a shutdown, by question and name."""
    return {question: {one.name: one.measure(facts) for one in features} for question, features in FEATURES.items()}
