"""Errors of replay: each says what is wrong, where, and what to do."""

from __future__ import annotations

from streams.errors import StreamsError


class ReplayError(StreamsError):
    """A replay, a run or an export can't be made from what is given."""


class ArchiveError(StreamsError):
    """An archive can't be read or written as it stands."""
