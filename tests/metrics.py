"""Every metric that a process of ours exposes: of which process, its kind, labels and meaning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from prometheus_client.core import Metric

from streams.api.feed import Feed
from streams.api.figures import ApiHealth, ServerHealth
from streams.api.state import State
from streams.api.store import Store
from streams.health import Health, Watched
from streams.notify.figures import Counts, NotifierHealth
from streams.release.figures import ReleaseHealth
from streams.settings import Settings
from streams.sources.figures import SourceHealth
from streams.sources.state import Status


class Described(NamedTuple):
    """A metric as an operator is told of it; `name` is what Prometheus has it under."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def described(families: Iterable[Metric]) -> dict[str, Described]:
    """The metrics of some families by name. Families must have a sample each, else their labels can't be seen."""
    found = {}
    for family in families:
        assert family.samples, f"{family.name} has no sample here"
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = Described(name, family.type, tuple(family.samples[0].labels), family.documentation)
    return found


def watched() -> dict[str, Watched]:
    """One of each process, with something to tell under every name."""
    worker = Health(["detect"])
    worker.told(
        "detect",
        {
            "delay_s": 1.0,
            "given": {"evidence": 1},
            "refused": {"not-json": 1},
            "newest": {"ioda": 1.0},
            "memory_bytes": 1,
            "working": True,
            "partitions": [0],
        },
    )
    worker.seen("detect", {0: 1}, {0: 1})
    source = SourceHealth("ioda", 300)
    source.told(Status(round_s=1))
    store = Store()
    state = State(store)
    store.close()
    state.open_outages["o"] = "ioda"
    return {
        "worker": worker,
        "ingest --live": source,
        "api": ApiHealth(state, Feed(Settings(), state)),
        "serve-reports": ServerHealth(),
        "release-reports": ReleaseHealth(900.0),
        "notify": NotifierHealth("webhook", Counts()),
    }


def metrics() -> dict[str, tuple[Described, tuple[str, ...]]]:
    """Every metric by name, with the commands whose pages have it."""
    found: dict[str, tuple[Described, tuple[str, ...]]] = {}
    for command, one in watched().items():
        for name, metric in described(one.collect()).items():
            assert name not in found or found[name][0] == metric, f"{name} means two things"
            found[name] = (metric, (*found.get(name, (metric, ()))[1], command))
    return found
