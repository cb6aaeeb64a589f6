"""Small makers of drops, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from streams.watch import DEFAULT_RULES, Group, WatchRules, find_groups
from topics import CommonDrop, Drop

#: 9 March 2023, 09:00 UTC, and a minute and an hour in seconds.
START_S = 1_678_352_400
MINUTE_S, HOUR_S = 60, 3_600

#: On five continents, none within 3,000 km of another; and neighbours on one coast.
FAR = ("KE", "PE", "VN", "FI", "NZ")
COAST = ("GM", "GN", "SL", "LR")


def drop(
    country: str,
    signal: str = "ping-slash24",
    minute: float = 0,
    minutes: float | None = 120,
    **more: Any,
) -> Drop:
    """A drop that begins `minute` minutes after the start and lasts for `minutes`; None: it is not over."""
    from_s = int(START_S + minute * MINUTE_S)
    given: dict[str, Any] = {"source": "ioda", "lineage": "ioda", "signals": (signal,)} | more
    return Drop(
        id=f"outage/{given['source']}/{country}/{'+'.join(given['signals'])}/{from_s}",
        country=country,
        from_s=from_s,
        until_s=None if minutes is None else int(from_s + minutes * MINUTE_S),
        **given,
    )


def groups(drops: Iterable[Drop], rules: WatchRules = DEFAULT_RULES) -> list[Group]:
    """The groups among drops, wherever in time."""
    given = list(drops)
    begins = [one.from_s for one in given]
    return find_groups(given, rules, min(begins), max(begins))


def told(found: Iterable[Group]) -> list[tuple[str, list[str]]]:
    """Each group's verdict and countries."""
    return [(group.verdict, [member.country for member in group.members]) for group in found]


def standing(pieces: Iterable[CommonDrop]) -> dict[str, CommonDrop]:
    """The pieces that stand, by id, less their revisions. Of an id the highest revision counts.

    A revision has one meaning; one that withdraws says nothing but that.
    """
    newest: dict[str, CommonDrop] = {}
    for piece in pieces:
        known = newest.get(piece.id)
        if known is not None and piece.revision == known.revision:
            assert piece == known or (piece.withdrawn and known.withdrawn), "one revision, two meanings"
        if known is None or piece.revision > known.revision:
            newest[piece.id] = piece
    return {key: msgspec.structs.replace(one, revision=0) for key, one in newest.items() if not one.withdrawn}
