"""All that is known of one country: its evidence, and the shutdowns that it has come to so far.

Two ways lead to the same shutdowns, but for their ids: an id that was given out stays while any of its evidence
stands, so that which of several it is depends on what was given out before. `CountryState.apply` takes one piece of
evidence and answers with what changed, touching only its neighbourhood in time. `CountryState.load` takes evidence
without concluding, and `settle` concludes on all of it at once. Tests hold the two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from streams.correlation.assessment import Assessment, assess
from streams.correlation.candidates import candidates, no_longer
from streams.correlation.conclude import Surroundings, conclude, sealed
from streams.correlation.context import protest_window
from streams.correlation.crowd import of_individual
from streams.correlation.drafts import Draft
from streams.correlation.evidence_index import DirtySet, EvidenceIndex
from streams.correlation.false_alarm_index import FalseAlarmIndex
from streams.correlation.incidents import Incidents, Member
from streams.correlation.lifecycle import ended, over, step
from streams.correlation.naming import Conclusion, Kept, Names, order
from streams.correlation.rules import Rules
from streams.correlation.watermark import Watermark
from streams.correlation.windows import Span
from streams.scoring import Scorer, default_scorer
from streams.scoring.features import kinds_of
from topics import LATEST_S, Candidate, Claim, Coverage, Evidence, Outage, Shutdown, ShutdownChange


@dataclass(slots=True)
class Changes:
    """What a piece of evidence came to: steps of shutdowns, and candidates that are new, other, or no longer.

    `relinked` has the ids of shutdowns and candidates that say what they said, of other pieces than before.
    """

    shutdowns: list[ShutdownChange] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    relinked: set[str] = field(default_factory=set)


class CountryState:
    """Evidence and shutdowns of one country. Not thread-safe; pure: no clock, no I/O."""

    def __init__(self, rules: Rules, scorer: Scorer | None = None) -> None:
        self.rules = rules
        self.scorer = scorer or default_scorer()
        self.near = EvidenceIndex(rules)
        #: Every shutdown ever given out, by id, as last given out; and those of them that stand.
        self.shutdowns: dict[str, Shutdown] = {}
        self.kept: dict[str, Kept] = {}
        #: Every candidate ever given out, by id; and the outages, or else the claims, of those which stand.
        self.candidates: dict[str, Candidate] = {}
        self.owners: dict[str, tuple[str, ...]] = {}
        self._used_by: dict[str, set[str]] = defaultdict(set)
        self._owned_by: dict[str, set[str]] = defaultdict(set)
        self._incidents = Incidents(rules.seconds("incident_gap_s"), self.near.places)
        #: Shutdowns that were restored, until all of the country's pieces are.
        self._restored: list[str] = []
        self._newest = Watermark(self.near.pieces)
        self._met = FalseAlarmIndex(self.near.pieces, self.near.chances, rules)
        self._names = Names(self.near.is_outage)

    @property
    def pieces(self) -> dict[str, Evidence]:
        """The newest revision of every piece, withdrawn ones too."""
        return self.near.pieces

    def used_by(self, piece: str) -> set[str]:
        """The ids of the shutdowns that stand and are made of a piece."""
        return set(self._used_by.get(piece, ()))

    # ------------------------------------------------------------------ evidence

    def load(self, piece: Evidence) -> bool:
        """Take a piece in, without concluding. False if it is known already, or older than what is known."""
        if not self.near.news(piece):
            return False
        self.near.put(piece)
        self._newest.put(piece)
        return True

    def restore(self, shutdown: Shutdown, kept: Kept | None) -> None:
        """Take in a shutdown as it was last given out."""
        self.shutdowns[shutdown.id] = shutdown
        if kept is not None and not over(shutdown):
            self._stand(shutdown, kept)
            self._restored.append(shutdown.id)

    def restored(self) -> None:
        """Note that all is restored: what is asked of the country's rates from here on is what became of them."""
        self.near.chances.changed_usual()
        self._met.again()
        if self._restored:
            self.near.note_all()
        for key in self._restored:
            shutdown = self.shutdowns[key]
            self._incidents.load(key, self._member(shutdown, self.kept[key]), shutdown.incident)
        self._restored.clear()

    def restore_candidate(self, candidate: Candidate, owners: tuple[str, ...]) -> None:
        """Take in a candidate as it was last given out."""
        self.candidates[candidate.id] = candidate
        if candidate.standing:
            self._own(candidate.id, owners)

    def apply(self, piece: Evidence) -> Changes:
        """Take a piece in and conclude: the changes it makes, in order. None if it says nothing new."""
        if not self.near.news(piece):
            return Changes()
        dirty = DirtySet()
        self.near.put(piece, dirty)
        self._newest.put(piece)
        for key in self._newest.crossed():
            self._mark_again(key, dirty)
        if self.near.chances.changed_usual():
            for key in self.kept:
                self._mark_again(key, dirty)
        if isinstance(piece, Coverage) and not dirty.outages and not dirty.claims:
            # No conclusion is made of coverage, and none reads this piece.
            return Changes(self._replace({}, {}, piece.id))
        self.near.settle_dirty(dirty)
        return self._conclude(dirty, piece.id)

    def settle(self) -> Changes:
        """Conclude on everything that was loaded, at once."""
        self._newest.crossed()
        self.near.chances.changed_usual()
        dirty = DirtySet(set(self.near.outages()), set(self.near.claims()))
        self.near.note_all()
        return self._conclude(dirty, None)

    def standing(self) -> list[Shutdown]:
        """The shutdowns that stand: neither merged nor retracted; by begin and id."""
        return sorted((self.shutdowns[key] for key in self.kept), key=order)

    def near_misses(self) -> list[Candidate]:
        """The candidates that stand; by begin and id."""
        return sorted((self.candidates[key] for key in self.owners), key=lambda one: (one.from_s, one.id))

    def drop(self, pieces: Iterable[str], shutdowns: Iterable[str], candidates: Iterable[str]) -> None:
        """Forget what has expired, by ids. What was given out stays as it was given out."""
        for key in pieces:
            self.near.drop(key)
        self._newest.look()
        for key in shutdowns:
            self.shutdowns.pop(key)
            if key in self.kept:
                self._fall(key)
        for key in candidates:
            self.candidates.pop(key)
            self._disown(key)

    def _mark_again(self, shutdown: str, dirty: DirtySet) -> None:
        for key in self.kept[shutdown].uses:
            self.near.mark_dirty_again(key, dirty)

    # ------------------------------------------------------------------ conclusions

    def _conclude(self, dirty: DirtySet, because: str | None) -> Changes:
        """Conclude again on what a change reaches; `because` is the piece that changed."""
        touched = {one for key in dirty.outages for one in self._used_by.get(key, ())}
        claims = set(dirty.claims)
        concluded: list[Conclusion] = []
        fallen: dict[str, tuple[Candidate, tuple[str, ...]]] = {}
        for draft in self._drafts(dirty, claims):
            self._conclude_draft(draft, concluded, fallen)
            claims.update(claim.id for claim in draft.claims)
        touched.update(one for key in claims for one in self._alone(key))
        if because is not None:
            touched.update(self._used_by.get(because, ()))
            claims.add(because)
        old = {key: self.shutdowns[key] for key in touched}
        made = self._names.name(concluded, old, self.kept)
        gone = {key: self.kept[key].uses for key in sorted(touched - made.keys())}
        missed = {one for key in claims | dirty.outages for one in self._owned_by.get(key, ())}
        relinked = {key for key, one in made.items() if key in self.kept and self.kept[key] != one.kept}
        relinked |= {
            key for key, (_, owners) in fallen.items() if key in self.owners and self.owners[key] != owners
        }
        return Changes(self._replace(gone, made, because), self._replace_candidates(missed, fallen), relinked)

    def remember(self, shutdown: Shutdown) -> None:
        """Note an id that was given out and stands, with its evidence, so that the same evidence gets it again."""
        self._names.remember(shutdown)

    def _drafts(self, dirty: DirtySet, claims: set[str]) -> Iterator[Draft]:
        """The drafts of a neighbourhood, claims attached. Adds to `claims` those that they might have had."""
        done: set[str] = set()
        for key in sorted(dirty.outages):
            if key not in done and self.near.is_outage(key):
                component = self.near.component(key)
                done.update(component.ids)
                for draft in component.drafts:
                    claims_of = self.near.attached(draft)
                    carried = [] if self.near.independent(draft) else self.near.carried(draft)
                    yield Draft(draft.place, draft.outages, draft.nested, list(claims_of), carried, draft.failed)
        for component in self.near.judge_again(dirty.claims):
            claims.update(component.ids)
            yield from component.drafts

    def _alone(self, claim: str) -> Iterator[str]:
        """The shutdowns that stand on claims alone, this one among them; and those whose outages came to nothing in
        a crash half-way, until they come again."""
        for one in self._used_by.get(claim, ()):
            if not self.shutdowns[one].signals or not any(map(self.near.is_outage, self.kept[one].uses)):
                yield one

    def _conclude_draft(
        self, draft: Draft, concluded: list[Conclusion], fallen: dict[str, tuple[Candidate, tuple[str, ...]]]
    ) -> None:
        coverage = self.near.coverage(draft)
        joins = {claim.id: found for claim in draft.claims if (found := self.near.join(claim, draft)) is not None}
        assessed = assess(draft, coverage, joins, self.near.pair_of, self.rules)
        answered = False
        if assessed.shown:
            campaign = self.near.campaign(draft) if draft.outages and draft.failed is None else []
            around = self._surroundings(draft, assessed, coverage, campaign)
            shutdown, turns = conclude(assessed, around, self.rules, self.scorer)
            uses = tuple(piece.id for piece in draft.pieces)
            next_to = self.near.next_to(draft, campaign) if _tells_of_campaign(shutdown, draft) else ()
            kept = Kept(uses, turns, next_to)
            concluded.append(Conclusion(shutdown, kept, self._member(shutdown, kept)))
            # By measured blocking: it falls short of nothing.
            answered = not draft.outages and shutdown.level == "corroborated"
        owners = tuple(piece.id for piece in draft.outages or draft.claims)
        almost = self.near.nearby_outages(draft) if assessed.shown and not draft.outages else []
        for candidate in candidates(assessed, almost, self.rules) if not answered else ():
            fallen[candidate.id] = (candidate, owners)

    def _surroundings(
        self, draft: Draft, assessed: Assessment, coverage: list[Coverage], campaign: list[str]
    ) -> Surroundings:
        during = assessed.draft.reach(self.rules)
        days = protest_window(draft.place, during, self.rules)
        protests = self.near.protests(days)
        near = self.near.in_context(protests, assessed.place)
        return Surroundings(
            coverage=coverage,
            protests=protests,
            near=near,
            reached=near if assessed.place is draft.place else self.near.in_context(protests, draft.place),
            blocked=self.near.blocked(draft, during) if draft.outages else (),
            denials=self.near.denials(draft, during),
            causes=self.near.causes(draft),
            common=self.near.common_drops(draft),
            tested=self.near.tested(draft),
            recurrence=self.near.recurrence(draft),
            campaign=self.near.days_of(campaign),
            usual=self.near.chances.usual_protests(days.until_s - days.from_s),
            newest_s=self._newest.s,
        )

    def _member(self, shutdown: Shutdown, kept: Kept) -> Member:
        """What links a shutdown to others."""
        used = [piece for key in kept.uses if (piece := self.near.pieces.get(key)) is not None]
        outages = [piece for piece in used if isinstance(piece, Outage)]
        place = outages[0].place if outages else shutdown.place
        publications = {name for piece in used if isinstance(piece, Claim) for name in _publications(piece)}
        until = LATEST_S if shutdown.until_s is None else shutdown.until_s
        return Member(
            Span(shutdown.from_s, until),
            self.near.places.number(place),
            bool(outages),
            tuple(sorted(publications)),
            tuple(outage.id for outage in outages if outage.place == place),
            kept.campaign,
        )

    # ------------------------------------------------------------------ shutdowns

    def _replace(
        self,
        gone: dict[str, tuple[str, ...]],
        made: dict[str, Conclusion],
        because: str | None,
    ) -> list[ShutdownChange]:
        """Let the new shutdowns stand instead of the old, and give out what differs."""
        for key in gone:
            self._fall(key)
        fresh: dict[str, Shutdown] = {}
        for key in made:
            if key in self.kept:
                self._unlink(key)
        for key, one in made.items():
            self._stand(one.shutdown, one.kept)
            self._incidents.add(key, one.member)
            fresh[key] = one.shutdown
        for key in self._met.again() | self._incidents.rename().keys():
            if key not in fresh:
                fresh[key] = self.shutdowns[key]
        told = because is not None and not of_individual(self.near.pieces.get(because))
        causes = (because,) if because is not None and told else ()
        found: list[ShutdownChange] = []
        for shutdown in sorted(fresh.values(), key=order):
            found += self._give_out(self._whole(shutdown), causes)
        for key, uses in gone.items():
            heirs = {heir for piece in uses for heir in self._used_by.get(piece, ())}
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

    def _stand(self, shutdown: Shutdown, kept: Kept) -> None:
        self.kept[shutdown.id] = kept
        for piece in kept.uses:
            self._used_by[piece].add(shutdown.id)
        self._met.put(shutdown, kept.uses)
        if kept.turns:
            self._newest.watch(shutdown.id, kept.turns)

    def _unlink(self, key: str) -> None:
        self._newest.forget(key)
        self._met.forget(key)
        _release(self._used_by, self.kept.pop(key).uses, key)

    def _fall(self, key: str) -> None:
        self._unlink(key)
        self._incidents.discard(key)

    # ------------------------------------------------------------------ candidates

    def _replace_candidates(
        self, missed: set[str], fallen: dict[str, tuple[Candidate, tuple[str, ...]]]
    ) -> list[Candidate]:
        """Let the new candidates stand instead of the old, and give out what differs."""
        found: list[Candidate] = []
        for key in sorted(missed - fallen.keys()):
            self._disown(key)
            found += self._give_out_candidate(no_longer(self.candidates[key]))
        for key, (candidate, owners) in sorted(fallen.items()):
            self._disown(key)
            self._own(key, owners)
            found += self._give_out_candidate(candidate)
        return found

    def _give_out_candidate(self, candidate: Candidate) -> list[Candidate]:
        before = self.candidates.get(candidate.id)
        if before is not None and before.digest == candidate.digest:
            return []
        now = msgspec.structs.replace(candidate, revision=1 if before is None else before.revision + 1)
        self.candidates[candidate.id] = now
        return [now]

    def _own(self, key: str, owners: tuple[str, ...]) -> None:
        self.owners[key] = owners
        for claim in owners:
            self._owned_by[claim].add(key)

    def _disown(self, key: str) -> None:
        _release(self._owned_by, self.owners.pop(key, ()), key)


def _release(index: dict[str, set[str]], pieces: Iterable[str], key: str) -> None:
    for piece in pieces:
        index[piece].discard(key)
        if not index[piece]:
            del index[piece]


def _tells_of_campaign(shutdown: Shutdown, draft: Draft) -> bool:
    """Whether drops at one hour are a campaign of cuts: they are claimed, or of a whole place by several kinds of
    signal. One network's nightly works, and the quiet nights of a telescope, are none."""
    if shutdown.level == "corroborated":
        return bool(draft.outages)
    return bool(draft.outages) and draft.place.kind != "network" and len(kinds_of(draft.outages)) > 1


def _publications(claim: Claim) -> tuple[str, ...]:
    """Names of what a claim was published in: its report, and the page that it is from. None of an individual's."""
    if claim.reporter == "individual":
        return ()
    page = claim.origin.reference or ""
    return (f"report {claim.report}", *([f"page {page}"] if page.startswith(("https://", "http://")) else []))
