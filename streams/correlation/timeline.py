"""Spans by id, found again by time: what overlaps a stretch, without looking at the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.correlation.windows import Span

DAY_S = 86_400

#: Spans of up to so many seconds share a grid with cells of that length; the last takes all that are longer.
GRIDS_S = (DAY_S // 2, 2 * DAY_S, 12 * DAY_S, 128 * DAY_S)


_GRIDS = tuple(enumerate(GRIDS_S))


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
        grid, cell = _place(span)
        if grid is None:
            self._endless[key] = span
        else:
            self._grids[grid].setdefault(cell, {})[key] = span

    def discard(self, key: str) -> None:
        span = self._spans.pop(key, None)
        if span is None:
            return
        grid, cell = _place(span)
        if grid is None:
            del self._endless[key]
            return
        cells = self._grids[grid]
        del cells[cell][key]
        if not cells[cell]:
            del cells[cell]

    def during(self, span: Span) -> list[str]:
        """The ids of all spans that share a moment with this one, in no order."""
        from_s, until_s = span
        found: list[str] = []
        for spans in self._near(span):
            found += [key for key, (begin, end) in spans.items() if begin <= until_s and from_s <= end]
        return found

    def iter_during(self, span: Span) -> Iterator[str]:
        """The same one by one: for a long stretch of which the first few may do. Nothing may be added meanwhile."""
        from_s, until_s = span
        for spans in self._near(span):
            for key, (begin, end) in spans.items():
                if begin <= until_s and from_s <= end:
                    yield key

    def _near(self, span: Span) -> Iterator[dict[str, Span]]:
        """The cells in which anything can lie that overlaps a stretch."""
        from_s, until_s = span
        for size, cells in zip(GRIDS_S, self._grids, strict=True):
            if cells:
                among = range(from_s // size - 1, until_s // size + 1)
                if len(among) <= len(cells):
                    for cell in among:
                        if cell in cells:
                            yield cells[cell]
                else:
                    yield from [spans for cell, spans in cells.items() if cell in among]
        if self._endless:
            yield self._endless


def _place(span: Span) -> tuple[int | None, int]:
    """The grid for a span's length (None: longer than all), and its cell there."""
    from_s, until_s = span
    length = until_s - from_s
    for grid, size in _GRIDS:
        if length <= size:
            return grid, from_s // size
    return None, 0
