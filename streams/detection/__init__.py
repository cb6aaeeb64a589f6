"""Measurements become outages and coverage. Pure: no Kafka, no clock, no I/O.

>>> from streams.detection import relative_to_median, rule_named
>>> times = [1_600_000_000 + 600 * step for step in range(10)]
>>> relative_to_median(times, [100] * 9 + [40], rule_named("ioda-median")).ratio[-1]
np.float64(0.4)
"""

from streams.detection.agreement import Agreement, agreements
from streams.detection.failures import SourceFailure, source_failures
from streams.detection.median import relative_to_median
from streams.detection.median_scalar import RelativeToMedian
from streams.detection.recurrence import Recurrence, recurrence
from streams.detection.rules import (
    DEFAULT_RULES,
    IODA_MEDIAN,
    RULES,
    DetectionRule,
    DetectionRules,
    MedianRule,
    Rule,
    rule_named,
)
from streams.detection.stage import Counts, DetectStage

__all__ = [
    "DEFAULT_RULES",
    "IODA_MEDIAN",
    "RULES",
    "Agreement",
    "Counts",
    "DetectStage",
    "DetectionRule",
    "DetectionRules",
    "MedianRule",
    "Recurrence",
    "RelativeToMedian",
    "Rule",
    "SourceFailure",
    "agreements",
    "recurrence",
    "relative_to_median",
    "rule_named",
    "source_failures",
]
