"""The form: what becomes of a post, what is refused and how it is said, and that nothing of its sender is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from streams.api.app import create_app
from streams.api.posting import BURST, PublishingError, words
from streams.claims import ClaimsStage
from tests.api.served import UNLIMITED, filled
from topics import REPORTS, Report, decode, encode

SALT = b"0123456789abcdef"
FORM = {"place": "Алматы", "country": "Казахстан", "start": "2021-02-28T14:13", "end": "2021-02-28T17:04",
        "extent": "full", "networks": ["mobile", "broadband"], "language": "ru"}  # fmt: skip


class Taken(list[Report]):
    """What was published; `broken` makes it fail."""

    broken = False

    async def publish(self, report: Report) -> None:
        if self.broken:
            raise PublishingError("down")
        self.append(decode(REPORTS, encode(report)))


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def api(taken: Taken) -> Iterator[TestClient]:
    with filled([]) as state:
        yield TestClient(create_app(state, limits=UNLIMITED, publish=taken.publish, salt=SALT))


def test_a_form_becomes_a_report_that_claims_can_be_made_of(api: TestClient, taken: Taken) -> None:
    answer = api.post("/report?lang=ru", data=FORM)
    assert answer.status_code == 200
    assert words()["ru"]["thanks"] in answer.text
    [report] = taken
    assert (report.country, report.start, report.end) == ("KZ", "2021-02-28T14:00", "2021-02-28T17:00")
    assert report.networks == ("mobile", "broadband")
    assert report.reporter.kind == "individual"
    assert report.known_s is not None
    assert report.known_s % 900 == 0
    result = ClaimsStage().process([report], {})
    assert [(record.country, record.place.name) for _, record in result.out] == [("KZ", "Almaty")]  # type: ignore[attr-defined]


def test_it_can_be_taken_back_with_its_receipt(api: TestClient, taken: Taken) -> None:
    page = api.post("/report", data=FORM).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    answer = api.post("/report", data={name: unescape(value) for name, value in hidden.items()})
    assert words()["en"]["taken"] in answer.text
    posted, back = taken
    assert (back.id, back.withdrawn) == (posted.id, True)
    assert back.revision > posted.revision
    forged = api.post("/report", data={"id": posted.id, "receipt": "00" * 16, "withdrawn": "true"})
    assert forged.status_code == 422
    assert len(taken) == 2


def test_sent_twice_it_is_one_report(api: TestClient, taken: Taken) -> None:
    """A button pressed twice, a queue that did not hear the answer."""
    nonce = re.search(r'name="id" value="(\w{32})"', api.get("/report").text)
    assert nonce is not None
    for _ in range(2):
        api.post("/report", data=FORM | {"id": nonce[1]})
    assert len({report.id for report in taken}) == 1


def test_what_is_wrong_is_said_beside_what_was_written(api: TestClient, taken: Taken) -> None:
    answer = api.post("/report?lang=fr", data={"place": "", "text": "<script>alert(1)</script>", "start": "soon"})
    assert answer.status_code == 422
    assert words()["fr"]["wrong"] in answer.text
    assert 'href="#place"' in answer.text
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text
    assert not taken


@pytest.mark.parametrize("language", words())
def test_it_stands_in_every_language(api: TestClient, language: str) -> None:
    page = api.get("/report", headers={"accept-language": f"xx, {language};q=0.9"})
    assert f'<html lang="{language}" dir="{"rtl" if language in ("ar", "fa") else "ltr"}">' in page.text
    assert words()[language]["privacy"] in unescape(page.text)
    assert words()[language].keys() == words()["en"].keys()
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    assert "http" not in re.sub(r"<svg.*?</svg>", "", page.text), "nothing of any other host"


def test_services_post_json(api: TestClient, taken: Taken) -> None:
    answer = api.post(
        "/reports", json={"place": "Atyrau", "country": "KZ", "ongoing": True, "services": ["telegram"]}
    )
    assert answer.status_code == 201
    assert answer.json()["id"] == taken[0].id
    back = api.post("/reports", json={**answer.json(), "withdrawn": True})
    assert back.status_code == 201
    assert taken[1].withdrawn
    wrong = api.post("/reports", json={"place": "Xyzzy"})
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    assert wrong.json()["problems"]
    for body in (b"{", b"[]", b'"x"'):
        assert api.post("/reports", content=body, headers={"content-type": "application/json"}).status_code == 400


def test_floods_are_held_off(api: TestClient, taken: Taken) -> None:
    for number in range(BURST):
        assert (
            api.post("/reports", json={"place": "Atyrau", "country": "KZ", "id": f"{number:032}"}).status_code
            == 201
        )
    refused = api.post("/report?lang=kk", data=FORM)
    assert refused.status_code == 429
    assert words()["kk"]["busy"] in refused.text
    assert int(refused.headers["retry-after"]) > 0
    other = TestClient(api.app, client=("192.0.2.9", 1))
    assert other.post("/report", data=FORM).status_code == 200


def test_a_form_of_another_site_is_refused(api: TestClient, taken: Taken) -> None:
    assert api.post("/report", data=FORM, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert api.post("/report", data=FORM, headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_without_kafka_it_says_so_and_keeps_what_was_written(api: TestClient, taken: Taken) -> None:
    taken.broken = True
    answer = api.post("/report", data=FORM)
    assert answer.status_code == 503
    assert words()["en"]["down"] in unescape(answer.text)
    assert 'value="Алматы"' in answer.text
    with filled([]) as state:
        nowhere = TestClient(create_app(state, limits=UNLIMITED))
        assert nowhere.post("/reports", json={"place": "Atyrau", "country": "KZ"}).status_code == 503


def test_bodies_that_are_no_form_are_refused(api: TestClient, taken: Taken) -> None:
    assert api.post("/report", content=b"\xff\xfe", headers={"content-type": "text/plain"}).status_code == 422
    assert api.post("/report", data={f"f{number}": "x" for number in range(99)}).status_code == 400
    assert not taken
