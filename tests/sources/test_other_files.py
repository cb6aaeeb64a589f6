"""A file that is none of a source's: the message names what is missing, or the file's kind, and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from streams.sources.catalogue import SOURCES, Source
from streams.sources.files import SourceError
from streams.sources.rows import Rejected
from tests.fuzzing.files import OPTIONS

#: What they say, by how they begin: a field in backquotes, or what the file is not; and what to do.
NAMED = re.compile(r"`\w+`|not JSON|is no [A-Za-z]+|columns")
TO_DO = re.compile(r"[Gg]ive |Export |Look into|is it an? |is that the |[Dd]ownload|neither `")

FILES = {"list.csv": b"a,b\n1,2\n", "object.json": b'{"a":1}\n', "page.html": b"<html><p>no</p></html>\n"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("source", [one for one in SOURCES if one.reader], ids=lambda one: one.name)
def test_it_says_what_is_missing_and_what_to_do(source: Source, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    options: Any = OPTIONS.get(source.name, {})
    path.write_bytes(FILES[name])
    try:
        rows = list(source.read()(path, **options))
    except SourceError as error:
        words = str(error)
        assert str(path) in words
        assert NAMED.search(words), words
        assert TO_DO.search(words), words
    else:
        # What may be rows says of each why it is none.
        assert all(isinstance(row, Rejected) and row.reason for row in rows), rows
