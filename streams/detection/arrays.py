"""The arrays that detection works on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
Verdicts = NDArray[np.uint8]

NO_TIMES: Times = np.empty(0, np.int64)
NO_VALUES: Values = np.empty(0, np.float64)

#: Verdicts of single slots: no value, a value that could not be judged, and the two verdicts.
MISSING, UNJUDGED, NORMAL, DROP = 0, 1, 2, 3


@lru_cache(maxsize=4096)
def alike(size: int, value: int, kind: str = "i8") -> NDArray[np.generic]:
    """An array of one value, to be read only: most series of a batch have the same ones."""
    array = np.full(size, value, kind)
    array.flags.writeable = False
    return array


def calm_verdict(size: int) -> Verdicts:
    """The verdict of slots that are all normal: always the same array, and so told at once."""
    return alike(size, NORMAL, "u1")  # type: ignore[return-value]
