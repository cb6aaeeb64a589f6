"""State made anew from what it was made of, and the switch to it: nothing lost, nothing said twice."""

from streams.rebuild.errors import RebuildError
from streams.rebuild.run import Outcome, Rebuild, Step
from streams.rebuild.work import Counts

__all__ = ["Counts", "Outcome", "Rebuild", "RebuildError", "Step"]
