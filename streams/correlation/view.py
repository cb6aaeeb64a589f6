"""What measurements say of a claim that no drop answers: which series would have shown it, and what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from streams.correlation.places import Pair
from streams.correlation.rules import Rules
from streams.correlation.sight import Limit, Sight, of_coverage
from streams.correlation.windows import HOUR_S, Span, joining_span, letters_during
from topics import Claim, Coverage, Place, signal_facts
from topics.shutdowns import MeasurementState

#: What is most worth telling of several claims' measurements, first: what dropped, then what could not be seen.
_WORST: tuple[MeasurementState, ...] = ("dropped", "missing", "too-coarse", "no-series", "normal")


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One series beside a claim: what it could see, and what it said.

    `own` is whether it measures the claimed place itself and little else. `normal`, `dropped` and `hours` count the
    claimed hours in which it was normal, in which it dropped, and all of them; `at_begin` is whether it was normal
    in the first whole hour of the claimed time.
    """

    series: str
    signal: str
    place: Place
    sight: Sight
    own: bool
    inside: bool
    normal: int
    dropped: int
    hours: int
    at_begin: bool
    pieces: tuple[Coverage, ...]

    @property
    def throughout(self) -> bool:
        """Whether it was normal in every claimed hour."""
        return self.normal == self.hours


@dataclass(frozen=True, slots=True)
class View:
    """What the measurements of a claimed place and time come to.

    `series` are those that are the reason of the state, and `doubt`, 0 to 1, is how much they speak against the
    claim: the drop that was to be expected and was not there. `uncut` is whether they show that the place was not
    cut off in all of the time, `uncut_at_begin` the same of the first hour of a claim with a clock time, and
    `denied` whether they contradict the claim, which is one of a full cut then.
    """

    state: MeasurementState
    series: tuple[SeriesView, ...] = ()
    normal: tuple[SeriesView, ...] = ()
    uncut: bool = False
    uncut_at_begin: bool = False
    denied: bool = False
    doubt: float = 0.0
    limits: tuple[Limit, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the series that are the reason of the state."""
        return tuple(sorted({one.series for one in self.series}))

    @property
    def pieces(self) -> tuple[Coverage, ...]:
        """The coverage of these series, by id."""
        found = {piece.id: piece for one in self.series for piece in one.pieces}
        return tuple(found[key] for key in sorted(found))


def view(claim: Claim, coverage: Iterable[Coverage], pair_of: Callable[[Place], Pair], rules: Rules) -> View:
    """What the measurements of a claimed place and time say, from coverage near it.

    Args:
        claim: what is claimed, and no drop answers to.
        coverage: what series of places around and inside the claimed one said.
        pair_of: how the claimed place lies to another.
        rules: the rules of correlation.
    """
    whole = joining_span(claim, rules)
    during = whole.cut(rules.seconds("sight_most_s"))
    found = _series(claim, coverage, pair_of, during, rules)
    own = [one for one in found if one.own]
    dropped = tuple(one for one in found if one.dropped and (one.own or one.inside))
    doubt, enough = _doubt(own, found, rules)
    limits = tuple(sorted({limit for one in own or found for limit in one.sight.limits}))
    normal = tuple(one for one in own if one.throughout)
    gaps = tuple(one for one in own if not one.throughout)
    state, reason = _state(dropped, own, found, gaps)
    if not own:
        normal = tuple(one for one in found if one.throughout)
    uncut = state == "normal" and enough and during == whole
    return View(
        state,
        reason,
        normal,
        uncut=uncut,
        uncut_at_begin=not dropped and claim.precision == "minute" and _shown_by(own, "at_begin", rules),
        denied=uncut and claim.extent == "full",
        doubt=doubt,
        limits=limits,
    )


def _state(
    dropped: tuple[SeriesView, ...], own: list[SeriesView], found: list[SeriesView], gaps: tuple[SeriesView, ...]
) -> tuple[MeasurementState, tuple[SeriesView, ...]]:
    """The state that series come to, and those that are its reason."""
    if dropped:
        return "dropped", dropped
    if not own:
        return ("too-coarse" if found else "no-series"), tuple(found)
    if gaps:
        return "missing", gaps
    if all("time" in one.sight.limits for one in own):
        return "too-coarse", tuple(own)
    return "normal", tuple(own)


def together(several: Sequence[View]) -> View:
    """What several claims' measurements come to: the state most worth telling, and who says it."""
    state = min((one.state for one in several), key=_WORST.index)
    same = [one for one in several if one.state == state]
    return View(
        state,
        _once(one.series for one in same),
        _once(one.normal for one in several),
        uncut=all(one.uncut for one in several),
        uncut_at_begin=all(one.uncut_at_begin for one in several),
        denied=all(one.denied for one in several),
        doubt=min(one.doubt for one in several),
        limits=tuple(sorted({limit for one in same for limit in one.limits})),
    )


def _once(groups: Iterable[tuple[SeriesView, ...]]) -> tuple[SeriesView, ...]:
    """Each series once, that with the most hours, by name."""
    found: dict[str, SeriesView] = {}
    for group in groups:
        for one in group:
            if one.series not in found or one.hours > found[one.series].hours:
                found[one.series] = one
    return tuple(found[key] for key in sorted(found))


def _series(
    claim: Claim, coverage: Iterable[Coverage], pair_of: Callable[[Place], Pair], during: Span, rules: Rules
) -> list[SeriesView]:
    hours = -(-during.until_s // HOUR_S) - during.from_s // HOUR_S
    begin_s = -(-during.from_s // HOUR_S) * HOUR_S
    by_series: dict[str, list[Coverage]] = {}
    for piece in sorted(coverage, key=lambda piece: (piece.from_s, piece.id)):
        if letters_during(piece, during):
            by_series.setdefault(piece.series, []).append(piece)
    found: list[SeriesView] = []
    for series, pieces in sorted(by_series.items()):
        pair = pair_of(pieces[0].place)
        if not (pair.holds or pair.within or pair.same):
            continue
        letters = "".join(letters_during(piece, during) for piece in pieces)
        seen = of_coverage(pieces[-1], pair, claim, during, rules)
        covers = rules.number("deny_covers")
        own = pair.same or (pair.of_first >= covers and pair.of_second >= covers)
        place = pieces[0].place
        first = Span(begin_s, min(begin_s + HOUR_S, during.until_s))
        at_begin = {letter for piece in pieces for letter in letters_during(piece, first)} == {"n"}
        counts = letters.count("n"), letters.count("d"), hours, at_begin
        found.append(
            SeriesView(series, pieces[0].signal, place, seen, own, pair.holds, *counts, pieces=tuple(pieces))
        )
    return found


def _doubt(own: list[SeriesView], every: list[SeriesView], rules: Rules) -> tuple[float, bool]:
    """How much normal series speak against a claim, 0 to 1, and whether that is enough to contradict it: one series
    that may alone, or two of different kinds, that saw the place in all of the time and would have dropped."""
    doubts: dict[str, float] = {}
    dropped = {signal_facts(one.signal).kind for one in every if one.dropped}
    for one in every:
        facts = signal_facts(one.signal)
        if facts.kind in dropped or not one.hours or one.sight.covers < rules.number("deny_covers"):
            continue
        least = max(rules.number("deny_drop"), rules.number("deny_noise") * one.sight.noise)
        # Half of what would contradict is the least that says anything: less is lost in what else may have
        # happened.
        share = min(1.0, max(0.0, 2 * one.sight.expected_drop / least - 1))
        worth = facts.contradicts * share * one.normal / one.hours
        doubts[facts.kind] = max(doubts.get(facts.kind, 0.0), worth)
    calm = [one for one in own if signal_facts(one.signal).kind not in dropped]
    return min(1.0, sum(doubts.values())), _shown_by(calm, "throughout", rules)


def _shown_by(own: list[SeriesView], when: Literal["throughout", "at_begin"], rules: Rules) -> bool:
    """Whether series of the place itself show that it was not cut off, normal as they were throughout or at its
    begin: one that may say so alone, or two of different kinds."""
    clear: dict[str, float] = {}
    for one in own:
        if getattr(one, when) and one.hours and one.sight.clear(rules):
            facts = signal_facts(one.signal)
            clear[facts.kind] = max(clear.get(facts.kind, 0.0), facts.contradicts)
    return sum(clear.values()) >= 1.0
