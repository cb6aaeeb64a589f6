"""What a process has free is given back to the system, also from between what it keeps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from streams.agents.trimming import give_back

_PROGRAM = """
import asyncio
from pathlib import Path
import numpy as np
from streams.agents.trimming import give_back_for_ever

def resident_mb():
    _, resident, *_ = Path("/proc/self/statm").read_text().split()
    return int(resident) * 4096 / 2**20

async def main():
    # Blocks below what malloc maps each for itself; of every hundred, one is kept.
    blocks = [np.ones(8_000) for _ in range(3_200)]
    kept = blocks[::100] + blocks[-1:]
    del blocks
    before = resident_mb()
    giving = asyncio.create_task(give_back_for_ever(0.05))
    for _ in range(100):
        await asyncio.sleep(0.05)
        if resident_mb() < before - 150:
            break
    giving.cancel()
    print(before - resident_mb(), len(kept))

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="malloc_trim is glibc's")
def test_what_is_free_between_what_is_kept_is_given_back() -> None:
    if not give_back():
        pytest.skip("this C library has no malloc_trim, or had nothing to give back")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, env={"MALLOC_ARENA_MAX": "1"}
    )
    assert float(done.stdout.split()[0]) > 150
