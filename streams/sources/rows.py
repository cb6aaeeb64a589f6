"""What a source's reader gives: one `Row` for each row of a list, accepted or rejected, none left out.

Lists come as CSV or spreadsheets, by way of many hands. `table` reads them strictly: a file that isn't what
it should be is an error that says what to do; a row that is damaged is a row that is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from streams.sources.cells import MARKS, Cell, Damaged, Sheet, is_text, sheets_of
from streams.sources.files import SourceError
from topics import Record, Topic

#: A header is looked for in so many rows from the top: some lists begin with a line of prose.
HEADER_ROWS = 10

#: More characters in one cell are no text of a list but the rest of a damaged file.
CELL_CHARS = 20_000


#: The country of a record that is only taken back: none is known, and none is needed.
NO_COUNTRY = "ZZ"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row as a record. `number` is the row's as a spreadsheet counts, the header's being 1 or more."""

    number: int
    topic: Topic
    record: Record
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that makes no record: why (the same words for the same fault), and what it had there."""

    number: int
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


Row = Accepted | Rejected


class Refusal(Exception):
    """Raised inside readers for a row that makes no record; becomes `Rejected`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def at(self, number: int) -> Rejected:
        return Rejected(number, self.reason, self.detail)


class FirstRows:
    """The row that first gave each id of a list, so that a twin of it can be refused."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def refuse_twin(self, identity: str, number: int, reason: str, detail: str = "") -> None:
        """Remember the row of an id.

        Raises:
            Refusal: another row has it already; `detail` and that row are its detail.
        """
        first = self._rows.setdefault(identity, number)
        if first != number:
            raise Refusal(reason, f"{detail}, row {first}" if detail else f"row {first}")


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns by which a list is recognised, as `column` writes them; a file may have more."""

    name: str
    columns: tuple[str, ...]


Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows under the schema that its header has: (number, cells by column), or rejected.

    Of a workbook these are the rows of all sheets with a known header; `schema` is that of the first of them.
    """

    schema: Schema
    rows: Iterator[tuple[int, Cells] | Rejected]


def column(header: str) -> str:
    """A column's name without what differs from year to year: blanks, capitals, punctuation.

    >>> column("end_date "), column("full or service-based"), column("telco_ ack")
    ('end_date', 'full_or_service_based', 'telco_ack')
    """
    return re.sub(r"[^a-z0-9]+", "_", header.strip().lower()).strip("_")


def table(path: Path, *schemas: Schema) -> Table:
    """Read a CSV, XLSX or Parquet file whose header has the columns of one of `schemas`, a row at a time.

    The cells of a CSV may be separated by semicolons or tabs instead, as spreadsheets of some countries export it.

    Raises:
        SourceError: it can't be opened, is not UTF-8, or has none of these headers.
    """
    seen: list[list[str]] = []
    for mark in MARKS if is_text(path) else MARKS[:1]:
        found = _under(sheets_of(path, mark), schemas, seen)
        if found is not None:
            return found
    raise SourceError(_unrecognised(path, seen, schemas))


def _under(records: Iterator[Cell], schemas: Sequence[Schema], seen: list[list[str]]) -> Table | None:
    """The rows below the header, if there is one; the rows that are none go to `seen`."""
    before: list[Rejected] = []
    name = "the first"
    while True:
        found = _header(records, schemas, seen)
        if isinstance(found, _Header):
            return Table(found.schema, chain(before, _rows(records, found, schemas)))
        following = found if isinstance(found, Sheet) else _next_sheet(records)
        if following is None:
            return None
        before.append(_left_out(name))
        name = following.name


@dataclass(frozen=True, slots=True)
class _Header:
    """A header that was found: its schema, the names of its columns, and the number of the row below it."""

    schema: Schema
    columns: list[str]
    first: int


def _header(records: Iterator[Cell], schemas: Sequence[Schema], seen: list[list[str]]) -> _Header | Sheet | None:
    """The header among the first rows of a sheet; the next sheet where this one ends before; else None."""
    for number, cells in enumerate(records, 1):
        if isinstance(cells, Sheet):
            return cells
        if isinstance(cells, Damaged) or number > HEADER_ROWS:
            return None
        header = [column(cell) for cell in cells]
        for schema in schemas:
            if set(schema.columns) <= set(header):
                return _Header(schema, header, number + 1)
        seen.append(cells)
    return None


def _next_sheet(records: Iterator[Cell]) -> Sheet | None:
    return next((one for one in records if isinstance(one, Sheet)), None)


def _left_out(name: str) -> Rejected:
    return Rejected(1, "sheet left out: it has no known header", name)


def _rows(
    records: Iterator[Cell], header: _Header, schemas: Sequence[Schema]
) -> Iterator[tuple[int, Cells] | Rejected]:
    """The rows below a header, and those of the sheets that follow."""
    following = yield from _rows_of_sheet(records, header)
    while following is not None:
        seen: list[list[str]] = []
        found = _header(records, schemas, seen)
        if isinstance(found, _Header):
            following = yield from _rows_of_sheet(records, found)
            continue
        # Sheets that hold nothing are in most workbooks.
        if any(cell.strip() for cells in seen for cell in cells):
            yield _left_out(following.name)
        following = found if isinstance(found, Sheet) else _next_sheet(records)


def _rows_of_sheet(
    records: Iterator[Cell], header: _Header
) -> Generator[tuple[int, Cells] | Rejected, None, Sheet | None]:
    names, repeated = header.columns, _repeated(header.columns)
    for number, cells in enumerate(records, header.first):
        if isinstance(cells, Sheet):
            return cells
        if isinstance(cells, Damaged):
            yield Rejected(number, f"damaged: {cells.why}")
            continue
        # One look at all cells together: rows are many, and damage is rare.
        text = "".join(cells)
        if not text or text.isspace():
            continue
        if len(cells) != len(names):
            yield Rejected(number, "damaged: wrong number of columns", f"{len(cells)}, not {len(names)}")
        elif "\0" in text:
            yield Rejected(
                number, "damaged: holds NUL bytes", names[[("\0" in cell) for cell in cells].index(True)]
            )
        elif len(text) > CELL_CHARS and (longest := _longest(names, cells)):
            yield Rejected(number, f"damaged: a cell of more than {CELL_CHARS:,} characters", longest)
        else:
            yield number, _by_name(names, repeated, cells)
    return None


def _longest(header: Sequence[str], cells: Sequence[str]) -> str:
    """The column of a cell that is too long; empty if none is."""
    return next((name for name, cell in zip(header, cells, strict=True) if len(cell) > CELL_CHARS), "")


def _repeated(header: Sequence[str]) -> dict[str, list[int]]:
    """Where each column stands that is there more than once."""
    where = {name: [at for at, one in enumerate(header) if one == name] for name in dict.fromkeys(header)}
    return {name: places for name, places in where.items() if len(places) > 1}


def _by_name(header: Sequence[str], repeated: dict[str, list[int]], cells: Sequence[str]) -> Cells:
    """Cells by column, blanks around them gone; of several columns of one name the first that says something."""
    stripped = [cell.strip() for cell in cells]
    found: Cells = dict(zip(header, stripped, strict=True))
    for name, places in repeated.items():
        found[name] = next((stripped[at] for at in places if stripped[at]), "")
    return found


def _unrecognised(path: Path, seen: Sequence[Sequence[str]], schemas: Sequence[Schema]) -> str:
    """What is missing, by the row and the schema that come nearest."""
    tries = [(set(schema.columns) - {column(cell) for cell in row}, schema) for row in seen for schema in schemas]
    missing, schema = min(tries, key=lambda one: len(one[0]) / len(one[1].columns), default=(set(), schemas[0]))
    names = ", ".join(f"`{name}`" for name in schema.columns if name in missing)
    if len(missing) < len(schema.columns):
        words = f"it has no column {names}"
    else:
        words = f"its first rows have none of its columns {names}"
    return f"{path} is not {schema.name}: {words}. Give the file as published, with its header."
