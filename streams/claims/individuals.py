"""What of an individual's report goes on: place, time and kind; nothing that names anybody, and no spot on the map.

Sources keep to that themselves (docs/PRIVACY.md). The stage does it again, because anybody may write to its topic.
"""

from __future__ import annotations

from msgspec.structs import replace

from streams.texts.lexicon import causes
from topics import Origin, Report, Reporter


def impersonal(report: Report) -> Report:
    """The report without names, links and words of an individual's own; an organisation's as it is.

    Who ordered a cut is for organisations to say. Of causes only those stay that `streams.texts` knows.
    """
    if report.reporter.kind != "individual":
        return report
    return replace(
        report,
        origin=Origin(source=report.origin.source),
        reporter=Reporter(kind="individual", digest=report.reporter.digest),
        cause=report.cause if report.cause in causes() else None,
        ordered_by=None,
    )


def flags_of(report: Report, flags: tuple[str, ...]) -> tuple[str, ...]:
    """A report's flags; of an individual's, without the words of places that were not found."""
    if report.reporter.kind != "individual":
        return flags
    return tuple(dict.fromkeys(flag.partition(":")[0] for flag in flags))
