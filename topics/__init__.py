"""The contract of shutdown-streams: its topics and their records.

Needs msgspec and orjson, nothing else, so that a consumer can read the topics without the engine:

>>> from topics import SHUTDOWNS, Shutdown, decode, encode
"""

from topics.base import EARLIEST_S, LATEST_S, RECORD_LIMIT_BYTES, Origin, Record, Topic, schema_uri
from topics.candidates import CANDIDATES, Candidate
from topics.catalogue import CATALOGUE, SHARED, topic_named
from topics.codec import InvalidRecord, decode, digest, encode
from topics.drops import DROPS, Drop, blocked_signals, drop_of, of_service
from topics.evidence import EVIDENCE, Blocking, Cause, Claim, CommonDrop, Coverage, Evidence, Outage, Protest
from topics.form_reports import FORM_REPORTS
from topics.invalid import INVALID, Invalid
from topics.measurements import MEASUREMENTS, Entity, Measurement, Series
from topics.measurers import MEASURERS, Measurer
from topics.news import NEWS, NewsItem
from topics.place import Place
from topics.reports import REPORTS, Report, Reporter
from topics.services import SERVICES, same_service, service_code, service_of_test, service_words
from topics.shutdown_changes import SHUTDOWN_CHANGES, ShutdownChange
from topics.shutdowns import SHUTDOWNS, Contribution, Explanation, Reason, Shutdown, Support
from topics.signals import SIGNALS, SignalFacts, final_after_s, kind_of_measuring, signal_facts, signals_named
from topics.undelivered import UNDELIVERED, Undelivered

__all__ = [
    "CANDIDATES",
    "CATALOGUE",
    "DROPS",
    "EARLIEST_S",
    "EVIDENCE",
    "FORM_REPORTS",
    "INVALID",
    "LATEST_S",
    "MEASUREMENTS",
    "MEASURERS",
    "NEWS",
    "RECORD_LIMIT_BYTES",
    "REPORTS",
    "SERVICES",
    "SHARED",
    "SHUTDOWNS",
    "SHUTDOWN_CHANGES",
    "SIGNALS",
    "UNDELIVERED",
    "Blocking",
    "Candidate",
    "Cause",
    "Claim",
    "CommonDrop",
    "Contribution",
    "Coverage",
    "Drop",
    "Entity",
    "Evidence",
    "Explanation",
    "Invalid",
    "InvalidRecord",
    "Measurement",
    "Measurer",
    "NewsItem",
    "Origin",
    "Outage",
    "Place",
    "Protest",
    "Reason",
    "Record",
    "Report",
    "Reporter",
    "Series",
    "Shutdown",
    "ShutdownChange",
    "SignalFacts",
    "Support",
    "Topic",
    "Undelivered",
    "blocked_signals",
    "decode",
    "digest",
    "drop_of",
    "encode",
    "final_after_s",
    "kind_of_measuring",
    "of_service",
    "same_service",
    "schema_uri",
    "service_code",
    "service_of_test",
    "service_words",
    "signal_facts",
    "signals_named",
    "topic_named",
]
