"""What the three engines share: the input, how a record is judged, and how it is told that work began."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streams.arrival import arrive
from streams.pipeline import build_stage
from streams.stage import Stage
from topics import MEASUREMENTS, Entity, Measurement, Origin, Series, encode

COUNTRIES = ("BD", "CD", "DZ", "ET", "IN", "IQ", "IR", "KZ", "MM", "PK", "RU", "SD", "SY", "TD", "UG", "VE")
MIDNIGHT_S = 1_600_041_600
STEP_S = 600


@dataclass(frozen=True, slots=True)
class Shape:
    """An input: `records` frames of `series` rows and `steps` values, of `entities` series in all."""

    name: str
    series: int
    steps: int
    entities: int
    rounds: int
    #: What the project wants to reach, and of which of the two: records or points a second.
    target: int
    unit: str

    @property
    def records(self) -> int:
        return self.entities // self.series * self.rounds

    @property
    def points(self) -> int:
        return self.entities * self.steps * self.rounds

    def rate(self, seconds: float) -> float:
        """Records or points a second, as `unit` says."""
        return (self.records if self.unit == "records/s" else self.points) / seconds


SHAPES = (
    Shape("one value", 1, 1, 500, 60, 2_000, "records/s"),
    Shape("1 series x 144", 1, 144, 1_000, 12, 300_000, "points/s"),
    Shape("50 series x 144", 50, 144, 5_000, 14, 1_000_000, "points/s"),
)


def records(shape: Shape) -> Iterator[Measurement]:
    """Frames in order of time: whole counts around a level of each series, an outage here and there."""
    rng = np.random.default_rng(1)
    level = rng.uniform(50, 5_000, (shape.entities, 1))
    for number in range(shape.rounds):
        from_s = MIDNIGHT_S + number * shape.steps * STEP_S
        values = np.round(level * (1 + 0.03 * rng.standard_normal((shape.entities, shape.steps))))
        low = rng.random(shape.entities) < (0.01 if shape.steps > 1 else 0.0002)
        values[low, shape.steps // 2 :] = np.round(values[low, shape.steps // 2 :] * 0.3)
        rows = values.tolist()
        for first in range(0, shape.entities, shape.series):
            yield Measurement(
                id=f"{first}/{from_s}",
                origin=Origin(source="ioda"),
                country=COUNTRIES[first // shape.series % len(COUNTRIES)],
                from_s=from_s,
                step_s=STEP_S,
                series=tuple(
                    Series(entity=Entity(type="asn", code=str(first + row + 1)), signal="ping-slash24")
                    for row in range(shape.series)
                ),
                values=tuple(map(tuple, rows[first : first + shape.series])),
                known_s=from_s + shape.steps * STEP_S,
            )


def encoded(shape: Shape) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each record of the input."""
    for record in records(shape):
        yield MEASUREMENTS.key(record).encode(), encode(record)


class Began:
    """Prints a line when the first record comes: what a start takes is not measured."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self) -> None:
        if not self._said:
            self._said = True
            sys.stdout.write("began\n")
            sys.stdout.flush()


def stage() -> Stage:
    """The detection that all engines run."""
    return build_stage("detect")


def read(value: bytes) -> Measurement:
    """A record as the worker reads it."""
    found: Measurement = arrive(MEASUREMENTS, value, time.time())
    return found
