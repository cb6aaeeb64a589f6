"""The watch stage: drops of whole countries in, what several of them have in common out, as evidence of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from streams.stage import Refused, Result, Store
from streams.watch.common import find_groups
from streams.watch.drop_store import DropStore, HourFull
from streams.watch.pieces import changed
from streams.watch.rules import DEFAULT_RULES, WatchRules
from topics import DROPS, EVIDENCE, CommonDrop, Drop, of_service


class WatchStage:
    """Common drops of all countries, revised when more countries join or leave. Implements `streams.stage.Stage`.

    What stands in the end depends on the set of drops alone, whatever their order and the batches. The revision of
    a piece is the number of changes taken in by then: records that come again after a crash, in batches of other
    sizes, give a revision the same meaning again.
    """

    name = "watch"
    source = DROPS
    outputs = (EVIDENCE,)
    layout = 1

    def __init__(self, rules: WatchRules = DEFAULT_RULES) -> None:
        self.rules = rules

    def process(self, records: Sequence[Drop], store: Store) -> Result:
        """Take in a batch; see `streams.stage.Stage.process`."""
        result, kept = Result(), DropStore(store, self.rules)
        begins: dict[bool, set[int]] = {False: set(), True: set()}
        for index, drop in enumerate(records):
            if kept.too_old(drop.from_s):
                detail = "older than what is kept (rule `expiry_s` of the stage)"
                result.refused.append(Refused(index, "out-of-bounds", detail, "from_s"))
                continue
            try:
                before = kept.take(drop)
            except HourFull as error:
                result.refused.append(Refused(index, "out-of-bounds", str(error), "from_s"))
                continue
            if before is not None:
                begins[of_service(drop.signals)] |= {before.from_s, drop.from_s}
        for blocked, moments in begins.items():
            reach_s = self.rules.blocked_reach_s if blocked else self.rules.reach_s
            for first_s, last_s in _stretches(moments, reach_s):
                out = self._conclude(kept, first_s, last_s, reach_s, blocked=blocked)
                result.out += [(EVIDENCE, piece) for piece in out]
        kept.write()
        return result

    def forget(self) -> None:
        """Nothing is cached."""

    def _conclude(
        self, kept: DropStore, first_s: int, last_s: int, reach_s: int, *, blocked: bool
    ) -> Iterator[CommonDrop]:
        """Work out the groups of a stretch of time again, and yield the pieces that differ from those given out.

        Those of services (`blocked`) reach farther than those of networks, and neither knows of the other.
        """
        drops = [
            one for one in kept.between(first_s - reach_s, last_s + reach_s) if of_service(one.signals) == blocked
        ]
        now = {group.drop: group for group in find_groups(drops, self.rules, first_s, last_s)}
        known = kept.groups(first_s, last_s)
        before = {name: group for name, group in known.items() if of_service(group.signals) == blocked}
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                yield from changed(before.get(name), now.get(name), kept.count)
                kept.replace(before.get(name), now.get(name))


def _stretches(begins: Iterable[int], reach_s: int) -> list[tuple[int, int]]:
    """The stretches of time in which groups may have changed, apart from each other: first and last second.

    >>> _stretches({100, 150, 900}, 60)
    [(40, 210), (840, 960)]
    """
    found: list[tuple[int, int]] = []
    for begin_s in sorted(begins):
        first_s, last_s = begin_s - reach_s, begin_s + reach_s
        if found and first_s <= found[-1][1]:
            found[-1] = (found[-1][0], last_s)
        else:
            found.append((first_s, last_s))
    return found
