"""Cloudflare Radar's API, answers: what they have in common.

https://api.cloudflare.com/client/v4/radar; a bearer token; times are RFC 3339, UTC. Data: CC BY-NC 4.0.
"""

from __future__ import annotations

from typing import Any

import msgspec

from streams.sources.payloads import PayloadError, decoded

SOURCE, LINEAGE = "cloudflare-radar", "cloudflare-radar"


class Envelope(msgspec.Struct):
    """What every answer is wrapped in. `success` can be false on HTTP 200."""

    result: msgspec.Raw = msgspec.Raw(b"null")
    success: bool = True
    errors: Any = None


_ENVELOPE = msgspec.json.Decoder(Envelope)


def result(raw: bytes, where: str) -> bytes:
    """The result inside an answer.

    Raises:
        PayloadError: it is no answer, or says that there was an error.
    """
    found = decoded(raw, _ENVELOPE, where)
    if not found.success or found.errors:
        raise PayloadError(f"{where}: the API reports an error: {str(found.errors)[:300]}")
    if bytes(found.result) == b"null":
        raise PayloadError(f"{where} has no `result`: is it an answer of Cloudflare's API?")
    return bytes(found.result)
