"""Feeds as they are: of other encodings than they say, with stray letters, items cut off; and JSON Feed."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from streams.sources.feed_documents import GUESSED, text_of
from streams.sources.feed_items import Feed, parse
from streams.sources.payloads import PayloadError

ONE = (
    "<item><guid>1</guid><title>No internet in Osh</title><pubDate>Mon, 05 Oct 2020 20:00:00 +0600</pubDate></item>"
)
TWO = "<item><guid>2</guid><title>Weather</title></item>"


def feed(*items: str, root: str = '<rss version="2.0">', head: str = "", encoding: str = "utf-8") -> Feed:
    document = f"{root}<channel><title>Times of Osh</title>{''.join(items)}</channel></rss>"
    return parse((head + document).encode(encoding), "a feed")


def keys(found: Feed) -> list[str]:
    return [item.key for item in found.items]


@pytest.mark.parametrize(
    ("item", "title"),
    [
        (TWO.replace("Weather", "Bread & salt"), "Bread & salt"),
        (TWO.replace("Weather", "Read more&raquo;&nbsp;here"), "Read more»\xa0here"),
        (TWO.replace("Weather", "A\x0bB\x1f"), "AB"),
        (TWO.replace("Weather", "A&#0;B&#x1F;"), "AB"),
        (TWO.replace("Weather", "&unknown; thing"), "&unknown; thing"),
        ('<item><guid>2</guid><title>Weather</title><media:content url="x"/></item>', "Weather"),
        (
            "<item><guid>2</guid><title><![CDATA[Q&A & more]]></title><link>http://x.example/?a=1&b=2</link></item>",
            "Q&A & more",
        ),
    ],
)
def test_stray_letters_cost_nothing(item: str, title: str) -> None:
    found = feed(ONE, item)
    assert (keys(found), found.lost) == (["1", "2"], 0)
    assert found.items[1].text == title
    assert found.title == "Times of Osh"


@pytest.mark.parametrize(
    "broken",
    [
        "<item><guid>2</guid><title>cut off</item>",
        "<item><guid>2</guid><title>a < b</title></item>",
        "<item><guid>2</guid><title>never closed</title>",
        "<item><guid>2<guid/><title>x</title></item>",
    ],
)
def test_a_broken_item_costs_itself_alone(broken: str) -> None:
    found = feed(ONE, broken, ONE.replace(">1<", ">3<"))
    assert keys(found) == ["1", "3"]
    assert found.lost == 1


@pytest.mark.parametrize("head", ["\n\n ", "\ufeff", "<br/>Warning: mysql_connect()\n", "<?xml version='1.0'?>"])
@pytest.mark.parametrize("tail", ["", "\n<!-- cached -->", "<script>count()</script>", "</body>"])
def test_what_stands_around_a_feed(head: str, tail: str) -> None:
    document = f'{head}<rss version="2.0"><channel>{ONE}</channel></rss>{tail}'
    assert keys(parse(document.encode(), "a feed")) == ["1"]


@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        ("windows-1251", "cp1251", "В Бишкеке нет интернета"),
        ("koi8-r", "koi8-r", "В Бишкеке нет интернета"),
        ("gb2312", "gb18030", "比什凯克断网"),
        ("big5", "big5", "比什凱克斷網"),
        ("euc-kr", "cp949", "비슈케크 인터넷 차단"),
        ("shift_jis", "cp932", "ビシュケクで通信障害"),
        ("iso-8859-1", "cp1252", "Coupure à Niamey – « totale »"),
        ("windows-1256", "cp1256", "انقطاع الإنترنت في الخرطوم"),
        ("utf-16", "utf-16", "Нет связи"),
        ("UTF-8", "utf-8", "Оштун интернети"),
    ],
)
def test_encodings_that_are_declared(declared: str, written: str, text: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n'
    found = feed(ONE, TWO.replace("Weather", text), head=head, encoding=written)
    assert found.items[1].text == text
    assert found.items[1].flags == ()


@pytest.mark.parametrize(
    ("declared", "written", "text"),
    [
        ("utf-8", "cp1251", "Интернет отключили во всём городе, говорят жители"),
        ("utf-8", "koi8-r", "интернет отключили во всём городе, говорят жители"),
        ("utf-8", "gb18030", "当局切断了整个城市的网络，居民说他们无法上网"),
        ("utf-8", "cp1252", "Coupure d'internet à Niamey, selon des témoins résidant près de la présidence"),
        ("klingon", "cp1251", "Интернет отключили во всём городе, говорят жители"),
        ("iso-8859-1", "utf-8", "Интернет отключили во всём городе"),
    ],
)
def test_encodings_that_are_not_as_declared_are_guessed_and_flagged(declared: str, written: str, text: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>\n'
    found = feed(TWO.replace("Weather", text), head=head, encoding=written)
    assert found.items[0].text == text
    assert found.items[0].flags == (GUESSED,)


def test_one_bad_byte_in_a_long_feed_is_one_bad_letter() -> None:
    good = "интернет отключили " * 40
    content = f"<rss><channel><item><guid>1</guid><title>{good}</title></item></channel></rss>".encode()
    text, flags = text_of(content.replace(b" ", b" \xff", 1))
    assert (text.count("�"), flags) == (1, ())


def test_json_feed() -> None:
    content = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Osh", "items": ['
        b'{"id": "1", "title": "No internet", "content_html": "<p>in <b>Osh</b></p>", "url": "https://osh.example/1",'
        b' "date_published": "2020-10-05T20:00:00+06:00"},'
        b'{"id": 2, "content_text": "Back again", "date_modified": "2020-10-06T08:00:00Z"}, {"id": []}]}'
    )
    found = parse(b"\xef\xbb\xbf" + content, "a feed")
    assert (found.title, found.lost) == ("Osh", 1)
    assert [(item.key, item.text.split(), item.published_s) for item in found.items] == [
        ("1", ["No", "internet", "in", "Osh"], 1_601_906_400),
        ("2", ["Back", "again"], 1_601_971_200),
    ]


def test_dates_by_whatever_element_has_one() -> None:
    dated = "<item><guid>{}</guid><title>x</title><{}>2020-10-05T14:00:00Z</{}></item>"
    names = ("pubDate", "dc:date", "dcterms:created", "dcterms:issued", "published", "dcterms:modified", "updated")
    found = feed(*(dated.format(number, name, name) for number, name in enumerate(names)))
    assert [item.published_s for item in found.items] == [1_601_906_400] * len(names)


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rss><channel>&a;</channel></rss>',
        b'<rss><channel><!ENTITY a SYSTEM "file:///etc/passwd"></channel></rss>',
        b"<html><body>Not found</body></html>",
        b"<rss><channel><title>open",
        b"",
    ],
)
def test_what_stays_refused(content: bytes) -> None:
    with pytest.raises(PayloadError):
        parse(content, "a feed")


@pytest.mark.parametrize(
    "piece", ["<item><title>", "<![CDATA[", "&a", "<a:b>", "<item><guid>&#0;</guid></item>", "</item>", "&nbsp;<"]
)
def test_a_hostile_feed_is_read_in_no_time(piece: str) -> None:
    """What is broken a hundred thousand times costs a few passes, not one each."""
    started = time.process_time()
    with suppress(PayloadError):
        feed(piece * 100_000, ONE)
    assert time.process_time() - started < 10
