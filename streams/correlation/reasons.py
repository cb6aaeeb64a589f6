"""Reasons that stand beside the level's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from streams.correlation.assessment import Assessment
from streams.correlation.explanations import Explained
from streams.correlation.rules import Rules
from streams.correlation.words import (
    counted,
    country_words,
    distance,
    listed,
    place_words,
    sentence,
    signal_words,
)
from topics import Claim, CommonDrop, Protest, Reason
from topics.shutdowns import ReasonCode


def beside(
    assessed: Assessment,
    protests: Sequence[Protest],
    others_normal: Sequence[str],
    explained: Explained,
    common: Sequence[CommonDrop],
    rules: Rules,
) -> list[Reason]:
    """Say what else there is to know of a shutdown.

    Args:
        assessed: what counts of its draft.
        protests: those near it.
        others_normal: signals of its place that stayed normal while others dropped.
        explained: what else may explain it.
        common: drops in several countries that it is part of.
        rules: the rules of correlation.
    """
    found = list[Reason]()

    def add(
        code: ReasonCode, rule: str, words: str, evidence: tuple[str, ...] = (), detail: str | None = None
    ) -> None:
        found.append(Reason(code=code, detail=detail, rule=rules.cite(rule), words=words, evidence=evidence))

    _add_places(assessed, others_normal, add)
    _add_people(assessed, rules, add)
    for words, ids in explained.sentences:
        add("agrees-in-time-and-place", "cause_before_s", sentence(words), ids, "competing-explanation")
    for drop in common:
        if drop.verdict == "shared-cause":
            where = country_words(one for one in drop.countries if one != drop.country)
            words = f"{where} dropped alike at that time: one cause, such as a cable, is likely."
            add("same-drop", "cause_before_s", words, (drop.id,), "shared-cause")
    if protests:
        where = listed(list(dict.fromkeys(place_words(protest.place) for protest in protests))[:5])
        words = f"{counted(len(protests), 'protest')} near it in those days ({where}): context, no proof."
        add("protests-near", "protest_km", words)
    return found


class _Add(Protocol):
    """Takes a reason: its code, the rule that it comes from, words, the evidence that it stands on, finer code."""

    def __call__(
        self, code: ReasonCode, rule: str, words: str, evidence: tuple[str, ...] = (), detail: str | None = None
    ) -> None: ...


def _add_places(assessed: Assessment, others_normal: Sequence[str], add: _Add) -> None:
    """Say how claims agree with the drop, where else it shows, and where it doesn't."""
    draft = assessed.draft
    if draft.outages and (draft.claims or assessed.few):
        add(*_agreement(assessed))
    if others_normal:
        stayed = (
            f"{sentence(signal_words(others_normal))} of {place_words(draft.place)} stayed normal at that time."
        )
        add("same-drop", "drop_enough", sentence(stayed), detail="others-normal")
    if draft.nested:
        where = listed(sorted({place_words(outage.place) for outage in draft.nested})[:8])
        ids = tuple(outage.id for outage in draft.nested)
        add("same-drop", "nested_share", f"It shows in series of {where} too.", ids)
    if assessed.place.key != draft.place.key:
        words = f"Some of it is of all of {place_words(draft.place)}; "
        words += f"{place_words(assessed.place)} is what all agree on."
        add("place-narrowed", "nested_share", words)


def _add_people(assessed: Assessment, rules: Rules, add: _Add) -> None:
    """Say what copies and individuals come to."""
    if assessed.sources.copies:
        words = f"{counted(assessed.sources.copies, 'text')} of other sources counted as copies."
        add("copies-folded", "copy_likeness", words)
    if assessed.sources.individuals > 1 and not assessed.few:
        add("individuals-together", "weight_individuals", _individuals(assessed, rules))
    if assessed.burst:
        hours = rules.seconds("burst_s") // 3600
        words = f"{assessed.burst} individuals or more began to report within {hours} h of each other."
        add("individuals-together", "burst_s", words, detail="burst")
    if assessed.aside:
        words = (
            f"{len(assessed.aside)} reports by individuals look coordinated: so many at once, where series that "
        )
        words += "would have shown it were normal."
        add("suspected-coordination", "burst_individuals", words, tuple(assessed.aside))


def _agreement(assessed: Assessment) -> tuple[ReasonCode, str, str]:
    """How the claims agree with the drop in time, and how far off they are. Of individuals too few to be shown
    neither the number is told nor the time that they name."""
    claims = assessed.draft.claims
    days = any(claim.precision == "day" for claim in (*claims, *assessed.few))
    rule = "outage_claim_day_after_s" if days else "outage_claim_clock_s"
    off = [assessed.join(claim).off_s for claim in claims]
    few = ["individuals too few to be counted"] if assessed.few else []
    if off and all(off):
        words = f"The drop was {distance(min(off, key=abs))} what {_claims(claims)} "
        words += f"{'names' if len(claims) == 1 else 'name'}, and in the same place."
        if few:
            words += " Individuals too few to be counted report it too."
    else:
        who = listed([*([_claims(claims)] if claims else []), *few])
        agree = "agrees" if len(claims) == 1 and not few else "agree"
        words = f"{sentence(who)} {agree} with the drop in place and time."
    if any(assessed.join(claim).fit == "part" for claim in claims):
        words += " It is a part of what is claimed."
    return "agrees-in-time-and-place", rule, words


def _claims(claims: Sequence[Claim]) -> str:
    """`2 claims and 5 reports by individuals`."""
    people = sum(claim.reporter == "individual" for claim in claims)
    others = len(claims) - people
    parts = [counted(others, "claim")] if others else []
    if people:
        parts.append(f"{counted(people, 'report')} by individuals")
    return listed(parts)


def _individuals(assessed: Assessment, rules: Rules) -> str:
    number = assessed.sources.individuals
    words = f"{number} individuals weigh together less than one organisation."
    if number >= rules.count("claims_counted"):
        words += " There may be more, who would add nothing."
    return words
