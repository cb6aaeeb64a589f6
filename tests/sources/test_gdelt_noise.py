"""GDELT's noise: each rule on both sides of its bound, what one story is, and the native file read by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from urllib.parse import quote

import pytest

from streams.protests import ProtestsStage
from streams.sources import gdelt
from streams.sources.gdelt_noise import doubts, precision, story_of
from streams.sources.gdelt_rows import Event, Mention
from tests.claims.reports import pieces
from tests.sources.published import accepted, published, rejected
from topics import NewsItem

NATIVE = "gdelt_20191024143000.export.CSV"

EVENT = Event(
    id="1",
    day=dt.date(2020, 8, 20),
    actors=("STUDENT", "POLICE"),
    is_root=True,
    code="141",
    mentions=10,
    sources=1,
    articles=10,
    tone=-4.0,
    geo_type=4,
    geo_name="Minsk, Belarus (general), Belarus",
    fips="BO",
    country="BY",
    latitude="53.9",
    longitude="27.5667",
    feature="-1946324",
    added_s=1_597_933_800,
    url="https://paper.example/2020/08/20/students-march-in-the-capital",
)


def told(slug: str, sections: str = "2020/08/20") -> Event:
    return replace(EVENT, url=f"https://paper.example/{sections}/{slug}")


def mention(confidence: int) -> Mention:
    return Mention("1", EVENT.added_s, "paper.example", EVENT.url, in_raw_text=True, confidence=confidence)


def test_a_plain_protest_is_believed_without_doubt() -> None:
    verdict = doubts(EVENT, [mention(100)])
    assert (verdict.refused, verdict.flags) == ("", ())


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (replace(EVENT, is_root=False), "IsRootEvent is 0"),
        (replace(EVENT, day=dt.date(2020, 8, 12)), "dated days before"),
        (replace(EVENT, day=dt.date(2019, 8, 20)), "dated days before"),
        (replace(EVENT, tone=0.5), "friendly tone"),
        (replace(EVENT, mentions=2, actors=("", "POLICE")), "hardly attested"),
        (replace(EVENT, code="140", url="https://paper.example/students-and-the-minister"), "dissent of no kind"),
        (told("students-march", "tag"), "lists articles"),
        (told("students-march", "opinion/2020"), "opinion, sport"),
        (told("fans-rally-behind-their-club", "sport"), "opinion, sport"),
        (told("the-1956-revolution-commemorated"), "retrospective by its title"),
        (told("ten-years-ago-today-remembering-the-square"), "retrospective by its title"),
        (told("il-y-a-trente-ans-une-histoire-de-la-place"), "retrospective by its title"),
        (told(quote("годовщина-площади")), "retrospective by its title"),
    ],
)  # fmt: skip
def test_what_is_refused(event: Event, reason: str) -> None:
    assert reason in doubts(event, ()).refused


@pytest.mark.parametrize(
    "event",
    [
        replace(EVENT, day=dt.date(2020, 8, 13)),
        replace(EVENT, tone=0.0),
        replace(EVENT, mentions=3, actors=("", "POLICE")),
        replace(EVENT, mentions=2),
        replace(EVENT, code="140", url="https://paper.example/students-protest-in-minsk"),
        replace(EVENT, url=""),
        replace(EVENT, url="https://paper.example/"),
        told("students-march", "news/world"),
        told("protest-on-the-anniversary-of-the-uprising"),
        told("4000-march-in-2020"),
    ],
)
def test_what_is_kept(event: Event) -> None:
    assert doubts(event, ()).refused == ""


@pytest.mark.parametrize(
    ("confidence", "refused", "flags"), [(20, True, ()), (30, False, ("low-confidence",)), (50, False, ())]
)
def test_gdelts_own_confidence(confidence: int, refused: bool, flags: tuple[str, ...]) -> None:
    verdict = doubts(EVENT, [mention(10), mention(confidence)])
    assert (bool(verdict.refused), verdict.flags) == (refused, flags)


def test_flags() -> None:
    weak = replace(EVENT, mentions=2, geo_type=1)
    assert doubts(weak, ()).flags == ("few-mentions", "country-only")
    assert doubts(replace(EVENT, actors=("", "X")), ()).flags == ("no-protester",)


@pytest.mark.parametrize(
    ("geo_type", "point", "expected"),
    [
        (0, ("", ""), None),
        (1, ("60", "100"), "country"),
        (2, ("42.1", "-74.9"), "region"),
        (5, ("28", "76"), "region"),
        (4, ("53.9", "27.5667"), "city"),
        (3, ("41.85", "-87.65"), "city"),
        (4, ("28", "76"), "country"),
        (4, ("28", "76.5"), "city"),
    ],
)
def test_what_coordinates_stand_for(geo_type: int, point: tuple[str, str], expected: str | None) -> None:
    assert precision(replace(EVENT, geo_type=geo_type, latitude=point[0], longitude=point[1])) == expected


def test_one_story_on_many_sites_is_one() -> None:
    first = story_of("https://a.example/news/unions-march-against-the-cuts/article_1066653a-c18e.html")
    assert first == story_of("http://www.b.example/unions-march-against-the-cuts-66495029?utm=1")
    assert first != story_of("https://a.example/news/unions-march-against-the-war")
    short = story_of("https://a.example/news/protest-12")
    assert (
        short
        == story_of("http://www.a.example/news/protest-12/#top")
        != story_of("https://b.example/news/protest-12")
    )


@pytest.mark.data
def test_the_native_file_as_read_by_hand() -> None:
    """What docs/PROTESTS.md says: what is kept of the protest rows, and that no false one is among them."""
    rows = list(gdelt.read(published(NATIVE)))
    kept = [row.record for row in accepted(rows)]
    assert all(isinstance(one, NewsItem) for one in kept)
    links = [one.origin.reference or "" for one in kept if isinstance(one, NewsItem)]
    assert len(links) == 2
    assert any("greek-unions" in link for link in links)
    assert any("stage-gugulethu-shutdown-in-protest" in link for link in links)
    protests = [row for row in rejected(rows) if "EventRootCode" not in row.reason]
    assert len(protests) + len(kept) == 31
    assert sum(row.reason == "no place" for row in protests) == 4
    located = [piece for one in kept for piece in pieces(ProtestsStage(), one)]
    assert {piece.country for piece in located} == {"GR", "ZA"}
    assert len({piece.lineage for piece in located}) == 2
