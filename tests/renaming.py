"""Shutdowns compared by what they say, their ids up to a one-to-one renaming.

Which id a shutdown has depends on what was given out before, so two orders of the same evidence may name it
otherwise. All else is the same: what each says, which are of one incident, and which of one campaign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from topics import Shutdown, encode

#: What each shutdown says, incident by incident.
Contents = tuple[tuple[str, ...], ...]


def contents(shutdowns: Iterable[Shutdown]) -> Contents:
    """What shutdowns that stand say, in no order, each incident's together.

    Equal for two sets of shutdowns just if a one-to-one renaming of ids, incidents and campaigns makes one of the
    other. Revisions don't count: how many there were depends on what came when.
    """
    found = list(shutdowns)
    assert len({one.id for one in found}) == len(found), "an id that stands twice"
    said = {one.id: _plain(one) for one in found}
    campaigns: dict[str | None, list[str]] = defaultdict(list)
    for one in found:
        campaigns[one.campaign].append(said[one.id])
    incidents: dict[str, list[str]] = defaultdict(list)
    for one in found:
        assert one.merged_into is None, "what was merged stands no more"
        fellows = "none" if one.campaign is None else "\n".join(sorted(campaigns[one.campaign]))
        incidents[one.incident].append(f"{said[one.id]}\ncampaign: {fellows}")
    return tuple(sorted(tuple(sorted(own)) for own in incidents.values()))


def _plain(shutdown: Shutdown) -> str:
    """A shutdown as it says itself, less what depends on what was given out before."""
    plain = msgspec.structs.replace(shutdown, id="", revision=1, incident="", campaign=None, merged_into=None)
    return encode(plain).decode()
