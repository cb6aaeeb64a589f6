"""CSV in the columns of Access Now's STOP list of 2021 and later, in its own words: `ingest stop` reads it.

What a shutdown does not say stays empty or `Unknown`, as in the list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from streams import geography
from streams.judgement_words import explained
from streams.replay.exports.common import references
from streams.replay.exports.tables import write_rows
from topics import LATEST_S, Claim, Evidence, Shutdown

COLUMNS = (
    "start_date_type", "start_date", "country", "geo_scope", "area_name", "shutdown_type", "affected_network",
    "shutdown_extent", "ordered_by", "decision_maker", "actual_cause", "actual_cause_details", "info_source",
    "info_source_link", "shutdown_status", "end_date", "duration", "gov_justification", "gov_just_details",
    "gov_ack", "legal_just", "legal_method", "gov_ack_source", "gov_ack_quote", "facebook_affected",
    "twitter_affected", "whatsapp_affected", "instagram_affected", "telegram_affected", "other_affected",
    "sms_affected", "phonecall_affected", "telcos_involved", "telco_ack", "telco_ack_source", "telco_ack_quote",
    "election", "violence", "hr_abuse_reported", "users_targeted", "users_target_detail", "users_notified",
    "econ_impact", "event", "an_link",
)  # fmt: skip

SCOPES = {
    "local": "It only affected one city, county, or village",
    "regional": "It affected more than one city in the same state, province, or region",
    "national": "It affected locations in more than one state, province, or region",
}
EXTENTS = {"full": "Full network", "service": "Service-based", "throttling": "Service-based", None: "Unknown"}
_SERVICES = ("facebook", "twitter", "whatsapp", "instagram", "telegram")


def row(shutdown: Shutdown, evidence: Mapping[str, Evidence]) -> dict[str, Any]:
    """A shutdown as a row of the list: days are local, the duration counts both ends.

    Trigger and who ordered it are in the claims: without `evidence` they stay unknown.
    """
    zone = geography.zone(shutdown.place.time_zone)
    first = dt.datetime.fromtimestamp(shutdown.from_s, zone).date()
    over = shutdown.until_s is not None and shutdown.until_s < LATEST_S
    last = dt.datetime.fromtimestamp(max(shutdown.until_s or 0, shutdown.from_s + 1) - 1, zone).date()
    claims = [piece for one in shutdown.evidence if isinstance(piece := evidence.get(one.id), Claim)]
    services = set(shutdown.services)
    others = sorted(services - {*_SERVICES, "sms", "phone calls"})
    found: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    found |= {f"{name}_affected": "Yes" if name in services else "Unknown" for name in (*_SERVICES, "sms")}
    found |= {
        "start_date_type": "Estimated" if shutdown.from_uncertainty_s > 3600 else "Actual",
        "start_date": first.isoformat(),
        "country": geography.country_place(shutdown.country).name,
        "geo_scope": SCOPES[shutdown.scope],
        "area_name": "" if shutdown.place.kind == "country" else shutdown.place.name,
        "shutdown_type": "Throttle" if shutdown.extent == "throttling" else "Shutdown",
        "affected_network": ", ".join(name.capitalize() for name in shutdown.networks) or "Unknown",
        "shutdown_extent": EXTENTS[shutdown.extent],
        "ordered_by": _first(claim.ordered_by for claim in claims) or "Unknown",
        "actual_cause": _first(claim.cause for claim in claims) or "Unknown",
        "actual_cause_details": "; ".join(explained(one) for one in shutdown.explanations),
        "info_source": "; ".join(dict.fromkeys(piece.source for piece in shutdown.evidence)),
        "info_source_link": "; ".join(references(shutdown)),
        "shutdown_status": "Ended" if over else "Ongoing" if shutdown.status == "open" else "Unknown",
        "end_date": last.isoformat() if over else "",
        "duration": (last - first).days + 1 if over else "",
        "gov_ack": "Yes" if shutdown.acknowledged else "Unknown",
        "other_affected": ", ".join(others),
        "phonecall_affected": "Yes" if "phone calls" in services else "Unknown",
        "event": " ".join(reason.words for reason in shutdown.why),
    }
    return found


def _first(texts: Any) -> str | None:
    return next((text for text in texts if text), None)


def write(shutdowns: Sequence[Shutdown], evidence: Mapping[str, Evidence], stream: BinaryIO) -> None:
    """One row a shutdown."""
    write_rows(COLUMNS, (row(one, evidence) for one in shutdowns), stream)
