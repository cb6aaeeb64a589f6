"""All that is known of one country: its evidence, and the shutdowns that it has come to so far.

Two ways lead to the same shutdowns, but for their ids: an id that was given out stays while any of its evidence
stands, so that which of several it is depends on what was given out before. `CountryState.apply` takes one piece of
evidence and answers with what changed, touching only its neighbourhood in time. `CountryState.load` takes evidence
without concluding, and `settle` concludes on all of it at once. Tests hold the two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from streams.correlation.assessment import Assessment, assess
from streams.correlation.candidates import candidates
from streams.correlation.conclude import Surroundings, conclude
from streams.correlation.context import protest_window
from streams.correlation.crowd import of_individual, row_id
from streams.correlation.drafts import Draft
from streams.correlation.evidence_index import DirtySet, EvidenceIndex
from streams.correlation.given_out import GivenOut
from streams.correlation.lifecycle import over
from streams.correlation.naming import Conclusion, Kept, Names, listed_uses, order
from streams.correlation.near_misses import Fallen, NearMisses
from streams.correlation.rules import Rules
from streams.correlation.watermark import Watermark
from streams.scoring import Scorer, default_scorer
from streams.scoring.features import kinds_of
from topics import Candidate, Claim, Coverage, Evidence, Shutdown, ShutdownChange


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
        self._newest = Watermark(self.near.pieces)
        self._given_out = GivenOut(self.near, self._newest, rules)
        self._near_misses = NearMisses()
        self._names = Names(self.near.is_outage)

    @property
    def pieces(self) -> dict[str, Evidence]:
        """The newest revision of every piece, withdrawn ones too."""
        return self.near.pieces

    @property
    def shutdowns(self) -> dict[str, Shutdown]:
        """Every shutdown ever given out, by id, as last given out."""
        return self._given_out.shutdowns

    @property
    def kept(self) -> dict[str, Kept]:
        """What is remembered of the shutdowns that stand, by id."""
        return self._given_out.kept

    @property
    def candidates(self) -> dict[str, Candidate]:
        """Every candidate ever given out, by id, as last given out."""
        return self._near_misses.candidates

    @property
    def owners(self) -> dict[str, tuple[str, ...]]:
        """The outages, or else the claims, of the candidates that stand, by id."""
        return self._near_misses.owners

    def used_by(self, piece: str) -> set[str]:
        """The ids of the shutdowns that stand and are made of a piece."""
        return set(self._given_out.used_by(piece))

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
        self._given_out.restore(shutdown, kept)

    def restored(self) -> None:
        """Note that all is restored: what is asked of the country's rates from here on is what became of them."""
        self.near.chances.changed_usual()
        if self._given_out.restored():
            self.near.note_all()

    def restore_candidate(self, candidate: Candidate, owners: tuple[str, ...]) -> None:
        """Take in a candidate as it was last given out."""
        self._near_misses.restore(candidate, owners)

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
            return Changes(self._given_out.replace({}, {}, self._told(piece.id)))
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
        return self._near_misses.standing()

    def drop(self, pieces: Iterable[str], shutdowns: Iterable[str], candidates: Iterable[str]) -> None:
        """Forget what has expired, by ids. What was given out stays as it was given out."""
        for key in pieces:
            self.near.drop(key)
            self._newest.drop(key)
        for key in shutdowns:
            self._given_out.drop(key)
        for key in candidates:
            self._near_misses.drop(key)

    def _mark_again(self, shutdown: str, dirty: DirtySet) -> None:
        for key in self.kept[shutdown].uses:
            self.near.mark_dirty_again(key, dirty)

    # ------------------------------------------------------------------ conclusions

    def _conclude(self, dirty: DirtySet, because: str | None) -> Changes:
        """Conclude again on what a change reaches; `because` is the piece that changed."""
        touched = {one for key in dirty.outages for one in self._given_out.used_by(key)}
        claims = set(dirty.claims)
        concluded: list[Conclusion] = []
        fallen: Fallen = {}
        for draft in self._drafts(dirty, claims):
            self._conclude_draft(draft, concluded, fallen)
            claims.update(claim.id for claim in draft.claims)
        touched.update(one for key in claims for one in self._alone(key))
        if because is not None:
            touched.update(self._given_out.used_by(because))
            claims.add(because)
        old = {key: self.shutdowns[key] for key in touched}
        made = self._names.name(concluded, old, self.kept)
        gone = {key: self.kept[key].uses for key in sorted(touched - made.keys())}
        missed = self._near_misses.of(claims | dirty.outages)
        relinked = {key for key, one in made.items() if key in self.kept and self.kept[key] != one.kept}
        relinked |= self._near_misses.moved(fallen)
        return Changes(
            self._given_out.replace(gone, made, self._told(because)),
            self._near_misses.replace(missed, fallen),
            relinked,
        )

    def _told(self, because: str | None) -> tuple[str, ...]:
        """The piece that changed, as the cause that is told: none if it is an individual's."""
        return () if because is None or of_individual(self.near.pieces.get(because)) else (because,)

    def rename(self, given_out: Iterable[Shutdown]) -> bool:
        """Let each shutdown have the id under which a state that is lost gave its evidence out: an id stays while
        any of its evidence stands, whatever the order in which it came to this state. What has ended is forgotten.

        Args:
            given_out: the country's shutdowns as they were last given out. What they don't list of their evidence
                can't be known of them.

        Returns:
            Whether any id is another than before, or was forgotten.
        """
        people: dict[str, list[Claim]] = defaultdict(list)
        for piece in {piece for kept in self.kept.values() for piece in kept.uses}:
            if of_individual(self.pieces.get(piece)):
                claim = self.near.claim(piece)
                people[row_id(claim)].append(claim)
        old = {one.id: one for one in given_out if not over(one)}
        uses = {key: Kept(listed_uses(one, people)) for key, one in old.items()}
        concluded = [
            Conclusion(self.shutdowns[key], kept, self._given_out.member(self.shutdowns[key], kept))
            for key, kept in self.kept.items()
        ]
        names = {one.shutdown.id: key for key, one in self._names.assign(concluded, old, uses).items()}
        if len(names) == len(self.shutdowns) and all(new == before for before, new in names.items()):
            return False
        self._given_out.rename(names)
        return True

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
                    ruled_out = [] if claims_of else self.near.ruled_out(draft)
                    yield replace(draft, claims=list(claims_of), carried=carried, ruled_out=ruled_out)
        for component in self.near.judge_again(dirty.claims):
            claims.update(component.ids)
            yield from component.drafts

    def _alone(self, claim: str) -> Iterator[str]:
        """The shutdowns that stand on claims alone, this one among them; and those whose outages came to nothing in
        a crash half-way, until they come again."""
        for one in self._given_out.used_by(claim):
            if not self.shutdowns[one].signals or not any(map(self.near.is_outage, self.kept[one].uses)):
                yield one

    def _conclude_draft(self, draft: Draft, concluded: list[Conclusion], fallen: Fallen) -> None:
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
            concluded.append(Conclusion(shutdown, kept, self._given_out.member(shutdown, kept)))
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


def _tells_of_campaign(shutdown: Shutdown, draft: Draft) -> bool:
    """Whether drops at one hour are a campaign of cuts: they are claimed, or of a whole place by several kinds of
    signal. One network's nightly works, and the quiet nights of a telescope, are none."""
    if shutdown.level == "corroborated":
        return bool(draft.outages)
    return bool(draft.outages) and draft.place.kind != "network" and len(kinds_of(draft.outages)) > 1
