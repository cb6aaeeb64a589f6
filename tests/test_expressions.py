"""No regular expression takes long, whatever it is given: each is timed on texts made from itself to make it slow.

Every expression of this system is looked at, whoever sees its text: those of the source files' literals, and those
that modules compile when they are imported. What makes one slow is a repeated part that can match in many ways, or
from many places. So each repeated part is pumped up, behind what may stand before it and in front of what can't
follow; and so is the whole. One that is only ever matched where a text begins is timed there alone.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

#: How `re` reads expressions. It has no stubs, as it is nobody's interface.
op: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

ROOT = Path(__file__).parents[1]

#: As long as any text that an expression sees: a cell of a list, a text of a record.
CHARS = 20_000

#: Processor time for it. What is linear takes a hundredth of this.
LIMIT_S = 0.25

#: A search that takes longer than this is given up: some would take years.
GIVEN_UP_S = 1

#: Characters among which one is sought that a class of characters has, or has not.
SAMPLES = "a1 A.,-_/\"'<>()[]{}:;=&%#@+*?!\n\tбا\u0938\u1200é|~\\"

IMPORTING = """
import importlib, json, pkgutil, re, sys
found, compile_ = {}, re._compile
def spy(pattern, flags):
    made = compile_(pattern, flags)
    frame = sys._getframe(1)
    while frame and "/re/" in frame.f_code.co_filename:
        frame = frame.f_back
    name = frame.f_code.co_filename if frame else ""
    if isinstance(made.pattern, str) and ("/streams/" in name or "/topics/" in name):
        found[made.pattern] = made.flags
    return made
re._compile = spy
import streams, topics
for package in (streams, topics):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".build" not in module.name and not module.name.endswith(("__main__", "agents.child")):
            importlib.import_module(module.name)
print(json.dumps(found))
"""

_ANCHORED = ("match", "fullmatch")
_CALLS = ("compile", "search", "sub", "subn", "findall", "finditer", "split", *_ANCHORED)


@cache
def expressions() -> dict[str, int]:
    """Every expression and its flags."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORTING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, int] = json.loads(done.stdout)
    return {**dict.fromkeys(uses(), 0), **found}


@cache
def uses() -> dict[str, frozenset[str]]:
    """The literal expressions, and by which methods each is used; `compile` where that is not known."""
    found: dict[str, set[str]] = {}
    paths = [one for folder in ("streams", "topics") for one in (ROOT / folder).rglob("*.py")]
    # What builds the tables of places reads what we chose, on our machines.
    for path in (one for one in paths if one.parent.name != "build"):
        tree, names = ast.parse(path.read_text("utf-8")), dict[str, str]()
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and (made := _of_re(node.value)) and made[1] == "compile":
                names |= {one.id: made[0] for one in node.targets if isinstance(one, ast.Name)}
        for node in ast.walk(tree):
            if (made := _of_re(node)) and not (made[1] == "compile" and made[0] in names.values()):
                found.setdefault(made[0], set()).add(made[1])
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
                found.setdefault(names[node.value.id], set()).add(node.attr)
    return {expression: frozenset(methods) for expression, methods in found.items()}


def _of_re(node: ast.AST) -> tuple[str, str] | None:
    """Expression and method of `re.method("expression", …)`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS):
        return None
    literal = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    owner = node.func.value
    if isinstance(literal, str) and isinstance(owner, ast.Name) and owner.id == "re":
        return literal, node.func.attr
    return None


def test_all_of_them_are_looked_at() -> None:
    known = expressions()
    assert len(known) > 60
    assert r"^[A-Z]{2}$" in known, "a type's pattern"
    assert any("telegram" in one for one in known), "one put together from parts"


def _one_of(items: list[tuple[Any, Any]]) -> str:
    text = parser.SubPattern(parser.State(), [(op.IN, items)])
    made = importlib.import_module("re._compiler").compile(text)
    return next((char for char in SAMPLES if made.match(char)), "a")


def sample(nodes: Any) -> str:
    """A text that a part of an expression may match."""
    parts = []
    for kind, value in nodes:
        if kind is op.LITERAL:
            parts.append(chr(value))
        elif kind is op.NOT_LITERAL:
            parts.append("b" if value == ord("a") else "a")
        elif kind is op.ANY:
            parts.append("a")
        elif kind is op.IN:
            parts.append(_one_of(value))
        elif kind is op.BRANCH:
            parts.append(sample(value[1][0]))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            parts.append(sample(value[2]) * max(1, value[0]))
        elif kind is op.SUBPATTERN:
            parts.append(sample(value[3]))
        elif kind is op.ATOMIC_GROUP:
            parts.append(sample(value))
    return "".join(parts)


def attacks(nodes: Any, chars: int, before: str = "") -> Iterator[str]:
    """Texts that make the repeated parts of an expression try as often as they can."""
    for kind, value in nodes:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            pumps = {sample(value[2])}
            if value[1] > 20:
                inner = [*value[2], *(one for node in value[2] if node[0] is op.SUBPATTERN for one in node[1][3])]
                pumps |= {sample([node]) for node in inner}
                pumps |= {sample(branch) for node in inner if node[0] is op.BRANCH for branch in node[1][1]}
                for pump in pumps - {""}:
                    yield before + pump * (chars // len(pump)) + "\0"
                    yield (before + pump) * (chars // len(before + pump)) + "\0"
            yield from attacks(value[2], chars, before)
        elif kind is op.SUBPATTERN:
            yield from attacks(value[3], chars, before)
        elif kind is op.ATOMIC_GROUP:
            yield from attacks(value, chars, before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from attacks(branch, chars, before)
        before += sample([(kind, value)])


class _GivenUpError(Exception):
    pass


@contextlib.contextmanager
def _given_up() -> Iterator[None]:
    """Raise `_GivenUpError` after `GIVEN_UP_S` of processor time: `re` looks at signals as it goes."""

    def give_up(*_: object) -> None:
        raise _GivenUpError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slowest_s(expression: str, flags: int = 0, *, anchored: bool = False, chars: int = CHARS) -> tuple[float, str]:
    """The most processor time that an expression takes for one of its attacks, and that."""
    made = re.compile(expression, flags & ~re.UNICODE)
    tree = parser.parse(expression, flags & ~re.UNICODE)
    worst = 0.0, ""
    whole = sample(tree) or "a"
    texts = {*attacks(tree, chars), whole * (chars // len(whole)), whole[:-1] * (chars // max(1, len(whole) - 1))}
    for text in sorted(texts):
        began = time.process_time()
        with contextlib.suppress(_GivenUpError), _given_up():
            if anchored:
                made.fullmatch(text)
                made.match(text)
            else:
                for _ in made.finditer(text):
                    pass
        worst = max(worst, (time.process_time() - began, text))
        if worst[0] > LIMIT_S:
            break
    return worst


@pytest.mark.parametrize(
    ("slow", "chars"), [(r"(a+)+$", 23), (r"(a+)+$", 99), (r"(?:a|aa)*b", 32), (r"\s+$", CHARS)]
)
def test_slow_ones_are_found(slow: str, chars: int) -> None:
    assert slowest_s(slow, chars=chars)[0] > LIMIT_S


@pytest.mark.parametrize("expression", sorted(expressions()))
def test_no_text_makes_it_slow(expression: str) -> None:
    anchored = uses().get(expression, frozenset({"search"})) <= {*_ANCHORED}
    took_s, text = slowest_s(expression, expressions()[expression], anchored=anchored)
    assert took_s < LIMIT_S, f"{took_s:.2f} s for {text[:60]!r}…"
