"""Small stages with their own topics, to try the runtime with."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from streams.stage import Refused, Result, Stage, Store
from topics import Record, Topic


class Tick(Record, frozen=True, kw_only=True, tag_field="schema", tag="tick/1"):
    """One thing to be counted under a name. Ticks of a name are numbered from 1, in order."""

    id: str
    name: str
    number: int
    padding: str = ""


class Tally(Record, frozen=True, kw_only=True, tag_field="schema", tag="tally/1"):
    """How often a name came, after one tick. `seen` is the sum of numbers, to tell a hole from a repetition."""

    id: str
    name: str
    count: int
    seen: int
    padding: str = ""


TICKS = Topic("ticks", (Tick,), "Ticks.", "the name", lambda record: record.name, "none")
TALLIES = Topic("tallies", (Tally,), "Tallies.", "the name", lambda record: record.name, "none")


class Counting:
    """Counts the ticks of each name, each once: state is a line `number count sum` a name."""

    source = TICKS
    outputs: tuple[Topic, ...] = (TALLIES,)
    layout = 1

    def __init__(self, name: str = "counting") -> None:
        self.name = name

    def process(self, records: Sequence[Any], store: Store) -> Result:
        result = Result()
        for index, tick in enumerate(records):
            if tick.name == "nowhere":
                result.refused.append(Refused(index, "unknown-place", "nowhere is no place", "name"))
                continue
            last, count, seen = (int(part) for part in store.get(tick.name, b"0 0 0").split())
            if tick.number > last:
                last, count, seen = tick.number, count + 1, seen + tick.number
                store[tick.name] = b"%d %d %d" % (last, count, seen)
            result.out.append((TALLIES, self.tally(tick, count, seen)))
        return result

    def tally(self, tick: Tick, count: int, seen: int) -> Tally:
        return Tally(id=tick.id, name=tick.name, count=count, seen=seen)

    def forget(self) -> None:
        return


class Failing(Counting):
    """Raises on the tick named `boom`, until a file exists: the fix."""

    def process(self, records: Sequence[Any], store: Store) -> Result:
        if any(tick.name == "boom" for tick in records) and not Path(os.environ["TOY_FIX"]).exists():
            raise RuntimeError(f"boom: {records}")
        return super().process(records, store)


class Locating(Counting):
    """Knows where nowhere is once the fix is there."""

    def process(self, records: Sequence[Any], store: Store) -> Result:
        if not Path(os.environ["TOY_FIX"]).exists():
            return super().process(records, store)
        known = [replace(tick, name="somewhere") if tick.name == "nowhere" else tick for tick in records]
        return super().process(known, store)


class Swelling(Failing):
    """Makes a record too large to be read of the tick named `boom`, until the fix."""

    def process(self, records: Sequence[Any], store: Store) -> Result:
        return Counting.process(self, records, store)

    def tally(self, tick: Tick, count: int, seen: int) -> Tally:
        swollen = tick.name == "boom" and not Path(os.environ["TOY_FIX"]).exists()
        return Tally(id=tick.id, name=tick.name, count=count, seen=seen, padding="x" * 600_000 if swollen else "")


class Hoarding(Counting):
    """Keeps state too large to be written under the name `boom`, until the fix. What it sends is sound."""

    def process(self, records: Sequence[Any], store: Store) -> Result:
        result = super().process(records, store)
        if any(tick.name == "boom" for tick in records) and not Path(os.environ["TOY_FIX"]).exists():
            store["boom"] = store["boom"].ljust(600_000)
        return result


class Relaid(Counting):
    """Keeps its state in the layout that the environment says."""

    layout = int(os.environ.get("TOY_LAYOUT", "1"))


def dozing() -> Stage:
    """Works, it says, and fetches nothing until the fix, as Faust can; and is looked at with little patience."""
    from streams import health, worker
    from streams.agents.consumer import StageConsumer

    health.STALL_S, worker.LOOK_EVERY_S = 3.0, 0.5
    fetch = StageConsumer._getmany

    async def nothing(self: StageConsumer, active_partitions: Any, timeout: float) -> Any:
        if Path(os.environ["TOY_FIX"]).exists():
            return await fetch(self, active_partitions, timeout)
        await asyncio.sleep(timeout)
        return {}

    StageConsumer._getmany = nothing  # type: ignore[method-assign]
    return Counting("dozing")


def counting() -> Stage:
    return Counting()


def failing() -> Stage:
    return Failing("failing")


def locating() -> Stage:
    return Locating("locating")


def swelling() -> Stage:
    return Swelling("swelling")


def hoarding() -> Stage:
    return Hoarding("hoarding")


def relaid() -> Stage:
    return Relaid("relaid")
