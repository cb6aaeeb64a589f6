"""Records as JSON Lines: out, in, and what is wrong with a line."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import StreamsError
from streams.sources.lines import LinesError, read_lines, write_line
from topics import CATALOGUE, NEWS, REPORTS, Topic

LINE = b'{"topic":"reports","key":"r-1","value":{"schema":"report/1","id":"r-1"}}\n'


def write(tmp_path: Path, content: bytes, name: str = "lines.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_line_out_and_in(tmp_path: Path) -> None:
    value = b'{"id":"\xd0\x90","b" : 1.50}'
    path = write(tmp_path, write_line(REPORTS, "A-Алматы", value))
    assert list(read_lines([path])) == [(REPORTS, "A-Алматы", value)]


@given(st.sampled_from(CATALOGUE), st.text(max_size=20), st.dictionaries(st.text(), st.integers() | st.text()))
def test_whatever_the_value(
    tmp_path_factory: pytest.TempPathFactory, topic: Topic, key: str, content: dict[str, int | str]
) -> None:
    import json

    value = json.dumps(content).encode()
    path = write(tmp_path_factory.mktemp("lines"), write_line(topic, key, value) * 2)
    assert list(read_lines([path])) == [(topic, key, value)] * 2


def test_files_in_order_empty_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    first = write(tmp_path, b"\xef\xbb\xbf" + LINE + b"\n  \r\n" + LINE.replace(b"r-1", b"r-2"), "a")
    second = write(tmp_path, LINE.replace(b"reports", b"news").rstrip(), "b")
    assert [(topic, key) for topic, key, _ in read_lines([str(first), second])] == [
        (REPORTS, "r-1"),
        (REPORTS, "r-2"),
        (NEWS, "r-1"),
    ]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE)))
    assert [key for _, key, _ in read_lines(["-"])] == ["r-1"]


def test_a_value_that_is_no_record_is_for_its_stage_to_refuse(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"topic":"news","value":null}\n{"topic":"news","value":[1],"more":2}\n')
    assert list(read_lines([path])) == [(NEWS, None, b"null"), (NEWS, None, b"[1]")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"topic":"reports"', "truncated"),
        (b"not json", "malformed"),
        (b'{"topic":"reports","key":"x"}', "missing required field `value`"),
        (b'{"value":{}}', "missing required field `topic`"),
        (b'["reports",{}]', "Expected `object`"),
        (b'{"topic":1,"value":{}}', r"Expected `str`, got `int` - at `\$\.topic`"),
        (b'{"topic":"rumours","value":{}}', "no topic 'rumours'; there are measurements, form-reports, reports"),
        (b'{"topic":"reports","value":{"a":"\xff"}', "line 2"),
        (b"\x00\x01", "malformed"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, words: str) -> None:
    path = write(tmp_path, LINE + line + b"\n" + LINE)
    with pytest.raises(LinesError, match=words) as caught:
        list(read_lines([path]))
    assert "lines.jsonl, line 2: " in str(caught.value)
    assert isinstance(caught.value, StreamsError)


def test_deep_nesting_is_an_error_of_ours(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"topic":"reports","value":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    with pytest.raises(LinesError, match="line 1"):
        list(read_lines([path]))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LinesError, match="nothing can't be read: No such file"):
        list(read_lines([tmp_path / "nothing"]))
    with pytest.raises(LinesError, match="can't be read"):
        list(read_lines([tmp_path]))
