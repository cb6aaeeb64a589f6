"""What each role may do, written down a second time and by hand; and what a broker lets it do in fact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from streams import acls, admin, security
from streams.dead_letters import DECISIONS
from streams.settings import Settings
from streams.sources.state import STATE
from streams.stage import RELEASE, SOURCES
from topics import CATALOGUE, SHUTDOWNS


@dataclass(frozen=True)
class Rights:
    """The topics that a role reads and writes, the groups in which it reads, without the prefix of a system."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


RAW = frozenset({"measurements", "reports", "news"})
OUTPUTS = frozenset({"shutdowns", "shutdown-changes", "candidates"})
STAGES = frozenset(f"shutdown-streams-{stage}" for stage in ("detect", "claims", "protests", "correlate", "watch"))
CHANGELOGS = frozenset(f"{group}-state-changelog" for group in STAGES)

#: Every role but the admin.
ALLOWED = {
    "ingest": Rights(reads=frozenset({"source-state"}), writes=RAW | {"invalid", "source-state"}),
    "curator": Rights(reads=frozenset({"source-state"}), writes=RAW | {"evidence", "invalid", "source-state"}),
    "releaser": Rights(
        reads=frozenset({"form-reports"}),
        writes=frozenset({"reports", "invalid"}),
        groups=frozenset({"shutdown-streams-release"}),
    ),
    "worker": Rights(
        reads=RAW | CHANGELOGS | {"evidence", "drops"},
        writes=OUTPUTS | CHANGELOGS | {"evidence", "drops", "invalid"},
        groups=STAGES,
    ),
    "reader": Rights(reads=OUTPUTS, groups=frozenset({"reader-dashboard"})),
    "notifier": Rights(
        reads=OUTPUTS | {"undelivered"},
        writes=frozenset({"undelivered"}),
        groups=frozenset({"shutdown-streams-notify-webhook"}),
    ),
    "api": Rights(reads=OUTPUTS | {"evidence", "measurements"}, writes=frozenset({"form-reports"})),
    "form": Rights(writes=frozenset({"form-reports"})),
    "operator": Rights(
        reads=frozenset({"invalid", "invalid-decisions", "source-state"}),
        writes=RAW | {"form-reports", "evidence", "drops", "invalid-decisions"},
    ),
    "archivist": Rights(reads=RAW | OUTPUTS | {"evidence", "drops", "invalid", "undelivered"}),
}

#: All that there is of a system, and groups that are nobody's.
TOPICS = (
    *(topic.name for topic in CATALOGUE),
    STATE.name,
    DECISIONS.name,
    *(Settings().changelog(stage) for stage in SOURCES),
)
GROUPS = (
    *sorted(STAGES),
    Settings().group(RELEASE),
    "shutdown-streams-notify-webhook",
    "reader-dashboard",
    "shutdown-streams-other",
    "other",
)


def granted(role: str) -> Rights:
    """What the table of grants comes to."""
    lines = [one for one in acls.grants(Settings()) if one.role == role]

    def of(kind: str, operation: str, names: Iterable[str]) -> frozenset[str]:
        return frozenset(
            name
            for name in names
            for one in lines
            if (one.kind, one.operation) == (kind, operation)
            and (name.startswith(one.name) if one.prefixed else name == one.name)
        )

    return Rights(of("topic", "read", TOPICS), of("topic", "write", TOPICS), of("group", "read", GROUPS))


def fill(settings: Settings) -> None:
    """A record in the first partition of every topic, as the admin."""
    assert _written(settings, TOPICS) == set(TOPICS)


def tried(settings: Settings) -> Rights:
    """What a role can do: every topic is read and written, and an offset is committed to every group."""
    return Rights(
        frozenset(_read(settings, TOPICS)),
        frozenset(_written(settings, TOPICS)),
        frozenset(_committed(settings, GROUPS)),
    )


def makes_or_deletes(settings: Settings) -> list[str]:
    """What of that a role can do with topics."""
    from kafka.errors import TopicAuthorizationFailedError

    done = []
    with admin.connected(settings) as client:
        for words, ask, topics in (
            ("makes", client.create_topics, {f"{settings.prefix}made": {"num_partitions": 1}}),
            ("deletes", client.delete_topics, [settings.prefix + SHUTDOWNS.name]),
        ):
            try:
                ask(topics)
            except TopicAuthorizationFailedError:
                continue
            done.append(words)
    return done


def _read(settings: Settings, names: Iterable[str]) -> set[str]:
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import TopicAuthorizationFailedError

    found = set()
    consumer = KafkaConsumer(**security.client(settings), enable_auto_commit=False, fetch_max_wait_ms=50)
    try:
        for name in names:
            part = TopicPartition(settings.prefix + name, 0)
            # What may not be described is not even to be seen.
            if not consumer.partitions_for_topic(part.topic):
                continue
            consumer.assign([part])
            consumer.seek(part, 0)
            try:
                if consumer.poll(timeout_ms=5_000):
                    found.add(name)
            except TopicAuthorizationFailedError:
                pass
    finally:
        consumer.close()
    return found


def _written(settings: Settings, names: Iterable[str]) -> set[str]:
    from kafka import KafkaProducer
    from kafka.errors import TopicAuthorizationFailedError

    found = set()
    # An idempotent producer would be refused its number first, and no topic be asked for.
    producer: Any = KafkaProducer(
        **security.client(settings),
        acks="all",
        enable_idempotence=False,
        allow_auto_create_topics=False,
        max_block_ms=5_000,
    )
    try:
        for name in names:
            try:
                producer.send(settings.prefix + name, key=b"x", value=b"x", partition=0).get(timeout=5)
            except TopicAuthorizationFailedError:
                continue
            found.add(name)
    finally:
        producer.close(timeout=1)
    return found


def _committed(settings: Settings, names: Iterable[str]) -> set[str]:
    from kafka import TopicPartition
    from kafka.errors import GroupAuthorizationFailedError
    from kafka.structs import OffsetAndMetadata

    part = TopicPartition(settings.prefix + SHUTDOWNS.name, 0)
    offsets = {part: OffsetAndMetadata(0, "", -1)}
    found = set()
    with admin.connected(settings) as client:
        for name in names:
            commit = partial(client.alter_group_offsets, settings.prefix + name, offsets)
            try:
                # The first group of a new broker has no coordinator at once.
                done: dict[Any, Any] = admin.persistently(commit)
            except GroupAuthorizationFailedError:
                continue
            # Kafka looks at the group first: another error is one of the topic.
            if done[part] is not GroupAuthorizationFailedError:
                found.add(name)
    return found
