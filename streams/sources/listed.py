"""Lists that come as tables, or as one or several answers of an API; rows are numbered through all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from streams.sources.payloads import documents
from streams.sources.rows import Rejected, Row, Schema, table

RowOf = Callable[[int, Mapping[str, str]], Row]


def tabled(path: Path, schema: Schema, row_of: RowOf) -> Iterator[Row]:
    """What `row_of` makes of each row of a CSV, XLSX or Parquet file.

    Raises:
        SourceError: the file is not of that schema, or can't be read.
    """
    for row in table(path, schema).rows:
        yield row if isinstance(row, Rejected) else row_of(*row)


def listed(
    path: Path,
    schema: Schema,
    answer: Callable[[bytes, str], Sequence[Mapping[str, str]]],
    row_of: RowOf,
) -> Iterator[Row]:
    """The same, and of JSON files what `answer` reads as rows; those of several answers are counted on.

    Raises:
        SourceError: the file is neither, or can't be read.
    """
    if path.suffix.casefold() not in (".json", ".jsonl"):
        yield from tabled(path, schema, row_of)
        return

    def rows_of(raw: bytes, where: str) -> tuple[Iterable[Row], int]:
        rows = answer(raw, where)
        return (row_of(number, cells) for number, cells in enumerate(rows, 1)), len(rows)

    yield from of_answers(path, rows_of)


def of_answers(path: Path, rows_of: Callable[[bytes, str], tuple[Iterable[Row], int]]) -> Iterator[Row]:
    """The rows of a file of answers, numbered on from one to the next. `rows_of` makes of an answer and its
    whereabouts the rows, numbered from 1, and the count of its items.

    Raises:
        SourceError: it is no file of answers, can't be read, or an answer is none.
    """
    before = 0
    for line, raw in documents(path):
        rows, count = rows_of(raw, f"{path}, line {line}")
        yield from (replace(row, number=row.number + before) for row in rows)
        before += count
