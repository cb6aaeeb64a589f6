"""Failures of a source: hours in which all of its series go missing at once say nothing about any place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from streams.detection.agreement import Letters
from streams.detection.rules import HOUR_S
from topics import Coverage


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A stretch in which nothing came of a source's signal: `series` of them were missing."""

    source: str
    signal: str
    from_s: int
    until_s: int
    series: int


def source_failures(coverage: Iterable[Coverage]) -> list[SourceFailure]:
    """Stretches of whole hours in which every series of a source's signal was missing, by source, signal and begin.

    It takes at least two series, of which at least half said something in the hour before: series that were
    missing one after the other didn't fail together. Give it the coverage of as many countries as there is: within
    one country a source that fails and a cut that silences all of it look the same.
    """
    letters: dict[tuple[str, str], dict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for piece in coverage:
        if not piece.withdrawn:
            said = letters[piece.origin.source, piece.signal][f"{piece.country}/{piece.series}"]
            said.update(enumerate(piece.hours, piece.from_s // HOUR_S))
    return [
        SourceFailure(source, signal, from_s, until_s, series)
        for source, signal in sorted(letters)
        for from_s, until_s, series in silences(letters[source, signal].values())
    ]


def silences(letters: Iterable[Letters]) -> list[tuple[int, int, int]]:
    """The same of series of one signal, given what each said hour by hour: begin, end, how many series they were.

    >>> silences([{1: "n", 2: "m", 3: "n"}, {1: "n", 2: "m", 3: "d"}])
    [(7200, 10800, 2)]
    """
    hours: dict[int, list[str]] = defaultdict(list)
    for series in letters:
        for hour, letter in series.items():
            hours[hour].append(letter)
    found: list[tuple[int, int, int]] = []
    for hour in sorted(hours):
        said = hours[hour]
        if len(said) < 2 or set(said) != {"m"}:
            continue
        if found and found[-1][1] == hour - 1:
            found[-1] = found[-1][0], hour, max(found[-1][2], len(said))
        elif 2 * sum(letter != "m" for letter in hours.get(hour - 1, ())) >= len(said):
            found.append((hour, hour, len(said)))
    return [(first * HOUR_S, (last + 1) * HOUR_S, count) for first, last, count in found]
