"""News -> protests: one for each place, in UTC. Pure."""

from streams.protests.stage import ProtestsStage

__all__ = ["ProtestsStage"]
