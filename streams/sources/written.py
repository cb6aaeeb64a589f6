"""The options that sources of texts share: who writes, where they are at home, whether texts are kept."""

from __future__ import annotations

from typing import get_args

from streams import geography
from streams.sources.files import SourceError
from streams.sources.told import Manner
from topics import Reporter
from topics.reports import ReporterKind


def manner_of(salt: bytes, place: str | None, *, keep_text: bool) -> Manner:
    """How texts are read.

    Raises:
        SourceError: `place` is no country.
    """
    country = None if place is None else geography.country_code(place) or geography.country_code(place.upper())
    if place is not None and country is None:
        raise SourceError(f"no country is called {place!r}: give --place its code or name")
    return Manner(salt, country, keep_text)


def reporter_of(kind: str | None, name: str | None) -> Reporter | None:
    """The organisation that writes; None for individuals, who are never named.

    Raises:
        SourceError: there is no such kind, or an organisation has no name.
    """
    if kind is None and name is None:
        return None
    kinds = get_args(ReporterKind)
    chosen = next((one for one in kinds if one == (kind or "organisation")), None)
    if chosen is None:
        raise SourceError(f"--reporter is {kind!r}, and must be one of {', '.join(kinds)}")
    if chosen == "individual":
        return None
    if not (name or "").strip():
        raise SourceError(f"--reporter {chosen} wants --name: an organisation's name is its lineage")
    return Reporter(kind=chosen, name=(name or "").strip()[:300])
