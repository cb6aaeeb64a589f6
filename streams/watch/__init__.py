"""Drops that several countries have in common: a source that failed itself, or one cause in neighbours."""

from streams.watch.common import find_groups
from streams.watch.grouping import Group, Member
from streams.watch.rules import DEFAULT_RULES, WatchRules
from streams.watch.stage import WatchStage

__all__ = ["DEFAULT_RULES", "Group", "Member", "WatchRules", "WatchStage", "find_groups"]
