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
