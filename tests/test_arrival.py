"""Times and revisions are bounded by when a record arrived, in workers and in runs without Kafka alike."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from streams.arrival import AHEAD_S, ANNOUNCED_S, arrive
from streams.located import piece_revision
from streams.pipeline import Offline
from tests.correlation.evidence import START_S, claim, coverage, outage
from topics import EVIDENCE, NEWS, REPORTS, InvalidRecord, NewsItem, Origin, Record, Report, Reporter, Topic, encode

NOW_S = START_S + 86_400
FAR_S = 4_000_000_000

LIST = Origin(source="list")
REPORT = Report(id="list/1", origin=LIST, reporter=Reporter(kind="individual"), country="KZ", start="2021-02-28")
ITEM = NewsItem(id="list/1", origin=LIST, country="KZ", start="2021-02-28")

#: Record, the reason and the field by which it is refused.
FUTURE: list[tuple[Topic, Record, str, str]] = [
    (EVIDENCE, replace(coverage("c", "n" * 24), until_s=FAR_S), "absurd-time", "until_s"),
    (EVIDENCE, replace(coverage("c", "n" * 24), from_s=FAR_S, until_s=FAR_S + 86_400), "absurd-time", "from_s"),
    (EVIDENCE, replace(outage("o"), until_s=NOW_S + AHEAD_S + 60), "absurd-time", "until_s"),
    (EVIDENCE, replace(claim("c"), until_s=NOW_S + ANNOUNCED_S + 60), "absurd-time", "until_s"),
    (EVIDENCE, replace(claim("c"), known_s=FAR_S), "absurd-time", "known_s"),
    (EVIDENCE, replace(claim("c"), revision=2**63 - 1), "out-of-bounds", "revision"),
    (EVIDENCE, replace(outage("o"), revision=2**62), "out-of-bounds", "revision"),
    (REPORTS, replace(REPORT, revision=2**42), "out-of-bounds", "revision"),
    (REPORTS, replace(REPORT, revision=(NOW_S + AHEAD_S) * 1000 + 1), "out-of-bounds", "revision"),
    (REPORTS, replace(REPORT, end="2099-01-01"), "absurd-time", "end"),
    (REPORTS, replace(REPORT, end="2021-02-31"), "absurd-time", "end"),
    (REPORTS, replace(REPORT, known_s=FAR_S), "absurd-time", "known_s"),
    (NEWS, replace(ITEM, revision=2**42), "out-of-bounds", "revision"),
    (NEWS, replace(ITEM, end="2099-01-01"), "absurd-time", "end"),
]

#: What is later than its arrival, and may be.
ALLOWED: list[tuple[Topic, Record]] = [
    (EVIDENCE, coverage("c", "n" * 24)),
    (EVIDENCE, replace(outage("o"), until_s=NOW_S + AHEAD_S)),
    (EVIDENCE, replace(claim("c"), until_s=NOW_S + ANNOUNCED_S)),
    (EVIDENCE, replace(claim("c"), revision=piece_revision((NOW_S + AHEAD_S) * 1000, "fffff"))),
    (REPORTS, replace(REPORT, revision=NOW_S * 1000)),
    (REPORTS, replace(REPORT, end="2021-12-31")),
    (NEWS, replace(ITEM, revision=NOW_S)),
]


@pytest.mark.parametrize(("topic", "record", "reason", "field"), FUTURE)
def test_what_is_of_the_future_is_refused(topic: Topic, record: Record, reason: str, field: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        arrive(topic, encode(record), NOW_S)
    assert (refused.value.reason, refused.value.field) == (reason, field)
    offline = Offline(NOW_S)
    offline.add(topic.name, encode(record))
    assert [(one.reason, one.field) for one in offline.rejected] == [(reason, field)]


@pytest.mark.parametrize(("topic", "record"), ALLOWED)
def test_what_may_be_ahead_is_taken(topic: Topic, record: Record) -> None:
    assert arrive(topic, encode(record), NOW_S) == record


def test_coverage_closes_no_more_than_its_hours() -> None:
    """Coverage of one letter that lasts for decades would make all that is open silent."""
    offline = Offline(float("inf"))
    still = claim("c", hours=None, ongoing=True)
    longer = replace(coverage("long", "n"), until_s=FAR_S)
    for piece in (still, longer):
        offline.add(EVIDENCE.name, encode(piece))
    assert [one.status for one in offline.shutdowns()] == ["open"]
    assert [(one.reason, one.field) for one in offline.rejected] == [("absurd-time", "until_s")]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("point", "longitude"), ("point", "latitude"), ("region", "region"), ("city", "city"), ("network", "network")],
)
def test_a_place_has_what_its_kind_needs(kind: str, missing: str) -> None:
    place: dict[str, Any] = {
        "kind": kind, "country": "KZ", "name": "x", "region": "KAZ-4829", "city": 1, "network": 1, "latitude": 43.0,
        "longitude": 77.0,
    }  # fmt: skip
    piece = orjson.loads(encode(claim("c"))) | {"place": place}
    arrive(EVIDENCE, orjson.dumps(piece), NOW_S)
    del place[missing]
    with pytest.raises(InvalidRecord, match=f"`{missing}`") as refused:
        arrive(EVIDENCE, orjson.dumps(piece), NOW_S)
    assert (refused.value.reason, refused.value.field) == ("out-of-bounds", "place")
