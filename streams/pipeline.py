"""The flow as a whole: the stages by name, and the run without Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from streams.arrival import arrive
from streams.correlation import CorrelateStage, CountryState, Rules, default_rules
from streams.halving import FAILED, process_or_refuse, settle_or_refuse
from streams.release.checking import released
from streams.scoring import Scorer, default_scorer
from streams.stage import INPUTS, SOURCES, Refused, Stage, Store
from streams.watch import DEFAULT_RULES, Group, find_groups
from streams.watch.pieces import changed
from topics import (
    EVIDENCE,
    FORM_REPORTS,
    REPORTS,
    Candidate,
    Drop,
    Entity,
    Evidence,
    InvalidRecord,
    Place,
    Shutdown,
    Topic,
    decode,
    drop_of,
    encode,
    topic_named,
)

#: Records that a stage gets at once.
BATCH = 500


def measured_place(entity: Entity, country: str) -> Place | None:
    """The place of what is measured, by the name that its source has for it; None if it is unknown.

    Names change: what is measured as Nur-Sultan is shown as Nur-Sultan, whatever the map calls it by now.
    """
    from streams.geography import entity_place

    place = entity_place(entity.type, entity.code, entity.name, country)
    if place is not None and place.kind == "network" and entity.share is not None:
        # To a hundredth, and never nothing: a place changes where its share does.
        return msgspec.structs.replace(place, share=max(0.01, round(min(1.0, entity.share), 2)))
    if place is None or place.kind != "region" or not entity.name:
        return place
    return msgspec.structs.replace(place, name=entity.name)


@lru_cache(maxsize=65_536)
def whole_of(place: Place) -> tuple[Place, float | None] | None:
    """The place that another is a part of, and its share of the people there, None where that isn't known: of a
    region or network the country, of a city or county the region. None where there is no such place.
    """
    from streams import geography

    if place.kind == "network":
        return geography.country_place(place.country), None
    if place.kind == "region":
        whole = geography.country_place(place.country)
    elif place.kind == "city" and (region := geography.region_place(place.region or "")) is not None:
        whole = region
    else:
        return None
    return whole, geography.share(place, whole)


def _detect() -> Stage:
    from streams.detection import DetectStage

    return DetectStage(places=measured_place, whole_of=whole_of)


def _claims() -> Stage:
    from streams.claims import ClaimsStage

    return ClaimsStage()


def _protests() -> Stage:
    from streams.protests import ProtestsStage

    return ProtestsStage()


def _watch() -> Stage:
    from streams.watch import WatchStage

    return WatchStage()


_BUILDERS: dict[str, Callable[[], Stage]] = {
    "detect": _detect,
    "claims": _claims,
    "protests": _protests,
    "watch": _watch,
}


def build_stage(name: str, rules: Rules | None = None) -> Stage:
    """A stage by its name.

    Raises:
        KeyError: there is no such stage.
    """
    if name == "correlate":
        return CorrelateStage(rules)
    return _BUILDERS[name]()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be used: its number among those given, from 1, its topic, and why. Of evidence that a
    stage made the number is 0."""

    number: int
    topic: str
    reason: str
    detail: str
    field: str | None


@dataclass(slots=True)
class Offline:
    """The stages over records in memory: the same functions as in the workers, without Kafka.

    Add records in any order, then ask for the shutdowns.
    """

    arrived_s: float
    rules: Rules = field(default_factory=default_rules)
    scorer: Scorer = field(default_factory=default_scorer)
    rejected: list[Rejected] = field(default_factory=list)
    accepted: int = 0
    _stages: dict[str, tuple[Stage, Store, list[tuple[int, Any]]]] = field(default_factory=dict)
    _countries: dict[str, CountryState] = field(default_factory=dict)
    _drops: dict[str, Drop] = field(default_factory=dict)
    _groups: dict[str, Group] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _watched: int = 0
    _seen: int = 0

    def add(self, topic: str, value: bytes) -> None:
        """Take in one record of a raw topic or of `evidence`; what can't be used goes to `rejected`.

        Raises:
            KeyError: the topic is not one that the stages read.
        """
        self._seen += 1
        number = self._seen
        known = topic_named(topic)
        if known not in INPUTS:
            raise KeyError(f"{topic!r} is no input; there are {', '.join(one.name for one in INPUTS)}")
        try:
            if known is FORM_REPORTS:
                known, record = REPORTS, released(value, self.arrived_s)
            else:
                record = arrive(known, value, self.arrived_s)
        except InvalidRecord as error:
            self.rejected.append(Rejected(number, topic, error.reason, error.detail, error.field))
            return
        self._put(number, known, record)

    def put(self, topic: Topic, record: Any) -> None:
        """Take in a record that has arrived already (see `arrive`), of a topic that the stages read."""
        self._seen += 1
        self._put(self._seen, topic, record)

    def _put(self, number: int, topic: Topic, record: Any) -> None:
        if topic is EVIDENCE:
            self._take(number, record)
            return
        if topic.name not in self._stages:
            name = next(name for name, source in SOURCES.items() if source is topic)
            self._stages[topic.name] = (build_stage(name), {}, [])
        waiting = self._stages[topic.name][2]
        waiting.append((number, record))
        if len(waiting) >= BATCH:
            self._run(topic.name)

    def evidence(self) -> list[Evidence]:
        """All evidence so far, the newest revision of each, withdrawn pieces included; by begin and id."""
        self._flush()
        pieces = (piece for state in self._countries.values() for piece in state.pieces.values())
        return sorted(pieces, key=lambda piece: (piece.from_s, piece.id))

    def shutdowns(self) -> list[Shutdown]:
        """The shutdowns that all of it amounts to, by begin and id."""
        self._flush()
        for country, state in self._countries.items():
            self._countries[country] = self._settled(state)
        found = (shutdown for state in self._countries.values() for shutdown in state.standing())
        return sorted(found, key=lambda shutdown: (shutdown.from_s, shutdown.id))

    def candidates(self) -> list[Candidate]:
        """What fell short of a shutdown by one condition, after `shutdowns`; by begin and id."""
        found = (candidate for state in self._countries.values() for candidate in state.near_misses())
        return sorted(found, key=lambda candidate: (candidate.from_s, candidate.id))

    def _flush(self) -> None:
        for topic in self._stages:
            self._run(topic)
        self._compare_countries()

    def _run(self, topic: str) -> None:
        stage, store, waiting = self._stages[topic]
        result = process_or_refuse(stage, [record for _, record in waiting], store)
        for refused in result.refused:
            self._reject(waiting[refused.index][0], topic, refused)
        refused_here = {refused.index for refused in result.refused}
        self.accepted += len(waiting) - len(refused_here)
        waiting.clear()
        for out, record in result.out:
            # By way of its bytes, as in Kafka: what correlates is what a reader of the topic would see.
            self._load(decode(out, encode(record)))

    def _compare_countries(self) -> None:
        """Add what the drops of several countries have in common, as the stage `watch` does.

        All of them are at hand, so that nothing needs to be found by key or to expire.
        """
        begins = [drop.from_s for drop in self._drops.values()] or [0]
        found = find_groups(self._drops.values(), DEFAULT_RULES, min(begins), max(begins))
        before, self._groups = self._groups, {group.drop: group for group in found}
        self._watched += 1
        for name in sorted(before.keys() | self._groups.keys()):
            for piece in changed(before.get(name), self._groups.get(name), self._watched):
                self._load(decode(EVIDENCE, encode(piece)))

    def _take(self, number: int, piece: Evidence) -> None:
        refused = CorrelateStage.refusal(0, piece)
        if refused is not None:
            self._reject(number, EVIDENCE.name, refused)
            return
        self.accepted += 1
        self._numbers[piece.id] = number
        self._load(piece)

    def _load(self, piece: Evidence) -> None:
        if piece.country not in self._countries:
            self._countries[piece.country] = self._empty()
        state, drop = self._countries[piece.country], drop_of(piece)
        try:
            is_new = state.load(piece)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is the piece's
            # The state may have part of it.
            self._countries[piece.country] = self._empty()
            for other in [one for one in state.pieces.values() if one.id != piece.id]:
                self._countries[piece.country].load(other)
            self._failed(piece, error)
            return
        if is_new and drop is not None:
            self._drops[drop.id] = drop

    def _empty(self) -> CountryState:
        return CountryState(self.rules, self.scorer)

    def _settled(self, state: CountryState) -> CountryState:
        """Conclude on a country; the pieces on which that fails are rejected."""
        try:
            state.settle()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - looked into below
            state, refused = settle_or_refuse(list(state.pieces.values()), self._empty)
            for piece, error in refused:
                self._failed(piece, error)
        return state

    def _failed(self, piece: Evidence, error: Exception) -> None:
        number = self._numbers.get(piece.id, 0)
        self.accepted -= 1 if number else 0
        words = f"{FAILED}: {type(error).__name__}: {error}"
        self._reject(number, EVIDENCE.name, Refused(0, "out-of-bounds", words))

    def _reject(self, number: int, topic: str, refused: Refused) -> None:
        self.rejected.append(Rejected(number, topic, refused.reason, refused.detail, refused.field))


def run_offline(
    lines: Iterable[tuple[str, bytes]], arrived_s: float, rules: Rules | None = None
) -> tuple[list[Shutdown], list[Rejected]]:
    """Shutdowns and rejected records of (topic, value) pairs."""
    offline = Offline(arrived_s, rules or default_rules())
    for topic, value in lines:
        offline.add(topic, value)
    return offline.shutdowns(), offline.rejected
