"""Asking for shutdowns: filters, pages, forms, and what belongs to one of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from starlette.testclient import TestClient

from streams.api.queries import read_cursor
from streams.api.state import READ
from tests.api.served import client, filled, made_up
from tests.played import near_miss, played
from topics import (
    CANDIDATES,
    EVIDENCE,
    SHUTDOWNS,
    Cause,
    CommonDrop,
    Explanation,
    Origin,
    Shutdown,
    ShutdownChange,
    Topic,
    encode,
)

NEWEST = {record.id: record for _, record in played() if isinstance(record, Shutdown)}
STANDING = [one for one in NEWEST.values() if one.status in ("open", "closed")]
ALMATY = next(one for one in STANDING if one.place.name == "Almaty City")


@pytest.fixture(scope="module")
def api() -> Iterator[TestClient]:
    with filled() as state:
        yield client(state)


def names(api: TestClient, query: str) -> set[str]:
    answer = api.get(f"/shutdowns?{query}")
    assert answer.status_code == 200, answer.text
    return {one["place"]["name"] for one in answer.json()["shutdowns"]}


EVERYWHERE = {"Almaty City", "Nur-Sultan", "Atyrau", "Chad"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("country=TD", {"Chad"}),
        ("country=Chad,Norway", {"Chad"}),
        ("country=Казахстан&from=2021-02-28&until=2021-03-01", EVERYWHERE - {"Chad"}),
        ("country=NO", set()),
        ("level=corroborated", {"Almaty City", "Nur-Sultan"}),
        ("level=corroborated,measured", {"Almaty City", "Nur-Sultan", "Chad"}),
        ("scope=national", {"Chad"}),
        ("from=2021-02-28&until=2021-03-01", EVERYWHERE),
        ("from=2021-02-28T11:00Z&until=2021-03-01", {"Atyrau", "Chad"}),
        ("from=2021-02-28T10:59:59Z&until=2021-02-28T11:00:00Z", EVERYWHERE),
        ("from=1614510000&until=1614510001", {"Atyrau", "Chad"}),
        ("from=2021-02-28T17:00%2B06:00&until=2021-02-28T17:01%2B06:00", {"Atyrau", "Chad"}),
        ("bbox=46,40,87,56&from=2021-02-28", EVERYWHERE - {"Chad"}),
        ("bbox=76,43,77,44&level=corroborated", {"Almaty City"}),
        ("bbox=170,-10,-170,10", set()),
        ("place=KAZ-4829&level=corroborated", {"Almaty City"}),
        ("place=KZ/KAZ-4830", {"Nur-Sultan"}),
        ("place=Атырау&country=KZ", {"Atyrau"}),
        (f"incident={ALMATY.incident}", {"Almaty City", "Nur-Sultan", "Atyrau"}),
        ("status=open", set()),
    ],
)
def test_filters(api: TestClient, query: str, expected: set[str]) -> None:
    assert names(api, query) == expected


def ended(one: Shutdown) -> Shutdown:
    """A shutdown that became part of that of Almaty: it has no probabilities."""
    gone = {"happened": None, "on_purpose": None, "probability": None}
    return msgspec.structs.replace(one, id="KZ-merged", status="merged", merged_into=ALMATY.id, **gone)


def test_what_does_not_stand_is_given_on_demand() -> None:
    with filled([(SHUTDOWNS, ALMATY), (SHUTDOWNS, ended(ALMATY))]) as state:
        api = client(state)
        for query, ids in (
            ("", {ALMATY.id}),
            ("?status=merged", {"KZ-merged"}),
            ("?status=all", {ALMATY.id, "KZ-merged"}),
        ):
            assert {one["id"] for one in api.get(f"/shutdowns{query}").json()["shutdowns"]} == ids


#: A power cut that happened, and one that somebody ordered; each is part of something wider.
FAILURE = msgspec.structs.replace(
    ALMATY,
    id="KZ-failure",
    happened=0.97,
    on_purpose=0.04,
    probability=0.0388,
    explanations=(
        Explanation(
            kind="power", words="a line failed", source="KEGOC", lineage="kegoc", id="cause/1",
            reference="https://example.org/outages",
        ),
        Explanation(kind="denial", words="it denies it", source="the ministry", lineage="ministry", id="claim/1"),
    ),
    common_drops=("drop-1",),
)  # fmt: skip
ORDERED = msgspec.structs.replace(
    ALMATY, id="KZ-ordered", happened=0.9, on_purpose=0.8, probability=0.72, campaign="campaign-1"
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("happened=0.95", {"KZ-failure"}),
        ("happened=0.9&on_purpose=..0.3", {"KZ-failure"}),
        ("on_purpose=0.8", {"KZ-ordered"}),
        ("on_purpose=0.8..0.9", {"KZ-ordered"}),
        ("probability=0.01..0.72", {"KZ-failure", "KZ-ordered"}),
        ("probability=0.721", set()),
        ("happened=0.95&status=all", {"KZ-failure", "KZ-merged"}),
        ("campaign=campaign-1", {"KZ-ordered"}),
        ("common_drops=drop-1,drop-2", {"KZ-failure"}),
        ("common_drops=drop-2", set()),
    ],
)
def test_they_are_filtered_by_probabilities_and_by_what_they_are_part_of(query: str, expected: set[str]) -> None:
    with filled([(SHUTDOWNS, one) for one in (FAILURE, ORDERED, ended(ALMATY))]) as state:
        found = client(state).get(f"/shutdowns?{query}").json()["shutdowns"]
        assert {one["id"] for one in found} == expected


def test_a_table_tells_the_probabilities_and_who_says_what_else() -> None:
    with filled([(SHUTDOWNS, FAILURE)]) as state:
        text = client(state).get("/shutdowns?format=csv").text
        [row] = csv.DictReader(io.StringIO(text))
        assert (row["happened"], row["on_purpose"]) == ("0.97", "0.04")
        assert row["explanations"] == "power cut: a line failed (KEGOC);denied: it denies it (the ministry)"
        assert row["common_drops"] == "drop-1"


def test_what_else_may_explain_it_comes_with_its_evidence() -> None:
    origin = Origin(source="KEGOC")
    span: dict[str, Any] = {"from_s": ALMATY.from_s, "until_s": ALMATY.until_s}
    cause = Cause(
        id="cause/1", origin=origin, country="KZ", place=ALMATY.place, lineage="kegoc", kind="power", **span
    )
    drop = CommonDrop(
        id="common/1/KZ", origin=origin, country="KZ", place=ALMATY.place, lineage="drop-1", verdict="shared-cause",
        drop="drop-1", signals=("bgp",), countries=("KG", "KZ"), **span,
    )  # fmt: skip
    elsewhere = msgspec.structs.replace(drop, id="common/1/KG", country="KG")
    records = [(SHUTDOWNS, FAILURE), (EVIDENCE, cause), (EVIDENCE, drop), (EVIDENCE, elsewhere)]
    with filled(records) as state:
        answer = client(state).get("/shutdowns/KZ-failure/evidence").json()
    power, denial = answer["explanations"]
    assert power == {
        "explanation": msgspec.to_builtins(FAILURE.explanations[0]),
        "piece": msgspec.to_builtins(cause),
    }
    assert denial["piece"] is None
    assert answer["common_drops"] == [json.loads(encode(drop))]


@pytest.mark.parametrize(
    "query",
    [
        "contry=KZ", "country=XX", "country=Nowhere", "level=rumoured", "bbox=1,2,3", "bbox=0,50,10,40",
        "bbox=nan,0,1,1", "bbox=0,0,999,1", "from=yesterday", "from=1800-01-01", "until=99999999999999",
        "limit=0", "limit=501", "limit=-1", "limit=٣", "cursor=!!", "cursor=W10", "status=gone",
        "happened=likely", "on_purpose=0.9..0.2", "probability=1.1",
        "place=Xyzzy-on-Sea", "format=xml", "from=2021-02-30", "country=" + "K" * 301,
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_words(api: TestClient, query: str) -> None:
    answer = api.get(f"/shutdowns?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert len(problem["detail"]) > 15
    assert problem["parameter"] in query


def test_pages_together_are_everything_once_and_in_order() -> None:
    with filled(made_up(137)) as state:
        api = client(state)
        seen, path, pages = [], "/shutdowns?limit=25&country=KZ", 0
        while path:
            answer = api.get(path)
            seen += answer.json()["shutdowns"]
            path = answer.json()["next"]
            assert (answer.headers.get("link") == f'<{path}>; rel="next"') == (path is not None)
            pages += 1
        assert pages == 6
        assert len({one["id"] for one in seen}) == len(seen) == 137
        assert [one["from_s"] for one in seen] == sorted((one["from_s"] for one in seen), reverse=True)


def test_a_page_is_not_shifted_by_what_comes_meanwhile() -> None:
    records = made_up(40)
    with filled(records[:60]) as state:
        api = client(state)
        first = api.get("/shutdowns?limit=10").json()
        for topic, record in records[60:]:
            state.take(topic, 0, 1000, encode(record))
        second = api.get(first["next"]).json()
        ids = [one["id"] for one in first["shutdowns"] + second["shutdowns"]]
        assert ids == [f"KZ-{number:016x}" for number in range(29, 9, -1)]


def test_a_cursor_is_ours_or_refused() -> None:
    assert read_cursor(None) is None
    assert read_cursor("") is None


def test_forms_by_accept(api: TestClient) -> None:
    def asked(accept: str) -> str:
        return str(api.get("/shutdowns?level=corroborated", headers={"accept": accept}).headers["content-type"])

    assert asked("*/*") == "application/json"
    assert asked("text/csv") == "text/csv; charset=utf-8"
    assert asked("application/geo+json, application/json;q=0.5") == "application/geo+json"
    assert asked("text/html, application/json;q=0.9, */*;q=0.1") == "application/json"
    refused = api.get("/shutdowns", headers={"accept": "text/html"})
    assert refused.status_code == 406
    assert api.get("/shutdowns?format=csv", headers={"accept": "text/html"}).status_code == 200


def test_geojson_puts_them_on_a_map(api: TestClient) -> None:
    content = api.get("/shutdowns?format=geojson&level=corroborated").json()
    assert content["type"] == "FeatureCollection"
    found = {one["id"]: one for one in content["features"]}
    assert found[ALMATY.id]["geometry"] == {
        "type": "Point", "coordinates": [ALMATY.place.longitude, ALMATY.place.latitude],
    }  # fmt: skip
    assert found[ALMATY.id]["properties"]["level"] == "corroborated"


def test_csv_is_a_table(api: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(api.get("/shutdowns?format=csv&level=corroborated").text)))
    row = next(row for row in rows if row["id"] == ALMATY.id)
    assert (row["place"], row["from"], row["until"]) == (
        "Almaty City",
        "2021-02-28T08:00:00Z",
        "2021-02-28T11:00:00Z",
    )
    assert row["signals"] == "bgp;merit-nt;ping-slash24"


def test_one_shutdown_is_the_topics_record(api: TestClient) -> None:
    assert api.get(f"/shutdowns/{ALMATY.id}").content == encode(ALMATY)
    assert api.get("/shutdowns/none").status_code == 404
    with filled([(SHUTDOWNS, ended(ALMATY))]) as state:
        answer = client(state).get("/shutdowns/KZ-merged")
    assert answer.json()["merged_into"] == ALMATY.id
    assert ALMATY.id in answer.headers["link"]


def test_its_history_is_every_revision(api: TestClient) -> None:
    changes = api.get(f"/shutdowns/{ALMATY.id}/history").json()["changes"]
    assert [one["shutdown"]["revision"] for one in changes] == list(range(1, ALMATY.revision + 1))
    later = api.get(f"/shutdowns/{ALMATY.id}/history?after=3&limit=2").json()["changes"]
    assert [one["shutdown"]["revision"] for one in later] == [4, 5]
    assert api.get(f"/shutdowns/{ALMATY.id}/history?after=x").status_code == 400


def test_its_evidence_is_whole(api: TestClient) -> None:
    rows = api.get(f"/shutdowns/{ALMATY.id}/evidence").json()["evidence"]
    assert [row["support"]["id"] for row in rows] == [piece.id for piece in ALMATY.evidence]
    for row in rows:
        if row["support"]["id"] == "individuals":  # several people, of whom none is shown
            assert row["piece"] is None
        else:
            assert row["piece"]["id"] == row["support"]["id"]
    outage = next(row["piece"] for row in rows if row["support"]["kind"] == "outage")
    assert 0 <= outage["ratio_min"] < 1


def test_what_one_person_reported_is_not_told_by_itself(api: TestClient) -> None:
    people = [one for one in STANDING if any(piece.reporter == "individual" for piece in one.evidence)]
    assert people
    for one in people:
        for row in api.get(f"/shutdowns/{one.id}/evidence").json()["evidence"]:
            assert (row["piece"] is None) == (row["support"]["reporter"] == "individual")


def test_its_signals_drop_against_their_baselines(api: TestClient) -> None:
    content = api.get(f"/shutdowns/{ALMATY.id}/signals").json()
    probing = next(one for one in content["series"] if one["signal"] == "ping-slash24")
    assert probing["words"] == "active probing"
    assert probing["outages"] == [[ALMATY.from_s, ALMATY.until_s]]
    inside = [at for at, moment in enumerate(probing["times"]) if ALMATY.from_s <= moment < (ALMATY.until_s or 0)]
    assert all(probing["values"][at] < 0.8 * probing["baseline"][at] for at in inside)
    assert {one["entity"] for one in content["series"]} == {"Almaty City"}


def test_incidents_hold_their_shutdowns(api: TestClient) -> None:
    incidents = api.get("/incidents?country=KZ").json()["incidents"]
    main = next(one for one in incidents if one["id"] == ALMATY.incident)
    assert main["levels"] == {"corroborated": 2, "reported": 1}
    whole = api.get(f"/incidents/{main['id']}").json()
    assert {one["id"] for one in whole["shutdowns"]} == set(main["shutdowns"])
    assert api.get("/incidents/none").status_code == 404


@pytest.mark.parametrize(
    ("name", "key"), [("Алматы", "KZ/@1526384"), ("Astana", "KZ/@1526273"), ("Tehran", "IR/@112931")]
)
def test_places_by_name(api: TestClient, name: str, key: str) -> None:
    assert key in [one["key"] for one in api.get("/places", params={"q": name}).json()["places"]]


def test_places_of_a_country(api: TestClient) -> None:
    found = api.get("/places", params={"q": "Атырау", "country": "KZ"}).json()["places"]
    assert [one["country"] for one in found] == ["KZ"]
    assert api.get("/places?q=").status_code == 400
    assert api.get("/places?q=x&country=Nowhere").status_code == 400


def test_the_feed_is_atom_with_the_newest_first(api: TestClient) -> None:
    root = ElementTree.fromstring(api.get("/feed.atom").content)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    changes = [record for _, record in played() if isinstance(record, ShutdownChange)]
    entries = root.findall("a:entry", atom)
    assert len(entries) == len(changes)
    ids = [entry.findtext("a:id", "", atom) for entry in entries]
    assert len(set(ids)) == len(ids)
    assert ids[0].endswith(f"{changes[-1].shutdown.id}#{changes[-1].shutdown.revision}")
    assert "corroborated" in {entry.find("a:category", atom).get("term") for entry in entries}  # type: ignore[union-attr]
    assert len(ElementTree.fromstring(api.get("/feed.atom?country=TD").content).findall("a:entry", atom)) < len(ids)


def test_stats_count(api: TestClient) -> None:
    content = api.get("/stats").json()
    assert content["shutdowns"] == sum(content["by_level"].values()) == len(STANDING)
    assert content["by_country"]["TD"] == 1
    assert content["by_year"] == {"2021": len(STANDING)}
    assert api.get("/stats?country=TD").json()["shutdowns"] == 1


def test_candidates_are_listed_while_they_stand() -> None:
    candidates = [msgspec.structs.replace(near_miss(), id="candidate-KZ-gone", standing=False)]
    standing = near_miss()
    with filled([(CANDIDATES, one) for one in (*candidates, standing)]) as state:
        api = client(state)
        newest = {one.id: one for one in (*candidates, standing)}
        listed = api.get("/candidates").json()["candidates"]
        assert {one["id"] for one in listed} == {one.id for one in newest.values() if one.standing}
        assert json.loads(encode(standing)) in listed
        assert api.get("/candidates?country=TD").json()["candidates"] == []


def test_records_that_cannot_be_read_stop_nothing() -> None:
    with filled() as state:
        state.take(SHUTDOWNS, 0, 10**6, b"{")
        state.take(SHUTDOWNS, 0, 10**6, None)
        assert state.unreadable == 2
        assert client(state).get("/readyz").json()["unreadable"] == 2


@pytest.mark.parametrize(
    "value",
    [
        b'{"id":"x","revision":9223372036854775808}',
        b'{"id":"x","revision":99999999999999999999999999}',
        b'{"id":"x","revision":1e30}',
        b'{"id":"x","more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"id":"x","until_s":' + b"9" * 4_000 + b"}",
        b'{"id":"\\ud800"}',
        b"\xff",
    ],
)
@pytest.mark.parametrize("topic", READ, ids=lambda topic: topic.name)
def test_no_record_of_any_topic_ends_the_api(topic: Topic, value: bytes) -> None:
    with filled() as state:
        before = state.unreadable
        state.take(topic, 0, 10**6, value)
        assert state.unreadable == before + 1
        assert client(state).get("/shutdowns").status_code == 200
