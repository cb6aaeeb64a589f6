"""A digest: what changed in a stretch of time as one e-mail, by a template that can be replaced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from streams import geography
from streams.errors import StreamsError
from streams.judgement_words import both_words, explained, own_reasons
from topics import Shutdown

TEMPLATE = Path(__file__).with_name("digest.txt.jinja")

#: From the best known to the least.
LEVELS = ("corroborated", "measured", "reported", "contradicted")


class DigestError(StreamsError):
    """A template can't be read or filled."""


def due(shutdowns: Iterable[Shutdown], since_s: int, until_s: int) -> list[Shutdown]:
    """The shutdowns with a moment in [since_s, until_s) that stand, the best known first, then by begin."""
    found = [
        one
        for one in shutdowns
        if one.status in ("open", "closed")
        and one.from_s < until_s
        and (one.until_s is None or one.until_s > since_s)
    ]
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.from_s, one.id))


def compose(
    shutdowns: Sequence[Shutdown], since_s: int, until_s: int, *, template: Path = TEMPLATE, address: str = ""
) -> EmailMessage:
    """The e-mail: its template's first line is the subject, the rest the text.

    Args:
        shutdowns: as `due` gives them.
        since_s: begin of the stretch of time, Unix seconds; `until_s` its end.
        template: a Jinja template; it has `shutdowns`, `since`, `until`, `country(code)`, `moment(seconds, zone)`,
            `probabilities(shutdown)`, `reasons(shutdown)`, `explained(explanation)` and `address`.
        address: where the API's page is, for links; may be empty.

    Raises:
        DigestError: the template can't be read or filled.
    """
    import jinja2

    environment = jinja2.Environment(  # noqa: S701 - plain text, there is nothing to escape
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        country=_country, moment=_moment, probabilities=both_words, reasons=own_reasons, explained=explained
    )
    values: dict[str, Any] = {
        "shutdowns": shutdowns,
        "since": _moment(since_s, "UTC"),
        "until": _moment(until_s, "UTC"),
        "address": address.rstrip("/"),
    }
    try:
        text = environment.from_string(template.read_text(encoding="utf-8")).render(values)
    except (OSError, UnicodeDecodeError, jinja2.TemplateError) as error:
        raise DigestError(f"the template {template} can't be used: {error}") from error
    subject, _, body = text.partition("\n")
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject.strip()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.lstrip("\n"))
    return message


def _country(code: str) -> str:
    return geography.country_place(code).name


def _moment(moment_s: int, zone: str) -> str:
    moment = dt.datetime.fromtimestamp(moment_s, geography.zone(zone))
    return f"{moment:%Y-%m-%d %H:%M} UTC{moment:%z}".removesuffix("+0000")
