"""The measured figures that a plan counts with, as data: `figures.toml`, and a file of one's own over it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streams.errors import StreamsError

FIGURES = Path(__file__).parent / "figures.toml"


class PlanError(StreamsError):
    """What was asked can't be planned, or a file of figures can't be used."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: what it is of, its value and unit, what prints it, and on what machine that was."""

    name: str
    value: float
    unit: str
    what: str
    by: str
    on: str


def load_figures(own: Path | None = None) -> dict[str, Figure]:
    """The figures by name: the package's, and where a file of one's own has some, those.

    Raises:
        PlanError: a file can't be read, or has figures that there are none of, or values that are none.
    """
    found = {name: Figure(name, **entry) for name, entry in _read(FIGURES).items()}
    if own is None:
        return found
    for name, entry in _read(own).items():
        if name not in found:
            raise PlanError(f"{own}: there is no figure `{name}`; there are {', '.join(sorted(found))}")
        value = _value(own, name, entry)
        more = {key: str(entry[key]) for key in ("by", "on") if key in entry}
        found[name] = replace(found[name], value=value, **{"on": str(own), **more})
    return found


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"{path} can't be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not TOML: {error}") from error


def _value(path: Path, name: str, entry: Any) -> float:
    value = entry.get("value") if isinstance(entry, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise PlanError(
            f"{path}: `[{name}]` needs `value = …`, a number above 0; `python -m benchmarks.stages --write`"
        )
    return float(value)
