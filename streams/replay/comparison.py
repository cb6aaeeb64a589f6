"""Two runs side by side: which shutdowns appear, vanish or change, and why. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from streams.replay.runs import Head, Run
from topics import LATEST_S, Place, Shutdown

#: What is compared of two shutdowns, in the order in which it is told. Words and weights follow from these.
FIELDS = (
    "level",
    "status",
    "place",
    "from_s",
    "until_s",
    "scope",
    "extent",
    "signals",
    "measurement",
    "sources",
    "protests",
    "happened",
    "on_purpose",
    "probability",
    "campaign",
)

DifferenceKind = Literal["appears", "vanishes", "changes"]


class FieldChange(msgspec.Struct, frozen=True):
    """One field that differs. Places stand by their keys and names, times as Unix seconds."""

    field: str
    before: Any
    after: Any


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One shutdown that differs between two runs, and why.

    `before` and `after` are its ids there, null where it is not. `lost` and `gained` are the ids of its evidence
    that only the first or only the second has.
    """

    kind: DifferenceKind
    before: str | None
    after: str | None
    country: str
    place: Place
    from_s: int
    until_s: int | None
    precision: str
    level: str
    fields: tuple[FieldChange, ...] = ()
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs between two runs: rules by name, what was selected, code, and shutdowns.

    `same` counts the shutdowns that say the same, `renamed` those of them that do so under another id.
    """

    rules: dict[str, tuple[Any, Any]]
    selection: dict[str, tuple[Any, Any]]
    code: tuple[str, str] | None
    records: tuple[int, int] | None
    same: int
    renamed: int = 0
    differences: tuple[Difference, ...]

    def counts(self) -> dict[str, int]:
        """How many shutdowns appear, vanish, change, are the same."""
        found = {"appears": 0, "vanishes": 0, "changes": 0}
        for one in self.differences:
            found[one.kind] += 1
        return {**found, "same": self.same}


def compare(a: Run, b: Run) -> Comparison:
    """What is other in `b` than in `a`.

    Shutdowns are the same by the evidence they share, the most first, whatever their ids: which id a shutdown has
    depends on the order in which its evidence came. Ids decide where as much is shared, or nothing.
    """
    pairs, only_a, only_b = _matched(a.shutdowns, b.shutdowns)
    told = _Why(a, b)
    found: list[Difference] = []
    same = renamed = 0
    for before, after in pairs:
        changed = _fields(before, after)
        if changed:
            found.append(told.changes(before, after, changed))
        else:
            same += 1
            renamed += before.id != after.id
    found += [told.vanishes(one) for one in only_a] + [told.appears(one) for one in only_b]
    found.sort(key=lambda one: (one.country, one.from_s, one.before or one.after or ""))
    heads = None if a.head is None or b.head is None else (a.head, b.head)
    return Comparison(
        rules={} if heads is None else _unequal(heads[0].rule_values, heads[1].rule_values),
        selection={} if heads is None else _unequal(heads[0].selection, heads[1].selection),
        code=None if heads is None or heads[0].code == heads[1].code else (heads[0].code, heads[1].code),
        records=None if heads is None else (heads[0].records, heads[1].records),
        same=same,
        renamed=renamed,
        differences=tuple(found),
    )


def _unequal(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (a.get(name), b.get(name)) for name in sorted(a.keys() | b.keys()) if a.get(name) != b.get(name)}


def _core(shutdown: Shutdown) -> set[str]:
    """The evidence that a shutdown is made of."""
    return {piece.id for piece in shutdown.evidence if piece.kind in ("outage", "claim") and piece.id}


def _matched(
    a: Iterable[Shutdown], b: Iterable[Shutdown]
) -> tuple[list[tuple[Shutdown, Shutdown]], list[Shutdown], list[Shutdown]]:
    mine, other = {one.id: one for one in a}, {one.id: one for one in b}
    pairs: list[tuple[Shutdown, Shutdown]] = []
    users: dict[str, list[str]] = defaultdict(list)
    for key, shutdown in other.items():
        for piece in _core(shutdown):
            users[piece].append(key)
    shared: list[tuple[int, bool, str, str]] = []
    for key, shutdown in mine.items():
        counts: dict[str, int] = defaultdict(int)
        for piece in _core(shutdown):
            for user in users[piece]:
                counts[user] += 1
        shared += [(-number, key != user, key, user) for user, number in counts.items()]
    for _, _, key, user in sorted(shared):
        if key in mine and user in other:
            pairs.append((mine.pop(key), other.pop(user)))
    pairs += [(mine.pop(key), other.pop(key)) for key in sorted(mine.keys() & other.keys())]
    return pairs, list(mine.values()), list(other.values())


def _fields(before: Shutdown, after: Shutdown) -> tuple[FieldChange, ...]:
    found = []
    for name in FIELDS:
        old, new = getattr(before, name, None), getattr(after, name, None)
        if name == "place":
            old, new = f"{before.place.key} {before.place.name}", f"{after.place.key} {after.place.name}"
        if old != new:
            found.append(FieldChange(name, old, new))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Use:
    """Which shutdown uses a piece, and the piece in words."""

    shutdown: Shutdown
    words: str
    source: str


class _Why:
    """Says why two shutdowns differ, from the evidence of both runs and from what the runs were made of."""

    def __init__(self, a: Run, b: Run) -> None:
        self._uses = (_uses(a.shutdowns), _uses(b.shutdowns))
        self._heads: tuple[Head | None, Head | None] = (a.head, b.head)
        self._rules: dict[str, tuple[Any, Any]] = {}
        if a.head is not None and b.head is not None:
            self._rules = _unequal(a.head.rule_values, b.head.rule_values)

    def changes(self, before: Shutdown, after: Shutdown, fields: tuple[FieldChange, ...]) -> Difference:
        mine, other = {one.id for one in before.evidence}, {one.id for one in after.evidence}
        lost, gained = sorted(mine - other), sorted(other - mine)
        why = [*self._moved(lost, 0, after.id), *self._moved(gained, 1, before.id), *self._cited(before, after)]
        return _difference("changes", before, after, fields=fields, lost=tuple(lost), gained=tuple(gained), why=why)

    def vanishes(self, before: Shutdown) -> Difference:
        lost = sorted(one.id for one in before.evidence)
        why = [*self._moved(lost, 0, None), *self._cited(before)]
        return _difference("vanishes", before, None, lost=tuple(lost), why=why)

    def appears(self, after: Shutdown) -> Difference:
        gained = sorted(one.id for one in after.evidence)
        why = [*self._moved(gained, 1, None), *self._cited(after)]
        return _difference("appears", None, after, gained=tuple(gained), why=why)

    def _moved(self, pieces: list[str], has: int, partner: str | None) -> list[str]:
        """What became of pieces in the run that does not have them here. `has` is the run that does: 0 or 1."""
        other = 1 - has
        groups: dict[str, list[_Use]] = defaultdict(list)
        for key in pieces:
            use = self._uses[has].get(key)
            if use is None:
                continue
            there = self._uses[other].get(key)
            if there is not None and there.shutdown.id != partner:
                verb = "now part of" if has == 0 else "part before of"
                groups[f"{verb} {_named(there.shutdown)}"].append(use)
            elif there is None:
                groups[self._absent(use, other)].append(use)
        return [f"{_some(uses)}: {what}" for what, uses in sorted(groups.items())]

    def _absent(self, use: _Use, run: int) -> str:
        """Why no shutdown of a run uses a piece."""
        head, when = self._heads[run], ("before", "now")[run]
        if head is not None and use.source in head.selection.get("without", ()):
            return f"{use.source} is left out {when}"
        mine = self._heads[1 - run]
        if head is not None and mine is not None:
            moment = head.selection.get("as_of_s")
            if moment is not None and moment != mine.selection.get("as_of_s"):
                return f"not known {when}, as of {moment}"
            if head.digest == mine.digest:
                return f"part of no shutdown {when}"
        return f"not there {when}, or part of no shutdown"

    def _cited(self, *shutdowns: Shutdown) -> list[str]:
        """The rules that differ, those first that the shutdowns cite themselves."""
        if not self._rules:
            return []
        cited = {reason.rule.partition("/")[0] for one in shutdowns for reason in one.why}
        names = sorted(self._rules, key=lambda name: (name not in cited, name))
        return [f"rule {name} is {self._rules[name][1]:g} instead of {self._rules[name][0]:g}" for name in names]


def _uses(shutdowns: Iterable[Shutdown]) -> dict[str, _Use]:
    return {piece.id: _Use(one, piece.words, piece.source) for one in shutdowns for piece in one.evidence}


def _named(shutdown: Shutdown) -> str:
    return f"{shutdown.id} ({shutdown.level}, {shutdown.place.name})"


def _some(uses: list[_Use]) -> str:
    first = f"“{uses[0].words}”"
    return first if len(uses) == 1 else f"{first} and {len(uses) - 1} more"


def _difference(
    kind: DifferenceKind, before: Shutdown | None, after: Shutdown | None, *, why: list[str], **more: Any
) -> Difference:
    now = after or before
    assert now is not None
    return Difference(
        kind=kind,
        before=None if before is None else before.id,
        after=None if after is None else after.id,
        country=now.country,
        place=now.place,
        from_s=now.from_s,
        until_s=None if now.until_s is None or now.until_s >= LATEST_S else now.until_s,
        precision=now.precision,
        level=now.level,
        why=tuple(why),
        **more,
    )
