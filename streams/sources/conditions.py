"""The condition of a live source, in a word: whether it asks, is answered, and is told anything.

A service that answers HTTP 200 with nothing may have nothing to tell, or may hide it from this account, or may have
stopped. What is normal differs by source: no annotation of an outage in a week is, no earthquake in a week is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from streams.sources.state import Status

_HOUR_S, _DAY_S = 3_600, 86_400

#: What a source's condition may be; all but the first want somebody to look.
CONDITIONS = ("ok", "silent", "refused", "failing", "embargoed", "empty", "stale")

#: Kinds of failures by which a service refuses us, rather than fails.
REFUSALS = frozenset({"unauthorised", "refused"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """For how long a source may tell nothing at all, and how old the newest that it tells may be, and why; None:
    for ever."""

    empty_after_s: int | None
    stale_after_s: int | None
    why: str


EXPECTATIONS: dict[str, Expectation] = {
    "ioda-signals": Expectation(6 * _HOUR_S, 12 * _HOUR_S, "values of thousands of series come every ten minutes"),
    "ioda-events": Expectation(_DAY_S, 3 * _DAY_S, "hundreds of events of countries and regions begin each day"),
    "ioda-alerts": Expectation(_DAY_S, 3 * _DAY_S, "hundreds of alerts a day"),
    "cloudflare-outages": Expectation(
        45 * _DAY_S, None, "no annotation in a week is normal, and anomalies are few"
    ),
    "cloudflare-netflows": Expectation(_DAY_S, 2 * _DAY_S, "each chosen entity has a value an hour"),
    "ooni": Expectation(_DAY_S, 2 * _DAY_S, "volunteers measure in a hundred countries every hour"),
    "ooni-changepoints": Expectation(14 * _DAY_S, None, "a service is blocked or opened somewhere every week"),
    "ripe-atlas": Expectation(_DAY_S, 2 * _DAY_S, "hundreds of probes connect or disconnect every hour"),
    "ihr": Expectation(7 * _DAY_S, None, "several disconnections a week somewhere"),
    "ihr-delay": Expectation(_DAY_S, 3 * _DAY_S, "alarms come every hour somewhere"),
    "ripestat": Expectation(_DAY_S, 2 * _DAY_S, "an hour without an update is a sample of 0, not none"),
    "pulse": Expectation(0, 120 * _DAY_S, "the whole list comes each time; a new shutdown most weeks"),
    "gdelt": Expectation(6 * _HOUR_S, 12 * _HOUR_S, "thousands of events every quarter of an hour"),
    "acled": Expectation(21 * _DAY_S, 30 * _DAY_S, "it adds thousands of rows every week"),
    "usgs": Expectation(0, 3 * _DAY_S, "twenty earthquakes of magnitude 4.5 a day"),
    "gdacs": Expectation(7 * _DAY_S, None, "alerts of the lowest level come every day"),
    "feed": Expectation(0, 60 * _DAY_S, "a feed lists what it has; a paper that stopped is of no use"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One of `CONDITIONS`, and what is to be said of it."""

    word: str
    why: str = ""


def condition(name: str, status: Status, now_s: int) -> Condition:
    """How a source fares by its newest status. `name` is its name, with the country where it asks of one only: then
    nothing is expected, since a country may be quiet."""
    if now_s - status.round_s > 3 * max(status.every_s, 60) + status.took_s:
        return Condition("silent", f"no round since {_ago(now_s - status.round_s)}")
    if status.failing_since_s is not None:
        refused = bool(status.failures) and set(status.failures) <= REFUSALS
        return Condition("refused" if refused else "failing", status.error)
    if status.embargo:
        return Condition("embargoed", status.embargo)
    expected = EXPECTATIONS.get(name)
    if expected is None:
        return Condition("ok")
    if status.empty_since_s is not None and _older(now_s - status.empty_since_s, expected.empty_after_s):
        words = f"nothing was told for {_ago(now_s - status.empty_since_s)}; usual: {expected.why}"
        return Condition("empty", words)
    if status.newest_s is not None and _older(now_s - status.newest_s, expected.stale_after_s):
        words = f"the newest that was told is {_ago(now_s - status.newest_s)} old; usual: {expected.why}"
        return Condition("stale", words)
    return Condition("ok")


def _older(age_s: int, limit_s: int | None) -> bool:
    return limit_s is not None and age_s >= limit_s


def _ago(seconds: int) -> str:
    return f"{seconds / _DAY_S:,.0f} days" if seconds >= 2 * _DAY_S else f"{seconds / _HOUR_S:,.1f} hours"
