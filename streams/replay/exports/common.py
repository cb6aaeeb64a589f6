"""What the formats share: one shutdown as flat fields, and times as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from streams import geography
from streams.judgement_words import explained
from topics import LATEST_S, Shutdown


def utc(moment_s: int | None) -> str | None:
    """A time as RFC 3339, UTC; None for an end that is not known."""
    if moment_s is None or moment_s >= LATEST_S:
        return None
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment_s: int | None, time_zone: str) -> str | None:
    """A time by the clocks of a place, with its offset: `2021-02-28T14:00:00+06:00`."""
    if moment_s is None or moment_s >= LATEST_S:
        return None
    return dt.datetime.fromtimestamp(moment_s, geography.zone(time_zone)).isoformat()


def references(shutdown: Shutdown) -> list[str]:
    """The links of its evidence and of what else may explain it, each once."""
    found = [piece.reference for piece in shutdown.evidence]
    found += [other.reference for other in shutdown.explanations]
    return list(dict.fromkeys(one for one in found if one is not None and one.startswith(("http://", "https://"))))


def flat(shutdown: Shutdown) -> dict[str, Any]:
    """A shutdown as fields of text, numbers and lists: the columns of tables, the properties of features."""
    zone = shutdown.place.time_zone
    return {
        "id": shutdown.id,
        "revision": shutdown.revision,
        "level": shutdown.level,
        "status": shutdown.status,
        "merged_into": shutdown.merged_into,
        "probability": shutdown.probability,
        "happened": shutdown.happened,
        "on_purpose": shutdown.on_purpose,
        "false_alarms_a_year": shutdown.false_alarms_a_year,
        "country": shutdown.country,
        "country_name": geography.country_place(shutdown.country).name,
        "place": shutdown.place.name,
        "place_kind": shutdown.place.kind,
        "place_key": shutdown.place.key,
        "latitude": shutdown.place.latitude,
        "longitude": shutdown.place.longitude,
        "radius_km": shutdown.place.radius_km,
        "begin": utc(shutdown.from_s),
        "end": utc(shutdown.until_s),
        "begin_local": local(shutdown.from_s, zone),
        "end_local": local(shutdown.until_s, zone),
        "time_zone": zone,
        "begin_uncertainty_s": shutdown.from_uncertainty_s,
        "end_uncertainty_s": shutdown.until_uncertainty_s,
        "precision": shutdown.precision,
        "scope": shutdown.scope,
        "extent": shutdown.extent,
        "networks": list(shutdown.networks),
        "services": list(shutdown.services),
        "signals": list(shutdown.signals),
        "measurement": shutdown.measurement,
        "acknowledged": list(shutdown.acknowledged),
        "sources": shutdown.sources,
        "protests": shutdown.protests,
        "explanations": [explained(one) for one in shutdown.explanations],
        "why": " ".join(reason.words for reason in shutdown.why),
        "flags": list(shutdown.flags),
        "links": references(shutdown),
        "incident": shutdown.incident,
        "campaign": shutdown.campaign,
        "common_drops": list(shutdown.common_drops),
        "blocked": list(shutdown.blocked),
        "rules": shutdown.rules,
        "digest": shutdown.digest,
    }
