"""Cloudflare Radar's API, answers: what they have in common.

https://api.cloudflare.com/client/v4/radar; a bearer token; times are RFC 3339, UTC. Data: CC BY-NC 4.0.
"""

from __future__ import annotations

from typing import Any

import msgspec

from streams.sources.payloads import PayloadError, decoded, lenient

SOURCE, LINEAGE = "cloudflare-radar", "cloudflare-radar"


class Envelope(msgspec.Struct):
    """What every answer is wrapped in. `success` can be false on HTTP 200."""

    result: msgspec.Raw = msgspec.Raw(b"")
    success: bool | None = True
    errors: Any = None


class _Country(msgspec.Struct):
    code: str | None = ""
    name: str | None = ""


class _Asn(msgspec.Struct):
    asn: str | int = ""
    name: str | None = ""
    # Documented as `locations`, answered as `location`.
    location: _Country | list[_Country] | None = None
    locations: _Country | list[_Country] | None = None

    @property
    def country(self) -> str:
        """The country's code; empty where none is given."""
        found = self.location or self.locations or []
        one = found[0] if isinstance(found, list) and found else found
        return (one.code or "") if isinstance(one, _Country) else ""


class _Kind(msgspec.Struct):
    outageCause: str | None = None  # noqa: N815 - the API's name
    outageType: str | None = None  # noqa: N815 - the API's name


class Annotation(msgspec.Struct):
    """An outage as Cloudflare's team annotates it."""

    id: str | int
    startDate: str  # noqa: N815 - the API's name
    eventType: str | None = "OUTAGE"  # noqa: N815 - the API's name
    endDate: str | None = None  # noqa: N815 - the API's name
    dataSource: str | None = None  # noqa: N815 - the API's name
    locations: list[str] | None = None
    asns: list[int | str] | None = None
    asnsDetails: list[_Asn] | None = None  # noqa: N815 - the API's name
    outage: _Kind | None = None
    scope: str | None = None
    description: str | None = None
    linkedUrl: str | None = None  # noqa: N815 - the API's name


class Anomaly(msgspec.Struct):
    """A drop of traffic as Cloudflare's machines see it."""

    uuid: str
    type: str
    startDate: str  # noqa: N815 - the API's name
    status: str | None = "UNVERIFIED"
    endDate: str | None = None  # noqa: N815 - the API's name
    asnDetails: _Asn | None = None  # noqa: N815 - the API's name
    locationDetails: _Country | None = None  # noqa: N815 - the API's name
    visibleInDataSources: list[str] | None = None  # noqa: N815 - the API's name


_ENVELOPE = lenient(Envelope)


def result(raw: bytes, where: str) -> bytes:
    """The result inside an answer.

    Raises:
        PayloadError: it is no answer, or says that there was an error.
    """
    found = decoded(raw, _ENVELOPE, where)
    if found.success is False or found.errors:
        raise PayloadError(f"{where}: the API reports an error: {str(found.errors)[:300]}")
    if not bytes(found.result):
        # Clients of the API keep what is in it without its envelope.
        return raw
    if bytes(found.result) == b"null":
        raise PayloadError(f"{where} has no `result`: is it an answer of Cloudflare's API?")
    return bytes(found.result)
