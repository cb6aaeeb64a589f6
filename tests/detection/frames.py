"""Frames to test with, and stages run over them in all the ways in which records may come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from streams.detection import DEFAULT_RULES, DetectionRules, DetectStage
from streams.stage import Overlay, Result
from topics import Coverage, Entity, Evidence, Measurement, Origin, Outage, Place, Series

START = 1_599_955_200  # 13 September 2020, 00:00 UTC


def place_of(entity: Entity, country: str) -> Place | None:
    """A place for everything but `nowhere`."""
    if entity.code == "nowhere":
        return None
    return Place(
        kind="region", country=country, name=entity.name or entity.code[:20], region=f"T-{entity.code[:20]}"
    )


def series_of(code: str = "2088", signal: str = "ping-slash24", **more: Any) -> Series:
    return Series(entity=Entity(type="region", code=code), signal=signal, **more)


def frame(
    values: Sequence[Any],
    *,
    from_s: int = START,
    step_s: int = 600,
    series: Sequence[Series] | None = None,
    known_s: int | None = None,
    name: str | None = None,
    country: str = "KZ",
) -> Measurement:
    """A frame of the values given: one series, or as many as there are rows."""
    rows = tuple(tuple(row) for row in (values if isinstance(values[0], list | tuple) else [values]))
    codes = (str(2088 + row) for row in range(len(rows)))
    subjects = tuple(series) if series is not None else tuple(series_of(code) for code in codes)
    return Measurement(
        id=name or f"{subjects[0].entity.code}/{subjects[0].signal}/{from_s}+{len(rows[0])}",
        origin=Origin(source="ioda"),
        country=country,
        from_s=from_s,
        step_s=step_s,
        series=subjects,
        values=rows,
        known_s=known_s,
    )


def stage(rules: DetectionRules = DEFAULT_RULES) -> DetectStage:
    return DetectStage(rules, places=place_of)


def run(batches: Iterable[Sequence[Measurement]], rules: DetectionRules = DEFAULT_RULES) -> list[Evidence]:
    """What comes out of batches, in order, of a stage that starts with nothing."""
    store: dict[str, bytes] = {}
    made = stage(rules)
    return [piece for batch in batches for piece in pieces(made.process(batch, store))]


def pieces(result: Result) -> list[Evidence]:
    return [record for _, record in result.out]  # type: ignore[misc]


def newest(out: Iterable[Evidence]) -> dict[str, Evidence]:
    """The newest revision of each piece that is not withdrawn, without revision and time of knowledge.

    Fails where the newest revision has two different contents.
    """
    best: dict[str, Evidence] = {}
    contents: dict[tuple[str, int], set[Evidence]] = {}
    for piece in out:
        contents.setdefault((piece.id, piece.revision), set()).add(bare(piece))
        if piece.id not in best or piece.revision >= best[piece.id].revision:
            best[piece.id] = piece
    for piece in best.values():
        assert len(contents[piece.id, piece.revision]) == 1, f"the newest revision of {piece.id} has two contents"
    return {name: bare(piece) for name, piece in sorted(best.items()) if not piece.withdrawn}


def bare(piece: Evidence) -> Evidence:
    return msgspec.structs.replace(piece, revision=0, known_s=None)


def outages(out: Iterable[Evidence]) -> list[Outage]:
    return [piece for piece in newest(out).values() if isinstance(piece, Outage)]


def coverage(out: Iterable[Evidence]) -> list[Coverage]:
    return [piece for piece in newest(out).values() if isinstance(piece, Coverage)]


class Crash:
    """A stage whose worker dies in the middle of writing, at chosen batches, and comes back."""

    def __init__(
        self, rules: DetectionRules = DEFAULT_RULES, build: Callable[[DetectionRules], DetectStage] = stage
    ) -> None:
        self.rules, self.build, self.made, self.store = rules, build, build(rules), dict[str, bytes]()
        self.out: list[Evidence] = []

    def process(self, batch: Sequence[Measurement], survive: float | None = None) -> None:
        """Process a batch; with `survive`, that share of its writes reaches the store, then the worker dies."""
        over = Overlay(self.store)
        self.out += pieces(self.made.process(batch, over))
        changes = list(over.changes())
        kept = changes if survive is None else changes[: round(survive * len(changes))]
        for key, value in kept:
            if value is None:
                self.store.pop(key, None)
            else:
                self.store[key] = value
        if survive is not None:
            self.made = self.build(self.rules)
