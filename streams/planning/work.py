"""What each stage has to do for a load: processor time, memory and state, and on which keys it falls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streams.planning.figures import Figure
from streams.planning.question import DAY_S, Question
from streams.planning.rates import of_shape
from streams.planning.skew import Keys

Figures = Mapping[str, Figure]

#: So many series are of whole countries, whatever else is measured: 250 countries, four signals of each.
COUNTRY_SERIES = 1_000


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage has to do, all of its workers together; `rest_bytes` is of each."""

    records_per_s: float
    #: Processor time, in cores.
    cores: float
    rest_bytes: float
    memory_bytes: float
    state_bytes: float
    state_keys: float
    changelog_bytes_per_day: float
    #: What the stage's topic is keyed by.
    keys: Keys
    #: Pieces that are read from the state before the first record, beside the changelog.
    read: float = 0.0

    @property
    def key_bytes(self) -> float:
        """Of one key of the state, with its value."""
        return max(1.0, self.state_bytes / self.state_keys) if self.state_keys else 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pieces of evidence a day, by kind."""

    coverage: float
    outages: float
    claims: float
    protests: float
    #: New ones: revisions take the place of what they revise.
    kept: float

    @property
    def all(self) -> float:
        return self.coverage + self.outages + self.claims + self.protests


def evidence(asked: Question) -> Evidence:
    """What a load gives rise to. A report or news item is taken to name one place."""
    outages = asked.series * asked.outages_per_series_day
    told = asked.reports_per_day + asked.news_per_day
    return Evidence(
        coverage=asked.series * asked.revisions_per_day,
        outages=outages,
        claims=asked.reports_per_day,
        protests=asked.news_per_day,
        kept=asked.series + outages + told,
    )


def works(asked: Question, figures: Figures) -> dict[str, Work]:
    """The work of each stage."""
    value = {name: one.value for name, one in figures.items()}
    return {
        "detect": _detect(asked, figures, value),
        "claims": _texts("claims", asked.reports_per_day, asked, value),
        "protests": _texts("protests", asked.news_per_day, asked, value),
        "correlate": _correlate(asked, value),
        "watch": _watch(asked, value),
    }


def drops_per_day(asked: Question) -> float:
    """Outages of whole countries: what correlation gives on to be compared across countries."""
    return min(asked.series, COUNTRY_SERIES) * asked.outages_per_series_day


def _detect(asked: Question, figures: Figures, value: Mapping[str, float]) -> Work:
    def of(name: str) -> float:
        return of_shape(figures, name, asked.frame_series, asked.frame_values)

    return Work(
        records_per_s=asked.frames_per_s,
        cores=asked.frames_per_s * of("detect_us") / 1e6,
        rest_bytes=value["detect_rest_mb"] * 1e6,
        memory_bytes=asked.series * value["detect_memory_bytes"],
        state_bytes=asked.series * value["detect_state_bytes"],
        state_keys=asked.series * value["detect_state_keys"],
        changelog_bytes_per_day=asked.frames_per_s * DAY_S * of("detect_changelog_bytes"),
        keys="source/country",
    )


def _texts(stage: str, a_day: float, asked: Question, value: Mapping[str, float]) -> Work:
    kept = a_day * asked.evidence_days
    return Work(
        records_per_s=a_day / DAY_S,
        cores=a_day / DAY_S / value[f"{stage}_records_per_s"],
        rest_bytes=value[f"{stage}_rest_mb"] * 1e6,
        memory_bytes=0,
        state_bytes=kept * value[f"{stage}_state_bytes"],
        state_keys=kept,
        changelog_bytes_per_day=a_day * value[f"{stage}_changelog_bytes"],
        keys="ids",
    )


def _correlate(asked: Question, value: Mapping[str, float]) -> Work:
    pieces = evidence(asked)
    kept = pieces.kept * asked.evidence_days
    shutdowns = (pieces.outages + pieces.claims) * asked.evidence_days
    return Work(
        records_per_s=pieces.all / DAY_S,
        cores=pieces.all / DAY_S / value["correlate_records_per_s"],
        rest_bytes=value["correlate_rest_mb"] * 1e6,
        memory_bytes=kept * value["correlate_memory_bytes"] + shutdowns * value["shutdown_memory_bytes"],
        state_bytes=kept * value["correlate_state_bytes"],
        state_keys=kept * value["correlate_state_keys"],
        changelog_bytes_per_day=pieces.all * value["correlate_changelog_bytes"],
        keys="country",
        read=kept,
    )


def _watch(asked: Question, value: Mapping[str, float]) -> Work:
    a_day = drops_per_day(asked)
    kept = a_day * asked.evidence_days
    return Work(
        records_per_s=a_day / DAY_S,
        cores=a_day / DAY_S / value["watch_records_per_s"],
        rest_bytes=value["watch_rest_mb"] * 1e6,
        memory_bytes=0,
        state_bytes=kept * value["watch_state_bytes"],
        state_keys=kept * value["watch_state_keys"],
        changelog_bytes_per_day=a_day * value["watch_changelog_bytes"],
        keys="one",
    )
