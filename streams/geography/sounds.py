"""Keys of how names sound: spellings in Latin letters that are read alike have one key.

Used where a script is read in Latin letters (`roman`): Sonīpat and Sonipat, Hawassa and Awasa, Dibrugarh.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: No key is shorter: short ones say too little.
LEAST = 5
_SAME = (
    ("ph", "f"), ("ck", "k"), ("x", "ks"), ("th", "t"), ("dh", "d"), ("kh", "k"), ("gh", "g"), ("bh", "b"),
    ("chh", "ch"), ("ch", "c"), ("sh", "s"), ("rh", "r"), ("q", "k"), ("z", "j"), ("w", "v"), ("ee", "i"),
    ("oo", "u"), ("ou", "u"), ("ie", "i"), ("y", "i"), ("e", "a"), ("o", "u"), ("h", ""),
)  # fmt: skip
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=262_144)
def sound_key(name: str) -> str:
    """The key of a folded name in Latin letters, marked so that it is no name itself; empty if too short.

    >>> sound_key("hawassa") == sound_key("awasa"), sound_key("tigray"), sound_key("osh")
    (True, '~tigrai', '')
    """
    key = name.replace(" ", "")
    for old, new in _SAME:
        key = key.replace(old, new)
    key = _TWICE.sub(r"\1", key)
    return f"~{key}" if len(key) >= LEAST and key.isascii() else ""
