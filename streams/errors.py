"""The one tree of errors: what a user can do something about is a `StreamsError`."""

from __future__ import annotations


class StreamsError(Exception):
    """Base of all errors that shutdown-streams raises on purpose. The message says what to do next."""
