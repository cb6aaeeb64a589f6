"""What each role may do in Kafka: one table, from which the broker's access-control list is made.

| role | may |
|---|---|
| ingest | write the raw topics, and what it could not read to `invalid`; keep its cursors |
| curator | the same, and write `evidence` directly, as curated lists of outages do |
| releaser | read `form-reports`, alone; write `reports`, and what it refuses to `invalid` |
| worker | read the raw topics, evidence and drops, write what the stages write, keep its state; its groups alone |
| reader | read `shutdowns`, `shutdown-changes` and `candidates`, with groups that begin with `reader-` |
| notifier | the same with the groups of `shutdowns notify`; write and read `undelivered` |
| api | read those, `evidence` and `measurements`; write `form-reports` |
| form | write `form-reports`, and read nothing |
| operator | read `invalid`, put its records back, keep what was decided; see topics, lag and how sources fare |
| archivist | read every topic of the catalogue but `form-reports`, in no group, and write nothing |

An admin (a super user of Kafka) may do everything; nobody else creates or deletes topics, or makes state anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from streams import admin
from streams.dead_letters import DECISIONS
from streams.errors import StreamsError
from streams.settings import Settings
from streams.sources.state import STATE
from streams.stage import RELEASE, SOURCES
from topics import (
    CANDIDATES,
    CATALOGUE,
    DROPS,
    EVIDENCE,
    FORM_REPORTS,
    INVALID,
    MEASUREMENTS,
    NEWS,
    REPORTS,
    SHARED,
    SHUTDOWN_CHANGES,
    SHUTDOWNS,
    UNDELIVERED,
)

Operation = Literal["read", "write", "describe", "describe_configs"]
RAW = (MEASUREMENTS.name, REPORTS.name, NEWS.name)
#: What Kafka calls itself in its list.
CLUSTER = "kafka-cluster"
OUTPUTS = (SHUTDOWNS.name, SHUTDOWN_CHANGES.name, CANDIDATES.name)


class AclError(StreamsError):
    """Kafka did not take the list."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One line: who may do what with which topic, group or cluster; `prefixed` means every name that begins so."""

    role: str
    operation: Operation
    kind: Literal["topic", "group", "cluster"]
    name: str
    prefixed: bool = False


def grants(settings: Settings) -> list[Grant]:
    """The whole table, for the topics under `settings.prefix`."""
    return list(dict.fromkeys(_grants(settings)))


def retired(settings: Settings) -> list[Grant]:
    """Lines that older versions gave, and that would let a role do what is not its own any more."""
    name = settings.prefix + REPORTS.name
    return [line for role in ("api", "form") for line in _topic(role, name, "write")]


def _grants(settings: Settings) -> Iterator[Grant]:
    prefix = settings.prefix
    for role in ("ingest", "curator"):
        written = (*RAW, INVALID.name, STATE.name, *((EVIDENCE.name,) if role == "curator" else ()))
        for name in written:
            yield from _topic(role, prefix + name, "write")
        yield from _topic(role, prefix + STATE.name, "read")
    yield from _releaser(settings)
    for topic in SHARED:
        yield Grant("worker", "describe_configs", "topic", prefix + topic.name)
        yield Grant("worker", "describe", "topic", prefix + topic.name)
    for name in (*RAW, EVIDENCE.name, DROPS.name):
        yield from _topic("worker", prefix + name, "read")
    for name in (EVIDENCE.name, DROPS.name, *OUTPUTS, INVALID.name):
        yield from _topic("worker", prefix + name, "write")
    # What time Kafka has, and what its brokers take: see `streams.checks`.
    yield Grant("worker", "describe", "cluster", CLUSTER)
    yield Grant("worker", "describe_configs", "cluster", CLUSTER)
    for stage in SOURCES:
        yield Grant("worker", "describe_configs", "topic", settings.changelog(stage))
        yield from _topic("worker", settings.changelog(stage), "read")
        yield from _topic("worker", settings.changelog(stage), "write")
        yield Grant("worker", "read", "group", settings.group(stage))
    for role, group in (("reader", f"{prefix}reader-"), ("notifier", settings.group("notify-"))):
        for name in OUTPUTS:
            yield from _topic(role, prefix + name, "read")
        yield Grant(role, "read", "group", group, prefixed=True)
    yield from _topic("notifier", prefix + UNDELIVERED.name, "write")
    yield from _topic("notifier", prefix + UNDELIVERED.name, "read")
    for name in (*OUTPUTS, EVIDENCE.name, MEASUREMENTS.name):
        yield from _topic("api", prefix + name, "read")
        yield Grant("api", "describe_configs", "topic", prefix + name)
    for role in ("api", "form"):
        yield from _topic(role, prefix + FORM_REPORTS.name, "write")
    yield from _operator(settings)
    for topic in SHARED:
        yield from _topic("archivist", prefix + topic.name, "read")
        # An archive says of its gaps whether they were compacted.
        yield Grant("archivist", "describe_configs", "topic", prefix + topic.name)


def _releaser(settings: Settings) -> Iterator[Grant]:
    """What `shutdowns release-reports` needs."""
    yield from _topic("releaser", settings.prefix + FORM_REPORTS.name, "read")
    for name in (REPORTS.name, INVALID.name):
        yield from _topic("releaser", settings.prefix + name, "write")
    yield Grant("releaser", "read", "group", settings.group(RELEASE))


def _operator(settings: Settings) -> Iterator[Grant]:
    """What `shutdowns invalid`, `lag`, `topics describe` and `sources status` need."""
    prefix = settings.prefix
    for name in (INVALID.name, DECISIONS.name, STATE.name):
        yield from _topic("operator", prefix + name, "read")
    for name in (FORM_REPORTS.name, *RAW, EVIDENCE.name, DROPS.name, DECISIONS.name):
        yield from _topic("operator", prefix + name, "write")
    seen = [prefix + topic.name for topic in (*CATALOGUE, STATE, DECISIONS)]
    for name in (*seen, *map(settings.changelog, SOURCES)):
        yield Grant("operator", "describe", "topic", name)
        yield Grant("operator", "describe_configs", "topic", name)
    for stage in (*SOURCES, RELEASE):
        yield Grant("operator", "describe", "group", settings.group(stage))


def _topic(role: str, name: str, operation: Operation) -> Iterator[Grant]:
    yield Grant(role, operation, "topic", name)
    yield Grant(role, "describe", "topic", name)


def apply(settings: Settings) -> int:
    """Give Kafka the table and take back what is `retired`; says how many lines were given. What is there already
    does no harm.

    Raises:
        KafkaUnreachableError: no broker answers.
        AclError: a line was refused.
    """
    wanted = [_acl(one) for one in grants(settings)]
    with admin.connected(settings) as client:
        failed = client.create_acls(wanted)["failed"]
        kept = [why for _, _, why in client.delete_acls([_acl(one) for one in retired(settings)]) if why.errno]
    if failed:
        raise AclError(
            f"Kafka at {settings.bootstrap} refused {len(failed)} of {len(wanted)} lines: {failed[0]}. Is an "
            "authorizer set up, and is this user one of its super users?"
        )
    if kept:
        raise AclError(f"Kafka at {settings.bootstrap} did not take back {len(kept)} lines: {kept[0]}")
    return len(wanted)


def _acl(one: Grant) -> Any:
    from kafka.admin import (
        ACL,
        ACLOperation,
        ACLPermissionType,
        ACLResourcePatternType,
        ResourcePattern,
        ResourceType,
    )

    pattern = ResourcePattern(
        ResourceType[one.kind.upper()],
        one.name,
        ACLResourcePatternType.PREFIXED if one.prefixed else ACLResourcePatternType.LITERAL,
    )
    return ACL(
        principal=f"User:{one.role}",
        host="*",
        operation=ACLOperation[one.operation.upper()],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=pattern,
    )
