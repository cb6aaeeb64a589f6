"""Topics read by commands: one record that nobody can read hides none of the others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from streams.reading import readable
from tests.api.served import EXAMPLE
from topics import SHUTDOWNS, encode


@dataclass
class Row:
    """A record as Kafka or an archive has it."""

    value: bytes | None
    partition: int = 0
    offset: int = 7


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b'{"schema":"shutdown/99"}', b"[" * 100_000, b"\xff", None])
def test_a_bad_record_is_told_and_the_others_are_given(bad: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    good = Row(encode(EXAMPLE))
    assert list(readable(SHUTDOWNS, [good, Row(bad), good])) == [EXAMPLE, EXAMPLE]
    assert "shutdowns 0/7 can't be read" in caplog.text
