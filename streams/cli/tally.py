"""What became of the rows of files: which are wanted, how many were accepted, rejected and flagged, and which."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from rich.table import Table

from streams.sources import Accepted, Rejected, Row
from streams.sources.rows import NO_COUNTRY
from streams.sources.told import WITHDRAWN
from topics import Invalid

#: Row numbers shown for each reason and flag.
EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted: of a country (alpha-2), beginning within days (UTC seconds, half-open)."""

    country: str | None = None
    from_s: int | None = None
    until_s: int | None = None

    def wants(self, record: Any) -> bool:
        """Whether a record is wanted. What has no place, because it was not read or is taken back, always is."""
        from streams.arrival import begins_s
        from streams.geography import country_code

        if isinstance(record, Invalid) or (getattr(record, "withdrawn", False) and record.country == NO_COUNTRY):
            return True
        if self.country is not None and country_code(record.country) != self.country:
            return False
        begin = begins_s(record)
        return (self.from_s is None or begin >= self.from_s) and (self.until_s is None or begin < self.until_s)


@dataclass(slots=True)
class Rows:
    """How many rows had an outcome, and which the first of them were."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, where: str) -> None:
        self.count += 1
        if len(self.first) < EXAMPLES:
            self.first.append(where)


@dataclass(slots=True)
class Tally:
    """What became of the rows of all files, by outcome. Its size does not grow with them."""

    accepted: int = 0
    left_out: int = 0
    withdrawn: int = 0
    corrected: int = 0
    kept: Rows = field(default_factory=Rows)
    taken_back: Rows = field(default_factory=Rows)
    rejected: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))
    flagged: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))

    def take(self, row: Row, where: str, wanted: Filter) -> TypeGuard[Accepted]:
        """Count a row; whether it is to be sent."""
        if isinstance(row, Rejected):
            self.rejected[row.reason].add(where)
            return False
        if not wanted.wants(row.record):
            self.left_out += 1
            return False
        if row.flags == WITHDRAWN:
            # It takes back what may have been a record of ours: nobody has given a report.
            self.taken_back.add(where)
            return True
        if isinstance(row.record, Invalid):
            self.kept.add(where)
        else:
            self.accepted += 1
        for flag in row.flags:
            self.flagged[flag].add(where)
        return True

    def table(self) -> Table:
        """Accepted, kept apart, taken back, rejected by reason, flagged by flag: those are among the first two."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("outcome")
        table.add_column("rows", justify="right")
        table.add_column("which", overflow="fold", style="dim")
        table.add_row("[green]accepted[/]", f"{self.accepted:,}")
        if self.kept.count:
            table.add_row("kept on `invalid`: unsure, or no place is known", f"{self.kept.count:,}")
        if self.taken_back.count:
            table.add_row(
                "taken back: edited or gone, and no report now", f"{self.taken_back.count:,}", "if it ever was one"
            )
        if self.left_out:
            table.add_row("left out by --country, --since, --until", f"{self.left_out:,}")
        if self.corrected or self.withdrawn:
            table.add_row("corrected: other than in the file that it replaces", f"{self.corrected:,}")
            table.add_row("withdrawn: no more in the file", f"{self.withdrawn:,}")
        for style, word, groups in (("red", "rejected", self.rejected), ("yellow", "flagged", self.flagged)):
            for words, rows in sorted(groups.items(), key=lambda one: (-one[1].count, one[0])):
                more = ", …" if rows.count > EXAMPLES else ""
                which = f"row {', '.join(rows.first)}{more}"
                table.add_row(f"[{style}]{word}[/]: {words}", f"{rows.count:,}", which)
        return table
