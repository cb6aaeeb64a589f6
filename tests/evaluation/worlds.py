"""A small world as its lines, to be changed by tests of scenario files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEAD = {
    "scenario": "chad-night",
    "group": "made up",
    "words": "All of Chad is dark for six hours, and one group says so.",
}
SERIES: dict[str, Any] = {
    "country": "TD",
    "from": "2023-03-01",
    "until": "2023-03-12",
    "signals": ["ping-slash24"],
    "cuts": [{"from": "2023-03-10T06:00", "lasts": "6h"}],
}
REPORT: dict[str, Any] = {
    "by": "organisation: Group of N'Djamena",
    "country": "Chad",
    "start": "2023-03-10",
    "scope": "national",
    "extent": "full",
    "known": "2023-03-10T14:00",
}
BASE: list[dict[str, Any]] = [HEAD, {"series": SERIES}, {"report": REPORT, "part": "claim"}]

#: A variant of the claim, from a second group.
SECOND = {"report": REPORT | {"by": "organisation: Other group"}, "part": "second"}


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


#: An expectation that this world meets.
MET: dict[str, Any] = {"expect": "shutdowns", "count": 1}
