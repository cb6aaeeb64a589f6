"""What a claim says of the reason: somebody's decision, another cause, or nothing.

Causes come in free text (lists, forms, posts in many languages) and in codes (Cloudflare's `GOVERNMENT_DIRECTED`).
The words of causes are those that `streams.texts` reads texts by; `causes.toml` says which are decisions and which
take networks down by themselves, and adds the words of lists."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from streams.geography.fold import fold
from streams.texts.lexicon import LANGUAGES, lexicon
from streams.texts.tokens import sentences
from topics import Report
from topics.evidence import CauseKind
from topics.reports import Attribution

#: What a cause is: a kind that needs nobody's decision, or a decision.
Cause = CauseKind | Literal["decision"]

#: So much of a text is looked at.
CHARS = 500


@lru_cache(maxsize=16_384)
def cause_kind(text: str | None) -> Cause | None:
    """What kind of cause a text or code names; None where it names none that is known.

    What needs nobody's decision goes first: a power cut after shelling in a protest month is a power cut.

    >>> cause_kind("POWER_OUTAGE"), cause_kind("Exam cheating"), cause_kind("обрыв кабеля"), cause_kind("Other")
    ('power', 'decision', 'cable', None)
    """
    said = (text or "").replace("_", " ")[:CHARS].strip()
    if not said:
        return None
    table = _table()
    folded = f" {fold(said)} "
    found = {kind for phrase, kind in table.phrases if f" {phrase}" in folded}
    found |= {kind for code, kind in table.codes if folded.strip() == code}
    for sentence in sentences(said):
        for language in LANGUAGES:
            for hit in lexicon(language).hits(sentence.tokens):
                name = hit.kind.removeprefix("cause:")
                if hit.kind != name and name in table.names:
                    found.add(table.names[name])
    return next((kind for kind in table.order if kind in found), None)


def attribution(report: Report, from_s: int) -> Attribution:
    """What a report says of the reason of a cut that begins at `from_s`, Unix seconds.

    What was published before it begins is announced, whoever ordered it. Who names a decision, or who took it, says
    that it was ordered; who names another cause, that it was technical, also where no order is denied in so many
    words."""
    if report.attribution is not None:
        return report.attribution
    if report.known_s is not None and report.known_s < from_s:
        return "announced"
    kind = cause_kind(report.cause)
    if report.ordered_by or kind == "decision":
        return "ordered"
    return "unknown" if kind is None else "technical"


class _Table:
    """`causes.toml` as it is asked: the kind of each name of the lexicon, of each phrase, and which goes first."""

    def __init__(self) -> None:
        tables = tomllib.loads((resources.files(__package__) / "causes.toml").read_text(encoding="utf-8"))
        self.order: tuple[Cause, ...] = tuple(tables)  # type: ignore[arg-type]
        self.names: dict[str, Cause] = {}
        self.phrases: list[tuple[str, Cause]] = []
        self.codes: list[tuple[str, Cause]] = []
        for kind in self.order:
            table = tables[kind]
            self.names.update(dict.fromkeys(table.get("names", ()), kind))
            self.phrases += [(fold(phrase), kind) for phrase in table.get("phrases", ())]
            self.codes += [(fold(code), kind) for code in table.get("codes", ())]


@cache
def _table() -> _Table:
    return _Table()
