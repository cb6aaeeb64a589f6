"""Series of a source to `Measurement` records: those of one country and stretch of time share a frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from streams.pipeline import measured_place
from topics import EARLIEST_S, LATEST_S, Measurement, Origin, Series, digest
from topics.measurements import Value

#: A frame holds no more than so many characters of JSON, roughly: well under the limit of a record.
FRAME_CHARS = 300_000
_SERIES_CHARS, _VALUE_CHARS = 250, 12


@dataclass(frozen=True, slots=True)
class Column:
    """A series of a country with its values, one each `step_s` seconds from `from_s` on; None is missing."""

    country: str
    series: Series
    from_s: int
    step_s: int
    values: Sequence[Value]

    def within(self, from_s: int, until_s: int) -> Column | None:
        """The part within [from_s, until_s); None if there is none."""
        first = max(0, -(-(from_s - self.from_s) // self.step_s))
        last = min(len(self.values), -(-(until_s - self.from_s) // self.step_s))
        if first >= last:
            return None
        begin_s = self.from_s + first * self.step_s
        return Column(self.country, self.series, begin_s, self.step_s, self.values[first:last])

    def runs(self) -> Iterator[Column]:
        """The stretches without a missing value."""
        first: int | None = None
        for at, value in enumerate([*self.values, None]):
            if value is not None and first is None:
                first = at
            elif value is None and first is not None:
                begin_s = self.from_s + first * self.step_s
                yield Column(self.country, self.series, begin_s, self.step_s, self.values[first:at])
                first = None


def frames(
    source: str, columns: Iterable[Column], *, reference: str | None = None, known_s: int | None = None
) -> Iterator[Measurement]:
    """The columns as frames. Ids are made from the content: the same values come to the same records.

    What lies after `known_s`, when the source gave the values out, can't have been measured: it is cut off. A
    column without values makes no frame. Series of places that are on no map have frames of their own: those are
    refused whole, and say so on `invalid`.
    """
    groups: dict[tuple[str, int, int, int, bool], list[tuple[Series, Sequence[Value]]]] = defaultdict(list)
    for column in columns:
        known = measured_place(column.series.entity, column.country) is not None
        for from_s, values in _pieces(column, known_s):
            groups[column.country, from_s, column.step_s, len(values), known].append((column.series, values))
    for (country, from_s, step_s, length, _), rows in groups.items():
        most = max(1, FRAME_CHARS // (_SERIES_CHARS + length * _VALUE_CHARS))
        for first in range(0, len(rows), most):
            yield _frame(source, country, from_s, step_s, rows[first : first + most], reference, known_s)


def values_of(frames_: Iterable[Measurement]) -> tuple[int, int | None]:
    """How many values frames have, and when the newest of them was, Unix seconds; None without any."""
    times = [
        frame.from_s + at * frame.step_s
        for frame in frames_
        for row in frame.values
        for at, value in enumerate(row)
        if value is not None
    ]
    return len(times), max(times, default=None)


def _pieces(column: Column, known_s: int | None) -> Iterator[tuple[int, Sequence[Value]]]:
    """A column cut where it gets too long for one frame, without what is later than it can be."""
    last_s = LATEST_S if known_s is None else known_s
    length = min(len(column.values), max(0, (last_s - column.from_s) // column.step_s + 1))
    most = (FRAME_CHARS - _SERIES_CHARS) // _VALUE_CHARS
    for first in range(0, length, most):
        from_s = column.from_s + first * column.step_s
        if from_s >= EARLIEST_S:
            yield from_s, column.values[first : min(first + most, length)]


def _frame(
    source: str,
    country: str,
    from_s: int,
    step_s: int,
    rows: Sequence[tuple[Series, Sequence[Value]]],
    reference: str | None,
    known_s: int | None,
) -> Measurement:
    series = tuple(one for one, _ in rows)
    values = tuple(tuple(row) for _, row in rows)
    names = [[one.entity.type, one.entity.code, one.signal] for one in series]
    return Measurement(
        id=f"{source}/{country}/{from_s}/{step_s}/{digest([names, values])[:16]}",
        origin=Origin(source=source, reference=reference),
        country=country,
        from_s=from_s,
        step_s=step_s,
        series=series,
        values=values,
        known_s=known_s,
    )
