"""Which partition's state a record belongs to: that to which Kafka's clients send its key now.

After a topic has grown, what came before lies where its key went then. It is counted to where its key goes now.
"""

from __future__ import annotations

from streams.rebuild.errors import RebuildError
from streams.replay.records import Arrived


class Placing:
    """Places records of one topic among so many partitions."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        #: Records that lie in another partition than their key's, for the topic was smaller when they came.
        self.moved = 0
        self._stranger: Arrived | None = None

    def of(self, row: Arrived) -> int:
        """The partition of a record's state."""
        from kafka.partitioner.default import murmur2

        if row.key is None:
            return row.partition
        number: int = murmur2(row.key) & 0x7FFFFFFF
        if number % self.partitions != row.partition:
            self.moved += 1
            if not any(number % fewer == row.partition for fewer in range(1, self.partitions)):
                self._stranger = self._stranger or row
        return number % self.partitions

    def demand_explained(self) -> None:
        """That every record lies where its key went at some time.

        Raises:
            RebuildError: one doesn't: whoever wrote it divides keys otherwise, and will go on so.
        """
        if self._stranger is not None:
            raise RebuildError(
                f"{self._stranger.where} has key {self._stranger.key!r}, which Kafka's own clients would never "
                "have sent to that partition. State is kept by partition, so all who write a topic must divide "
                "keys alike: by murmur2, as Java's client does (librdkafka: partitioner=murmur2_random)"
            )
