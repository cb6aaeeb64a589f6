"""A wrong clock: Python runs this at its start in processes that have this folder in PYTHONPATH.

`time.time` and `time.time_ns` are off by the seconds that stand in the file named by WRONG_CLOCK, read at each
call, so that a test can let the clock jump. Nothing else is touched: what waits does so by the monotonic clock, as
it does on a machine whose clock is set.
"""

import os
import time
from pathlib import Path

if path := os.environ.get("WRONG_CLOCK"):
    _file, _time, _time_ns = Path(path), time.time, time.time_ns

    def _off() -> float:
        try:
            return float(_file.read_text() or 0)
        except FileNotFoundError:
            return 0.0

    time.time = lambda: _time() + _off()
    time.time_ns = lambda: _time_ns() + int(_off() * 1e9)
