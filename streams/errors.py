"""The one tree of errors: what a user can do something about is a `StreamsError`."""

from __future__ import annotations

import msgspec


class StreamsError(Exception):
    """Base of all errors that shutdown-streams raises on purpose. The message says what to do next."""


#: What msgspec raises for bytes that its decoder can't take: no JSON, another form, no UTF-8, nested too deep.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
