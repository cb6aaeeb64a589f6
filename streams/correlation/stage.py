"""The correlate stage: evidence in, shutdowns and their changes out."""

from __future__ import annotations

from collections.abc import Sequence

from streams import geography
from streams.correlation.chunks import ChunkFull
from streams.correlation.memory import CountryMemory
from streams.correlation.rules import Rules, default_rules
from streams.stage import Refused, Result, Store
from topics import CANDIDATES, DROPS, EVIDENCE, SHUTDOWN_CHANGES, SHUTDOWNS, Coverage, Evidence, drop_of

#: A begin or end known no better than this tells nothing, and would reach over a country's whole evidence.
MOST_UNCERTAIN_S = 31 * 86_400


class CorrelateStage:
    """Implements `streams.stage.Stage`, country by country.

    Pieces are taken one at a time, whatever the batch, so that the steps given out depend on the order of
    the records alone: after a crash the same records make the same steps again.
    """

    name = "correlate"
    source = EVIDENCE
    outputs = (SHUTDOWNS, SHUTDOWN_CHANGES, CANDIDATES, DROPS)
    layout = 3

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or default_rules()
        self._countries: dict[str, CountryMemory] = {}

    def process(self, records: Sequence[Evidence], store: Store) -> Result:
        """Take in a batch; see `streams.stage.Stage.process`."""
        result = Result()
        touched: dict[str, CountryMemory] = {}
        for index, piece in enumerate(records):
            memory = self.memory(piece.country, store)
            touched[piece.country] = memory
            refused = self.refusal(index, piece) or self._no_room(index, piece, memory)
            if refused is not None:
                result.refused.append(refused)
                continue
            self._take(piece, memory, result)
        for memory in touched.values():
            memory.write_conclusions(store)
        for memory in touched.values():
            memory.write_evidence(store)
        return result

    def forget(self) -> None:
        """Drop the countries in memory; they are read from the store again."""
        self._countries.clear()

    def memory(self, country: str, store: Store) -> CountryMemory:
        """What is held of a country, read from the store if it isn't cached."""
        if country not in self._countries:
            self._countries[country] = CountryMemory(country, self.rules, store)
        return self._countries[country]

    @staticmethod
    def refusal(index: int, piece: Evidence) -> Refused | None:
        """Why a piece makes no sense, if it makes none."""
        field = "country"
        if piece.place.country != piece.country:
            detail = f"the place is in {piece.place.country}, the evidence of {piece.country}"
            return Refused(index, "unknown-place", detail, "place.country")
        try:
            geography.country_place(piece.country)
            field = "place.time_zone"
            geography.zone(piece.place.time_zone)
        except geography.GeographyError as error:
            return Refused(index, "unknown-place", str(error), field)
        if piece.until_s is not None and piece.until_s < piece.from_s:
            return Refused(index, "absurd-time", "it ends before it begins", "until_s")
        if isinstance(piece, Coverage) and piece.until_s != piece.from_s + 3600 * len(piece.hours):
            detail = f"it must end after its {len(piece.hours)} hours"
            return Refused(index, "absurd-time", detail, "until_s")
        for field in ("from_uncertainty_s", "until_uncertainty_s"):
            if getattr(piece, field) > MOST_UNCERTAIN_S:
                return Refused(index, "out-of-bounds", f"more than {MOST_UNCERTAIN_S:,} s", field)
        return None

    @staticmethod
    def _no_room(index: int, piece: Evidence, memory: CountryMemory) -> Refused | None:
        if memory.too_old(piece):
            detail = "older than what is kept (rule `expiry_s`): run `shutdowns correlate` over files instead"
            return Refused(index, "out-of-bounds", detail, "from_s")
        try:
            memory.check_room(piece)
        except ChunkFull as error:
            return Refused(index, "out-of-bounds", str(error), "from_s")
        return None

    def _take(self, piece: Evidence, memory: CountryMemory, result: Result) -> None:
        old = memory.state.pieces.get(piece.id)
        changes = memory.state.apply(piece)
        if memory.state.pieces.get(piece.id) is not old:
            memory.keep(piece, old)
            drop = drop_of(piece)
            if drop is not None:
                result.out.append((DROPS, drop))
        for change in changes.shutdowns:
            memory.keep_shutdown(change.shutdown)
            result.out.append((SHUTDOWN_CHANGES, change))
            result.out.append((SHUTDOWNS, change.shutdown))
        for key in changes.relinked:
            memory.keep_again(key)
        for candidate in changes.candidates:
            memory.keep_candidate(candidate)
            result.out.append((CANDIDATES, candidate))
