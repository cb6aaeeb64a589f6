"""State made anew while no worker runs: what is the same is not said again, what differs once, nothing vanishes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from streams import admin, checks, geography
from streams.correlation import load_rules
from streams.correlation.rules import default_text
from streams.pipeline import Offline
from streams.reading import read_shutdowns, read_topic, standing
from streams.rebuild import Counts, RebuildError
from streams.replay import Archive
from streams.replay.recorder import Recorder
from streams.scenarios import scenario_named
from streams.settings import Settings
from streams.sources.publishing import Publisher
from tests.flow.system import Flow, Sent, offline
from tests.rebuild.harness import rebuild, rebuild_that_dies, said, states
from tests.renaming import Contents, contents
from topics import (
    EVIDENCE,
    MEASUREMENTS,
    REPORTS,
    SHUTDOWN_CHANGES,
    Claim,
    Evidence,
    Report,
    ShutdownChange,
    decode,
    encode,
)

pytestmark = pytest.mark.kafka

SCENARIO = scenario_named("kazakhstan-2021-02-28")
NOTHING = Counts()


def records() -> list[Sent]:
    return [(topic, topic.key(record), encode(record)) for topic, record in SCENARIO.records()]


def evidence(settings: Settings) -> dict[str, Evidence]:
    """The newest revision of each piece on the topic."""
    found: dict[str, Evidence] = {}
    for row in read_topic(settings, EVIDENCE):
        piece: Evidence = decode(EVIDENCE, row.value)
        if piece.id not in found or piece.revision >= found[piece.id].revision:
            found[piece.id] = piece
    return found


def steps(settings: Settings) -> list[ShutdownChange]:
    return [decode(SHUTDOWN_CHANGES, row.value) for row in read_topic(settings, SHUTDOWN_CHANGES)]


def demand_each_revision_once(settings: Settings) -> None:
    """`shutdown-changes` has every revision of every shutdown, from 1 on, with one content."""
    by_id: dict[str, dict[int, str]] = {}
    for one in steps(settings):
        known = by_id.setdefault(one.shutdown.id, {})
        assert known.setdefault(one.shutdown.revision, one.shutdown.digest) == one.shutdown.digest
    stands = read_shutdowns(settings)
    assert {key: sorted(known) for key, known in by_id.items()} == {
        key: list(range(1, one.revision + 1)) for key, one in stands.items()
    }
    newest = {key: known[max(known)] for key, known in by_id.items()}
    assert newest == {key: one.digest for key, one in stands.items()}


def shutdowns(settings: Settings) -> Contents:
    return contents(standing(read_shutdowns(settings)))


def misplaced(claim: Claim) -> Claim:
    """The claim as if its report had named Karaganda."""
    [place] = geography.read_area("Karaganda", "KZ").places
    return msgspec.structs.replace(claim, id=claim.id.removesuffix(claim.place.key) + place.key, place=place)


@pytest.fixture
def settled(flow: Flow) -> Settings:
    """The seed case, worked out by a rebuild of everything."""
    flow.publish(records())
    rebuild(flow.settings)
    assert shutdowns(flow.settings) == contents(offline(records()))
    return flow.settings


def test_where_nothing_changed_nothing_is_said_and_the_state_is_the_same(settled: Settings) -> None:
    before, spoken = states(settled), said(settled)
    outcome = rebuild(settled)
    assert outcome.counts == dict.fromkeys(before, NOTHING)
    assert said(settled) == spoken
    assert states(settled) == before
    demand_each_revision_once(settled)


def test_it_can_die_at_any_step_and_be_run_again(settled: Settings) -> None:
    before, spoken = states(settled), said(settled)
    sources = {"claims": REPORTS, "correlate": EVIDENCE}
    for step, stage in (("correct", "correlate"), ("fill", "claims"), ("switch", "claims")):
        rebuild_that_dies(settled, step, stage, "claims", "correlate")
        with pytest.raises(admin.TopicsError, match=r"is not whole: run `shutdowns rebuild --stage"):
            checks.check(settled, sources)
        refused = {one.wanted.name for one in admin.create_topics(settled) if one.action == "refuse"}
        assert settled.changelog("correlate") in refused
    rebuild(settled)
    checks.check(settled, sources)
    assert said(settled) == spoken
    assert states(settled) == before


def test_what_came_meanwhile_and_what_a_crash_left_unsaid_is_said_once(settled: Settings, flow: Flow) -> None:
    """A worker that dies between two topics leaves a step of which the other doesn't know."""
    report = next(record for topic, record in SCENARIO.records() if topic is REPORTS)
    assert isinstance(report, Report)
    more = msgspec.structs.replace(report, id="more", text="It is dark here too.", places=("Almaty",))
    flow.publish([(REPORTS, more.id, encode(more))])
    half = next(iter(read_shutdowns(settled).values()))
    half = msgspec.structs.replace(half, revision=half.revision + 1, digest="0" * 32)
    change = steps(settled)[0]
    change = msgspec.structs.replace(change, id=f"{half.id}/{half.revision}", shutdown=half)
    flow.publish([(SHUTDOWN_CHANGES, half.id, encode(change))])

    counts = rebuild(settled).counts
    assert counts["claims"].new == 1
    assert counts["correlate"].behind == 1
    assert shutdowns(settled) == contents(offline([*records(), (REPORTS, more.id, encode(more))]))
    demand_each_revision_once(settled)
    assert all(one == NOTHING for one in rebuild(settled).counts.values())


def test_other_rules_are_said_once_as_they_conclude(settled: Settings, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    text = default_text().replace("[outage_claim_clock_s]\nvalue = 7200", "[outage_claim_clock_s]\nvalue = 60")
    path.write_text(text.replace("[protest_km]\nvalue = 50", "[protest_km]\nvalue = 1"))
    assert path.read_text() != default_text()
    other = replace(settled, rules=path)
    run = Offline(4e9, rules=load_rules(path))
    for topic, _, value in records():
        run.add(topic.name, value)
    wanted = contents(run.shutdowns())
    would = rebuild(settled, "correlate", dry=True)
    assert would.counts["correlate"] == NOTHING
    spoken = said(settled)
    would = rebuild(other, dry=True)
    assert would.counts["correlate"].corrected > 0
    assert said(settled) == spoken, "a dry run changes nothing"

    done = rebuild(other, "correlate")
    assert done.counts["correlate"] == would.counts["correlate"]
    assert shutdowns(settled) == wanted
    demand_each_revision_once(settled)
    assert rebuild(other, "correlate").counts["correlate"] == NOTHING


def test_what_is_not_said_any_more_is_taken_back_with_the_reason(settled: Settings, flow: Flow) -> None:
    """As if an older program had found a place in a report that this one doesn't."""
    claim = next(one for one in evidence(settled).values() if isinstance(one, Claim))
    elsewhere = misplaced(claim)
    flow.publish([(EVIDENCE, elsewhere.country, encode(elsewhere))])
    rebuild(settled, "correlate")
    [wrong] = [one for one in standing(read_shutdowns(settled)) if elsewhere.id in {p.id for p in one.evidence}]

    counts = rebuild(settled).counts
    assert (counts["claims"].gone, counts["detect"], counts["protests"]) == (1, NOTHING, NOTHING)
    taken = evidence(settled)[elsewhere.id]
    assert taken.withdrawn
    assert taken.revision == elsewhere.revision + 1
    now = read_shutdowns(settled)[wrong.id]
    assert (now.status, now.revision, now.why[0].code) == ("retracted", wrong.revision + 1, "retracted")
    assert shutdowns(settled) == contents(offline(records()))
    demand_each_revision_once(settled)
    assert all(one == NOTHING for one in rebuild(settled).counts.values())

    # The report's next revision, from a worker or a rebuild, counts above what was corrected.
    reports = (record for _, record in SCENARIO.records() if isinstance(record, Report))
    report = next(one for one in reports if one.id == claim.report)
    newer = msgspec.structs.replace(report, revision=report.revision + 1, places=("Karaganda",))
    flow.publish([(REPORTS, newer.id, encode(newer))])
    rebuild(settled)
    assert not evidence(settled)[elsewhere.id].withdrawn


def test_a_beginning_that_is_gone_is_read_from_the_archive_or_left_as_it_stands(
    settled: Settings, tmp_path: Path
) -> None:
    archive = Archive(tmp_path / "archive")
    Recorder(settled, archive, [MEASUREMENTS]).run(follow=False)
    before, spoken = states(settled), said(settled)
    forget(settled, MEASUREMENTS.name)
    with pytest.raises(RebuildError, match=r"no longer has 1\d records that detect once read .*--archive"):
        rebuild(settled)
    assert all(one == NOTHING for one in rebuild(settled, archive=archive).counts.values())
    assert (states(settled), said(settled)) == (before, spoken)

    counts = rebuild(settled, what_is_there=True).counts
    assert counts["detect"].left > 0
    assert said(settled) == spoken
    assert shutdowns(settled) == contents(offline(records()))


def forget(settings: Settings, topic: str) -> None:
    """Remove all records of a topic, as retention does."""
    from kafka import TopicPartition

    with admin.connected(settings) as client:
        name = settings.prefix + topic
        partitions = admin.live(client, [name])[name].partitions
        client.delete_records({TopicPartition(name, number): -1 for number in range(partitions)})


def test_keys_divided_otherwise_than_by_kafka_are_refused(flow: Flow) -> None:
    with Publisher(flow.settings) as publisher:
        for number in range(40):
            publisher.put(flow.settings.prefix + REPORTS.name, b"%d" % number, b"{", partition=3)
    with pytest.raises(RebuildError, match=r"must divide keys alike"):
        rebuild(flow.settings, "claims")
    checks.check(flow.settings, {"claims": REPORTS})


def test_a_record_refused_now_goes_to_invalid_once(flow: Flow) -> None:
    flow.publish([(REPORTS, "x", b"{"), *records()])
    assert rebuild(flow.settings, "claims").counts["claims"].refused == 1
    assert rebuild(flow.settings, "claims").counts["claims"] == NOTHING
    assert said(flow.settings)["invalid"] == 1
