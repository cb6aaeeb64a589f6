"""The rules of detection: frozen data with ids and versions, one for each kind of signal.

Thresholds, history, warm-up and inpainting are those of IODA's production detector (InetIntel/watchtower-sentry,
`MovingStat` and `AlertKafka`); a rule may be changed here and nowhere else.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import msgspec

from topics import digest

DAY_S = 86_400
HOUR_S = 3_600

Method = Literal["ioda-median", "seasonal", "counts"]


class DetectionRule(msgspec.Struct, frozen=True, kw_only=True):
    """How a series of one of `signals` is judged. All times are seconds, all thresholds ratios to the prediction.

    `ioda-median` compares with the moving median, `seasonal` with the same hour of the weeks in the window before
    (a drop must be `deviations` standard deviations under it as well), `counts` by the Poisson distribution (a
    drop is a count that has at most the probability `false_alarm`). See `streams.detection.methods`.

    Raises:
        ValueError: thresholds or windows that contradict each other; the message says which.
    """

    id: str
    version: int = 1
    signals: tuple[str, ...] = ()
    method: Method = "ioda-median"
    warning: float = 0.8
    critical: float = 0.5
    minimum_s: int = 60
    window_s: int = 7 * DAY_S
    warmup_s: int = HOUR_S
    inpaint_below: float = 0.8
    inpaint_above: float = 2.0
    inpaint_s: int = 7 * DAY_S
    prediction_min: float = 20.0
    deviations: float = 4.0
    false_alarm: float = 1e-4
    lineage: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.critical <= self.warning:
            raise ValueError(f"rule {self.id}: critical {self.critical} must be in [0, warning {self.warning}]")
        if not 0 < self.warmup_s < self.window_s:
            raise ValueError(f"rule {self.id}: warm-up {self.warmup_s} s must be shorter than the window")
        if not self.inpaint_below <= 1 <= self.inpaint_above:
            raise ValueError(f"rule {self.id}: a ratio of 1 must not be extreme")
        if self.inpaint_s < self.warmup_s:
            raise ValueError(f"rule {self.id}: inpainting for less than the warm-up would leave gaps")

    @property
    def memory_s(self) -> int:
        """How far back a verdict may depend on single values, seconds."""
        return max(self.window_s, self.inpaint_s)

    @property
    def keep_s(self) -> int:
        """How long before the lateness bound slots are kept, seconds: the memory, and a day."""
        return self.memory_s + DAY_S


class DetectionRules(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All rules in force. The first that names a signal judges it, `otherwise` the rest; the signals of `unjudged`
    are kept as measurements alone: a drop of theirs is no outage, and that they are as ever says nothing of a cut.

    A gap longer than `gap_days` without a single slot is not reported as missing: the series had ended.

    Raises:
        ValueError: two rules of one id, or a window longer than the lateness bound, which would lose data.
    """

    rules: tuple[DetectionRule, ...]
    otherwise: DetectionRule
    unjudged: tuple[str, ...] = ()
    lateness_s: int = 14 * DAY_S
    gap_days: int = 7
    clock_s: int = DAY_S

    def __post_init__(self) -> None:
        ids = [rule.id for rule in self.all]
        if len(set(ids)) != len(ids):
            raise ValueError(f"rule ids must differ, got {', '.join(ids)}")
        for rule in self.all:
            if rule.method != "seasonal" and rule.window_s > self.lateness_s:
                raise ValueError(
                    f"rule {rule.id}: window of {rule.window_s} s is longer than the lateness bound of "
                    f"{self.lateness_s} s; a late value could not be applied at its own time"
                )
            if self.gap_days * DAY_S > rule.memory_s:
                raise ValueError(f"gap_days {self.gap_days} needs more history than rule {rule.id} keeps")

    @property
    def all(self) -> tuple[DetectionRule, ...]:
        return (*self.rules, self.otherwise)

    def of(self, signal: str) -> DetectionRule:
        """The rule that judges `signal`."""
        return self._by_signal.get(signal, self.otherwise)

    @cached_property
    def _by_signal(self) -> dict[str, DetectionRule]:
        return {signal: rule for rule in reversed(self.rules) for signal in rule.signals}

    @cached_property
    def hash(self) -> str:
        """Fingerprint of every rule and bound."""
        return digest(msgspec.to_builtins(self))


#: IODA's own: active probing, the median of seven days.
IODA_MEDIAN = DetectionRule(id="ioda-median", signals=("ping-slash24",))

#: The second method for signals with a rhythm of days and weeks: five weeks and a day, two weeks must be known.
SEASONAL = DetectionRule(
    id="seasonal",
    signals=("netflows", "traffic", "http-requests"),
    method="seasonal",
    window_s=36 * DAY_S,
    prediction_min=0.0,
)

#: Hourly indices from 0 (offline) to 10 or 100. One step of 0 to 10 is 10 % and more, so that a low must be deeper
#: and last for three values: of hurricane Laura's 216 counties 2 have a false alarm in the three days before, at
#: 80 % and one value it would be 734 alarms.
INDEX = DetectionRule(
    id="index", signals=("connectivity-index",), warning=0.7, minimum_s=3 * HOUR_S, prediction_min=1e-9
)

#: Counts of few units, a false alarm in 10,000 values.
COUNTS = DetectionRule(
    id="counts", signals=("ooni-measurements",), method="counts", warmup_s=DAY_S, prediction_min=0.0, minimum_s=1
)

DEFAULT_RULES = DetectionRules(
    rules=(
        IODA_MEDIAN,
        DetectionRule(id="ioda-median-bgp", signals=("bgp",), warning=0.99, window_s=DAY_S),
        DetectionRule(id="ioda-median-telescope", signals=("merit-nt", "ucsd-nt"), warning=0.25, critical=0.10),
        DetectionRule(id="ioda-median-google", signals=("gtr",), lineage="google"),
        SEASONAL,
        INDEX,
        COUNTS,
    ),
    otherwise=DetectionRule(id="ioda-median-other"),
    # More of them is what is bad: anomalies and blocking of OONI, updates of BGP.
    unjudged=("ooni-anomalies", "ooni-confirmed", "ooni-failures", "bgp-announcements", "bgp-withdrawals"),
)

#: The rules by their ids.
RULES = {rule.id: rule for rule in DEFAULT_RULES.all}


def rule_named(name: str) -> DetectionRule:
    """The rule of that id, e.g. `ioda-median`.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    if name not in RULES:
        raise KeyError(f"no rule {name!r}; there are {', '.join(RULES)}")
    return RULES[name]
