"""IODA's API v2, live: what its pollers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import msgspec

from streams.sources import ioda
from streams.sources.http import Fetcher, FetchError, Manners
from streams.sources.polling import Batch, Live

BASE = "https://api.ioda.inetintel.cc.gatech.edu/v2"
EVERY_S = 600
DAY_S = 86_400

#: Entities of one answer, at most: the API gives 2,000 unless asked otherwise, of 4,534 regions.
MOST_ENTITIES = 20_000

#: Entities that are asked for, by type; networks only where chosen.
TYPES = ("country", "region")


class Directory(msgspec.Struct):
    """The entities that the API knows: type -> code -> country and name; and when it was asked for them."""

    at: int
    entities: dict[str, dict[str, tuple[str, str]]]

    @property
    def known(self) -> ioda.Entities:
        """The same by `type/code`."""
        return ioda.Entities(
            {f"{type_}/{code}": one for type_, each in self.entities.items() for code, one in each.items()}
        )


class IodaPoller:
    """What all of them share: the address, manners, and the directory of entities, renewed once a day."""

    every_s = EVERY_S
    manners = Manners(every_s=0.5)
    headers: Mapping[str, str] = {}

    def __init__(self, live: Live) -> None:
        self.base = (live.url or BASE).rstrip("/")
        self.live = live

    def directory(self, fetcher: Fetcher, cursors: Mapping[str, Any], now_s: int) -> Iterator[Batch | Directory]:
        """The directory; before it the batch that keeps it, if it was asked for anew.

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
        for entity, country in self.live.entities:
            known.entities.setdefault(entity.type, {})[entity.code] = (country, entity.name)
        yield known

    def _entities(self, fetcher: Fetcher, type_: str) -> dict[str, tuple[str, str]]:
        url = f"{self.base}/entities/query"
        found = fetcher.get(url, partial(ioda.described, where=url), {"entityType": type_, "limit": MOST_ENTITIES})
        if found is not None and len(found) >= MOST_ENTITIES:
            words = f"{url}: the answer has {len(found):,} entities of type {type_}, as many as were asked for"
            raise FetchError(f"{words}: there may be more", "unreadable")
        return {str(one.code): (one.country, one.name or "") for one in found or () if one.country}
