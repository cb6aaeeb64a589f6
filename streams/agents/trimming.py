"""Memory that is free inside the process and not given back to the system: glibc keeps pages between blocks in use.

Batches come and go in blocks of all sizes beside what is kept for long, from several threads (Python's, RocksDB's),
and each thread's heap is only cut at its end. `malloc_trim` gives back the free pages in the midst of it, too
(glibc 2.8 and later; man 3 malloc_trim). Other C libraries have no such function, and no need to be asked.
"""

from __future__ import annotations

import asyncio
import ctypes
from functools import cache
from typing import Any

#: Seconds between two times: it takes milliseconds for some hundred megabytes.
EVERY_S = 60.0


@cache
def _function() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None


def give_back() -> bool:
    """Give free pages back to the system. Says whether there were any; False where the C library can't."""
    function = _function()
    return function is not None and function(ctypes.c_size_t(0)) == 1


async def give_back_for_ever(every_s: float = EVERY_S) -> None:
    """Give back now and then, in a thread: the event loop goes on."""
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(give_back)
