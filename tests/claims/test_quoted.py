"""Whose word a medium prints: sources in texts of many languages, and names that are no source."""

from __future__ import annotations

import pytest

from streams.claims.quoted import CHARS, quoted


@pytest.mark.parametrize(
    "text",
    [
        "NetBlocks said that the internet was cut in Almaty.",
        "The internet was cut in Almaty, NetBlocks reported on Sunday.",
        "According to NetBlocks, the internet was cut in Almaty.",
        "По данным NetBlocks, интернет отключён в Алматы.",
        "NetBlocks: интернет отключён в Алматы",
        "NetBlocks хабарлады: интернет өшірілді",
        "Selon NetBlocks, l'internet est coupé à Bamako.",
        "L'internet est coupé à Bamako, a indiqué NetBlocks dans un communiqué.",
        "Según NetBlocks, internet fue cortado en Caracas.",
        "Segundo a NetBlocks, a internet foi cortada.",
        "De acordo com NetBlocks, a internet foi cortada.",
        "NetBlocks açıkladı: internet kesildi.",
        "NetBlocks أفادت بانقطاع الإنترنت في الخرطوم",
        "NetBlocks 称互联网中断",
        "Kwa mujibu wa NetBlocks, intaneti imekatwa.",
    ],
)
def test_one_source_in_many_languages(text: str) -> None:
    assert quoted(text) == "NetBlocks"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Access Now received a report that the internet was cut.", "Access Now"),
        ("The Internet Society said that the internet was cut.", "Internet Society"),
        ("Internet Society Mali said that the internet was cut.", "Internet Society Mali"),
        ("The internet was cut in Delhi, Reuters reported.", "Reuters"),
        ("Интернет отключён, сообщает Interfax.", "Interfax"),
    ],
)
def test_names_of_several_words_and_agencies(text: str, source: str) -> None:
    assert quoted(text) == source


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "The internet was cut in Port Sudan on Friday.",
        "In New Delhi, residents said the internet was cut.",
        "People in Port Sudan said the internet was cut.",
        "Internet Shutdown In Almaty, Officials Say",
        "INTERNET WAS CUT IN ALMATY, ACCESS NOW SAID",
        "The internet was cut in Almaty. Access Now was founded in 2009.",
        "Интернет отключён в Алматы, говорят жители.",
        "انقطع الإنترنت في الخرطوم",
    ],
)
def test_no_source(text: str | None) -> None:
    assert quoted(text) is None


def test_a_medium_is_no_source_of_its_own() -> None:
    text = "Media Alliance said that the internet was cut, and so Access Now reported."
    assert quoted(text, "Media Alliance") == "Access Now"
    assert quoted(text, "media  alliance") == "Access Now"
    assert quoted(text, "Le Monde") == "Media Alliance"


def test_both_sides_of_how_much_of_a_text_is_looked_at() -> None:
    source = "According to NetBlocks"
    before = "a " * ((CHARS - len(source)) // 2)
    assert quoted(before + source) == "NetBlocks"
    assert quoted(before + "a " * len(source) + source) is None
