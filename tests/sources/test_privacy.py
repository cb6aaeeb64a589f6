"""docs/PRIVACY.md, held: nothing that names a person enters a topic, whatever the source, however it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.claims import ClaimsStage
from streams.sources import feeds, forms, telegram
from streams.sources.rows import Accepted, Row
from streams.texts.privacy import redacted, salted, text_digest
from tests.claims.reports import run
from tests.sources.telegram_export import edited, export, message
from topics import Invalid, Report, encode

#: What was planted in the texts, and none of which may come out.
PLANTED = (
    "Aigerim", "Айгерим", "Bekova", "Бекова", "aigerim_b", "aigerim.bekova@example.org", "701 123", "7011234567",
    "Abay", "Абая", "2199001234", "user777", "private_group",
)  # fmt: skip
TELLS = (
    "Это Айгерим Бекова (Aigerim Bekova), Абая 12 (Abay 12), @aigerim_b, +7 701 123 45 67, +77011234567, "
    "aigerim.bekova@example.org, t.me/private_group. "
)
TEXTS = (
    TELLS + "В Алматы нет интернета с двух часов",
    TELLS + "Нет интернета с двух часов",
    TELLS + "А в Алматы нет интернета?",
    TELLS + "Вчера был митинг в Алматы, сотни людей",
    TELLS + "Снег",
)


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")


def by_telegram(tmp_path: Path) -> Iterator[Row]:
    """As a channel's, a person's, forwarded, edited."""
    ways: list[dict[str, Any]] = [
        {},
        {"from": "Aigerim Bekova", "from_id": "user777"},
        {"forwarded_from": "Айгерим Бекова", "forwarded_from_id": "user777"},
        {"author": "Aigerim Bekova", **edited(1_614_514_500)},
    ]
    texts = [(text, way) for text in TEXTS for way in ways]
    messages = [message(number, text, **way) for number, (text, way) in enumerate(texts, 1)]
    yield from telegram.read(export(tmp_path / "r.json", *messages, name="private_group", id_=2_199_001_234))


def by_feed(tmp_path: Path) -> Iterator[Row]:
    """As a person's feed, and as a paper's that links to an account."""
    for kind, title in (("individual", "Aigerim Bekova"), ("media", "Radio")):
        items = "".join(
            f"<item><title>{text}</title><author>Aigerim Bekova</author><guid>{number}</guid>"
            "<link>https://t.me/aigerim_b/1</link><pubDate>Sun, 28 Feb 2021 15:00:00 +0600</pubDate></item>"
            for number, text in enumerate(TEXTS)
        )
        path = tmp_path / "feed.xml"
        path.write_text(f"<rss><channel><title>{title}</title>{items}</channel></rss>", encoding="utf-8")
        yield from feeds.read(path, reporter=kind)


def by_form(tmp_path: Path) -> Iterator[Row]:
    """With everything that a person may put into a form, where it belongs and where it doesn't."""
    path = tmp_path / "forms.jsonl"
    person = {"name": "Aigerim Bekova", "author": "+7 701 123 45 67", "id": "aigerim_b", "phone": "+77011234567"}
    places = ("Almaty, Абая 12", "Абая 12, Айгерим", "Almaty")
    path.write_text(
        "\n".join(
            json.dumps({**person, "country": "KZ", "place": place, "text": text, "start": "2021-02-28T14:00"})
            for text in TEXTS
            for place in places
        )
    )
    yield from forms.read(path)


@pytest.mark.parametrize("source", [by_telegram, by_feed, by_form])
def test_nothing_planted_comes_out(source: Any, tmp_path: Path) -> None:
    rows = [row for row in source(tmp_path) if isinstance(row, Accepted)]
    assert rows
    assert {row.topic.name for row in rows} >= {"reports", "invalid"}
    for row in rows:
        wire = encode(row.record).decode() + row.topic.key(row.record)
        if isinstance(row.record, Invalid):
            wire += str(row.record.value) + json.dumps(json.loads(row.record.value or b"{}"), ensure_ascii=False)
        assert not [word for word in PLANTED if word.casefold() in wire.casefold()], wire
        if isinstance(row.record, Report):
            out = run(ClaimsStage(), row.record).out
            assert not [
                word for _, piece in out for word in PLANTED if word.casefold() in encode(piece).decode().casefold()
            ]


def test_kept_texts_have_no_accounts_numbers_or_addresses_on_the_net(tmp_path: Path) -> None:
    path = export(tmp_path / "r.json", message(1, TELLS + "В Алматы нет интернета с двух часов"))
    (row,) = (row for row in telegram.read(path, keep_text=True) if isinstance(row, Accepted))
    assert isinstance(row.record, Report)
    assert row.record.text is not None
    assert "нет интернета" in row.record.text
    for word in ("aigerim_b", "701", "example.org", "private_group"):
        assert word not in row.record.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+7 (701) 123-45-67", "[phone]"),
        ("call ۰۹۱۲۳۴۵۶۷۸۹ now", "call [phone] now"),
        ("87011234567", "[phone]"),
        ("from 2021-02-28 14:00 to 28.02.2021", "from 2021-02-28 14:00 to 28.02.2021"),
        ("50 people, 1000 phones, 14:00-17:00", "50 people, 1000 phones, 14:00-17:00"),
        ("write @aigerim_b!", "write [account]!"),
        ("a.b@c.example", "[mail]"),
        ("https://www.facebook.com/aigerim.b/posts/1 and vk.com/id77", "[account] and [account]"),
        ("https://mastodon.example/@aigerim", "[account]"),
        ("https://radio.example/2021/02/28/internet", "https://radio.example/2021/02/28/internet"),
    ],
)
def test_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected


@given(st.text(max_size=300))
def test_redacting_ends_and_never_lengthens_without_end(text: str) -> None:
    assert len(redacted(text)) <= 5 * len(text) + 10


def test_digests() -> None:
    long = "Нет интернета в Алматы и в Атырау, и так уже третий день, никто не знает, когда его снова включат нам."
    assert text_digest(b"a", long) == text_digest(b"a", long.upper() + " !!!") != text_digest(b"b", long)
    assert text_digest(b"a", "no internet") is None
    assert salted(b"a", "x", "y") != salted(b"a", "xy")
