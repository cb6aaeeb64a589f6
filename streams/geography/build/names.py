"""The table of names: folded name -> places, with what each name is to the place."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from streams.geography import words
from streams.geography.fold import fold
from streams.geography.sounds import sound_key
from streams.geography.tables import BUCKET_BITS, OTHER, PREFIX_BITS, SOUND
from streams.geography.variants import UNSPACED, script

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


_KINDS = ("region", "district", "city")


def plainer(name: str) -> Iterable[str]:
    """A name without what only says its kind or where it is: "ጎንደር ከተማ", "Омская область", "برست، بلاروس"."""
    first = re.split("[,،(]", name)[0].strip()
    if first != name:
        yield first
    folded = fold(first)
    classes = words.classes()
    parts = folded.split(" ")
    if len(parts) > 1:
        if classes.get(parts[-1]) in _KINDS:
            yield " ".join(parts[:-1])
        if classes.get(parts[0]) in _KINDS:
            rest = parts[1:]
            while len(rest) > 1 and classes.get(rest[0]) == "of":
                rest = rest[1:]
            yield " ".join(rest)
    elif script(folded) in UNSPACED or script(folded) == "hangul":
        for word, kind in classes.items():
            if kind in _KINDS and script(word) == script(folded) and len(folded) - len(word) > 1:
                if folded.endswith(word):
                    yield folded[: len(folded) - len(word)]
                elif folded.startswith(word):
                    yield folded[len(word) :]


def prefixes(name: str) -> Iterable[str]:
    """What a folded name goes on from: its first words, or its first letters where no spaces are written."""
    parts = name.split(" ")
    for size in range(1, len(parts)):
        yield " ".join(parts[:size])
    if script(name) in UNSPACED:
        for size in range(1, len(name)):
            yield name[:size]


class NameTable:
    """Collects names, folds them and packs them."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, int]] = defaultdict(dict)
        self._starts: set[str] = set()

    def add_starts(self, names: Iterable[str]) -> None:
        """Let what these folded names go on from be told too: those of countries have a table of their own."""
        self._starts.update(part for name in names for part in prefixes(name))

    def add(self, name: str, place: int, role: int) -> None:
        """Give `place` (a row of the table of places) a name; hyphenated ones count as one word too."""
        folded = fold(name)
        for written in {folded, folded.replace(" ", "")} if "-" in name else {folded}:
            if 1 < len(written.encode()) < 256:
                roles = self._places[written]
                roles[place] = roles.get(place, 0) | role

    def add_sound(self, name: str, place: int) -> None:
        """Let `place` be found by how its name sounds."""
        key = sound_key(fold(name))
        if key and worth_keeping(name):
            self._places[key][place] = SOUND

    def add_plainer(self, names: Iterable[str], place: int, *, latin: bool, role: int = OTHER) -> None:
        """Give `place` its names without their kinds, those in Latin letters only if `latin`."""
        for name in names:
            if worth_keeping(name) and (latin or not _LATIN.search(name)):
                for plain in plainer(name):
                    if fold(plain) not in words.classes():
                        self.add(plain, place, role)

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

    def all(self) -> list[tuple[str, dict[int, int]]]:
        """Folded names with the places that bear each and their roles, in order."""
        return [(name, dict(self._places[name])) for name in sorted(self._places)]

    def bears(self, name: str) -> dict[int, int]:
        """The places that bear a name, with the role of each."""
        return dict(self._places.get(fold(name), {}))

    def pack(self) -> dict[str, np.ndarray]:
        """The names in order, what bears them, and where to look for each.

        `prefix` is a set of bits: one is set for each value of the last bits of the CRC-32 of what some name
        goes on from. `text` the names one after another, `length` their bytes; `count` places a name has, `place`
        and `role` those in order. `bucket` holds how many names have each value of the first bits of their
        CRC-32, `sorted` their numbers in that order: a name is found without keeping a million strings.
        """
        order = sorted(self._places)
        rows = [sorted(self._places[name].items()) for name in order]
        coded = [name.encode() for name in order]
        buckets = np.asarray([zlib.crc32(name) >> (32 - BUCKET_BITS) for name in coded])
        bits = np.zeros(1 << PREFIX_BITS, dtype=bool)
        mask = (1 << PREFIX_BITS) - 1
        starts = self._starts.union(part for name in order for part in prefixes(name))
        bits[[zlib.crc32(part.encode()) & mask for part in starts]] = True
        return {
            "prefix": np.packbits(bits, bitorder="little"),
            "text": np.frombuffer(b"".join(coded), dtype=np.uint8),
            "length": np.asarray([len(name) for name in coded], dtype=np.uint8),
            "count": np.asarray([len(row) for row in rows], dtype=np.uint16),
            "place": np.asarray([place for row in rows for place, _ in row], dtype=np.int32),
            "role": np.asarray([role for row in rows for _, role in row], dtype=np.uint8),
            "bucket": np.bincount(buckets, minlength=1 << BUCKET_BITS).astype(np.uint8),
            "sorted": np.argsort(buckets, kind="stable").astype(np.int32),
        }
