"""Files of rows as lists of cells, a row at a time: CSV, XLSX and Parquet give the same texts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from streams.sources.files import SourceError, demand_utf8, opened

#: Python's reader gives up at 131,072 characters and loses its place; cells are measured by their reader instead.
_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Damaged:
    """Stands for a row that can't be taken apart, and says why."""

    why: str


#: What may stand between the cells of a row, the likeliest first.
MARKS = (",", ";", "\t")


def is_text(path: Path) -> bool:
    """Whether a file is CSV, by its name."""
    return path.suffix.casefold() not in (".xlsx", ".parquet")


def records_of(path: Path, mark: str = ",") -> Iterator[list[str] | Damaged]:
    """The rows of a file, its header first. What kind it is, its name says; `.csv` if nothing, with `mark` between
    the cells.

    Raises:
        SourceError: it can't be read, or not as what its name says.
    """
    kind = path.suffix.casefold()
    if kind == ".xlsx":
        return _sheet(path)
    if kind == ".parquet":
        return _parquet(path)
    demand_utf8(path)
    return _csv(path, mark)


def _csv(path: Path, mark: str) -> Iterator[list[str] | Damaged]:
    csv.field_size_limit(_LIMIT)
    with opened(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=mark, strict=True)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Damaged(
                    "the file ends inside it" if "end of data" in str(error) else "its quotes don't match"
                )


def _sheet(path: Path) -> Iterator[list[str] | Damaged]:
    """The rows of the first sheet of a workbook."""
    import openpyxl

    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            sheet = book.worksheets[0]
            width = sheet.max_column or 0
            for row in sheet.iter_rows(values_only=True):
                cells = [_text(cell) for cell in row]
                yield cells + [""] * (width - len(cells))
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise SourceError(f"{path} is no XLSX workbook, or a damaged one ({error}): export it again") from error


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
