"""The topics on a live Kafka: compare with the catalogue, create, correct, describe.

Besides the catalogue there is one changelog for each stage, which keeps the stage's state. It must have as
many partitions as the stage's source and be compacted only: Faust would create it otherwise, too late and
with other settings, and retention would eat state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from streams import security
from streams.errors import StreamsError
from streams.settings import Settings
from streams.stage import SOURCES
from topics import CATALOGUE, Topic

T = TypeVar("T")

Action = Literal["create", "change", "keep", "refuse"]

#: Deletions stay in a changelog for so long: a worker's copy of the state that was not touched for longer
#: may miss some, and is thrown away (see `agents.table`).
TOMBSTONES_KEPT_S = 7 * 86_400

CHANGELOG_CONFIG = {
    "cleanup.policy": "compact",
    "delete.retention.ms": str(TOMBSTONES_KEPT_S * 1000),
    "max.message.bytes": "1048588",
    "min.cleanable.dirty.ratio": "0.1",
    "retention.ms": "-1",
}


#: The same while the state is being made anew: nothing is compacted or removed, and no worker starts on it. That it
#: is compacted again is the last step.
UNFINISHED_CONFIG = {**CHANGELOG_CONFIG, "cleanup.policy": "delete"}


class KafkaUnreachableError(StreamsError):
    """No broker answers at the address."""

    def __init__(self, bootstrap: str, why: object = "") -> None:
        detail = f" ({why})" if str(why) else ""
        super().__init__(
            f"no Kafka answers at {bootstrap}{detail}. Start one with `shutdowns kafka`, "
            "or give the address of yours with --bootstrap or SHUTDOWNS_BOOTSTRAP."
        )


class TopicsError(StreamsError):
    """Topics are missing or not as the stages need them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as it should be."""

    name: str
    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Live:
    """A topic as it is. `records` counts offsets, so a compacted topic has fewer in fact."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]
    topic_id: str
    records: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about a topic, and why."""

    wanted: Wanted
    action: Action
    words: str
    changes: Mapping[str, str] = field(default_factory=dict)


def wanted(settings: Settings, sources: Mapping[str, Topic]) -> list[Wanted]:
    """The catalogue's topics and a changelog for each stage of `sources`, as they would be created."""
    plain = {topic.name: topic for topic in (*CATALOGUE, *sources.values())}
    found = []
    for topic in plain.values():
        many = topic.partitions if topic.partitions == 1 else settings.partitions or topic.partitions
        found.append(Wanted(settings.prefix + topic.name, many, topic.config()))
    partitions = {one.name: one.partitions for one in found}
    for stage, source in sources.items():
        many = partitions[settings.prefix + source.name]
        found.append(Wanted(settings.changelog(stage), many, CHANGELOG_CONFIG))
    return found


@contextmanager
def connected(settings: Settings, timeout_s: float = 5.0) -> Iterator[Any]:
    """A kafka-python admin client; its errors come out as `StreamsError`.

    Raises:
        KafkaUnreachableError: nothing answers within `timeout_s`.
        TopicsError: Kafka refused what was asked of it.
    """
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

    client = None
    try:
        client = KafkaAdminClient(
            **security.client(settings),
            bootstrap_timeout_ms=int(timeout_s * 1000),
            client_id="shutdown-streams",
        )
        yield client
    except (KafkaTimeoutError, KafkaConnectionError) as error:
        raise KafkaUnreachableError(settings.bootstrap, error) from error
    except KafkaError as error:
        raise TopicsError(f"Kafka at {settings.bootstrap} refused: {error}") from error
    finally:
        if client is not None:
            client.close()


def persistently(ask: Callable[[], T], limit_s: float = 10.0) -> T:
    """What Kafka answers in the end: a group's coordinator or a partition's leader that moves, or has just started,
    says so, and means "ask again"."""
    from kafka.errors import KafkaError

    until = time.monotonic() + limit_s
    while True:
        try:
            return ask()
        except KafkaError as error:
            if not error.retriable or time.monotonic() > until:
                raise
        time.sleep(0.2)


def missing(client: Any, names: Sequence[str]) -> list[str]:
    """Those of the named topics that do not exist, or that this user may not even see."""
    there = {topic["name"] for topic in client.describe_topics()}
    return [name for name in names if name not in there]


def live(client: Any, names: Sequence[str], *, count: bool = False) -> dict[str, Live]:
    """Those of the named topics that exist; with the number of their records if `count`."""
    there = {topic["name"]: topic for topic in client.describe_topics() if topic["name"] in set(names)}
    if not there:
        return {}
    configs = _configs(client, list(there))
    sizes = _sizes(client, there) if count else {}
    return {
        name: Live(
            name=name,
            partitions=len(topic["partitions"]),
            replication=min((len(one["replica_nodes"]) for one in topic["partitions"]), default=0),
            config=configs[name],
            topic_id=str(topic.get("topic_id") or ""),
            records=sizes.get(name, 0),
        )
        for name, topic in there.items()
    }


def _configs(client: Any, names: list[str]) -> dict[str, dict[str, str]]:
    from kafka.admin import ConfigResource, ConfigResourceType

    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = client.describe_configs(resources, config_filter="all")["topic"]
    return {name: {key: one["value"] for key, one in found[name].items()} for name in names}


def _sizes(client: Any, there: Mapping[str, Any]) -> dict[str, int]:
    sizes = dict.fromkeys(there, 0)
    for (name, _), (first, end) in spans(
        client, {name: len(one["partitions"]) for name, one in there.items()}
    ).items():
        sizes[name] += end - first
    return sizes


def spans(client: Any, partitions: Mapping[str, int]) -> dict[tuple[str, int], tuple[int, int]]:
    """By topic and partition the first offset that there is, and the one after the last. `partitions`: how many."""
    from kafka import TopicPartition
    from kafka.admin import OffsetSpec

    parts = [TopicPartition(name, number) for name, many in partitions.items() for number in range(many)]
    first = client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.EARLIEST))
    last = client.list_partition_offsets(dict.fromkeys(parts, OffsetSpec.LATEST))
    return {(part.topic, part.partition): (first[part].offset, last[part].offset) for part in parts}


def until_led(client: Any, partitions: Mapping[str, int], limit_s: float = 30.0) -> None:
    """Wait until some topics have so many partitions each, and every one has a broker that leads it.

    Raises:
        TopicsError: not within `limit_s`.
    """
    until = time.monotonic() + limit_s
    while any(one.partitions != partitions[name] for name, one in live(client, list(partitions)).items()):
        if time.monotonic() > until:
            raise TopicsError(f"the new partitions of {', '.join(partitions)} are not there after {limit_s:.0f} s")
        time.sleep(0.2)
    persistently(lambda: spans(client, partitions), limit_s)


def plan(client: Any, settings: Settings, sources: Mapping[str, Topic] | None = None) -> list[Step]:
    """What is to be done so that every topic is as it should be.

    Without `settings.partitions` the numbers of partitions that there are count, and only a changelog that
    does not fit its source is wrong.
    """
    sources = SOURCES if sources is None else sources
    all_wanted = wanted(settings, sources)
    there = live(client, [one.name for one in all_wanted])
    if settings.partitions is None:
        found = {one.name: there[one.name].partitions for one in all_wanted if one.name in there}
        for stage, source in sources.items():
            found[settings.changelog(stage)] = found.get(settings.prefix + source.name, source.partitions)
        all_wanted = [replace(one, partitions=found.get(one.name, one.partitions)) for one in all_wanted]
    return [_step(one, there.get(one.name)) for one in all_wanted]


def _step(one: Wanted, there: Live | None) -> Step:
    if there is None:
        return Step(one, "create", f"{one.partitions} partition{'' if one.partitions == 1 else 's'}")
    if one.config is CHANGELOG_CONFIG and unfinished(there):
        return Step(one, "refuse", "is being made anew, or was and is not whole: run `shutdowns rebuild`")
    if there.partitions != one.partitions:
        words = (
            f"has {there.partitions} partitions, {one.partitions} are wanted; keys would part from their state: "
            f"give --partitions {there.partitions} or another --prefix, or see `shutdowns topics grow --help`"
        )
        return Step(one, "refuse", words)
    changes = {key: value for key, value in one.config.items() if there.config.get(key) != value}
    if not changes:
        return Step(one, "keep", "as it should be")
    words = ", ".join(f"{key} {there.config.get(key)} -> {value}" for key, value in changes.items())
    return Step(one, "change", words, changes)


def apply(client: Any, settings: Settings, steps: Sequence[Step]) -> None:
    """Create and change what the steps say. Does nothing where there is nothing to do."""
    from kafka.admin import ConfigResource, ConfigResourceType

    new = {
        step.wanted.name: {
            "num_partitions": step.wanted.partitions,
            "replication_factor": settings.replication,
            "configs": dict(step.wanted.config),
        }
        for step in steps
        if step.action == "create"
    }
    if new:
        client.create_topics(new, wait_for_metadata=True)
    changed = [
        ConfigResource(ConfigResourceType.TOPIC, step.wanted.name, configs=dict(step.changes))
        for step in steps
        if step.action == "change"
    ]
    if changed:
        client.alter_configs(changed)


def ensure_topic(settings: Settings, topic: Topic) -> None:
    """Make one topic beside the catalogue's, if it isn't there.

    Raises:
        KafkaUnreachableError: no broker answers.
        TopicsError: Kafka refused.
    """
    with connected(settings) as client:
        one = Wanted(settings.prefix + topic.name, topic.partitions, topic.config())
        if missing(client, [one.name]):
            apply(client, settings, [Step(one, "create", "")])


def create_topics(settings: Settings, sources: Mapping[str, Topic] | None = None) -> list[Step]:
    """Make every topic as it should be, and say what was done.

    Raises:
        KafkaUnreachableError: no broker answers.
    """
    with connected(settings) as client:
        steps = plan(client, settings, sources)
        apply(client, settings, steps)
    return steps


def rebuild_command(settings: Settings, stage: str) -> str:
    """What to type to have a stage's state made anew."""
    return f"shutdowns rebuild --stage {stage}" + (f" --prefix {settings.prefix}" if settings.prefix else "")


def unfinished(changelog: Live) -> bool:
    """Whether a changelog is one that is being made anew, or was left so by a crash."""
    return changelog.config.get("cleanup.policy") == UNFINISHED_CONFIG["cleanup.policy"]


def leave_group(settings: Settings, stage: str, member: str) -> None:
    """Take a dead process out of its group, so that nobody waits for the end of its session.

    Raises:
        KafkaUnreachableError: no broker answers.
        TopicsError: Kafka refused; the session will end by itself.
    """
    from kafka.admin import MemberToRemove

    with connected(settings) as client:
        client.remove_group_members(
            settings.group(stage), [MemberToRemove(member_id=member, reason="its process died")]
        )
