"""IODA's networks: which are chosen for a country, how they are asked for, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from streams import geography
from streams.cli.main import shutdowns
from streams.correlation import default_rules
from streams.correlation.places import pair
from streams.pipeline import measured_place
from streams.sources import SourceError, ioda_live_signals
from streams.sources.ioda import Described
from streams.sources.ioda_live_events import EventsPoller
from streams.sources.ioda_live_signals import SignalsPoller
from streams.sources.ioda_networks import Network, chosen, wanted_share
from streams.sources.polling import Live
from tests.sources.fake import Fake, Polled, serving
from tests.sources.ioda_fake import World
from topics import Entity, Outage

NOW = 1_700_000_400
DAY = 86_400

Rows = list[tuple[str, str, str | None, int | None, str | None]]

#: Kazakhstan's by this world: two of three addresses are Kazakhtelecom's, in two regions; Google is everywhere.
KAZAKHSTAN: Rows = [
    ("9198", "AS9198 (KAZTELECOM-AS)", "JSC Kazakhtelecom", 2_000_000, None),
    ("9198-KZ", "AS9198 in Kazakhstan", None, 1_900_000, None),
    ("9198-2088", "AS9198 in Almaty City", None, 700_000, "Almaty City"),
    ("9198-2077", "AS9198 in Atyrau", None, 90_000, "Atyrau"),
    ("9198-4107", "AS9198 in Izmir", None, 10, None),
    ("21299", "AS21299 (KAR-TEL-AS)", "Kar-Tel LLC", 600_000, None),
    ("21299-KZ", "AS21299 in Kazakhstan", None, 600_000, None),
    ("15169", "AS15169 (GOOGLE)", "Google LLC", 15_000_000, None),
    ("15169-KZ", "AS15169 in Kazakhstan", None, 300_000, None),
    ("15169-US", "AS15169 in the United States", None, 11_000_000, None),
    ("48503", "AS48503 (TELE2-KZ)", None, 90_000, None),
    ("48503-KZ", "AS48503 in Kazakhstan", None, 90_000, None),
]


@pytest.fixture
def world() -> World:
    return World(NOW, networks={"KZ": KAZAKHSTAN}, signals=("bgp", "ping-slash24", "merit-nt", "gtr"))


@pytest.fixture
def fake(world: World) -> Iterator[Fake]:
    with serving(world.routes()) as found:
        yield found


def polled(make: Any, fake: Fake, **more: Any) -> Polled:
    given: dict[str, Any] = {"since_s": NOW - 4 * 3_600, "country": "KZ"} | more
    return Polled(make, Live(url=fake.url, **given))


def described(rows: Rows, kind: str) -> list[Described]:
    return [
        Described(
            code, kind, name, {"ip_count": size, "org": org} if org else {"ip_count": size}, {"region": region}
        )
        for code, name, org, size, region in rows
        if ("-" in code) == (kind == "geoasn")
    ]


def choose(share: float) -> dict[str, dict[str, Network]]:
    return chosen("KZ", described(KAZAKHSTAN, "asn"), described(KAZAKHSTAN, "geoasn"), share)


# ------------------------------------------------------------------ which are chosen


@pytest.mark.parametrize(
    ("share", "networks"),
    [
        (0.5, {"9198"}),
        (0.66, {"9198", "21299"}),
        (0.9, {"9198", "21299", "15169"}),
        (1.0, {"9198", "21299", "15169", "48503"}),
    ],
)
def test_the_largest_that_have_the_share_together(share: float, networks: set[str]) -> None:
    assert {code.partition("-")[0] for code in choose(share)["geoasn"]} == networks


def test_parts_count_by_their_addresses_in_the_country_and_those_elsewhere_don_t() -> None:
    found = choose(1.0)
    # The whole of Google says nothing of Kazakhstan: one in fifty of its addresses is there.
    assert "15169" not in found["asn"]
    assert "15169-KZ" in found["geoasn"]
    assert not {"15169-US", "9198-4107"} & found["geoasn"].keys()
    assert found["geoasn"]["9198-KZ"].share == pytest.approx(1_900_000 / 2_890_000, abs=1e-4)


def test_names_are_the_organisations_and_parts_have_their_regions() -> None:
    found = choose(1.0)
    assert found["asn"]["9198"].name == "JSC Kazakhtelecom"
    assert found["geoasn"]["9198-2088"] == Network("KZ", "JSC Kazakhtelecom (Almaty City)", None)
    assert found["asn"]["48503"].name == "TELE2-KZ"


def test_without_sizes_of_parts_whole_networks_count_and_without_any_none() -> None:
    whole = described(KAZAKHSTAN, "asn")
    assert set(chosen("KZ", whole, [], 0.5)["asn"]) == {"15169"}
    assert chosen("KZ", [Described("9198", "asn", "x")], [], 1.0) == {"asn": {}, "geoasn": {}}


@pytest.mark.parametrize("text", ["", "0%", "101%", "most", "-5%", "80", "nan"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(SourceError, match="no share"):
        wanted_share(text)


# ------------------------------------------------------------------ asked for


def test_signals_of_networks_and_their_parts(fake: Fake) -> None:
    poller = polled(SignalsPoller, fake, options={"networks": "60%"})
    status = poller.round(NOW)
    assert status.error == ""
    series = {(one.entity.type, one.entity.code, one.signal) for frame in poller.take() for one in frame.series}
    for kind, code in (("asn", "9198"), ("geoasn", "9198-KZ"), ("geoasn", "9198-2088"), ("geoasn", "9198-2077")):
        for signal in ("bgp", "ping-slash24", "merit-nt"):
            assert (kind, code, signal) in series
        assert (kind, code, "gtr") not in series, "Google's signal is of countries"
    assert not {code for _, code, _ in series if code.startswith("21299")}
    assert not fake.asked("/signals/raw/asn") or all(
        one.params["datasource"] != "gtr"
        for one in (*fake.asked("/signals/raw/asn"), *fake.asked("/signals/raw/geo"))
    )


def test_frames_say_what_networks_are_called_where_they_are_and_their_share(fake: Fake) -> None:
    poller = polled(SignalsPoller, fake, options={"networks": "60%"})
    poller.round(NOW)
    entities = {one.entity.code: one.entity for frame in poller.take() for one in frame.series}
    part = measured_place(entities["9198-2088"], "KZ")
    whole = measured_place(entities["9198"], "KZ")
    assert part is not None
    assert whole is not None
    assert (part.kind, part.name, part.network, part.region) == ("network", "JSC Kazakhtelecom", 9198, "KAZ-4829")
    assert (part.key, whole.key, whole.share) == ("KZ/KAZ-4829/AS9198", "KZ/AS9198", 0.66)
    assert geography.contains(whole, part)
    assert not geography.contains(part, whole)


def test_events_of_networks_are_placed(fake: Fake, world: World) -> None:
    world.events = [
        {"location": f"{kind}/{code}", "name": f"AS{code}", "start": NOW - 7_200, "end": NOW - 3_600}
        for kind, code in (("asn", "9198"), ("geoasn", "9198-2088"), ("asn", "48503"))
    ]
    poller = polled(EventsPoller, fake, options={"networks": "60%"})
    poller.round(NOW)
    found = [one for one in poller.take() if isinstance(one, Outage)]
    assert {(one.place.key, one.place.name) for one in found} == {
        ("KZ/AS9198", "JSC Kazakhtelecom"),
        ("KZ/KAZ-4829/AS9198", "JSC Kazakhtelecom"),
    }


def test_networks_are_asked_for_once_a_day_with_a_limit(fake: Fake) -> None:
    poller = polled(SignalsPoller, fake, options={"networks": "60%"})
    for hours in (0, 1, 2, 25):
        poller.round(NOW + hours * 3_600)
    asked = [one for one in fake.asked("/entities/query") if "relatedTo" in one.params]
    assert [(one.params["entityType"], one.params["relatedTo"]) for one in asked] == [
        ("asn", "country/KZ"),
        ("geoasn", "country/KZ"),
    ] * 2
    assert {one.params["limit"] for one in asked} == {"20000"}
    # Another share is another choice.
    poller.live = Live(url=fake.url, country="KZ", options={"networks": "90%"})
    poller.round(NOW + 26 * 3_600)
    assert len([one for one in fake.asked("/entities/query") if "relatedTo" in one.params]) == 6


def test_requests_of_a_round_are_counted(fake: Fake) -> None:
    plain = polled(SignalsPoller, fake)
    plain.round(NOW)
    before = plain.round(NOW + 600).requests
    poller = polled(SignalsPoller, fake, options={"networks": "60%"})
    poller.round(NOW)
    # A group of networks and one of parts more, in each of the three signals that they have; no more for gaps.
    assert poller.round(NOW + 600).requests == before + 6


def test_more_requests_than_a_round_has_time_for_are_refused(
    fake: Fake, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many groups as entities: 700 networks in three signals are more than 1,200 requests.
    monkeypatch.setattr(ioda_live_signals, "TOGETHER", 2)
    world.networks = {"KZ": [(str(number), f"AS{number} (N)", None, 100, None) for number in range(1, 701)]}
    poller = polled(SignalsPoller, fake, options={"networks": "100%"})
    assert "a round would take" in poller.round(NOW).error
    assert poller.take() == []
    world.networks = {"KZ": KAZAKHSTAN}
    assert polled(SignalsPoller, fake, options={"networks": "100%"}).round(NOW).error == ""


def test_a_country_that_can_t_be_asked_for_is_told_and_the_others_go_on(fake: Fake) -> None:
    poller = polled(SignalsPoller, fake, options={"networks": "60%"})
    poller.round(NOW - DAY)
    poller.take()
    answers = fake.routes["/entities/query"]

    def failing(request: Any) -> Any:
        return b"<html>" if "relatedTo" in request.params else answers(request)

    fake.routes["/entities/query"] = failing
    status = poller.round(NOW)
    assert "networks/KZ" in status.error
    codes = {one.entity.code for frame in poller.take() for one in frame.series}
    assert "9198-KZ" in codes, "the networks that were known are used on"


def test_it_goes_with_live_only(tmp_path: Any) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    done = CliRunner().invoke(shutdowns, ["ingest", "ioda-signals", str(path), "--networks", "80%"])
    assert done.exit_code == 2
    assert "--networks goes with --live" in done.output


# ------------------------------------------------------------------ what a share says


def test_a_network_is_as_much_of_its_country_as_its_share_says() -> None:
    country = geography.country_place("KZ")
    rules = default_rules()
    large = measured_place(Entity(type="asn", code="9198", name="Kazakhtelecom", share=0.66), "KZ")
    unknown = measured_place(Entity(type="asn", code="9198", name="Kazakhtelecom"), "KZ")
    assert large is not None
    assert unknown is not None
    assert pair(country, large, rules).of_first == 0.66
    assert pair(country, unknown, rules).of_first == rules.number("network_share")
    tiny = measured_place(Entity(type="asn", code="1", share=0.0001), "KZ")
    assert tiny is not None
    assert tiny.share == 0.01
