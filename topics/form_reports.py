"""`form-reports`: what people post, until it is checked and released to `reports`."""

from __future__ import annotations

from topics.base import DAY_MS, Topic
from topics.reports import Report, report_key

FORM_REPORTS = Topic(
    name="form-reports",
    records=(Report,),
    summary=(
        "Reports as the form took them, until `shutdowns release-reports` has checked them and released them to "
        "`reports`, many at once. Read by that alone."
    ),
    key_words="the report's id",
    key=report_key,
    event_time="`start`",
    partitions=1,
    retention_ms=7 * DAY_MS,
    raw=True,
    private=True,
)
