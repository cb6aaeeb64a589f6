"""docs/SERVICES.md: each fact of a double names the test that holds it, and each such test stands there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "SERVICES.md").read_text()


def test_each_test_of_a_double_holds_a_fact_of_the_page_and_there_are_no_others() -> None:
    text = (ROOT / "tests" / "sources" / "test_doubles.py").read_text()
    assert set(re.findall(r"`(test_[a-z0-9_]+)`", PAGE)) == set(re.findall(r"^def (test_\w+)", text, re.M))


def test_the_files_that_it_names_are_there() -> None:
    named = re.findall(r"`((?:tests|streams)/[\w/]+\.py)`", PAGE)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_its_table_has_each_live_source_that_is_asked_over_http() -> None:
    from streams.sources.catalogue import SOURCES
    from streams.sources.rehearsal import NOT_HTTP

    rows = re.findall(r"^\| `([a-z-]+)` \| [\d,]+ \|", PAGE, re.M)
    assert set(rows) == {source.name for source in SOURCES if source.poller} - NOT_HTTP
