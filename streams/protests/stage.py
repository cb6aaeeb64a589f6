"""The protests stage: news items in, protests out."""

from __future__ import annotations

from streams import geography
from streams.claims.lineage import lineage
from streams.located import LocatingStage, Span, bound_id, find, nowhere, point, short
from topics import NEWS, NewsItem, Origin, Place, Protest


class ProtestsStage(LocatingStage[NewsItem, Protest]):
    """Implements `streams.stage.Stage`: each news item becomes one protest a place.

    One that says "national" beside its places is a protest of the country as well. Without a known place the
    coordinates decide, by what they stand for: a city's are a point, a region's the region, a country's middle
    is the country and never a city. A named place that is nowhere to be found, with no coordinates, is refused.
    """

    name = "protests"
    source = NEWS

    def places(self, record: NewsItem) -> tuple[tuple[Place, ...], tuple[str, ...]]:
        """See `LocatingStage.places`."""
        found = find(record)
        country = geography.country_place(found.country)
        named = (*found.places, country) if found.nationwide else found.places
        if named:
            return named, ()
        if record.geo_precision == "country":
            return (country,), ()
        own = point(record, found.country, region=record.geo_precision != "city")
        if own is not None:
            return (own,), ()
        if not found.unlocated:
            return (country,), ()
        raise nowhere(found, "it says that there was a protest")

    def piece(self, record: NewsItem, place: Place, span: Span, flags: tuple[str, ...]) -> Protest:  # noqa: ARG002
        """See `LocatingStage.piece`."""
        reference = record.origin.reference
        return Protest(
            id=record.id,
            origin=Origin(source=record.origin.source, reference=short(reference) if reference else None),
            country=place.country,
            place=place,
            from_s=span.from_s,
            until_s=span.until_s,
            from_uncertainty_s=span.from_uncertainty_s,
            until_uncertainty_s=span.until_uncertainty_s,
            precision=span.precision,
            lineage=lineage(bound_id(record), record.cites, text=record.text),
            known_s=record.known_s,
            item=record.id,
            title=short(record.title) if record.title else None,
            participants=short(record.participants) if record.participants else None,
        )
