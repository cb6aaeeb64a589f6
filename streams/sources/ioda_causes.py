"""The causes in IODA's list of investigated outages, by the id of the outage that `ioda_outages` makes of the row.

For fitting and evaluation alone: it is the answer, and no reader of evidence reads it.
"""

from __future__ import annotations

from pathlib import Path

from streams.sources.ioda_outages import SCHEMA, identified
from streams.sources.rows import Rejected, Schema, table

#: The list with the column that says why.
WITH_CAUSE = Schema(f"{SCHEMA.name}, with the causes", (*SCHEMA.columns, "cause"))


def causes(path: Path) -> dict[str, str]:
    """Cause by id of the outage, empty where the list has none, for the rows that make outages.

    Raises:
        SourceError: the file is not this list, or has no causes, or can't be read.
    """
    found: dict[str, str] = {}
    for row in identified(table(path, WITH_CAUSE)):
        if not isinstance(row, Rejected):
            _, cells, outage, _ = row
            found[outage.id] = cells["cause"].strip()
    return found
