"""One input given to one reader, within limits of time and memory: what came of it, or what it did wrong."""

from __future__ import annotations

import resource
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from streams.errors import StreamsError
from topics import InvalidRecord, Record, Topic, decode, encode

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Target:
    """A reader of bytes from outside. `run` gives what it made of them, in words: new ones mean that an input
    went another way than all before. It may raise `refusals`, and nothing else.
    """

    name: str
    kind: str
    run: Callable[[bytes], Iterable[str]]
    seeds: Callable[[], Sequence[bytes]]
    refusals: tuple[type[Exception], ...] = (StreamsError, InvalidRecord)


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that a reader did wrong. `where` tells findings apart: the error, and the function nearest."""

    target: str
    where: str
    told: str


class TooSlow(BaseException):
    """Raised in a reader that takes too long; no reader catches it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TooSlow in what takes more processor time. Regular expressions of Python's look for signals too."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory(more_bytes: int) -> None:
    """Let this process take so much more memory than it has, and no more: then it is a MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def judged(target: Target, data: bytes, seconds: float) -> frozenset[str] | Finding:
    """What an input came to, or what was done wrong with it."""
    try:
        with within(seconds):
            return frozenset(target.run(data))
    except target.refusals as error:
        return frozenset((f"{type(error).__name__} {_shape(str(error))}",))
    except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever comes out is what is looked for
        return Finding(target.name, f"{type(error).__name__} {_nearest(error)}", "".join(_told(error)))


def _shape(words: str) -> str:
    """An error's words without what differs from input to input."""
    return " ".join(word for word in words.split() if word.isalpha())[:80]


def _nearest(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if (ROOT / "streams") in Path(one.filename).parents or "/topics/" in one.filename]
    last = (ours or list(frames))[-1]
    return f"{Path(last.filename).name}:{last.name}"


def _told(error: BaseException) -> list[str]:
    return traceback.format_exception(type(error), error, error.__traceback__, limit=-12)


def sound(topic: Topic, record: Record) -> str:
    """What kind of record it is. What a reader gives, its topic must take: everything else was to be rejected."""
    value = encode(record)
    again = decode(topic, value, len(value))
    if encode(again) != value:
        raise AssertionError(f"{topic.name} reads another record than was written")
    return f"{topic.name} {type(record).__name__} {getattr(record, 'flags', ())}"
