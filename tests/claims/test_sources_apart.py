"""No source can revise or take back what another one said, whatever ids and revisions it uses."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from streams.claims import ClaimsStage
from streams.located import NAMESPACES, bound
from streams.protests import ProtestsStage
from streams.sources.catalogue import SOURCES as OURS
from topics import Claim, NewsItem, Origin, Protest, Report, Reporter

#: Every source of ours, those whose ids have another name, and some that somebody may make up.
SOURCES = sorted({one.name for one in OURS} | {*NAMESPACES, *NAMESPACES.values(), "form", "feed", "x"})

REPORT = Report(
    id="", origin=Origin(source="x"), reporter=Reporter(kind="media", name="Radio"), country="KZ",
    places=("Almaty",), start="2021-02-28", revision=1,
)  # fmt: skip
ITEM = NewsItem(id="", origin=Origin(source="x"), country="KZ", places=("Almaty",), start="2021-02-28", revision=1)


def ids(source: str) -> list[str]:
    """Ids that a source may give: of its own namespace, of none."""
    return [f"{NAMESPACES.get(source, source)}/KZ/1", "1", f"{source}:1"]


def standing(stage: Any, *records: Report | NewsItem) -> dict[str, Claim | Protest]:
    """The pieces that stand after records."""
    found: dict[str, Claim | Protest] = {}
    store: dict[str, bytes] = {}
    for record in records:
        for _, piece in stage.process([record], store).out:
            if piece.id not in found or piece.revision > found[piece.id].revision:
                found[piece.id] = piece
    return {key: piece for key, piece in found.items() if not piece.withdrawn}


@pytest.mark.parametrize(("stage", "record"), [(ClaimsStage, REPORT), (ProtestsStage, ITEM)])
def test_no_source_touches_what_another_one_said(stage: Any, record: Report | NewsItem) -> None:
    for victim, attacker in permutations(SOURCES, 2):
        for key in ids(victim):
            said = replace(record, id=key, origin=Origin(source=victim))
            wanted = standing(stage(), said)
            assert len(wanted) == 1
            for attack in ({"withdrawn": True}, {"places": ("Atyrau",)}):
                forged = replace(said, origin=Origin(source=attacker), revision=2**41, **attack)
                for order in ((said, forged), (forged, said)):
                    left = standing(stage(), *order)
                    assert wanted.items() <= left.items(), (victim, attacker, key)


def test_a_source_can_revise_and_take_back_its_own() -> None:
    for source in SOURCES:
        for key in ids(source):
            said = replace(REPORT, id=key, origin=Origin(source=source))
            assert standing(ClaimsStage(), said, replace(said, revision=2, withdrawn=True)) == {}


def test_bound_ids_are_different_for_different_sources() -> None:
    made = [bound(source, key) for source in SOURCES for other in SOURCES for key in ids(other)]
    assert len(set(made)) == len({(source, key) for source in SOURCES for other in SOURCES for key in ids(other)})
