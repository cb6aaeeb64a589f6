"""Telegram exports: what becomes a report, whose word it is, what is edited, and what breaks."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from streams.claims import ClaimsStage, lineage
from streams.cli.main import shutdowns
from streams.sources import SourceError, telegram
from streams.sources.lines import read_lines
from streams.sources.rows import Accepted, Rejected, Row
from tests.claims.reports import run, standing
from tests.sources.telegram_export import FIVE_PAST_TWO_S, edited, export, message
from topics import INVALID, NEWS, REPORTS, Invalid, NewsItem, Report, decode, encode

NO_INTERNET = "Нет интернета в Алматы и Нур-Султане с двух часов"
LONG = "В Атырау с утра нет ни интернета, ни мобильной связи, люди собираются на площади, дозвониться нельзя"
#: `from` is a word of Python's own.
AIGERIM: dict[str, Any] = {"from": "Aigerim Bekova"}


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")


def reports(rows: list[Row]) -> list[Report]:
    found = [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Report)]
    assert all(decode(REPORTS, encode(one)) == one for one in found)
    return found


def lineages(*found: Report) -> list[str]:
    return [
        lineage(
            one.id,
            one.cites,
            reporter=one.reporter.kind,
            name=one.reporter.name,
            text_digest=one.text_digest,
            hand=one.reporter.digest,
        )
        for one in found
    ]


def test_a_message_is_a_report(tmp_path: Path) -> None:
    rows = list(telegram.read(export(tmp_path / "result.json", message(2, NO_INTERNET))))
    (one,) = reports(rows)
    assert one.country == "KZ"
    assert len(one.places) == 2
    assert (one.start, one.ongoing, one.extent) == ("2021-02-28T14:00", True, "full")
    assert (one.language, one.known_s, one.revision) == ("ru", FIVE_PAST_TWO_S, FIVE_PAST_TWO_S)
    assert (one.reporter.kind, one.reporter.name, one.text) == ("individual", None, None)
    names = {piece.place.name for _, piece in run(ClaimsStage(), one).out}  # type: ignore[attr-defined]
    assert names == {"Almaty", "Astana"}


def test_parts_that_name_somebody_are_not_read(tmp_path: Path) -> None:
    text = [
        {"type": "mention", "text": "@almaty"},
        " пропал ",
        {"type": "bold", "text": "интернет"},
        " в Атырау",
        {"type": "link", "text": "https://t.me/astana"},
    ]
    (one,) = reports(list(telegram.read(export(tmp_path / "result.json", message(2, text)))))
    assert one.places == ("Атырау",)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (message(1, "", type="service", action="pin_message"), "no message (somebody joined, was pinned, …)"),
        (message(2, ""), "no text"),
        (message(3, "Сегодня в Алматы снег"), "no report: it says nothing of the internet being down"),
        (message(4, "Интернет в Алматы снова работает"), "no report: it says that it is back, or works"),
        (message(5, "Если отключат интернет в Алматы?"), "no report"),
        ({"id": 6, "type": "message", "text": NO_INTERNET}, "damaged: no id or no date"),
        (message(7, NO_INTERNET, date_unixtime="soon"), "damaged: no id or no date"),
        ("a text instead of a message", "no message (somebody joined, was pinned, …)"),
    ],
)
def test_what_is_none(tmp_path: Path, given: Any, reason: str) -> None:
    (row,) = telegram.read(export(tmp_path / "result.json", given))
    assert isinstance(row, Rejected) or (isinstance(row, Accepted) and row.topic is INVALID)
    if isinstance(row, Rejected):
        assert row.reason.startswith(reason)


def test_what_is_not_sure_or_nowhere_is_kept_on_invalid_without_its_words(tmp_path: Path) -> None:
    path = export(
        tmp_path / "result.json",
        message(1, "Интернета нет с утра"),
        message(2, "А в Алматы сейчас нет интернета?"),
    )
    rows = [row for row in telegram.read(path) if isinstance(row, Accepted)]
    records = [row.record for row in rows]
    assert [row.topic for row in rows] == [INVALID, INVALID]
    assert [one.reason for one in records if isinstance(one, Invalid)] == ["unknown-place", "unsure"]
    for one in records:
        assert isinstance(one, Invalid)
        assert decode(INVALID, encode(one)) == one
        assert one.value is not None
        assert "нет" not in json.loads(one.value).values()
        assert json.loads(one.value)["text"] is None


def test_the_home_country_places_what_names_none(tmp_path: Path) -> None:
    path = export(
        tmp_path / "result.json", message(1, "В Атырау нет интернета"), message(2, "По всей стране нет интернета")
    )
    city, whole = reports(list(telegram.read(path, place="kz")))
    assert (city.country, city.scope) == ("KZ", "local")
    assert (whole.country, whole.places, whole.scope) == ("KZ", (), "national")
    with pytest.raises(SourceError, match="no country is called 'Atlantis'"):
        list(telegram.read(path, place="Atlantis"))


def test_protests_are_news(tmp_path: Path) -> None:
    path = export(tmp_path / "result.json", message(1, "Вчера сотни людей вышли на митинг в Алматы"))
    (row,) = telegram.read(path)
    assert isinstance(row, Accepted)
    assert row.topic is NEWS
    assert isinstance(row.record, NewsItem)
    assert (row.record.country, row.record.places, row.record.start) == ("KZ", ("Алматы",), "2021-02-27")
    assert (row.record.text, row.record.title) == (None, "protest")


def test_an_edit_revises_or_takes_back(tmp_path: Path) -> None:
    """What stands after each version of a message, in whatever order they arrive."""
    later: dict[str, Any] = edited(FIVE_PAST_TWO_S + 3600)
    versions = [message(2, "В Атырау нет интернета"), message(2, "В Актау нет интернета", **later)]
    gone = message(2, "Ложная тревога, извините", **edited(FIVE_PAST_TWO_S + 7200))
    found = [reports(list(telegram.read(export(tmp_path / "r.json", one))))[0] for one in (*versions, gone)]
    assert len({one.id for one in found}) == 1
    assert [one.revision - FIVE_PAST_TWO_S for one in found] == [0, 3600, 7200]
    for order in ((0, 1), (1, 0)):
        store: dict[str, bytes] = {}
        left = standing([run(ClaimsStage(), found[at], store=store) for at in order])
        assert [piece.place.name for piece in left.values()] == ["Aktau"]
    for order3 in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        store = {}
        assert not standing([run(ClaimsStage(), found[at], store=store) for at in order3])


def test_the_same_export_again_changes_nothing(tmp_path: Path) -> None:
    path = export(tmp_path / "result.json", message(2, NO_INTERNET), message(3, LONG))
    assert reports(list(telegram.read(path))) == reports(list(telegram.read(path)))


def test_lineages(tmp_path: Path) -> None:
    """A channel is one lineage, so is a person; a copy and what is forwarded have that of whose words they are."""
    other: dict[str, Any]
    person: dict[str, Any]
    person, other = {"from": "A", "from_id": "user1"}, {"from": "B", "from_id": "user2"}
    first, second, by_person, by_other, again = reports(
        list(
            telegram.read(
                export(
                    tmp_path / "one.json",
                    message(1, "Нет интернета в Алматы"),
                    message(2, "Нет интернета в Атырау"),
                    message(3, "Нет интернета в Актау", **person),
                    message(4, "Нет интернета в Шымкенте", **other),
                    message(5, "Нет интернета в Таразе", **person),
                )
            )
        )
    )
    assert len(set(lineages(first, second, by_person, by_other, again))) == 3
    assert lineages(first) == lineages(second)
    assert lineages(by_person) == lineages(again) != lineages(by_other)
    shared: dict[str, Any] = {"forwarded_from": "Город сегодня"}
    copies = export(
        tmp_path / "two.json",
        message(1, "Нет интернета в Павлодаре", **shared),
        message(2, LONG),
        message(3, LONG.upper() + "!!", **person),
        name="Another",
        id_=5,
    )
    forwarded, text, copy = reports(list(telegram.read(copies)))
    assert lineages(forwarded) == lineages(first)
    assert lineages(text) == lineages(copy)
    (named,) = reports(
        list(
            telegram.read(
                export(tmp_path / "r.json", message(1, "Нет интернета в Павлодаре", **shared)),
                None,
                "media",
                "Азаттык",
            )
        )
    )
    assert lineages(named) == lineages(first), "a paper that forwards adds nothing of its own"


def test_an_organisations_channel_is_named_and_people_in_its_group_are_not(tmp_path: Path) -> None:
    path = export(
        tmp_path / "result.json",
        message(1, "Нет интернета в Алматы"),
        message(2, "Нет интернета в Атырау", from_id="user777", **AIGERIM),
    )
    channel, person = reports(list(telegram.read(path, reporter="media", name="Азаттык")))
    assert (channel.reporter.kind, channel.reporter.name) == ("media", "Азаттык")
    assert channel.origin.reference == "Азаттык, Telegram, message 1"
    assert (person.reporter.kind, person.reporter.name, person.origin.reference) == ("individual", None, None)
    for kind, name, words in (("paper", "A", "must be one of"), ("media", None, "wants --name")):
        with pytest.raises(SourceError, match=words):
            list(telegram.read(path, reporter=kind, name=name))


def test_older_exports_have_local_dates_only(tmp_path: Path) -> None:
    given = message(1, "В Атырау нет интернета")
    del given["date_unixtime"]
    (one,) = reports(list(telegram.read(export(tmp_path / "result.json", given), place="KZ")))
    assert one.known_s == FIVE_PAST_TWO_S
    assert "publication-time-without-zone" in one.flags


def test_exports_of_all_chats_packed_or_not(tmp_path: Path) -> None:
    chats = [
        {
            "name": f"chat {number}",
            "type": "personal_chat",
            "id": number,
            "messages": [message(1, "В Атырау нет интернета")],
        }
        for number in (1, 2)
    ]
    path = tmp_path / "result.json.gz"
    path.write_bytes(
        gzip.compress(json.dumps({"about": "…", "chats": {"list": chats}}, ensure_ascii=False).encode())
    )
    assert len({one.id for one in reports(list(telegram.read(path)))}) == 2


def test_a_long_export_is_read_a_message_at_a_time(tmp_path: Path) -> None:
    """Blocks end inside messages and inside letters; nothing is lost."""
    many = [message(number, f"Сообщение {number}: " + "ж" * 900) for number in range(1, 2_000)]
    many.append(message(2_000, "В Атырау нет интернета"))
    path = export(tmp_path / "result.json", *many)
    assert path.stat().st_size > 3_000_000
    rows = list(telegram.read(path))
    assert [row.number for row in rows] == list(range(1, 2_001))
    assert len(reports(rows)) == 1


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.99])
def test_a_truncated_export_says_so_after_what_could_be_read(tmp_path: Path, cut: float) -> None:
    whole = export(tmp_path / "whole.json", *(message(number, NO_INTERNET) for number in range(1, 30)))
    path = tmp_path / "cut.json"
    raw = whole.read_bytes()
    path.write_bytes(raw[: int(len(raw) * cut)])
    rows: list[Row] = []
    with pytest.raises(SourceError, match="damaged"):
        rows.extend(telegram.read(path))
    assert len(rows) > 29 * cut - 3


@pytest.mark.parametrize("content", ["", "{}", "<html>", '{"messages": 5}', "[1, 2]"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "result.json"
    path.write_text(content)
    with pytest.raises(SourceError, match="no export of Telegram Desktop"):
        list(telegram.read(path))


def test_what_was_deleted_is_taken_back_by_the_newer_export(tmp_path: Path) -> None:
    """`--replaces`, by the command line: old and new export, read by the claims stage in any order."""
    kept, gone = message(1, "В Атырау нет интернета"), message(2, "В Актау нет интернета")
    old, new = export(tmp_path / "old.json", kept, gone), export(tmp_path / "new.json", kept)
    lines = {}
    for name, arguments in (("old", [str(old)]), ("new", [str(new), "--replaces", str(old)])):
        out = tmp_path / f"{name}.jsonl"
        done = CliRunner().invoke(shutdowns, ["ingest", "telegram", *arguments, "--out", str(out)])
        assert done.exit_code == 0, done.output
        lines[name] = [decode(topic, value) for topic, _, value in read_lines([out])]
    assert [one.withdrawn for one in lines["new"] if isinstance(one, Report)] == [False, True]
    for order in (("old", "new"), ("new", "old")):
        store: dict[str, bytes] = {}
        left = standing([run(ClaimsStage(), one, store=store) for name in order for one in lines[name]])
        assert [piece.place.name for piece in left.values()] == ["Atyrau"]
