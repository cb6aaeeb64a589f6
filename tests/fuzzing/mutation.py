"""Payloads spoilt: what a careless or hostile sender could make of a good one.

Structured where that reaches further than bytes: a JSON or MessagePack tree with one of its values replaced, a
table with cells moved, XML with its elements nested, a zip with one of its files spoilt; and bytes besides.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import msgspec

#: Texts that readers trip over: numbers too long or none, dates at the ends of calendars, letters that fold, roots
#: of other folders, formulas, entities, texts long enough for anything quadratic to show.
TEXTS = (
    "", " ", "\0", "0", "-1", "1e400", "-1e999", "nan", "inf", "9" * 20, "9" * 5_000, "²", "١٢٣", "1_000", "0x10",
    "+5", "1e5", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "9999-12-31T23:59:59-23:59",
    "2021-02-30", "2021-02-28T25:61", "00000000", "99991231235959",
    "Mon, 31 Dec 9999 23:59:59 -2359", "31/12/99", "12:60",
    "24:00",
    "../../etc/passwd", "/etc/passwd", "a/b", "C:\\x", "=cmd|' /C calc'!A0", "@SUM(1)", "&amp;&#0;&lol;",
    "<![CDATA[", "<![", "\ud800", "\udfff\ud800", "\u202e\u200f", "İıſK", "ß" * 400, "\U0001f1f0\U0001f1ff",
    "a\u0301" * 500, "ZZ", "KZ", "Kazakhstan", "Almaty", "Алматы", "whole country", "from 14:00 to", "http://",
    "https://[::1", "http://a:b@c:99999/", "-" * 3_000, "a" * 30_000, "1 " * 5_000, "(" * 2_000, '"' * 501,
    "\n" * 999, ";,\t" * 700, "a," * 5_000, "\\" * 801, "<a " * 9_000, "leapseconds", "http://[",
)  # fmt: skip

#: Values that a number, a list or an object may be instead.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 0.5, -0.0, 1e308, 1e-320, float("inf"),
    float("nan"), 632_000_000, 4_102_444_800, 4_102_444_801, 253_402_300_800, -62_135_596_801,
    [], {}, [[]], [None], [{}], {"": ""}, ["x"] * 300, [[0] * 50] * 50,
)  # fmt: skip

#: Values of a tree that a change is chosen among: trees may be large, and each may be asked for.
_MOST_PATHS = 3_000

Kind = str


def mutated(data: bytes, kind: Kind, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """A payload changed in one to six places; `others` are payloads of the same kind to take parts from."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        structured = _STRUCTURED.get(kind)
        if structured is not None and random.random() < 0.8:
            try:
                data = structured(data, random)
                continue
            except Exception:  # noqa: BLE001 - it is of its kind no longer, however that shows: as bytes, then
                pass
        data = _bytes(data, random, others)
    return data[:2_000_000]


#: Marks, halves of characters and bytes that no text has.
_NO_TEXT = (b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xf0\x9f", b"\xed\xa0\x80", b"&#" + b"9" * 5_000)


def _bytes(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.choice((1, 2, 4, 16, 200)))
    way = random.randrange(8)
    if way == 0:
        return data[:at] + data[end:]
    if way == 1:
        return data[:at] + random.randbytes(end - at) + data[end:]
    if way == 2:
        return data[:at] + random.choice(TEXTS).encode("utf-8", "surrogatepass") + data[at:]
    if way == 3:
        return data[:at]
    if way == 4:
        return data[:end] + data[at:end] * random.choice((1, 2, 50, 400)) + data[end:]
    if way == 5 and others:
        other = random.choice(others)
        return data[:at] + other[random.randrange(len(other) + 1) :]
    if way == 6:
        return data[:at] + random.choice(_NO_TEXT) + data[at:]
    if not data:
        return random.randbytes(3)
    at = min(at, len(data) - 1)
    return data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]


# ---------------------------------------------------------------------- trees


def _paths(tree: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every value of a tree."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting and len(found) < _MOST_PATHS:
        one = waiting.pop()
        keys: Any = one.keys() if isinstance(one, dict) else range(len(one))
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], dict | list):
                waiting.append(one[key])
    return found


def _value(random: Random) -> Any:
    way = random.randrange(4)
    if way == 0:
        return random.choice(VALUES)
    if way == 1:
        nested: Any = random.choice(("x", 1, None))
        for _ in range(random.choice((3, 60, 600))):
            nested = [nested] if random.random() < 0.5 else {"a": nested}
        return nested
    return random.choice(TEXTS)


def _changed(tree: Any, random: Random) -> Any:
    paths = _paths(tree) if isinstance(tree, dict | list) else []
    if not paths:
        return _value(random)
    container, key = random.choice(paths)
    old, way = container[key], random.randrange(7)
    if way == 0:
        del container[key]
    elif way == 1 and isinstance(container, list):
        container[key:key] = [old] * random.choice((1, 3, 40))
    elif way == 2:
        other, from_ = random.choice(paths)
        container[key] = other[from_] if other is not container else old
        json.dumps(tree, default=str)  # one that holds itself is no tree: ValueError, and it is spoilt another way
    elif way == 3 and isinstance(container, dict):
        container[random.choice((*TEXTS, *map(str, container)))] = container.pop(key)
    elif way == 4 and isinstance(old, str):
        container[key] = _text(old, random)
    elif way == 5 and isinstance(old, int | float) and not isinstance(old, bool):
        container[key] = random.choice((-old, old * 10**6, old + 0.5, str(old), old - 86_400 * 400, old // 1000))
    else:
        container[key] = _value(random)
    return tree


def _json(data: bytes, random: Random) -> bytes:
    tree = _changed(json.loads(data), random)
    return json.dumps(tree, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def _json_lines(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = random.randrange(len(lines))
    way = random.randrange(6)
    if way == 0:
        lines.insert(at, random.choice(lines))
    elif way == 1:
        lines.insert(at, b"\n")
    else:
        lines[at] = _json(lines[at], random) + b"\n"
    return b"".join(lines)


def _msgpack(data: bytes, random: Random) -> bytes:
    """MessagePack behind the byte that says how a day is packed, or alone."""
    head = data[:1] if data[:1] == b"p" else b""
    tree = msgspec.msgpack.decode(data[len(head) :])
    return head + msgspec.msgpack.encode(_changed(tree, random))


# ---------------------------------------------------------------------- texts and tables


def _text(text: str, random: Random) -> str:
    parts = re.split(r"(\W+)", text)
    at = random.randrange(len(parts))
    way = random.randrange(5)
    if way == 0:
        parts[at] = random.choice(TEXTS)
    elif way == 1:
        parts[at] = parts[at] * random.choice((2, 30, 700))
    elif way == 2:
        parts[at], parts[-1] = parts[-1], parts[at]
    elif way == 3:
        parts[at] = str(random.choice((0, 1, 24, 31, 61, 1999, 2100, 99_999, 10**12)))
    else:
        del parts[at]
    return "".join(parts)


def _plain(data: bytes, random: Random) -> bytes:
    return _text(data.decode("utf-8", "surrogatepass"), random).encode("utf-8", "surrogatepass")


def _table(mark: str) -> Callable[[bytes, Random], bytes]:
    def changed(data: bytes, random: Random) -> bytes:
        text = data.decode("utf-8-sig")
        lines = text.splitlines()
        rows = [line.split(mark) for line in lines] if mark == "\t" else list(csv.reader(io.StringIO(text)))
        row = random.choice(rows[: max(2, len(rows) // 4)] if random.random() < 0.5 else rows)
        at = random.randrange(len(row))
        way = random.randrange(8)
        if way == 0:
            rows.append(list(row))
        elif way == 1:
            del row[at]
        elif way == 2:
            other = random.randrange(len(row))
            for one in rows:
                one[at], one[other] = one[other], one[at]
        elif way == 3:
            row.insert(at, random.choice(TEXTS))
        elif way == 4:
            row[at] = _text(row[at], random)
        else:
            row[at] = random.choice(TEXTS)
        written = io.StringIO()
        if mark == "\t":
            written.writelines(mark.join(one) + "\n" for one in rows)
        else:
            csv.writer(written).writerows(rows)
        return written.getvalue().encode("utf-8", "surrogatepass")

    return changed


_TAG = re.compile(rb"<[^<>]+>|[^<>]+")


def _xml(data: bytes, random: Random) -> bytes:
    parts = _TAG.findall(data)
    at = random.randrange(len(parts))
    way = random.randrange(7)
    if way == 0:
        parts[at] = random.choice(TEXTS).encode("utf-8", "surrogatepass")
    elif way == 1:
        parts[at] = parts[at] * random.choice((2, 20, 1_000))
    elif way == 2:
        depth = random.choice((10, 500, 20_000))
        parts[at:at] = [b"<a>" * depth, b"</a>" * depth]
    elif way == 3:
        parts[0:0] = [
            b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        ]
        parts[at] = b"&m;&x;"
    elif way == 4:
        parts[at] = _bytes(parts[at], random, ())
    elif way == 5:
        parts[at] = b"&lt;" * random.choice((3, 3_000)) + b"&lt;p&gt;&lt;!--" + parts[at]
    else:
        del parts[at]
    return b"".join(parts)


def _zip(data: bytes, random: Random) -> bytes:
    """A zip, and what is made of them (XLSX), with one of its files spoilt, doubled or missing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(files))
    way = random.randrange(6)
    if way == 0:
        del files[name]
    elif way == 1:
        files[random.choice(("../../x", "/x", "a" * 300, "x/", name.upper()))] = files[name]
    elif way == 2:
        files[name] = _bytes(files[name], random, list(files.values()))
    else:
        files[name] = _xml(files[name], random)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for one, content in files.items():
            archive.writestr(one, content)
    return written.getvalue()


_TOML_VALUES = ("1e400", "nan", "-1", "true", '"x"', "[" * 400, "2021-02-28", "{}", "9" * 5_000, "''")


def _toml(data: bytes, random: Random) -> bytes:
    lines = data.decode().splitlines(keepends=True)
    at = random.randrange(len(lines))
    name, mark, _ = lines[at].partition("=")
    way = random.randrange(5)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(at, random.choice(lines))
    elif mark and way in (2, 3):
        lines[at] = f"{name}= {random.choice(_TOML_VALUES)}\n"
    else:
        lines[at] = _text(lines[at], random)
    return "".join(lines).encode("utf-8", "surrogatepass")


_STRUCTURED: dict[Kind, Callable[[bytes, Random], bytes]] = {
    "json": _json,
    "jsonl": _json_lines,
    "msgpack": _msgpack,
    "text": _plain,
    "csv": _table(","),
    "tsv": _table("\t"),
    "xml": _xml,
    "zip": _zip,
    "toml": _toml,
}
