"""Whose word counts how often, and how much: copies folded, individuals saturated, what looks coordinated.

All of it depends on the set of claims of one shutdown alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from streams.correlation.rules import Rules
from topics import Claim
from topics.reports import Attribution, ReporterKind

#: Texts shorter than this are alike by chance: "no internet in Almaty".
LIKENESS_CHARS = 80

#: Headlines of so many words are copies where they are the same.
HEADLINE_WORDS = 5

#: Of more texts than this in one shutdown, the earliest are compared with each other: their number is squared.
TEXTS_COMPARED = 200

#: A lineage that several kinds of reporters share counts as the most trusted of them.
_KINDS: tuple[ReporterKind, ...] = ("individual", "media", "organisation", "operator", "government")


@dataclass(frozen=True, slots=True)
class Sources:
    """The independent sources behind some claims.

    `lineage_of` each claim (by id), near-duplicate texts folded; `weight_of` each claim, its part of `support`,
    which is the sum; `individuals`: lineages that no organisation shares; `copies`: texts folded into another's.
    """

    lineage_of: dict[str, str]
    weight_of: dict[str, float]
    support: float
    individuals: int
    copies: int
    #: What the sources weigh that say that somebody decided it, that name another cause, and that say neither.
    ordered: float = 0.0
    technical: float = 0.0
    unexplained: float = 0.0
    #: What operators and governments weigh, or half of it, that name another cause.
    owners: float = 0.0

    def count(self, claims: Iterable[Claim]) -> int:
        """How many independent sources some of the claims have."""
        return len({self.lineage_of[claim.id] for claim in claims})


#: Which of a source's words about the reason counts, if it says several: an order, then another cause.
_ATTRIBUTIONS: tuple[Attribution, ...] = ("denied", "announced", "unknown", "technical", "ordered")


def sources(
    claims: Sequence[Claim], measured: Collection[str], rules: Rules, worth: Mapping[str, float] | None = None
) -> Sources:
    """Weigh the claims of one shutdown.

    Args:
        claims: those that count.
        measured: lineages of its outages: they weigh nothing, for whoever repeats the measurement says nothing that
        it
            doesn't.
        rules: the rules of correlation.
        worth: of claims by id, what they are worth here, 0 to 1, where that is less than 1: of another day, say.
    """
    worth = worth or {}
    lineage_of = folded(claims, measured, rules)
    members: dict[str, list[Claim]] = {}
    for claim in claims:
        members.setdefault(lineage_of[claim.id], []).append(claim)
    kind_of = {
        lineage: max((claim.reporter for claim in own), key=_KINDS.index) for lineage, own in members.items()
    }
    individuals = sorted(one for one, kind in kind_of.items() if kind == "individual" and one not in measured)
    share = individuals_weight(len(individuals), rules) / len(individuals) if individuals else 0.0
    weight_of: dict[str, float] = {}
    support = 0.0
    by_attribution: dict[str, float] = dict.fromkeys(_ATTRIBUTIONS, 0.0)
    owners = 0.0
    for lineage in sorted(members):
        own = members[lineage]
        weight = share if kind_of[lineage] == "individual" else rules.number(f"weight_{kind_of[lineage]}")
        weight = 0.0 if lineage in measured else weight
        weight *= max(worth.get(claim.id, 1.0) for claim in own)
        said = max((claim.attribution for claim in own), key=_ATTRIBUTIONS.index)
        by_attribution[said] += weight
        owners += weight * (said == "technical" and kind_of[lineage] in ("operator", "government"))
        support += weight
        weight_of.update(dict.fromkeys((claim.id for claim in own), round(weight / len(own), 6)))
    copies = sum(lineage_of[claim.id] != claim.lineage for claim in claims)
    return Sources(
        lineage_of,
        weight_of,
        round(support, 6),
        len(individuals),
        copies,
        round(by_attribution["ordered"] + by_attribution["announced"], 6),
        round(by_attribution["technical"], 6),
        round(by_attribution["unknown"], 6),
        round(owners, 6),
    )


def individuals_weight(number: int, rules: Rules) -> float:
    """What so many individuals weigh together: it rises with each, and never above `weight_individuals`.

    >>> from streams.correlation.rules import default_rules
    >>> [round(individuals_weight(n, default_rules()), 2) for n in (1, 5, 100)]
    [0.24, 0.67, 0.8]
    """
    return float(rules.number("weight_individuals") * (1 - (1 - rules.number("weight_individual")) ** number))


def folded(claims: Sequence[Claim], measured: Collection[str], rules: Rules) -> dict[str, str]:
    """The lineage of each claim by its id, those with near-duplicate texts in one.

    Of the lineages folded, the first that is none of the measurement's stands for them: a copy adds nothing, and
    takes nothing away.
    """
    lineage_of = {claim.id: claim.lineage for claim in claims}
    texts = sorted(
        (claim for claim in claims if claim.wording and len(claim.wording) >= LIKENESS_CHARS),
        key=lambda claim: (claim.from_s, claim.id),
    )[:TEXTS_COMPARED]
    groups = _alike(texts, rules.number("copy_likeness")) if len({claim.lineage for claim in texts}) > 1 else []
    groups = _joined([*groups, *_same_words(claims), *_same_hands(claims)])
    heads = {
        lineage: min(group, key=lambda one: (one in measured, one))
        for group in groups
        for lineage in group
        if len(group) > 1
    }
    return {key: heads.get(lineage, lineage) for key, lineage in lineage_of.items()}


def _same_words(claims: Sequence[Claim]) -> list[set[str]]:
    """Sets of lineages of media that give the same short text: a headline of five words and
    more is not written twice."""
    said: dict[str, set[str]] = {}
    for claim in claims:
        words = claim.wording or ""
        if (
            claim.reporter != "individual"
            and len(words) < LIKENESS_CHARS
            and words.count(" ") + 1 >= HEADLINE_WORDS
        ):
            said.setdefault(words, set()).add(claim.lineage)
    return [lineages for lineages in said.values() if len(lineages) > 1]


def _same_hands(claims: Sequence[Claim]) -> list[set[str]]:
    """Sets of lineages of what one person said, in different words that others gave too."""
    said: dict[str, set[str]] = {}
    for claim in claims:
        if claim.hand is not None:
            said.setdefault(claim.hand, set()).add(claim.lineage)
    return [lineages for lineages in said.values() if len(lineages) > 1]


def _joined(groups: Iterable[set[str]]) -> list[set[str]]:
    """The groups, those that share a lineage in one."""
    found: list[set[str]] = []
    for group in groups:
        sharing = [one for one in found if one & group]
        found = [one for one in found if not one & group]
        found.append(group.union(*sharing))
    return found


def _alike(texts: Sequence[Claim], least: float) -> list[set[str]]:
    """Sets of lineages whose texts are alike, directly or by way of others."""
    from rapidfuzz import fuzz

    words = [claim.wording or "" for claim in texts]
    groups: list[set[str]] = []
    for number, claim in enumerate(texts):
        own = {claim.lineage} | {
            other.lineage
            for other, wording in zip(texts[:number], words, strict=False)
            if other.lineage != claim.lineage
            and fuzz.token_set_ratio(words[number], wording, score_cutoff=least) >= least
        }
        groups = _joined([*groups, own])
    return groups


def bursts(claims: Sequence[Claim], rules: Rules) -> list[list[Claim]]:
    """The reports by individuals, of at least `burst_individuals` lineages, that begin within `burst_s` of each
    other; by begin. Bursts may share reports."""
    people = sorted(
        (claim for claim in claims if claim.reporter == "individual"), key=lambda claim: (claim.from_s, claim.id)
    )
    found: list[list[Claim]] = []
    first = 0
    for last, claim in enumerate(people):
        while claim.from_s - people[first].from_s > rules.seconds("burst_s"):
            first += 1
        burst = people[first : last + 1]
        if len({one.lineage for one in burst}) >= rules.count("burst_individuals"):
            found.append(burst)
    return found


def coordinated(claims: Sequence[Claim], denied: Collection[str], rules: Rules) -> list[Claim]:
    """The reports by individuals that look coordinated: a burst of what series deny that would have shown it
    (`denied`, ids of claims)."""
    people = [claim for claim in claims if claim.id in denied]
    found = {one.id for burst in bursts(people, rules) for one in burst}
    return [claim for claim in claims if claim.id in found]
