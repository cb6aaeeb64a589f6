"""Near misses: drafts that meet all conditions of a corroborated shutdown but one, which is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from streams import geography
from streams.correlation.assessment import Assessment
from streams.correlation.context import local_days
from streams.correlation.drafts import Draft, cuts
from streams.correlation.evidence_rows import claim_rows, row
from streams.correlation.rules import Rules
from streams.correlation.trimming import trimmed_candidate
from streams.correlation.windows import Span, meeting_span, span
from streams.correlation.words import listed, place_words, series_words, signal_words
from streams.geography.finding import region_place
from topics import Candidate, Claim, Outage, Place, Support, digest
from topics.candidates import Condition

#: A candidate lists at most so many pieces.
LISTED = 20


@dataclass(frozen=True, slots=True)
class _Miss:
    """A claim and an outage that almost agree. `short` is in seconds, or km."""

    condition: Condition
    short: float
    claim: Claim
    outage: Outage
    rule: str

    @property
    def order(self) -> tuple[float, str, str]:
        return self.short, self.outage.id, self.claim.id


def candidates(assessed: Assessment, almost: Sequence[Draft], rules: Rules) -> Iterator[Candidate]:
    """What a draft falls short by. `almost` is what was measured near it, see `EvidenceIndex.almost`."""
    if not assessed.shown:
        # Denials alone fall short of nothing.
        if any(claim.attribution != "denied" for claim in assessed.few):
            yield _few(assessed, rules)
    elif assessed.draft.outages:
        if assessed.draft.claims and not assessed.backing:
            yield _copies(assessed, rules)
    else:
        yield from _claimed(assessed, almost, rules)


def _claimed(assessed: Assessment, almost: Sequence[Draft], rules: Rules) -> Iterator[Candidate]:
    shallow = [
        claim for claim in assessed.draft.claims if assessed.seen[claim.id].state == "dropped" and cuts(claim)
    ]
    if shallow:
        yield _shallow(assessed, shallow, rules)
    nearest: dict[Condition, _Miss] = {}
    for claim in assessed.draft.claims:
        if claim.id not in assessed.aside:
            when = meeting_span(claim, rules)
            for draft in almost:
                miss = _nearer(claim, draft, when, nearest, rules)
                if miss is not None:
                    nearest[miss.condition] = miss
    yield from (_missed(assessed, miss, rules) for miss in nearest.values())


def _nearer(
    claim: Claim, draft: Draft, when: Span, nearest: Mapping[Condition, _Miss], rules: Rules
) -> _Miss | None:
    """What a claim and a draft fall short by, where it is less than is known. Geometry is dear, and asked last: a
    claim may be near thousands of networks of its country, and all of them are at the same distance.
    """
    outage = min(draft.outages, key=lambda one: (-when.shared_s(span(one)), one.id))
    gap_s = -when.shared_s(span(outage))
    day = claim.precision == "day"
    rule = "outage_claim_day_after_s" if day else "outage_claim_clock_s"
    if gap_s > 0:
        if not cuts(claim) or gap_s > rules.seconds("near_day_s" if day else "near_clock_s"):
            return None
        least = _Miss("time", gap_s, claim, outage, rule)
    elif cuts(claim):
        least = _Miss("place", 0.0, claim, outage, "near_km")
    else:
        least = _Miss("extent", 0, claim, outage, rule)
    known = nearest.get(least.condition)
    if known is not None and least.order >= known.order:
        return None
    if least.condition != "place":
        return least if geography.touches(claim.place, draft.place) else None
    if not geography.within_km(claim.place, draft.place, rules.number("near_km")):
        return None
    found = replace(least, short=_apart_km(claim.place, draft.place))
    return found if known is None or found.order < known.order else None


def _apart_km(a: Place, b: Place) -> float:
    """How far two places are apart, to 0.1 km; neighbours share a border, and the rest is dear to work out."""
    return 0.0 if geography.within_km(a, b, 1.0) else round(geography.distance_km(a, b), 1)


def _missed(assessed: Assessment, miss: _Miss, rules: Rules) -> Candidate:
    claim, outage = miss.claim, miss.outage
    where, elsewhere = place_words(claim.place), place_words(outage.place)
    dropped = f"{signal_words(outage.signals)} dropped in {elsewhere}"
    more: dict[str, Any] = {}
    if miss.condition == "time":
        more["short_s"] = int(miss.short)
        words = (
            f"A cut is claimed in {where}; {dropped}, {_duration(int(miss.short))} beyond the window of the claim."
        )
    elif miss.condition == "place":
        more["short_km"] = miss.short
        apart = f"{miss.short:,.0f} km away" if miss.short >= 1 else "next to it"
        words = f"A cut is claimed in {where}; {dropped}, {apart}, at that time."
    else:
        words = f"{dropped}; what is claimed in {where} at that time is no cut of connectivity."
    rows = [*claim_rows([claim], assessed), row(outage, "outage", "supports")]
    return _candidate(assessed, miss.condition, rules.cite(miss.rule), words, rows, rules, **more)


def _duration(seconds: int) -> str:
    if seconds < 3600:
        return f"{max(1, seconds // 60)} min"
    return f"{seconds / 3600:.1f} h".replace(".0 h", " h") if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def _shallow(assessed: Assessment, shallow: list[Claim], rules: Rules) -> Candidate:
    series = sorted({name for claim in shallow for name in assessed.seen[claim.id].names})
    fine = {piece.id: piece for claim in shallow for piece in assessed.seen[claim.id].pieces if "d" in piece.hours}
    words = f"A cut is claimed in {place_words(assessed.place)}; {listed(map(series_words, series))} dropped "
    words += "at that time, for less than an outage."
    rows = [*claim_rows(shallow, assessed)]
    rows += [row(fine[key], "coverage", "supports") for key in sorted(fine)]
    return _candidate(assessed, "depth", "level/1", words, rows, rules)


def _copies(assessed: Assessment, rules: Rules) -> Candidate:
    signals = {signal for outage in assessed.draft.outages for signal in outage.signals}
    words = f"{signal_words(sorted(signals))} dropped in {place_words(assessed.draft.place)}, and all who claim it "
    words += "have it from that measurement."
    rows = [*claim_rows(assessed.draft.claims, assessed)]
    rows += [row(outage, "outage", "supports") for outage in assessed.draft.outages]
    return _candidate(assessed, "lineage", "level/1", words, rows, rules)


def _few(assessed: Assessment, rules: Rules) -> Candidate:
    """Too few individuals: the region and the days, and nothing else of them."""
    draft = Draft(assessed.draft.place, claims=list(assessed.few))
    place = _coarse(draft.agreed)
    least = rules.count("individuals_shown")
    words = f"Fewer than {least} individuals report a cut in {place_words(place)}; it is shown from {least} on."
    days = local_days(place, draft.reach(rules))
    return sealed(
        Candidate(
            id=_id("individuals", draft),
            revision=1,
            digest="",
            country=place.country,
            place=place,
            from_s=days.from_s,
            until_s=days.until_s,
            precision="day",
            condition="individuals",
            rule=rules.cite("individuals_shown"),
            words=words,
            rules=rules.hash,
        )
    )


def _coarse(place: Place) -> Place:
    if place.kind in ("country", "region") or place.region is None:
        return place if place.kind in ("country", "region") else geography.country_place(place.country)
    return region_place(place.region) or geography.country_place(place.country)


def _candidate(
    assessed: Assessment,
    condition: Condition,
    rule: str,
    words: str,
    rows: list[Support],
    rules: Rules,
    **more: Any,
) -> Candidate:
    draft = assessed.draft
    open_ended = any(piece.until_s is None for piece in draft.timing)
    return sealed(
        Candidate(
            id=_id(condition, draft),
            revision=1,
            digest="",
            country=draft.place.country,
            place=assessed.place,
            from_s=draft.first.from_s,
            until_s=None if open_ended else draft.span.until_s,
            precision=draft.first.precision,
            condition=condition,
            rule=rule,
            words=words,
            evidence=tuple(rows[:LISTED]),
            rules=rules.hash,
            **more,
        )
    )


def _id(condition: Condition, draft: Draft) -> str:
    return f"candidate-{draft.place.country}-{digest([condition, draft.id])[:16]}"


def sealed(candidate: Candidate) -> Candidate:
    """The same, cut to a budget of bytes, with its `digest` made from its content."""
    candidate = trimmed_candidate(candidate)
    content: dict[str, Any] = msgspec.to_builtins(candidate)
    del content["revision"], content["digest"]
    return msgspec.structs.replace(candidate, digest=digest(content))


def no_longer(candidate: Candidate) -> Candidate:
    """A candidate whose evidence became part of something, or was withdrawn."""
    return sealed(msgspec.structs.replace(candidate, standing=False, evidence=()))
