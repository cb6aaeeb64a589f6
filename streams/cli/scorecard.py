"""Print the scorecard of `shutdowns evaluate` as tables of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from streams.evaluation import Evaluation
from streams.evaluation.decoys import Happened
from streams.evaluation.evaluation import Ablation, Method, Miss
from streams.evaluation.level_card import LevelRow
from streams.evaluation.metrics import Bin
from streams.evaluation.sliding import FalseAlarms

#: Countries that are printed; `--json` has all.
SHOWN = 12

METHODS_NOTE = (
    "P precision, R recall, both from 0.5 on. No copies: without claims that repeat the measurement. On purpose: "
    "given that it happened; probability: times happened. P. by its end: by what had begun when the outage ended. "
    "Shipped, seen: the model that ships was fitted on these files. R at rule: recall at the precision of the "
    "rule, no copies. Macro: mean over countries."
)

ABLATION_NOTE = "Outages: those at which the feature is not 0. On purpose is fitted anew without it."

LEVEL_NOTE = "Precision: the share of corroborated ones that were on purpose by the list."


def print_scorecard(found: Evaluation, console: Console) -> None:
    """Print all tables."""
    console.print(
        f"[bold]{found.outages:,} outages, {found.positive:,} on purpose[/] by their cause; "
        f"{found.known_causes:,} have a cause that was found out, the rest count as not on purpose.\n"
        f"Scored: {found.scored}. {found.unused_rows:,} rows of the lists could not be read or located.\n"
    )
    for title, note, table in _sections(found):
        console.print(f"[bold]{title}[/]")
        console.print(note, style="dim") if note else None
        console.print(table) if table.row_count else None
        console.print()


def _sections(found: Evaluation) -> Iterable[tuple[str, str, Table]]:
    """Title, note and table of each section, in order."""
    methods = {one.name: one for one in found.methods}
    yield "Level: corroborated", LEVEL_NOTE, _level(found.level)
    yield "Happened: listed outages told from decoys", _happened_note(found.happened), _affirmed(found.happened)
    yield "Happened, reliability", "", _reliability(found.happened.calibration, "positions", "listed")
    yield "On purpose, and the probability", METHODS_NOTE, _methods(found.methods)
    for name, title in (("on_purpose", "On purpose, reliability"), ("probability", "Probability, reliability")):
        yield title, "", _reliability(methods[name].calibration, "outages", "on purpose")
    if found.ablation:
        yield "Without each feature", ABLATION_NOTE, _ablation(found.ablation)
    yield "By country", "The rule is the paper's, no copies; ours is the probability.", _countries(found)
    yield "Claims of a full cut that an outage answers", "", _join(found)
    yield "Coincidences", *_coincidences(found.false_alarms)
    yield "From a shutdown's begin to each level, minutes", "", _delays(found)
    yield f"The {len(found.misses)} outages furthest from the list's word", "", _misses(found.misses)
    yield (
        f"The {len(found.level_misses)} outages whose level is wrong by the list",
        "Corroborated and not on purpose, or on purpose and not corroborated.",
        _misses(found.level_misses),
    )


def _table(*columns: str, text: int = 1) -> Table:
    """A table whose first `text` columns are words, the others numbers."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < text else "right", no_wrap=True)
    return table


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _join(found: Evaluation) -> Table:
    table = _table("scope", "claims", "SIGCOMM '23 join", "share", "this engine", "share")
    for row in found.join:
        shares = [_number(matched / row.claims if row.claims else None) for matched in (row.join, row.engine)]
        table.add_row(row.scope, f"{row.claims}", f"{row.join}", shares[0], f"{row.engine}", shares[1])
    return table


def _methods(methods: Sequence[Method]) -> Table:
    names = ("P", "R", "R at rule", "AP", "AUC", "Brier", "macro AP", "AUC")
    table = _table("", *names)
    for method in methods:
        micro = method.micro
        rates = [_number(micro.precision), _number(micro.recall), _number(method.recall_at_rule)]
        over_all = [_number(micro.average_precision), _number(micro.roc_auc), _number(micro.brier, 4)]
        each = [_number(method.macro["average_precision"]), _number(method.macro["roc_auc"])]
        table.add_row(method.words, *rates, *over_all, *each)
    return table


def _level(rows: Sequence[LevelRow]) -> Table:
    table = _table("scope", "outages", "on purpose", "corroborated", "both", "precision", "recall")
    for row in rows:
        counts = [f"{one}" for one in (row.outages, row.positive, row.corroborated, row.right)]
        table.add_row(row.scope, *counts, _number(row.precision), _number(row.recall))
    return table


def _happened_note(found: Happened) -> str:
    made = " and ".join(f"{number:,} {kind}" for kind, number in found.made.items()) or "none"
    numbers = found.quality
    return (
        f"{numbers.positive:,} listed outages; decoys: {made}. Average precision "
        f"{_number(numbers.average_precision)}, AUC {_number(numbers.roc_auc)}, Brier {_number(numbers.brier, 4)}. "
        f"{sum(one.decoys for one in found.affirmed)} decoys were given more than 0.5. A claim at a decoy may be "
        "true: nobody listed an outage there."
    )


def _affirmed(found: Happened) -> Table:
    table = _table("why a decoy was given more than 0.5", "decoys")
    for one in found.affirmed:
        table.add_row(one.reason, f"{one.decoys}")
    return table


def _reliability(rows: Sequence[Bin], counted: str, share: str) -> Table:
    table = _table("answer", counted, "mean", share)
    for row in rows:
        table.add_row(f"{row.from_:g} to {row.until:g}", f"{row.outages}", _number(row.mean), _number(row.share))
    return table


def _ablation(rows: Sequence[Ablation]) -> Table:
    table = _table("question", "without", "outages", "AP", "Brier", text=2)
    for row in rows:
        uses = f"{row.outages}" if row.feature else ""
        numbers = (_number(row.average_precision, 4), _number(row.brier, 4))
        table.add_row(row.question, row.feature or "nothing: all features", uses, *numbers)
    return table


def _countries(found: Evaluation) -> Table:
    table = _table("", "outages", "on purpose", "rule: R", "P", "ours: R", "P", "AP")
    for row in found.countries[:SHOWN]:
        rule, own = row.methods["rule_independent"], row.methods["probability"]
        rates = [_number(one, 2) for one in (rule.recall, rule.precision, own.recall, own.precision)]
        table.add_row(row.country, f"{row.outages}", f"{row.positive}", *rates, _number(own.average_precision, 2))
    rest = found.countries[SHOWN:]
    if rest:
        sums = (sum(row.outages for row in rest), sum(row.positive for row in rest))
        table.add_row(f"{len(rest)} more", f"{sums[0]}", f"{sums[1]}")
    return table


def _coincidences(found: FalseAlarms | None) -> tuple[str, Table]:
    """What chance would make of the lists, in words, and by country."""
    table = _table("", "observed", "by chance")
    if found is None:
        return "The lists cover too little time together to move one against the other.", table
    for row in found.countries[:SHOWN]:
        table.add_row(row.country, f"{row.observed}", _number(row.expected, 2))
    words = (
        f"{found.observed} outages were met by independent claims in {found.years} years. Chance would have made "
        f"{found.expected:g}: so many were when claims are moved by {found.offsets} whole weeks, 2 and more. Over "
        f"{found.shutdowns} corroborated shutdowns, ones as strong come {found.counted_a_year:g} times a year "
        f"so counted, and {found.estimated_a_year:g} times as the stream estimates."
    )
    return words, table


def _delays(found: Evaluation) -> Table:
    table = _table("level", "shutdowns", "say when", "fastest", "median", "slowest")
    for row in found.delays:
        minutes = [_number(one, 0) for one in (row.fastest_min, row.median_min, row.slowest_min)]
        table.add_row(row.level, f"{row.shutdowns}", f"{row.timed}", *minutes)
    return table


def _misses(misses: Sequence[Miss]) -> Table:
    table = _table("ID", "place", "begin, UTC", "cause", "level", "hours", "p", text=5)
    for row in misses:
        begin = row.begin[2:16].replace("T", " ")
        numbers = (f"{row.hours:.1f}", _number(row.probability))
        place = f"{row.place}, {row.country}"
        table.add_row(row.outage.rpartition("/")[2], place, begin, _cause(row.cause), row.level, *numbers)
    return table


def _cause(cause: str) -> str:
    """A cause as short as a column has room for."""
    return {"": "none", "Government-Ordered": "ordered"}.get(cause, cause)
