"""Three simulated months of all live sources: in the end correlation says what happened, and nothing else.

To spare time each source is asked half as often as in `python -m tests.sources.simulated_world`, GDELT's files are
of three hours instead of a quarter of one, and two services are tested for blocking instead of all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from streams.pipeline import Offline
from streams.sources.ioda import step_s
from tests.sources.simulated_world import (
    BEGIN,
    BLOCKED,
    CUTS,
    DAY,
    DAYS,
    HOUR,
    OF_COUNTRY,
    PROBES,
    Cut,
    Simulated,
    correlated,
)
from topics import SERVICES, Blocking, Claim, Evidence, Measurement, Outage, Protest, Shutdown

#: The last days are left out where services still tell of them.
SETTLED = BEGIN + (DAYS - 2) * DAY


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHUTDOWNS_SALT", "a salt for tests, long enough")
        patch.setattr("streams.sources.gdelt_live.SLOT_S", 3 * HOUR)
        patch.setattr("streams.sources.ooni_live.SERVICES", SERVICES[:2])
        world = Simulated(seldom=2)
        world.run()
    return world


@pytest.fixture(scope="module")
def offline(simulated: Simulated) -> Offline:
    return correlated(simulated.published)


@pytest.fixture(scope="module")
def shutdowns(offline: Offline) -> list[Shutdown]:
    return offline.shutdowns()


@pytest.fixture(scope="module")
def evidence(offline: Offline) -> list[Evidence]:
    return offline.evidence()


def test_it_was_rough(simulated: Simulated) -> None:
    """Each source had failures, and processes were killed and away; else the rest proves nothing."""
    assert all(process.failed >= 3 for process in simulated.processes)
    assert sum(process.kills > 0 for process in simulated.processes) >= 5
    assert sum(process.away > 0 for process in simulated.processes) >= 5


def test_each_cut_is_one_shutdown_and_there_are_no_others(shutdowns: list[Shutdown]) -> None:
    found = sorted((one.country, one.place.name, one.status) for one in shutdowns)
    assert found == sorted((cut.country, cut.place, "closed") for cut in CUTS)


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.name)
def test_a_cut_has_the_begin_and_end_that_it_had(cut: Cut, shutdowns: list[Shutdown]) -> None:
    (found,) = [one for one in shutdowns if one.place.name == cut.place]
    assert abs(found.from_s - (cut.begin_s + cut.missing_s)) <= HOUR
    assert found.until_s is not None
    assert abs(found.until_s - cut.end_s) <= HOUR


@pytest.mark.parametrize("kind", ["ioda-event", "cloudflare/annotation"])
def test_each_listed_outage_is_one_and_ends(kind: str, evidence: list[Evidence]) -> None:
    found = sorted(
        (one.country, one.place.name, one.signals, one.from_s, one.until_s, one.withdrawn)
        for one in evidence
        if isinstance(one, Outage) and one.id.startswith(kind)
    )
    signals = [("bgp",), ("ping-slash24",)] if kind == "ioda-event" else [("traffic",)]
    cuts = CUTS if kind == "ioda-event" else CUTS[:2]
    assert found == sorted(
        (cut.country, cut.place, signal, cut.begin_s + cut.missing_s, cut.end_s, False)
        for cut in cuts
        for signal in signals
    )


def test_disconnections_are_those_that_were_listed(evidence: list[Evidence]) -> None:
    found = [one for one in evidence if one.id.startswith("ihr-disco/")]
    assert [(one.country, one.from_s, one.withdrawn) for one in found] == [
        (cut.country, cut.begin_s, False) for cut in CUTS[:2]
    ]
    assert found[0].until_s == CUTS[0].end_s, "that of 20 days is out of the asked week when it ends"


def test_blocking_of_a_week_is_one_and_ends(evidence: list[Evidence]) -> None:
    found = [(one.country, one.from_s, one.until_s, one.withdrawn) for one in evidence if isinstance(one, Blocking)]
    assert found == [("IR", *BLOCKED, False)]


def test_what_was_taken_back_is_what_services_took_back(evidence: list[Evidence]) -> None:
    gone = [one.id.rsplit("/", 1)[0] for one in evidence if one.withdrawn]
    assert sorted(gone) == ["claim/isoc-pulse:pulse//shutdowns/old/62410154/KZ", "protest/acled/KAZ3/KZ"]


def test_claims_and_protests_are_those_that_were_told(evidence: list[Evidence]) -> None:
    claims = sorted((one.reporter, one.country) for one in evidence if isinstance(one, Claim) and not one.withdrawn)
    assert claims == [("media", "KZ"), *(("organisation", country) for country in ("KZ", "TO", "TR"))]
    protests = [one for one in evidence if isinstance(one, Protest) and not one.withdrawn]
    almaty = [
        dt.datetime.fromtimestamp(one.from_s + DAY // 2, dt.UTC).date().isoformat()
        for one in protests
        if one.country == "KZ"
    ]
    assert almaty == ["2025-12-20", "2025-12-21", "2025-12-22"]
    minsk = Counter(one.until_s for one in protests if one.country == "BY")
    assert (len(minsk), set(minsk.values())) == (14, {2}), "one in both streams, one in the translated alone"


def told(simulated: Simulated, source: str, signal: str) -> dict[tuple[str, int], list[float]]:
    """What was published of a signal, by code and time, each frame once however often it came. What was not on its
    cursor when a process was killed came again, in other frames."""
    found: dict[tuple[str, int], list[float]] = {}
    frames = {
        one.id: one
        for _, one in simulated.published
        if isinstance(one, Measurement) and one.origin.source == source
    }
    for frame in frames.values():
        for series, row in zip(frame.series, frame.values, strict=True):
            for at, value in enumerate(row if series.signal == signal else ()):
                if value is not None:
                    found.setdefault((series.entity.code, frame.from_s + at * frame.step_s), []).append(value)
    return found


@pytest.mark.parametrize("signal", ["bgp", "ping-slash24", "gtr"])
def test_every_value_of_ioda_came_and_no_other(simulated: Simulated, signal: str) -> None:
    codes = ["KZ", "TR", "TO", *(OF_COUNTRY if signal != "gtr" else ())]
    times = range(BEGIN, SETTLED, step_s(signal))
    wanted = {(code, at): simulated.ioda.value(signal, code, at) for code in codes for at in times}
    found = {key: values for key, values in told(simulated, "ioda", signal).items() if BEGIN <= key[1] < SETTLED}
    assert {key for key, values in found.items() if len(set(values)) > 1} == set(), "again, but never otherwise"
    assert {key: values[0] for key, values in found.items()} == {
        key: value for key, value in wanted.items() if value is not None
    }


def test_the_last_word_of_ooni_is_its_count(simulated: Simulated) -> None:
    last: dict[Any, float] = {}
    for _, frame in simulated.published:
        if isinstance(frame, Measurement) and frame.origin.source == "ooni":
            for series, row in zip(frame.series, frame.values, strict=True):
                if series.signal == "ooni-measurements":
                    last |= {
                        (frame.country, frame.from_s + at * HOUR): value
                        for at, value in enumerate(row)
                        if value is not None
                    }
    wanted = {
        key: count for key, count in simulated.ooni.counts.items() if BEGIN + DAY <= key[1] < SETTLED - 3 * DAY
    }
    assert {key: last.get(key) for key in wanted} == wanted


@pytest.mark.parametrize(
    ("source", "signal"), [("cloudflare-radar", "netflows"), ("ripestat", "bgp-announcements")]
)
def test_every_hour_came_and_on_one_scale(simulated: Simulated, source: str, signal: str) -> None:
    found = told(simulated, source, signal)
    assert all(max(values) - min(values) <= max(values) / 1000 for values in found.values()), "again, on one scale"
    codes = {code for code, _ in found}
    assert {(code, at) for code in codes for at in range(BEGIN, SETTLED, HOUR)} <= set(found)


def test_every_count_of_probes_is_what_was_connected_then(simulated: Simulated) -> None:
    """A value that is counted again may come again, but its last word is the count at the end of its step."""
    found = told(simulated, "ripe-atlas", "atlas-probes")
    last = {key: values[-1] for key, values in found.items() if BEGIN <= key[1] < SETTLED}
    times = range(BEGIN, SETTLED, 600)
    wanted: dict[tuple[str, int], float] = {}
    for country, (asn, size) in PROBES.items():
        for at in times:
            missing = sum(
                size - 1 for cut in CUTS[:2] if cut.country == country and cut.begin_s <= at + 599 < cut.end_s
            )
            daily = country == "TR" and (at + 599 - BEGIN) % DAY // HOUR == 5
            wanted[country, at] = wanted[str(asn), at] = float(size - missing - daily)
    assert last == wanted


def test_alarms_of_delay_are_those_that_were_listed(simulated: Simulated) -> None:
    found = told(simulated, "ihr", "delay-alarms")
    assert all(len(set(values)) == 1 for values in found.values()), "again, but never otherwise"
    alarms = {at for (_, at), values in found.items() if values[0] and BEGIN + DAY <= at < SETTLED}
    listed = {BEGIN + day * DAY + day * 5 % 24 * HOUR for day in range(DAYS)}
    assert alarms == {at for at in listed if BEGIN + DAY <= at < SETTLED}
