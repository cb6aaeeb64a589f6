"""Which version an upgrade is tried from: one that differs, however many commits ago it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.flow.versions import unpack, version_before


class Repository:
    """One of git's, with a program of two files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, path: str, text: str) -> str:
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", path)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("topics/base.py", "1")
    made.commit("streams/app.py", "1")
    return made


@pytest.mark.parametrize("program", ["streams/app.py", "topics/base.py"])
def test_commits_that_leave_the_program_as_it_is_are_passed_over(repository: Repository, program: str) -> None:
    before = repository.commit("docs/SCALING.md", "1")
    assert version_before(repository.folder) != before
    repository.commit(program, "2")
    assert version_before(repository.folder) == before
    repository.commit("docs/SCALING.md", "2")
    repository.commit("tests/test_app.py", "1")
    assert version_before(repository.folder) == before


def test_a_change_that_came_by_a_merge_counts(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("streams/app.py", "2")
    repository.git("checkout", "--quiet", "main")
    repository.commit("docs/SCALING.md", "1")
    repository.git("merge", "--quiet", "--no-edit", "side")
    found = version_before(repository.folder)
    assert found is not None
    assert repository.git("diff", "--name-only", found, "HEAD", "--", "streams", "topics") == "streams/app.py"


def test_without_a_history_there_is_none(repository: Repository, tmp_path: Path) -> None:
    repository.commit("docs/SCALING.md", "1")
    shallow = tmp_path / "shallow"
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(shallow))
    assert version_before(shallow) is None
    assert version_before(tmp_path) is None, "no repository at all"


def test_a_version_is_unpacked_as_it_was_and_one_that_is_not_there_is_said(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("streams/app.py", "2")
    repository.commit("docs/SCALING.md", "1")
    before = version_before(repository.folder)
    assert before is not None
    unpack(repository.folder, before, tmp_path / "before")
    assert (tmp_path / "before" / "streams" / "app.py").read_text() == "1"
    assert not (tmp_path / "before" / "docs").exists()
    with pytest.raises(ValueError, match=r"there is no v9 here to upgrade from: .+"):
        unpack(repository.folder, "v9", tmp_path / "none")
