"""What stretch of time shows a shutdown. Pure."""

from __future__ import annotations

from topics import LATEST_S, Shutdown


def span_of(shutdown: Shutdown) -> tuple[int, int]:
    """Begin and end of a shutdown; of one that is not over, the end of its newest evidence, or a week on."""
    until_s = shutdown.until_s
    if until_s is None or until_s >= LATEST_S:
        ends = [one.until_s for one in shutdown.evidence if one.until_s is not None and one.until_s < LATEST_S]
        until_s = max(ends, default=shutdown.from_s + 7 * 86_400)
    return shutdown.from_s, max(until_s, shutdown.from_s + 600)


def window(shutdown: Shutdown, least_s: int = 3600) -> tuple[int, int]:
    """The stretch of time that shows a shutdown: itself and a third of it on either side, at least `least_s`."""
    begin, end = span_of(shutdown)
    margin = max(least_s, (end - begin) // 3)
    return begin - margin, end + margin
