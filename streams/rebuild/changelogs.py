"""A stage's changelog made anew, so that a crash at any moment leaves the old state or one that nobody starts on.

A changelog that is not compacted is one that `streams.checks` refuses: so it is closed first, then deleted and
made anew, still closed, and opened as the very last step.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from streams import admin
from streams.rebuild.errors import RebuildError
from streams.settings import Settings
from streams.sources.publishing import Publisher

#: How long Kafka may take to forget a topic that was deleted, seconds.
FORGETTING_S = 60.0


class Changelog:
    """The changelog and the group of one stage. `client` is from `admin.connected`."""

    def __init__(self, client: Any, settings: Settings, stage: str) -> None:
        self._client, self._settings, self.stage = client, settings, stage
        self.name = settings.changelog(stage)
        self._command = admin.rebuild_command(settings, stage)
        self._id = ""

    def members(self) -> int:
        """How many workers' processes the group has."""
        from kafka.errors import GroupIdNotFoundError

        # It would log at length that it can't read what Faust's assignor tells its like.
        logging.getLogger("kafka.admin").setLevel(logging.CRITICAL)
        group = self._settings.group(self.stage)
        try:
            found = admin.persistently(lambda: self._client.describe_groups([group]))
        except GroupIdNotFoundError:
            return 0
        return len(found[group]["members"])

    def close(self) -> bool:
        """Let no worker start on it any more. Says whether any could until now."""
        there = admin.live(self._client, [self.name]).get(self.name)
        if there is None or admin.unfinished(there):
            return False
        self._set_policy(admin.UNFINISHED_CONFIG)
        return True

    def open(self) -> None:
        """Let workers start on it."""
        self._set_policy(admin.CHANGELOG_CONFIG)

    def _set_policy(self, config: Mapping[str, str]) -> None:
        from kafka.admin import ConfigResource, ConfigResourceType

        changes = {"cleanup.policy": config["cleanup.policy"]}
        self._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, self.name, configs=changes)])

    def make_anew(self, partitions: int) -> None:
        """Delete it, and make it again, empty and closed."""
        from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError

        until = time.monotonic() + FORGETTING_S
        if admin.live(self._client, [self.name]):
            self._client.delete_topics([self.name])
        wanted = admin.Wanted(self.name, partitions, admin.UNFINISHED_CONFIG)
        while True:
            try:
                admin.apply(self._client, self._settings, [admin.Step(wanted, "create", "")])
                break
            except (TopicAlreadyExistsError, UnknownTopicOrPartitionError):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self._id = admin.live(self._client, [self.name])[self.name].topic_id

    def fill(self, rows: Iterable[tuple[int, bytes, bytes]]) -> int:
        """Write partition, key and value of each row; done when Kafka has them all. Says how many."""
        count = 0
        with Publisher(self._settings) as publisher:
            for partition, key, value in rows:
                publisher.put(self.name, key, value, partition=partition)
                count += 1
        return count

    def finish(self, records: int, topic: str, offsets: Mapping[int, int]) -> None:
        """Let the group go on behind what the state knows of, and workers start: this is the switch.

        Raises:
            RebuildError: somebody else wrote to it, or made it anew: another rebuild at the same time.
        """
        from kafka import TopicPartition
        from kafka.errors import NoError
        from kafka.structs import OffsetAndMetadata

        found = admin.live(self._client, [self.name], count=True).get(self.name)
        if found is None or found.topic_id != self._id or found.records != records:
            raise RebuildError(
                f"another rebuild of {self.stage} went on at the same time, so {self.name} is not whole. When no "
                f"other runs, `{self._command}` again; until then its workers don't start"
            )
        wanted = {TopicPartition(topic, one): OffsetAndMetadata(at, "", None) for one, at in offsets.items()}
        group = self._settings.group(self.stage)
        done = admin.persistently(lambda: self._client.alter_group_offsets(group, wanted))
        failed = {part: error for part, error in done.items() if error is not NoError}
        if failed:
            raise RebuildError(
                f"Kafka did not take the offsets of {group} ({failed}): is a worker "
                f"of an older version running? Stop it, and `{self._command}` again"
            )
        self.open()
