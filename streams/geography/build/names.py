"""The table of names: folded name -> places, with what each name is to the place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from streams.geography.fold import fold

#: What a name is to the place: its first name; one of several; a part of it newer than the map.
MAIN, OTHER, INSIDE = 1, 2, 4
_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_CODE = re.compile(r"[A-Z0-9]{2,4}")


def worth_keeping(name: str) -> bool:
    """Whether an alternate name is one that people write.

    GeoNames' list has airport codes and machine transliterations among them (`a te lao`, `ʼstnh`): Latin
    letters without a capital.
    """
    letter = next((char for char in name if char.isalpha()), "")
    if not letter or len(name) > 80 or _CODE.fullmatch(name):
        return False
    return not (_LATIN.match(letter) and not any(char.isupper() for char in name[:6]))


class NameTable:
    """Collects names, folds them and packs them."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, int]] = defaultdict(dict)

    def add(self, name: str, place: int, role: int) -> None:
        """Give `place` (a row of the table of places) a name; hyphenated ones count as one word too."""
        folded = fold(name)
        for written in {folded, folded.replace(" ", "")} if "-" in name else {folded}:
            if len(written) > 1:
                roles = self._places[written]
                roles[place] = roles.get(place, 0) | role

    def add_all(self, names: Iterable[str], place: int, role: int) -> None:
        for name in names:
            if worth_keeping(name):
                self.add(name, place, role)

    def remove(self, name: str, place: int) -> None:
        """Take a name from a place. Raises `KeyError` where it has not got it."""
        roles = self._places[fold(name)]
        del roles[place]
        if not roles:
            del self._places[fold(name)]

    def pack(self) -> dict[str, np.ndarray]:
        """`text`: sorted names, one a line; `count`: places a name has; `place`, `role`: those, in order."""
        order = sorted(self._places)
        rows = [sorted(self._places[name].items()) for name in order]
        return {
            "text": np.frombuffer("\n".join(order).encode(), dtype=np.uint8),
            "count": np.asarray([len(row) for row in rows], dtype=np.uint16),
            "place": np.asarray([place for row in rows for place, _ in row], dtype=np.int32),
            "role": np.asarray([role for row in rows for _, role in row], dtype=np.uint8),
        }
