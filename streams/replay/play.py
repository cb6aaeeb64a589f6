"""The replay itself: records of the past through the pure stages, all at once or one after the other."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from streams.arrival import arrive
from streams.correlation import CorrelateStage, CountryState, Rules, default_rules
from streams.detection import DEFAULT_RULES
from streams.pipeline import Offline, build_stage
from streams.replay.inputs import Source
from streams.replay.knowledge import as_published, published_s, sliced
from streams.replay.records import Arrived
from streams.replay.runs import Head, Run
from streams.replay.selection import Selection
from streams.replay.version import code_version
from streams.stage import SOURCES, Stage, Store
from topics import DROPS, EVIDENCE, InvalidRecord, ShutdownChange, Topic, decode, drop_of, encode, topic_named

Told = Callable[[int, int | None], None]

#: Measurements so much before what is asked for are read: verdicts depend little on older ones, and a month for
#: what began earlier. Seconds.
LEAD_S = DEFAULT_RULES.learn_s + 31 * 86_400


@dataclass(slots=True)
class Account:
    """What became of the records: how many were used, their fingerprint, and why others were not.

    The fingerprint is a sum of each record's (BLAKE2, 128 bits), so that no order is in it.
    """

    used: int = 0
    total: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def use(self, row: Arrived) -> None:
        self.used += 1
        made = hashlib.blake2b(row.topic.encode() + b"\0" + (row.value or b""), digest_size=16)
        self.total = (self.total + int.from_bytes(made.digest(), "big")) % 2**128


@dataclass(frozen=True, slots=True)
class Known:
    """A record that counts: its topic, when it was known by the replay's clock (Unix seconds, None: nobody says),
    and its time in Kafka (Unix milliseconds, None: it never was there)."""

    topic: Topic
    record: Any
    known_s: int | None
    arrived_ms: int | None


def replay(
    source: Source,
    selection: Selection | None = None,
    rules: Rules | None = None,
    *,
    history: bool = False,
    evidence: bool = False,
    told: Told = lambda *_: None,
) -> Run:
    """Run the stages over what a selection takes from a source.

    Args:
        source: an archive, Kafka, files or memory: `streams.replay.inputs`.
        selection: which records; None is all of them.
        rules: the rules of correlation; None is the default ones.
        history: give every change too, as it would have come one record after the other.
        evidence: give the evidence too.
        told: called with records passed, of how many.

    Raises:
        ReplayError: the selection asks for what the source does not know.
        ArchiveError: the archive has faults.
    """
    selection, rules = selection or Selection(), rules or default_rules()
    account = Account()
    found = known(source, selection, account, told)
    with _seldom_collected():
        run = _one_by_one(found, selection, rules, account) if history else _at_once(found, rules, account)
    run.shutdowns = [one for one in run.shutdowns if selection.gives(one)]
    run.changes = [one for one in run.changes if selection.gives(one.shutdown)]
    if not evidence:
        run.evidence = []
    run.head = Head(
        code=code_version(),
        rules=rules.hash,
        detection=DEFAULT_RULES.hash[:12],
        rule_values={rule.id: rule.value for rule in rules.all},
        selection=selection.told(),
        records=account.used,
        digest=f"{account.total:032x}",
        refused=dict(sorted(account.refused.items())),
        left_out=dict(sorted(account.left_out.items())),
    )
    return run


def _at_once(found: Iterator[Known], rules: Rules, account: Account) -> Run:
    offline = Offline(float("inf"), rules)
    for one in found:
        offline.put(one.topic, one.record)
    run = Run(None, offline.shutdowns(), evidence=offline.evidence())
    account.refused.update(one.reason for one in offline.rejected)
    return run


def _one_by_one(found: Iterator[Known], selection: Selection, rules: Rules, account: Account) -> Run:
    flow = Unfolding(rules)
    changes = [change for one in in_time(found, selection) for change in flow.take(one.topic, one.record)]
    account.refused.update(flow.refused)
    return Run(None, flow.standing(), changes, flow.evidence())


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of garbage seldom: records make none, and looking takes a third of a replay's time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def known(source: Source, selection: Selection, account: Account, told: Told) -> Iterator[Known]:
    """The records that a selection takes, read and checked as they were on arrival."""
    publication = selection.clock == "publication"
    for row in source.rows(selection, told):
        topic = topic_named(row.topic)
        try:
            at_s = float("inf") if row.timestamp_ms is None else row.timestamp_ms / 1000
            record = arrive(topic, row.value, at_s)
        except InvalidRecord as error:
            account.refused[error.reason] += 1
            continue
        if not selection.wants(topic, record, LEAD_S):
            continue
        if publication and selection.as_of_s is not None:
            cut = as_published(record, selection.as_of_s)
            if cut is None:
                unsaid = published_s(record) is None
                account.left_out["nobody says when it was published" if unsaid else "published later"] += 1
                continue
            record = cut
        account.use(row)
        arrived_s = None if row.timestamp_ms is None else row.timestamp_ms // 1000
        yield Known(topic, record, published_s(record) if publication else arrived_s, row.timestamp_ms)


def in_time(found: Iterator[Known], selection: Selection) -> Iterator[Known]:
    """The records in the order in which they were known.

    By arrival they come so. By publication all are held in memory, frames in slices; what nobody dates comes
    last. Records that never arrived keep their own order.
    """
    if selection.clock != "publication":
        yield from found
        return
    pieces = [
        (published_s(part), number, Known(one.topic, part, published_s(part), one.arrived_ms))
        for number, one in enumerate(found)
        for part in sliced(one.record)
    ]
    pieces.sort(key=lambda one: (one[0] is None, one[0] or 0, one[1]))
    for _, _, one in pieces:
        yield one


class Unfolding:
    """The stages one record after the other, giving every change as it comes: what the workers do, in memory."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._stages: dict[str, tuple[Stage, Store]] = {}
        self._countries: dict[str, CountryState] = {}
        self.refused: Counter[str] = Counter()

    def take(self, topic: Topic, record: Any) -> list[ShutdownChange]:
        """Take a record in; the changes that it makes, in order."""
        if topic is EVIDENCE:
            return self._apply(record)
        name = next(name for name, source in SOURCES.items() if source is topic)
        stage, store = self._stages.setdefault(name, (build_stage(name), {}))
        result = stage.process([record], store)
        self.refused.update(one.reason for one in result.refused)
        return [change for out, piece in result.out for change in self._apply(decode(out, encode(piece)))]

    def standing(self) -> list[Any]:
        """The shutdowns that stand, by begin and id."""
        found = (shutdown for state in self._countries.values() for shutdown in state.standing())
        return sorted(found, key=lambda shutdown: (shutdown.from_s, shutdown.id))

    def evidence(self) -> list[Any]:
        """The newest revision of every piece, by begin and id."""
        pieces = (piece for state in self._countries.values() for piece in state.pieces.values())
        return sorted(pieces, key=lambda piece: (piece.from_s, piece.id))

    def _apply(self, piece: Any) -> list[ShutdownChange]:
        refused = CorrelateStage.refusal(0, piece)
        if refused is not None:
            self.refused[refused.reason] += 1
            return []
        if piece.country not in self._countries:
            self._countries[piece.country] = CountryState(self._rules)
        state = self._countries[piece.country]
        before = state.pieces.get(piece.id)
        changes = state.apply(piece).shutdowns
        drop = drop_of(piece)
        if drop is not None and state.pieces.get(piece.id) is not before:
            changes += self.take(DROPS, drop)
        return changes
