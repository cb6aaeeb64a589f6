"""Reports -> claims: one for each place, in UTC, with the lineage that says whom it repeats. Pure."""

from streams.claims.lineage import lineage
from streams.claims.stage import ClaimsStage

__all__ = ["ClaimsStage", "lineage"]
