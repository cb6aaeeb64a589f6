"""Names as they stand in sentences: folded, with endings, in other letters, by their sound, spelt wrongly."""

from __future__ import annotations

import pytest

from streams.geography import tables
from streams.geography.fold import fold
from streams.geography.names import common
from streams.geography.roman import romanised
from streams.geography.sounds import sound_key
from streams.geography.spelling import nearest
from streams.geography.variants import script, variants


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nur-Sultan", "nur sultan"),
        ("Côte d’Ivoire", "COTE DIVOIRE"),
        ("Магілёў", "Магілеу"),
        ("كوردستان", "کوردستان"),
        ("می‌شود", "میشود"),
        ("ሐዋሳ", "ሀዋሳ"),
        ("ዓዲስ", "አዲስ"),
        ("阿拉木圖", "阿拉木图"),
    ],
)
def test_folding(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Москве", "Москва"),
        ("Хабаровска", "Хабаровск"),
        ("Свердловской", "Свердловская"),
        ("Києва", "Київ"),
        ("Донецькій", "Донецька"),
        ("Тернополя", "Тернопіль"),
        ("Магілёве", "Магілёў"),
        ("Брэсце", "Брэст"),
        ("Атырауда", "Атырау"),
        ("Таразда", "Тараз"),
        ("والبصرة", "البصرة"),
        ("بالقاهرة", "القاهرة"),
        ("በጎንደር", "ጎንደር"),
        ("ঢাকায়", "ঢাকা"),
        ("চট্টগ্রামে", "চট্টগ্রাম"),
    ],
)
def test_endings_and_prefixes(written: str, name: str) -> None:
    assert fold(name) in variants(fold(written))


def test_no_form_is_the_word_itself_or_one_letter() -> None:
    for word in ("алматы", "оша", "وان", "ከተማ"):
        assert word not in variants(word)
        assert all(len(form) > 1 for form in variants(word))
    assert variants("almaty") == ()


@pytest.mark.parametrize(
    ("word", "latin"),
    [("ትግራይ", "tigray"), ("ኦሮሚያ", "oromiya"), ("सोनीपत", "sonipat"), ("গাজীপুর", "gajipur"), ("Almaty", None)],
)  # fmt: skip
def test_other_letters_in_latin_ones(word: str, latin: str | None) -> None:
    assert (latin in romanised(fold(word))) if latin else romanised(fold(word)) == ()


def test_names_that_sound_alike_have_one_key() -> None:
    assert sound_key("hawassa") == sound_key("awasa")
    assert sound_key("dibrugarh") == sound_key("dibrugadh".replace("dh", "rh"))
    assert sound_key("ab") == ""
    assert sound_key("gondar").startswith("~")
    assert sound_key("gondar") not in (fold(sound_key("gondar")), "")


@pytest.mark.parametrize(
    ("written", "country", "name"),
    [("budgam", "IN", "Badgam"), ("udiapur", "IN", "Udaipur"), ("trujillio", "VE", "Trujillo")],
)
def test_spelt_wrongly(written: str, country: str, name: str) -> None:
    known = tables.gazetteer()
    assert name in {known.names[row] for row, _ in nearest(written, known.number[country])}


@pytest.mark.parametrize("written", ["qwertyville", "budg", "shaktipur", "алматти", ""])
def test_what_is_near_no_name(written: str) -> None:
    assert nearest(written, tables.gazetteer().number["IN"]) == ()


def test_common_words_are_told_and_large_places_are_none() -> None:
    assert {"mobile", "bath", "van", "of"} <= common()
    assert not {"turkey", "georgia", "chad", "mali", "moscow", "london"} & common()


def test_scripts() -> None:
    words = {"almaty": "latin", "алматы": "cyrillic", "تهران": "arabic", "दिल्ली": "devanagari", "ঢাকা": "bengali"}
    words |= {"ရန်ကုန်": "burmese", "አዲስ": "ethiopic", "北京": "han", "서울": "hangul", "თბილისი": "georgian"}
    words |= {"երևան": "armenian", "חיפה": "hebrew", "αθηνα": "greek", "சென்னை": "tamil", "ⴰⴳⴰⴷⵉⵔ": "other"}
    assert {word: script(word) for word in words} == words
