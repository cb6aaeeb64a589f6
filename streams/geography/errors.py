"""What can go wrong here that a user can do something about."""

from __future__ import annotations

from streams.errors import StreamsError


class GeographyError(StreamsError):
    """The tables of places are missing or not readable, or something was asked that they can't answer."""
