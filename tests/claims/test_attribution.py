"""What a claim says of the reason: each kind of cause in several languages, and what goes before what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.claims.attribution import CHARS, attribution, cause_kind
from tests.claims.reports import report
from tests.correlation.evidence import START_S
from topics import Reporter

SIBLINGS = {
    "power": (
        "power outage", "POWER_OUTAGE", "отключение электроэнергии", "coupure de courant", "corte de energía",
        "انقطاع الكهرباء", "elektrik kesintisi",
    ),
    "cable": ("cable cut", "CABLE_CUT", "обрыв кабеля", "coupure de câble", "قطع كابل"),
    "disaster": ("earthquake", "WEATHER", "FIRE", "землетрясение", "séisme", "terremoto", "زلزال"),
    "attack": ("cyber attack", "кибератака", "cyberattaque", "ciberataque", "هجوم سيبراني"),
    "maintenance": ("maintenance", "travaux de maintenance", "mantenimiento", "صيانة"),
    "war-damage": ("shelling", "обстрел", "bombardement", "bombardeo", "قصف"),
    "technical": ("technical problem", "технический сбой", "problème technique", "falla técnica"),
    "decision": (
        "exam cheating", "экзамены", "examens", "exámenes", "امتحانات", "elections", "выборы", "élections",
        "elecciones", "انتخابات", "protests", "протесты", "manifestations", "GOVERNMENT_DIRECTED",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SIBLINGS.items() for text in texts])
def test_a_kind_in_many_languages(kind: str, text: str) -> None:
    assert cause_kind(text) == kind
    assert cause_kind(text.upper()) == kind


@pytest.mark.parametrize("text", [None, "", "  ", "Other", "unknown", "неизвестно", "recovery", "the firewall"])
def test_no_cause(text: str | None) -> None:
    assert cause_kind(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("power cut after shelling", "power"),
        ("a broken cable during protests", "cable"),
        ("government order and broken cable", "cable"),
        ("earthquake, technical problems", "disaster"),
    ],
)
def test_what_needs_nobodys_decision_goes_first(text: str, kind: str) -> None:
    assert cause_kind(text) == kind


def test_both_sides_of_how_much_is_looked_at() -> None:
    word = "earthquake"
    assert cause_kind("x" * (CHARS - len(word) - 1) + " " + word) == "disaster"
    assert cause_kind("x" * CHARS + " " + word) is None


@given(st.text(max_size=600))
def test_any_text_has_a_kind_or_none(text: str) -> None:
    assert cause_kind(text) in {None, *SIBLINGS}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "unknown"),
        ({"cause": "Other"}, "unknown"),
        ({"cause": "exam cheating"}, "ordered"),
        ({"ordered_by": "Ministry of Communications"}, "ordered"),
        ({"cause": "обрыв кабеля"}, "technical"),
        ({"cause": "cable cut", "ordered_by": "the governor"}, "ordered"),
        ({"cause": "cable cut", "attribution": "denied"}, "denied"),
        ({"cause": "cable cut", "attribution": "ordered"}, "ordered"),
        ({"cause": "exam cheating", "known_s": START_S - 1}, "announced"),
        ({"cause": "cable cut", "known_s": START_S - 1}, "announced"),
        ({"cause": "exam cheating", "known_s": START_S}, "ordered"),
        ({"cause": "exam cheating", "known_s": START_S + 1}, "ordered"),
        ({"attribution": "unknown", "known_s": START_S - 1}, "unknown"),
    ],
)
def test_what_a_report_says_of_the_reason(said: dict[str, Any], expected: str) -> None:
    assert attribution(report(**said), START_S) == expected


@pytest.mark.parametrize("kind", ["operator", "government", "organisation"])
def test_who_says_it_makes_no_order_of_a_broken_cable(kind: Any) -> None:
    who = Reporter(kind=kind, name="Gamtel")
    assert attribution(report(cause="cable cut", reporter=who), START_S) == "technical"
