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
    """Of one stage, by partition of its source: records not committed, and the committed offsets (0 where none)."""

    behind: Mapping[int, int]
    committed: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(self.behind.values())


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
        )
    return found
