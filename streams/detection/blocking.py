"""Blocking of services, judged from volunteers' counts: days on which far more tests fail than is usual.

Counts come by the hour or the day: tests, those that fail as blocked ones do (anomalies), those that met a block
page (confirmed), and those that failed themselves. A UTC day is judged as a whole: hours have too few tests. What
is usual is the share of the last unremarkable days, so that a service that has been blocked for years is not news,
and a day that is part of blocking teaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from topics.signals import signals_named, split_product

#: The signals that are counted, and what each counts, as OONI calls it.
ROLES = {signal: name for name, signal in signals_named("ooni").items()}
TESTS, ANOMALIES, CONFIRMED, FAILURES = (
    "measurement_count",
    "anomaly_count",
    "confirmed_count",
    "failure_count",
)


class BlockingRule(msgspec.Struct, frozen=True, kw_only=True):
    """When a day's tests show blocking.

    Args:
        usual_days: so many of the last unremarkable days say what is usual.
        least_days, least_usual: fewer such days, or fewer tests on all of them, say nothing yet.
        least_tests: a day with fewer tests is not judged: two failures of three are chance.
        rise: the share of failing tests must be so much above the usual one: lists of what is tested change, and
            move it by some per cent.
        deviations: and so many standard deviations, of chance and of what differs from day to day.
        confirmed_rise, confirmed_least: of block pages less is enough, since nothing else looks like one.
        back: it goes on while the share is above this part of the rise.
        bridge_days: days that can't be judged do not end it, up to so many.
        forget_days: after so many days without a test a series begins anew.
    """

    id: str = "blocking"
    version: int = 1
    usual_days: int = 14
    least_days: int = 5
    least_usual: int = 60
    least_tests: int = 20
    rise: float = 0.2
    deviations: float = 5.0
    confirmed_rise: float = 0.05
    confirmed_least: int = 5
    back: float = 0.5
    bridge_days: int = 3
    forget_days: int = 60


RULE = BlockingRule()


class Count(NamedTuple):
    """What a signal counts, and of which product; None: of all tests together."""

    role: str
    product: str | None


@lru_cache(maxsize=1_024)
def count_of(signal: str) -> Count | None:
    """What a signal counts, if it is one of these."""
    code, product = split_product(signal)
    role = ROLES.get(code)
    return None if role is None else Count(role, product)


class Totals(msgspec.Struct, frozen=True, array_like=True):
    """A day's tests that worked, how many of them failed as blocked ones do, and how many met a block page."""

    tests: int
    bad: int
    sure: int

    @property
    def share(self) -> float:
        return self.bad / self.tests


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Blocking that goes on: its first and last day that showed it, and the sums of these days. `usual` are the
    shares before it: of failing tests, and of block pages."""

    first: int
    last: int
    tests: int
    bad: int
    sure: int
    usual: float
    usual_sure: float
    confirmed: bool


class Carry(msgspec.Struct, frozen=True, array_like=True):
    """What the judgement of a day leaves to the next: the unremarkable days, the last day with tests, and blocking
    that goes on."""

    usual: tuple[Totals, ...] = ()
    last: int = 0
    run: Run | None = None


class Found(NamedTuple):
    """Blocking from its first day until a day (None: not over yet)."""

    run: Run
    until: int | None


def judge(
    days: Iterable[tuple[int, Totals | None]], carry: Carry, rule: BlockingRule = RULE
) -> tuple[list[Found], list[Carry]]:
    """Judge days in order, by number since 1970; None where a day's tests are not all known.

    Returns what ended, and what goes on; and what each day leaves to the next.
    """
    found: list[Found] = []
    carries: list[Carry] = []
    for day, totals in days:
        ended, carry = _after(day, totals, carry, rule)
        if ended is not None:
            found.append(ended)
        carries.append(carry)
    if carry.run is not None:
        found.append(Found(carry.run, None))
    return found, carries


def _after(day: int, totals: Totals | None, carry: Carry, rule: BlockingRule) -> tuple[Found | None, Carry]:
    """What ended by a day, and what it leaves."""
    ended: Found | None = None
    run, usual = carry.run, carry.usual
    if run is not None and day - run.last > rule.bridge_days + 1:
        ended, run = Found(run, run.last + 1), None
    if totals is None or totals.tests < rule.least_tests:
        return ended, Carry(usual, carry.last, run)
    if carry.last and day - carry.last > rule.forget_days:
        usual = ()
    if run is not None:
        if _goes_on(totals, run, rule):
            return ended, Carry(usual, day, _with(run, day, totals, rule))
        ended, run = Found(run, run.last + 1), None
    elif (began := _begins(day, totals, usual, rule)) is not None:
        return ended, Carry(usual, day, began)
    return ended, Carry((*usual, totals)[-rule.usual_days :], day, run)


def _begins(day: int, totals: Totals, usual: Sequence[Totals], rule: BlockingRule) -> Run | None:
    """The blocking that a day shows, by what was usual before it."""
    tests = sum(one.tests for one in usual)
    if len(usual) < rule.least_days or tests < rule.least_usual:
        return None
    share = _rises(totals.tests, totals.bad, [(one.tests, one.bad) for one in usual], rule.rise, rule.deviations)
    sure = _rises(
        totals.tests, totals.sure, [(one.tests, one.sure) for one in usual], rule.confirmed_rise, rule.deviations
    )
    by_page = sure is not None and totals.sure >= rule.confirmed_least
    if share is None and not by_page:
        return None
    bad = sum(one.bad for one in usual) / tests
    pages = sum(one.sure for one in usual) / tests
    return Run(day, day, totals.tests, totals.bad, totals.sure, bad, pages, by_page)


def _rises(tests: int, hits: int, usual: Sequence[tuple[int, int]], rise: float, deviations: float) -> float | None:
    """By how much a day's share is above the usual one, if that is more than chance and habit make of it."""
    of, total = sum(hits for _, hits in usual), sum(tests for tests, _ in usual)
    # As if half a test more had failed: that none has so far doesn't mean that none can.
    expected = (of + 0.5) / (total + 1)
    more = hits / tests - expected
    chance = expected * (1 - expected) / tests
    habit = sum(tests * (hits / tests - of / total) ** 2 for tests, hits in usual) / total
    return more if more >= rise and more >= deviations * math.sqrt(chance + habit) else None


def _goes_on(totals: Totals, run: Run, rule: BlockingRule) -> bool:
    """Whether a day still shows the blocking that began before it."""
    if totals.share >= run.usual + rule.back * rule.rise:
        return True
    return run.confirmed and totals.sure / totals.tests >= run.usual_sure + rule.back * rule.confirmed_rise


def _with(run: Run, day: int, totals: Totals, rule: BlockingRule) -> Run:
    pages = totals.sure / totals.tests >= run.usual_sure + rule.confirmed_rise
    return msgspec.structs.replace(
        run,
        last=day,
        tests=run.tests + totals.tests,
        bad=run.bad + totals.bad,
        sure=run.sure + totals.sure,
        confirmed=run.confirmed or (pages and totals.sure >= rule.confirmed_least),
    )
