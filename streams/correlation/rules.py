"""The rules of correlation as data: named, versioned, explained, read from one TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from streams.errors import StreamsError
from topics import digest


class RulesError(StreamsError):
    """A rule file that can't be used; the message says which rule and why."""


@dataclass(frozen=True)
class Rule:
    """One rule: its id, value (seconds where the id ends in `_s`, km in `_km`), version, and why it is so."""

    id: str
    value: float
    version: int
    why: str


#: Windows in time: none of these may exceed the lateness bound, or late evidence would be joined by chance.
WINDOWS = (
    "outage_claim_clock_s",
    "outage_claim_day_s",
    "claim_span_s",
    "outage_gap_s",
    "claim_claim_clock_s",
    "protest_s",
    "incident_gap_s",
)


@dataclass(frozen=True)
class Rules:
    """A rule set. Two sets with the same `hash` conclude the same from the same evidence."""

    all: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if self._value("claim_span_s") <= 0 or not 0 < self._value("nested_share") <= 1:
            raise RulesError("`claim_span_s` must be above 0, and `nested_share` above 0 and at most 1")
        for name in WINDOWS:
            if self._value(name) > self._value("lateness_s"):
                raise RulesError(
                    f"`{name}` is {self._value(name):,.0f} s, longer than the lateness bound `lateness_s` of "
                    f"{self._value('lateness_s'):,.0f} s: evidence would be joined or not by the order in which "
                    "it comes. Shorten the window or raise the bound."
                )

    def _value(self, name: str) -> float:
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, float]:
        return {rule.id: rule.value for rule in self.all}

    def seconds(self, name: str) -> int:
        """A rule's value in whole seconds."""
        return int(self._values[name])

    def count(self, name: str) -> int:
        """A rule's value, where it is a number of things."""
        return int(self._values[name])

    def number(self, name: str) -> float:
        """A rule's value."""
        return self._values[name]

    @cached_property
    def hash(self) -> str:
        """Fingerprint of all ids, versions and values, 12 hex digits."""
        return digest([[rule.id, rule.version, rule.value] for rule in self.all])[:12]

    def cite(self, name: str) -> str:
        """A rule as events name it: id and version."""
        return next(f"{rule.id}/{rule.version}" for rule in self.all if rule.id == name)


def load_rules(path: Path | None = None) -> Rules:
    """The default rules, or those of a file that has the same rules with other values.

    Raises:
        RulesError: the file can't be read, lacks a rule, has one that nobody knows, or breaks a bound.
    """
    return _read(path.read_text() if path else _default_text(), str(path or "the default rules"))


@cache
def default_rules() -> Rules:
    """The rule set that ships with the package."""
    return load_rules()


def _default_text() -> str:
    return (resources.files("streams.correlation") / "rules.toml").read_text()


def _read(text: str, where: str) -> Rules:
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{where}: not TOML: {error}") from error
    known = tomllib.loads(_default_text()).keys()
    for name in sorted(known ^ tables.keys()):
        problem = "is missing" if name in known else "is not a rule; there are " + ", ".join(sorted(known))
        raise RulesError(f"{where}: `[{name}]` {problem}")
    return Rules(tuple(_rule(name, table, where) for name, table in sorted(tables.items())))


def _rule(name: str, table: Any, where: str) -> Rule:
    if not isinstance(table, dict) or table.keys() != {"value", "version", "why"}:
        raise RulesError(f"{where}: `[{name}]` needs exactly `value`, `version` and `why`")
    value, version = table["value"], table["version"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise RulesError(f"{where}: `[{name}]` value must be a number of at least 0, not {value!r}")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise RulesError(f"{where}: `[{name}]` version must be a whole number from 1, not {version!r}")
    return Rule(name, value, version, str(table["why"]))
