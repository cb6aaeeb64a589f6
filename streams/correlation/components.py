"""The components of a country's outages: what is linked by time and place, and the drafts that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from streams.correlation.blocking_joins import span as blocking_span
from streams.correlation.drafts import Draft, measured
from streams.correlation.evidence_store import EvidenceStore, closed
from streams.correlation.rules import Rules
from streams.correlation.windows import Span, span
from topics import Blocking, CommonDrop, Evidence, Outage, blocked_signals


class Component(NamedTuple):
    """Pieces that are linked, by id, and the drafts that they make. Drafts of outages have no claims here."""

    ids: tuple[str, ...]
    drafts: tuple[Draft, ...]


class Components(EvidenceStore):
    """Outages that could be one shutdown, linked directly or not. Each component is worked out once, until one of
    its outages changes."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._components: dict[str, Component] = {}

    def _list(self, piece: Evidence) -> None:
        super()._list(piece)
        if isinstance(piece, CommonDrop):
            self._forget_failures(piece)

    def _unlist(self, piece: Evidence) -> None:
        if isinstance(piece, CommonDrop):
            self._forget_failures(piece)
        self._forget_component(piece.id)
        super()._unlist(piece)

    def component(self, key: str) -> Component:
        """All outages that one is linked to, directly or not."""
        known = self._components.get(key)
        if known is None:
            found = self._linked(key)
            pieces = [self.outage(one) for one in found]
            known = Component(tuple(found), tuple(self._drafts(pieces)))
            self._components.update(dict.fromkeys(found, known))
        return known

    def _drafts(self, outages: list[Outage]) -> Iterator[Draft]:
        """The drafts of linked outages. Those that are a source's own failure make drafts of their own, which
        nothing meets: what the instrument did says nothing of the place."""
        by_failure: dict[str | None, list[Outage]] = {None: []}
        for outage in outages:
            failure = self.failure(outage) if len(self._common_drops) else None
            by_failure.setdefault(None if failure is None else failure.id, []).append(outage)
        for name, own in by_failure.items():
            for draft in measured(own, self.rules):
                draft.failed = name
                yield draft

    def _linked(self, seed: str) -> list[str]:
        found: dict[str, None] = {}
        queue = [seed]
        while queue:
            key = queue.pop()
            if key not in found:
                found[key] = None
                queue += self._touching(self._place_of[key], self._outages, self._outages.span(key))
        return list(found)

    def draft_of(self, outage: str) -> Draft | None:
        """The draft that an outage is of the place of, if it makes one."""
        for draft in self.component(outage).drafts:
            if any(one.id == outage for one in draft.outages):
                return draft
        return None

    def failure(self, outage: Outage) -> CommonDrop | None:
        """The source's own failure that an outage is, if it is nothing but that."""
        return self._failure(outage.origin.source, outage.signals, span(outage))

    def service_failure(self, blocking: Blocking) -> CommonDrop | None:
        """The service's own failure that blocking is, if it is nothing but that: of a country, or of a network. No
        service shows a block page."""
        if blocking.service is None or blocking.confirmed:
            return None
        return self._failure(None, blocked_signals(blocking), blocking_span(blocking, self.rules))

    def _failure(self, source: str | None, signals: tuple[str, ...], during: Span) -> CommonDrop | None:
        for key in self._common_drops.during(during):
            piece = self.pieces[key]
            assert isinstance(piece, CommonDrop)
            own_source = source in (None, piece.source) and set(signals) <= set(piece.signals)
            if piece.verdict == "source-failure" and own_source and _mostly(during, closed(piece)):
                return piece
        return None

    def common_drops(self, draft: Draft) -> list[CommonDrop]:
        """The drops in several countries that a draft is part of, by id."""
        found: dict[str, CommonDrop] = {}
        for outage in draft.outages:
            for key in self._common_drops.during(span(outage)):
                piece = self.pieces[key]
                assert isinstance(piece, CommonDrop)
                if set(outage.signals) & set(piece.signals) and _mostly(closed(piece), span(outage)):
                    found[key] = piece
        return [found[key] for key in sorted(found)]

    def _forget_failures(self, piece: CommonDrop) -> None:
        """Forget the components that a common drop can change."""
        for key in self._outages.during(closed(piece)):
            self._forget_component(key)

    def _forget_component(self, key: str) -> None:
        known = self._components.get(key)
        if known is not None:
            for one in known.ids:
                self._components.pop(one, None)


def _mostly(one: Span, other: Span) -> bool:
    """Whether most of one stretch lies in another."""
    return 2 * one.shared_s(other) >= one.until_s - one.from_s
