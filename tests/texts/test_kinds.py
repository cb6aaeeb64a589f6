"""The marked texts of the hard kinds, and each kind by itself: persons, sites, speakers, times, ends."""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.text_kinds import marked, score
from benchmarks.text_posts import posts
from benchmarks.texts import marked as everyday
from streams.geography import country_place
from streams.texts import TextReading, read_protest, read_text
from streams.texts.concluding import concluded
from streams.texts.lexicon import DOUBTFUL, LANGUAGES, WORDS, lines
from streams.texts.operators import countries_of
from streams.texts.parsing import parsed
from streams.texts.prefilter import may_tell_of_a_cut, may_tell_of_a_protest

TEXTS = [one.text for one in marked()] + [one.text for one in everyday()]


def at(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC).timestamp())


def read(text: str, published: str, home: str | None = None) -> TextReading:
    return read_text(text, at(published), home)


@pytest.mark.parametrize("half", ["tune", "hold"])
def test_precision_and_recall(half: str) -> None:
    counts, missed = score(one for one in marked() if one.half == half)
    of_all = counts["all"]
    words = "\n".join(f"{', '.join(wrong)}: {one.text}" for one, wrong in missed)
    assert of_all["hit"] / (of_all["hit"] + of_all["false"]) >= 0.95, words
    assert of_all["hit"] / (of_all["hit"] + of_all["missed"]) >= 0.9, words
    for part in ("where", "when", "what"):
        assert of_all[part] / of_all["hit"] >= 0.95, words


def test_the_set_is_what_the_docs_say_it_is() -> None:
    texts = marked()
    assert len(texts) >= 200
    assert len({one.text for one in texts}) == len(texts)
    assert len({one.language for one in texts}) >= 12
    assert all(one.half == ("hold" if zlib.crc32(one.text.encode()) % 2 else "tune") for one in texts)
    halves = Counter(one.half for one in texts)
    assert min(halves.values()) > 100
    for kind in {one.kind for one in texts}:
        assert len({one.language for one in texts if one.kind == kind}) >= 6, kind


def test_the_prefilter_loses_nothing() -> None:
    for text in TEXTS:
        said = concluded(parsed(text).judged)
        if said.about not in ("nothing", "restored"):
            assert may_tell_of_a_cut(text), text
    # What says nothing of a cut is put away by it: most posts are.
    assert sum(may_tell_of_a_cut(post) for post in posts(200)) < 100


@given(st.sampled_from(TEXTS), st.integers(0, 40))
def test_the_prefilter_looks_at_sentences_as_reading_does(text: str, cut: int) -> None:
    part = text[cut:]
    if not may_tell_of_a_cut(part):
        assert read_text(part, at("2022-09-21T12:30")).verdict == "none"
    if not may_tell_of_a_protest(part):
        assert read_protest(part, at("2022-09-21T12:30")) is None


@pytest.mark.parametrize(
    "text",
    [
        "A lawyer was detained in Grodno, contact with her was lost at 11 am",
        "В Гродно задержан адвокат, в 11:00 связь с ним оборвалась",
        "У Бресті затримали журналістку, зв'язок із нею зник об 11:00",
        "Avocat arrêté à Lomé : son téléphone est éteint depuis hier",
        "La familia no logra comunicación con el activista detenido en Masaya",
        "انقطع الاتصال بالمحامي المعتقل في عدن منذ أمس",
        "تماس با وکیل بازداشت‌شده در رشت از دیروز قطع است",
        "Wakili aliyekamatwa Arusha, simu yake imezimwa tangu jana",
        "Kontak dengan relawan di Timika terputus sejak semalam, keluarga cemas",
    ],
)
def test_a_person_out_of_reach_is_no_network(text: str) -> None:
    assert read(text, "2022-09-21T12:30").verdict == "none"


@pytest.mark.parametrize(
    "text",
    [
        "A detained activist's lawyer says that the internet is down in Gomel",
        "Журналистов задержали в Гомеле. Мобильный интернет в городе не работает",
        "L'avocat du militant arrêté dit qu'internet est coupé à Lomé",
        "Periodistas detenidos en Masaya; no hay internet en la ciudad de Masaya",
        "اعتقال صحفيين في عدن، والإنترنت مقطوع في المدينة",
        "Wartawan ditahan, internet di Timika mati total",
    ],
)
def test_a_person_beside_a_cut_leaves_it_a_cut(text: str) -> None:
    reading = read(text, "2022-09-21T12:30")
    assert (reading.verdict, len(reading.places)) == ("report", 1)


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("MTN and Zain are both down in Bor since morning", ("mobile",)),
        ("Билайн и МТС не ловят в Дербенте", ("mobile",)),
        ("Ростелеком лежит в Дербенте", ("broadband",)),
        ("Orange et Moov ne fonctionnent plus à Bouaké", ("mobile",)),
        ("CANTV está caído en Maracay", ("broadband",)),
        ("ایرانسل در کرمان قطع است", ("mobile",)),
        ("شبكة زين مقطوعة في الأبيض", ("mobile",)),
        ("एयरटेल और जियो कोटा में बंद हैं", ("mobile",)),
        ("Vodacom haifanyi kazi Dodoma", ("mobile",)),
        ("Telkomsel mati di Merauke", ("mobile",)),
    ],
)
def test_an_operator_by_its_name_is_a_network(text: str, networks: tuple[str, ...]) -> None:
    reading = read(text, "2022-09-21T12:30")
    assert (reading.verdict, reading.networks, len(reading.places)) == ("report", networks, 1)


@pytest.mark.parametrize(
    "text",
    [
        "MTN cut its prices in Kampala, shares fell",
        "Orange coupe ses tarifs à Dakar",
        "orange juice is gone in Dakar",
        "МТС отключила салоны в Омске",
        "Movistar corta precios en Lima",
    ],
)
def test_an_operators_business_is_no_cut(text: str) -> None:
    assert read(text, "2022-09-21T12:30").verdict == "none"


@pytest.mark.parametrize(
    ("text", "country", "places"),
    [
        ("Our correspondent in Paris says that internet is down in Bamako", "ML", ["Bamako"]),
        ("NAIROBI (Reuters) - Internet is cut in Jimma", "ET", ["Jimma"]),
        ("NetWatch (Paris): internet in Chad has been cut since 8 am", "TD", []),
        ("Washington Post: internet cut in Havana", "CU", ["Havana"]),
        ("Internet cut nationwide in Uganda since 7 pm, says our correspondent in Nairobi", "UG", []),
        ("Рейтер (Москва) - в Бишкеке отключён интернет", "KG", ["Bishkek"]),
        ("Наш корреспондент в Москве сообщает: в Ереване нет интернета", "AM", ["Yerevan"]),
        ("RFI (Paris) : internet coupé à Conakry", "GN", ["Conakry"]),
        ("Según nuestro corresponsal en Madrid, no hay internet en Malabo", "GQ", ["Malabo"]),
        ("مراسل الجزيرة في الدوحة: الإنترنت مقطوع في الخرطوم", "SD", ["Khartoum"]),
        ("بی‌بی‌سی فارسی، لندن: اینترنت در تبریز قطع است", "IR", ["Tabriz"]),
        ("Londra muhabirimiz bildiriyor: Van'da internet yok", "TR", ["Van"]),
        ("KAMPALA (Reuters) - The internet is down, residents say", "UG", ["Kampala"]),
        ("Residents of Almaty say that there is no internet", "KZ", ["Almaty"]),
        ("ISLAMABAD: Internet is suspended in Quetta", "PK", ["Quetta"]),
        ("MIAMI (AP) — Internet was cut in Havana late on Wednesday", "CU", ["Havana"]),
        ("القاهرة - رويترز: انقطع الإنترنت في أم درمان", "SD", ["Omdurman"]),
        ("LIMA. Corte de internet en Cusco, informó RPP", "PE", ["Cusco"]),
        ("KAMPALA: internet is down since noon", "UG", ["Kampala"]),
        ("Police in Srinagar said that internet was suspended in the city", "IN", ["Srinagar"]),
        ("Ugandan government says that internet is shut down", "UG", []),
        ("Ethiopian authorities cut internet across the country, diplomats in Nairobi said", "ET", []),
        ("Les autorités gabonaises ont coupé internet, dit un diplomate à Paris", "GA", []),
        ("Иранские власти отключили интернет, сообщает источник в Москве", "IR", []),
        ("Internet in Ghana is down since 7 am. A cable off Abidjan was damaged", "GH", []),
    ],
)
def test_who_speaks_is_not_where_it_is_down(text: str, country: str, places: list[str]) -> None:
    reading = read(text, "2022-09-21T12:30")
    assert (reading.verdict, reading.country) == ("report", country)
    assert [place.name for place in reading.places] == places
    assert bool(places) is not (reading.scope == "national")


@pytest.mark.parametrize(
    ("text", "country", "places"),
    [
        ("Internet cut in Lucknow, Uttar Pradesh", "IN", ["Lucknow"]),
        ("Internet is down in Kota (Rajasthan)", "IN", ["Kota"]),
        ("Internet cut in Kota, Jaipur", "IN", ["Kota", "Jaipur"]),
        ("Internet cut in Mexico", "MX", []),
        ("Internet cut in Djibouti", "DJ", []),
    ],
)
def test_a_wider_place_only_says_where_a_place_lies(text: str, country: str, places: list[str]) -> None:
    reading = read(text, "2022-09-21T12:30")
    assert (reading.country, [place.name for place in reading.places]) == (country, places)


def test_a_papers_name_tells_no_time() -> None:
    reading = read("Dawn (Karachi): internet is suspended in Turbat", "2022-05-30T12:00")
    assert (reading.start, [place.name for place in reading.places]) == ("2022-05-30T12:00Z", ["Turbat"])


@pytest.mark.parametrize(
    ("text", "published", "start", "end"),
    [
        (
            "Internet in Kota suspended from 6 pm of 12.03.2024 to 6 pm of 13.03.2024",
            "2024-03-12T14:00",
            "2024-03-12T18:00",
            "2024-03-13T18:00",
        ),
        ("Internet in Kota is suspended since 05/03/2024", "2024-03-12T14:00", "2024-03-05", ""),
        ("Internet down in Miami since 3/5/2024", "2024-03-12T14:00", "2024-03-05", ""),
        ("Internet suspended in Kota for the next 24 hours", "2021-01-29T14:00", "", "2021-01-30T19:30"),
        (
            "Internet suspended in Kota for 48 hours from 6 pm today",
            "2021-01-29T14:00",
            "2021-01-29T18:00",
            "2021-01-31T18:00",
        ),
        ("Internet suspended in Kota till 5 pm on February 3", "2021-01-29T14:00", "", "2021-02-03T17:00"),
        ("Internet cut in Kota from 14:00 until Monday", "2022-09-21T12:30", "2022-09-21T14:00", "2022-09-26"),
        ("Internet suspended in Kota till noon on Sunday", "2023-03-18T12:00", "", "2023-03-19T12:00"),
        ("Internet coupé à Thiès depuis le 1er juin à 18h30", "2023-06-02T12:00", "2023-06-01T18:30", ""),
        ("Internet down in Gweru since 0830hrs", "2019-01-15T12:00", "2019-01-15T08:30", ""),
        ("Internet down in Gweru since 1930 hrs yesterday", "2019-01-15T12:00", "2019-01-14T19:30", ""),
        ("Internet down in Moundou since 16:00 UTC (17:00 local)", "2021-02-28T22:00", "2021-02-28T16:00Z", ""),
        ("Интернет в Назрани отключён до 18:00 5 октября", "2018-10-04T12:00", "", "2018-10-05T18:00"),
        ("Internet cortado en Bayamo hasta las 22 horas", "2021-07-12T20:00", "", "2021-07-12T22:00"),
        ("الإنترنت مقطوع في كركوك حتى الساعة الثامنة مساء", "2023-07-10T10:00", "", "2023-07-10T20:00"),
        ("कोटा में अगले 24 घंटे के लिए इंटरनेट बंद", "2022-03-10T14:00", "", "2022-03-11T19:30"),
    ],
)
def test_since_and_until(text: str, published: str, start: str, end: str) -> None:
    reading = read(text, published)
    assert reading.verdict == "report"
    assert (reading.start, reading.end) == (start or f"{published}Z", end)
    assert reading.ongoing is not bool(end)


@pytest.mark.parametrize(
    ("text", "home", "places", "start", "end"),
    [
        (
            "Internet will be cut in Erbil from 6 am to 8 am tomorrow",
            None,
            1,
            "2023-07-10T06:00",
            "2023-07-10T08:00",
        ),
        ("В 17:00 в Гродно отключат интернет", None, 1, "2023-07-09T17:00", ""),
        ("Demain dès 8h, internet sera coupé à Zinder", None, 1, "2023-07-10T08:00", ""),
        ("سيتم قطع الإنترنت في كركوك غدا من الساعة 6 صباحا", None, 1, "2023-07-10T06:00", ""),
        ("Yarın 09:00'da Van'da internet kesilecek", None, 1, "2023-07-10T09:00", ""),
        ("Завтра по всей стране отключат интернет", "KZ", 0, "2023-07-10", ""),
    ],
)
def test_what_is_announced(text: str, home: str | None, places: int, start: str, end: str) -> None:
    reading = read(text, "2023-07-09T12:00", home)
    assert (reading.verdict, reading.about, len(reading.places)) == ("report", "announced", places)
    assert (reading.start, reading.end, reading.ongoing) == (start, end, False)


@pytest.mark.parametrize(
    "text",
    [
        "Internet may be cut in Erbil tomorrow",
        "They say, internet will be cut tomorrow",
        "Will the internet be cut in Erbil tomorrow?",
        "If there are protests, internet will be cut in Erbil tomorrow",
        "Ходят слухи, что завтра в Гродно отключат интернет",
        "Des ONG craignent que internet sera coupé demain à Zinder",
    ],
)
def test_what_is_only_feared_is_not_announced(text: str) -> None:
    assert read(text, "2023-07-09T12:00").verdict != "report"


@pytest.mark.parametrize(
    ("text", "about", "start", "end"),
    [
        ("Internet restored in Mbale at 9 am", "restored", "2022-09-21T08:59", "2022-09-21T09:00"),
        ("Интернет в Оше вернулся в 15:40", "restored", "2022-09-21T15:39", "2022-09-21T15:40"),
        ("Internet cut at 8 am in Mbale, restored at 11 am", "down", "2022-09-21T08:00", "2022-09-21T11:00"),
        ("В Оше интернет пропал в 14:00 и появился в 16:30", "down", "2022-09-21T14:00", "2022-09-21T16:30"),
        (
            "Internet was cut in Mbale at 8 am. It came back at 11 am.",
            "down",
            "2022-09-21T08:00",
            "2022-09-21T11:00",
        ),
    ],
)
def test_what_came_back_at_a_time_ends_a_claim(text: str, about: str, start: str, end: str) -> None:
    reading = read(text, "2022-09-21T12:30")
    assert (reading.verdict, reading.about, reading.start, reading.end) == ("report", about, start, end)
    assert not reading.ongoing


@pytest.mark.parametrize(
    "text",
    [
        "Network is back in Goma after two days without internet",
        "Интернет вернулся в Ош после двух дней отключения",
        "Après deux jours sans internet, le réseau est rétabli à Goma",
        "Volvió internet en Bayamo tras dos días de apagón",
    ],
)
def test_what_is_back_without_a_time_is_no_report(text: str) -> None:
    assert read(text, "2022-09-21T12:30").verdict == "none"


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("Connectivity in Nyala is at 4% of ordinary levels", "full"),
        ("Connectivity in Nyala is at 60% of ordinary levels", None),
        ("Traffic data: connectivity in Nyala fell from 98% to 12% of normal levels", "full"),
        ("Связность в Дербенте упала до 15% от обычного уровня", "full"),
        ("La connectivité à Ségou est tombée à 8% du niveau normal", "full"),
    ],
)
def test_shares_of_ordinary_levels(text: str, extent: str | None) -> None:
    reading = read(text, "2023-05-14T15:00")
    assert (reading.verdict, reading.extent) == ("report", extent)


@pytest.mark.parametrize("share", [86, 97, 100])
def test_nearly_all_of_ordinary_levels_is_no_cut(share: int) -> None:
    assert read(f"Connectivity in Nyala is at {share}% of ordinary levels", "2023-05-14T15:00").verdict == "none"


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("No internet on any phone, all operators are down", "UG"),
        ("Интернет исчез у всех операторов", "BY"),
        ("Tous les opérateurs sont sans internet", "TD"),
        ("Sin internet en todas las provincias", "CU"),
        ("الإنترنت مقطوع عن جميع الشركات", "SD"),
        ("اینترنت همه اپراتورها قطع است", "IR"),
    ],
)
def test_all_operators_are_the_country_of_the_source(text: str, home: str) -> None:
    reading = read(text, "2022-09-21T12:30", home)
    assert (reading.verdict, reading.country, reading.scope, reading.places) == ("report", home, "national", ())
    assert not read(text, "2022-09-21T12:30").country


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Internet shutdowns are how Sudan holds exams, a report documents", "none"),
        ("Internet shutdowns hurt trade in Ethiopia", "unsure"),
        ("Отключения интернета вредят бизнесу в России", "unsure"),
        ("Les coupures d'internet nuisent aux affaires au Tchad", "unsure"),
        ("Internet shutdowns in Gambela since this morning", "report"),
        ("Отключения интернета в Казани с утра", "report"),
    ],
)
def test_cuts_in_general_are_no_cut(text: str, verdict: str) -> None:
    """What is told of several cuts needs a place below the country, or a time, to be one of now."""
    assert read(text, "2022-09-21T12:30").verdict == verdict


def test_operators_are_of_countries() -> None:
    assert countries_of("Safaricom") == {"KE", "ET"}
    assert "BY" in countries_of("белтелеком")
    assert countries_of("nobody") == frozenset()
    for column, names in lines(WORDS / "operators.tsv"):
        kind, *countries = column.split(" ")
        assert kind in ("mobile", "fixed", "both"), column
        assert all(len(code) == 2 and code.isupper() for code in countries), column
        assert countries, column
        assert all(name.removeprefix(DOUBTFUL).strip() for name in names), column


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("У Мінску адключылі мабільны інтэрнэт", "report"),
        ("З раніцы ў Гродне няма інтэрнэту", "report"),
        ("Радыё Свабода: у Віцебску другі дзень не працуе інтэрнэт", "report"),
        ("Інтэрнэт знік ва ўсіх аператараў", "report"),
        ("Заўтра з 10:00 у Мінску адключаць мабільны інтэрнэт", "announced"),
        ("У Мінску затрыманы журналіст, сувязь з ім прапала ў 14:00", "none"),
        ("Адвакатка з Брэста не выходзіць на сувязь з учарашняга вечара, тэлефон адключаны", "none"),
        ("ЕС асудзіў адключэнне інтэрнэту ў Беларусі", "none"),
        ("Інтэрнэт у Мінску вярнуўся", "none"),
        ("Ці ёсць інтэрнэт у Магілёве?", "none"),
        ("Сайт нашай арганізацыі заблакаваны ў Беларусі", "none"),
    ],
)
def test_belarusian(text: str, told: str) -> None:
    reading = read(text, "2020-08-10T10:00", "BY")
    about = reading.about if reading.about == "announced" else reading.verdict
    assert about == told


def test_nations_are_countries() -> None:
    codes = [code for code, _ in lines(WORDS / "nations.tsv")]
    assert len(codes) == len(set(codes)) > 90
    assert all(country_place(code).country == code for code in codes)


def test_every_language_has_the_words_of_the_hard_kinds() -> None:
    for language in LANGUAGES:
        kinds = {kind for kind, _ in lines(WORDS / f"{language}.tsv")}
        assert {"person", "site", "speaker", "says", "comment", "will", "tomorrow", "national", "reach"} <= kinds, (
            language
        )


def test_only_a_tag_makes_no_question() -> None:
    assert read("No internet in Mbale since noon, anyone else?", "2022-09-21T12:30").verdict == "report"
    assert read("Is there no internet in Mbale, anyone else?", "2022-09-21T12:30").verdict == "report"
    assert read("Is the internet down in Mbale?", "2022-09-21T12:30").about == "asked"


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Internet traffic in Gabon went to zero at 23:00 UTC.", "GA"),
        ("Connectivity in Iraq fell to nearly zero this morning", "IQ"),
        ("Network traffic in Gabon is near zero since 23:00 UTC", "GA"),
        ("Internet traffic in Gabon dropped to 0 %.", "GA"),
        ("Internet traffic in Gabon dropped to zero at 23:00 UTC.", "GA"),
        ("Internet connectivity in Iraq fell from 80% to zero", "IQ"),
        ("Internet prices and internet traffic in Kenya dropped to zero", "KE"),
        ("Internet traffic in Kenya fell to zero after complaints about prices", "KE"),
        ("Le trafic internet au Gabon est tombé à zéro ce matin", "GA"),
        ("El tráfico de internet en Venezuela cayó a cero", "VE"),
        ("O tráfego de internet no Gabão caiu para zero", "GA"),
        ("Трафик в Казахстане упал до нуля", "KZ"),
        ("İran'da internet trafiği sıfıra düştü", "IR"),
        ("انخفضت حركة الإنترنت في العراق إلى الصفر", "IQ"),
        ("ترافیک اینترنت در ایران به صفر رسید", "IR"),
        ("Lalu lintas data internet di Myanmar turun ke nol", "MM"),
    ],
)
def test_traffic_at_zero_is_a_report(text: str, country: str) -> None:
    said = read(text, "2026-03-07T09:00")
    assert (said.verdict, said.about, said.country) == ("report", "down", country)


def test_a_time_behind_zero_is_no_end() -> None:
    said = read("Internet traffic in Gabon fell to zero at 23:00 UTC.", "2026-03-07T09:00")
    assert (said.start, said.end) == ("2026-03-06T23:00Z", "")


@pytest.mark.parametrize(
    "text",
    [
        "There is zero disruption to the internet in Gabon",
        "The risk of losing internet in Gabon is near zero",
        "Traffic on the bridge in Gabon dropped to zero",
        "Internet prices in Gabon dropped to zero",
        "Internet tariffs in Kenya cut to zero",
        "The cost of mobile internet in Kenya fell to zero",
        "Complaints about the internet in Chad went to zero",
        "Internet outages in Sudan dropped to zero",
        "Internet shutdowns in India fell by half in 2023",
        "Cuts of the internet in Kenya dropped to zero",
        "Internet traffic in Gabon did not fall to zero",
        "Gabon has no outage: internet traffic did not drop to zero",
        "Internet traffic in Gabon never went to zero",
    ],
)
def test_zero_of_something_else_is_no_report(text: str) -> None:
    assert read(text, "2026-03-07T09:00").verdict == "none"
