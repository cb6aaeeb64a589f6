"""The table of names: folded name -> places, with what each name is to the place."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from streams.geography.fold import fold
from streams.geography.tables import BUCKET_BITS

_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]")
_CODE = re.compile(r"[A-Z0-9]{2,4}")


def worth_keeping(name: str) -> bool:
    """Whether an alternate name is one that people write.

    GeoNames' list has airport codes and machine transliterations among them (`a te lao`, `ʼstnh`): Latin
    letters without a capital.
    """
    letter = next((char for char in name if char.isalpha()), "")
    if not letter or len(name) > 60 or _CODE.fullmatch(name):
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
            if 1 < len(written.encode()) < 256:
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
        """The names in order, what bears them, and where to look for each.

        `text` the names one after another, `length` their bytes; `count` places a name has, `place` and
        `role` those in order. `bucket` holds how many names have each value of the first bits of their
        CRC-32, `sorted` their numbers in that order: a name is found without keeping a million strings.
        """
        order = sorted(self._places)
        rows = [sorted(self._places[name].items()) for name in order]
        coded = [name.encode() for name in order]
        buckets = np.asarray([zlib.crc32(name) >> (32 - BUCKET_BITS) for name in coded])
        return {
            "text": np.frombuffer(b"".join(coded), dtype=np.uint8),
            "length": np.asarray([len(name) for name in coded], dtype=np.uint8),
            "count": np.asarray([len(row) for row in rows], dtype=np.uint16),
            "place": np.asarray([place for row in rows for place, _ in row], dtype=np.int32),
            "role": np.asarray([role for row in rows for _, role in row], dtype=np.uint8),
            "bucket": np.bincount(buckets, minlength=1 << BUCKET_BITS).astype(np.uint8),
            "sorted": np.argsort(buckets, kind="stable").astype(np.int32),
        }
