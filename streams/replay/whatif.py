"""Rules for a replay: the default ones, a file's, and single ones set by hand."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from streams.correlation import Rules, default_rules, load_rules
from streams.replay.errors import ReplayError

#: Units that a rule's value may be given in, in seconds: `…_h=4` sets `…_s` to 14,400.
UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}

#: Groups that people put before a rule's name.
_GROUP = re.compile(r"(windows|rules)\.")

#: What people call rules by, beside their ids: the windows' names in docs/GLOSSARY.md, the clock-time one first.
ALIASES = {
    "claim_outage": "outage_claim_clock",
    "outage_claim": "outage_claim_clock",
    "claim_claim": "claim_claim_clock",
}


def rules_for(path: Path | None = None, settings: Sequence[str] = ()) -> Rules:
    """The rules of a file, or the default ones, with `name=value` settings on top.

    >>> rules_for(settings=["outage_claim_clock_h=4"]).seconds("outage_claim_clock_s")
    14400

    Raises:
        RulesError: the file or a value breaks a bound.
        ReplayError: there is no such rule, or a value is no number.
    """
    rules = default_rules() if path is None else load_rules(path)
    changed: dict[str, float] = {}
    for text in settings:
        name, _, value = text.partition("=")
        rule, factor = _named(rules, name.strip())
        try:
            number = float(value) * factor
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ReplayError(f"--set {text}: {value!r} is no number; write e.g. {rule}=3600")
        changed[rule] = int(number) if number == int(number) else number
    # All at once: some only fit together.
    return Rules(tuple(replace(one, value=changed.get(one.id, one.value)) for one in rules.all))


def _named(rules: Rules, given: str) -> tuple[str, float]:
    """The id of the rule that is meant, and by what to multiply a value given in the unit of its name."""
    known = {rule.id for rule in rules.all}
    name = _GROUP.sub("", given)
    if name in known:
        return name, 1
    stem, _, unit = name.rpartition("_")
    if unit in UNITS_S:
        rule = f"{ALIASES.get(stem, stem)}_s"
        if rule in known:
            return rule, UNITS_S[unit]
    near = difflib.get_close_matches(name, known, 3, 0.5) or sorted(known)
    raise ReplayError(f"--set {given}: there is no such rule; did you mean {', '.join(near)}?")
