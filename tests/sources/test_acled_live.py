"""ACLED polled: what changed, each change once; what was deleted or is no demonstration any more, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streams.sources import acled_live
from streams.sources.acled_live import AcledPoller
from streams.sources.conditions import condition
from streams.sources.polling import Live
from tests.sources.acled_fake import EMAIL, PASSWORD, Acled
from tests.sources.fake import Answer, Fake, Polled, Request, serving

NOW = 1_642_000_000
HOUR, DAY = 3_600, 86_400


@pytest.fixture
def acled() -> Acled:
    return Acled(now_s=NOW)


@pytest.fixture
def fake(acled: Acled) -> Iterator[Fake]:
    with serving(acled.routes()) as fake:
        yield fake


def polled(fake: Fake, **given: Any) -> Polled:
    secrets = {"ACLED_EMAIL": EMAIL, "ACLED_PASSWORD": given.pop("password", PASSWORD)}
    return Polled(AcledPoller, Live(url=fake.url, secrets=secrets, **given))


def told(records: list[Any]) -> list[tuple[str, bool]]:
    return sorted((one.id.removeprefix("acled/KAZ"), one.withdrawn) for one in records)


def test_changes_come_once(acled: Acled, fake: Fake) -> None:
    for number in range(5):
        acled.add(number, NOW - number * 600)
    poller = polled(fake)
    assert poller.round(NOW).error == ""
    assert told(poller.take()) == [(str(number), False) for number in range(5)]
    poller.round(NOW + HOUR)
    assert poller.take() == []
    acled.add(1, NOW + HOUR, sub_event_type="Protest with intervention")
    acled.add(7, NOW + 10)
    poller.round(NOW + 2 * HOUR)
    found = poller.take()
    assert told(found) == [("1", False), ("7", False)]
    assert {one.revision for one in found} == {NOW + HOUR, NOW + 10}


def test_a_row_that_comes_late_with_an_earlier_change_is_not_missed(acled: Acled, fake: Fake) -> None:
    acled.add(1, NOW)
    poller = polled(fake)
    poller.round(NOW)
    poller.take()
    acled.add(2, NOW - 1800)
    poller.round(NOW + HOUR)
    assert told(poller.take()) == [("2", False)]


def test_what_is_deleted_is_withdrawn_once(acled: Acled, fake: Fake) -> None:
    acled.add(1, NOW - 100)
    poller = polled(fake)
    poller.round(NOW)
    (item,) = poller.take()
    acled.rows.clear()
    acled.deleted.append({"event_id_cnty": "KAZ1", "deleted_timestamp": str(NOW + 50)})
    poller.round(NOW + HOUR)
    (gone,) = poller.take()
    assert (gone.id, gone.withdrawn, gone.revision > item.revision) == (item.id, True, True)
    poller.round(NOW + 2 * HOUR)
    assert poller.take() == []


def test_what_is_no_demonstration_any_more_is_withdrawn(acled: Acled, fake: Fake) -> None:
    acled.add(1, NOW - 100)
    poller = polled(fake)
    poller.round(NOW)
    acled.add(1, NOW + 100, event_type="Riots", sub_event_type="Mob violence")
    poller.round(NOW + HOUR)
    assert told(poller.take()) == [("1", False), ("1", True)]


def test_pages_that_shift_meanwhile_lose_nothing(acled: Acled, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acled_live, "PAGE", 3)
    for number in range(8):
        acled.add(number, NOW - number)
    pushed = iter([9])

    def between(page: int) -> None:
        # A row goes from the first page, so that the first of the second is on none that is asked for.
        if page == 1 and next(pushed, None):
            acled.rows.pop(0)

    acled.asked_between = between
    poller = polled(fake)
    poller.round(NOW)
    assert [number for number, _ in told(poller.take())] == [str(number) for number in range(8)]


def test_a_token_that_ends_is_renewed(acled: Acled, fake: Fake) -> None:
    acled.add(1, NOW)
    poller = polled(fake)
    poller.round(NOW)
    answers = acled.read

    def ended(request: Request) -> Any:
        fake.routes["/api/acled/read"] = answers
        return Answer(b"", 401)

    fake.routes["/api/acled/read"] = ended
    acled.add(2, NOW + 5)
    assert poller.round(NOW + HOUR).error == ""
    assert told(poller.take()) == [("1", False), ("2", False)]


def test_no_secret_is_told(fake: Fake) -> None:
    def echo(request: Request) -> Answer:
        return Answer(str(request.form).encode(), 400)

    fake.routes["/oauth/token"] = echo
    poller = polled(fake)
    status = poller.round(NOW)
    assert "oauth/token: HTTP 400" in status.error
    assert PASSWORD not in status.error
    assert PASSWORD not in str(poller.cursors)
    assert "someone@example.org" not in str(poller.cursors)


@pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "closed", "error"])
def test_a_fault_loses_and_doubles_nothing(
    acled: Acled, fake: Fake, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acled_live, "PAGE", 4)
    for number in range(10):
        acled.add(number, NOW - number * 60)
    acled.deleted.append({"event_id_cnty": "KAZ99", "deleted_timestamp": NOW - 5})
    body = b'{"status":200,"success":false,"error":"quota","data":[]}'
    poller = polled(fake)
    fake.misbehave(*[(lambda _: body) if fault == "error" else fault] * 3, path="/api")
    poller.round(NOW)
    poller.round(NOW + 60)
    fake.misbehave(*[(lambda _: body) if fault == "error" else fault] * 5, path="/api/acled")
    acled.add(11, NOW + HOUR)
    status = poller.round(NOW + HOUR)
    assert status.error
    poller.round(NOW + HOUR + 60)
    assert told(poller.take()) == sorted([*[(str(n), False) for n in (*range(10), 11)], ("99", True)])


def test_an_embargoed_account_is_not_healthy_and_says_so(acled: Acled, fake: Fake) -> None:
    acled.embargo_days = 365
    acled.add(1, NOW)
    poller = polled(fake)
    status = poller.round(NOW)
    assert (status.error, poller.take()) == ("", [])
    found = condition("acled", status, NOW)
    words = "this account sees no event after 2021-01-12: ACLED keeps the newest 12 months from it"
    assert (found.word, found.why) == ("embargoed", words)
    acled.embargo_days = 2
    assert condition("acled", poller.round(NOW + HOUR), NOW + HOUR).word == "ok", "it is a week behind by itself"


def test_what_an_embargo_kept_back_is_asked_for_as_it_moves(acled: Acled, fake: Fake) -> None:
    acled.embargo_days = 365
    for number, day in enumerate(
        ("2020-11-01", "2021-01-01", "2021-01-12", "2021-01-13", "2021-01-15", "2021-06-01")
    ):
        acled.add(number, NOW - 200 * DAY, event_date=day)
    poller = polled(fake)
    poller.round(NOW)
    assert told(poller.take()) == [("1", False), ("2", False)], "the last 30 days that it sees"
    poller.round(NOW + HOUR)
    assert poller.take() == []
    assert len(fake.asked("/api/acled")) == 3, "by day only where the edge has moved"
    for days, expected in ((1, ["3"]), (2, []), (3, ["4"])):
        acled.now_s = NOW + days * DAY
        assert poller.round(acled.now_s).error == ""
        assert told(poller.take()) == [(number, False) for number in expected]
    acled.embargo_days = None
    poller.round(acled.now_s + HOUR)
    assert told(poller.take()) == [("5", False)], "an account that is no longer kept from them"
    asked = len(fake.asked("/api/acled"))
    poller.round(acled.now_s + 2 * HOUR)
    assert (poller.take(), len(fake.asked("/api/acled"))) == ([], asked + 1)


def test_what_an_embargo_kept_back_is_not_lost_where_the_service_fails(acled: Acled, fake: Fake) -> None:
    acled.embargo_days = 365
    poller = polled(fake)
    poller.round(NOW)
    acled.add(1, NOW - 200 * DAY, event_date="2021-01-13")
    acled.now_s = NOW + DAY
    answers = acled.read
    fake.routes["/api/acled/read"] = lambda asked: (
        Answer(b"", 500) if "event_date" in asked.params else answers(asked)
    )
    assert poller.round(acled.now_s).error
    fake.routes["/api/acled/read"] = answers
    poller.round(acled.now_s + HOUR)
    assert told(poller.take()) == [("1", False)]


def test_no_row_at_all_is_said(acled: Acled, fake: Fake) -> None:
    poller = polled(fake, since_s=NOW - 365 * 86_400)
    assert condition("acled", poller.round(NOW), NOW).word == "empty"
    acled.add(1, NOW)
    acled.now_s = NOW + HOUR
    status = poller.round(NOW + HOUR)
    assert (condition("acled", status, NOW).word, status.items, status.newest_s) == ("ok", 1, 1_641_340_800)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 200, "success": True, "count": 3, "data": []}, "says that it has 3 rows, and has 0"),
        ({"status": 403, "message": "Access denied"}, "reports an error: Access denied"),
        ({"status": 200, "success": "false", "messages": ["quota"], "data": []}, "reports an error: ['quota']"),
        ({"status": 429, "success": True, "data": []}, "reports an error: status 429"),
    ],
)
def test_an_answer_that_is_none_is_an_error(fake: Fake, answer: dict[str, Any], words: str) -> None:
    fake.routes["/api/acled/read"] = lambda _: answer
    assert words in polled(fake).round(NOW).error


def test_what_acled_says_beside_its_rows_is_told(fake: Fake) -> None:
    answer = {"status": "200", "success": True, "count": "0", "messages": ["this version ends"], "data": []}
    fake.routes["/api/acled/read"] = lambda _: answer
    assert polled(fake).round(NOW).notices == ["ACLED: this version ends"]


def test_a_stretch_of_the_past(acled: Acled, fake: Fake) -> None:
    acled.add(1, NOW - 90 * 86_400)
    poller = polled(fake, since_s=1_641_254_400, until_s=1_641_427_200)
    poller.round(NOW)
    assert told(poller.take()) == [("1", False)]
    (request,) = fake.asked("/api")
    assert request.params["event_date"] == "2022-01-04|2022-01-05"
    assert request.params["event_date_where"] == "BETWEEN"
