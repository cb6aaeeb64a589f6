"""The log of a worker: one line an event, as text or as JSON. What records say is never in it."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from pathlib import Path

FORMATS = ("console", "json")

#: Faust's classes, and ours that derive from them, tell of every step; that is for looking for faults only.
_TALKATIVE = ("faust", "mode", "aiokafka", "streams.app", "streams.agents.consumer", "streams.agents.table")


class OneLine(logging.Formatter):
    """Text on one line: a traceback's lines are joined by ` | `."""

    converter = time.gmtime  # type: ignore[assignment]  # Formatter's own is a plain function too

    def __init__(self, who: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)s {who}[%(process)d] %(message)s", datefmt="%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        return " | ".join(line for line in super().format(record).splitlines() if line.strip())


class Json(logging.Formatter):
    """One JSON object a line: time, level, logger, who, pid, message, and error where there was one."""

    converter = time.gmtime  # type: ignore[assignment]  # Formatter's own is a plain function too

    def __init__(self, who: str) -> None:
        super().__init__()
        self._who = who

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "who": self._who,
            "pid": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def without_words(error: BaseException) -> str:
    """An error's kind, and the calls that led to it, the last first. Its own words may be those of a record.

    >>> try:
    ...     int("a report's words")
    ... except ValueError as error:
    ...     without_words(error).split(" in ")[0]
    'ValueError'
    """
    calls = reversed(traceback.extract_tb(error.__traceback__))
    where = [f"{call.name} ({'/'.join(Path(call.filename).parts[-3:])}:{call.lineno})" for call in calls]
    return f"{type(error).__name__} in {', called by '.join(where)}"


def set_up(level: str, form: str, who: str) -> None:
    """Log to standard error; `who` is the stage, or `worker`. Times are UTC."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(who) if form == "json" else OneLine(who))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("streams").setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)
