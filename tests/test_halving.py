"""Poison records in a run without Kafka: rejected with the error, and all others go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from streams.correlation import CountryState
from streams.pipeline import Offline
from streams.stage import Result, Store
from tests.correlation.evidence import ATYRAU, claim, outage
from topics import EVIDENCE, REPORTS, Origin, Report, Reporter, encode

GOOD = [outage("o1"), claim("c1"), claim("c2", ATYRAU)]


def run(values: Sequence[Any]) -> Offline:
    offline = Offline(float("inf"))
    for one in values:
        offline.add(EVIDENCE.name, encode(one))
    return offline


@pytest.mark.parametrize("method", ["load", "settle"])
@pytest.mark.parametrize("at", range(4))
def test_evidence_that_fails_is_rejected_and_the_rest_concludes(
    monkeypatch: pytest.MonkeyPatch, method: str, at: int
) -> None:
    wanted = run(GOOD).shutdowns()
    whole = getattr(CountryState, method)

    def fails(state: CountryState, *piece: Any) -> Any:
        done = whole(state, *piece)
        if any(one.id == "poison" for one in (*piece, *([] if piece else state.pieces.values()))):
            raise RuntimeError("of no use")
        return done

    monkeypatch.setattr(CountryState, method, fails)
    offline = run([*GOOD[:at], claim("poison"), *GOOD[at:]])
    assert [one.digest for one in offline.shutdowns()] == [one.digest for one in wanted]
    (rejected,) = offline.rejected
    assert (rejected.number, rejected.topic, rejected.reason) == (at + 1, "evidence", "out-of-bounds")
    assert "RuntimeError: of no use" in rejected.detail
    assert offline.accepted == len(GOOD)


def test_a_report_that_fails_is_rejected_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from streams.claims import ClaimsStage

    def fails(stage: ClaimsStage, records: Sequence[Report], store: Store) -> Result:
        done = whole(stage, records, store)
        if any(record.id == "r3" for record in records):
            raise RuntimeError("of no use")
        return done

    whole = ClaimsStage.process
    monkeypatch.setattr(ClaimsStage, "process", fails)
    offline = Offline(float("inf"))
    for number in range(7):
        report = Report(
            id=f"r{number}",
            origin=Origin(source="list"),
            reporter=Reporter(kind="organisation", name=f"Group {number}"),
            country="KZ",
            places=("Almaty",),
            start="2021-02-28T14:00",
        )
        offline.add(REPORTS.name, encode(report))
    others = {f"claim/list:r{number}/KZ/@1526384" for number in range(7) if number != 3}
    assert {piece.id for piece in offline.evidence()} == others
    assert [one.number for one in offline.rejected] == [4]
