"""`undelivered`: changes that a receiver of a webhook did not take after all tries. Nothing is lost."""

from __future__ import annotations

from typing import Annotated

import msgspec

from topics.base import DAY_MS, Identifier, Name, Record, Topic, Whole
from topics.shutdown_changes import ShutdownChange


class Undelivered(Record, frozen=True, kw_only=True, tag_field="schema", tag="undelivered/1"):
    """A change that one notifier could not deliver."""

    id: Annotated[Identifier, msgspec.Meta(description="the notifier's name and the change's id")]
    notifier: Annotated[Name, msgspec.Meta(description="name of the notifier, and of its group")]
    attempts: Annotated[Whole, msgspec.Meta(ge=1, description="how often it was tried")]
    reason: Annotated[str, msgspec.Meta(description="what the last try came to")]
    change: ShutdownChange


def undelivered_key(record: Undelivered) -> str:
    return record.id


UNDELIVERED = Topic(
    name="undelivered",
    records=(Undelivered,),
    summary="Changes that a receiver of `shutdowns notify` did not take after all tries.",
    key_words="the notifier's name and the change's id",
    key=undelivered_key,
    event_time="the shutdown's",
    partitions=1,
    retention_ms=90 * DAY_MS,
)
