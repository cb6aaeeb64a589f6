"""What the servers' pages count, held to a count by hand of what stands."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import msgspec
from starlette.testclient import TestClient

from streams.api.app import create_app
from streams.api.feed import Feed
from streams.api.figures import CLASSES, ApiHealth, ServerHealth
from streams.api.state import State
from streams.health import SILENCE_S
from streams.settings import Settings
from tests.api.served import EXAMPLE, UNLIMITED, feed, filled
from tests.played import played
from topics import EVIDENCE, SHUTDOWNS, Outage, Shutdown


def figures(health: ServerHealth) -> dict[tuple[str, ...], float]:
    """Samples by name and labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in health.collect()
        for sample in family.samples
    }


def health_of(state: State) -> ApiHealth:
    return ApiHealth(state, Feed(Settings(), state))


def test_shutdowns_and_incidents_are_those_that_stand() -> None:
    newest = {one.id: one for _, one in played() if isinstance(one, Shutdown)}
    with filled() as state:
        found = figures(health_of(state))
        wanted = Counter((one.level, one.status) for one in newest.values())
        assert {
            key[1:]: value for key, value in found.items() if key[0] == "shutdowns_shutdowns" and value
        } == wanted
        assert found["shutdowns_incidents_open",] == 0
        opened = msgspec.structs.replace(EXAMPLE, revision=EXAMPLE.revision + 1, status="open", until_s=None)
        feed(state, [(SHUTDOWNS, opened), (SHUTDOWNS, opened)])
        found = figures(health_of(state))
        assert found["shutdowns_shutdowns", "corroborated", "open"] == 1
        assert found["shutdowns_shutdowns", "corroborated", "closed"] == wanted["corroborated", "closed"] - 1
        assert found["shutdowns_incidents_open",] == 1
        feed(state, [(SHUTDOWNS, msgspec.structs.replace(opened, revision=opened.revision + 1, status="closed"))])
        assert figures(health_of(state))["shutdowns_incidents_open",] == 0


def test_outages_are_open_until_a_newer_revision_ends_them() -> None:
    outage = next(one for _, one in played() if isinstance(one, Outage))
    opened = msgspec.structs.replace(outage, until_s=None, revision=7)
    key = ("shutdowns_outages_open", outage.origin.source)
    with filled([(EVIDENCE, opened)]) as state:
        assert figures(health_of(state))[key] == 1
        feed(state, [(EVIDENCE, msgspec.structs.replace(outage, revision=6))])
        assert figures(health_of(state))[key] == 1, "an older revision says nothing"
        feed(state, [(EVIDENCE, msgspec.structs.replace(outage, revision=8))])
        assert key not in figures(health_of(state))
        feed(state, [(EVIDENCE, msgspec.structs.replace(opened, revision=9))])
        feed(state, [(EVIDENCE, msgspec.structs.replace(opened, revision=10, withdrawn=True))])
        assert key not in figures(health_of(state))


def test_answers_are_counted_by_class_and_by_nothing_else() -> None:
    with filled() as state:
        health = health_of(state)
        asking = TestClient(create_app(state, limits=UNLIMITED, health=health), raise_server_exceptions=False)
        for path in ("/shutdowns", "/stats", "/shutdowns/nothing", "/shutdowns?limit=many"):
            asking.get(path)
        assert health.answers == Counter(dict.fromkeys(CLASSES, 0) | {"2xx": 2, "4xx": 2})
        assert figures(health)["shutdowns_http_answers_total", "4xx"] == 2


def test_a_loop_that_stands_still_does_not_live() -> None:
    now = [0.0]
    health = ServerHealth(lambda: now[0])
    assert (health.dead(), health.unready()) == ([], ["it starts"])

    async def waiting() -> list[str]:
        return ["still reading"] if now[0] < 1 else []

    async def beating() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await health.beat(waiting)

    asyncio.run(beating())
    assert health.unready() == ["still reading"]
    now[0] = SILENCE_S + 1
    assert health.dead() == [f"the event loop has not run for {SILENCE_S + 1:.0f} s"]
    asyncio.run(beating())
    assert health.unready() == []
