"""Variables of the environment that are no settings: where things are, what signs and salts, what services want.

A misspelt variable would be passed over in silence, and with it what it was to change: so it is told.

>>> unknown({"SHUTDOWNS_PREFX": "test-", "SHUTDOWNS_PREFIX": "test-"})
['SHUTDOWNS_PREFX is set, and nothing reads it: is SHUTDOWNS_PREFIX meant?']
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from streams.settings import CONFIG_VARIABLE, ENVIRONMENT_PREFIX, settings_variables, spellings
from streams.sources.catalogue import SOURCES


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable and its meaning. A `secret` may also be in the file that its name with `_FILE` behind it names."""

    name: str
    words: str
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The variables by which it may be set, the first that is counts."""
        return spellings(self.name, secret=self.secret)

    def given(self, environ: Mapping[str, str]) -> str | None:
        """The variable by which it is set; an empty one counts as none."""
        return next((name for name in self.names if environ.get(name)), None)


_OWN = (
    Variable(CONFIG_VARIABLE, "the file of settings in TOML, as `shutdowns --config` names it"),
    Variable(
        "SHUTDOWNS_SALT",
        "salt of digests, 16 characters or more, the same for all who read reports for one Kafka; none: one is "
        "made and kept in `.shutdowns/salt`",
        secret=True,
    ),
    Variable("SHUTDOWNS_WEBHOOK_URL", "where `shutdowns notify` sends each change, without `--url`", secret=True),
    Variable(
        "SHUTDOWNS_WEBHOOK_SECRET", "what `shutdowns notify` signs its requests with, 16 bytes or more", secret=True
    ),
    Variable(
        "SHUTDOWNS_MAVEN_REPOSITORY",
        "URL of the Maven repository from which `shutdowns kafka` fetches its jars; none: Maven Central",
    ),
    Variable("XDG_CACHE_HOME", "folder under which those jars are kept; none: `~/.cache`"),
)


def variables() -> list[Variable]:
    """All of them, those that the services of live sources want last."""
    wanted: dict[str, list[str]] = {}
    for source in SOURCES:
        for name in source.secrets:
            wanted.setdefault(name, []).append(f"`{source.name}`")
    return [
        *_OWN,
        *(Variable(name, f"wanted by {', '.join(of)} with `--live`", secret=True) for name, of in wanted.items()),
    ]


def unknown(environ: Mapping[str, str]) -> list[str]:
    """A line for each variable that begins as ours do and that nothing reads; empty ones count as none."""
    known = {name for one in variables() for name in one.names} | settings_variables()
    found = []
    for name in sorted(environ):
        if name.startswith(ENVIRONMENT_PREFIX) and environ[name] and name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"is {near[0]} meant?" if near else "`shutdowns settings` lists those there are"
            found.append(f"{name} is set, and nothing reads it: {hint}")
    return found
