"""Series that flap for a week: what chance explains is no outage, and what it does not costs little."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from streams.pipeline import build_stage
from topics import EVIDENCE, Entity, Evidence, Measurement, Origin, Outage, Series

#: Two weeks before 28 February 2021, of which the second one flaps; steps of ten minutes.
BEGIN_S, STEP_S, WEEK, DAY = 1_613_260_800, 600, 1_008, 144
NAMES = ("Almaty", "Astana", "Atyrau", "Mangystau", "Kostanay", "Karaganda")


def evidence(value: Callable[[int, int], int]) -> list[Evidence]:
    """What is detected in six series, an hour's frames at a time."""
    stage, store, found = build_stage("detect"), dict[str, bytes](), list[Evidence]()
    for first in range(0, 2 * WEEK, 6):
        frames = [
            Measurement(
                id=f"{name}/{first}",
                origin=Origin(source="ioda"),
                country="KZ",
                from_s=BEGIN_S + first * STEP_S,
                step_s=STEP_S,
                series=(Series(entity=Entity(type="region", code=str(row), name=name), signal="ping-slash24"),),
                values=(tuple(value(row, step) for step in range(first, first + 6)),),
            )
            for row, name in enumerate(NAMES)
        ]
        found += [record for topic, record in stage.process(frames, store).out if topic is EVIDENCE]  # type: ignore[misc]
    return found


def flaps(low: int) -> Callable[[int, int], int]:
    """70 /24s of which `low` are left in one step of twenty of the second week, by chance: some 300 times."""
    return lambda row, step: low if step >= WEEK and random.Random(f"{row}/{step}").random() < 0.05 else 70


def outages(found: list[Evidence]) -> int:
    """How many outages stand in the end."""
    newest = {one.id: one for one in found if isinstance(one, Outage)}
    return sum(not one.withdrawn for one in newest.values())


@pytest.mark.parametrize("low", [69, 68])
def test_one_network_of_seventy_that_comes_and_goes_is_no_outage(low: int) -> None:
    assert outages(evidence(flaps(low))) == 0


def test_a_place_that_is_dark_now_and_then_for_a_step_is_rarely_an_outage() -> None:
    found = evidence(flaps(0))
    assert 0 < outages(found) <= 60
    correlate, store = build_stage("correlate"), dict[str, bytes]()
    told = [len(correlate.process(found[at : at + 100], store).out) for at in range(0, len(found), 100)]
    assert sum(told) < 500
