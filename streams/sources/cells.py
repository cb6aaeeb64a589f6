"""Files of rows as lists of cells, a row at a time: CSV, XLSX and Parquet give the same texts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from xml.etree.ElementTree import ParseError

from streams import limits
from streams.sources.files import SourceError, demand_utf8, opened

#: Python's reader gives up at 131,072 characters and loses its place; cells are measured by their reader instead.
_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Damaged:
    """Stands for a row that can't be taken apart, and says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Stands before the rows of each sheet of a workbook but the first; rows are counted anew."""

    name: str


#: A row of a file, as its reader gives it.
Cell = list[str] | Damaged | Sheet

#: What may stand between the cells of a row, the likeliest first.
MARKS = (",", ";", "\t")


def is_text(path: Path) -> bool:
    """Whether a file is CSV, by its name."""
    return path.suffix.casefold() not in (".xlsx", ".parquet")


def records_of(path: Path, mark: str = ",") -> Iterator[list[str] | Damaged]:
    """The rows of a file, its header first; of a workbook those of its first sheet. See `sheets_of`."""
    for row in sheets_of(path, mark):
        if isinstance(row, Sheet):
            return
        yield row


def sheets_of(path: Path, mark: str = ",") -> Iterator[Cell]:
    """The rows of a file, its header first; of a workbook those of all sheets.

    What kind it is, its name says; `.csv` if nothing, with `mark` between the cells.

    Raises:
        SourceError: it can't be read, or not as what its name says.
    """
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        return _workbook(path)
    if kind == ".parquet":
        return _parquet(path)
    demand_utf8(path)
    return _csv(path, mark)


class _Lines:
    """The lines of a text, until a row is longer than any row: its quotes have no end, then."""

    def __init__(self, text: TextIO, path: Path) -> None:
        self._text, self._path, self._rows, self._chars = text, path, 0, 0

    def row_ends(self) -> None:
        """The row that was read is whole."""
        self._rows, self._chars = self._rows + 1, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(limits.ROW_CHARS + 1):
            self._chars += len(line)
            if self._chars > limits.ROW_CHARS:
                raise SourceError(
                    f"{self._path}, row {self._rows + 1} has more than {limits.ROW_CHARS:,} characters: a "
                    "quotation mark there has no end, or it is no CSV. Export it again"
                )
            yield line


def _csv(path: Path, mark: str) -> Iterator[list[str] | Damaged]:
    csv.field_size_limit(_LIMIT)
    with opened(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        lines = _Lines(text, path)
        reader = csv.reader(lines, delimiter=mark, strict=True)
        while True:
            try:
                row: list[str] | Damaged = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = Damaged(
                    "the file ends inside it" if "end of data" in str(error) else "its quotes don't match"
                )
            lines.row_ends()
            yield row


#: What a damaged workbook makes its reader raise: of the zip, of its XML, and of what is missing in that.
_NO_WORKBOOK = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ParseError),
    *(LookupError, ValueError, TypeError, AttributeError, AssertionError, OverflowError),
)


def _workbook(path: Path) -> Iterator[Cell]:
    """The rows of a workbook, sheet by sheet. Its XML is read by defusedxml, which refuses entities."""
    try:
        with path.open("rb") as stream:
            yield from _cells(stream, path)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}") from error


def _cells(stream: Any, path: Path) -> Iterator[Cell]:
    import openpyxl

    try:
        _demand_bounds(stream, path)
        sheets = openpyxl.load_workbook(stream, read_only=True, data_only=True).worksheets
        for number, sheet in enumerate(sheets):
            if number:
                yield Sheet(str(sheet.title))
            yield from _of_sheet(sheet)
    except _NO_WORKBOOK as error:
        raise SourceError(f"{path} is no XLSX workbook, or a damaged one ({error}): export it again") from error


def _of_sheet(sheet: Any) -> Iterator[list[str]]:
    width = min(sheet.max_column or 0, limits.WORKBOOK_COLUMNS)
    rows = sheet.iter_rows(max_row=limits.WORKBOOK_ROWS, max_col=limits.WORKBOOK_COLUMNS, values_only=True)
    for row in rows:
        # Empty rows may be a million in a file of a few bytes.
        cells = [""] if row.count(None) == len(row) else [_text(cell) for cell in row]
        yield cells + [""] * (width - len(cells) if len(cells) > 1 else 0)


def _demand_bounds(stream: Any, path: Path) -> None:
    """That a workbook is none too large: a zip says how large its files are, and no more is read of them."""
    with zipfile.ZipFile(stream) as archive:
        files = archive.infolist()
    size = sum(one.file_size for one in files)
    if len(files) > limits.WORKBOOK_FILES or size > limits.WORKBOOK_BYTES:
        raise SourceError(f"{path} unpacks to {len(files):,} files of {size:,} bytes: export its rows as CSV")


def _parquet(path: Path) -> Iterator[list[str] | Damaged]:
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            yield list(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=1_000):
                columns: Iterable[list[object]] = [column.to_pylist() for column in batch.columns]
                yield from ([_text(cell) for cell in row] for row in zip(*columns, strict=True))
    except (OSError, pyarrow.ArrowException) as error:
        raise SourceError(f"{path} can't be read as Parquet ({error}): download it again") from error


def _text(cell: object) -> str:
    """A cell as CSV has it: dates by ISO 8601, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, float):
        return "" if cell != cell else f"{int(cell)}" if cell.is_integer() else repr(cell)
    return str(cell)
