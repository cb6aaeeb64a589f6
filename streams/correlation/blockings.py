"""What measured blocking comes to beside the claims of services that it meets: level, reasons, rows, worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.correlation.assessment import Assessment
from streams.correlation.evidence_rows import row
from streams.correlation.joins import names_network
from streams.correlation.levels import LEVEL_RULE, Judged
from streams.correlation.rules import Rules
from streams.correlation.words import blocking_words, counted, country_words, listed, sentence
from topics import MEASURERS, Blocking, Claim, CommonDrop, Reason, Support, service_words
from topics.drops import BLOCKED

#: What blocking says that it happened, 0 to 1: where a block page was seen, and where tests only failed.
CONFIRMED_WORTH, ANOMALIES_WORTH = 1.0, 0.7

#: At most so many pieces are told of in words.
TOLD = 3


class Blocked(NamedTuple):
    """What measured blocking comes to beside the claims of a draft.

    `pieces` are those that meet any of them, by begin; `claims` those of independent sources that are borne out.
    `whole` is whether it was measured of the claimed place, and not of one network of it alone; `worth` what it
    says that the blocking happened, 0 to 1.
    """

    pieces: tuple[Blocking, ...] = ()
    claims: tuple[Claim, ...] = ()
    whole: bool = False
    worth: float = 0.0

    @property
    def corroborates(self) -> bool:
        """Whether an independent claim and a measurement of the place agree."""
        return self.whole and bool(self.claims)

    @property
    def services(self) -> tuple[str, ...]:
        """The codes of the services that were measured blocked, as far as the tests say which."""
        return tuple(sorted({piece.service for piece in self.pieces if piece.service is not None}))


def blocked(assessed: Assessment, met: Sequence[tuple[Claim, Blocking]], rules: Rules) -> Blocked:
    """Weigh the blocking that meets claims of a draft that stands on claims alone.

    Args:
        assessed: what counts of the draft.
        met: claims of the draft, each with a blocking that it meets.
        rules: the rules of correlation.
    """
    if assessed.draft.outages or not met:
        return Blocked()
    counted = {claim.id for claim in assessed.draft.claims} - assessed.aside.keys()
    told = [(claim, piece) for claim, piece in met if claim.id in counted]
    pieces = {piece.id: piece for _, piece in told}
    if not pieces:
        return Blocked()
    # Who only repeats a measurement is not borne out by it, and may be by another.
    borne_out = [(claim, piece) for claim, piece in told if assessed.sources.lineage_of[claim.id] != piece.lineage]
    claims = {claim.id: claim for claim, _ in borne_out}
    whole = any(_of_the_place(own, rules) for own in _by_claim(borne_out))
    sure = any(piece.confirmed for piece in pieces.values())
    worth = CONFIRMED_WORTH if sure else ANOMALIES_WORTH
    return Blocked(
        tuple(sorted(pieces.values(), key=lambda piece: (piece.from_s, piece.id))),
        tuple(claims[key] for key in sorted(claims)),
        whole,
        worth if whole else worth / 2,
    )


def _by_claim(told: Sequence[tuple[Claim, Blocking]]) -> Iterator[list[tuple[Claim, Blocking]]]:
    found: dict[str, list[tuple[Claim, Blocking]]] = {}
    for claim, piece in told:
        found.setdefault(claim.id, []).append((claim, piece))
    return iter(found.values())


def _of_the_place(own: Sequence[tuple[Claim, Blocking]], rules: Rules) -> bool:
    """Whether what meets a claim is of the claimed place: counted over all of it, or on several networks, or on
    the one that the claim names."""
    if any(piece.place.kind != "network" or names_network(claim, piece.place) for claim, piece in own):
        return True
    return len({piece.place.network for _, piece in own}) >= rules.count("blocking_networks")


def judged_with(judged: Judged, assessed: Assessment, found: Blocked) -> Judged:
    """The level of a draft, with the blocking that was measured there. What series of connectivity said of the
    place stays as it is: blocked services don't show in them."""
    if not found.corroborates or judged.level != "reported":
        return judged
    claims = [claim for claim in assessed.draft.claims if claim in found.claims]
    who, says = _who(assessed, claims)
    reason = Reason(
        code="claim-agrees",
        detail="blocking",
        rule=LEVEL_RULE,
        words=f"{sentence(_measured(found))}; {who} {says} that services were blocked there.",
        evidence=(*(piece.id for piece in found.pieces), *(claim.id for claim in claims)),
        series=tuple(sorted({piece.series for piece in found.pieces})),
    )
    return judged._replace(level="corroborated", reason=reason)


def _who(assessed: Assessment, claims: Sequence[Claim]) -> tuple[str, str]:
    """Who claims it, and the verb in their number: `1 independent source`, `says`."""
    lineage_of = assessed.sources.lineage_of
    others = {lineage_of[claim.id] for claim in claims if claim.reporter != "individual"}
    people = {lineage_of[claim.id] for claim in claims} - others
    parts = [counted(len(others), "independent source")] if others else []
    parts += [counted(len(people), "individual")] if people else []
    return " and ".join(parts), "says" if len(others) + len(people) == 1 else "say"


def reasons(judged: Judged, found: Blocked, rules: Rules) -> list[Reason]:
    """Say what blocking was measured where that is not why the level is what it is."""
    if not found.pieces or judged.reason.detail == "blocking":
        return []
    if not found.claims:
        words = f"{sentence(_measured(found))}; who claims it repeats that measurement."
    elif not found.whole:
        words = f"{sentence(_measured(found))}: one network, which is a part of what is claimed."
    else:
        words = f"{sentence(_measured(found))}."
    ids = tuple(piece.id for piece in found.pieces)
    cited = rules.cite("blocking_networks")
    return [Reason(code="agrees-in-time-and-place", detail="blocking", rule=cited, words=words, evidence=ids)]


def failure_reasons(failures: Sequence[CommonDrop], rules: Rules) -> list[Reason]:
    """Say which services were not blocked, as tests of them would have it, but failed themselves."""
    cited = rules.cite("blocking_networks")
    return [
        Reason(
            code="same-drop",
            detail="service-failed",
            rule=cited,
            words=f"Tests of {_tested(one)} failed elsewhere on those days, too "
            f"({country_words(where for where in one.countries if where != one.country)}): the service itself "
            "failed, which is no blocking.",
            evidence=(one.id,),
        )
        for one in failures
    ]


def _tested(failure: CommonDrop) -> str:
    return listed([service_words(signal.removeprefix(f"{BLOCKED}-")) for signal in failure.signals])


def rows(found: Blocked) -> list[Support]:
    """The pieces as a shutdown lists them: what series said, which is `coverage` there."""
    return [row(piece, "coverage", "supports") for piece in found.pieces]


def _measured(found: Blocked) -> str:
    """`ooni measured: WhatsApp blocked in Uganda, …`, the clearest pieces first."""
    clear = sorted(
        found.pieces,
        key=lambda piece: (piece.place.kind == "network", not piece.confirmed, -piece.share, piece.id),
    )
    told = list(dict.fromkeys(blocking_words(piece) for piece in clear))
    more = f" and {len(told) - TOLD} more" if len(told) > TOLD else ""
    who = listed(sorted({_measurer(piece) for piece in clear}))
    return f"{who} measured: {'; '.join(told[:TOLD])}{more}"


def _measurer(piece: Blocking) -> str:
    """Who measured it, by name."""
    return next((one.name for one in MEASURERS if one.lineage == piece.lineage), piece.origin.source)
