"""Targets: every reader of files, each in each of its forms."""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from streams.sources.catalogue import SOURCES, source_named
from streams.sources.cells import Damaged, records_of
from streams.sources.files import opened
from streams.sources.lines import read_lines, write_line
from streams.sources.rows import Accepted
from streams.sources.salt import VARIABLE
from streams.sources.series_files import read_series
from tests.fuzzing.judging import Target, sound
from tests.played import played
from topics import encode

SEEDS = Path(__file__).parent / "seeds"

#: Options of readers that change what they do with the same bytes.
OPTIONS = {
    "telegram": {"place": "KZ", "keep_text": True},
    "feed": {"place": "KZ", "keep_text": True},
    "ripestat": {"place": "KZ"},
    "ooni": {"entity": "country/KZ"},
    "ripe-atlas": {"probes": SEEDS / "live-atlas" / "probes.0"},
    "ihr-delay": {"entity": "asn/KZ/9198"},
    "google-traffic": {"entity": "country/KZ"},
    "cloudflare-netflows": {"entity": "country/SS"},
    "ioda-signals": {"entity": "region/KZ/Almaty City"},
}

#: Rows read of a file: one of millions would say no more.
MOST_ROWS = 2_000


@cache
def _folder() -> Path:
    os.environ.setdefault(VARIABLE, "a salt for the tests alone")
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def stored(name: str, suffix: str) -> list[bytes]:
    """The payloads kept for a target, of one kind of file."""
    return [path.read_bytes() for path in sorted((SEEDS / name).glob(f"*{suffix}"))]


def as_file(data: bytes, suffix: str, read: Callable[[Path], Iterator[str]]) -> Iterator[str]:
    """What `read` makes of a file with these bytes."""
    path = _folder() / f"{os.getpid()}{suffix}"
    path.write_bytes(data)
    return read(path)


def _rows(name: str, path: Path) -> Iterator[str]:
    given: Any = OPTIONS.get(name, {})
    for number, row in enumerate(source_named(name).read()(path, **given)):
        yield sound(row.topic, row.record) if isinstance(row, Accepted) else f"rejected: {row.reason}"
        if number > MOST_ROWS:
            return


def _cells(path: Path) -> Iterator[str]:
    for number, row in enumerate(records_of(path)):
        yield row.why if isinstance(row, Damaged) else f"{len(row)} cells"
        if number > MOST_ROWS:
            return


def _lines(path: Path) -> Iterator[str]:
    return (f"{topic.name}" for topic, _, _ in read_lines([path]))


def _unpacked(path: Path) -> Iterator[str]:
    with opened(path) as stream:
        while block := stream.read(65_536):
            yield f"{len(block) // 10_000}"


def _series(path: Path) -> Iterator[str]:
    return (f"{one.signal} {one.step_s} {len(one.times) // 100}" for one in read_series(path))


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """An XLSX file of rows."""
    book, written = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(written)
    return written.getvalue()


def _workbooks() -> list[bytes]:
    rows = [line.split(",") for line in stored("read-acled", ".csv")[-1].decode("utf-8-sig").splitlines()]
    return [*stored("read-acled", ".xlsx"), workbook(rows)]


def _parquet() -> list[bytes]:
    sink = pa.BufferOutputStream()
    pq.write_table(pacsv.read_csv(io.BytesIO(stored("read-acled", ".csv")[-1])), sink)
    return [sink.getvalue().to_pybytes()]


def _gzips() -> list[bytes]:
    return [gzip.compress(one, mtime=0) for one in (b"", b"a,b\n1,2\n", bytes(5_000_000))]


def zipped(*files: tuple[str, bytes]) -> bytes:
    """A zip of files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return written.getvalue()


def _written() -> bytes:
    return b"".join(write_line(topic, topic.key(record), encode(record)) for topic, record in played()[:6])


def _zips() -> list[bytes]:
    return [zipped(("a.csv", b"a,b\n1,2\n")), zipped(("a", bytes(5_000_000))), zipped(("a", b"1"), ("b", b"2"))]


_KINDS = {".json": "json", ".jsonl": "jsonl", ".csv": "csv", ".xml": "xml", ".xlsx": "zip", ".zip": "zip"}


def _target(name: str, suffix: str, read: Callable[[Path], Iterator[str]], kind: str, seeds: list[bytes]) -> Target:
    return Target(f"{name}{suffix}", kind, partial(as_file, suffix=suffix, read=read), lambda: seeds)


def targets() -> Iterator[Target]:
    """All of them."""
    for source in SOURCES:
        if source.reader:
            for suffix in sorted({path.suffix for path in (SEEDS / f"read-{source.name}").iterdir()}):
                kind = "tsv" if source.name == "gdelt" and suffix == ".csv" else _KINDS[suffix]
                seeds = stored(f"read-{source.name}", suffix)
                yield _target(f"read-{source.name}", suffix, partial(_rows, source.name), kind, seeds)
    for suffix in (".csv", ".json"):
        yield _target("read-series", suffix, _series, _KINDS[suffix], stored("read-series", suffix))
    yield _target("read-lines", ".jsonl", _lines, "jsonl", [_written()])
    yield _target("cells", ".xlsx", _cells, "zip", _workbooks())
    yield _target("cells", ".parquet", _cells, "binary", _parquet())
    yield _target("unpacked", ".gz", _unpacked, "binary", _gzips())
    yield _target("unpacked", ".zip", _unpacked, "zip", _zips())
