"""Which code made a run: the package's version, and a fingerprint of what computes."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

import streams
import topics

#: What decides about shutdowns: these, under `streams`, and the contract.
_COMPUTES = (
    "claims",
    "correlation",
    "detection",
    "geography",
    "protests",
    "scoring",
    "watch",
    "pipeline.py",
    "located.py",
)


@cache
def code_version() -> str:
    """Version and fingerprint, e.g. `0.1.0+3f0c9a1b22d4`: two codes with the same conclude the same.

    The fingerprint is that of the text of every module, rule and table of the pure stages (SHA-256, the first 12
    hex digits); a table that is built from others counts by its size.
    """
    home = Path(streams.__file__).parent
    roots = [Path(topics.__file__).parent, *(home / name for name in _COMPUTES)]
    made = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            name = path.relative_to(root.parent).as_posix()
            content = path.read_bytes() if path.suffix in (".py", ".toml", ".tsv", ".json") else b""
            made.update(f"{name} {path.stat().st_size}\n".encode() + content)
    return f"{metadata.version('shutdown-streams')}+{made.hexdigest()[:12]}"
