"""Lists that come as tables or as answers of an API: either way rows of cells by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    number = 0
    for line, raw in documents(path):
        rows = answer(raw, f"{path}, line {line}")
        yield from (row_of(number + at, cells) for at, cells in enumerate(rows, 1))
        number += len(rows)
