"""Rounds: the cursor after the records, failures told and outlived, secrets found and not told; lists compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.sources.catalogue import SOURCES
from streams.sources.conditions import EXPECTATIONS, condition
from streams.sources.figures import PATIENCE_S, SourceHealth
from streams.sources.files import FAILURES, SourceError
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.listing import compared
from streams.sources.polling import Batch, Live, Notice, Seen, Step, Trouble, poll, secrets
from streams.sources.replacing import Replaced
from streams.sources.rows import Accepted, Row
from streams.sources.state import STATUS, Status
from topics import NEWS, NewsItem, Origin, Record, Topic

NOW = 1_700_000_000


def item(number: int, **changed: Any) -> NewsItem:
    return NewsItem(id=f"n-{number}", origin=Origin(source="test"), country="KZ", start="2023-11-14", **changed)


class Scripted:
    """Does in each round what its script says."""

    every_s = 600
    manners = Manners(every_s=0)
    headers: Mapping[str, str] = {}

    def __init__(self, *rounds: list[Step | Exception]) -> None:
        self._rounds = list(rounds)

    def round(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Step]:
        for step in self._rounds.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


def run(poller: Scripted, cursors: dict[str, Any], rounds: int) -> tuple[list[Status], list[list[Record]]]:
    """What was told of each round, and the records that each batch published."""
    told: list[Status] = []
    sent: list[list[Record]] = []
    clock = [float(NOW)]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    def publish(records: Any) -> None:
        sent.append([record for _, record in records])

    poll(poller, cursors, publish, rounds=rounds, clock=lambda: clock[0], sleep=sleep, told=told.append)
    return told, sent


def test_the_cursor_moves_after_the_records() -> None:
    order: list[Any] = []

    class Watched(dict[str, Any]):
        def __setitem__(self, part: str, cursor: Any) -> None:
            order.append(part)
            super().__setitem__(part, cursor)

    def publish(records: list[tuple[Topic, Record]]) -> None:
        order.append("published")

    poller = Scripted([Batch("a", 1, [(NEWS, item(1))]), Batch("a", 1), Batch("b", 2)])
    poll(poller, Watched(), publish, rounds=1, clock=lambda: NOW)  # type: ignore[arg-type]
    assert order == ["published", "a", "b", STATUS]


def test_what_fails_is_told_and_the_next_round_comes() -> None:
    cursors: dict[str, Any] = {}
    poller = Scripted(
        [Batch("a", 1, [(NEWS, item(1))])],
        [
            Trouble("b", FetchError("no answer", "unreachable")),
            Batch("a", 2, [(NEWS, item(2))], ["no place", "no place", "no date"]),
        ],
        [FetchError("https://example.org: HTTP 500", "server-error", 500)],
        [SourceError("another form")],
        [Batch("a", 3)],
    )
    told, sent = run(poller, cursors, 5)
    assert [len(each) for each in sent] == [1, 1]
    assert [one.error for one in told] == ["", "b: no answer", "https://example.org: HTTP 500", "another form", ""]
    began = told[1].round_s
    assert [one.failing_since_s for one in told] == [None, began, began, began, None]
    assert [one.ok_s for one in told] == [NOW, NOW, NOW, NOW, told[4].round_s]
    assert (told[1].refused, told[1].why) == (3, "no place: 2")
    assert [one.failures for one in told] == [{}, {"unreachable": 1}, {"server-error": 1}, {"other": 1}, {}]
    assert cursors["a"] == 3
    assert all(one.round_s % 600 == 0 for one in told[1:]), "rounds begin on the clock"


FINE = Status(round_s=NOW, ok_s=NOW, every_s=600, items=5, newest_s=NOW - 60)
DAY = 86_400


@pytest.mark.parametrize(
    ("changed", "word", "why"),
    [
        ({}, "ok", ""),
        ({"failing_since_s": NOW, "failures": {"server-error": 1}, "error": "HTTP 500"}, "failing", "HTTP 500"),
        ({"failing_since_s": NOW, "failures": {"unauthorised": 2}, "error": "HTTP 403"}, "refused", "HTTP 403"),
        ({"failing_since_s": NOW, "failures": {"unauthorised": 2, "unreachable": 1}}, "failing", ""),
        ({"embargo": "nothing after 2025", "newest_s": NOW - 400 * DAY}, "embargoed", "nothing after 2025"),
        ({"empty_since_s": NOW - 20 * DAY}, "ok", ""),
        ({"empty_since_s": NOW - 21 * DAY}, "empty", "nothing was told for 21 days; usual: "),
        ({"newest_s": NOW - 29 * DAY}, "ok", ""),
        ({"newest_s": NOW - 30 * DAY}, "stale", "the newest that was told is 30 days old; usual: "),
    ],
)
def test_the_condition_of_a_source_in_a_word(changed: dict[str, Any], word: str, why: str) -> None:
    found = condition("acled", msgspec.structs.replace(FINE, **changed), NOW)
    assert (found.word, found.why[: len(why)]) == (word, why)


def test_a_source_that_ends_no_round_is_silent() -> None:
    assert condition("acled", FINE, NOW + 1800).word == "ok"
    assert condition("acled", FINE, NOW + 1900).word == "silent"


def test_of_one_country_nothing_is_expected() -> None:
    quiet = msgspec.structs.replace(FINE, empty_since_s=NOW - 400 * DAY, newest_s=None)
    assert (condition("ooni@TO", quiet, NOW).word, condition("ooni", quiet, NOW).word) == ("ok", "empty")


def test_no_annotation_in_a_week_is_normal_and_no_row_of_acled_in_a_year_is_not() -> None:
    week = msgspec.structs.replace(FINE, empty_since_s=NOW - 7 * DAY)
    year = msgspec.structs.replace(FINE, empty_since_s=NOW - 365 * DAY)
    assert (condition("cloudflare-outages", week, NOW).word, condition("acled", year, NOW).word) == ("ok", "empty")


def test_each_live_source_has_its_expectation() -> None:
    assert set(EXPECTATIONS) == {source.name for source in SOURCES if source.poller}
    assert all(one.why for one in EXPECTATIONS.values())


def test_what_answers_had_is_remembered_over_rounds() -> None:
    poller = Scripted(
        [Seen(0, since_s=NOW - 30 * DAY), Notice("no event after 2025", embargo=True), Notice("this call goes")],
        [],
        [Seen(0, since_s=NOW - 3600)],
        [Seen(0), Seen(3, NOW - 50), Seen(2, NOW - 90)],
        [Seen(0)],
        [FetchError("no answer", "unreachable")],
    )
    told, _ = run(poller, {}, 6)
    since = [one.empty_since_s for one in told]
    assert since == [NOW - 30 * DAY] * 3 + [None] + [told[4].round_s] * 2
    assert [one.newest_s for one in told] == [None] * 3 + [NOW - 50] * 3
    assert [one.items for one in told] == [0, 0, 0, 5, 0, 0]
    assert [(one.embargo, one.notices) for one in told[:2]] == [
        ("no event after 2025", ["this call goes"]),
        ("", []),
    ]


def test_secrets_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-a-file\n")
    assert secrets(["A", "B"], {"A": "here", "B_FILE": str(file)}) == {"A": "here", "B": "from-a-file"}
    with pytest.raises(SourceError, match="wants B: set that variable, or B_FILE"):
        secrets(["A", "B"], {"A": "here"})
    with pytest.raises(SourceError, match="can't be read"):
        secrets(["B"], {"B_FILE": str(tmp_path / "none")})


def test_no_secret_in_how_a_poller_looks() -> None:
    assert "hush" not in repr(Live(secrets={"TOKEN": "hush"}))


# ------------------------------------------------------------------ lists


def round_of(rows: list[NewsItem], cursors: dict[str, Any], now_s: int) -> list[NewsItem]:
    found: list[NewsItem] = []
    accepted: list[Row] = [Accepted(at, NEWS, one) for at, one in enumerate(rows)]
    for batch in compared("list", accepted, cursors, now_s, over=lambda one: one.id == "n-9"):
        found += [record for _, record in batch.records if isinstance(record, NewsItem)]
        if batch.cursor is not None:
            cursors[batch.part] = batch.cursor
    return found


def test_a_list_says_what_is_new_changed_or_gone() -> None:
    cursors: dict[str, Any] = {}
    assert {one.id for one in round_of([item(1), item(2), item(9)], cursors, NOW)} == {"n-1", "n-2", "n-9"}
    assert round_of([item(1), item(2)], cursors, NOW + 1) == []
    (changed,) = round_of([item(1, title="more"), item(2)], cursors, NOW + 2)
    assert (changed.title, changed.revision, changed.known_s) == ("more", NOW + 2, NOW + 2)
    gone = [one for at in range(3, 7) for one in round_of([item(1, title="more")], cursors, NOW + at)]
    assert [(one.id, one.withdrawn, one.revision) for one in gone] == [("n-2", True, NOW + 5)]


def test_revisions_rise_though_the_clock_goes_back() -> None:
    cursors: dict[str, Any] = {}
    round_of([item(1)], cursors, NOW)
    (later,) = round_of([item(1, title="b")], cursors, NOW - 3600)
    assert later.revision == NOW + 1


def test_missing_now_and_then_is_not_gone() -> None:
    cursors: dict[str, Any] = {}
    round_of([item(1)], cursors, NOW)
    for at in range(1, 12):
        assert round_of([item(1)] if at % 3 == 0 else [], cursors, NOW + at) == []


# ------------------------------------------------------------------ a file that replaces another


def test_a_newer_file_withdraws_and_corrects() -> None:
    old: list[Row] = [Accepted(at, NEWS, item(at, revision=2022)) for at in (1, 2, 3)]
    replaced = Replaced.of(old)
    replaced.now_s = NOW
    same, other, new = item(1, revision=2022), item(2, revision=2022, title="corrected"), item(4, revision=2022)
    assert replaced.corrected(same) is same
    assert replaced.corrected(other) == item(2, revision=NOW, title="corrected")
    assert replaced.corrected(new) is new
    assert [record for _, record in replaced.withdrawn()] == [item(3, revision=NOW, withdrawn=True)]
    assert replaced.changed == 1


# ------------------------------------------------------------------ figures


def test_figures_for_prometheus() -> None:
    clock = [0.0]
    health = SourceHealth("gdelt", 900, clock=lambda: clock[0])
    assert health.unready() == ["gdelt is in its first round"]
    health.told(Status(round_s=NOW, ok_s=NOW, records=5, requests=2, received=100, refused=1, took_s=0.5))
    health.told(Status(round_s=NOW + 900, ok_s=NOW, failing_since_s=NOW + 900, failures={"server-error": 2}))
    assert (health.unready(), health.dead()) == ([], [])
    samples = [sample for family in health.collect() for sample in family.samples]
    found = {sample.name: sample.value for sample in samples if "reason" not in sample.labels}
    failures = {sample.labels["reason"]: sample.value for sample in samples if "reason" in sample.labels}
    assert failures == dict.fromkeys(FAILURES, 0) | {"server-error": 2}
    assert found["shutdowns_source_records_total"] == 5
    assert found["shutdowns_source_requests_total"] == 2
    assert found["shutdowns_source_received_bytes_total"] == 100
    assert (found["shutdowns_source_failing"], found["shutdowns_source_ok_timestamp_seconds"]) == (1, NOW)
    assert [
        sample.labels["condition"] for sample in samples if sample.labels.get("condition") and sample.value
    ] == ["failing"]
    clock[0] = 3 * 900 + PATIENCE_S + 1
    assert health.dead() == ["gdelt has ended no round for 3601 s"]
