"""However frames come (order, splits, duplicates, contradictions, crashes): the same evidence in the end."""

from __future__ import annotations

import random

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detection import DetectionRule, DetectionRules, DetectStage
from tests.detection.frames import START, Crash, frame, newest, pieces, run, series_of, stage
from topics import Evidence, Measurement

HOUR = 3_600
DAY = 86_400

#: Short memories, so that a few days of hourly values see warm-up, new levels, silences and expiry.
RULES = DetectionRules(
    rules=(),
    otherwise=DetectionRule(
        id="small",
        spread=0.03,
        warmup_s=4 * HOUR,
        bridge_s=6 * HOUR,
        silence_s=DAY,
        lasting_s=30 * HOUR,
        lasting_above=0.3,
        restoring_s=36 * HOUR,
        return_s=3 * DAY,
        returned_s=6 * HOUR,
        forget_s=2 * DAY,
        prediction_min=5,
    ),
    lateness_s=4 * DAY,
    gap_days=1,
)

LEVELS = st.sampled_from([100.0, 100.0, 100.0, 98.0, 102.0, 60.0, 40.0, 10.0, 0.0, 3.0, 250.0, None])


@st.composite
def truths(draw: st.DrawFn, rows: int = 2, most: int = 96) -> list[list[float | None]]:
    """Hourly values of a few series over up to four days: stretches of a level, a few single values."""
    length = draw(st.integers(1, most))
    out = []
    for _ in range(rows):
        row: list[float | None] = []
        while len(row) < length:
            row += [draw(LEVELS)] * draw(st.integers(1, 40))
        for _ in range(draw(st.integers(0, 4))):
            row[draw(st.integers(0, length - 1))] = draw(LEVELS)
        out.append(row[:length])
    return out


def pieces_of(truth: list[list[float | None]], rng: random.Random, *, overlap: bool = True) -> list[Measurement]:
    """The truth cut into frames: some of one series, some of both, some overlapping, some twice."""
    length = len(truth[0])
    frames: list[Measurement] = []
    subjects = [series_of(str(row)) for row in range(len(truth))]
    at = 0
    while at < length:
        end = min(length, at + rng.choice([1, 1, 3, 10, 30]))
        first = max(0, at - rng.choice([0, 0, 2, 5])) if overlap else at
        groups = [[0, 1], [0], [1]] if rng.random() < 0.3 else [[0], [1]] if rng.random() < 0.5 else [[0, 1]]
        for rows in groups:
            frames.append(
                frame(
                    [truth[row][first:end] for row in rows],
                    from_s=START + HOUR * first,
                    step_s=HOUR,
                    series=[subjects[row] for row in rows],
                    name=f"f{len(frames)}",
                )
            )
        at = end
    return frames


def batches_of(frames: list[Measurement], rng: random.Random) -> list[list[Measurement]]:
    out, at = [], 0
    while at < len(frames):
        size = rng.choice([1, 1, 2, 5, 20])
        out.append(frames[at : at + size])
        at += size
    return out


def whole(truth: list[list[float | None]]) -> list[Measurement]:
    return [frame(truth, step_s=HOUR, series=[series_of(str(row)) for row in range(len(truth))])]


#: The same for counts with a rhythm.
COUNTS = msgspec.structs.replace(
    RULES, otherwise=msgspec.structs.replace(RULES.otherwise, rhythm=True, chance=1.0, unit=1.0, deviations=3.0)
)


@settings(max_examples=60, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_counts_come_to_the_same_in_any_order(truth: list[list[float | None]], rng: random.Random) -> None:
    frames = pieces_of(truth, rng)
    rng.shuffle(frames)
    assert newest(run(batches_of(frames, rng), COUNTS)) == newest(run([whole(truth)], COUNTS))


#: The same where the unit of counts is learned.
UNITS = msgspec.structs.replace(RULES, otherwise=msgspec.structs.replace(RULES.otherwise, chance=0.05))


@settings(max_examples=40, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_counts_of_an_unknown_unit_come_to_the_same_in_any_order(
    truth: list[list[float | None]], rng: random.Random
) -> None:
    frames = pieces_of(truth, rng)
    rng.shuffle(frames)
    assert newest(run(batches_of(frames, rng), UNITS)) == newest(run([whole(truth)], UNITS))


@st.composite
def returns(draw: st.DrawFn) -> list[list[float | None]]:
    """Hourly values that leave a level for one, two or three days, and may come back to it."""
    out = []
    for _ in range(2):
        row: list[float | None] = [100.0] * draw(st.integers(20, 40))
        row += [draw(st.sampled_from([60.0, 75.0]))] * draw(st.integers(24, 80))
        row += [draw(st.sampled_from([100.0, 100.0, 90.0, 70.0, 40.0]))] * draw(st.integers(1, 60))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(row) - 1))
            row[at : at + draw(st.integers(1, 9))] = [draw(LEVELS)]
        out.append((row + [100.0] * 200)[:190])
    return out


@settings(max_examples=60, deadline=None)
@given(returns(), st.randoms(use_true_random=False))
def test_levels_that_are_come_back_from_are_told_in_any_order(
    truth: list[list[float | None]], rng: random.Random
) -> None:
    frames = pieces_of(truth, rng)
    wanted = newest(run([whole(truth)], RULES))
    assert newest(run(batches_of(frames, rng), RULES)) == wanted
    # a record is late by up to two days, and the one before it up to 35 hours long: within the bound
    frames.sort(key=lambda one: one.from_s + rng.randrange(2 * DAY))
    assert newest(run(batches_of(frames, rng), RULES)) == wanted


@settings(max_examples=150, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_order_splits_and_duplicates_change_nothing(truth: list[list[float | None]], rng: random.Random) -> None:
    frames = pieces_of(truth, rng)
    frames += rng.choices(frames, k=3)
    rng.shuffle(frames)
    assert newest(run(batches_of(frames, rng), RULES)) == newest(run([whole(truth)], RULES))


@settings(max_examples=150, deadline=None)
@given(truths(), truths(), st.randoms(use_true_random=False))
def test_of_contradictions_the_newer_record_wins_in_any_order(
    old: list[list[float | None]], new: list[list[float | None]], rng: random.Random
) -> None:
    length = min(len(old[0]), len(new[0]))
    subjects = [series_of("0"), series_of("1")]
    cut = [[row[:length] for row in each] for each in (old, new)]
    known = rng.choice([(5, 6), (5, None), (5, 5)])
    first, second = (
        frame(each, step_s=HOUR, series=subjects, name=name, known_s=START + 30 * DAY + at if at else None)
        for each, name, at in zip(cut, ("a", "b"), known, strict=True)
    )
    winner = cut[0] if known[1] is None else cut[1]
    loser = cut[1] if known[1] is None else cut[0]
    truth = [
        [mine if mine is not None else other for mine, other in zip(*rows, strict=True)]
        for rows in zip(winner, loser, strict=True)
    ]
    wanted = newest(run([whole(truth)], RULES))
    for order in ([first, second], [second, first], [first, second, first], [second, first, second]):
        assert newest(run(batches_of(order, rng), RULES)) == wanted


@settings(max_examples=150, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_a_crash_while_writing_loses_and_changes_nothing(
    truth: list[list[float | None]], rng: random.Random
) -> None:
    frames = pieces_of(truth, rng)
    if rng.random() < 0.5:
        rng.shuffle(frames)
    worker, at = Crash(RULES), 0
    while at < len(frames):
        size = rng.choice([1, 2, 5, 20])
        if rng.random() < 0.5:
            worker.process(frames[at : at + size], survive=rng.choice([0, 0.2, 0.5, 0.8, 0.99, 1]))
            size = max(1, size - rng.choice([0, 1, 3]))
        worker.process(frames[at : at + size])
        at += size
    assert newest(worker.out) == newest(run([whole(truth)], RULES))


@settings(max_examples=100, deadline=None)
@given(truths(), st.randoms(use_true_random=False))
def test_batches_and_an_empty_cache_change_not_one_record(
    truth: list[list[float | None]], rng: random.Random
) -> None:
    frames = pieces_of(truth, rng)
    if rng.random() < 0.5:
        rng.shuffle(frames)
    store: dict[str, bytes] = {}
    made, out = stage(RULES), []
    for batch in batches_of(frames, rng):
        out += [record for _, record in made.process(batch, store).out]
        if rng.random() < 0.5:
            made.forget()
    assert out == run([[each] for each in frames], RULES)


def long_truth(seed: int) -> list[list[float | None]]:
    """Forty days of hourly values with outages, gaps of days, and outages that become normal."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(2):
        values = rng.integers(95, 106, 40 * 24).astype(float)
        for _ in range(12):
            at, span = rng.integers(0, len(values)), rng.integers(1, 60)
            values[at : at + span] *= rng.choice([0.0, 0.3, 0.6, 3.0])
        row = values.tolist()
        for _ in range(6):
            at, span = rng.integers(0, len(values)), rng.integers(1, 90)
            row[at : at + span] = [None] * len(row[at : at + span])
        rows.append(row)
    return rows


def test_forty_days_in_and_out_of_order_with_expiry() -> None:
    for seed in range(8):
        truth, rng = long_truth(seed), random.Random(seed)
        frames = pieces_of(truth, rng)
        wanted = newest(run([[each] for each in whole(truth)], RULES))
        # a record is late by up to two days, and the one before it up to 35 hours long
        late = sorted(frames, key=lambda each: each.from_s + rng.choice([0, 0, 0, 1, 2]) * DAY)
        assert newest(run(batches_of(late, rng), RULES)) == wanted, seed


def test_state_is_bounded_by_event_time() -> None:
    store: dict[str, bytes] = {}
    made = stage(RULES)
    sizes = []
    for day in range(60):
        made.process([frame([100.0] * 24, from_s=START + day * DAY, step_s=HOUR)], store)
        sizes.append(len(store))
    assert sizes[-1] == sizes[20] < 30
    assert max(len(value) for value in store.values()) < 1_000


def parts_used(batches: list[list[Measurement]], made: DetectStage) -> tuple[list[Evidence], list[tuple[str, str]]]:
    """The evidence of batches, and of each record refused its id and why."""
    store: dict[str, bytes] = {}
    out: list[Evidence] = []
    refused: list[tuple[str, str]] = []
    for batch in batches:
        result = made.process(batch, store)
        out += pieces(result)
        refused += [(batch[one.index].id, one.detail) for one in result.refused]
    return out, refused


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_too_late_is_the_same_in_any_split_and_always_told(seed: int) -> None:
    """Frames of forty days in any order, far beyond the bound: one batch, many, and crashes between them."""
    rng = random.Random(seed)
    frames = pieces_of(long_truth(seed), rng)
    rng.shuffle(frames)
    out, refused = parts_used([frames], stage(RULES))
    alone = parts_used([[each] for each in frames], stage(RULES))
    assert refused
    assert alone[1] == refused
    assert newest(alone[0]) == newest(out)
    split = parts_used(batches_of(frames, rng), stage(RULES))
    assert split[1] == refused
    assert newest(split[0]) == newest(out)
    worker, at = Crash(RULES), 0
    while at < len(frames):
        size = rng.choice([1, 5, 20, 60])
        worker.process(frames[at : at + size], survive=rng.choice([0, 0.2, 0.5, 0.8, 1]))
        size = max(1, size - rng.choice([0, 1, 3]))
        worker.process(frames[at : at + size])
        at += size
    assert newest(worker.out) == newest(out)


def test_the_values_of_a_record_that_are_in_time_count() -> None:
    long = frame([100.0] * 24 * 8, step_s=HOUR, name="long")
    newer = frame([100.0] * 24, from_s=START + 9 * DAY, step_s=HOUR, name="newer")
    made, store = stage(RULES), dict[str, bytes]()
    made.process([newer], store)
    result = made.process([long], store)
    assert min(piece.from_s for piece in pieces(result)) == START + 6 * DAY - HOUR
    (refused,) = result.refused
    assert refused.field == "from_s"
    assert "143 of its values are not used" in refused.detail
    assert "more than 4 days older" in refused.detail
