"""Small makers of reports and news items, and a run of a stage over them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streams.stage import Result, Stage
from topics import EVIDENCE, NewsItem, Origin, Report, Reporter, decode, encode

DAY_S = 86_400

#: 28 February 2021, midnight in Almaty (UTC+6), and 14:00 there.
MIDNIGHT_S = 1_614_448_800
TWO_PM_S = 1_614_499_200


def report(key: str = "r-1", **given: Any) -> Report:
    """A report that Almaty was cut off on 28 February 2021, by an organisation."""
    content: dict[str, Any] = {
        "origin": Origin(source="form"),
        "reporter": Reporter(kind="organisation", name="Media Alliance"),
        "country": "KZ",
        "places": ("Almaty",),
        "start": "2021-02-28",
    }
    return Report(id=key, **(content | given))


def item(key: str = "n-1", **given: Any) -> NewsItem:
    """A news item that there was a protest in Almaty on 28 February 2021."""
    content: dict[str, Any] = {
        "origin": Origin(source="news"),
        "country": "KZ",
        "places": ("Almaty",),
        "start": "2021-02-28",
    }
    return NewsItem(id=key, **(content | given))


def run(stage: Stage, *records: Any, store: dict[str, bytes] | None = None) -> Result:
    """One batch. Everything that comes out can be written and read."""
    result = stage.process(records, {} if store is None else store)
    assert all(topic is EVIDENCE and decode(topic, encode(piece)) == piece for topic, piece in result.out)
    return result


def pieces(stage: Stage, *records: Any) -> list[Any]:
    """What comes out of a batch of which nothing is refused."""
    result = run(stage, *records)
    assert not result.refused, result.refused
    return [piece for _, piece in result.out]


def standing(batches: Iterable[Result]) -> dict[str, Any]:
    """What a reader of `evidence` holds in the end: the highest revision of each id, unless withdrawn."""
    newest: dict[str, Any] = {}
    for result in batches:
        for _, piece in result.out:
            known: Any = newest.get(piece.id)  # type: ignore[attr-defined]
            if known is None or piece.revision >= known.revision:  # type: ignore[attr-defined]
                newest[piece.id] = piece  # type: ignore[attr-defined]
    return {key: piece for key, piece in newest.items() if not piece.withdrawn}
