"""Which of GDELT's coded protests to believe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streams.sources.gdelt_rows import Event, Mention

#: An event that GDELT dates so long before it saw it is a retrospective, days.
RETROSPECTIVE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an event is refused (empty: it is not), and what is doubtful about it."""

    refused: str = ""
    flags: tuple[str, ...] = ()


def doubts(event: Event, mentions: Sequence[Mention]) -> Verdict:  # noqa: ARG001 - where they are given
    """Judge an event of root code 14. `mentions` are the articles known to mention it, if any were read."""
    if not event.is_root:
        return Verdict(refused="mentioned beside something else (IsRootEvent is 0)")
    if abs(event.added_s // 86_400 - (event.day.toordinal() - 719_163)) > RETROSPECTIVE_DAYS:
        return Verdict(refused="a retrospective: dated days before it was seen")
    return Verdict(flags=("few-mentions",) if event.mentions <= 2 else ())
