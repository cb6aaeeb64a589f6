"""The shutdowns of one country as they were given out: which stand, on which evidence, and of which incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from streams.correlation.conclude import sealed
from streams.correlation.evidence_index import EvidenceIndex
from streams.correlation.false_alarm_index import FalseAlarmIndex
from streams.correlation.incidents import Incidents, Member
from streams.correlation.lifecycle import ended, over, step
from streams.correlation.naming import Conclusion, Kept, order
from streams.correlation.rules import Rules
from streams.correlation.watermark import Watermark
from streams.correlation.windows import Span
from topics import LATEST_S, Claim, Outage, Shutdown, ShutdownChange


class GivenOut:
    """Shutdowns by id, as last given out, and what is remembered of those that stand.

    Args:
        near: the country's evidence.
        newest: the country's newest evidence, told of the shutdowns that turn with it.
        rules: the rules of correlation.
    """

    def __init__(self, near: EvidenceIndex, newest: Watermark, rules: Rules) -> None:
        self.shutdowns: dict[str, Shutdown] = {}
        self.kept: dict[str, Kept] = {}
        self._near, self._newest = near, newest
        self._used_by: dict[str, set[str]] = defaultdict(set)
        self._incidents = Incidents(rules.seconds("incident_gap_s"), near.places)
        self._met = FalseAlarmIndex(near.pieces, near.chances, rules)
        #: Shutdowns that were restored, until all of the country's pieces are.
        self._restored: list[str] = []

    def used_by(self, piece: str) -> Iterable[str]:
        """The ids of the shutdowns that stand and are made of a piece."""
        return self._used_by.get(piece, ())

    def restore(self, shutdown: Shutdown, kept: Kept | None) -> None:
        """Take in a shutdown as it was last given out; `kept` is None if it doesn't stand."""
        self.shutdowns[shutdown.id] = shutdown
        if kept is not None and not over(shutdown):
            self._activate(shutdown, kept)
            self._restored.append(shutdown.id)

    def restored(self) -> bool:
        """Note that all is restored, pieces too; whether any shutdown stands."""
        self._met.again()
        restored = bool(self._restored)
        for key in self._restored:
            shutdown = self.shutdowns[key]
            self._incidents.load(key, self.member(shutdown, self.kept[key]), shutdown.incident)
        self._restored.clear()
        return restored

    def rename(self, names: Mapping[str, str]) -> None:
        """Let the shutdowns that stand have other ids, by the old one, and forget the others. Incidents are named
        after ids: they follow."""
        standing = [(self.shutdowns[key], kept) for key, kept in self.kept.items()]
        for shutdown, _ in standing:
            self._retract(shutdown.id)
        self.shutdowns.clear()
        for shutdown, kept in standing:
            named = msgspec.structs.replace(shutdown, id=names[shutdown.id])
            self.shutdowns[named.id] = named
            self._activate(named, kept)
            self._incidents.add(named.id, self.member(named, kept))
        self._met.again()
        self._incidents.rename()
        self.shutdowns.update({key: self._whole(self.shutdowns[key]) for key in self.kept})

    def drop(self, key: str) -> None:
        """Forget a shutdown that has expired."""
        self.shutdowns.pop(key)
        if key in self.kept:
            self._retract(key)

    def member(self, shutdown: Shutdown, kept: Kept) -> Member:
        """What links a shutdown to others."""
        pieces = self._near.pieces
        used = [piece for key in kept.uses if (piece := pieces.get(key)) is not None]
        outages = [piece for piece in used if isinstance(piece, Outage)]
        place = outages[0].place if outages else shutdown.place
        publications = {name for piece in used if isinstance(piece, Claim) for name in _publications(piece)}
        until = LATEST_S if shutdown.until_s is None else shutdown.until_s
        return Member(
            Span(shutdown.from_s, until),
            self._near.places.number(place),
            bool(outages),
            tuple(sorted(publications)),
            tuple(outage.id for outage in outages if outage.place == place),
            kept.campaign,
        )

    def replace(
        self, gone: Mapping[str, tuple[str, ...]], made: Mapping[str, Conclusion], causes: tuple[str, ...]
    ) -> list[ShutdownChange]:
        """Let new shutdowns stand instead of old ones, and give out what differs.

        Args:
            gone: the ids of those that stand no longer, with what they were made of.
            made: those that stand, new or otherwise than before, by id.
            causes: the pieces that the changes are told to be because of.
        """
        for key in gone:
            self._retract(key)
        fresh: dict[str, Shutdown] = {}
        for key in made:
            if key in self.kept:
                self._unlink(key)
        for key, one in made.items():
            self._activate(one.shutdown, one.kept)
            self._incidents.add(key, one.member)
            fresh[key] = one.shutdown
        for key in self._met.again() | self._incidents.rename().keys():
            if key not in fresh:
                fresh[key] = self.shutdowns[key]
        found: list[ShutdownChange] = []
        for shutdown in sorted(fresh.values(), key=order):
            found += self._give_out(self._whole(shutdown), causes)
        for key, uses in gone.items():
            heirs = {heir for piece in uses for heir in self.used_by(piece)}
            heir = min((self.shutdowns[one] for one in heirs), key=order, default=None)
            found += self._give_out(ended(self.shutdowns[key], heir), causes)
        return found

    def _whole(self, shutdown: Shutdown) -> Shutdown:
        """A shutdown with what depends on others: its incident and campaign, and how often chance makes its
        like."""
        incident = self._incidents.name(shutdown.id)
        return msgspec.structs.replace(
            shutdown,
            incident=incident,
            campaign=incident.replace("incident", "campaign", 1) if self.kept[shutdown.id].campaign else None,
            false_alarms_a_year=self._met.false_alarms(shutdown),
        )

    def _give_out(self, shutdown: Shutdown, because: tuple[str, ...]) -> list[ShutdownChange]:
        before = self.shutdowns.get(shutdown.id)
        if before is not None and before == msgspec.structs.replace(
            shutdown, revision=before.revision, digest=before.digest
        ):
            return []
        now = sealed(msgspec.structs.replace(shutdown, revision=1 if before is None else before.revision + 1))
        self.shutdowns[shutdown.id] = now
        return [step(before, now, because)]

    def _activate(self, shutdown: Shutdown, kept: Kept) -> None:
        self.kept[shutdown.id] = kept
        for piece in kept.uses:
            self._used_by[piece].add(shutdown.id)
        self._met.put(shutdown, kept.uses)
        if kept.turns:
            self._newest.watch(shutdown.id, kept.turns)

    def _unlink(self, key: str) -> None:
        self._newest.forget(key)
        self._met.forget(key)
        release(self._used_by, self.kept.pop(key).uses, key)

    def _retract(self, key: str) -> None:
        self._unlink(key)
        self._incidents.discard(key)


def release(index: dict[str, set[str]], pieces: Iterable[str], key: str) -> None:
    """Take `key` out of the sets of some pieces, and those that are empty then out of the index."""
    for piece in pieces:
        index[piece].discard(key)
        if not index[piece]:
            del index[piece]


def _publications(claim: Claim) -> tuple[str, ...]:
    """Names of what a claim was published in: its report, and the page that it is from. None of an individual's."""
    if claim.reporter == "individual":
        return ()
    page = claim.origin.reference or ""
    return (f"report {claim.report}", *([f"page {page}"] if page.startswith(("https://", "http://")) else []))
