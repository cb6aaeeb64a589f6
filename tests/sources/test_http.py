"""Asking over HTTP: what is asked again, what is an error at once, what is waited for, what is never told."""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.payloads import decoded
from tests.sources.fake import HASTY, HTML, Answer, Fake, Request, serving

DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(dict[str, int])


def read(raw: bytes) -> dict[str, int]:
    found: dict[str, int] = decoded(raw, DECODER, "the answer")
    return found


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({"/good": lambda _: {"n": 1}, "/echo": lambda request: {"n": len(request.headers)}}) as fake:
        yield fake


def fetcher(**given: Any) -> Fetcher:
    return Fetcher(given.pop("manners", HASTY), sleep=given.pop("sleep", lambda _: None), **given)


@pytest.mark.parametrize("fault", ["429", "500", "503", "truncated", "html", "closed", "0.5"])
def test_what_may_pass_is_asked_again(fake: Fake, fault: str) -> None:
    fake.misbehave(fault, fault)
    with fetcher() as asking:
        assert asking.get(f"{fake.url}/good", read) == {"n": 1}
        assert asking.requests == 3
    assert len(fake.requests) == 3


def test_what_changes_its_form_is_asked_again_and_then_an_error(fake: Fake) -> None:
    fake.misbehave(*[lambda _: b'{"n":"one"}'] * 5)
    with fetcher() as asking, pytest.raises(FetchError, match=r"Expected `int`, got `str`.*asked 5 times"):
        asking.get(f"{fake.url}/good", read)


@pytest.mark.parametrize(
    ("fault", "words", "status"),
    [
        ("500", "HTTP 500", 500),
        ("429", "HTTP 429", 429),
        ("html", "HTML or XML, not JSON", None),
        ("truncated", "the answer breaks off", None),
        ("0.5", "no answer in time", None),
    ],
)
def test_patience_ends(fake: Fake, fault: str, words: str, status: int | None) -> None:
    fake.misbehave(*[fault] * 5)
    with fetcher() as asking, pytest.raises(FetchError, match=f"{words}.*; it was asked 5 times") as caught:
        asking.get(f"{fake.url}/good", read)
    assert caught.value.status == status
    assert len(fake.requests) == 5


def test_what_wont_pass_is_an_error_at_once(fake: Fake) -> None:
    with fetcher() as asking, pytest.raises(FetchError, match="HTTP 404: nothing here") as caught:
        asking.get(f"{fake.url}/nowhere", read)
    assert (caught.value.status, len(fake.requests)) == (404, 1)


def test_nobody_there(fake: Fake) -> None:
    url = fake.url
    fake.close()
    with fetcher() as asking, pytest.raises(FetchError, match="no connection"):
        asking.get(f"{url}/good", read)


def test_waits_grow_and_never_undercut_what_is_asked_for(fake: Fake) -> None:
    slept: list[float] = []
    manners = Manners(every_s=0, attempts=5, timeout_s=1, first_wait_s=1, longest_wait_s=60)
    fake.misbehave("500", "500", "429", "500")
    with fetcher(manners=manners, sleep=slept.append) as asking:
        asking.get(f"{fake.url}/good", read)
    assert slept[0] >= 1
    assert slept[1] >= 2
    assert slept[2] >= 7, "Retry-After: 7"
    assert slept[3] >= 8
    assert all(wait <= 60 for wait in slept)


def test_retry_after_a_date(fake: Fake) -> None:
    slept: list[float] = []
    soon = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=40), usegmt=True)
    answers = iter([Answer(b"", 429, {"Retry-After": soon}), Answer(b"", 429, {"Retry-After": "soon"})])
    fake.routes["/later"] = lambda _: next(answers, {"n": 2})
    with fetcher(sleep=slept.append) as asking:
        assert asking.get(f"{fake.url}/later", read) == {"n": 2}
    assert 35 <= slept[0] <= 41
    assert slept[1] < 1


def test_a_wait_too_long_ends_the_round(fake: Fake) -> None:
    fake.routes["/later"] = lambda _: Answer(b"", 429, {"Retry-After": "86400"})
    with fetcher() as asking, pytest.raises(FetchError, match="HTTP 429; it was asked once"):
        asking.get(f"{fake.url}/later", read)


def test_requests_keep_their_distance(fake: Fake) -> None:
    slept: list[float] = []
    with fetcher(manners=Manners(every_s=30.0), sleep=slept.append) as asking:
        for _ in range(3):
            asking.get(f"{fake.url}/good", read)
    assert [round(wait / 30) for wait in slept] == [1, 2]


def test_what_has_not_changed_is_not_sent_again(fake: Fake) -> None:
    def tagged(request: Request) -> Answer:
        if request.headers.get("If-None-Match") == '"a"':
            return Answer(b"", 304)
        return Answer(b'{"n":3}', 200, {"ETag": '"a"'})

    fake.routes["/tagged"] = tagged
    with fetcher() as asking:
        first, second, other, plain = (
            asking.get(f"{fake.url}/tagged", read, params, conditional=conditional)
            for params, conditional in (({}, True), ({}, True), ({"page": 2}, True), ({}, False))
        )
    assert (first, second, other, plain) == ({"n": 3}, None, {"n": 3}, {"n": 3})


def test_a_bad_answer_is_not_taken_for_unchanged(fake: Fake) -> None:
    fake.routes["/tagged"] = lambda _: Answer(b'{"n":3}', 200, {"ETag": '"a"'})
    fake.misbehave("html")
    with fetcher() as asking:
        assert asking.get(f"{fake.url}/tagged", read, conditional=True) == {"n": 3}
    assert "If-None-Match" not in fake.requests[1].headers


def test_no_secret_is_told(fake: Fake) -> None:
    fake.routes["/told"] = lambda request: Answer(f"no: {request.headers['Authorization']}".encode(), 403)
    with fetcher(headers={"Authorization": "Bearer hush"}, secrets=("hush",)) as asking:
        with pytest.raises(FetchError) as caught:
            asking.get(f"{fake.url}/told", read, {"key": "hush"})
        assert "hush" not in str(caught.value)
        asking.authorize("whisper")
        with pytest.raises(FetchError) as caught:
            asking.get(f"{fake.url}/told", read)
        assert "whisper" not in str(caught.value)
        assert "HTTP 403" in str(caught.value)


def test_bytes_are_counted(fake: Fake) -> None:
    fake.routes["/page"] = lambda _: HTML
    with fetcher() as asking:
        asking.get(f"{fake.url}/page", len)
        assert asking.received == len(HTML)
