"""Settings: one frozen object, from the command line, the environment (`SHUTDOWNS_*`) and a file in TOML.

What is given on the command line counts before the environment, that before the file, that before the default.
The file is what `SHUTDOWNS_CONFIG` (or `shutdowns --config`) names; a secret may also be in a file of its own,
which its variable with `_FILE` behind it names.

>>> settings = Settings.from_environment({"SHUTDOWNS_PREFIX": "test-"}, session_timeout_s=10.0)
>>> settings.prefix, settings.session_timeout_s, settings.group("detect")
('test-', 10.0, 'test-shutdown-streams-detect')
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from streams.errors import StreamsError
from streams.files import small_text

ENVIRONMENT_PREFIX = "SHUTDOWNS_"

#: The variable that names the file in TOML.
CONFIG_VARIABLE = "SHUTDOWNS_CONFIG"

SECURITIES = ("plaintext", "ssl", "sasl-plaintext", "sasl-ssl")
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN")

#: The largest record that a worker may send. Only records of `invalid` come near it: they carry the bytes
#: of what was refused in base64. Everything else is refused above `RECORD_LIMIT_BYTES`.
SEND_LIMIT_BYTES = 4_194_304


class SettingsError(StreamsError):
    """A setting has a value that makes no sense. The message names the setting, its variable and what it may be."""


class Loaded(NamedTuple):
    """Settings, and for each where its value is from: `given`, a variable, a file, or `default`."""

    settings: Settings
    origins: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set. Each field is also the environment variable `SHUTDOWNS_<FIELD>`, in capitals, and a key of
    the file in TOML.
    """

    bootstrap: str = field(
        default="127.0.0.1:9092",
        metadata={"words": "Kafka's address, `host:port`, or several with commas between"},
    )
    prefix: str = field(
        default="",
        metadata={"words": "put before the name of every topic and group, so that systems can share one Kafka"},
    )
    security: str = field(
        default="plaintext",
        metadata={"words": "how to connect: plaintext, ssl, sasl-plaintext or sasl-ssl"},
    )
    sasl_mechanism: str = field(
        default="SCRAM-SHA-512", metadata={"words": "with sasl: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"}
    )
    sasl_username: str = field(default="", metadata={"words": "with sasl: the user"})
    sasl_password: str = field(
        default="", repr=False, metadata={"words": "with sasl: the password", "secret": True}
    )
    ssl_ca: Path | None = field(
        default=None,
        metadata={"words": "with ssl: file (PEM) of the authorities that may vouch for Kafka; none: the system's"},
    )
    ssl_cert: Path | None = field(
        default=None, metadata={"words": "with ssl: file (PEM) of our own certificate, where Kafka asks for one"}
    )
    ssl_key: Path | None = field(default=None, metadata={"words": "with ssl: file (PEM) of our certificate's key"})
    ssl_key_password: str = field(
        default="", repr=False, metadata={"words": "with ssl: what opens the key, if it is locked", "secret": True}
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
    write_buffer_bytes: int = field(
        default=8_388_608,
        metadata={
            "words": "what RocksDB may hold in memory of each partition's state before it writes a file of it; "
            "a smaller one costs more writing"
        },
    )
    release_every_s: float = field(
        default=900.0,
        metadata={
            "words": "reports of the form go on to `reports` together, those of so many seconds at once, so that "
            "nobody can be told by the time of one; 0: at once, for a demonstration"
        },
    )
    log_format: str = field(default="console", metadata={"words": "how the log is written: console or json"})
    pages_port: int | None = field(
        default=None,
        metadata={"words": "port of a worker's pages /metrics, /livez and /readyz; none: no pages; 0: a free one"},
    )
    pages_host: str = field(
        default="127.0.0.1",
        metadata={"words": "address at which the pages are served: nothing secret is on them"},
    )
    log_level: str = field(default="INFO", metadata={"words": "what the log tells: DEBUG, INFO, WARNING or ERROR"})

    def __post_init__(self) -> None:
        self._demand("bootstrap", bool(self.bootstrap.strip()), "an address such as `127.0.0.1:9092`")
        self._demand("prefix", re.fullmatch(r"[A-Za-z0-9._-]{0,80}", self.prefix), "letters, digits, `.`, `_`, `-`")
        self._demand("security", self.security in SECURITIES, f"one of {', '.join(SECURITIES)}")
        self._demand("sasl_mechanism", self.sasl_mechanism in MECHANISMS, f"one of {', '.join(MECHANISMS)}")
        sasl = self.security.startswith("sasl")
        self._demand("sasl_username", self.sasl_username or not sasl, f"a name where security is {self.security}")
        self._demand("ssl_key", self.ssl_key or not self.ssl_cert, "the key of the certificate in ssl_cert")
        self._demand("session_timeout_s", 6 <= self.session_timeout_s <= 300, "6 to 300 seconds")
        self._demand("replication", self.replication == -1 or self.replication >= 1, "-1, or 1 and more")
        self._demand("partitions", self.partitions is None or 1 <= self.partitions <= 1000, "1 to 1000")
        self._demand("commit_interval_s", 0.1 <= self.commit_interval_s <= 60, "0.1 to 60 seconds")
        self._demand("batch_records", 1 <= self.batch_records <= 10_000, "1 to 10000")
        self._demand("batch_bytes", self.batch_bytes >= 1_000_000, "1000000 and more")
        self._demand("write_buffer_bytes", 65_536 <= self.write_buffer_bytes <= 2**30, "65536 to 1073741824")
        self._demand("release_every_s", 0 <= self.release_every_s <= 86_400, "0 to 86400 seconds")
        self._demand("log_format", self.log_format in ("console", "json"), "console or json")
        self._demand("pages_port", self.pages_port is None or 0 <= self.pages_port < 65_536, "0 to 65535")
        self._demand("log_level", self.log_level in ("DEBUG", "INFO", "WARNING", "ERROR"), "a level of the log")

    def _demand(self, name: str, holds: object, words: str) -> None:
        if not holds:
            value = getattr(self, name)
            option = name.removesuffix("_s").replace("_", "-")
            raise SettingsError(
                f"{name} is {value!r}, and must be {words} (option --{option} where a command has it, variable "
                f"{variable(name)}, or key {name} of the file of settings)"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """What is `given` (None counts as not given), else what the environment has, else the file, else
        the default.

        Raises:
            SettingsError: a value can't be read or is out of bounds.
        """
        return load(environ, **given).settings

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


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Loaded:
    """The settings, and where each is from; see `Settings.from_environment`.

    Raises:
        SettingsError: a value can't be read or is out of bounds, or the file has a key that is none of ours.
    """
    environ = os.environ if environ is None else environ
    values = {name: value for name, value in given.items() if value is not None}
    origins = dict.fromkeys(values, "given")
    path = environ.get(CONFIG_VARIABLE, "")
    in_file = _read_file(Path(path)) if path else {}
    for one in fields(Settings):
        name, kind = one.name, str(one.type)
        found = of_environment(variable(name), environ, secret=bool(one.metadata.get("secret")))
        if name in values:
            continue
        if found is not None:
            values[name], origins[name] = _read(found[0], kind, found[1]), found[0]
        elif name in in_file:
            values[name], origins[name] = _read(f"{name} in {path}", kind, in_file[name]), path
        else:
            origins[name] = "default"
    return Loaded(Settings(**values), origins)


def documented() -> Iterator[tuple[str, str, str, str]]:
    """Name, variable, default and meaning of every setting."""
    for one in fields(Settings):
        yield one.name, variable(one.name), str(one.default), str(one.metadata["words"])


def settings_variables() -> set[str]:
    """Every variable that is read for a setting, those that name a secret's file among them."""
    return {
        name
        for one in fields(Settings)
        for name in spellings(variable(one.name), secret=bool(one.metadata.get("secret")))
    }


def shown(settings: Settings) -> dict[str, str]:
    """The values as they may be printed: secrets are hidden."""
    return {
        one.name: "(hidden)" if one.metadata.get("secret") and value else "" if value is None else str(value)
        for one in fields(Settings)
        for value in (getattr(settings, one.name),)
    }


def spellings(named: str, *, secret: bool) -> tuple[str, ...]:
    """A variable, and the one that names its file if it is `secret`; the first that is set counts.

    >>> spellings("SHUTDOWNS_SALT", secret=True)
    ('SHUTDOWNS_SALT', 'SHUTDOWNS_SALT_FILE')
    """
    return (named, f"{named}_FILE") if secret else (named,)


def of_environment(named: str, environ: Mapping[str, str], *, secret: bool) -> tuple[str, str] | None:
    """A variable's name and its text; a `secret` may be in the file that the variable with `_FILE` behind it names.
    An empty variable counts as none.

    Raises:
        SettingsError: that file can't be read.
    """
    if environ.get(named):
        return named, environ[named]
    path = environ.get(f"{named}_FILE", "") if secret else ""
    if not path:
        return None
    try:
        return f"{named}_FILE", Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{named}_FILE names {path}, which can't be read: {error}") from error


def _read_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(small_text(path))
    # ValueError: too large, no UTF-8, no TOML, or a number of thousands of digits.
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"the file of settings {path} can't be read: {error}") from error
    known = {one.name for one in fields(Settings)}
    for name in found:
        if name not in known:
            raise SettingsError(f"{path} sets {name!r}, which is no setting; there are {', '.join(sorted(known))}")
    return found


def _read(where: str, kind: str, value: Any) -> Any:
    """A value as its field has it. `value` is text, or what TOML made of it."""
    wanted = next((one for one in (Path, int, float) if one.__name__ in kind), str)
    if wanted is Path and isinstance(value, str):
        return Path(value)
    if isinstance(value, str) and wanted in (int, float):
        try:
            return wanted(value)
        except ValueError:
            raise SettingsError(f"{where} is {value!r}, which is no number") from None
    if isinstance(value, bool) or not isinstance(value, (int, float) if wanted is float else wanted):
        raise SettingsError(f"{where} is {value!r}, and must be a {wanted.__name__}")
    return value
