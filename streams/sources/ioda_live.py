"""IODA's API v2, live: what its pollers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from streams.sources import ioda, ioda_networks
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.ioda_networks import Network, Networks
from streams.sources.polling import Batch, Live, Trouble

BASE = "https://api.ioda.inetintel.cc.gatech.edu/v2"
EVERY_S = 600
DAY_S = 86_400

#: Entities of one answer, at most: the API gives 2,000 unless asked otherwise, of 4,534 regions.
MOST_ENTITIES = 20_000

#: Entities that are asked for, by type; networks only where chosen.
TYPES = ("country", "region")

#: Seconds between two requests.
APART_S = 0.5


class _Kept(msgspec.Struct):
    """The networks of a country, and when it was asked for them."""

    at: int
    share: float
    networks: Networks


class Directory(msgspec.Struct):
    """The entities that the API knows: type -> code -> country and name; and when it was asked for them."""

    at: int
    entities: dict[str, dict[str, tuple[str, str]]]

    #: The shares of networks, by `type/code`, where they are known.
    shares: dict[str, float] = {}

    def add(self, type_: str, code: str, network: Network) -> None:
        """Add a network of a country."""
        self.entities.setdefault(type_, {})[code] = (network.country, network.name)
        if network.share is not None:
            self.shares[f"{type_}/{code}"] = network.share

    @property
    def known(self) -> ioda.Entities:
        """The same by `type/code`."""
        return ioda.Entities(
            {f"{type_}/{code}": one for type_, each in self.entities.items() for code, one in each.items()},
            self.shares,
        )


class IodaPoller:
    """What all of them share: the address, manners, and the directory of entities, renewed once a day."""

    every_s = EVERY_S
    manners = Manners(every_s=APART_S)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self.base = (live.url or BASE).rstrip("/")
        self.live = live
        given = live.options.get("networks")
        self.share = ioda_networks.wanted_share(None if given is None else str(given))

    def directory(
        self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int
    ) -> Iterator[Batch | Trouble | Directory]:
        """The directory; before it the batches that keep it, if it was asked for anew.

        A directory that can't be renewed is used on.
        """
        known = msgspec.convert(cursors["entities"], Directory) if "entities" in cursors else None
        if known is None or now_s - known.at >= DAY_S:
            try:
                known = Directory(now_s, {type_: self._entities(fetcher, type_) for type_ in TYPES})
                yield Batch("entities", msgspec.to_builtins(known))
            except FetchError:
                if known is None:
                    raise
        # What is kept is of countries and regions: networks are kept country by country.
        known = Directory(known.at, {type_: dict(each) for type_, each in known.entities.items()}, {})
        if self.share is not None:
            yield from self._networks(fetcher, cursors, known, self.share, now_s)
        for entity, country in self.live.entities:
            known.entities.setdefault(entity.type, {})[entity.code] = (country, entity.name)
        yield known

    def _networks(
        self, fetcher: Fetcher, cursors: Mapping[str, Any], known: Directory, share: float, now_s: int
    ) -> Iterator[Batch | Trouble]:
        """Add the networks of chosen countries, of all where none is, to the directory; renewed once a day."""
        chosen = {country for entity, country in self.live.entities if entity.type == "country"}
        for country in sorted(chosen or known.entities.get("country", {})):
            if not self.live.wants(country):
                continue
            part = f"networks/{country}"
            kept = msgspec.convert(cursors[part], _Kept) if part in cursors else None
            if kept is None or kept.share != share or now_s - kept.at >= DAY_S:
                try:
                    kept = _Kept(now_s, share, ioda_networks.ask(fetcher, self.base, country, share))
                    yield Batch(part, msgspec.to_builtins(kept))
                except FetchError as error:
                    yield Trouble(part, error)
                    if kept is None:
                        continue
            for type_, networks in kept.networks.items():
                for code, network in networks.items():
                    known.add(type_, code, network)

    def _entities(self, fetcher: Fetcher, type_: str) -> dict[str, tuple[str, str]]:
        url = f"{self.base}/entities/query"
        found = fetcher.get(url, partial(ioda.described, where=url), {"entityType": type_, "limit": MOST_ENTITIES})
        if found is not None and len(found) >= MOST_ENTITIES:
            words = f"{url}: the answer has {len(found):,} entities of type {type_}, as many as were asked for"
            raise FetchError(f"{words}: there may be more", "unreadable")
        return {str(one.code): (one.country, one.name or "") for one in found or () if one.country}
