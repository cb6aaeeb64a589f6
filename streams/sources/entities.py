"""What is measured, as people write it: `country/IR`, `region/KZ/Almaty City`, `asn/KZ/9198`."""

from __future__ import annotations

from collections.abc import Sequence

from streams import geography
from streams.sources.files import SourceError
from topics import Entity

FORMS = "country/IR, region/KZ/NAME or asn/KZ/9198"


def named(text: str) -> tuple[Entity, str]:
    """The entity that a text names, and its country (alpha-2).

    >>> named("asn/KZ/AS9198")[0].code
    '9198'

    Raises:
        SourceError: it names none.
    """
    kind, *rest = text.split("/", 2)
    country = geography.country_code(rest[0]) if rest else None
    if country is not None:
        if kind == "country" and len(rest) == 1:
            return Entity(type="country", code=country, name=geography.country_place(country).name), country
        if kind == "region" and len(rest) == 2 and rest[1].strip():
            return Entity(type="region", code=rest[1], name=rest[1]), country
        if kind == "asn" and len(rest) == 2 and (number := network(rest[1])) is not None:
            return Entity(type="asn", code=number), country
    raise SourceError(f"{text!r} is no entity: give {FORMS}")


def demanded(given: str | None, where: object) -> tuple[Entity, str]:
    """The entity that was given with `--entity`.

    Raises:
        SourceError: none was, or it is none.
    """
    if given is None:
        raise SourceError(f"{where} doesn't say what it measures: give --entity {FORMS}")
    return named(given)


def network(text: str) -> str | None:
    """The digits of an AS number: of `AS9198`, `9198`.

    >>> network("as9198"), network("9198x")
    ('9198', None)
    """
    digits = text.strip().upper().removeprefix("AS")
    return str(int(digits)) if digits.isdigit() and digits.isascii() and int(digits) < 2**32 else None


def chosen(texts: Sequence[str]) -> list[tuple[Entity, str]]:
    """All of several, each once, in order.

    Raises:
        SourceError: one is none.
    """
    return [named(text) for text in dict.fromkeys(texts)]
