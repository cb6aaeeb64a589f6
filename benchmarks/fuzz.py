"""Spoilt input for every reader of bytes from outside: `python benchmarks/fuzz.py --minutes 60`.

The targets are those of tests/fuzzing, each in a process of its own, within limits of time and memory. What makes a
reader do something new is kept, and spoilt further. A finding is an error that isn't the documented one, more than
`--seconds` of processor time for one input, more than `--megabytes` of memory, or a process that dies; its input is
written to `--out`. Put it into tests/fuzzing/found/TARGET/, and the tests will hold its mending.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import re
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzzing.judging import Finding, Target, judged, limit_memory
from tests.fuzzing.mutation import mutated
from tests.fuzzing.targets import targets

#: Payloads kept to be spoilt further, at most so many.
MOST_KEPT = 400


@dataclass
class Run:
    """What a target's share of the time came to."""

    inputs: int = 0
    words: set[str] = field(default_factory=set)
    findings: dict[str, tuple[Finding, bytes]] = field(default_factory=dict)


def fuzz(target: Target, seconds: float, random: Random, limit_s: float, at: Path) -> Run:
    """Spoil a target's payloads for so long. Each input lies at `at` before: the process may die of it."""
    run, kept = Run(), list(target.seeds())
    for seed in kept:
        before = judged(target, seed, 10 * limit_s)
        run.words |= before if isinstance(before, frozenset) else set()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutated(random.choice(kept), target.kind, random, kept)
        at.write_bytes(data)
        run.inputs += 1
        came = judged(target, data, limit_s)
        if isinstance(came, Finding):
            known = run.findings.get(came.where)
            if known is None or len(data) < len(known[1]):
                run.findings[came.where] = came, data
        elif came - run.words:
            run.words |= came
            kept.append(data)
            if len(kept) > MOST_KEPT:
                kept.pop(random.randrange(len(kept)))
    return run


def _child(given: argparse.Namespace, name: str, seconds: float, at: Path, pipe: Connection) -> None:
    os.nice(10)
    warnings.simplefilter("ignore")
    logging.disable()
    target = targets()[name]
    for seed in target.seeds():
        judged(target, seed, 60)  # tables are loaded before memory is limited
    limit_memory(given.megabytes * 1_000_000)
    random = Random(f"{given.seed} {name}")  # noqa: S311 - to be repeated, not to be secret
    pipe.send(fuzz(target, seconds, random, given.seconds, at))


def share(given: argparse.Namespace, name: str, seconds: float) -> Run:
    """One target's share, in a process of its own."""
    at = Path(tempfile.mkdtemp(prefix="fuzz-")) / "input"
    ours, its = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(given, name, seconds, at, its))
    process.start()
    its.close()
    try:
        run = ours.recv() if ours.poll(seconds + 300) else None
    except EOFError:
        run = None
    if run is None:
        process.kill()
    process.join()
    if isinstance(run, Run):
        return run
    words = f"died exit code {process.exitcode}"
    return Run(findings={words: (Finding(name, words, words), at.read_bytes() if at.exists() else b"")})


def report(name: str, run: Run, out: Path) -> None:
    """A line of a target, and its findings written down."""
    print(f"{name:45} {run.inputs:9,} inputs  {len(run.words):4} ways  {len(run.findings):3} findings", flush=True)
    for where, (finding, data) in run.findings.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^A-Za-z0-9.]+", "-", where)
        (folder / stem).write_bytes(data)
        (folder / f"{stem}.txt").write_text(finding.told, encoding="utf-8", errors="backslashreplace")
        print(f"    {where}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="in all, shared among the targets")
    parser.add_argument("--target", action="append", default=[], help="beginnings of names; all without")
    parser.add_argument("--seconds", type=float, default=5.0, help="processor time for one input")
    parser.add_argument("--megabytes", type=int, default=1_000, help="more memory than after the good payloads")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--list", action="store_true", help="the names of the targets")
    given = parser.parse_args()
    names = [name for name in targets() if not given.target or name.startswith(tuple(given.target))]
    if given.list or not names:
        print(*(names or targets()), sep="\n")
        return
    seconds = given.minutes * 60 / len(names)
    inputs = findings = 0
    with ThreadPoolExecutor(given.processes) as pool:
        for name, run in zip(names, pool.map(lambda name: share(given, name, seconds), names), strict=True):
            report(name, run, given.out)
            inputs, findings = inputs + run.inputs, findings + len(run.findings)
    print(f"{len(names)} targets, {inputs:,} inputs, {findings} findings")


if __name__ == "__main__":
    main()
