"""Reports go on through a real Kafka: together, in no order, none lost, and of nothing that tells the second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest

from streams import admin
from streams.kafka import Broker
from streams.reading import read_topic
from streams.release import releasing
from streams.release.checking import released
from streams.release.releasing import Releaser
from streams.settings import Settings
from streams.sources.publishing import Publisher
from tests.release.posted import FORGED, QUARTER_S, post
from topics import FORM_REPORTS, INVALID, REPORTS, Invalid, Report, decode, encode

pytestmark = pytest.mark.kafka

#: The release after the posts.
DUE_S = QUARTER_S + 900


@pytest.fixture
def settings(kafka: Broker, topic_prefix: str) -> Settings:
    found = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    admin.create_topics(found)
    return found


def posted(settings: Settings, reports: Sequence[Report]) -> None:
    with Publisher(settings) as publisher:
        for one in reports:
            publisher.send(FORM_REPORTS, one.id, encode(one), timestamp_ms=QUARTER_S * 1000)


def go(settings: Settings, late_s: float = 1.7) -> Releaser:
    """One round, so many seconds after it was due."""
    releaser = Releaser(settings, lambda: DUE_S + late_s)
    with releaser._connected() as (consumer, publisher):
        releaser.release(consumer, publisher)
    return releaser


def told(settings: Settings) -> list[tuple[int, Report]]:
    """What is on `reports`: times in Kafka and records."""
    return [(row.timestamp, decode(REPORTS, row.value)) for row in read_topic(settings, REPORTS)]


def test_a_quarters_reports_have_one_time_and_no_order(settings: Settings) -> None:
    sent = [post(person) for person in range(60)]
    posted(settings, sent)
    releaser = go(settings)
    found = told(settings)
    assert {at for at, _ in found} == {DUE_S * 1000}
    by_id = {one.id: one for _, one in found}
    assert len(found) == len(by_id) == 60
    assert by_id == {one.id: one for one in sent}
    # Partitions keep the order in which their records were sent: of some fifteen in each, by chance never this one.
    order = [one.id for one in sent]
    places = [[order.index(decode(REPORTS, row.value).id) for row in rows] for rows in by_partition(settings)]
    assert any(one != sorted(one) for one in places)
    assert releaser.health.dead() == []
    go(settings)
    assert len(told(settings)) == 60, "what is committed does not come again"


def by_partition(settings: Settings) -> list[list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in read_topic(settings, REPORTS):
        found.setdefault(row.partition, []).append(row)
    return list(found.values())


def test_nothing_is_lost_by_a_crash_before_the_commit(settings: Settings) -> None:
    sent = [post(person) for person in range(20)]
    posted(settings, sent)

    class Crash(Exception):
        """The process ends here."""

    def crash() -> None:
        raise Crash

    releaser = Releaser(settings, lambda: DUE_S)
    with releaser._connected() as (consumer, publisher):
        consumer.commit = crash
        with pytest.raises(Crash):
            releaser.release(consumer, publisher)
    go(settings)
    found = told(settings)
    assert len(found) == 40, "said twice"
    assert {one.id: one for _, one in found} == {one.id: one for one in sent}, "and each says the same"


def test_what_is_forged_goes_to_invalid_with_its_bytes_and_the_rest_goes_on(settings: Settings) -> None:
    posted(settings, [*FORGED.values(), post(7)])
    with Publisher(settings) as publisher:
        publisher.send(FORM_REPORTS, "rubbish", b"{", timestamp_ms=QUARTER_S * 1000)
    releaser = go(settings)
    assert [one for _, one in told(settings)] == [post(7)]
    refused: list[Invalid] = [decode(INVALID, row.value, 10**7) for row in read_topic(settings, INVALID)]
    assert [one.value for one in refused] == [*map(encode, FORGED.values()), b"{"]
    assert all(one.topic.endswith("form-reports") for one in refused)
    assert releaser.health.refused == len(FORGED) + 1


def test_a_record_on_which_the_check_fails_stops_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(value: bytes | None, arrived_s: float) -> Report:
        found = released(value, arrived_s)
        if found.id == post(1).id:
            raise RuntimeError("picky")
        return found

    monkeypatch.setattr(releasing, "released", picky)
    posted(settings, [post(0), post(1), post(2)])
    go(settings)
    assert sorted(one.id for _, one in told(settings)) == sorted([post(0).id, post(2).id])
    [refused] = [decode(INVALID, row.value, 10**7) for row in read_topic(settings, INVALID)]
    assert (refused.value, refused.error) == (encode(post(1)), "RuntimeError: picky")


def test_it_releases_on_the_quarter_and_stops_when_told(settings: Settings) -> None:
    ready: list[float] = []
    posted(settings, [post(1)])
    # The quarter comes a moment after Kafka has answered, however long that takes.
    releaser = Releaser(settings, lambda: DUE_S - 0.2 + (time.monotonic() - ready[0] if ready else 0.0))
    releaser.run(lambda: releaser.health.rounds > 0, lambda: ready.append(time.monotonic()))
    assert len(ready) == 1
    assert [at for at, _ in told(settings)] == [DUE_S * 1000]
