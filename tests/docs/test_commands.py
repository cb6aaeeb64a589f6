"""What the documents tell one to type is what the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.causes import FAULTS
from tests.agents.harness import REPOSITORY
from tests.commands import parse


def told() -> Iterator[tuple[str, str]]:
    """Document and command line, without its comment and what it is piped to."""
    for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))):
        for block in re.findall(r"^```(?:sh)?\n(.*?)^```$", path.read_text(), re.M | re.S):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("shutdowns "):
                    yield path.name, re.split(r"\s(?:#|\||>|&)", line)[0]


@pytest.mark.parametrize(("document", "line"), sorted(set(told())))
def test_each_command_is_one_with_these_options(
    document: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "DIR").mkdir()  # what stands for a folder in the documents
    words = shlex.split(line)[1:]
    # Files that one would have: commands look whether those are there that they are to read.
    for word in words:
        if re.fullmatch(r"[\w.]+\.\w+", word):
            (tmp_path / word).touch()
    parse(words)


def test_there_are_commands_in_the_documents() -> None:
    assert len(set(told())) > 40


def test_every_fault_of_the_benchmark_is_in_the_table() -> None:
    text = (REPOSITORY / "docs" / "RELIABILITY.md").read_text()
    table = text[text.index("| fault | how | to the end, s |") :].partition("\n\n")[0]
    named = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert named == list(FAULTS)
