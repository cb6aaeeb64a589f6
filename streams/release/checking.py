"""What of `form-reports` may go on to `reports`: what one person says, as the form would have it, and nothing else.

Whoever has the password of a server of the form can write anything there. A list of rights on topics can't see into
records, so this does: `shutdowns release-reports` in Kafka, `streams.pipeline.Offline` without.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from streams.arrival import arrive
from streams.claims.individuals import flags_of, impersonal
from streams.sources.posted import SOURCE
from streams.texts.lexicon import service_names
from topics import FORM_REPORTS, InvalidRecord, Report

#: The form's revisions are Unix seconds, those of withdrawals rounded up to a quarter of an hour. Beyond that
#: clocks may differ by an hour.
AHEAD_S = 900 + 3600

_FLAG = re.compile(r"[a-z][a-z-]{0,40}")


def released(value: bytes | None, arrived_s: float) -> Report:
    """Read a record of `form-reports` as it goes on to `reports`: without free words, links, names and citations.

    Args:
        arrived_s: when Kafka got it, Unix seconds.

    Raises:
        InvalidRecord: see `streams.arrival.arrive`; or it speaks for somebody else than one person at the form, or
            has a revision that the person whose report it is could not correct any more.
    """
    report: Report = arrive(FORM_REPORTS, value, arrived_s)
    if report.origin.source != SOURCE or not report.id.startswith(f"{SOURCE}/"):
        words = f"{report.id[:100]!r} of source {report.origin.source!r} is no report of the form"
        raise InvalidRecord("out-of-bounds", words, "origin.source")
    if report.reporter.kind != "individual":
        words = f"the form takes reports by individuals, not by a reporter of kind {report.reporter.kind!r}"
        raise InvalidRecord("out-of-bounds", words, "reporter.kind")
    if report.revision > arrived_s + AHEAD_S:
        raise InvalidRecord("out-of-bounds", f"its revision {report.revision:,} is of the future", "revision")
    return replace(
        impersonal(report),
        text=None,
        cites=(),
        services=tuple(one for one in report.services if one in service_names()),
        flags=tuple(flag for flag in flags_of(report, report.flags) if _FLAG.fullmatch(flag)),
    )
