"""The past into topics of its own, for workers of its own: never onto the live ones."""

from __future__ import annotations

from collections.abc import Callable

from streams import admin
from streams.replay.errors import ReplayError
from streams.replay.inputs import Source
from streams.replay.play import Account, known
from streams.replay.selection import Selection
from streams.settings import Settings
from streams.sources.publishing import Publisher
from topics import CATALOGUE, encode


def republish(
    source: Source,
    selection: Selection,
    settings: Settings,
    live: Settings | None,
    told: Callable[[int, int | None], None] = lambda *_: None,
) -> int:
    """Publish what a selection takes to topics made for it, under `settings.prefix`; give how many records.

    Records keep their times in Kafka. The topics keep them for ever, or retention would remove
    at once what is old.

    Args:
        source: where the records are.
        selection: which of them.
        settings: the Kafka and the prefix to publish to.
        live: the settings of the live system, whose topics must not be written to; None if the source is no Kafka.
        told: called with records passed, of how many.

    Raises:
        ReplayError: the prefix is that of the live topics, or topics under it hold records already.
    """
    if not settings.prefix or (live is not None and settings.prefix == live.prefix):
        raise ReplayError(
            f"--into-kafka needs a prefix of its own, not {settings.prefix!r}, which are the live topics: "
            "give e.g. --into-kafka replay-"
        )
    _make_topics(settings)
    with Publisher(settings) as publisher:
        for one in known(source, selection, Account(), told):
            publisher.send(one.topic, one.topic.key(one.record), encode(one.record), timestamp_ms=one.arrived_ms)
    return publisher.acknowledged


def _make_topics(settings: Settings) -> None:
    from kafka.admin import ConfigResource, ConfigResourceType

    admin.create_topics(settings)
    names = [settings.prefix + topic.name for topic in CATALOGUE]
    with admin.connected(settings) as client:
        there = admin.live(client, names, count=True)
        used = [f"{one.name} ({one.records:,})" for one in there.values() if one.records]
        if used:
            raise ReplayError(
                f"topics under {settings.prefix} hold records already: {', '.join(used)}. "
                "Take another prefix for each replay"
            )
        kept = {settings.prefix + topic.name: {**topic.config(), "retention.ms": "-1"} for topic in CATALOGUE}
        client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, configs=config) for name, config in kept.items()]
        )
