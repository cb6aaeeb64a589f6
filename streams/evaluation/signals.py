"""How well detection finds known outages in raw series, by each of several rules: pure, from series and windows."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from streams.detection.arrays import NORMAL
from streams.detection.rules import DEFAULT_RULES, Rule, median_rule_of
from streams.detection.runs import Ended
from streams.detection.single_series import Detection, detect
from streams.sources.series_files import SeriesData

YEAR_S = 31_557_600

#: Of so many outages that were found it is looked up how soon they were, of each signal and rule.
TIMED = 100

#: So much before an outage is judged again for that, seconds: what was before matters little.
_LEAD_S = 2 * DEFAULT_RULES.learn_s

#: An outage that isn't told after so many values is not waited for any longer.
_MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Window:
    """A known outage: `until_s` None is not over where the series ends; `series` is part of the names of its
    entity and
    series."""

    from_s: int
    until_s: int | None
    series: str = ""


class SignalScore(msgspec.Struct, kw_only=True):
    """How one rule did on all series of one signal.

    Args:
        signal: the series' own.
        rule: by which they were judged.
        series: how many.
        years: how long values were judged outside the known outages, years of one series.
        windows: known outages, and how many of them were `hit`.
        begin_error_s, end_error_s: median distance of the first begin and the last end in a window; None: none hit.
        false_alarms: outages that overlap no known one, and how many that is `a_year` of one series.
        told_s: median time from a known begin until the value came by which the outage was told.
    """

    signal: str
    rule: str
    series: int = 0
    years: float = 0.0
    windows: int = 0
    hit: int = 0
    begin_error_s: float | None = None
    end_error_s: float | None = None
    false_alarms: int = 0
    a_year: float | None = None
    told_s: float | None = None

    @property
    def recall(self) -> float | None:
        """The share of known outages that was hit."""
        return self.hit / self.windows if self.windows else None


@dataclass(slots=True)
class _Tally:
    score: SignalScore
    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)

    def done(self) -> SignalScore:
        score = self.score
        score.begin_error_s = statistics.median(self.begins) if self.begins else None
        score.end_error_s = statistics.median(self.ends) if self.ends else None
        score.told_s = statistics.median(self.told) if self.told else None
        score.a_year = score.false_alarms / score.years if score.years else None
        return score


def score_signals(series: Iterable[SeriesData], windows: Sequence[Window]) -> list[SignalScore]:
    """Judge each series by its own rule and by IODA's, and compare what comes out with the known outages."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for one in series:
        name = f"{one.entity} {one.name}".casefold()
        known = [window for window in windows if window.series.casefold() in name]
        for rule in (DEFAULT_RULES.of(one.signal), median_rule_of(one.signal)):
            key = one.signal, "own" if rule.id in {each.id for each in DEFAULT_RULES.all} else "ioda"
            tally = tallies.setdefault(key, _Tally(SignalScore(signal=one.signal, rule=rule.id)))
            _count(tally, one, known, rule)
    return [tally.done() for tally in tallies.values()]


def _count(tally: _Tally, one: SeriesData, known: Sequence[Window], rule: Rule) -> None:
    found = detect(one.times, one.values, one.step_s, rule)
    end_s = int(one.times[-1]) + one.step_s
    score = tally.score
    score.series += 1
    judged = int((found.verdict >= NORMAL).sum()) * one.step_s
    spans = [(each.from_s, end_s if each.until_s is None else each.until_s) for each in known]
    score.years += max(0, judged - sum(last - first for first, last in spans)) / YEAR_S
    hits: dict[int, list[Ended]] = defaultdict(list)
    for ended in found.outages:
        last = end_s if ended.until_s is None else ended.until_s
        over = [at for at, span in enumerate(spans) if ended.run.from_s < span[1] and last > span[0]]
        score.false_alarms += not over
        for at in over:
            hits[at].append(ended)
    score.windows += len(spans)
    score.hit += len(hits)
    for at, its in hits.items():
        first, last = spans[at]
        tally.begins.append(abs(its[0].run.from_s - first))
        tally.ends.append(abs((end_s if its[-1].until_s is None else its[-1].until_s) - last))
        if len(tally.told) < TIMED and (told := _told(found, its[0], rule)) is not None:
            tally.told.append(told - first)


def _told(found: Detection, ended: Ended, rule: Rule) -> int | None:
    """When the value had come by which an outage was told, Unix seconds."""
    first = int(np.searchsorted(found.times, ended.run.from_s))
    begin = int(np.searchsorted(found.times, ended.run.from_s - _LEAD_S))
    for count in range(1, _MOST_VALUES + 1):
        part = slice(begin, first + count)
        so_far = detect(found.times[part], found.values[part], found.step_s, rule)
        if any(one.run.from_s == ended.run.from_s for one in so_far.outages):
            return int(found.times[part][-1]) + found.step_s
    return None
