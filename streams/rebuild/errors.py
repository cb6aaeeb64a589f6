"""What a rebuild can't do."""

from __future__ import annotations

from streams.errors import StreamsError


class RebuildError(StreamsError):
    """State can't be made anew. The message says what stands in the way, and what is left as it was."""
