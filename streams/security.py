"""How to connect to Kafka, as each of the three clients wants to be told: from one set of settings.

SASL with SCRAM says who we are; TLS says that Kafka is who it is, and with a certificate of our own who we are.
"""

from __future__ import annotations

import ssl
from typing import Any

from streams.errors import StreamsError
from streams.settings import Settings


class SecurityError(StreamsError):
    """A certificate or key can't be used."""


def client(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of kafka-python's clients, and aiokafka's, which call them the same: address and security.

    Raises:
        SecurityError: a certificate or key can't be read.
    """
    words: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap.split(","),
        "security_protocol": settings.security.replace("-", "_").upper(),
    }
    context = ssl_context(settings)
    if context is not None:
        words["ssl_context"] = context
    if settings.security.startswith("sasl"):
        words["sasl_mechanism"] = settings.sasl_mechanism
        words["sasl_plain_username"] = settings.sasl_username
        words["sasl_plain_password"] = settings.sasl_password
    return words


def faust_credentials(settings: Settings) -> Any:
    """Faust's `broker_credentials`; None for plaintext."""
    from faust import SASLCredentials, SSLCredentials

    context = ssl_context(settings)
    if settings.security.startswith("sasl"):
        return SASLCredentials(
            username=settings.sasl_username,
            password=settings.sasl_password,
            ssl_context=context,
            mechanism=settings.sasl_mechanism,
        )
    return None if context is None else SSLCredentials(context)


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """The context for TLS; None where there is none of it."""
    if not settings.security.endswith("ssl"):
        return None
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca)
        if settings.ssl_cert is not None:
            context.load_cert_chain(settings.ssl_cert, settings.ssl_key, settings.ssl_key_password or None)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(str(one) for one in (settings.ssl_ca, settings.ssl_cert, settings.ssl_key) if one)
        raise SecurityError(f"TLS can't be set up from {files}: {error}") from error
    return context
