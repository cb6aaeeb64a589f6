"""Reading lists: headers in every state, and files damaged in every way that was seen or can be thought of."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import StreamsError
from streams.sources import Rejected, SourceError
from streams.sources.rows import CELL_CHARS, HEADER_ROWS, Cells, Schema, column, table

SCHEMA = Schema("the list of tests", ("id", "start_date", "country"))
HEADER = "ID,start_date ,country\n"


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path, *schemas: Schema) -> list[tuple[int, Cells] | Rejected]:
    return list(table(path, *(schemas or (SCHEMA,))).rows)


def test_rows_have_the_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    rows = read(write(tmp_path, HEADER + "1,2019-01-01,Chad\n\n ,,\n2,2019-01-02, Benin \n"))
    assert rows == [
        (2, {"id": "1", "start_date": "2019-01-01", "country": "Chad"}),
        (5, {"id": "2", "start_date": "2019-01-02", "country": "Benin"}),
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("end_date ", "end_date"),
        (" IODA IBR visible by human", "ioda_ibr_visible_by_human"),
        ("users_affected/targetted ", "users_affected_targetted"),
        ("other_service_details (specify) ", "other_service_details_specify"),
        ("telco_ ack", "telco_ack"),
        ("Duration", "duration"),
        ("", ""),
    ],
)
def test_columns_by_what_is_the_same_every_year(header: str, name: str) -> None:
    assert column(header) == name


def test_prose_before_the_header(tmp_path: Path) -> None:
    path = write(tmp_path, '"Duration counts both, start and end day",,\n,,\n' + HEADER + "1,2020-01-01,Chad\n")
    assert read(path) == [(4, {"id": "1", "start_date": "2020-01-01", "country": "Chad"})]


def test_the_first_schema_that_fits_is_taken(tmp_path: Path) -> None:
    wider = Schema("the wider list", (*SCHEMA.columns, "links"))
    path = write(tmp_path, "id,start_date,country,links\n1,2,3,4\n")
    assert table(path, wider, SCHEMA).schema is wider
    assert table(path, SCHEMA, wider).schema is SCHEMA
    assert table(write(tmp_path, HEADER), wider, SCHEMA).schema is SCHEMA


def test_of_two_columns_of_one_name_the_first_that_says_something(tmp_path: Path) -> None:
    path = write(tmp_path, "id,start_date,country,Country \n1,a,,Chad\n2,b,Benin,Chad\n")
    assert [cells["country"] for _, cells in read(path)] == ["Chad", "Benin"]  # type: ignore[misc]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert len(read(write(tmp_path, b"\xef\xbb\xbf" + HEADER.encode() + b"1,2,3\n"))) == 1


# ------------------------------------------------------------------ files that are no list


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"list\.csv is not the list of tests: it has no column `country`"):
        table(write(tmp_path, "id,start_date\n1,2\n"), SCHEMA)


def test_of_several_schemas_the_nearest_is_named(tmp_path: Path) -> None:
    far = Schema("another list", ("a", "b", "c", "d"))
    with pytest.raises(SourceError, match="is not the list of tests: it has no column `id`"):
        table(write(tmp_path, "start_date,country\n"), far, SCHEMA)


def test_none_of_its_columns(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="have none of its columns `id`, `start_date`, `country`"):
        table(write(tmp_path, "1,2,3\n4,5,6\n"), SCHEMA)


def test_a_header_is_not_looked_for_for_ever(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="none of its columns"):
        table(write(tmp_path, "prose,,\n" * HEADER_ROWS + HEADER), SCHEMA)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_do_as_well(tmp_path: Path, mark: str) -> None:
    rows = [["id", "start_date", "country", "a"], ["1", "2019-01-01", "Chad, all of it", "x, y, z, and more, too"]]
    path = write(tmp_path, "\n".join(mark.join(row) for row in rows))
    assert list(table(path, SCHEMA).rows) == [(2, dict(zip(rows[0], rows[1], strict=True)))]


def test_not_utf_8_says_where_and_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER.encode() + "1,2019-01-01,Côte d'Ivoire\n".encode("latin-1"))
    with pytest.raises(SourceError, match=r"list\.csv is not UTF-8: byte 0xf4 near 37.*CSV UTF-8.*iconv"):
        table(path, SCHEMA)


def test_utf_16_is_not_utf_8(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not UTF-8"):
        table(write(tmp_path, HEADER.encode("utf-16")), SCHEMA)


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError, match="is empty: export or download it again"):
        table(write(tmp_path, content), SCHEMA)


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="can't be read: No such file"):
        table(tmp_path / "nothing.csv", SCHEMA)
    with pytest.raises(SourceError, match="is no file: save what it gives, and give that"):
        table(tmp_path, SCHEMA)


def test_its_errors_are_errors_of_this_system() -> None:
    assert issubclass(SourceError, StreamsError)


# ------------------------------------------------------------------ rows that are damaged


def only_rejected(tmp_path: Path, content: str) -> Rejected:
    rows = read(write(tmp_path, HEADER + "1,2019-01-01,Chad\n" + content))
    assert len(rows) == 2
    assert isinstance(rows[1], Rejected)
    assert rows[1].number == 3
    return rows[1]


def test_too_few_and_too_many_columns(tmp_path: Path) -> None:
    assert str(only_rejected(tmp_path, "2,2019-01-02\n")) == "damaged: wrong number of columns (2, not 3)"
    assert str(only_rejected(tmp_path, "2,2019-01-02,Chad,\n")) == "damaged: wrong number of columns (4, not 3)"


def test_a_file_that_ends_inside_quotes(tmp_path: Path) -> None:
    assert str(only_rejected(tmp_path, '2,2019-01-02,"Cha')) == "damaged: the file ends inside it"


def test_quotes_that_do_not_match(tmp_path: Path) -> None:
    rows = read(write(tmp_path, HEADER + '1,2019-01-01,"Chad"x\n2,2019-01-02,Benin\n'))
    assert [str(row) for row in rows if isinstance(row, Rejected)] == ["damaged: its quotes don't match"]
    assert (3, {"id": "2", "start_date": "2019-01-02", "country": "Benin"}) in rows


def test_nul_bytes(tmp_path: Path) -> None:
    assert str(only_rejected(tmp_path, "2,2019-01-02,Ch\0ad\n")) == "damaged: holds NUL bytes (country)"


def test_a_cell_of_5_mb(tmp_path: Path) -> None:
    rows = read(write(tmp_path, HEADER + f"1,2019-01-01,{'x' * 5_000_000}\n2,2019-01-02,Benin\n"))
    assert [str(row) for row in rows if isinstance(row, Rejected)] == [
        f"damaged: a cell of more than {CELL_CHARS:,} characters (country)"
    ]
    assert len(rows) == 2


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([SCHEMA.columns, *rows])
    path = write(tmp_path_factory.mktemp("rows"), text.getvalue())
    wanted = [dict(zip(SCHEMA.columns, (cell.strip() for cell in row), strict=True)) for row in rows]
    assert [row[1] for row in read(path) if not isinstance(row, Rejected)] == [
        cells for cells in wanted if any(cells.values())
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_an_error_that_says_so(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    path = write(tmp_path_factory.mktemp("bytes"), HEADER.encode() + tail)
    try:
        rows = read(path)
    except SourceError:
        return
    numbers = [row.number if isinstance(row, Rejected) else row[0] for row in rows]
    assert numbers == sorted(set(numbers))


def workbook(tmp_path: Path, **sheets: list[list[str]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    return path


KNOWN = ["ID", "start_date", "country"]


def test_every_sheet_with_a_known_header_is_read_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        Notes=[["Read me first"], ["These are the rules"]],
        Year1=[KNOWN, ["1", "2019-01-01", "Chad"]],
        Empty=[],
        Codebook=[["column", "meaning"], ["ID", "a number"]],
        Year2=[["prose before"], ["country", "ID", "start_date", "more"], ["Togo", "2", "2020-02-02", "x"]],
        Chart=[["a", "b"]] * 30,
        Year3=[KNOWN, ["3", "2021-03-03", "Mali"]],
    )
    rows = read(path)
    assert [
        (number, cells["country"]) for number, cells in (one for one in rows if not isinstance(one, Rejected))
    ] == [
        (2, "Chad"),
        (3, "Togo"),
        (2, "Mali"),
    ]
    left_out = [str(one) for one in rows if isinstance(one, Rejected)]
    assert left_out == [
        f"sheet left out: it has no known header ({name})" for name in ("the first", "Codebook", "Chart")
    ]


def test_a_workbook_without_a_known_header_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    path = workbook(tmp_path, One=[["ID", "country"]], Two=[["nothing"]])
    with pytest.raises(SourceError, match="it has no column `start_date`"):
        read(path)
