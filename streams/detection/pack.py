"""Arrays as few bytes: integers where values are whole, float32 where nothing is lost, one where all are equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_KINDS: tuple[type[np.generic], ...] = (np.uint8, np.uint16, np.uint32, np.float32, np.float64)


def pack(array: NDArray[np.generic]) -> bytes:
    """The numbers of a one-dimensional array; all must be finite.

    >>> len(pack(np.array([520.0, 530.0, 525.0])))
    7
    >>> unpack(pack(np.array([0.5, -1.0]))).tolist()
    [0.5, -1.0]
    """
    if not len(array):
        return b""
    low, high = array.min(), array.max()
    kind, packed = _shortest(array, float(low), float(high))
    if low == high and len(array) > 1:
        return bytes((kind | 8,)) + len(array).to_bytes(4, "little") + packed[:1].tobytes()
    return bytes((kind,)) + packed.tobytes()


def unpack(data: bytes, most: int = 2**31) -> NDArray[np.float64]:
    """What `pack` was given, as float64.

    Raises:
        ValueError, IndexError: it is something else, or more than `most` numbers.
    """
    if not data:
        return np.empty(0, np.float64)
    kind = _KINDS[data[0] & 7]
    if data[0] & 8:
        count = int.from_bytes(data[1:5], "little")
        if count > most:
            raise ValueError(f"{count:,} numbers, more than {most:,}")
        return np.full(count, np.frombuffer(data, kind, offset=5)[0], np.float64)
    return np.frombuffer(data, kind, offset=1).astype(np.float64)


def _shortest(array: NDArray[np.generic], low: float, high: float) -> tuple[int, NDArray[np.generic]]:
    """The number of the shortest kind that loses nothing, and the array in it."""
    if low >= 0 and high < 2**32:
        kind = 0 if high < 2**8 else 1 if high < 2**16 else 2
        whole = array.astype(_KINDS[kind])
        if (whole == array).all():
            return kind, whole
    with np.errstate(over="ignore"):
        short = array.astype(np.float32)
    return (3, short) if (short == array).all() else (4, array.astype(np.float64))
