"""The salt of digests: from the environment, or made once and kept in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from streams.settings import SettingsError, of_environment
from streams.sources.files import SourceError

VARIABLE = "SHUTDOWNS_SALT"

#: Where a salt is kept that nobody gave.
KEPT = Path(".shutdowns") / "salt"

_LEAST = 16


def salt(environ: Mapping[str, str] | None = None, kept: Path = KEPT) -> bytes:
    """The salt of this installation: `SHUTDOWNS_SALT`, the file that `SHUTDOWNS_SALT_FILE` names, or one made here.

    All who read reports for one Kafka must have the same one, or copies that they read are not known as copies.

    Raises:
        SourceError: it can't be read or kept, or is shorter than 16 characters. No message holds it.
    """
    environ = os.environ if environ is None else environ
    try:
        found = of_environment(VARIABLE, environ, secret=True)
    except SettingsError as error:
        raise SourceError(str(error)) from error
    given = (found[1] if found else "") or _kept(kept)
    if len(given) < _LEAST:
        raise SourceError(f"the salt is shorter than {_LEAST} characters: make one with `openssl rand -hex 32`")
    return given.encode()


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
    return made


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the salt in {path} can't be read: {error}") from error
