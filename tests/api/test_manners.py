"""Caching, compression, other origins, limits and errors."""

from __future__ import annotations

import gzip
import json

import pytest
from starlette.testclient import TestClient

from streams.api.guard import Limits
from streams.api.limits import DAY_S, MOST_CLIENTS, Buckets, Digests
from streams.api.store import Store
from tests.api.served import UNLIMITED, client, filled, made_up
from topics import encode


def test_an_answer_is_sent_again_only_if_it_changed() -> None:
    records = made_up(3)
    with filled(records[:4]) as state:
        api = client(state)
        first = api.get("/shutdowns")
        same = api.get("/shutdowns", headers={"if-none-match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert (
            api.get("/shutdowns", headers={"if-none-match": f'W/{first.headers["etag"]}, "x"'}).status_code == 304
        )
        for topic, record in records[4:]:
            state.take(topic, 0, 10**6, encode(record))
        changed = api.get("/shutdowns", headers={"if-none-match": first.headers["etag"]})
        assert changed.status_code == 200
        assert len(changed.json()["shutdowns"]) == 3


def test_long_answers_are_packed_for_those_who_take_it() -> None:
    with filled(made_up(30)) as state:
        api = client(state)
        with api.stream("GET", "/shutdowns", headers={"accept-encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            packed = b"".join(answer.iter_raw())
        plain = api.get("/shutdowns", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(packed) == plain.content
        assert len(packed) < len(plain.content) / 4
        assert answer.headers["etag"] != plain.headers["etag"]
        again = api.get("/shutdowns", headers={"if-none-match": answer.headers["etag"], "accept-encoding": "gzip"})
        assert again.status_code == 304


def test_any_page_may_read() -> None:
    with filled([]) as state:
        api = client(state)
        answer = api.get("/shutdowns", headers={"origin": "https://example.org"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        preflight = api.options(
            "/shutdowns", headers={"origin": "https://example.org", "access-control-request-method": "DELETE"}
        )
        assert preflight.status_code == 400


def test_browsers_are_told_to_be_careful() -> None:
    with filled([]) as state:
        for path in ("/shutdowns", "/none", "/shutdowns?limit=x"):
            headers = client(state).get(path).headers
            assert headers["content-security-policy"].startswith("default-src 'none'")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"


def test_who_asks_too_much_waits() -> None:
    with filled([]) as state:
        api = client(state, Limits(rate=0.5, burst=3))
        answers = [api.get("/healthz") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["retry-after"] in ("1", "2")
        assert answers[-1].json()["title"] == "Too Many Requests"
        other = TestClient(api.app, client=("192.0.2.7", 1))
        assert other.get("/healthz").status_code == 200


def test_what_is_too_long_is_refused() -> None:
    with filled([]) as state:
        api = client(state)
        assert api.get("/shutdowns?country=" + "a" * 5000).status_code == 414
        large = api.post("/shutdowns", content=b"x" * 70_000)
        assert large.status_code == 413
        assert large.json()["detail"].startswith("a body may have")


def test_what_is_not_there_is_a_problem_too() -> None:
    with filled([]) as state:
        api = client(state)
        missing = api.get("/nothing")
        assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        assert "/openapi.json" in missing.json()["detail"]
        refused = api.delete("/shutdowns")
        assert (refused.status_code, refused.headers["content-type"]) == (405, "application/problem+json")
        assert "GET" in refused.headers["allow"]


def test_a_fault_of_ours_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(Store, "newest_changes", broken)
    with filled([]) as state:
        answer = client(state).get("/feed.atom")
        assert answer.status_code == 500
        assert json.loads(answer.content)["detail"] == "something here is broken; it was logged"


def test_followers_are_limited() -> None:
    with filled([]) as state:
        api = client(state, Limits(rate=0, streams=0))
        assert api.get("/stream").status_code == 503


def test_a_bucket_fills_with_time() -> None:
    now = 0.0
    buckets = Buckets(rate=2.0, burst=2, clock=lambda: now)
    assert [buckets.take(b"a") for _ in range(3)] == [0, 0, 0.5]
    assert buckets.take(b"b") == 0
    now = 0.5
    assert [buckets.take(b"a"), buckets.take(b"a")] == [0, 0.5]
    now = 1000.0
    assert [buckets.take(b"a") for _ in range(3)] == [0, 0, 0.5]


def test_clients_remembered_are_bounded() -> None:
    buckets = Buckets(rate=1.0, burst=1)
    for number in range(MOST_CLIENTS + 100):
        buckets.take(number.to_bytes(8))
    assert len(buckets) == MOST_CLIENTS


def test_a_digest_means_nothing_the_next_day() -> None:
    now = 0.0
    digests = Digests(clock=lambda: now)
    today = digests.of("192.0.2.1")
    assert today == digests.of("192.0.2.1") != digests.of("192.0.2.2")
    assert b"192.0.2.1" not in today
    assert Digests().of("192.0.2.1") != today
    now = DAY_S
    assert digests.of("192.0.2.1") != today


def test_an_ipv6_client_is_its_network() -> None:
    digests = Digests()
    assert digests.of("2001:db8::1") == digests.of("2001:db8::ffff:1")
    assert digests.of("2001:db8:0:1::1") != digests.of("2001:db8::1")
    assert digests.of("::ffff:192.0.2.1") == digests.of("192.0.2.1")


def test_the_document_describes_every_path() -> None:
    with filled([]) as state:
        api = client(state, UNLIMITED)
        paths = api.get("/openapi.json").json()["paths"]
        for_people = {"/", "/shutdown/{id}", "/static/{name}", "/map/{country}.json", "/openapi.json"}
        for_people |= {"/report", "/sw.js"}
        routes = {route.path for route in api.app.routes}  # type: ignore[attr-defined]
        assert routes - for_people == set(paths)
