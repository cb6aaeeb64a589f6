"""ISO 3166-2 through time: local names of subdivisions, and which code meant which region from when to when."""

from __future__ import annotations

import re
from typing import Any

from streams.geography.build import regions, sources

_NAME = re.compile(r"([^,()]+?) \((\w{3})\)")
_ARROW = re.compile(r"\b([A-Z]{2}-\w{1,3}) -> ([A-Z]{2}-\w{1,3})\b")
_WORDS = re.compile(r"\b([A-Z]{2}-\w{1,3}) to ([A-Z]{2}-\w{1,3})\b")


def read_names() -> dict[str, list[str]]:
    """Code -> the names in local languages. English ones are left out: nicknames are among them."""
    found = {}
    for code, row in sources.read_subdivision_codes().items():
        local = _NAME.findall(row.get("localOtherName") or "")
        found[code] = [row["name"], *(name.strip() for name, language in local if language != "eng")]
    return found


def history(
    units: list[sources.Unit], crosswalk: regions.Crosswalk, divisions: dict[int, sources.Division]
) -> list[list[Any]]:
    """Rows of code, key of the region, whether it stands for a part of that, until which day (none: still).

    Codes of today come from GeoNames and ISO; those that were changed keep what their successors mean until the
    day of the change; the map's own codes, where neither knows them, are kept without a day.
    """
    meant: dict[str, tuple[str, bool]] = {}
    for number, index in crosswalk.newer.items():
        meant[divisions[number].iso] = (units[index].code, True)
    for number, index in crosswalk.group_of.items():
        meant[divisions[number].iso] = (crosswalk.groups[index].code, False)
    for number, index in crosswalk.same.items():
        meant[divisions[number].iso] = (units[index].code, False)
    meant.pop("", None)
    rows: list[list[Any]] = [[code, key, part, ""] for code, (key, part) in sorted(meant.items())]
    known = set(meant)
    for old, new, day in _changes():
        if new in meant:
            rows.append([old, *meant[new], day])
            known.add(old)
    for unit in units:
        code = unit.properties["iso_3166_2"]
        if code and "-" in code and "~" not in code and code not in known:
            rows.append([code, unit.code, False, ""])
            known.add(code)
    return rows


def _changes() -> list[tuple[str, str, str]]:
    found = set()
    for row in sources.read_subdivision_codes().values():
        for entry in row.get("history") or ():
            text = f"{entry.get('Change') or ''} {entry.get('Description of Change') or ''}"
            for old, new in (*_ARROW.findall(text), *_WORDS.findall(text)):
                if old[:2] == new[:2] and old != new:
                    found.add((old, new, str(entry["Date Issued"])[:10]))
    return sorted(found)
