"""Records stay within a budget of bytes, however long the texts of their evidence are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.correlation import CorrelateStage
from streams.correlation.trimming import FLAG, RECORD_BYTES, trimmed
from tests.correlation.evidence import ALMATY, ATYRAU, START_S, cause, claim, outage, protest
from topics import RECORD_LIMIT_BYTES, SHUTDOWN_CHANGES, Evidence, Origin, Shutdown, encode

LONG = "漢" * 300
LINK = "https://example.org/" + "漢" * 970


def _long(number: int, text: str) -> str:
    """A text of its own, as long as a field may be."""
    return f"{number} {text}"[: len(text)]


def crowded(number: int) -> list[Evidence]:
    """Evidence of one event in which all texts are as long as they may be, and nobody repeats another."""
    found: list[Evidence] = []
    for at in range(number):
        more = {
            "origin": Origin(source="feed", reference=_long(at, LINK)),
            "lineage": _long(at, LONG),
            "reporter_name": _long(at, LONG * 5),
            "cause": _long(at, "power cut " + LONG),
            "ordered_by": _long(at, LONG),
            "services": tuple(_long(service, LONG) for service in range(20)),
            "flags": tuple(_long(flag, LONG) for flag in range(20)),
        }
        told = claim(_long(at, LONG), ALMATY, START_S + at, attribution="technical" if at % 2 else "ordered")
        found.append(replace(told, **more))
        found.append(replace(outage(_long(at, LONG + "o")[:300], from_s=START_S + at), series=_long(at, LONG)))
        origin = Origin(source="news", reference=_long(at, LINK))
        explains = cause(f"cause-{at}", title=_long(at, LONG * 20), lineage=_long(at, LONG))
        found.append(replace(explains, origin=origin))
        found.append(replace(protest(f"protest-{at}", "2021-02-28"), title=_long(at, LONG * 20), origin=origin))
    return found


@pytest.mark.parametrize("number", [40])
def test_a_flood_of_long_texts_makes_no_record_too_large(number: int) -> None:
    stage, store = CorrelateStage(), dict[str, bytes]()
    pieces = crowded(number)
    shuffled = random.Random(1).sample(pieces, len(pieces))
    last: dict[str, Shutdown] = {}
    for piece in shuffled:
        for topic, record in stage.process([piece], store).out:
            assert len(encode(record)) < RECORD_LIMIT_BYTES
            if topic is SHUTDOWN_CHANGES:
                last[record.shutdown.id] = record.shutdown  # type: ignore[attr-defined]
    assert max(map(len, store.values())) < RECORD_LIMIT_BYTES
    large = [one for one in last.values() if FLAG in one.flags]
    assert large, "some of them had to be cut"
    assert all(one.evidence and one.why for one in large)
    other = CorrelateStage()
    other.process(pieces, {})
    assert {one.digest for one in last.values() if one.status != "merged"} == {
        one.digest for one in other._countries["KZ"].state.standing()
    }


def test_what_is_small_is_left_as_it_is() -> None:
    stage = CorrelateStage()
    stage.process([claim("c"), claim("d", ATYRAU), outage("o")], {})
    for shutdown in stage._countries["KZ"].state.standing():
        assert trimmed(shutdown) is shutdown
        assert FLAG not in shutdown.flags


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=60),
    st.integers(0, 60),
    st.sampled_from(["evidence", "why"]),
)
def test_trimmed_is_within_the_budget_and_keeps_what_comes_first(ids: list[str], times: int, field: str) -> None:
    stage = CorrelateStage()
    stage.process([claim("c"), outage("o")], {})
    (shutdown,) = stage._countries["KZ"].state.standing()
    rows = tuple(replace(shutdown.evidence[0], id=one, words=one * 3, reference=one * 3) for one in ids)
    why = tuple(replace(shutdown.why[0], evidence=tuple(ids), series=tuple(ids)) for _ in range(20))
    crowd = replace(shutdown, **({"evidence": rows * times} if field == "evidence" else {"why": why}))
    cut = trimmed(crowd)
    assert len(encode(cut)) <= RECORD_BYTES
    assert cut.evidence == crowd.evidence[: len(cut.evidence)]
    assert trimmed(cut) is cut
