"""What a worker looks at before it starts: topics, record limits, copies, clocks and the disk.

A fault is what would lose records, or stop the worker later and less clearly: it doesn't start, and says what to
do. What works now and may not tomorrow is a warning in its log.

- **Topics** are there, changelogs have as many partitions as their source and are compacted only.
- **Record limits** are in order: what we send < what a topic takes < what a broker takes in one request. Followers
  and consumers are given a batch that is larger than what they ask for, so their limits only make it slow.
- **Copies**: no topic demands more copies in sync than it has (Kafka would take nothing). One copy in a cluster, a
  single copy in sync that is enough, or as many in sync as there are, are warnings.
- **Clocks**: Kafka refuses records whose time is more than an hour ahead of its own
  (`message.timestamp.after.max.ms`); ahead by half of that is a fault, since clocks that run away go on doing so.
  Behind, nothing is refused. More than a minute either way is a warning. Kafka's clock is read off the leader of
  its metadata, which says when it answers; where that is not allowed, clocks are not compared.
- **Disk**: the folder of the state has space, and is on a disk of this machine.
- **Environment**: a variable that begins as ours do, and that nothing reads, is a warning: it is misspelt.

That the folder can be written and is nobody else's is seen when it is claimed (`streams.datadir.claim_datadir`),
and that no window is longer than the lateness bound, when the rules are read (`streams.correlation.rules`).
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streams import admin
from streams.admin import Live, TopicsError
from streams.errors import StreamsError
from streams.settings import SEND_LIMIT_BYTES, Settings
from streams.variables import unknown
from topics import INVALID, RECORD_LIMIT_BYTES, SHARED, Topic

log = logging.getLogger("streams.worker")

#: A clock that differs from Kafka's by more is worth a warning, seconds.
CLOCK_WARNING_S = 60.0

#: Less free space than this is a fault, and less than that a warning. RocksDB writes 8 MB before it asks again.
LEAST_FREE_MB, FREE_WARNING_MB = 32.0, 500.0

#: What a request has around its records, generously.
_AROUND_BYTES = 65_536

#: Kafka's own defaults, for where it doesn't tell.
_AFTER_MS, _REQUEST_BYTES = 3_600_000, 104_857_600

_NETWORKED = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "glusterfs")


class ClockError(StreamsError):
    """The clock of this machine is so wrong that Kafka would take nothing, or soon will."""


class DiskError(StreamsError):
    """The folder for the state has no space."""


@dataclass(slots=True)
class Found:
    """What is wrong, and what may become so."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check(settings: Settings, sources: Mapping[str, Topic]) -> dict[str, str]:
    """Check that the stages can run on the Kafka there is; give the id of each stage's changelog.

    Raises:
        KafkaUnreachableError: no broker answers.
        TopicsError: a topic is missing, or its partitions, compaction, limits or copies don't fit.
        ClockError: our clock is too far ahead of Kafka's.
    """
    names = [settings.prefix + topic.name for topic in (*SHARED, *sources.values())]
    names += [settings.changelog(stage) for stage in sources]
    with admin.connected(settings) as client:
        there = admin.live(client, names)
        brokers = broker_settings(client)
        ahead_s = clock_ahead_s(client)
    copies = look_at_copies(there, len(brokers))
    for words in copies.warnings:
        log.warning("%s", words)
    if faults := look_at_topics(there, settings, sources):
        given = f" --prefix {settings.prefix}" if settings.prefix else ""
        create = (
            ""
            if all("shutdowns rebuild" in one for one in faults)
            else (f" Run `shutdowns topics create{given}` first.")
        )
        raise TopicsError(f"{'; '.join(faults)}.{create}")
    if faults := [*copies.faults, *look_at_limits(brokers)]:
        raise TopicsError("; ".join(faults))
    if ahead_s is not None:
        check_clock(ahead_s, there)
    return {stage: there[settings.changelog(stage)].topic_id for stage in sources}


def look_at_topics(there: Mapping[str, Live], settings: Settings, sources: Mapping[str, Topic]) -> list[str]:
    """Faults: topics that are missing, or not as stages need them."""
    wanted = [settings.prefix + topic.name for topic in (*SHARED, *sources.values())]
    wanted += [settings.changelog(stage) for stage in sources]
    missing = [name for name in dict.fromkeys(wanted) if name not in there]
    faults = [f"topics are missing: {', '.join(missing)}"] if missing else []
    for stage, source in sources.items():
        faults += look_at_changelog(there, settings, stage, source)
    for topic in there.values():
        limit = SEND_LIMIT_BYTES if topic.name == settings.prefix + INVALID.name else RECORD_LIMIT_BYTES
        if int(topic.config["max.message.bytes"]) <= limit:
            faults.append(
                f"{topic.name} takes records up to {topic.config['max.message.bytes']} bytes, not {limit}"
            )
    return faults


def look_at_changelog(there: Mapping[str, Live], settings: Settings, stage: str, source: Topic) -> list[str]:
    """Faults of a stage's changelog, if it is there: it doesn't fit its source, or is not whole."""
    state, read = there.get(settings.changelog(stage)), there.get(settings.prefix + source.name)
    rebuild = f"run `{admin.rebuild_command(settings, stage)}`"
    faults = []
    if state and read and state.partitions != read.partitions:
        words = f"{state.partitions} partitions, its source {read.name} {read.partitions}"
        faults.append(f"{state.name} has {words}: {rebuild}")
    if state and admin.unfinished(state):
        faults.append(f"{state.name} is being made anew, or was and is not whole: {rebuild}")
    elif state and state.config.get("cleanup.policy") != "compact":
        faults.append(f"{state.name} must be compacted only (cleanup.policy=compact): it keeps state")
    return faults


def check_changelog(client: Any, settings: Settings, stage: str, source: Topic) -> str:
    """Check that a stage can go on with its changelog; give its id. `client` is from `admin.connected`.

    Raises:
        TopicsError: it is missing, doesn't fit its source, or is being made anew.
    """
    name = settings.changelog(stage)
    there = admin.live(client, [name, settings.prefix + source.name])
    if name not in there:
        raise TopicsError(f"{name} is missing: it is being made anew, or was lost")
    if faults := look_at_changelog(there, settings, stage, source):
        raise TopicsError("; ".join(faults))
    return there[name].topic_id


def look_at_copies(there: Mapping[str, Live], brokers: int) -> Found:
    """Topics that demand more copies in sync than they have, and those that a lost broker would hurt."""
    groups: dict[tuple[int, int], list[str]] = {}
    for topic in there.values():
        in_sync = int(topic.config.get("min.insync.replicas") or 1)
        groups.setdefault((topic.replication, in_sync), []).append(topic.name)
    found = Found()
    for (copies, in_sync), names in groups.items():
        which = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        if in_sync > copies:
            words = f"min.insync.replicas is {in_sync} and copies are {copies}: Kafka takes no record. Lower it"
            found.faults.append(f"{which}: {words}")
        elif copies == 1 and brokers > 1:
            words = f"one copy in a cluster of {brokers}: its broker's loss is data lost. Set SHUTDOWNS_REPLICATION"
            found.warnings.append(f"{which}: {words}")
        elif copies > 1 and in_sync == 1:
            words = "one copy in sync is enough, and its broker's loss data lost. Set min.insync.replicas to 2"
            found.warnings.append(f"{which}: {words}")
        elif copies > 1 and in_sync == copies:
            words = f"all {copies} copies must be in sync: one broker away stops all. Lower min.insync.replicas"
            found.warnings.append(f"{which}: {words}")
    return found


def look_at_limits(brokers: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Faults: what brokers refuse that we may send, by their settings."""
    need = SEND_LIMIT_BYTES + _AROUND_BYTES
    return [
        f"broker {broker} takes requests of up to {most} bytes (socket.request.max.bytes), and workers send up to "
        f"{need}: raise it"
        for broker, config in brokers.items()
        if (most := int(config.get("socket.request.max.bytes") or _REQUEST_BYTES)) < need
    ]


def broker_settings(client: Any) -> dict[str, dict[str, str]]:
    """The settings of each broker; none of one that doesn't let us see them."""
    from kafka.admin import ConfigResource, ConfigResourceType
    from kafka.errors import KafkaError

    numbers = [str(one["broker_id"]) for one in client.describe_cluster()["brokers"]]
    found: dict[str, dict[str, str]] = {number: {} for number in numbers}
    for number in numbers:
        try:
            resource = ConfigResource(ConfigResourceType.BROKER, number)
            given = client.describe_configs([resource], config_filter="all")["broker"][number]
        except KafkaError as error:
            log.info("the settings of broker %s are not checked: %s", number, error)
        else:
            found[number] = {name: one["value"] for name, one in given.items()}
    return found


def clock_ahead_s(client: Any, clock: Callable[[], float] = time.time) -> float | None:
    """How far our clock is ahead of Kafka's, seconds, exact to the time of an answer; None if it doesn't say."""
    from kafka.errors import KafkaError

    before = clock()
    try:
        (topic,) = client.describe_metadata_quorum()["topics"]
    except KafkaError as error:
        log.info("the time of Kafka can't be asked for: %s", error)
        return None
    after = clock()
    (partition,) = topic["partitions"]
    stamps = [
        voter["last_caught_up_timestamp"]
        for voter in partition["current_voters"]
        if voter["replica_id"] == partition["leader_id"]
    ]
    return (before + after) / 2 - stamps[0] / 1_000 if stamps and stamps[0] > 0 else None


def check_clock(ahead_s: float, there: Mapping[str, Live]) -> None:
    """Warn of a clock that differs.

    Raises:
        ClockError: it is ahead by more than half of what Kafka takes.
    """
    after_ms = min(
        (int(topic.config.get("message.timestamp.after.max.ms") or _AFTER_MS) for topic in there.values()),
        default=_AFTER_MS,
    )
    words = f"this machine's clock is {abs(ahead_s):,.0f} s {'ahead of' if ahead_s > 0 else 'behind'} Kafka's"
    if ahead_s > after_ms / 2_000:
        raise ClockError(
            f"{words}, and Kafka refuses records whose time is more than {after_ms / 1_000:,.0f} s ahead: set one "
            "of the clocks right (NTP), then start again"
        )
    if abs(ahead_s) > CLOCK_WARNING_S:
        log.warning("%s: set one of them right (NTP); delays and times of arrival are wrong by as much", words)


def check_environment(environ: Mapping[str, str]) -> None:
    """Warn of variables that are misspelt."""
    for words in unknown(environ):
        log.warning("%s", words)


def check_disk(folder: Path) -> None:
    """Check that there is space where the state is kept, and warn of a disk on the network.

    Raises:
        DiskError: it is nearly full.
    """
    free_mb = shutil.disk_usage(folder).free / 1e6
    if free_mb < LEAST_FREE_MB:
        raise DiskError(
            f"{folder} has {free_mb:.0f} MB of space left, and a worker needs {LEAST_FREE_MB:.0f}: make space, or "
            "give another folder with --datadir; what is in it can be deleted, since Kafka has it too"
        )
    if free_mb < FREE_WARNING_MB:
        log.warning("%s has %.0f MB of space left", folder, free_mb)
    kind = kind_of_disk(folder)
    if kind in _NETWORKED:
        log.warning("%s is on a disk of the network (%s), where two machines may take it for theirs", folder, kind)


def kind_of_disk(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that a folder is on; empty where that can't be told."""
    try:
        rows = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    above = {str(folder.resolve()), *map(str, folder.resolve().parents)}
    on = [(len(point), kind) for point, kind in rows if point.replace("\\040", " ") in above]
    return max(on, default=(0, ""))[1]
