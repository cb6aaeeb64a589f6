"""Common drops without Kafka: at once, stage by stage and record by record come to the same."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.correlation import CorrelateStage, default_rules
from streams.geography import country_place
from streams.pipeline import Offline
from streams.replay import FromMemory, Selection, replay
from streams.replay.play import Unfolding
from streams.sources import ioda_outages
from streams.sources.rows import Accepted
from streams.watch import WatchStage
from tests.correlation.evidence import NETWORK, blocking
from tests.geography.data import DATA, needs_data
from tests.watch.drops import COAST, FAR, HOUR_S, START_S, drop, standing
from topics import (
    DROPS,
    EVIDENCE,
    SHUTDOWNS,
    Blocking,
    CommonDrop,
    Drop,
    Origin,
    Outage,
    Shutdown,
    decode,
    drop_of,
    encode,
)


def outage(country: str, signal: str = "ping-slash24", minute: int = 0, hours: int = 2, **more: Any) -> Outage:
    """An outage of a whole country, as detection finds it."""
    from_s = START_S + minute * 60
    given: dict[str, Any] = {"signals": (signal,), "lineage": "ioda"} | more
    return Outage(
        id=f"outage/{country}/ioda/country/{country}/{signal}/{from_s}",
        origin=Origin(source="ioda"),
        country=country,
        place=country_place(country),
        from_s=from_s,
        until_s=from_s + hours * HOUR_S,
        series=f"ioda/country/{country}/{signal}",
        **given,
    )


#: A source that fails in five countries, one of which has a cut of its own; and a cable off West Africa.
WORLD = [
    *(outage(country) for country in FAR),
    outage("NZ", "bgp", 10),
    *(outage(country, signal, 1_440) for country in COAST for signal in ("ping-slash24", "bgp")),
]


def at_once(world: Iterable[Outage | Blocking]) -> Offline:
    offline = Offline(float("inf"))
    for one in world:
        offline.add(EVIDENCE.name, encode(one))
    return offline


def common(evidence: Iterable[Any]) -> dict[str, CommonDrop]:
    return standing(piece for piece in evidence if isinstance(piece, CommonDrop))


def contents(shutdowns: Iterable[Shutdown]) -> list[list[Shutdown]]:
    """Shutdowns, incident by incident, without ids and the names made from them: those depend on what was given out
    before."""
    incidents: dict[str, list[Shutdown]] = {}
    for one in shutdowns:
        nameless = msgspec.structs.replace(
            one, id="", revision=1, incident="", campaign=None if one.campaign is None else "campaign"
        )
        incidents.setdefault(one.incident, []).append(nameless)
    found = [sorted(own, key=lambda one: one.digest) for own in incidents.values()]
    return sorted(found, key=lambda own: [one.digest for one in own])


def test_an_outage_of_a_country_is_a_drop_and_no_other_piece_is() -> None:
    whole = outage("KE", known_s=START_S, revision=3, withdrawn=True, severity="critical")
    assert drop_of(whole) == Drop(
        id=whole.id,
        source="ioda",
        signals=("ping-slash24",),
        lineage="ioda",
        country="KE",
        from_s=START_S,
        until_s=START_S + 2 * HOUR_S,
        severity="critical",
        known_s=START_S,
        revision=3,
        withdrawn=True,
    )
    region = msgspec.structs.replace(whole.place, kind="region", region="KEN-1")
    assert drop_of(msgspec.structs.replace(whole, place=region)) is None


def test_blocking_of_a_service_in_a_country_is_a_drop_of_its_tests() -> None:
    found = drop_of(blocking("b", service="whatsapp", hours=None))
    assert found is not None
    assert (found.id, found.source, found.signals, found.until_s) == (
        "b",
        "ooni",
        ("ooni-anomalies-whatsapp",),
        None,
    )
    assert drop_of(blocking("b", service=None)) is None, "which service it is isn't known"
    assert drop_of(blocking("b", NETWORK)) is None
    confirmed = drop_of(blocking("b", revision=1, confirmed=True))
    assert confirmed is not None
    assert confirmed.withdrawn, "no service shows a block page of itself"


def test_offline_tells_a_service_that_failed_everywhere_from_blocking() -> None:
    places = [country_place(country) for country in FAR[:4]]
    offline = at_once([blocking(f"b/{place.country}", place, START_S, 48) for place in places])
    assert {(one.verdict, one.country, one.signals) for one in common(offline.evidence()).values()} == {
        ("source-failure", country, ("ooni-anomalies-whatsapp",)) for country in FAR[:4]
    }


def test_correlation_gives_a_drop_of_what_is_new_or_changed_alone() -> None:
    stage, store = CorrelateStage(), dict[str, bytes]()
    newer = outage("KE", hours=3, revision=1)
    found = [
        [record for topic, record in stage.process([one], store).out if topic is DROPS]
        for one in (outage("KE"), outage("KE"), newer, outage("KE"), newer)
    ]
    assert found == [[drop_of(outage("KE"))], [], [drop_of(newer)], [], []]


def test_offline_finds_what_countries_have_in_common() -> None:
    offline = at_once(WORLD)
    found = common(offline.evidence())
    assert {(one.verdict, one.country) for one in found.values()} == {
        *(("source-failure", country) for country in FAR if country != "NZ"),
        *(("shared-cause", country) for country in COAST),
    }
    # What is added later is taken into account, what no longer holds is withdrawn.
    offline.add(EVIDENCE.name, encode(outage("VN", "merit-nt", 30)))
    left = common(offline.evidence())
    assert {one.verdict for one in left.values()} == {"shared-cause"}
    assert sum(isinstance(one, CommonDrop) and one.withdrawn for one in offline.evidence()) == 4


def test_offline_is_the_stages_one_after_the_other() -> None:
    gone = msgspec.structs.replace(outage("LR", "bgp", 1_440), revision=1, withdrawn=True)
    world = [*WORLD, gone]
    mixed = world * 2
    random.Random(7).shuffle(mixed)
    correlate, watch, kept, watched = CorrelateStage(), WatchStage(), dict[str, bytes](), dict[str, bytes]()
    out, evidence = list[Any](), list[Any](mixed)
    while evidence:
        given = correlate.process([decode(EVIDENCE, encode(piece)) for piece in evidence], kept).out
        out += given
        drops = [decode(DROPS, encode(record)) for topic, record in given if topic is DROPS]
        evidence = [piece for _, piece in watch.process(drops, watched).out]
        out += [(EVIDENCE, piece) for piece in evidence]
    offline = at_once(world)
    assert common(piece for topic, piece in out if topic is EVIDENCE) == common(offline.evidence())
    newest = {one.id: one for topic, one in out if topic is SHUTDOWNS}
    left = [one for one in newest.values() if one.status not in ("merged", "retracted")]
    assert len({one.id for one in left}) == len(left)
    assert contents(left) == contents(offline.shutdowns())


def test_a_replay_one_by_one_is_the_one_at_once() -> None:
    source = FromMemory((EVIDENCE, one) for one in WORLD)
    chosen = Selection(inputs="evidence")
    once, unfolded = (replay(source, chosen, history=history, evidence=True) for history in (False, True))
    assert common(once.evidence) == common(unfolded.evidence) == common(at_once(WORLD).evidence())
    assert contents(once.shutdowns) == contents(unfolded.shutdowns)
    flow = Unfolding(default_rules())
    assert [change.change for one in WORLD[:1] for change in flow.take(EVIDENCE, one)] == ["opened"]


def given_out() -> list[tuple[Any, Any]]:
    """What lies on `evidence`: the outages and what the stage gave out of them."""
    return [(EVIDENCE, one) for one in at_once(WORLD).evidence()]


def test_what_if_a_source_was_not_there_leaves_its_failure_out() -> None:
    source = FromMemory(given_out())
    everything = common(replay(source, Selection(inputs="evidence"), evidence=True).evidence)
    assert len(everything) == 8
    without = Selection(inputs="evidence", without=frozenset({"ioda"}))
    assert common(replay(source, without, evidence=True).evidence) == {}


@pytest.mark.parametrize("inputs", ["raw", "evidence"])
def test_a_replay_of_one_country_has_what_was_said_of_it(inputs: Any) -> None:
    source = FromMemory(given_out())
    kenya = common(replay(source, Selection(inputs=inputs, country="KE"), evidence=True).evidence)
    assert [(one.country, len(one.countries)) for one in kenya.values()] == [("KE", 4)]
    gone = Selection(inputs=inputs, country="KE", without=frozenset({"ioda"}))
    assert common(replay(source, gone, evidence=True).evidence) == {}


@needs_data
def test_outages_looked_into_by_hand_hold_no_failure_and_five_shared_causes() -> None:
    rows = ioda_outages.read(DATA / "ioda_investigated_2018_2019.csv")
    outages = [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Outage)]
    assert len(outages) == 627
    found = common(at_once(outages).evidence())
    assert {one.verdict for one in found.values()} == {"shared-cause"}
    drops = {(one.drop, one.countries) for one in found.values()}
    # The cuts of the ACE cable, the blackout of Argentina and Uruguay, a route leak; of one nobody knows the cause.
    assert sorted(countries for _, countries in drops) == [
        ("AR", "UY"),
        ("BJ", "GM", "GN", "LR", "SL"),
        ("BJ", "GM", "LR", "NE", "SL"),
        ("GN", "LR", "SL"),
        ("ID", "TL"),
    ]


def test_files_of_drops_are_no_input(tmp_path: Path) -> None:
    from streams.cli.inputs import take_lines
    from streams.sources.lines import LinesError, write_line

    path = tmp_path / "drops.jsonl"
    path.write_bytes(write_line(DROPS, "world", encode(drop("KE"))))
    with pytest.raises(LinesError, match="drops is no input"):
        take_lines(Offline(0), [str(path)])
    with pytest.raises(KeyError, match="no input"):
        Offline(0).add("drops", encode(drop("KE")))
