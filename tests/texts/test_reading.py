"""What texts say, beyond the marked set: moods, what was cut, languages within a text, and nonsense."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.geography import read_moment
from streams.texts import read_protest, read_text
from streams.texts.languages import SCRIPTS
from streams.texts.lexicon import LANGUAGES, NAMES, WORDS, causes, lexicon, service_names
from streams.texts.privacy import redacted
from streams.texts.tokens import blanked, sentences

PUBLISHED_S = 1_663_763_400


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Internet is down in Almaty", "down"),
        ("Internet is not down in Almaty", "denied"),
        ("Internet is back in Almaty", "restored"),
        ("Internet is not back in Almaty yet", "down"),
        ("Internet works in Almaty", "restored"),
        ("Internet does not work in Almaty", "down"),
        ("Internet may be cut in Almaty", "supposed"),
        ("If internet is cut in Almaty, we are lost", "supposed"),
        ("Is internet down in Almaty?", "asked"),
        ("Internet was cut in Almaty last year", "remembered"),
        ("Officials denied that internet was cut in Almaty", "denied"),
        ("There is no internet outage in Almaty", "denied"),
        ("There is no internet in Almaty", "down"),
        ("Internet is slow in Almaty", "slow"),
        ("Snow is falling in Almaty", "nothing"),
        ("Internet cafe in Almaty shut down", "nothing"),
        ("", "nothing"),
        ("🔥🔥🔥", "nothing"),
        ("123 456", "nothing"),
    ],
)
def test_moods(text: str, about: str) -> None:
    assert read_text(text, PUBLISHED_S).about == about


@pytest.mark.parametrize(
    ("text", "extent", "networks", "services"),
    [
        ("No internet in Almaty", "full", (), ()),
        ("No mobile internet in Almaty", "full", ("mobile",), ()),
        ("Home internet and mobile data are down in Almaty", "full", ("broadband", "mobile"), ()),
        ("WhatsApp and Telegram are blocked in Almaty", "service", (), ("telegram", "whatsapp")),
        ("All social media is blocked in Almaty", "service", (), ("social-media",)),
        ("Internet is throttled in Almaty", "throttling", (), ()),
        ("Internet disruption in Almaty", None, (), ()),
    ],
)
def test_what_was_cut(text: str, extent: str | None, networks: tuple[str, ...], services: tuple[str, ...]) -> None:
    reading = read_text(text, PUBLISHED_S)
    assert (reading.verdict, reading.extent, reading.networks, reading.services) == (
        "report",
        extent,
        networks,
        services,
    )


def test_causes() -> None:
    assert read_text("Internet cut in Baghdad because of exams", PUBLISHED_S).cause == "exam"
    assert read_text("Internet cut in Almaty after a cable was damaged", PUBLISHED_S).cause == "cable"
    assert {"exam", "protest", "election"} <= causes()
    assert "whatsapp" in service_names()


@pytest.mark.parametrize(
    ("text", "home", "cause"),
    [
        ("Power outage knocks out the internet in Lahore", "PK", "power cut"),
        ("Internet down in Banjul after a cable cut, no order was given", "GM", "cable"),
        ("Internet is down in Nuku'alofa after a volcanic eruption", "TO", "weather"),
        (
            "Internet outage in Erbil is due to a technical fault, not an order, the ministry says",
            "IQ",
            "technical",
        ),
        ("A cyberattack takes the internet down in Tbilisi", "GE", "attack"),
        ("Сильный ветер оборвал линии, интернета нет в Костанае", "KZ", "weather"),
        ("Из-за кибератаки в Алматы не работает интернет", "KZ", "attack"),
        ("Обесточена подстанция, в Караганде нет интернета", "KZ", "power cut"),
        ("Буревій: в Одесі немає інтернету", "UA", "weather"),
        ("Coupure du câble sous-marin: plus d'internet à Abidjan", "CI", "cable"),
        ("Panne d'électricité à Kinshasa: pas d'internet", "CD", "power cut"),
        ("Corte de luz deja sin internet a Caracas", "VE", "power cut"),
        ("Apagón deja sin internet a Maracaibo", "VE", "power cut"),
        ("Falta de energia deixa Luanda sem internet", "AO", "power cut"),
        ("انقطاع الكهرباء يتسبب في انقطاع الإنترنت في بغداد", "IQ", "power cut"),
        ("Elektrik kesintisi nedeniyle Diyarbakır'da internet kesildi", "TR", "power cut"),
        ("Apagón de internet en Maracaibo", "VE", ""),
        ("Government orders internet shutdown in Baghdad", "IQ", ""),
    ],
)
def test_a_text_that_names_a_cause_still_says_that_it_is_down(text: str, home: str, cause: str) -> None:
    reading = read_text(text, PUBLISHED_S, home)
    assert (reading.verdict, reading.cause) == ("report", cause)
    assert cause in {"", *causes()}


@pytest.mark.parametrize(
    "text",
    [
        "The internet works normally, the ministry says. No order was given to cut it in Almaty.",
        "No order was given to shut down the internet in Baghdad, the ministry says",
        "Ministry: no instructions were issued to cut the internet in Erbil",
        "The government did not order an internet shutdown in Baghdad",
        "The interior ministry denies ordering an internet shutdown in Erbil",
        "Министерство: распоряжений об отключении интернета в Алматы не давали",
        "Интернет в Алматы работает в обычном режиме, заявили в министерстве",
        "Міністерство: наказу про відключення інтернету в Києві не надходило",
        "Aucun ordre de couper internet à Kinshasa n'a été donné, selon le ministère",
        "Le gouvernement n'a pas ordonné la coupure d'internet à Kinshasa",
        "El gobierno no ordenó cortar internet en Caracas",
        "O ministério diz que nenhuma ordem foi dada para cortar a internet em Luanda",
        "لم تصدر أي أوامر بقطع الإنترنت في بغداد",
        "الوزارة: الإنترنت يعمل بشكل طبيعي في بغداد",
        "Bakanlık: Diyarbakır'da internetin kesilmesi için talimat verilmedi",
        "وزارت ارتباطات: دستوری برای قطع اینترنت در تهران صادر نشده است",
        "मंत्रालय: जयपुर में इंटरनेट बंद करने का कोई आदेश नहीं दिया गया",
        "وزارت: لاہور میں انٹرنیٹ بند کرنے کا کوئی حکم نہیں دیا گیا",
    ],
)
def test_a_denial_claims_no_cut(text: str) -> None:
    reading = read_text(text, PUBLISHED_S)
    assert (reading.verdict, reading.about in ("denied", "restored", "supposed")) == ("none", True)


@pytest.mark.parametrize(
    ("text", "unordered"),
    [
        ("Internet is down in Banjul after a cable cut, no order was given", True),
        ("Internet is down in Banjul after an order", False),
        ("После приказа об отключении в Алматы нет интернета", False),
        ("В Алматы нет интернета. Приказа не было", True),
        ("به دستور دولت اینترنت در تهران قطع شد", False),
    ],
)
def test_what_nobody_ordered(text: str, unordered: bool) -> None:
    reading = read_text(text, PUBLISHED_S)
    assert (reading.verdict, reading.unordered) == ("report", unordered)


def test_two_languages_in_one_text() -> None:
    reading = read_text("Алматыда интернет жоқ. В Алматы нет интернета. No internet in Almaty.", PUBLISHED_S)
    assert (reading.verdict, [place.name for place in reading.places]) == ("report", ["Almaty"])


def test_home_decides_between_towns_of_one_name() -> None:
    text = "No internet in Hyderabad"
    assert read_text(text, PUBLISHED_S, "PK").country == "PK"
    assert read_text(text, PUBLISHED_S, "IN").country == "IN"
    assert read_text("No internet", PUBLISHED_S, "PK").places == ()


@pytest.mark.parametrize("address", ["Abay street 12", "ул. Абая", "улица Абая", "Abay 12,"])
def test_streets_are_no_places(address: str) -> None:
    reading = read_text(f"No internet in Almaty, {address} here", PUBLISHED_S)
    assert [place.name for place in reading.places] == ["Almaty"]


def test_addresses_on_the_net_say_nothing() -> None:
    text = (
        "Internet down? see https://internet.example/down-in-almaty and t.me/almaty, mail a@almaty.example @almaty"
    )
    assert "almaty" not in blanked(text)
    assert len(blanked(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Hundreds protest in Almaty", True),
        ("Вчера в Алматы прошёл митинг", True),
        ("Manifestation à Conakry ce matin", True),
        ("Opposition will protest in Almaty tomorrow", False),
        ("No protests in Almaty? Is there a rally?", False),
        ("Ten years ago there were protests in Almaty", False),
        ("Protests somewhere", False),
        ("Snow in Almaty", False),
    ],
)
def test_protests(text: str, tells: bool) -> None:
    assert (read_protest(text, PUBLISHED_S) is not None) is tells


@settings(max_examples=60)
@given(st.text(max_size=400), st.integers(700_000_000, 4_000_000_000))
def test_any_text_is_read(text: str, published_s: int) -> None:
    reading = read_text(text, published_s)
    assert reading == read_text(text, published_s)
    assert 0 <= reading.confidence < 1
    assert (reading.verdict == "none") or reading.start
    read_protest(text, published_s)


WORDS_OF_TIME = (
    "since until at 14:00 2 pm am yesterday today Monday 28 February 30 31 2021 99 0 ago hours days for night in "
    "noon two 24:00 00:00 25 1400 5-8 May - from to between and"
)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(WORDS_OF_TIME.split()), max_size=9))
def test_any_time_is_a_moment(words: list[str]) -> None:
    reading = read_text(f"Internet is down in Almaty {' '.join(words)}", PUBLISHED_S)
    if reading.verdict == "report":
        begin = read_moment(reading.start, "Asia/Almaty")[0]
        assert begin <= PUBLISHED_S + 86_400 + 1_800
        if reading.end:
            read_moment(reading.end, "Asia/Almaty")


def test_a_text_without_an_end_is_read_in_time() -> None:
    """What somebody posts to keep us busy: a second for a whole text is far more than it takes."""
    for text in (
        "internet down not since 14:00 " * 300,
        "интернет " * 900,
        "ж" * 8_000,
        "14:00 " * 1_300,
        "a@" * 4_000,
    ):
        begun = time.perf_counter()
        read_text(text, PUBLISHED_S)
        redacted(text)
        assert time.perf_counter() - begun < 5


def test_every_language_has_the_words_it_needs() -> None:
    assert sorted(path.stem for path in Path(WORDS).glob("*.tsv")) == sorted([*LANGUAGES, *NAMES])
    assert sorted(one for group in SCRIPTS.values() for one in group) == sorted(LANGUAGES)
    needed = (
        "net",
        "line",
        "mobile",
        "cut",
        "trouble",
        "slow",
        "back",
        "not",
        "maybe",
        "if",
        "past",
        "deny",
        "still",
    )
    times = ("since", "until", "today", "yesterday", "morning", "evening", "night", "hour", "day", "ago", "protest")
    for language in LANGUAGES:
        lines = (WORDS / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
        kinds = [line.split("\t")[0] for line in lines]
        assert len(kinds) == len(set(kinds)), language
        missing = [kind for kind in (*needed, *times) if kind not in kinds]
        assert not missing, (language, missing)
        assert all(re.fullmatch(r"[^\t]+\t[^\t]+", line) for line in lines), language
        assert lexicon(language).settings["order"] in ("before", "after")


def test_sentences() -> None:
    found = list(sentences("No internet, at 2.30 p.m. in Almaty. Really? Да। हाँ।"))
    assert [one.asks for one in found] == [False, True, False, False]
    words = ["no", "internet", "at", "2", "30", "pm", "in", "almaty"]
    assert [token.folded for token in found[0].tokens] == words
    assert [token.part for token in found[0].tokens] == [0, 0, 1, 1, 1, 1, 1, 1]


RELEASE = """Civil society reports internet shutdowns in two cities

Our group received a report that an internet shutdown was detected in two major cities, Almaty and Nur-Sultan, on \
February 28, 2021, from approximately 14:00 to 17:00 local time. Measurements also indicate network disruptions. \
The shutdown coincides with protests. There have also been reports of shutdowns in other cities, such as Atyrau, \
but no measurements are available. The right to assembly is guaranteed by the national constitution. If you have \
more information, please let us know."""


def test_a_release_of_many_sentences() -> None:
    reading = read_text(RELEASE, 1_614_945_600)
    assert (reading.verdict, reading.country, reading.scope) == ("report", "KZ", "local")
    assert [place.name for place in reading.places] == ["Almaty", "Astana", "Atyrau"]
    assert (reading.start, reading.end) == ("2021-02-28T14:00", "2021-02-28T17:00")
    protest = read_protest(RELEASE + " Hundreds protested in Almaty.", 1_614_945_600)
    assert protest is not None


@pytest.mark.parametrize(
    ("text", "places", "scope"),
    [
        ("Nationwide internet outage in Iran, also in Tehran", [], "national"),
        ("По всей стране нет интернета, пишут из Алматы", [], "national"),
        ("The national operator is down: no internet in Almaty", ["Almaty"], "local"),
        ("Internet is down in Almaty. The team flew to Astana for a match.", ["Almaty"], "local"),
        ("Internet is down in several cities.\nAlmaty\nAstana", ["Almaty", "Astana"], "local"),
        ("нет интернета в алматы", ["Almaty"], "local"),
        ("No internet in Iran", [], "national"),
    ],
)
def test_how_wide_it_is(text: str, places: list[str], scope: str) -> None:
    reading = read_text(text, PUBLISHED_S)
    assert ([place.name for place in reading.places], reading.scope) == (places, scope)
