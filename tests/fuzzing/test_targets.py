"""Whatever comes from outside: a record, a refusal that says why, or the documented error; within time and memory.

The long run is `benchmarks/fuzz.py`; here each reader gets a few spoilt payloads, the same in every run, and all
that the long runs found.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzzing.judging import Finding, Target, judged
from tests.fuzzing.mutation import mutated
from tests.fuzzing.targets import targets

FOUND = Path(__file__).parent / "found"

#: Processor time that an input may take here: machines are slow when others work on them.
LIMIT_S = 20.0


def check(target: Target, data: bytes) -> None:
    came = judged(target, data, LIMIT_S)
    assert not isinstance(came, Finding), f"{came.where}\n{data[:500]!r}\n{came.told}"


@pytest.mark.parametrize("target", targets().values(), ids=lambda target: target.name)
def test_good_payloads_are_taken(target: Target) -> None:
    for seed in target.seeds():
        check(target, seed)


@pytest.mark.parametrize("name", targets())
def test_spoilt_payloads_are_refused_or_taken(name: str) -> None:
    target = targets()[name]
    seeds = target.seeds()

    @settings(max_examples=12, derandomize=True, database=None)
    @given(st.integers(0, 2**32))
    def spoilt(number: int) -> None:
        random = Random(number)
        check(target, mutated(random.choice(seeds), target.kind, random, seeds))

    spoilt()


@pytest.mark.parametrize("path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(path: Path) -> None:
    check(targets()[path.parent.name], path.read_bytes())


def test_findings_are_told() -> None:
    """The judge itself: another error, too much time, and what is allowed."""

    def run(data: bytes) -> list[str]:
        if data == b"slow":
            while True:
                pass
        if data == b"refused":
            raise KeyError("documented")
        return [f"{1 / len(data)}"]

    target = Target("one", "text", run, lambda: [b"a"], (KeyError,))
    assert judged(target, b"ab", 5) == frozenset({"0.5"})
    assert judged(target, b"refused", 5) == frozenset({"KeyError "})
    for data, words in ((b"", "ZeroDivisionError"), (b"slow", "TooSlow")):
        found = judged(target, data, 0.2)
        assert isinstance(found, Finding)
        assert words in found.where
