"""The stream: every change once, in order, wherever and however often a client comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.api import state as state_module
from streams.api.queries import STATUSES, Filter
from streams.api.state import State, position_text, read_position
from streams.api.stream import Follower
from tests.api.served import feed, filled, made_up, rows
from tests.played import played
from topics import ShutdownChange

CHANGES = [record for _, record in played() if isinstance(record, ShutdownChange)]
ALL = Filter(statuses=frozenset(STATUSES))


async def listen(
    state: State, since: str | None, count: int, wanted: Filter = ALL, short: bool = False
) -> list[Any]:
    """The next `count` events as (id, event, data)."""
    return await read(Follower(state, wanted, since, short=short).run(), count)


async def read(chunks: AsyncIterator[bytes], count: int) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(10):
        async for chunk in chunks:
            for text in chunk.decode().split("\n\n"):
                lines = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
                if "data" in lines:
                    found.append((lines["id"], lines["event"], json.loads(lines["data"])))
            if len(found) >= count:
                break
    return found


def ids(events: list[Any]) -> list[str]:
    return [data["id"] for _, _, data in events]


def test_from_the_start_it_is_the_topic() -> None:
    with filled() as state:
        events = asyncio.run(listen(state, "", len(CHANGES)))
        assert sorted(ids(events)) == sorted(change.id for change in CHANGES)
        assert {event for _, event, _ in events} == {change.change for change in CHANGES}


@pytest.mark.parametrize("head", [2000, 5], ids=["from memory", "from the store"])
@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, len(CHANGES) - 1), max_size=4, unique=True), servers=st.integers(0, 2**8))
def test_who_comes_back_misses_nothing_and_gets_nothing_twice(head: int, cuts: list[int], servers: int) -> None:
    """A client is cut off again and again, and finds servers that read the partitions in another order."""
    before, state_module.AT_HEAD = state_module.AT_HEAD, head
    try:
        with filled() as one, filled([]) as other:
            for row in sorted(rows(played()), key=lambda row: -row[1]):  # the last partition first
                other.take(*row)
            seen: list[Any] = []
            since = ""
            for number, cut in enumerate([*sorted(cuts), len(CHANGES)]):
                server = other if servers >> number & 1 else one
                if cut > len(seen):
                    seen += asyncio.run(listen(server, since, cut - len(seen)))[: cut - len(seen)]
                since = seen[-1][0]
            assert sorted(ids(seen)) == sorted(change.id for change in CHANGES)
            for shutdown in {change.shutdown.id for change in CHANGES}:
                revisions = [
                    data["shutdown"]["revision"] for _, _, data in seen if data["shutdown"]["id"] == shutdown
                ]
                assert revisions == sorted(revisions)
    finally:
        state_module.AT_HEAD = before


def test_a_new_one_gets_what_comes_next() -> None:
    async def run() -> list[Any]:
        with filled() as state:
            following = asyncio.create_task(listen(state, None, 3))
            await asyncio.sleep(0.05)
            feed(state, made_up(3))
            return await following

    assert ids(asyncio.run(run())) == [f"KZ-{number:016x}/1" for number in range(3)]


def test_a_thousand_followers_each_get_every_change() -> None:
    async def run() -> list[list[Any]]:
        with filled() as state:
            following = [asyncio.create_task(listen(state, None, 5, short=True)) for _ in range(1000)]
            await asyncio.sleep(0.05)
            for record in made_up(5):
                feed(state, [record])
                await asyncio.sleep(0)
            return await asyncio.gather(*following)

    expected = [f"KZ-{number:016x}/1" for number in range(5)]
    assert all(ids(events) == expected for events in asyncio.run(run()))


def test_one_that_fell_behind_the_head_reads_on_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[Any]:
        with filled([]) as state:
            chunks = Follower(state, ALL, None, short=True).run()
            await anext(chunks)
            feed(state, made_up(60))
            assert len(state.events) < 60
            return await read(chunks, 60)

    monkeypatch.setattr(state_module, "AT_HEAD", 20)
    assert ids(asyncio.run(run())) == [f"KZ-{number:016x}/1" for number in range(60)]


def test_filters_and_short_events() -> None:
    with filled() as state:
        wanted = Filter(countries=frozenset({"TD"}), statuses=frozenset(STATUSES))
        expected = [change.id for change in CHANGES if change.shutdown.country == "TD"]
        events = asyncio.run(listen(state, "", len(expected), wanted, short=True))
        assert ids(events) == expected
        assert all(data["shutdown"]["evidence"] == [] for _, _, data in events)


def test_repetitions_on_the_topic_are_not_told() -> None:
    with filled() as state:
        feed(state, played())
        feed(state, made_up(1))
        events = asyncio.run(listen(state, "", len(CHANGES) + 1))
        assert len(set(ids(events))) == len(events) == len(CHANGES) + 1


def test_a_position_of_another_topic_starts_anew() -> None:
    with filled() as state:
        events = asyncio.run(listen(state, "0:999999,1:999999,2:999999,3:999999", len(CHANGES)))
        assert len(events) == len(CHANGES)


@pytest.mark.parametrize("text", ["x", "1", "1:", ":1", "1:2,", "-1:2", "1:2:3", "1:٣"])
def test_nonsense_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match="no position"):
        read_position(text)


@given(st.dictionaries(st.integers(0, 99), st.integers(0, 10**9), max_size=8))
def test_a_position_survives_being_written(offsets: dict[int, int]) -> None:
    assert read_position(position_text(offsets)) == offsets
