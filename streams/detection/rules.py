"""The rules of detection: frozen data with ids and versions, one for each kind of signal.

`DetectionRule` is what the stage judges by. `MedianRule` is IODA's production detector, kept for comparison: its
history, warm-up and inpainting are those of InetIntel/watchtower-sentry (`MovingStat` and `AlertKafka`).
"""

from __future__ import annotations

from functools import cached_property

import msgspec

from topics import digest
from topics.signals import SIGNALS, SignalFacts, SignalKind, signal_facts

DAY_S = 86_400
HOUR_S = 3_600


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What every rule has: thresholds are ratios to the prediction, times are seconds."""

    id: str
    version: int = 1
    signals: tuple[str, ...] = ()
    warning: float = 0.8
    critical: float = 0.5
    minimum_s: int = 60
    prediction_min: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 <= self.critical <= self.warning:
            raise ValueError(f"rule {self.id}: critical {self.critical} must be in [0, warning {self.warning}]")


class DetectionRule(Rule, frozen=True, kw_only=True):
    """How a series is compared with what is usual for it at that hour of the day.

    A value drops when it is below `warning` and more than `deviations` standard deviations under the prediction.
    The standard deviation is the series' own, as far as it is known; before that `spread` counts as much as
    `spread_days` days of it. It is never less than `spread_min`.

    Args:
        rhythm: whether each hour of the day is known only from the same hour of earlier days; if not, an hour
            that was not seen yet is taken for like the others, and the first day is judged after `warmup_s`.
        chance: values are counts, whose spread is at least this share of the variance that chance alone (Poisson's)
            would give them.
        unit: what is counted, one by one; 0 is to be learned from the values, which may be per cent of the largest.
        back: an outage goes on until values are above this share of the way down to the threshold, in logarithms:
            a value just above the threshold is not yet what it was.
        memory_days: how many days the prediction of an hour averages over.
        level_rate: share of a day's common deviation that moves the predictions of all hours.
        bridge_s: silence in an outage that is followed by usual values within this ends with them; after a longer
            one the outage ended at the last value heard.
        silence_s: an outage does not go on over a longer silence.
        mild_minimum_s: an outage with no critical value lasts at least so long.
        alone_s: so does one of a single value, however low, once it is over: one bad value is no outage.
        lasting_s, lasting_above: values that stay for so long above this ratio, and don't come back, are a
            change of level and no outage: a cut leaves less.
        restoring_s: the same after a cut: what comes back in steps takes longer than a week.
        return_s, returned_s: a level that is left for so long at most, and to which values then return for so long,
            was left by an outage after all.
        forget_s: after a silence so long a series begins anew.

    Raises:
        ValueError: thresholds that contradict each other; the message says which.
    """

    rhythm: bool = False
    chance: float = 0.0
    unit: float = 0.0
    deviations: float = 5.0
    spread: float = 0.1
    spread_days: float = 2.0
    spread_min: float = 0.01
    back: float = 0.5
    warmup_s: int = HOUR_S
    memory_days: int = 10
    level_rate: float = 0.4
    bridge_s: int = DAY_S
    silence_s: int = 7 * DAY_S
    mild_minimum_s: int = 0
    alone_s: int = HOUR_S
    lasting_s: int = 7 * DAY_S
    lasting_above: float = 0.5
    restoring_s: int = 14 * DAY_S
    return_s: int = 40 * DAY_S
    returned_s: int = DAY_S
    forget_s: int = 60 * DAY_S

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.back <= 1:
            raise ValueError(f"rule {self.id}: back {self.back} must be in (0, 1]")
        if self.warning >= 1:
            raise ValueError(f"rule {self.id}: warning {self.warning} must be below 1")
        if self.chance < 0 or self.unit < 0:
            raise ValueError(f"rule {self.id}: chance {self.chance} and unit {self.unit} must not be negative")
        if self.bridge_s > self.silence_s:
            raise ValueError(f"rule {self.id}: a silence that is bridged must not be longer than silence_s")

    @property
    def plus(self) -> float:
        """So many units are added to values before they are compared: 0 of 5 is less of a drop than 0 of 500."""
        return min(self.chance, 0.5)


class MedianRule(Rule, frozen=True, kw_only=True):
    """IODA's detector: a drop is a value below `warning` times the moving median of `window_s`.

    Raises:
        ValueError: thresholds or windows that contradict each other; the message says which.
    """

    window_s: int = 7 * DAY_S
    warmup_s: int = HOUR_S
    inpaint_below: float = 0.8
    inpaint_above: float = 2.0
    inpaint_s: int = 7 * DAY_S
    prediction_min: float = 20.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.warmup_s < self.window_s:
            raise ValueError(f"rule {self.id}: warm-up {self.warmup_s} s must be shorter than the window")
        if not self.inpaint_below <= 1 <= self.inpaint_above:
            raise ValueError(f"rule {self.id}: a ratio of 1 must not be extreme")
        if self.inpaint_s < self.warmup_s:
            raise ValueError(f"rule {self.id}: inpainting for less than the warm-up would leave gaps")


class DetectionRules(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All rules in force. The first that names a signal judges it, `otherwise` the rest; the signals of `unjudged`
    are kept as measurements alone: a drop of theirs is no outage, and that they are as ever says nothing of a cut.

    A gap longer than `gap_days` without a single slot is not reported as missing: the series had ended.

    Raises:
        ValueError: two rules of one id.
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

    @property
    def all(self) -> tuple[DetectionRule, ...]:
        return (*self.rules, self.otherwise)

    @property
    def keep_s(self) -> int:
        """How long before the lateness bound slots are kept, seconds: the day that the next one follows on."""
        return 2 * DAY_S

    @property
    def learn_s(self) -> int:
        """How long a series must have been seen for its profile to depend on nothing before, but for outages that
        went on: three times what the slowest rule averages over, seconds.
        """
        return 3 * DAY_S * max(rule.memory_days for rule in self.all)

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


def unjudged_reason(signal: str) -> str | None:
    """Why a signal is not judged at all, in words; None for one that is."""
    facts = signal_facts(signal)
    if facts.more_is_worse:
        return f"more of {facts.words} is what is bad, and a drop of it is no outage"
    if signal in FORECASTS:
        return f"{facts.words} is a forecast and no measurement"
    if facts.kind == "delay":
        return (
            f"{facts.words} tells of the paths that still end: it falls and rises with routes, and in no cut alone"
        )
    return None


#: Signals that are computed from others.
FORECASTS = ("gtr-sarima",)


def _of_kind(kind: SignalKind) -> tuple[str, ...]:
    return tuple(facts.code for facts in SIGNALS if facts.kind == kind and _judged(facts))


def _judged(facts: SignalFacts) -> bool:
    return unjudged_reason(facts.code) is None


#: Announced /24s hardly vary, but 1 or 2 % of them come and go every week, of a place or of a network: a network of
#: four announces three of them now and then.
ROUTING = DetectionRule(
    id="routing",
    signals=_of_kind("routing"),
    warning=0.95,
    spread=0.005,
    spread_min=0.002,
    chance=0.02,
)

#: /24s that answer: large places vary by 1 %, a network of 20 /24s by 6 % and more, as if each were up with a
#: chance of 93 %.
PROBING = DetectionRule(
    id="probing",
    signals=_of_kind("probing"),
    warning=0.9,
    spread=0.03,
    spread_min=0.01,
    chance=0.07,
)

#: Source addresses that reach a telescope: scans of a few hosts double them, and a weekend halves them.
TELESCOPE = DetectionRule(
    id="telescope",
    signals=_of_kind("telescope"),
    warning=0.4,
    critical=0.15,
    mild_minimum_s=HOUR_S,
    rhythm=True,
    deviations=4.0,
    spread=0.25,
    spread_min=0.03,
    chance=1.0,
)

#: Requests and bytes: what people use, by day and night.
TRAFFIC = DetectionRule(
    id="traffic",
    signals=_of_kind("traffic"),
    warning=0.75,
    mild_minimum_s=2 * HOUR_S,
    rhythm=True,
    deviations=4.5,
    spread=0.15,
    spread_min=0.02,
)

#: Hourly indices from 0 (offline) to 10 or 100. One step of 0 to 10 is 10 % and more, so that a low must be deeper
#: and last for three values.
INDEX = DetectionRule(
    id="index",
    signals=_of_kind("index"),
    warning=0.7,
    minimum_s=3 * HOUR_S,
    prediction_min=1e-9,
    spread=0.06,
    spread_min=0.03,
)

#: Volunteers' measurements: one of them can multiply a day's count, and a holiday halve it.
VOLUNTEERS = DetectionRule(
    id="volunteers",
    signals=_of_kind("volunteers"),
    warning=0.3,
    critical=0.1,
    rhythm=True,
    chance=1.0,
    unit=1.0,
    deviations=3.0,
    spread=1.0,
    spread_min=0.1,
)

#: Volunteers' devices that keep a connection: as many by night as by day, few, and some come and go.
CONNECTED = DetectionRule(
    id="connected",
    signals=("atlas-probes",),
    warning=0.7,
    critical=0.4,
    chance=1.0,
    unit=1.0,
    spread=0.05,
    spread_min=0.02,
)

DEFAULT_RULES = DetectionRules(
    rules=(CONNECTED, ROUTING, PROBING, TELESCOPE, TRAFFIC, INDEX, VOLUNTEERS),
    # Nothing is known of such a signal: it may well have a rhythm.
    otherwise=DetectionRule(id="other", rhythm=True, spread=0.15, spread_min=0.02),
    unjudged=tuple(facts.code for facts in SIGNALS if not _judged(facts)),
)

#: IODA's own: active probing, the median of seven days.
IODA_MEDIAN = MedianRule(id="ioda-median", signals=("ping-slash24",))

#: IODA's detector with the thresholds of each of its signals, for comparison.
MEDIAN_RULES: tuple[MedianRule, ...] = (
    IODA_MEDIAN,
    MedianRule(id="ioda-median-bgp", signals=("bgp",), warning=0.99, window_s=DAY_S),
    MedianRule(id="ioda-median-telescope", signals=("merit-nt", "ucsd-nt"), warning=0.25, critical=0.10),
    MedianRule(id="ioda-median-google", signals=("gtr",)),
    MedianRule(id="ioda-median-any", prediction_min=1e-9),
)

#: The rules by their ids.
_ALL: tuple[Rule, ...] = (*DEFAULT_RULES.all, *MEDIAN_RULES)
RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}


def median_rule_of(signal: str) -> MedianRule:
    """IODA's rule for a signal; for one that IODA doesn't have the same without its minimum of 20."""
    return next((rule for rule in MEDIAN_RULES if signal in rule.signals), MEDIAN_RULES[-1])


def rule_named(name: str) -> Rule:
    """The rule of that id, e.g. `probing`.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    if name not in RULES:
        raise KeyError(f"no rule {name!r}; there are {', '.join(RULES)}")
    return RULES[name]
