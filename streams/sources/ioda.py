"""What IODA's API v2 answers have in common: the envelope, entities and their countries.

https://api.ioda.inetintel.cc.gatech.edu/v2; times are Unix seconds, UTC. Forms by the API's own code
(InetIntel/ioda-api, controllers and normalizers).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from streams import geography
from streams.geography.entities import region_row
from streams.geography.tables import gazetteer
from streams.pipeline import measured_place
from streams.sources.payloads import PayloadError, decoded, documents, lenient
from topics import Entity, Place, signal_facts, signals_named
from topics.measurements import EntityType

SOURCE = "ioda"
TERMS = "IODA, Georgia Tech"


def _falls_in_an_outage(datasource: str) -> bool:
    facts = signal_facts(datasource)
    return not (facts.more_is_worse or facts.forecast or facts.kind == "delay")


#: The step of a datasource that the catalogue doesn't know: active probing's.
UNKNOWN_STEP_S = 600

#: Datasources that alert of outages.
DATASOURCES = frozenset(filter(_falls_in_an_outage, signals_named("ioda").values()))

#: Types of entities that are networks, or parts of them.
NETWORKS = ("asn", "geoasn")

_TYPES: tuple[EntityType, ...] = ("country", "region", "asn", "geoasn", "county")


def step_s(datasource: str) -> int:
    """Seconds from one value of a datasource to the next."""
    return signal_facts(datasource).step_s or UNKNOWN_STEP_S


class _Metadata(msgspec.Struct):
    responseTime: str | None = None  # noqa: N815 - the API's name


class Envelope(msgspec.Struct):
    """What every answer is wrapped in. `error` can be set on HTTP 200."""

    data: msgspec.Raw = msgspec.Raw(b"null")
    type: str = ""
    error: Any = None
    metadata: _Metadata | list[Any] | None = None
    requestParameters: dict[str, Any] | list[Any] | None = None  # noqa: N815 - the API's name

    @property
    def answered_s(self) -> int | None:
        """When the API answered, Unix seconds."""
        text = self.metadata.responseTime if isinstance(self.metadata, _Metadata) else None
        try:
            moment = dt.datetime.fromisoformat(text or "")
        except ValueError:
            return None
        return int(moment.timestamp()) if moment.tzinfo else None

    def asked(self, name: str) -> int | None:
        """A number that was asked for, e.g. `until`: times are echoed as strings, page and limit as integers."""
        given = self.requestParameters.get(name) if isinstance(self.requestParameters, dict) else None
        try:
            return int(given) if isinstance(given, str | int | float) else None
        except (ValueError, OverflowError):
            return None


_ENVELOPE = lenient(Envelope)


def envelope(raw: bytes, where: str) -> Envelope:
    """Read an answer's envelope.

    Raises:
        PayloadError: it is no answer of the API, or says that there was an error.
    """
    found = decoded(raw, _ENVELOPE, where)
    if found.error:
        raise PayloadError(f"{where}: the API reports an error: {str(found.error)[:300]}")
    if bytes(found.data) == b"null":
        raise PayloadError(f"{where} has no `data`: is it an answer of IODA's API v2?")
    return found


class Described(msgspec.Struct):
    """An entity as the API describes it: in alerts, in events of the form `ioda`, in `/entities/query`."""

    code: str | int
    type: str
    name: str | None = ""
    attrs: dict[str, Any] | list[Any] | None = {}
    subnames: dict[str, Any] | list[Any] | None = {}

    @property
    def country(self) -> str | None:
        """The country's alpha-2 code, where the attributes or the code tell it."""
        if self.type == "country":
            return str(self.code)
        attributes = self.attrs if isinstance(self.attrs, dict) else {}
        given = attributes.get("country_code")
        return str(given) if given else country_of(str(attributes.get("fqid", "")))


def country_of(fqid: str) -> str | None:
    """The country in an entity's full name: `geo.netacuity.AS.KZ.2088` and `geo.provider.EU.TR`."""
    parts = fqid.split(".")
    code = parts[3] if len(parts) > 3 and parts[0] == "geo" else ""
    return code if len(code) == 2 and code.isalpha() and code.isupper() else None


def entity(type_: str, code: str, name: str) -> Entity | None:
    """An entity of the API; None of a type that is no place here (continents)."""
    known = next((one for one in _TYPES if one == type_), None)
    return None if known is None or not code else Entity(type=known, code=code[:300], name=name[:300])


@dataclass(frozen=True, slots=True)
class Entities:
    """Country and name of the API's entities, by `type/code`: events don't say where regions are, and messages not
    even what they are called."""

    known: Mapping[str, tuple[str, str]]
    #: Of networks, where they are known: their shares of the addresses of their country or region.
    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, described: Iterable[Described]) -> Entities:
        return cls({f"{one.type}/{one.code}": (one.country, one.name or "") for one in described if one.country})

    def entity(self, type_: str, code: str, name: str) -> Entity | None:
        """An entity as it is called here: a network by what the directory says of it, others as given."""
        key = f"{type_}/{code}"
        _, called = self.known.get(key, (None, ""))
        found = entity(type_, code, called if called and type_ in NETWORKS else name or called)
        return found if found is None else msgspec.structs.replace(found, share=self.shares.get(key))

    def place(self, type_: str, code: str, name: str, country: str | None = None) -> Place | None:
        """The place of an entity. A region whose country isn't known is placed if only one country has such a
        name; None if it can't be placed."""
        home, _ = self.known.get(f"{type_}/{code}", (None, ""))
        home = country or home
        found = self.entity(type_, code, name)
        if found is None:
            return None
        if home is None and type_ == "country":
            home = geography.country_code(code)
        if home is None and type_ == "region":
            home = _only_country_with(found.name)
        return None if home is None else measured_place(found, home)


def chosen(entities: Iterable[tuple[Entity, str]]) -> dict[str, tuple[str, str]]:
    """Entities with their countries as `Entities` has them."""
    return {f"{entity.type}/{entity.code}": (country, entity.name) for entity, country in entities}


@lru_cache(maxsize=16_384)
def _only_country_with(region: str) -> str | None:
    found = {country for country in gazetteer().number if region_row(region, country) is not None}
    return found.pop() if len(found) == 1 else None


_DESCRIBED = lenient(list[Described])


def known_entities(path: Path | None) -> Entities:
    """The entities of an answer of `/entities/query`, or none.

    Raises:
        SourceError: the file is no such answer.
    """
    if path is None:
        return Entities({})
    found = [described(raw, f"{path}, line {line}") for line, raw in documents(path)]
    return Entities.of(one for each in found for one in each)


def described(raw: bytes, where: str) -> list[Described]:
    """The entities of an answer of `/entities/query`.

    Raises:
        PayloadError: it is none.
    """
    return decoded(bytes(envelope(raw, where).data), _DESCRIBED, f"{where}, `data`")
