"""Writing the tables as compressed numpy archives and JSON, byte for byte the same for the same contents."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np


def write(tables: dict[str, dict[str, Any]], folder: Path) -> dict[str, int]:
    """Write each table; one whose values are all arrays becomes an `.npz`, another a `.json`. Gives sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name, table in tables.items():
        if all(isinstance(value, np.ndarray) for value in table.values()):
            file = folder / f"{name}.npz"
            _write_arrays(file, table)
        else:
            file = folder / f"{name}.json"
            text = json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            file.write_text(text + "\n", encoding="utf-8")
        sizes[file.name] = file.stat().st_size
    return sizes


def _write_arrays(file: Path, arrays: dict[str, np.ndarray]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
