"""A rehearsal of each live source against its double: as expected, and in words where an answer is other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli.main import shutdowns
from streams.sources.catalogue import SOURCES, source_named
from streams.sources.conditions import EXPECTATIONS
from streams.sources.entities import chosen
from streams.sources.expected_forms import EXPECTED
from streams.sources.polling import Live
from streams.sources.rehearsal import ENTITIES, NOT_HTTP, Once, Rehearsal, rehearse
from tests.sources.acled_fake import EMAIL, PASSWORD, Acled
from tests.sources.atlas_fake import Atlas
from tests.sources.fake import HTML, Fake, Polled, Route, serving
from tests.sources.gdelt_fake import Archive
from tests.sources.ihr_fake import Ihr
from tests.sources.ioda_fake import World
from tests.sources.netflows_fake import Netflows
from tests.sources.ooni_changepoints_fake import Changepoints
from tests.sources.ooni_fake import Ooni
from tests.sources.pulse_fake import Pulse
from tests.sources.radar_fake import Radar
from tests.sources.ripestat_fake import Ripestat
from tests.sources.test_cloudflare import ANNOTATION, ANOMALY
from tests.sources.test_gdacs import FLOOD, feed, item
from tests.sources.test_pulse import CARD
from tests.sources.usgs_fake import CATALOGUE, FEED, Usgs
from tests.sources.usgs_fake import NOW as QUAKE

NOW = 1_686_600_000  # 2023-06-12 20:00 UTC
SECRETS = {
    "CLOUDFLARE_API_TOKEN": "cf-hush",
    "PULSE_API_TOKEN": "isoc-hush",
    "ACLED_EMAIL": EMAIL,
    "ACLED_PASSWORD": PASSWORD,
}
EVENT = {"location": "region/2088", "name": "Almaty City", "start": NOW - 7200, "end": None}
RSS = (
    b"<rss><channel><title>A paper</title><item><guid>1</guid><title>Internet cut in Almaty</title>"
    b"<pubDate>Mon, 12 Jun 2023 10:00:00 GMT</pubDate></item></channel></rss>"
)


def acled() -> Acled:
    service = Acled(now_s=NOW)
    service.add(1, NOW - 100)
    service.deleted.append({"event_id_cnty": "KAZ9", "deleted_timestamp": str(NOW - 50)})
    return service


def doubles() -> dict[str, Mapping[str, Route]]:
    """The routes of each source's double."""
    world = World(NOW, events=[EVENT])
    ooni = Ooni({("IR", NOW - hour * 3600): 9 for hour in range(80)})
    changes, health = Changepoints(), Ihr()
    probes = Atlas(NOW, dict.fromkeys(range(1, 25), ("KZ", 9198)))
    probes.out([1], NOW - 36_000, NOW - 32_400)
    changes.change(NOW - 86_400, "up")
    health.event(NOW - 7_200, NOW - 3_600)
    health.alarm(NOW - 86_400)
    radar = Radar([ANNOTATION], [ANOMALY | {"startDate": "2023-06-12T10:00:00Z"}])
    return {
        "ioda-signals": world.routes(),
        "ioda-events": world.routes(),
        "cloudflare-outages": radar.routes(),
        "cloudflare-netflows": Netflows().routes(),
        "ooni": ooni.routes(),
        "ooni-changepoints": changes.routes(),
        "ripe-atlas": probes.routes(),
        "ihr": health.routes(),
        "ihr-delay": health.routes(),
        "ripestat": Ripestat().routes(),
        "pulse": Pulse([CARD]).routes(),
        "gdelt": Archive(NOW).routes(),
        "acled": acled().routes(),
        "gdacs": {"/xml/rss.xml": lambda _: feed(item(FLOOD))},
        "feed": {"/": lambda _: RSS},
    }


#: How many requests each source's rehearsal takes: one of a kind.
REQUESTS = {
    "ioda-signals": 2 + 4 + 3,
    "ioda-events": 4,
    "cloudflare-outages": 2,
    "cloudflare-netflows": 1,
    "ooni": 3,
    "ooni-changepoints": 1,
    "ripe-atlas": 2,
    "ihr": 1,
    "ihr-delay": 1,
    "ripestat": 1,
    "pulse": 1,
    "gdelt": 4,
    "acled": 3,
    "gdacs": 1,
    "feed": 1,
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the distance that requests keep from each other."""
    monkeypatch.setattr(Once, "_pace", lambda _: None)
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for tests")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({}) as fake:
        yield fake


def rehearsed(name: str, fake: Fake) -> Rehearsal:
    source = source_named(name)
    entities = chosen([ENTITIES[name]] if name in ENTITIES else [])
    live = Live(url=fake.url, entities=entities, secrets={one: SECRETS[one] for one in source.secrets})
    return rehearse(source, live, now_s=NOW, hidden=tuple(live.secrets.values()))


def test_each_live_source_can_be_rehearsed() -> None:
    assert {*REQUESTS, "usgs", *NOT_HTTP} == {source.name for source in SOURCES if source.poller}


@pytest.mark.parametrize("name", REQUESTS)
def test_against_its_double_a_source_is_as_expected(name: str, fake: Fake) -> None:
    fake.routes |= doubles()[name]
    found = rehearsed(name, fake)
    assert found.as_expected, "\n".join(found.words())
    assert (len(found.answered), len(fake.requests)) == (REQUESTS[name], REQUESTS[name])
    assert found.records
    assert list(found.words())[-1] == "as expected"


def test_earthquakes_are_as_expected(fake: Fake) -> None:
    Usgs(fake).put()
    found = rehearse(source_named("usgs"), Live(url=fake.url), now_s=QUAKE)
    assert (found.as_expected, len(found.answered), found.records) == (True, 2, 1)


@pytest.mark.parametrize("name", sorted(EXPECTATIONS.keys() & REQUESTS.keys()))
def test_a_source_of_which_something_is_expected_says_what_its_answers_had(name: str, fake: Fake) -> None:
    fake.routes |= doubles()[name]
    source = source_named(name)
    entities = chosen([ENTITIES[name]] if name in ENTITIES else [])
    live = Live(url=fake.url, entities=entities, secrets={one: SECRETS[one] for one in source.secrets})
    status = Polled(source.live(), live).round(NOW)
    assert status.error == ""
    assert status.items


@pytest.mark.parametrize(("name", "path"), [("ooni", "/aggregation"), ("cloudflare-netflows", "/geolocations")])
def test_answers_of_networks_and_regions_are_as_expected(name: str, path: str, fake: Fake) -> None:
    netflows = Netflows(regions={"KZ": [("1526384", "Almaty City")]})
    networks = Ooni(networks={("KZ", 9198, NOW - hour * 3600): 9 for hour in range(80)})
    fake.routes |= netflows.routes() | networks.routes()
    source = source_named(name)
    live = Live(
        url=fake.url,
        entities=chosen(["region/KZ/Almaty City" if "netflows" in name else "country/KZ"]),
        secrets={one: SECRETS[one] for one in source.secrets},
    )
    found = rehearse(source, live, now_s=NOW)
    assert found.as_expected, "\n".join(found.words())
    assert any(path in one.exchange.url for one in found.answered)


def changed(fake: Fake, path: str, change: Any) -> None:
    """Have every answer of a path changed."""
    fake.faults += [(path, lambda body: json.dumps(change(json.loads(body))).encode())] * 20


@pytest.mark.parametrize(
    ("name", "path", "change", "words"),
    [
        (
            "ioda-events",
            "/outages/events",
            lambda said: said | {"data": [{**said["data"][0], "start": "yesterday"}]},
            '`start` of 1 of 1 at `data[]` is a text ("yesterday"), and can\'t be read as int | null',
        ),
        (
            "ioda-events",
            "/outages/events",
            lambda said: said | {"data": [{k: v for k, v in said["data"][0].items() if k != "duration"}]},
            "`duration` is missing in 1 of 1 at `data[]`",
        ),
        (
            "ioda-signals",
            "/signals/raw",
            lambda said: said | {"data": [[{**one, "step": None} for one in each] for each in said["data"]]},
            "`step` of 3 of 3 at `data[][]` is null (null), and can't be read as int",
        ),
        (
            "ooni",
            "/agg",
            lambda said: said | {"result": [{"probe_cc": "IR"}]},
            "`measurement_start_day` is missing",
        ),
        ("ripestat", "/bgp", lambda said: {k: v for k, v in said.items() if k != "data"}, "`data` is missing"),
        (
            "acled",
            "/api/acled/read",
            lambda said: said | {"data": [said["data"][0] | {"latitude": {"deg": 43}}]},
            '`latitude` of 1 of 1 at `data[]` is an object ({"deg":43})',
        ),
    ],
)
def test_what_differs_is_said_field_by_field(fake: Fake, name: str, path: str, change: Any, words: str) -> None:
    fake.routes |= doubles()[name]
    changed(fake, path, change)
    found = rehearsed(name, fake)
    assert not found.as_expected
    assert words in "\n".join(found.words())
    assert list(found.words())[-1] == "NOT as expected"


def test_a_field_that_nobody_reads_is_named_and_no_difference(fake: Fake) -> None:
    fake.routes |= doubles()["ioda-events"]
    changed(fake, "/outages/events", lambda said: said | {"data": [said["data"][0] | {"confidence": 3}]})
    found = rehearsed("ioda-events", fake)
    assert found.as_expected
    assert "data[].confidence" in "\n".join(found.words())


@pytest.mark.parametrize(
    ("fault", "words"), [("500", "HTTP 500"), ("html", "HTML or XML"), ("closed", "breaks off")]
)
def test_a_service_that_fails_is_said(fake: Fake, fault: str, words: str) -> None:
    fake.routes |= doubles()["ooni"]
    fake.misbehave(fault)
    found = rehearsed("ooni", fake)
    assert (found.as_expected, len(fake.requests)) == (False, REQUESTS["ooni"])
    assert words in "\n".join(found.words())


def test_items_that_cant_be_used_are_counted(fake: Fake) -> None:
    fake.routes |= Pulse([CARD, CARD | {"country": "Atlantis", "country_code": "", "detail_url": "/c"}]).routes()
    words = list(rehearsed("pulse", fake).words())
    assert "records: 1; items that no record was made of: 1" in words
    assert "   1 x unknown country" in words


def test_every_expected_path_is_asked_of_a_double(fake: Fake) -> None:
    asked = []
    for routes in doubles().values():
        asked += list(routes)
    paths = [*asked, "/shutdowns", FEED, CATALOGUE]
    assert [name for name in EXPECTED if not any(name.strip("/") in path for path in paths)] == []


# ------------------------------------------------------------------ recorded and replayed


def run(*arguments: str | Path) -> Result:
    done = CliRunner(env=SECRETS).invoke(shutdowns, ["sources", "check", *map(str, arguments)])
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.cli.check_source.time.time", lambda: float(NOW))


@pytest.mark.usefixtures("at_now")
@pytest.mark.parametrize("name", REQUESTS)
def test_recorded_answers_are_replayed_without_the_service(name: str, tmp_path: Path) -> None:
    with serving(doubles()[name]) as fake:
        live = run(name, "--url", fake.url, "--record", tmp_path / "kept")
    assert live.exit_code == 0, live.output
    replayed = run(name, "--replay", tmp_path / "kept")
    assert replayed.exit_code == 0, replayed.output
    assert _untimed(replayed.output) == _untimed(live.output)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "kept").iterdir())
    assert not [secret for secret in (*SECRETS.values(), "token-1") if secret.encode() in kept]


def _untimed(output: str) -> list[str]:
    """Lines without what differs from run to run: how long it took, and sizes of what had secrets."""
    lines = output.splitlines()[1:]
    return [line for line in lines if not line.startswith("   HTTP")]


@pytest.mark.usefixtures("at_now")
def test_what_can_not_be_checked_is_said(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with serving(doubles()["ooni"]) as fake:
        assert run("ooni", "--url", fake.url, "--record", tmp_path / "ooni").exit_code == 0
        told = {
            ("stop",): "stop has no live service",
            ("nowhere",): "no source 'nowhere'",
            ("ioda-alerts", "--url", "kafka://x:1/y"): "can't be checked this way",
            ("ooni", "--url", fake.url, "--record", tmp_path / "full"): "is not empty",
            ("ooni", "--replay", tmp_path / "none"): "holds no answers",
            ("gdelt", "--replay", tmp_path / "ooni"): "holds answers of ooni, not of gdelt",
            ("ooni", "--record", tmp_path / "a", "--replay", tmp_path / "b"): "not both",
        }
        for arguments, words in told.items():
            done = run(*arguments)
            assert done.exit_code == 1
            assert words in done.output


@pytest.mark.usefixtures("at_now")
def test_exit_code_1_where_it_is_not_as_expected() -> None:
    with serving({"/": lambda _: HTML}) as fake:
        done = run("ooni", "--url", fake.url)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "NOT as expected")
