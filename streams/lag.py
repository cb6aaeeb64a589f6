"""How far the stages are behind, measured from outside: what is in their topics, less what they committed.

Faust's own figures freeze when it stalls, which is when one wants to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams import admin
from streams.settings import Settings
from topics import Topic


@dataclass(frozen=True, slots=True)
class StageLag:
    """Of one stage, by partition of its source: records not committed, the committed offsets (0 where none), and
    the offsets that the next records get."""

    behind: Mapping[int, int]
    committed: Mapping[int, int]
    ends: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(self.behind.values())


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast records are committed, and how long what is behind takes at that rate, if nothing more arrives.

    `records_per_s` is None where nobody looked twice. `catch_up_s` is 0 where nothing is behind, and None where no
    time can be told: nobody looked twice, or it stands still.
    """

    records_per_s: float | None
    catch_up_s: float | None


def paces(before: StageLag, after: StageLag, took_s: float) -> dict[int, Pace]:
    """The pace of each partition between two looks, `took_s` seconds apart; 0 if there was one look only."""
    found = {}
    for part, behind in after.behind.items():
        rate = _taken(before, after, part) / took_s if took_s else None
        found[part] = Pace(rate, 0.0 if not behind else behind / rate if rate else None)
    return found


def together(by_partition: Mapping[int, Pace]) -> Pace:
    """A stage's own pace. It has caught up when its slowest partition has: its records can't go to another."""
    rates = [one.records_per_s for one in by_partition.values() if one.records_per_s is not None]
    times = [one.catch_up_s for one in by_partition.values() if one.catch_up_s is not None]
    known = len(by_partition)
    return Pace(
        sum(rates) if len(rates) == known else None,
        max(times, default=0.0) if len(times) == known else None,
    )


def _taken(before: StageLag, after: StageLag, part: int) -> int:
    """Records committed between two looks. What retention took away meanwhile, nobody did."""
    began = before.ends.get(part, 0) - before.behind.get(part, 0)
    return max(0, after.committed[part] - began)


def lag(client: Any, settings: Settings, sources: Mapping[str, Topic]) -> dict[str, int]:
    """Records of its source that each stage has not committed. `client` is from `admin.connected`.

    At 0 everything has been processed and its results are on their topics: stages commit nothing before.
    """
    return {stage: one.total for stage, one in lag_by_partition(client, settings, sources).items()}


def lag_by_partition(client: Any, settings: Settings, sources: Mapping[str, Topic]) -> dict[str, StageLag]:
    """The same, partition by partition."""
    return admin.persistently(lambda: _once(client, settings, sources))


def _once(client: Any, settings: Settings, sources: Mapping[str, Topic]) -> dict[str, StageLag]:
    from kafka import TopicPartition
    from kafka.admin import OffsetSpec

    names = {settings.prefix + topic.name for topic in sources.values()}
    parts = [
        TopicPartition(topic["name"], one["partition_index"])
        for topic in client.describe_topics()
        if topic["name"] in names
        for one in topic["partitions"]
    ]
    first = client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.EARLIEST))
    last = client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.LATEST))
    committed = client.list_group_offsets([settings.group(stage) for stage in sources])
    found = {}
    for stage, topic in sources.items():
        offsets = committed.get(settings.group(stage), {})
        own = [part for part in parts if part.topic == settings.prefix + topic.name]
        done = {part: offsets[part].offset if part in offsets else 0 for part in own}
        found[stage] = StageLag(
            {part.partition: last[part].offset - max(first[part].offset, done[part]) for part in own},
            {part.partition: done[part] for part in own},
            {part.partition: last[part].offset for part in own},
        )
    return found
