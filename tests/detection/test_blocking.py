"""Blocking of services from volunteers' counts: what shows it, what doesn't, and that order, copies and crashes
change nothing."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from streams.detection import DetectStage
from streams.detection.blocking import RULE
from streams.detection.standing import DetectStanding
from streams.pipeline import measured_place
from streams.stage import Overlay, Store
from topics import EVIDENCE, Blocking, Coverage, Entity, Measurement, Origin, Outage, Series

DAY_S = 86_400
BEGIN = 1_609_459_200  # 1 January 2021

#: A day's tests, those that failed as blocked ones do, and block pages; None: not known.
Day = tuple[int | None, int | None, int]

SIGNALS = ("ooni-measurements", "ooni-anomalies", "ooni-confirmed")


def frame(
    signal: str, values: Sequence[float | None], from_s: int = BEGIN, step_s: int = DAY_S, **more: Any
) -> Measurement:
    product = f"-{more['product']}" if "product" in more else ""
    known_s = more.get("known_s")
    return Measurement(
        id=more.get("id", f"{signal}{product}/{from_s}/{known_s}"),
        origin=Origin(source="ooni"),
        country="UG",
        from_s=from_s,
        step_s=step_s,
        series=(Series(entity=Entity(type="country", code="UG"), signal=f"{signal}{product}"),),
        values=(tuple(values),),
        known_s=known_s,
    )


def frames(days: Sequence[Day], **more: Any) -> list[Measurement]:
    return [frame(signal, [day[at] for day in days], **more) for at, signal in enumerate(SIGNALS)]


def together(days: Sequence[Day], **more: Any) -> Measurement:
    """The same in one record, as sources send them."""
    apart = frames(days, **more)
    return msgspec.structs.replace(
        apart[0], series=tuple(one.series[0] for one in apart), values=tuple(one.values[0] for one in apart)
    )


def stage() -> DetectStage:
    return DetectStage(places=measured_place)


def run(records: Iterable[Measurement]) -> list[Blocking]:
    """The blocking that stands after records, by begin; by way of all that was given out."""
    return newest(piece for _, piece in stage().process(list(records), {}).out)


def newest(pieces: Iterable[object]) -> list[Blocking]:
    found: dict[str, Blocking] = {}
    for piece in pieces:
        if isinstance(piece, Blocking):
            before = found.get(piece.id)
            assert piece.revision == (0 if before is None else before.revision + 1), "a revision was left out"
            found[piece.id] = piece
    return sorted((one for one in found.values() if not one.withdrawn), key=lambda one: one.from_s)


USUAL: list[Day] = [(400, 8, 0)] * 10
BLOCKED: list[Day] = [(400, 360, 0)] * 6


def days_of(piece: Blocking) -> tuple[int, int | None]:
    """The first day, and the day after the last, counted from the begin."""
    until = None if piece.until_s is None else (piece.until_s - BEGIN) // DAY_S
    return (piece.from_s - BEGIN) // DAY_S, until


# ------------------------------------------------------------------ what shows it


def test_failures_far_above_the_usual_are_blocking() -> None:
    [found] = run(frames([*USUAL, *BLOCKED, *USUAL]))
    assert days_of(found) == (10, 16)
    assert (found.share, found.usual, found.tests, found.confirmed) == (0.9, 0.02, 2400, False)
    assert (found.country, found.place.key, found.service, found.lineage) == ("UG", "UG", None, "ooni")
    assert found.series == "ooni/country/UG/all"


def test_it_makes_no_outage_and_no_coverage_of_its_own() -> None:
    out = [piece for _, piece in stage().process(frames([*USUAL, *BLOCKED]), {}).out]
    assert not [piece for piece in out if isinstance(piece, Outage)]
    assert {piece.signal for piece in out if isinstance(piece, Coverage)} == {"ooni-measurements"}


def test_tests_of_one_service_name_it_and_are_judged_for_nothing_else() -> None:
    out = [piece for _, piece in stage().process(frames([*USUAL, *BLOCKED, *USUAL], product="whatsapp"), {}).out]
    [found] = newest(out)
    assert (found.service, found.series) == ("whatsapp", "ooni/country/UG/whatsapp")
    assert {type(piece) for piece in out} == {Blocking}
    [by_domain] = run(frames([*USUAL, *BLOCKED, *USUAL], product="www.twitter.com"))
    assert (by_domain.service, by_domain.domain) == ("twitter", "www.twitter.com")


def test_a_few_block_pages_are_enough() -> None:
    pages: list[Day] = [(400, 8, 40)] * 3
    [found] = run(frames([*USUAL, *pages, *USUAL]))
    assert (days_of(found), found.confirmed, found.share) == ((10, 13), True, 0.12)
    assert run(frames([*USUAL, *[(400, 48, 0)] * 3, *USUAL])) == []


def test_what_goes_on_says_up_to_when_it_was_seen() -> None:
    [found] = run(frames([*USUAL, *BLOCKED]))
    assert (days_of(found), found.last_s) == ((10, None), BEGIN + 16 * DAY_S)


def test_days_with_too_few_tests_don_t_end_it_and_a_long_silence_does() -> None:
    quiet: Day = (3, 1, 0)
    [found] = run([together([*USUAL, *BLOCKED, *[quiet] * RULE.bridge_days, *BLOCKED, *USUAL])])
    assert days_of(found) == (10, 16 + RULE.bridge_days + 6)
    first, second = run([together([*USUAL, *BLOCKED, *[quiet] * (RULE.bridge_days + 1), *BLOCKED, *USUAL])])
    assert (days_of(first), days_of(second)) == ((10, 16), (20, 26))


# ------------------------------------------------------------------ what doesn't


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([(400, 360, 0)] * 30, id="blocked for ever"),
        pytest.param([*USUAL, *[(4000, 80, 0)] * 5], id="ten times the volunteers"),
        pytest.param([*USUAL, *[(8, 8, 0)] * 5], id="eight tests"),
        pytest.param([*USUAL, *[(400, 60, 0)] * 5], id="another list of what is tested"),
        pytest.param([(100, 10 + 70 * (at % 2), 0) for at in range(30)], id="every other day"),
        pytest.param([*USUAL[:4], *BLOCKED], id="too few days before it"),
        pytest.param([*[(10, 0, 0)] * 5, (30, 27, 0)], id="too few tests before it"),
        pytest.param([*USUAL, *[(None, 360, 0)] * 5], id="tests not known"),
    ],
)
def test_no_blocking(days: list[Day]) -> None:
    assert run(frames(days)) == []


def test_tests_that_failed_themselves_are_no_tests() -> None:
    days = [*USUAL, *[(400, 30, 0)] * 3, *USUAL]
    failures = frame("ooni-failures", [4] * 10 + [340] * 3 + [4] * 10)
    [found] = run([*frames(days), failures])
    assert (days_of(found), found.tests, found.share) == ((10, 13), 180, 0.5)
    assert run(frames(days)) == []


def test_chance_and_habit_seldom_look_like_it() -> None:
    """Forty years whose usual share differs from day to day, with 30 to 600 tests a day."""
    rng = random.Random(1)
    false = 0
    for _country in range(40):
        usual, spread = rng.uniform(0.02, 0.3), rng.uniform(0.0, 0.08)
        days: list[Day] = []
        for _ in range(365):
            tests = rng.randrange(30, 600)
            share = min(0.95, max(0.0, rng.gauss(usual, spread)))
            chance = math.sqrt(tests * share * (1 - share))
            days.append((tests, min(tests, max(0, round(rng.gauss(tests * share, chance)))), 0))
        false += len(run(frames(days, product="whatsapp")))
    assert false <= 2


# ------------------------------------------------------------------ hours, order, copies, crashes


def hourly(days: Sequence[Day], split: int = 24) -> list[Measurement]:
    """The same days by the hour, `split` hours a record."""
    found: list[Measurement] = []
    for at, signal in enumerate(SIGNALS):
        values = [(day[at] or 0) / 24 for day in days for _ in range(24)]
        found += [
            frame(signal, values[first : first + split], BEGIN + first * 3_600, 3_600, id=f"{signal}/{first}")
            for first in range(0, len(values), split)
        ]
    return found


EVEN: list[Day] = [*[(480, 24, 0)] * 10, *[(480, 432, 24)] * 5, *[(480, 24, 0)] * 5]


def test_hours_add_up_to_days_and_count_once_beside_them() -> None:
    by_day = told(run(frames(EVEN)))
    assert told(run(hourly(EVEN))) == by_day
    assert told(run([*hourly(EVEN), *frames(EVEN)])) == by_day


def told(pieces: Iterable[Blocking]) -> list[tuple[object, ...]]:
    """What pieces say, whatever their revision."""
    return [(one.id, one.from_s, one.until_s, one.last_s, one.share, one.usual, one.tests) for one in pieces]


@pytest.mark.parametrize("seed", range(25))
def test_the_order_of_records_and_copies_don_t_matter(seed: int) -> None:
    rng = random.Random(seed)
    split = rng.choice([24, 72])
    arriving = hourly(EVEN[6:], split) * 2
    rng.shuffle(arriving)
    made, store, out = stage(), dict[str, bytes](), list[object]()
    while arriving:
        size = rng.randrange(1, 9)
        out += [piece for _, piece in made.process(arriving[:size], store).out]
        arriving = arriving[size:]
    assert told(newest(out)) == told(run(hourly(EVEN[6:], split)))


def test_of_two_counts_of_a_day_the_newer_one_counts() -> None:
    early = frames([*USUAL, *[(40, 38, 0)] * 6], known_s=BEGIN + 17 * DAY_S)
    late = frames([*USUAL, *[(400, 40, 0)] * 6], known_s=BEGIN + 18 * DAY_S)
    assert len(run(early)) == 1
    assert run([*early, *late]) == run([*late, *early]) == []


def test_a_withdrawn_one_comes_back_under_the_next_revision() -> None:
    made, store = stage(), dict[str, bytes]()
    out: list[object] = []
    for share in (360, 8, 360):
        known_s = BEGIN + (20 + len(out)) * DAY_S
        records = frames([*USUAL, *[(400, share, 0)] * 6], known_s=known_s)
        out += [piece for _, piece in made.process(records, store).out if isinstance(piece, Blocking)]
    assert [(piece.revision, piece.withdrawn) for piece in out if isinstance(piece, Blocking)] == [
        (0, False),
        (1, True),
        (2, False),
    ]


LONG: list[Day] = [*USUAL, *BLOCKED, *USUAL, *USUAL, *BLOCKED, *USUAL, *USUAL]


@pytest.mark.parametrize("seed", range(25))
def test_what_is_too_late_does_not_depend_on_batches_and_is_told(seed: int) -> None:
    """Records of nine weeks in any order, far beyond the bound; each is refused or counts, whatever the batches."""
    rng = random.Random(seed)
    arriving = hourly(LONG, 72)
    rng.shuffle(arriving)
    made = stage()
    at_once = made.process(arriving, {})
    assert at_once.refused
    store, out, refused = dict[str, bytes](), list[object](), list[tuple[int, str]]()
    at = 0
    one = stage()
    while at < len(arriving):
        size = rng.randrange(1, 9)
        result = one.process(arriving[at : at + size], store)
        out += [piece for _, piece in result.out]
        refused += [(at + each.index, each.detail) for each in result.refused]
        at += size
    assert told(newest(out)) == told(newest(piece for _, piece in at_once.out))
    assert refused == [(each.index, each.detail) for each in at_once.refused]


@pytest.mark.parametrize("seed", range(50))
def test_a_stage_that_crashes_while_writing_ends_the_same(seed: int) -> None:
    rng = random.Random(seed)
    arriving = hourly(EVEN[6:] if seed % 2 else LONG, 48)
    rng.shuffle(arriving)
    wanted = newest(piece for _, piece in stage().process(arriving, {}).out)
    store: Store = {}
    out: list[object] = []
    made = stage()
    at = 0
    while at < len(arriving):
        size = rng.randrange(1, 6)
        overlay = Overlay(store)
        given_out = [piece for _, piece in made.process(arriving[at : at + size], overlay).out]
        changes = list(overlay.changes())
        crash = rng.random() < 0.4
        for key, value in changes[: rng.randrange(len(changes) + 1)] if crash else changes:
            if value is None:
                store.pop(key, None)
            else:
                store[key] = value
        # What was sent before the crash is there, and is sent again or not: the newest revision counts.
        out += given_out
        if crash:
            made = stage()
        at += 0 if crash else size
    last: dict[str, Blocking] = {}
    for piece in out:
        if isinstance(piece, Blocking) and (piece.id not in last or piece.revision >= last[piece.id].revision):
            last[piece.id] = piece
    standing = sorted((one for one in last.values() if not one.withdrawn), key=lambda one: one.from_s)
    assert told(standing) == told(wanted)


def test_the_state_stays_small_and_old_counts_are_refused() -> None:
    made, store = stage(), dict[str, bytes]()
    for day in range(200):
        made.process(frames([(400, 8, 0)], from_s=BEGIN + day * DAY_S), store)
    kept = [key for key in store if key.startswith("bd/")]
    assert len(kept) <= 2 * made.rules.lateness_s // DAY_S + 3
    late = made.process(frames([*USUAL, *BLOCKED], product="whatsapp"), store)
    assert late.out, "nothing is known of that service"
    late = made.process(frames([*USUAL, *BLOCKED]), store)
    assert not [piece for _, piece in late.out if isinstance(piece, Blocking)]
    assert {(one.reason, one.field) for one in late.refused} == {("out-of-bounds", "from_s")}
    before = made.counts.too_late
    late = made.process(frames([*USUAL, *BLOCKED], product="whatsapp"), store)
    assert (made.counts.too_late - before, late.refused) == (0, [])
    assert max(map(len, store.values())) < 20_000


def test_what_ended_long_ago_is_not_told_again() -> None:
    made, store = stage(), dict[str, bytes]()
    made.process(frames([*USUAL, *BLOCKED]), store)
    far = BEGIN + 80 * DAY_S
    [ended] = newest_of(made, frames([(400, 8, 0)], from_s=far), store)
    assert (ended.revision, days_of(ended)) == (1, (10, 16))
    assert newest_of(made, frames([(400, 8, 0)], from_s=far + DAY_S), store) == []
    assert newest_of(made, frames([(400, 8, 0)], from_s=far - DAY_S), store) == []


def newest_of(made: DetectStage, records: list[Measurement], store: Store) -> list[Blocking]:
    return [piece for _, piece in made.process(records, store).out if isinstance(piece, Blocking)]


def test_state_made_anew_counts_on_from_what_stands() -> None:
    standing = DetectStanding()
    store: dict[str, bytes] = {}
    made = stage()
    [piece] = newest_of(made, frames([*USUAL, *BLOCKED]), store)
    assert standing.thing(EVIDENCE, piece) is piece
    assert standing.home(piece, {3: store, 4: {}}) == 3
    stood = standing.next(replace(piece, revision=6), piece)
    assert isinstance(stood, Blocking)
    assert stood.revision == 7
    standing.settle(stood, store)
    [again] = newest_of(stage(), frames([(400, 8, 0)], from_s=BEGIN + 16 * DAY_S), store)
    assert (again.id, again.revision) == (piece.id, 8)
    assert newest_of(stage(), frames([*USUAL, *BLOCKED]), store) == []
    gone = standing.gone(piece, store)
    assert gone is not None
    assert gone.withdrawn
    assert standing.told_of(piece) in standing.refused(frames(USUAL)[0])
