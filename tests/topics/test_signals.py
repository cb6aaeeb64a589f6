"""The catalogues of signals and measurers: complete, consistent, and the only tables of their kind."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import pytest

from streams.correlation.words import signal_words
from streams.detection import DEFAULT_RULES
from streams.evaluation.scenarios.form import USUAL_SIGNALS
from streams.scoring.features import kinds_of
from streams.sources.catalogue import SOURCES, Source
from streams.sources.files import SourceError
from streams.sources.ioda import DATASOURCES
from streams.sources.ioda_live_signals import ASKED
from streams.sources.rows import Accepted
from tests.correlation.evidence import outage
from tests.fuzzing.files import OPTIONS, SEEDS
from topics import (
    MEASURERS,
    SIGNALS,
    Measurement,
    Outage,
    SignalFacts,
    final_after_s,
    kind_of_measuring,
    signal_facts,
    signals_named,
)
from topics.signals import Naming, SignalKind

ROOT = Path(__file__).parents[2]
CODES = frozenset(signal.code for signal in SIGNALS)

#: Modules that list signals, since what they say is no fact about a signal.
MAY_LIST = {
    "streams/detection/rules.py": "thresholds: a rule names the signals that it judges",
    "streams/bench/world.py": "a constructed world: how its series move",
    "streams/scenarios/kazakhstan_2021_02_28.py": "a constructed case: the series that it has",
    "benchmarks/replay.py": "a constructed archive: the series that it has",
    "benchmarks/stages/inputs.py": "a constructed day of drops: the signals that dropped",
    "benchmarks/correlation.py": "a constructed history: the series that it has",
}


def known(code: str) -> bool:
    return signal_facts(code).kind != "other"


# ------------------------------------------------------------------ rows


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.code)
def test_a_row_has_all_facts(signal: SignalFacts) -> None:
    assert signal.words
    assert signal.unit
    assert signal.why.endswith(".")
    assert signal.kind in get_args(SignalKind)
    assert signal.kind != "other"
    assert 0 <= signal.fixed <= 1
    assert 0 <= signal.mobile <= 1
    assert 0 <= signal.contradicts <= 1
    assert signal.step_s is None or 60 <= signal.step_s <= 86_400
    assert signal.lag_s is None or 0 < signal.lag_s <= 86_400
    assert not signal.forecast or signal.contradicts == 0, "what was expected contradicts nothing"
    assert not signal.more_is_worse or signal.contradicts == 0, "a rise that is missing contradicts nothing"


def test_codes_and_names_stand_once() -> None:
    assert [code for code, count in Counter(signal.code for signal in SIGNALS).items() if count > 1] == []
    names = Counter(name for signal in SIGNALS for name in signal.names)
    assert [name for name, count in names.items() if count > 1] == []
    assert {who for who, _ in names} == set(get_args(Naming))


def test_probing_and_traffic_alone_are_enough_to_contradict() -> None:
    """Routing and telescopes never are, not even together: networks stay announced, few machines are infected."""
    enough = {signal.kind for signal in SIGNALS if signal.contradicts >= 1}
    assert enough == {"probing", "traffic"}
    most = {kind: max(one.contradicts for one in SIGNALS if one.kind == kind) for kind in ("routing", "telescope")}
    assert sum(most.values()) < 1


def test_traffic_alone_sees_most_of_a_mobile_cut() -> None:
    assert {signal.kind for signal in SIGNALS if signal.mobile > 0.5} == {"traffic"}
    assert all(signal.mobile <= signal.fixed for signal in SIGNALS)


def test_a_series_that_names_no_signals_has_one_of_each_kind_that_ioda_measures() -> None:
    usual = [signal for signal in SIGNALS if signal.usual]
    assert sorted(signal.kind for signal in usual) == ["probing", "routing", "telescope"]
    assert {who for signal in usual for who, _ in signal.names} >= {"ioda"}
    assert all(signal.lag_s for signal in usual), "asked for live"
    assert tuple(signal.code for signal in usual) == USUAL_SIGNALS


def test_the_words_that_records_had() -> None:
    codes = ("ping-slash24", "bgp", "merit-nt", "ucsd-nt", "gtr")
    assert [signal_facts(code).words for code in codes] == [
        "active probing", "BGP", "the Merit telescope", "the UCSD telescope", "Google traffic",
    ]  # fmt: skip


def test_a_product_has_the_facts_of_its_signal() -> None:
    one = signal_facts("gtr-norm-youtube")
    assert (one.code, one.words, one.lineage, one.kind) == (
        "gtr-norm-youtube", "Google traffic (youtube)", "google", "traffic",
    )  # fmt: skip
    assert one.unit == signal_facts("gtr-norm").unit
    assert not known("gtrx")
    assert not known("bgp-youtube")


def test_an_unknown_signal_contradicts_nothing_and_is_of_its_own_kind() -> None:
    one = signal_facts("sunspots")
    assert (one.words, one.contradicts, one.lineage) == ("sunspots", 0.0, None)
    assert kind_of_measuring("sunspots") == "sunspots"
    assert kind_of_measuring("merit-nt") == kind_of_measuring("ucsd-nt") == "telescope"


def test_what_nobody_asks_for_live_has_no_lag() -> None:
    assert final_after_s("gtr") == 7_200
    with pytest.raises(KeyError, match="ucsd-nt has no `lag_s`"):
        final_after_s("ucsd-nt")


def test_signals_by_name() -> None:
    assert signals_named("cloudflare")["HTTP"] == "http-requests"
    assert list(signals_named("ripestat")) == ["announcements", "withdrawals"]


def test_what_is_said_and_counted_of_signals_of_one_kind() -> None:
    both = outage("o", signals=("gtr", "gtr-norm", "bgp", "sunspots"))
    assert signal_words(both.signals) == "Google traffic, BGP and sunspots", "one word said once"
    assert kinds_of([both]) == {"traffic", "routing", "sunspots"}


def test_what_ioda_is_asked_for_and_alerts_of() -> None:
    assert set(ASKED) == {"bgp", "ping-slash24", "merit-nt", "gtr"}
    assert {"bgp", "ping-slash24", "merit-nt", "ucsd-nt", "gtr", "gtr-norm", "mozilla"} == DATASOURCES


def test_the_rules_of_detection_agree_with_the_catalogue() -> None:
    judged = [signal_facts(code) for rule in DEFAULT_RULES.rules for code in rule.signals]
    assert [one.code for one in judged if one.kind == "other" or one.more_is_worse or one.forecast] == []
    assert all(known(code) for code in DEFAULT_RULES.unjudged)


# ------------------------------------------------------------------ measurers


def test_measurers_stand_once_and_have_all_lineages_of_signals() -> None:
    assert len({one.lineage for one in MEASURERS}) == len(MEASURERS)
    names = Counter(name.casefold() for one in MEASURERS for name in (one.name, *one.names, *one.addresses))
    assert [name for name, count in names.items() if count > 1] == []
    assert {signal.lineage for signal in SIGNALS if signal.lineage} <= {one.lineage for one in MEASURERS}


# ------------------------------------------------------------------ readers


def emitted(source: Source) -> Iterator[str]:
    """The signals in what a source's reader makes of the payloads kept for it, of which some are damaged."""
    options: Any = OPTIONS.get(source.name, {})
    for path in sorted((SEEDS / f"read-{source.name}").iterdir()):
        with suppress(SourceError):
            for row in source.read()(path, **options):
                record = row.record if isinstance(row, Accepted) else None
                if isinstance(record, Measurement):
                    yield from (series.signal for series in record.series)
                elif isinstance(record, Outage):
                    yield from record.signals


#: Sources of causes, which nobody measures by a signal, and of blocking, which is of a service.
WITHOUT_SIGNALS = {"causes", "gdacs", "usgs", "ooni-changepoints"}


@pytest.mark.parametrize(
    "source",
    [
        one
        for one in SOURCES
        if one.reader and {"measurements", "evidence"} & set(one.topics) and one.name not in WITHOUT_SIGNALS
    ],
    ids=lambda source: source.name,
)
def test_every_signal_that_a_reader_emits_has_a_row(source: Source) -> None:
    found = set(emitted(source))
    assert found, "no payload kept for this source has a signal"
    assert [code for code in sorted(found) if not known(code)] == []


def constants() -> Iterator[tuple[str, str]]:
    """Modules of sources, and the signals that they name as a constant."""
    for path in sorted((ROOT / "streams" / "sources").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign):
                yield from ((path.name, code) for code in map(_signal, *_pairs(node)) if code)


def _pairs(node: ast.Assign) -> tuple[list[ast.expr], list[ast.expr]]:
    """Targets and values of an assignment, one to one."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return target.elts, value.elts
    return [target], [value]


def _signal(target: ast.expr, value: ast.expr) -> str | None:
    named = isinstance(target, ast.Name) and target.id in ("SIGNAL", "COUNT")
    return str(value.value) if named and isinstance(value, ast.Constant) else None


def test_every_signal_that_a_source_names_has_a_row() -> None:
    found = list(constants())
    assert ("monash.py", "connectivity-index") in found
    assert [(module, code) for module, code in found if not known(code)] == []


# ------------------------------------------------------------------ no other table


def tables(tree: ast.AST) -> Iterator[tuple[int, list[str]]]:
    """Literals with two signals or more: line, and their codes."""
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            parts = [*node.keys, *node.values]
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = [*node.elts]
        found = [one.value for one in parts if isinstance(one, ast.Constant) and one.value in CODES]
        if len(set(found)) > 1:
            yield getattr(node, "lineno", 0), found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('A = {"bgp": 1, "gtr": 2}', 1),
        ('A = {"x": "bgp", "y": "gtr"}', 1),
        ('A = ("bgp", "gtr")', 1),
        ('A = code in {"bgp", "gtr"}', 1),
        ('A = {"bgp": 1, "other": "bgp"}', 0),
        ('A = signal == "bgp"', 0),
    ],
)
def test_a_table_is_found(source: str, count: int) -> None:
    assert len(list(tables(ast.parse(source)))) == count


def test_no_module_has_a_table_of_signals_of_its_own() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for folder in ("streams", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (lines := list(tables(ast.parse(path.read_text()))))
    }
    others = {path: lines for path, lines in found.items() if path not in MAY_LIST}
    assert not others, "put what is true of a signal into topics/signals.py, and read it from there"
    assert sorted(MAY_LIST) == sorted(found), "a module that lists no signals any more needs no exception"
