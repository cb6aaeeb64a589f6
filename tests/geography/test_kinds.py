"""Kinds of places as reports name them, several of each: parts of countries, namesakes, cases, what is no place."""

from __future__ import annotations

import pytest

from streams import geography
from streams.geography.finding import region_place


def keys(text: str, country: str | None = None) -> list[str]:
    return [found.key for found in geography.find_places(text, country)]


def names(text: str, country: str | None = None) -> list[str]:
    return [found.place.name for found in geography.find_places(text, country)]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Crimea", "UA/RUS-283"), ("Somaliland", "SO/SOL+00?"), ("Azad Kashmir", "PK/PAK-1109"),
        ("Northern Ireland", "GB/GBR+GB-NIR"), ("Scotland", "GB/GBR+GB-SCT"), ("Wales", "GB/GBR+GB-WLS"),
        ("Nagorno-Karabakh", "AZ/AZE+karabakh"), ("Artsakh", "AZ/AZE+karabakh"), ("Puntland", "SO/SOM+puntland"),
        ("Jubaland", "SO/SOM+jubaland"), ("Ambazonia", "CM/CMR+anglophone"),
        ("the Gaza Strip", "PS/GAZ+00?"), ("the West Bank", "PS/WEB+00?"), ("South Ossetia", "GE/GEO-3039"),
        ("Gorno-Badakhshan", "TJ/TJK-366"), ("Casamance", "SN/SEN+casamance"), ("Kabylie", "DZ/DZA+kabylie"),
    ],
)  # fmt: skip
def test_a_part_is_never_told_as_its_country(name: str, key: str) -> None:
    assert keys(f"Internet cut in {name}") == [key]


@pytest.mark.parametrize(
    "name", ["Gaza", "Somaliland", "Crimea", "Northern Ireland", "Zanzibar", "Abkhazia", "Tibet"]
)
def test_lists_that_give_a_part_as_a_country_have_that_country(name: str) -> None:
    code = geography.country_code(name)
    assert code is not None
    assert not any(found.kind == "country" for found in geography.find_places(f"Internet cut in {name}"))


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Paris, Texas", "Texas"), ("London, Ontario", "Ontario"), ("Moscow, Idaho", "Idaho"),
        ("Cairo, Illinois", "Illinois"), ("Athens, Georgia", "Georgia"), ("St. Petersburg, Florida", "Florida"),
        ("Aurangabad District, Bihar", "Bihar"), ("Aurangabad, Maharashtra", "Maharashtra"),
        ("Bilaspur, Himachal Pradesh", "Himachal Pradesh"), ("Udaipur, Tripura", "Tripura"),
        ("Hyderabad, Sindh", "Sind"), ("Valencia, Carabobo", "Carabobo"), ("Niger State, Nigeria", "Niger"),
        ("Equateur, DRC", "Équateur"), ("Punjab, India", "Punjab"), ("Mérida (Yucatán)", "Yucatán"),
    ],
)  # fmt: skip
def test_a_wider_place_behind_a_comma_decides_between_namesakes(text: str, region: str) -> None:
    found = geography.find_places(f"Internet cut in {text}").places
    around = [region_place(one.place.region or "") for one in found]
    assert {place.name for place in around if place is not None} == {region}


def test_countries_in_a_list_are_not_in_each_other() -> None:
    assert keys("Blackouts in Niger, Nigeria and Chad") == ["NE", "NG", "TD"]
    assert keys("Burundi, Kenya, Tanzania, United Republic of, and Uganda") == ["BI", "KE", "TZ", "UG"]
    assert keys("Korea, Democratic People's Republic of") == ["KP"]
    assert keys("Iran (Islamic Republic of)") == ["IR"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("в Вологодской области", "Vologda"), ("Вологодская область", "Vologda"), ("в Уфе", "Ufa"),
        ("в Орле", "Orël"),
        ("в Йошкар-Оле", "Yoshkar-Ola"), ("в Набережных Челнах", "Naberezhnyye Chelny"), ("в Ельце", "Yelets"),
        ("в Великих Луках", "Velikiye Luki"), ("на Брянщине", "Bryansk"), ("на Белгородчине", "Belgorod"),
        ("в Новом Уренгое", "Novyy Urengoy"), ("жители Химок", "Khimki"), ("в Костанае", "Kostanay"),
        ("в Горно-Бадахшане", "Gorno-Badakhshan"), ("в ХМАО", "Khanty-Mansiy"), ("в Туве", "Tuva"),
    ],
)  # fmt: skip
def test_russian_cases(text: str, name: str) -> None:
    assert names(f"{text} отключили мобильный интернет") == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("на Дніпропетровщині", "Dnipropetrovs'k"), ("на Київщині", "Kiev"), ("у Кривому Розі", "Kryvyy Rih"),
        ("на Рівненщині", "Rivne"), ("на Буковині", "Chernivtsi"), ("в Ірпені", "Irpin"), ("у Джанкої", "Dzhankoy"),
    ],
)  # fmt: skip
def test_ukrainian_cases(text: str, name: str) -> None:
    assert names(f"{text} немає інтернету") == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("на Віцебшчыне", "Vitebsk"),
        ("на Гомельшчыне", "Gomel"),
        ("на Брэстчыне", "Brest"),
        ("у Берасці", "Brest"),
        ("на Міншчыне", "Minsk"),
    ],
)
def test_belarusian_cases(text: str, name: str) -> None:
    assert names(f"{text} няма інтэрнэту") == [name]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ინტერნეტი გაითიშა აჭარაში", "GE/GEO-3027"), ("ინტერნეტი გაითიშა კახეთში", "GE/GEO-3033"),
        ("ინტერნეტი გაითიშა ქუთაისში", "GE/@613607"), ("Ինտերնետն անջատվել է Շիրակի մարզում", "AM/ARM-1555"),
        ("Ինտերնետն անջատվել է Երևանում", "AM/@616052"), ("האינטרנט נותק בחיפה", "IL/@294801"),
        ("경기도에서 인터넷이 끊겼다", "KR/KOR-2498"), ("전라남도에서 인터넷이 끊겼다", "KR/KOR-2506"),
        ("అంతర్జాలం తెలంగాణలో నిలిపివేత", "IN/IND-20011"), ("ಕರ್ನಾಟಕದಲ್ಲಿ ಇಂಟರ್ನೆಟ್ ಸ್ಥಗಿತ", "IN/IND-2446"),
        ("കേരളത്തിൽ ഇന്റർനെറ്റ് വിച്ഛേദിച്ചു", "IN/IND-2442"), ("யாழ்ப்பாணத்தில் இணையம் துண்டிப்பு", "LK/@1242833"),
        ("អ៊ីនធឺណិតត្រូវបានកាត់នៅភ្នំពេញ", "KH/@1821306"), ("沖縄県でインターネットが遮断", "JP/JPN-3502"),
        ("ရန်ကုန်တိုင်းဒေသကြီးတွင် အင်တာနက် ပြတ်တောက်", "MM/MMR-3269"),
        ("اینترنت در استان کردستان قطع شد", "IR/IRN-3241"), ("انقطاع الإنترنت في محافظة نينوى", "IQ/IRQ-3051"),
        ("انقطاع الإنترنت في قطاع غزة", "PS/GAZ+00?"), ("Διακοπή διαδικτύου στην Κρήτη", "GR/GRC-2990"),
    ],
)  # fmt: skip
def test_regions_in_their_own_letters_and_endings(text: str, key: str) -> None:
    assert keys(text) == [key]


@pytest.mark.parametrize(
    "text",
    [
        "Austin Powers joked about the outage", "Sydney Sweeney posted about it", "Chelsea Clinton had no signal",
        "Georgia Meloni said nothing", "Jordan Peterson spoke", "he saw Madison Keys there",
    ],
)  # fmt: skip
def test_first_names_are_no_towns(text: str) -> None:
    assert not [one for one in geography.find_places(text) if one.kind == "city"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("No signal at Delhi Gate in Lahore", "Lahore"),
        ("They marched down Moscow Street in Minsk", "Minsk"),
        ("Rue de Paris à Dakar sans internet", "Dakar"),
        ("на Киевской улице в Симферополе нет связи", "Simferopol"),
        ("у метро Киевская в Москве нет связи", "Moscow"),
        ("Jordan Hill in Seattle lost power", "Seattle"),
    ],
)
def test_streets_are_no_towns(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Al Jazeera: internet cut in Omdurman", "Omdurman"),
        ("قالت الجزيرة إن الإنترنت قطع في أم درمان", "Omdurman"),
        ("مراسل الجزيرة: قطع الإنترنت في بورتسودان", "Port Sudan"),
        ("Moscow Times: no internet in Ufa", "Ufa"),
        ("The Khartoum Post says Port Sudan is offline", "Port Sudan"),
        ("Аль-Джазира: в Омдурмане нет связи", "Omdurman"),
    ],
)
def test_papers_and_broadcasters_are_no_places(text: str, name: str) -> None:
    assert names(text) == [name]


def test_a_broadcasters_name_is_a_place_where_it_is_called_one() -> None:
    assert names("قطع الإنترنت في ولاية الجزيرة") == ["Gezira"]


@pytest.mark.parametrize(
    ("text", "country", "regions"),
    [
        ("Rampur and Billawar areas, Kathua District, Jammu & Kashmir", "IN", {"IND-2431"}),
        ("Kanpur town and Udaipur city, Udaipur District, Rajasthan", "IN", {"IND-3250"}),
        ("Patiala, SAS Nagar and Sangrur Districts, Punjab", "IN", {"IND-3249"}),
        ("Jalandhar, Hoshiarpur and SBS Nagar of Punjab", "IN", {"IND-3249"}),
        ("West Champaran and Purba Champaran districts, Bihar", "IN", {"IND-3258"}),
        ("Fatehpur, Sikar district, Rajasthan", "IN", {"IND-3250"}),
        ("Monywa, Sagaing", "MM", {"MMR-3302"}),
        ("Kellem Wellega, West Wellega zones", "ET", {"ETH-3131"}),
        ("Buthidaung, Maungdaw, Pauktaw townships, Rakhine State", "MM", {"MMR-3273"}),
        ("Sistan and Baluchistan", "IR", {"IRN-3247"}),
        ("Karachi, Multan", "PK", {"PAK-1113", "PAK-1114"}),
        ("Khartoum, Darfur", "SD", {"SDN-874", "SDN+darfur"}),
    ],
)  # fmt: skip
def test_a_region_named_in_a_cell_holds_what_is_named_before_it(text: str, country: str, regions: set[str]) -> None:
    area = geography.read_area(text, country)
    assert {place.region for place in area.places} == regions


def test_letters_that_only_one_language_has_speak_for_its_country() -> None:
    assert [key[:2] for key in keys("У Дубні вимкнули інтернет")] == ["UA"]
    assert [key[:2] for key in keys("В Дубне отключили интернет")] == ["RU"]
