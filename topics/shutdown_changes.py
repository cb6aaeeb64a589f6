"""`shutdown-changes`: every revision of every shutdown, in order, with what changed and because of what."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Identifier, Record, Topic
from topics.shutdowns import Shutdown

ChangeKind = Literal["opened", "updated", "escalated", "closed", "merged", "retracted"]


class ShutdownChange(Record, frozen=True, kw_only=True, tag_field="schema", tag="shutdown-change/1"):
    """One step in the life of a shutdown. `id` is the shutdown's id and revision, so each step is there once."""

    id: Identifier
    change: ChangeKind
    changed: Annotated[tuple[str, ...], msgspec.Meta(description="the fields of the shutdown that differ")]
    because: Annotated[tuple[str, ...], msgspec.Meta(description="ids of the evidence that came, changed or went")]
    words: Annotated[str, msgspec.Meta(description="the step in a line of words")]
    shutdown: Shutdown


def change_key(record: ShutdownChange) -> str:
    return record.shutdown.id


SHUTDOWN_CHANGES = Topic(
    name="shutdown-changes",
    records=(ShutdownChange,),
    summary="Every revision of every shutdown, in order.",
    key_words="the shutdown's id",
    key=change_key,
    event_time="the shutdown's",
)
