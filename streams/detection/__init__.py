"""Measurements become outages and coverage. Pure: no Kafka, no clock, no I/O."""

from streams.detection.baseline import RelativeToMedian
from streams.detection.median import relative_to_median
from streams.detection.rules import DEFAULT_RULES, IODA_MEDIAN, NAMED_RULES, DetectionRule, DetectionRules
from streams.detection.stage import Counts, DetectStage

__all__ = [
    "DEFAULT_RULES",
    "IODA_MEDIAN",
    "NAMED_RULES",
    "Counts",
    "DetectStage",
    "DetectionRule",
    "DetectionRules",
    "RelativeToMedian",
    "relative_to_median",
]
