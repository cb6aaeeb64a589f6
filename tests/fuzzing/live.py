"""Targets: every poller, against a service that answers one of its paths with what is given."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from streams.sources.acled_live import PASSWORD, USER, AcledPoller
from streams.sources.atlas_live import AtlasPoller
from streams.sources.cloudflare_live import NetflowsPoller, OutagesPoller
from streams.sources.feeds import FeedPoller
from streams.sources.files import SourceError
from streams.sources.gdacs_live import GdacsPoller
from streams.sources.gdelt_live import GdeltPoller
from streams.sources.http import Manners
from streams.sources.ihr_live import AlarmsPoller, DisconnectionsPoller
from streams.sources.ioda_alerts import message_alerts
from streams.sources.ioda_live_events import EventsPoller
from streams.sources.ioda_live_signals import SignalsPoller
from streams.sources.ooni_changepoints_live import ChangepointsPoller
from streams.sources.ooni_live import OoniPoller
from streams.sources.polling import Live, Poller, poll
from streams.sources.pulse_live import PulsePoller
from streams.sources.ripestat_live import RipestatPoller
from streams.sources.rows import Refusal
from streams.sources.salt import VARIABLE
from streams.sources.state import Status
from streams.sources.usgs_live import UsgsPoller
from tests.fuzzing.files import SEEDS, stored
from tests.fuzzing.judging import Target, sound
from topics import Entity, Record, Topic

Publish = Callable[[Sequence[tuple[Topic, Record]]], None]

URL = "https://service.example"

#: Asked as often as a real one, without its waits; requests of a round, then the service is gone.
HASTY, MOST_REQUESTS = Manners(every_s=0.0, attempts=2, first_wait_s=0.0, longest_wait_s=0.0), 60


@dataclass(frozen=True)
class Service:
    """A poller, what it is given, when it asks, and what of its answers is what."""

    make: Callable[[Live], Poller]
    now_s: int
    entities: Sequence[tuple[Entity, str]] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    since_s: int = 3 * 3600
    path: str = ""


_KZ = (Entity(type="country", code="KZ", name="Kazakhstan"), "KZ")
_ASN = (Entity(type="asn", code="9198"), "KZ")

SERVICES = {
    "signals": Service(SignalsPoller, 1_700_000_400),
    "events": Service(EventsPoller, 1_700_000_400),
    "outages": Service(OutagesPoller, 1_686_600_000, secrets={"CLOUDFLARE_API_TOKEN": "t"}),
    "netflows": Service(NetflowsPoller, 1_686_600_000, (_KZ, _ASN), {"CLOUDFLARE_API_TOKEN": "t"}),
    "ooni": Service(OoniPoller, 1_686_600_000, (_KZ,)),
    "changepoints": Service(ChangepointsPoller, 1_686_600_000, since_s=20 * 86_400),
    "atlas": Service(AtlasPoller, 1_686_600_000),
    "ihr": Service(DisconnectionsPoller, 1_686_600_000, since_s=20 * 86_400),
    "ihr-delay": Service(AlarmsPoller, 1_686_600_000, (_ASN,), since_s=5 * 86_400),
    "ripestat": Service(RipestatPoller, 1_686_648_600, (_ASN,), since_s=86_400),
    "pulse": Service(PulsePoller, 1_686_600_000, secrets={"PULSE_API_TOKEN": "t"}),
    "feed": Service(FeedPoller, 1_614_500_000, path="/feed.xml"),
    "gdelt": Service(GdeltPoller, 1_566_311_400, since_s=1_800),
    "usgs": Service(UsgsPoller, 1_675_650_000),
    "gdacs": Service(GdacsPoller, 1_678_600_000, since_s=30 * 86_400),
    "acled": Service(AcledPoller, 1_642_000_000, secrets={USER: "a@example.org", PASSWORD: "secret"}),
}


def slug(path: str) -> str:
    """A path as the kept answers are called: without numbers and codes of what was asked for."""
    path = re.sub(r"/signals/raw/(\w+)/.*", r"/signals-raw-\1", re.sub(r"\d{14}", "slot", path))
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")


def _answers(name: str) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((SEEDS / f"live-{name}").glob("*.0"))}


def _round(name: str, spoilt: str, data: bytes) -> Iterator[str]:
    os.environ.setdefault(VARIABLE, "a salt for the tests alone")
    service, answers = SERVICES[name], {**_answers(name), spoilt: data}
    asked, told = [0], list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        asked[0] += 1
        if asked[0] > MOST_REQUESTS:
            return httpx.Response(403)
        content = answers.get(slug(request.url.path))
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)

    def publish(records: Sequence[tuple[Topic, Record]]) -> None:
        told.extend(sound(topic, record) for topic, record in records)

    live = Live(
        url=URL + service.path,
        entities=service.entities,
        since_s=service.now_s - service.since_s,
        secrets=service.secrets,
    )
    poller: Any = service.make(live)
    poller.manners = HASTY
    cursors: dict[str, Any] = {}
    transport = httpx.MockTransport(answer)
    for late in (0, poller.every_s):
        found: list[Status] = []
        clock = partial(float, service.now_s + late)
        ask = partial(poll, rounds=1, clock=clock, sleep=lambda _: None, transport=transport)
        ask(poller, cursors, publish, told=found.append)
        told += [found[-1].why, re.sub(r"[^a-z ]", "", found[-1].error)[:80]]
    assert asked[0], "the service was asked"
    yield from told


def _messages(data: bytes) -> Iterator[str]:
    try:
        yield from (f"{one.level} {one.datasource}" for one in message_alerts(data))
    except Refusal as refusal:
        yield refusal.reason


def _seeds_of_messages() -> list[bytes]:
    return stored("read-ioda-alerts", ".jsonl")[0].splitlines()


def _seeds(name: str, path: str) -> list[bytes]:
    return [one.read_bytes() for one in sorted((SEEDS / f"live-{name}").glob(f"{path}.*"))]


def _kind(path: str) -> str:
    return "xml" if path.endswith("xml") else "zip" if path.endswith("zip") else "json"


def targets() -> Iterator[Target]:
    """All of them."""
    for name in SERVICES:
        for path in _answers(name):
            run, seeds = partial(_round, name, path), partial(_seeds, name, path)
            yield Target(f"live-{name}-{path}", _kind(path), run, seeds, (SourceError,))
    yield Target("ioda-kafka", "json", _messages, _seeds_of_messages)
