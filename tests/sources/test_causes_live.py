"""USGS and GDACS polled: each cause once, revised, taken back by a word alone; whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streams.sources.gdacs_live import GdacsPoller
from streams.sources.polling import Live
from streams.sources.usgs_live import DELETIONS_EVERY_S, FORGET_S, UsgsPoller
from tests.sources.fake import Answer, Fake, Polled, Request, serving
from tests.sources.test_gdacs import CYCLONE, FLOOD, feed, item
from tests.sources.test_usgs import AT_MS
from tests.sources.usgs_fake import CATALOGUE, FEED, NOW, Usgs

FAULTS = ("429", "500", "html", "truncated", "closed")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({}) as fake:
        yield fake


def polled(make: Any, fake: Fake, **given: Any) -> Polled:
    return Polled(make, Live(url=fake.url, **given))


def test_an_earthquake_comes_once_and_again_when_it_changes(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    assert poller.round(NOW, rounds=3).error == ""
    (first,) = poller.take()
    assert (first.id, first.known_s) == ("usgs/us6000jllz/KZ", NOW)
    usgs.put(mag=6.7, updated=AT_MS + 4_000_000)
    poller.round(NOW + 600)
    (second,) = poller.take()
    assert (second.id, second.magnitude, second.known_s) == (first.id, 6.7, NOW)
    assert second.revision > first.revision
    poller.round(NOW + 900)
    assert poller.take() == []


def test_one_that_changes_without_saying_so_still_gets_a_new_revision(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    usgs.put(mag=6.6)
    poller.round(NOW + 300)
    first, second = poller.take()
    assert second.revision == first.revision + 1


def test_one_that_is_listed_no_more_stays(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    poller.take()
    usgs.events.clear()
    for hour in range(1, 8):
        poller.round(NOW + hour * 3_600)
    assert poller.take() == []


@pytest.mark.parametrize("changed", [{}, {"geometry": None}])
def test_one_that_is_deleted_is_withdrawn(fake: Fake, changed: dict[str, Any]) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    (published,) = poller.take()
    usgs.delete("us6000jllz", NOW + 60, **changed)
    poller.round(NOW + 300)
    assert poller.take() == []
    poller.round(NOW + DELETIONS_EVERY_S)
    (gone,) = poller.take()
    assert (gone.id, gone.withdrawn, gone.country, gone.place) == (published.id, True, "KZ", published.place)
    assert gone.revision > published.revision
    poller.round(NOW + 2 * DELETIONS_EVERY_S)
    assert poller.take() == []


@pytest.mark.parametrize("changed", [{"mag": 4.6}, {"type": "quarry blast"}, {"point": [70.0, 46.0, 600]}])
def test_one_that_takes_no_network_down_after_all_is_withdrawn(fake: Fake, changed: dict[str, Any]) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    poller.take()
    usgs.put(updated=AT_MS + 4_000_000, **changed)
    poller.round(NOW + 300)
    assert [(one.id, one.withdrawn) for one in poller.take()] == [("usgs/us6000jllz/KZ", True)]


def test_one_that_turns_out_smaller_is_withdrawn_where_it_does_not_reach(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put(mag=7.8, point=[37.0143, 37.2256, 10])
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    assert {one.country for one in poller.take()} == {"SY", "TR"}
    usgs.put(mag=5.8, point=[37.0143, 37.2256, 10], updated=AT_MS + 4_000_000)
    poller.round(NOW + 300)
    assert {(one.country, one.withdrawn) for one in poller.take()} == {("TR", False), ("SY", True)}


def test_one_under_another_number_is_one(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    poller.take()
    usgs.events.clear()
    usgs.put(number="kz1", ids=",us6000jllz,kz1,")
    poller.round(NOW + 300)
    assert {(one.id, one.withdrawn) for one in poller.take()} == {
        ("usgs/us6000jllz/KZ", True),
        ("usgs/kz1/KZ", False),
    }


def test_a_feature_that_cant_be_read_withdraws_nothing(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    poller.take()
    usgs.put(mag=None, updated=AT_MS + 4_000_000)
    status = poller.round(NOW + 300)
    assert (poller.take(), status.refused, "`mag` is missing" in status.why) == ([], 1, True)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", [FEED, CATALOGUE])
def test_what_fails_is_asked_for_again(fake: Fake, fault: str, path: str) -> None:
    usgs = Usgs(fake)
    poller = polled(UsgsPoller, fake)
    usgs.put()
    fake.misbehave(*[fault] * 5, path=path)
    assert poller.round(NOW).error.startswith("events: " if path == FEED else "deletions: ")
    assert len(poller.take()) == (0 if path == FEED else 1)
    usgs.delete("us6000jllz", NOW + 60)
    poller.round(NOW + 300)
    assert [one.withdrawn for one in poller.take()] == ([] if path == FEED else [True])


def test_the_past_is_asked_for_once_and_in_parts(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put(number="old", time=AT_MS - 400 * 86_400_000, updated=AT_MS)
    usgs.put(number="new")
    poller = polled(UsgsPoller, fake, since_s=NOW - 500 * 86_400)
    fake.misbehave(*["500"] * 5, path=CATALOGUE)
    assert poller.round(NOW).error
    assert poller.round(NOW + 300).error == ""
    assert {one.id for one in poller.take()} == {"usgs/old/KZ", "usgs/new/KZ"}
    before = len(fake.asked(CATALOGUE))
    poller.round(NOW + 600)
    assert (len(fake.asked(CATALOGUE)), len(fake.asked(FEED))) == (before, 1)


def test_only_of_a_country(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put(mag=7.8, point=[37.0143, 37.2256, 10])
    poller = polled(UsgsPoller, fake, country="SY")
    poller.round(NOW)
    assert [one.country for one in poller.take()] == ["SY"]


def test_what_is_remembered_does_not_grow_for_ever(fake: Fake) -> None:
    usgs = Usgs(fake)
    poller = polled(UsgsPoller, fake)
    for week in range(20):
        usgs.now_s = NOW + week * 7 * 86_400
        usgs.put(number=f"us{week}", time=usgs.now_s * 1000 - 1, updated=usgs.now_s * 1000)
        poller.round(usgs.now_s)
    known = [event for part, one in poller.cursors.items() if part.startswith("events/") for event in one]
    assert len(poller.take()) == 20
    assert len(known) <= FORGET_S // (7 * 86_400) + 2


def test_an_unchanged_round_moves_no_cursor(fake: Fake) -> None:
    usgs = Usgs(fake)
    usgs.put()
    poller = polled(UsgsPoller, fake)
    poller.round(NOW)
    before = {part: one for part, one in poller.cursors.items() if part != "status"}
    poller.round(NOW + 300)
    assert {part: one for part, one in poller.cursors.items() if part != "status"} == before


# ------------------------------------------------------------------ GDACS


class Gdacs:
    """The feed, with an `ETag`."""

    def __init__(self, fake: Fake, *items: str) -> None:
        self.items = list(items)
        fake.routes["/xml/rss.xml"] = self.answer

    def answer(self, request: Request) -> Any:
        body = feed(*self.items)
        tag = f'"{len(body)}-{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            return Answer(b"", 304)
        return Answer(body, 200, {"ETag": tag})


AT = 1_678_600_000


def test_disasters_come_once_and_again_when_they_change(fake: Fake) -> None:
    gdacs = Gdacs(fake, item(CYCLONE), item(FLOOD))
    poller = polled(GdacsPoller, fake)
    assert poller.round(AT, rounds=3).received == 0
    first = {one.id: one for one in poller.take()}
    assert set(first) == {"gdacs/TC1000958/MZ", "gdacs/TC1000958/MW", "gdacs/FL1101635/PK"}
    gdacs.items[1] = item(FLOOD | {"gdacs:todate": "Wed, 15 Mar 2023 00:00:00 GMT"})
    poller.round(AT + 900)
    (later,) = poller.take()
    assert (later.id, later.revision > first[later.id].revision) == ("gdacs/FL1101635/PK", True)


def test_a_later_date_of_publication_alone_says_nothing_new(fake: Fake) -> None:
    gdacs = Gdacs(fake, item(FLOOD))
    poller = polled(GdacsPoller, fake)
    poller.round(AT)
    poller.take()
    gdacs.items = [item(FLOOD | {"pubDate": "Mon, 13 Mar 2023 06:00:00 GMT"})]
    poller.round(AT + 900)
    assert poller.take() == []


def test_a_disaster_that_is_listed_no_more_stays_and_one_set_down_goes(fake: Fake) -> None:
    gdacs = Gdacs(fake, item(CYCLONE), item(FLOOD))
    poller = polled(GdacsPoller, fake)
    poller.round(AT)
    poller.take()
    gdacs.items = [item(FLOOD | {"gdacs:alertlevel": "Green"})]
    for at in range(1, 6):
        poller.round(AT + at * 900)
    assert [(one.id, one.withdrawn) for one in poller.take()] == [("gdacs/FL1101635/PK", True)]


def test_a_cyclone_that_reaches_another_country(fake: Fake) -> None:
    gdacs = Gdacs(fake, item(CYCLONE))
    poller = polled(GdacsPoller, fake)
    poller.round(AT)
    poller.take()
    gdacs.items = [item(CYCLONE | {"gdacs:country": "Mozambique, Malawi, Zimbabwe"})]
    poller.round(AT + 900)
    assert [one.id for one in poller.take()] == ["gdacs/TC1000958/ZW"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_feed_that_fails_is_asked_for_again(fake: Fake, fault: str) -> None:
    Gdacs(fake, item(FLOOD))
    poller = polled(GdacsPoller, fake)
    fake.misbehave(*[fault] * 5)
    assert poller.round(AT).error
    assert poller.take() == []
    assert poller.round(AT + 900).error == ""
    assert len(poller.take()) == 1


def test_an_item_that_cant_be_read_is_counted_and_withdraws_nothing(fake: Fake) -> None:
    gdacs = Gdacs(fake, item(FLOOD))
    poller = polled(GdacsPoller, fake)
    poller.round(AT)
    poller.take()
    gdacs.items = [item(FLOOD | {"gdacs:alertlevel": ""})]
    status = poller.round(AT + 900)
    assert (poller.take(), status.refused) == ([], 1)


def test_only_of_a_country_and_a_time(fake: Fake) -> None:
    Gdacs(
        fake, item(CYCLONE), item(FLOOD), item(FLOOD | {"gdacs:eventid": "2", "gdacs:fromdate": "Mon, 02 Jan 2023"})
    )
    poller = polled(GdacsPoller, fake, country="PK", since_s=1_678_000_000)
    poller.round(AT)
    assert [one.id for one in poller.take()] == ["gdacs/FL1101635/PK"]
