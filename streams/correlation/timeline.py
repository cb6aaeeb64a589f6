"""Spans by id, found again by time: what overlaps a stretch, without looking at the rest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from streams.correlation.windows import Span

DAY_S = 86_400

#: Spans of up to so many seconds share a grid with cells of that length; the last takes all that are longer.
GRIDS_S = (DAY_S // 2, 2 * DAY_S, 12 * DAY_S, 128 * DAY_S)


class Timeline:
    """Spans by id. Adding and removing cost the same however many there are, finding what lies near in time.

    Every span lies in one cell of the grid for its length, that of its begin: so what overlaps a stretch lies
    in the cells from one before the stretch to its end.

    >>> line = Timeline()
    >>> line.add("a", Span(0, 10)); line.add("b", Span(20, 30))
    >>> line.during(Span(5, 20))
    ['a', 'b']
    """

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._grids: tuple[dict[int, dict[str, Span]], ...] = tuple({} for _ in GRIDS_S)
        self._endless: dict[str, Span] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._spans

    def __len__(self) -> int:
        return len(self._spans)

    def ids(self) -> Iterable[str]:
        return self._spans.keys()

    def span(self, key: str) -> Span:
        return self._spans[key]

    def add(self, key: str, span: Span) -> None:
        """Put a span in, in place of any other of that id."""
        if key in self._spans:
            self.discard(key)
        self._spans[key] = span
        grid = _grid(span)
        if grid == len(GRIDS_S):
            self._endless[key] = span
            return
        cells, cell = self._grids[grid], span.from_s // GRIDS_S[grid]
        if cell in cells:
            cells[cell][key] = span
        else:
            cells[cell] = {key: span}

    def discard(self, key: str) -> None:
        span = self._spans.pop(key, None)
        if span is None:
            return
        grid = _grid(span)
        if grid == len(GRIDS_S):
            del self._endless[key]
            return
        cells, cell = self._grids[grid], span.from_s // GRIDS_S[grid]
        del cells[cell][key]
        if not cells[cell]:
            del cells[cell]

    def during(self, span: Span) -> list[str]:
        """The ids of all spans that share a moment with this one, in no order."""
        from_s, until_s = span
        return [
            key
            for spans in self._near(span)
            for key, (begin, end) in spans.items()
            if begin <= until_s and from_s <= end
        ]

    def iter_during(self, span: Span) -> Iterator[str]:
        """The same one by one: for a long stretch of which the first few may do. Nothing may be added meanwhile."""
        from_s, until_s = span
        for spans in self._near(span):
            for key, (begin, end) in spans.items():
                if begin <= until_s and from_s <= end:
                    yield key

    def _near(self, span: Span) -> list[dict[str, Span]]:
        """The cells in which anything can lie that overlaps a stretch."""
        from_s, until_s = span
        found = [self._endless] if self._endless else []
        for size, cells in zip(GRIDS_S, self._grids, strict=True):
            if cells:
                among = range(from_s // size - 1, until_s // size + 1)
                if len(among) <= len(cells):
                    found += [cells[cell] for cell in among if cell in cells]
                else:
                    found += [spans for cell, spans in cells.items() if cell in among]
        return found


def _grid(span: Span) -> int:
    """The grid for a span's length; behind the last one where it is longer than all."""
    return bisect_left(GRIDS_S, span.until_s - span.from_s)
