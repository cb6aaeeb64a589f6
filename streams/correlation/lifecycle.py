"""The life of a shutdown: what kind of step a new revision is, and how one ends that no longer stands."""

from __future__ import annotations

import msgspec

from streams.correlation.conclude import sealed
from streams.correlation.words import listed, place_words
from topics import Reason, Shutdown, ShutdownChange
from topics.shutdown_changes import ChangeKind

ENDED_RULE = "ended/1"

#: From least to most established: a step up is an escalation.
LEVELS = ("contradicted", "reported", "measured", "corroborated")


def over(shutdown: Shutdown) -> bool:
    """Whether it no longer stands: merged into another, or retracted."""
    return shutdown.status in ("merged", "retracted")


def ended(shutdown: Shutdown, heir: Shutdown | None, why: str | None = None) -> Shutdown:
    """A shutdown whose evidence now makes another, or none: merged into its heir, or retracted. `why` says in words
    what became of its evidence, if that was not withdrawn."""
    if heir is None:
        words = why or "The evidence that it stood on was withdrawn or corrected; none of it is left."
    else:
        words = f"Its evidence is part of {heir.id} now."
    return sealed(
        msgspec.structs.replace(
            shutdown,
            status="retracted" if heir is None else "merged",
            merged_into=None if heir is None else heir.id,
            probability=None,
            happened=None,
            on_purpose=None,
            contributions=(),
            false_alarms_a_year=None,
            model=None,
            evidence=(),
            why=(Reason(code="retracted" if heir is None else "merged", rule=ENDED_RULE, words=words),),
        )
    )


def step(before: Shutdown | None, now: Shutdown, because: tuple[str, ...]) -> ShutdownChange:
    """The step from one revision to the next, named."""
    kind = _kind(before, now)
    changed = _changed(before, now)
    return ShutdownChange(
        id=f"{now.id}/{now.revision}",
        change=kind,
        changed=changed,
        because=because,
        words=_words(kind, before, now, changed, because),
        shutdown=now,
    )


def _kind(before: Shutdown | None, now: Shutdown) -> ChangeKind:
    if now.status == "merged":
        return "merged"
    if now.status == "retracted":
        return "retracted"
    if before is None or over(before):
        return "opened"
    if LEVELS.index(now.level) > LEVELS.index(before.level):
        return "escalated"
    if before.status == "open" and now.status == "closed":
        return "closed"
    return "updated"


def _changed(before: Shutdown | None, now: Shutdown) -> tuple[str, ...]:
    fields = [name for name in now.__struct_fields__ if name not in ("id", "revision", "digest")]
    if before is None:
        return tuple(fields)
    return tuple(name for name in fields if getattr(before, name) != getattr(now, name))


#: Fields whose change a reader wants named; the others follow from them.
_TOLD = {
    "level": "level",
    "status": "status",
    "place": "place",
    "from_s": "begin",
    "until_s": "end",
    "scope": "scope",
    "extent": "extent",
    "signals": "signals",
    "measurement": "measurement",
    "acknowledged": "acknowledgement",
    "protests": "protests",
    "sources": "sources",
    "evidence": "evidence",
    "incident": "incident",
}


def _words(
    kind: ChangeKind,
    before: Shutdown | None,
    now: Shutdown,
    changed: tuple[str, ...],
    because: tuple[str, ...],
) -> str:
    """The step in a line: `escalated from measured to corroborated: sources, evidence; because of claim/7/KZ`."""
    if kind == "opened" or before is None:
        said = f"opened: {now.level} in {place_words(now.place)}"
    elif kind in ("merged", "retracted"):
        said = "merged into " + str(now.merged_into) if kind == "merged" else "retracted: no evidence is left"
    else:
        levels = f" from {before.level} to {now.level}" if before.level != now.level else ""
        others = listed([words for name, words in _TOLD.items() if name in changed and name != "level"])
        said = f"{kind}{levels}" + (f": {others}" if others else "")
    cause = f"; because of {listed(because[:3])}" if because else ""
    return said + cause
