"""GDELT polled: a file every 15 minutes, each once, also after a pause; late, missing and damaged ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streams.sources.gdelt_live import GdeltPoller
from streams.sources.polling import Live
from tests.sources.fake import HTML, Fake, Polled, serving
from tests.sources.gdelt_fake import SLOT, Archive, packed

NOW = 1_566_311_400  # 2019-08-20 14:30 UTC


@pytest.fixture
def archive() -> Archive:
    return Archive(NOW)


@pytest.fixture
def fake(archive: Archive) -> Iterator[Fake]:
    with serving(archive.routes()) as fake:
        yield fake


def slots(records: list[Any]) -> list[int]:
    """The slot of each item's article, in order."""
    return sorted(int(one.origin.reference.split("/")[3]) for one in {one.id: one for one in records}.values())


def every(first: int, last: int) -> list[int]:
    return [slot for slot in range(first, last + 1, SLOT) for _ in range(2)]


def test_a_day_first_then_what_is_new_then_what_was_missed(archive: Archive, fake: Fake) -> None:
    polled = Polled(GdeltPoller, Live(url=fake.url))
    assert polled.round(NOW + 60).refused == 2 * 96
    assert slots(polled.take()) == every(NOW + 60 - 86_400 + 840, NOW)
    polled.round(NOW + 120)
    assert polled.take() == []
    archive.until = NOW + 4 * 3600
    polled.round(NOW + 4 * 3600)
    assert slots(polled.take()) == every(NOW + SLOT, NOW + 4 * 3600)
    assert polled.largest_cursor < 200


def test_a_file_that_is_late_is_waited_for(archive: Archive, fake: Fake) -> None:
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - SLOT))
    archive.until = NOW - SLOT
    status = polled.round(NOW)
    assert (status.error, polled.take()) == ("", [])
    archive.until = NOW
    polled.round(NOW + 300)
    assert slots(polled.take()) == every(NOW, NOW)


def test_a_file_that_is_missing_holds_nobody_up_and_is_asked_for_again(archive: Archive, fake: Fake) -> None:
    archive.missing = {NOW - 3 * 3600}
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 4 * 3600))
    polled.round(NOW)
    found = slots(polled.take())
    assert NOW - 3 * 3600 not in found
    assert found[-1] == NOW
    archive.until = NOW + 3600
    archive.missing.clear()
    polled.round(NOW + 3600)
    found += slots(polled.take())
    assert sorted(found) == every(NOW - 4 * 3600 + SLOT, NOW + 3600)
    assert polled.cursors["slots"]["missing"] == []


def test_a_file_that_never_comes_is_given_up_after_a_day(archive: Archive, fake: Fake) -> None:
    archive.missing = {NOW - 3 * 3600}
    archive.until = NOW + 86_400
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 4 * 3600))
    polled.round(NOW)
    assert polled.cursors["slots"]["missing"] == [NOW - 3 * 3600]
    polled.round(NOW + 86_400)
    assert polled.cursors["slots"]["missing"] == []


def test_a_file_that_is_damaged_where_it_lies_holds_nobody_up(archive: Archive, fake: Fake) -> None:
    archive.damaged = {NOW - 2 * 3600}
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 3 * 3600))
    status = polled.round(NOW)
    assert "damaged one" in status.error
    found = slots(polled.take())
    assert found == [slot for slot in every(NOW - 3 * 3600 + SLOT, NOW) if slot != NOW - 2 * 3600]
    archive.damaged.clear()
    archive.until = NOW + 3600
    polled.round(NOW + 3600)
    assert sorted(found + slots(polled.take())) == every(NOW - 3 * 3600 + SLOT, NOW + 3600)


@pytest.mark.parametrize("fault", ["500", "html", "closed"])
def test_a_service_that_fails_for_days_loses_no_file(archive: Archive, fake: Fake, fault: str) -> None:
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.round(NOW)
    for hour in range(6, 50, 6):
        archive.until = NOW + hour * 3600
        fake.faults = [("/", fault)] * 60
        assert polled.round(NOW + hour * 3600).error
    fake.faults.clear()
    assert polled.round(NOW + 50 * 3600).error == ""
    assert slots(polled.take()) == every(NOW - 3600 + SLOT, archive.until)


@pytest.mark.parametrize("fault", ["500", "429", "truncated", "html", "closed", "columns"])
def test_a_fault_loses_and_doubles_nothing(archive: Archive, fake: Fake, fault: str) -> None:
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 2 * 3600))
    few = packed("a\tb\tc\n", "x.export.CSV")
    fake.misbehave(*[(lambda _: few) if fault == "columns" else fault] * 3)
    polled.round(NOW)
    fake.misbehave(*[(lambda _: few) if fault == "columns" else fault] * 5)
    archive.until = NOW + SLOT
    assert polled.round(NOW + SLOT).error
    polled.round(NOW + SLOT + 60)
    assert slots(polled.take()) == every(NOW - 2 * 3600 + SLOT, NOW + SLOT)


def test_only_one_country_and_a_stretch_of_the_past(fake: Fake) -> None:
    live = Live(url=fake.url, country="KZ", since_s=NOW - 3600, until_s=NOW - 1800)
    polled = Polled(GdeltPoller, live)
    polled.round(NOW + 86_400)
    assert polled.take() == []
    polled = Polled(GdeltPoller, Live(url=fake.url, country="BY", since_s=NOW - 3600, until_s=NOW - 1800))
    polled.round(NOW + 86_400)
    assert slots(polled.take()) == every(NOW - 2700, NOW - 1800)


def test_an_error_page_is_no_zip(fake: Fake) -> None:
    fake.misbehave(*[lambda _: HTML] * 5)
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - SLOT))
    assert "is no zip of one file" in polled.round(NOW).error


def test_the_translated_stream_is_read_too(archive: Archive, fake: Fake) -> None:
    archive.abroad = "example.kz"
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.round(NOW)
    hosts = [one.origin.reference.split("/")[2] for one in polled.take()]
    assert {host: hosts.count(host) for host in set(hosts)} == {"example.org": 8, "example.kz": 8}


def test_an_article_of_both_streams_is_one_item(fake: Fake) -> None:
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - 3600))
    polled.round(NOW)
    records = polled.take()
    assert (len(records), len({one.id for one in records})) == (16, 8)
    assert len({(one.id, one.revision, one.start, one.title) for one in records}) == 8


def test_a_late_translation_does_not_hold_the_english_stream_up(archive: Archive, fake: Fake) -> None:
    archive.abroad = "example.kz"
    archive.untranslated = {NOW}
    polled = Polled(GdeltPoller, Live(url=fake.url, since_s=NOW - SLOT))
    assert polled.round(NOW).error == ""
    assert {one.origin.reference.split("/")[2] for one in polled.take()} == {"example.org"}
    archive.untranslated.clear()
    polled.round(NOW + 300)
    assert {one.origin.reference.split("/")[2] for one in polled.take()} == {"example.kz"}
