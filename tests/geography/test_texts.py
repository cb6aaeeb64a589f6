"""Places named in sentences, as people write them."""

from __future__ import annotations

import pytest

from streams import geography


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Cut off: Almaty, Nur-Sultan and Atyrau", {"Almaty": 1526384, "Nur-Sultan": 1526273, "Atyrau": 610529}),
        ("нет интернета в Алматы и Нур-Султане с двух часов", {"Алматы": 1526384, "Нур-Султане": 1526273}),
        ("в Киеве пропал мобильный интернет", {"Киеве": 703448}),
        ("ရန်ကုန်မှာ အင်တာနက် ဖြတ်တောက်ခံရ", {"ရန်ကုန်": 1298824}),
        ("በአዲስ አበባ ኢንተርኔት ተቋርጧል", {"በአዲስ አበባ": 344979}),
        ("श्रीनगर में इंटरनेट बंद", {"श्रीनगर": 1255634}),
        ("北京没有互联网", {"北京": 1816670}),
        ("انقطاع الإنترنت في بغداد", {"بغداد": 98182}),
        ("I read it on my mobile, of course", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_cities(text: str, places: dict[str, int]) -> None:
    found = geography.find_places(text).places
    assert {one.name: one.place.city for one in found} == places
    for one in found:
        assert text[one.start : one.end] == one.name
        assert 0 < one.confidence < 1


def test_regions_and_how_far_it_reaches() -> None:
    reading = geography.find_places("12 districts of Rajasthan")
    assert [(one.name, one.place.region) for one in reading.places] == [("Rajasthan", "IND-3250")]
    assert reading.scope == "region"
    assert geography.find_places("Nationwide").scope == "nationwide"


def test_the_country_given_decides_between_homonyms() -> None:
    def country_of(country: str | None) -> set[str]:
        return {one.place.country for one in geography.find_places("Outage in Hyderabad", country).places}

    assert country_of("PK") == {"PK"}
    assert country_of("IN") == country_of(None) == {"IN"}


def keys(text: str, country: str | None = None) -> list[str]:
    return [found.key for found in geography.find_places(text, country)]


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("Mobile internet is down", None, []),
        ("I took a bath and read it on my mobile, of course", None, []),
        ("Outage in Mobile, Alabama", None, ["US/@4076598", "US/USA-3541"]),
        ("Protest in Van, Turkey", None, ["TR/@298117", "TR"]),
        ("John Hassan and Peter Young were arrested on Monday", None, []),
        ("Protest on Avenida Paulista", "BR", []),
        ("Protests in Tbilisi, Georgia", None, ["GE/@611717", "GE"]),
        ("Outage in Atlanta and Savannah, Georgia", None, ["US/@4180439", "US/@4221552", "US/USA-3543"]),
        ("almaty and astana are offline", None, ["KZ/@1526384", "KZ/@1526273"]),
        ("нурсултан", None, ["KZ/@1526273"]),
        ("Rangoon", None, ["MM/@1298824"]),
        ("The US and the UK condemn it", None, ["US", "GB"]),
        ("À Tunis, Tunisie", None, ["TN/@2464470", "TN"]),
        ("Protest in Sidama", None, ["ET/ETH-3129"]),
        ("Abay street 12", "KZ", []),
        ("Hong Kong", "CN", ["HK/@1819729"]),
        ("d'Abidjan à l'Algérie", None, ["CI/@2293538", "DZ"]),
    ],
)
def test_evidence(text: str, country: str | None, found: list[str]) -> None:
    assert keys(text, country) == found


@pytest.mark.parametrize(
    ("text", "country", "scope", "places", "exceptions", "unspecified"),
    [
        ("National except Kurdish areas", "IQ", "nationwide", [], ["IRQ+IQ-KR"], False),
        ("12 districts of Rajasthan", "IN", "region", ["IND-3250"], [], True),
        ("several cities", "KZ", "city", [], [], True),
        ("Nationwide", None, "nationwide", [], [], False),
        ("по всей стране, кроме Алматы", "KZ", "nationwide", [], ["KAZ-4829"], False),
        ("पूरे देश में, दिल्ली को छोड़कर", "IN", "nationwide", [], ["IND-2428"], False),
        ("全国断网", "CN", "nationwide", [], [], False),
        ("Internet cut in Gabon", None, "nationwide", [], [], False),
        ("Srinagar and Jammu", "IN", "city", ["IND-2431", "IND-2431"], [], False),
        ("nothing to see", None, None, [], [], False),
    ],
)
def test_what_is_said_as_a_whole(  # one row a sentence
    text: str,
    country: str | None,
    scope: str | None,
    places: list[str],
    exceptions: list[str],
    unspecified: bool,
) -> None:
    reading = geography.find_places(text, country)
    assert reading.scope == scope
    assert [found.place.region for found in reading.places] == places
    assert [found.place.region for found in reading.exceptions] == exceptions
    assert bool(reading.left_out) == bool(exceptions)
    assert reading.unspecified == unspecified


def test_namesakes_are_told() -> None:
    (found,) = geography.find_places("Protests in Aurangabad").places
    assert found.place.city == 1278149
    assert {place.region for place in found.alternatives} >= {"IND-3258"}
    bihar = geography.find_places("Protests in Aurangabad, Bihar").places[0]
    assert bihar.place.region == "IND-3258"


def test_many_texts_are_read_in_order() -> None:
    texts = ["Almaty", "nothing", "Atyrau"]
    assert [[found.key for found in reading] for reading in geography.find_all(texts)] == [keys(t) for t in texts]


@pytest.mark.parametrize(
    "text", ["\x00", "a" * 100_000, "א" * 5_000, "\n\n", "🙂" * 100, "အ" * 5_000, "北" * 5_000, "''’’"]
)
def test_any_text_is_read(text: str) -> None:
    for found in geography.find_places(text):
        assert text[found.start : found.end] == found.name


def test_a_country_that_is_none_has_no_places() -> None:
    assert len(geography.find_places("Almaty", "ZZ")) == 0


@pytest.mark.parametrize(
    ("text", "places", "exceptions"),
    [
        ("All of Manipur but Imphal", ["Manipur"], ["Imphal"]),
        ("All of Rohtak, but also Sonipat", ["Rohtak", "Sonīpat"], []),
        ("Rohtak but Sonipat too", ["Rohtak", "Sonīpat"], []),
    ],
)
def test_but_leaves_out_only_after_all(text: str, places: list[str], exceptions: list[str]) -> None:
    area = geography.read_area(text, "IN")
    assert [place.name for place in area.places] == places
    assert [place.name for place in area.exceptions] == exceptions
