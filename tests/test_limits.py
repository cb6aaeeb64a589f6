"""What is too large, too deep, too many or packed to burst: each limit exceeded, and what happens then."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from streams import geography, limits
from streams.cli.main import shutdowns
from streams.correlation.rules import RulesError, load_rules
from streams.detection.day import decode_day
from streams.files import name_of
from streams.settings import CONFIG_VARIABLE, SettingsError, load
from streams.sources import SourceError, feeds, ooni, points
from streams.sources.cells import records_of
from streams.sources.feed_items import parse
from streams.sources.files import lines_of, opened
from streams.sources.gdelt_live import unpacked
from streams.sources.http import Fetcher, FetchError
from streams.sources.lines import LinesError, read_lines
from streams.sources.payloads import PayloadError, documents
from streams.sources.series_files import read_series
from streams.sources.telegram import read as read_telegram
from tests.api.served import client, filled
from tests.fuzzing.files import workbook, zipped
from tests.played import played
from tests.sources.fake import HASTY, Answer, Fake, serving
from topics import EVIDENCE, REPORTS, Entity, InvalidRecord, Outage, Series, Shutdown, decode, encode

MANY_ZEROS, ZEROS = bytes(80_000_000), bytes(5_000_000)


def write(tmp_path: Path, content: bytes, name: str) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


# ------------------------------------------------------------------ packed files


@pytest.mark.parametrize("name", ["bomb.gz", "bomb.zip"])
def test_a_file_that_unpacks_to_a_thousand_times_its_size(tmp_path: Path, name: str) -> None:
    packed = gzip.compress(MANY_ZEROS, 6) if name.endswith("gz") else zipped(("zeros", MANY_ZEROS))
    path = write(tmp_path, packed, name)
    assert path.stat().st_size < 200_000
    with (
        opened(path) as stream,
        pytest.raises(SourceError, match=r"unpacks to more than 6\d,.* unpack it yourself"),
    ):
        deque(iter(partial(stream.read, 1 << 20), b""), maxlen=0)


def test_a_file_that_unpacks_to_more_than_any_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREE_BYTES", 1_000)
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 3_000)
    text = b"".join(b"%d,%d\n" % (number, number * 7919) for number in range(2_000))
    with pytest.raises(SourceError, match="unpacks to more than"):
        list(records_of(write(tmp_path, gzip.compress(text), "list.csv.gz")))


def test_packed_within_packed_stays_packed(tmp_path: Path) -> None:
    inner = zipped(("bomb", ZEROS))
    with pytest.raises(SourceError, match="not UTF-8"):
        list(records_of(write(tmp_path, zipped(("inner.zip", inner)), "outer.zip")))
    with pytest.raises(SourceError, match="holds 2 files"):
        list(records_of(write(tmp_path, zipped(("a", b"a"), ("b", b"b")), "two.zip")))


def test_a_zip_that_is_encrypted_or_packed_in_another_way(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", b"a,b\n")
    with pytest.raises(SourceError, match="not known"):
        list(records_of(write(tmp_path, content.getvalue(), "lzma.zip")))
    locked = bytearray(zipped(("a", b"a,b\n")))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceError, match="encrypted"):
        list(records_of(write(tmp_path, bytes(locked), "locked.zip")))


def test_a_bomb_in_place_of_15_minutes_of_gdelt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.sources.gdelt_live.MOST_BYTES", 1_000_000)
    with pytest.raises(PayloadError, match="no file of 15 minutes"):
        unpacked(zipped(("x.export.CSV", ZEROS)), "20210228.export.CSV.zip")


# ------------------------------------------------------------------ files


def test_a_cell_of_100_mb(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as stream:
        stream.write(b'a,b\n1,2\n3,"')
        stream.write(b"x" * 100_000_000)
    rows = records_of(path)
    assert [next(rows), next(rows)] == [["a", "b"], ["1", "2"]]
    with pytest.raises(SourceError, match=r"row 3 has more than 16,000,000 characters.*has no end"):
        next(rows)


def test_a_line_longer_than_any_record(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"topic":"reports"}\n' + b" " * (limits.LINE_BYTES + 1), "lines.jsonl")
    with pytest.raises((SourceError, LinesError), match=r"line 1: Object missing|line 2 has more than 16,000,000"):
        list(read_lines([path]))
    with path.open("rb") as stream, pytest.raises(SourceError, match="line 2 has more than 16,000,000 bytes"):
        list(lines_of(stream, path))


def test_a_document_larger_than_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DOCUMENT_BYTES", 1_000)
    for content in (b'{"a":"%b"}' % (b"x" * 1_000), b'{"a":\n"%b"}' % (b"x" * 1_000)):
        with pytest.raises(SourceError, match="has more than"):
            list(documents(write(tmp_path, content, "answer.json")))


def test_a_feed_larger_than_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")
    path = write(tmp_path, b"<rss>" + b" " * limits.FEED_BYTES, "feed.xml")
    with pytest.raises(SourceError, match="more than 20,000,000 bytes"):
        list(feeds.read(path))


def test_settings_and_rules_larger_than_anybody_writes(tmp_path: Path) -> None:
    path = write(tmp_path, b"#" * (limits.OWN_FILE_BYTES + 1), "large.toml")
    with pytest.raises(SettingsError, match="more than 1,000,000 bytes"):
        load({CONFIG_VARIABLE: str(path)})
    with pytest.raises(RulesError, match="more than 1,000,000 bytes"):
        load_rules(path)


@pytest.mark.parametrize("step_s", [1, 60])
def test_series_of_two_moments_a_century_apart(tmp_path: Path, step_s: int) -> None:
    times = [631_152_000, 631_152_000 + step_s, 631_152_000 + 2 * step_s, 4_000_000_000]
    content = "time,series,value\n" + "".join(f"{time},a,1\n" for time in times)
    with pytest.raises(SourceError, match="years apart"):
        read_series(write(tmp_path, content.encode(), "series.csv"))


def test_values_a_second_apart_with_gaps_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_STEPS", 10_000)
    series = Series(entity=Entity(type="country", code="KZ"), signal="bgp")
    values: dict[int, float | None] = {1_600_000_000 + 1_999 * number: 1.0 for number in range(100)}
    with pytest.raises(SourceError, match="1 s apart"):
        points.columns("KZ", series, {1_600_000_001: 1.0, **values})


# ------------------------------------------------------------------ workbooks and XML


def spoilt(path: Path, change: Callable[[bytes], bytes], of: str = "xl/worksheets/sheet1.xml") -> Path:
    """A workbook with one of its files changed."""
    with zipfile.ZipFile(io.BytesIO(workbook([["a", "b"], ["1", "2"]]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[of] = change(files[of])
    path.write_bytes(zipped(*files.items()))
    return path


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_BYTES", 3_000_000)
    path = spoilt(tmp_path / "bomb.xlsx", lambda sheet: sheet + ZEROS)
    with pytest.raises(SourceError, match="export its rows as CSV"):
        list(records_of(path))
    path = write(tmp_path, zipped(*((f"{number}", b"") for number in range(1_001))), "many.xlsx")
    with pytest.raises(SourceError, match="1,001 files"):
        list(records_of(path))


def test_a_workbook_with_a_row_and_a_column_at_the_end_of_the_world(tmp_path: Path) -> None:
    path = spoilt(
        tmp_path / "wide.xlsx",
        lambda sheet: sheet.replace(b'<row r="2"', b'<row r="2000000000"').replace(b"A1:B2", b"A1:XFD9999999"),
    )
    rows = records_of(path)
    for _ in range(3):
        assert len(next(rows)) <= limits.WORKBOOK_COLUMNS  # type: ignore[arg-type]
    assert sum(1 for _ in rows) <= limits.WORKBOOK_ROWS


ENTITIES = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_entities_in_a_workbook(tmp_path: Path, name: str) -> None:
    def declared(xml: bytes) -> bytes:
        head, _, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return (head + b"?>" if head else b"") + ENTITIES + rest

    with pytest.raises(SourceError, match="no XLSX workbook"):
        list(records_of(spoilt(tmp_path / "entities.xlsx", declared, name)))


@pytest.mark.parametrize("body", [b"<rss>&b;</rss>", b"<rss>&f;</rss>", b"<rss/>"])
def test_entities_in_a_feed(body: bytes) -> None:
    with pytest.raises(PayloadError, match="declares entities"):
        parse(ENTITIES + body, "the feed")


def test_a_feed_200_000_elements_deep() -> None:
    deep = b"<rss><channel>" + b"<a>" * 200_000 + b"<item><title>x</title></item>" + b"</a>" * 200_000
    found = parse(deep + b"</channel></rss>", "the feed")
    assert [item.text for item in found.items] == ["x"]


def test_markup_is_read_to_a_length_and_in_one_go() -> None:
    # Python's own parser takes a minute for the first of these.
    for tags in ("<a " * 1_000_000, "<!--" * 1_000_000, "<a '\"" * 500_000, "&#" + "9" * 5_000):
        text = tags.replace("&", "&amp;").replace("<", "&lt;")
        found = parse(f"<rss><channel><item><title>cut {text}</title></item></channel></rss>".encode(), "the feed")
        assert found.items[0].text.startswith("cut")
        assert len(found.items[0].text) <= limits.MARKUP_CHARS


# ------------------------------------------------------------------ services


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving({}) as fake:
        yield fake


def ask(fake: Fake, **more: Any) -> FetchError:
    """What asking for /x comes to."""
    with Fetcher(HASTY, sleep=lambda _: None, **more) as asking, pytest.raises(FetchError) as caught:
        asking.get(f"{fake.url}/x", len)
    return caught.value


def test_an_answer_that_is_too_large(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWER_BYTES", 1_000_000)
    fake.routes["/x"] = lambda _: Answer(b"x" * 3_000_000)
    assert "more than 1,000,000 bytes" in str(ask(fake))
    packed = gzip.compress(ZEROS)
    fake.routes["/x"] = lambda _: Answer(packed, headers={"Content-Encoding": "gzip"})
    assert "more than 1,000,000 bytes" in str(ask(fake))
    assert len(fake.requests) == 2, "asking again would bring the same"


def test_an_answer_packed_twice(fake: Fake) -> None:
    twice = gzip.compress(gzip.compress(ZEROS))
    fake.routes["/x"] = lambda _: Answer(twice, headers={"Content-Encoding": "gzip, gzip"})
    assert "packed several times over" in str(ask(fake))


def test_an_answer_that_takes_for_ever(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWER_S", -1.0)
    fake.routes["/x"] = lambda _: Answer(b"{}")
    assert "not there after" in str(ask(fake))


def test_an_answer_that_leads_in_circles(fake: Fake) -> None:
    fake.routes["/x"] = lambda _: Answer(b"", 302, {"Location": "/x"})
    assert "without end" in str(ask(fake))


# ------------------------------------------------------------------ nesting


DEEP = b"[" * 100_000 + b"]" * 100_000


def test_json_nested_deeper_than_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")
    with pytest.raises(InvalidRecord):
        decode(REPORTS, b'{"schema":"report/1","of":%b}' % DEEP)
    with pytest.raises(LinesError, match="line 1"):
        list(read_lines([write(tmp_path, b'{"topic":"reports","value":%b}' % DEEP, "lines.jsonl")]))
    for content in (DEEP, b'{"result":%b}' % DEEP):
        with pytest.raises(SourceError):
            list(ooni.read(write(tmp_path, content, "answer.json"), entity="country/KZ"))
    with pytest.raises(SourceError, match="no JSON"):
        list(read_telegram(write(tmp_path, b'{"messages": [%b]}' % DEEP, "result.json")))


def test_the_api_takes_what_it_says_and_no_more() -> None:
    with filled() as state, client(state) as asking:
        as_json = {"content-type": "application/json"}
        assert asking.post("/reports", content=DEEP[:60_000], headers=as_json).status_code == 400
        assert asking.post("/reports", content=b"[" * 64_001).status_code == 413
        assert asking.get("/shutdowns?country=" + "a" * 4_096).status_code == 414
        assert asking.get("/shutdowns", params={"place": "a" * 301}).status_code == 400
        many = asking.get("/shutdowns", params={"place": [f"KZ/{number}" for number in range(21)]})
        assert (many.status_code, "more than 20" in many.text) == (400, True)
        fields = "&".join(f"f{number}=1" for number in range(61))
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert asking.post("/report", content=fields, headers=headers).status_code == 400


# ------------------------------------------------------------------ state


def test_a_value_of_the_state_that_unpacks_to_more_than_a_value_may_have() -> None:
    with pytest.raises(ValueError, match="unpacks to more"):
        decode_day(b"z" + zlib.compress(ZEROS), 18_686)


# ------------------------------------------------------------------ paths and names


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../b", "..", "", "a\0b", "x" * 3_000, ".ssh"]
)
def test_an_id_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = (tmp_path / f"{name_of(name)}.xml").resolve()
    assert path.parent == tmp_path.resolve()
    assert not path.name.startswith("..")
    path.write_bytes(b"")


def test_shutdowns_called_like_paths_are_written_into_the_folder(tmp_path: Path) -> None:
    one = next(record for _, record in reversed(played()) if isinstance(record, Shutdown))
    run = tmp_path / "run.jsonl"
    run.write_bytes(encode(msgspec.structs.replace(one, id="../../escaped")))
    out = tmp_path / "a" / "b" / "c"
    done = CliRunner().invoke(shutdowns, ["export", "--from", str(run), "--format", "cap", "--out", str(out)])
    assert done.exit_code == 0, done.output
    written = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file() and path != run]
    assert [path.parent for path in written] in ([out.relative_to(tmp_path)], [out.parent.relative_to(tmp_path)])


@pytest.mark.parametrize("name", ["leapseconds", "zone.tab", "../../etc/passwd", "a" * 300, "Asia", "Asia/../UTC"])
def test_a_zone_is_a_zone(name: str) -> None:
    with pytest.raises(geography.GeographyError, match="no time zone"):
        geography.zone(name)


def test_evidence_with_a_zone_that_is_none_is_refused_and_stops_nobody() -> None:
    from streams.pipeline import build_stage

    outage = next(record for _, record in played() if isinstance(record, Outage))
    place = msgspec.structs.replace(outage.place, time_zone="leapseconds")
    spoilt = decode(EVIDENCE, encode(msgspec.structs.replace(outage, place=place)))
    result = build_stage("correlate").process([spoilt, outage], {})
    assert [(one.index, one.field) for one in result.refused] == [(0, "place.time_zone")]
    assert result.out


@pytest.mark.parametrize("name", ["..%2f..%2fapp.py", "%2e%2e", "a" * 3_000 + ".js", "page.js%00", "/etc/passwd"])
def test_only_the_pages_own_files_are_served(name: str) -> None:
    with filled() as state, client(state) as asking:
        assert asking.get(f"/static/{name}").status_code == 404


def test_every_limit_is_told() -> None:
    text = (Path(__file__).parents[1] / "docs" / "THREATS.md").read_text("utf-8")
    for name in (one for one in vars(limits) if one.isupper()):
        assert f"`{name}`" in text, name


def test_every_threats_test_is_there() -> None:
    root = Path(__file__).parent
    named = re.findall(
        r"`((?:\w+/)*\w+\.py)(?:::(\w+))?`", (root.parent / "docs" / "THREATS.md").read_text("utf-8")
    )
    assert len(named) > 40
    for file, name in named:
        assert f"def {name}" in (root / file).read_text("utf-8"), f"{file}::{name}"


def test_what_has_no_end_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "list.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(SourceError, match="is no file"), opened(path):
            pytest.fail(f"{path} was opened")


def test_of_a_feed_without_end_the_newest_are_read() -> None:
    item = b"<item><guid>%d</guid><pubDate>Sun, 28 Feb 2021 10:00:00 GMT</pubDate></item>"
    content = b"<rss><channel>" + b"".join(item % number for number in range(50_000)) + b"</channel></rss>"
    feed = parse(content, "here")
    assert [one.key for one in feed.items] == [str(number) for number in range(limits.FEED_ITEMS)]
