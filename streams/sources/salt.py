"""The salt of digests: from the environment, or made once and kept in a file that only its owner may read."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from streams.settings import Settings, SettingsError, of_environment
from streams.sources.files import SourceError

VARIABLE = "SHUTDOWNS_SALT"

#: A folder that is here because a system was run here: its salt stays there.
HERE = Path(".shutdowns")

_LEAST = 16
_log = logging.getLogger(__name__)


def salt(environ: Mapping[str, str] | None = None, kept: Path | None = None) -> bytes:
    """The salt of this installation: `SHUTDOWNS_SALT`, or the file that `SHUTDOWNS_SALT_FILE` names, which is made
    if it isn't there; without either the file `kept`, see `home`.

    All who read reports for one Kafka must have the same one, or copies that they read are not known as copies.

    Raises:
        SourceError: it can't be read or kept, or is shorter than 16 characters. No message holds it.
    """
    environ = os.environ if environ is None else environ
    named = environ.get("SHUTDOWNS_SALT_FILE", "")
    try:
        if named and not environ.get(VARIABLE) and not Path(named).exists():
            given = _kept(Path(named))
        else:
            found = of_environment(VARIABLE, environ, secret=True)
            given = (found[1] if found else "") or _kept(kept or home(environ))
    except SettingsError as error:
        raise SourceError(str(error)) from error
    if len(given) < _LEAST:
        raise SourceError(f"the salt is shorter than {_LEAST} characters: make one with `openssl rand -hex 32`")
    return given.encode()


def home(environ: Mapping[str, str]) -> Path:
    """Where a salt is kept that nobody gave: the same from whatever folder one asks.

    That is the folder of a system that was run here, else `datadir` where the settings have one, else the user's
    own folder of state.
    """
    if HERE.is_dir():
        return HERE / "salt"
    datadir = Settings.from_environment(environ).datadir
    if datadir is not None:
        return datadir / "salt"
    state = environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local" / "state") / "shutdown-streams" / "salt"


def _kept(path: Path) -> str:
    if path.exists():
        return _read(path)
    made = secrets.token_hex(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(made + "\n")
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise SourceError(f"no salt can be kept in {path} ({error.strerror}): set {VARIABLE}") from error
    _log.warning(
        "a new salt for digests was made and is kept in %s: all who read reports for one Kafka need this one", path
    )
    return made


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the salt in {path} can't be read: {error}") from error
