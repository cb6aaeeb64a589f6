"""Settings of a worker: one frozen object, from the environment (`SHUTDOWNS_*`) and the command line.

>>> settings = Settings.from_environment({"SHUTDOWNS_PREFIX": "test-"}, session_timeout_s=10.0)
>>> settings.prefix, settings.session_timeout_s, settings.group("detect")
('test-', 10.0, 'test-shutdown-streams-detect')
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from streams.errors import StreamsError

ENVIRONMENT_PREFIX = "SHUTDOWNS_"

#: The largest record that a worker may send. Only records of `invalid` come near it: they carry the bytes
#: of what was refused in base64. Everything else is refused above `RECORD_LIMIT_BYTES`.
SEND_LIMIT_BYTES = 4_194_304


class SettingsError(StreamsError):
    """A setting has a value that makes no sense. The message names the setting, its variable and what it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set. Each field is also the environment variable `SHUTDOWNS_<FIELD>`, in capitals."""

    bootstrap: str = field(
        default="127.0.0.1:9092",
        metadata={"words": "Kafka's address, `host:port`, or several with commas between"},
    )
    prefix: str = field(
        default="",
        metadata={"words": "put before the name of every topic and group, so that systems can share one Kafka"},
    )
    datadir: Path | None = field(
        default=None,
        metadata={"words": "folder for a worker's state, each its own; none: a free one under `.shutdowns/`"},
    )
    rules: Path | None = field(
        default=None, metadata={"words": "file with the rules of correlation; none: the default rules"}
    )
    session_timeout_s: float = field(
        default=30.0,
        metadata={
            "words": "a worker silent for so long loses its partitions to others; on one machine 10 is right"
        },
    )
    replication: int = field(
        default=-1, metadata={"words": "copies of every topic; -1: as the broker is set up; 3 in production"}
    )
    partitions: int | None = field(
        default=None, metadata={"words": "partitions of the topics to create; none: what the catalogue says"}
    )
    commit_interval_s: float = field(
        default=1.0, metadata={"words": "seconds between commits of what has been processed"}
    )
    batch_records: int = field(default=500, metadata={"words": "most records that a stage is given at once"})
    batch_bytes: int = field(
        default=16_777_216, metadata={"words": "most bytes of records that a stage is given at once"}
    )
    log_level: str = field(default="INFO", metadata={"words": "what the log tells: DEBUG, INFO, WARNING or ERROR"})

    def __post_init__(self) -> None:
        self._demand("bootstrap", bool(self.bootstrap.strip()), "an address such as `127.0.0.1:9092`")
        self._demand("prefix", re.fullmatch(r"[A-Za-z0-9._-]{0,80}", self.prefix), "letters, digits, `.`, `_`, `-`")
        self._demand("session_timeout_s", 6 <= self.session_timeout_s <= 300, "6 to 300 seconds")
        self._demand("replication", self.replication == -1 or self.replication >= 1, "-1, or 1 and more")
        self._demand("partitions", self.partitions is None or 1 <= self.partitions <= 1000, "1 to 1000")
        self._demand("commit_interval_s", 0.1 <= self.commit_interval_s <= 60, "0.1 to 60 seconds")
        self._demand("batch_records", 1 <= self.batch_records <= 10_000, "1 to 10000")
        self._demand("batch_bytes", self.batch_bytes >= 1_000_000, "1000000 and more")
        self._demand("log_level", self.log_level in ("DEBUG", "INFO", "WARNING", "ERROR"), "a level of the log")

    def _demand(self, name: str, holds: object, words: str) -> None:
        if not holds:
            value = getattr(self, name)
            raise SettingsError(
                f"{name} is {value!r}, and must be {words} (option --{name.removesuffix('_s').replace('_', '-')} "
                f"or variable {variable(name)})"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """What is `given` (None counts as not given), else what the environment has, else the default.

        Raises:
            SettingsError: a value can't be read or is out of bounds.
        """
        environ = os.environ if environ is None else environ
        values = {name: value for name, value in given.items() if value is not None}
        for one in fields(cls):
            text = environ.get(variable(one.name), "")
            if one.name not in values and text:
                values[one.name] = _read(one.name, str(one.type), text)
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        """The variables that give another process the same settings."""
        return {
            variable(one.name): str(value) for one in fields(self) if (value := getattr(self, one.name)) is not None
        }

    @property
    def heartbeat_s(self) -> float:
        """A third of the session: two heartbeats may be lost."""
        return self.session_timeout_s / 3

    @property
    def rebalance_timeout_s(self) -> float:
        """How long Kafka waits for a worker to hand over its partitions: a batch in work must end within it."""
        return 4 * self.session_timeout_s

    @property
    def send_timeout_s(self) -> float:
        """How long a record may wait to be acknowledged: half of what a rebalance may take."""
        return 2 * self.session_timeout_s

    @property
    def stall_timeout_s(self) -> float:
        """A rebalance, a recovery or a batch without any progress for so long is a fault: the process exits."""
        return self.rebalance_timeout_s + self.session_timeout_s

    def group(self, stage: str) -> str:
        """Consumer group of a stage; also the id of its Faust app."""
        return f"{self.prefix}shutdown-streams-{stage}"

    def changelog(self, stage: str) -> str:
        """The topic that keeps a stage's state. Faust makes the name from the app's id and the table's."""
        return f"{self.group(stage)}-state-changelog"


def variable(name: str) -> str:
    """The environment variable of a field.

    >>> variable("session_timeout_s")
    'SHUTDOWNS_SESSION_TIMEOUT_S'
    """
    return ENVIRONMENT_PREFIX + name.upper()


def documented() -> Iterator[tuple[str, str, str, str]]:
    """Name, variable, default and meaning of every setting."""
    for one in fields(Settings):
        yield one.name, variable(one.name), str(one.default), str(one.metadata["words"])


def _read(name: str, kind: str, text: str) -> Any:
    try:
        if "Path" in kind:
            return Path(text)
        if "int" in kind:
            return int(text)
        if "float" in kind:
            return float(text)
    except ValueError:
        raise SettingsError(f"{variable(name)} is {text!r}, which is no number") from None
    return text
