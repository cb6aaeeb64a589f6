"""Variables beside the settings: all that are read are listed, none is shown, and misspelt ones are told."""

from __future__ import annotations

import ast
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.checks import check_environment
from streams.cli.main import shutdowns
from streams.settings import documented
from streams.sources.catalogue import SOURCES
from streams.variables import Variable, unknown, variables
from tests.agents.harness import REPOSITORY

STREAMS = REPOSITORY / "streams"

#: Functions that read a variable whose name they are given.
GENERIC = {"settings.py", "variables.py", "sources/polling.py", "cli/notify.py"}

#: What a web server calls `environ` has the first, and it is none of ours; the other is a desktop's.
OF_OTHERS = {"PATH_INFO", "XDG_STATE_HOME"}


def names_read(path: Path) -> Iterator[str | None]:
    """The variables that a module reads or names; None where the name is not written there."""
    tree = ast.parse(path.read_text())
    constants = _constants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and re.fullmatch(r"SHUTDOWNS_[A-Z_]+", str(node.value)):
            yield str(node.value)
        asked = _asked(node)
        if isinstance(asked, ast.Constant):
            yield str(asked.value)
        elif isinstance(asked, ast.Name) and asked.id in constants:
            yield constants[asked.id]
        elif asked is not None:
            yield None


def _asked(node: ast.AST) -> ast.expr | None:
    """What a piece of code asks the environment for."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_environ(node.value):
        return node.slice
    if isinstance(node, ast.Call) and node.args:
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr == "get" and _is_environ(called.value):
            return node.args[0]
        if getattr(called, "attr", getattr(called, "id", "")) in ("getenv", "of_environment"):
            return node.args[0]
    return None


def _is_environ(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "environ"


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module names or imports."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            found |= {one.id: str(node.value.value) for one in node.targets if isinstance(one, ast.Name)}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streams"):
            module = import_module(str(node.module))
            found |= {
                one.name: value for one in node.names if isinstance(value := getattr(module, one.name, None), str)
            }
    return found


def test_every_variable_that_is_read_is_listed_and_no_other() -> None:
    read = {name for source in SOURCES for name in source.secrets}
    generic = set()
    for path in sorted(STREAMS.rglob("*.py")):
        module = str(path.relative_to(STREAMS))
        for name in names_read(path):
            if name is None:
                generic.add(module)
            elif module != "variables.py":
                read.add(name.removesuffix("_FILE"))
    assert generic == GENERIC, "what else reads a variable by a name that it is given?"
    settings = {variable for _, variable, _, _ in documented()}
    assert read - settings - OF_OTHERS == {one.name for one in variables()}


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('import os\nos.environ["NEW"]', ["NEW"]),
        ('import os\nX = "NEW"\nos.environ.get(X, "")', ["NEW"]),
        ('import os\nos.getenv("NEW")', ["NEW"]),
        ("from streams.settings import CONFIG_VARIABLE\nenviron[CONFIG_VARIABLE]", ["SHUTDOWNS_CONFIG"]),
        ('words = "SHUTDOWNS_NEW"', ["SHUTDOWNS_NEW"]),
        ('os.environ[f"{name}_FILE"]', [None]),
        ('os.environ["NEW"] = "written, not read"', []),
    ],
)
def test_a_new_one_would_be_seen(tmp_path: Path, code: str, names: list[str | None]) -> None:
    path = tmp_path / "module.py"
    path.write_text(code)
    assert list(names_read(path)) == names


def test_they_are_shown_as_set_or_not_and_never_what_they_say() -> None:
    environment = {
        "SHUTDOWNS_SALT": "open sesame open sesame",
        "ACLED_PASSWORD_FILE": "/run/sesame",
        "XDG_CACHE_HOME": "",
    }
    runner = CliRunner(env=environment)
    rows = {row["name"]: row for row in json.loads(runner.invoke(shutdowns, ["settings", "--json"]).stdout)}
    assert rows["SHUTDOWNS_SALT"] == {"name": "SHUTDOWNS_SALT", "value": "(hidden)", "origin": "SHUTDOWNS_SALT"}
    assert rows["ACLED_PASSWORD"]["origin"] == "ACLED_PASSWORD_FILE"
    assert rows["XDG_CACHE_HOME"] == {"name": "XDG_CACHE_HOME", "value": "", "origin": "default"}
    assert {one.name for one in variables()} <= rows.keys()
    done = CliRunner(env={**environment, "COLUMNS": "200"}).invoke(shutdowns, ["settings"])
    assert re.search(r"^ACLED_PASSWORD +set by ACLED_PASSWORD_FILE ", done.output, re.M)
    assert re.search(r"^SHUTDOWNS_WEBHOOK_SECRET +not set ", done.output, re.M)
    assert "sesame" not in done.output


def test_a_variable_counts_before_its_file() -> None:
    one = Variable("X", "a word", secret=True)
    assert one.given({"X": "1", "X_FILE": "2"}) == "X"
    assert one.given({"X": "", "X_FILE": "2"}) == "X_FILE"
    assert one.given({"X": ""}) is None
    assert Variable("X", "a word").given({"X_FILE": "2"}) is None, "only a secret is read from a file"


def test_what_is_misspelt_is_told_with_what_is_meant() -> None:
    known = [name for _, name, _, _ in documented()] + [one.name for one in variables()]
    known += ["SHUTDOWNS_SASL_PASSWORD_FILE", "SHUTDOWNS_SALT_FILE", "ACLED_PASSWORD_FILE"]
    assert unknown(dict.fromkeys(known, "x")) == []
    assert unknown({"SHUTDOWNS_PREFX": "", "HOME": "/", "OTHER_SHUTDOWNS_PREFX": "x"}) == []
    lines = unknown({"SHUTDOWNS_BOOTSRAP": "x", "SHUTDOWNS_PREFIX_FILE": "x", "SHUTDOWNS_ZZZZZZZZZZZZZZZZZ": "x"})
    assert [line.partition(" ")[0] for line in lines] == [
        "SHUTDOWNS_BOOTSRAP", "SHUTDOWNS_PREFIX_FILE", "SHUTDOWNS_ZZZZZZZZZZZZZZZZZ"
    ]  # fmt: skip
    assert lines[0].endswith("is SHUTDOWNS_BOOTSTRAP meant?")
    assert lines[1].endswith("is SHUTDOWNS_PREFIX meant?")


def test_the_command_warns_beside_what_it_shows() -> None:
    done = CliRunner(env={"SHUTDOWNS_BOOTSRAP": "sesame:9092"}).invoke(shutdowns, ["settings", "--json"])
    assert done.exit_code == 0
    assert "is SHUTDOWNS_BOOTSTRAP meant?" in done.stderr
    assert json.loads(done.stdout)
    assert "sesame" not in done.output


def test_a_worker_warns_at_its_start(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_environment({"SHUTDOWNS_BOOTSRAP": "sesame:9092"})
    assert "is SHUTDOWNS_BOOTSTRAP meant?" in caplog.text
    environment = {**os.environ, "SHUTDOWNS_BOOTSTRAP": "127.0.0.1:1", "SHUTDOWNS_PREFX": "sesame"}
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", "worker"],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, "there is no Kafka"
    assert "SHUTDOWNS_PREFX is set, and nothing reads it: is SHUTDOWNS_PREFIX meant?" in done.stderr
    assert "sesame" not in done.stderr
