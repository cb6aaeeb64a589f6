"""What was cut, and why: all or services, which kinds of network, and the cause that a text names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streams.texts.concluding import About
from streams.texts.judged import Judged, Saying
from streams.texts.judging import topic_of
from streams.texts.lexicon import DOUBTFUL, Hit
from topics.reports import Extent, Network

_NETWORKS: tuple[tuple[Network, str], ...] = (("broadband", "fixed"), ("mobile", "mobile"))


def what(
    sayings: Sequence[Saying], hits: Sequence[tuple[Judged, Hit]], about: About
) -> tuple[Extent | None, tuple[Network, ...], tuple[str, ...]]:
    """How much was cut: all, one kind of network, or services."""
    kinds = {topic_of(saying.topic.kind) for saying in sayings}
    services = sorted({hit.kind.partition(":")[2] for _, hit in hits if hit.kind.startswith("service:")})
    if any(hit.kind == "social" for _, hit in hits):
        services = [*services, "social-media"]
    said = {hit.kind for _, hit in hits} | _networks_of(sayings, hits)
    networks = tuple(network for network, kind in _NETWORKS if kind in said)
    if about == "slow":
        return "throttling", networks, tuple(services)
    if kinds and kinds <= {"service", "social"}:
        return "service", networks, tuple(services)
    if kinds and kinds <= {"operator"}:
        # One operator of several is less than all of a network.
        return None, networks, ()
    whole = any(not saying.partly and saying.state == "down" for saying in sayings)
    return ("full" if whole else None), networks, ()


def _networks_of(sayings: Sequence[Saying], hits: Sequence[tuple[Judged, Hit]]) -> set[str]:
    """The kinds of network of the operators that are down, where no internet is named beside them."""
    if any(topic_of(saying.topic.kind) not in ("operator", "line") for saying in sayings):
        return set()
    kinds = {hit.kind.partition(":")[2].rstrip(DOUBTFUL) for _, hit in hits if hit.kind.startswith("operator:")}
    return kinds & {"mobile", "fixed"}


def cause(judged: Sequence[Judged]) -> str:
    """The cause that the sentences name most."""
    kinds = [hit.kind.partition(":")[2] for one in judged for hit in one.hits if hit.kind.startswith("cause:")]
    return Counter(kinds).most_common(1)[0][0] if kinds else ""
