"""Scenarios: small worlds as records, with what must come out of them. Played by `shutdowns demo` and by tests."""

from __future__ import annotations

from importlib import import_module

from streams.scenarios.scenario import Decoy, Expected, Scenario

__all__ = ["Decoy", "Expected", "Scenario", "scenario_named", "scenarios"]

#: Names, and the modules that hold each as `SCENARIO`.
_MODULES = {"kazakhstan-2021-02-28": "streams.scenarios.kazakhstan_2021_02_28"}


def scenarios() -> tuple[str, ...]:
    """The names of all scenarios."""
    return tuple(_MODULES)


def scenario_named(name: str) -> Scenario:
    """The scenario of that name.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    if name not in _MODULES:
        raise KeyError(f"no scenario {name!r}; there are {', '.join(_MODULES)}")
    scenario = import_module(_MODULES[name]).SCENARIO
    assert isinstance(scenario, Scenario)
    return scenario
