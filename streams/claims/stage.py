"""The claims stage: reports in, claims out."""

from __future__ import annotations

from msgspec.structs import replace

from streams import geography
from streams.claims.attribution import attribution
from streams.claims.individuals import flags_of, impersonal
from streams.claims.lineage import lineage, wording
from streams.located import (
    Found,
    LocatingStage,
    Span,
    Unusable,
    bound_id,
    find,
    nowhere,
    point,
    short,
    short_items,
    unlocated_flags,
)
from topics import REPORTS, Claim, Origin, Place, Report
from topics.reports import Scope

#: More places left out than a claim can carry make no difference to what is measured.
MOST_EXCLUDED = 100

_WIDTHS: tuple[Scope, ...] = ("local", "regional", "national")


class ClaimsStage(LocatingStage[Report, Claim]):
    """Implements `streams.stage.Stage`: each report becomes one claim a place.

    A report that says "nationwide", or names no place and doesn't say that it was local, is a claim of the
    country. One whose places are partly unknown makes claims of those known, flagged with the others; one whose
    places are all unknown is placed by its coordinates, or by its country if it says that it was national, and
    is refused otherwise.
    """

    name = "claims"
    source = REPORTS

    def places(self, record: Report) -> tuple[tuple[Place, ...], tuple[str, ...]]:
        """See `LocatingStage.places`."""
        found = find(record)
        flags = unlocated_flags(found)
        country = geography.country_place(found.country)
        if found.nationwide:
            return (country,), flags
        if found.places:
            return found.places, flags
        own = None if record.scope == "national" else _own(record, found)
        if own is not None:
            return (own,), flags
        if record.scope == "national" or (record.scope is None and not found.unlocated):
            return (country,), flags
        raise nowhere(found, f"it says that it was {record.scope}")

    def _pieces(self, record: Report, revision: int) -> list[Claim]:
        """Add to each claim what it leaves out of its place, and whether it is of a part only."""
        claims, found = super()._pieces(record, revision), find(record)
        if not (found.excluded or found.partial):
            return claims
        return [
            replace(
                claim,
                partial=claim.place.key in found.partial,
                excluded=tuple(place for place in found.excluded[:MOST_EXCLUDED] if _inside(claim.place, place)),
            )
            for claim in claims
        ]

    def piece(self, record: Report, place: Place, span: Span, flags: tuple[str, ...]) -> Claim:
        """See `LocatingStage.piece`."""
        # Individuals are never named, not even where a source does.
        record = impersonal(record)
        who, reference = record.reporter, record.origin.reference
        return Claim(
            id=record.id,
            origin=Origin(source=record.origin.source, reference=short(reference) if reference else None),
            country=place.country,
            place=place,
            from_s=span.from_s,
            until_s=span.until_s,
            from_uncertainty_s=span.from_uncertainty_s,
            until_uncertainty_s=span.until_uncertainty_s,
            precision=span.precision,
            lineage=lineage(
                bound_id(record),
                record.cites,
                judged=attribution(record, span.from_s) in ("ordered", "announced"),
                reporter=who.kind,
                name=who.name,
                text=record.text,
                text_digest=record.text_digest,
                hand=who.digest,
            ),
            known_s=record.known_s,
            report=record.id,
            reporter=who.kind,
            reporter_name=who.name,
            hand=who.digest if who.kind == "individual" else None,
            wording=None if who.kind == "individual" else wording(record.text),
            scope=_scope(record.scope, place),
            extent=record.extent,
            networks=tuple(sorted(set(record.networks))),
            services=short_items(record.services),
            cause=short(record.cause) if record.cause else None,
            ordered_by=short(record.ordered_by) if record.ordered_by else None,
            cites=short_items(record.cites),
            flags=short_items(flags_of(record, (*span.flags, *flags, *record.flags))),
            ongoing=record.ongoing,
            attribution=attribution(record, span.from_s),
        )


def _inside(outer: Place, inner: Place) -> bool:
    return outer.key != inner.key and geography.contains(outer, inner)


def _own(record: Report, found: Found) -> Place | None:
    """The place of the report's coordinates: of an individual's only the region.

    Bad ones are no reason to refuse a report that has nothing else.
    """
    try:
        return point(
            record, found.country, region=record.scope == "regional" or record.reporter.kind == "individual"
        )
    except Unusable:
        if record.scope is None and not found.unlocated:
            raise
        return None


def _scope(said: Scope | None, place: Place) -> Scope:
    """How far the claim of one place reaches: as far as the report says, and no further than the place."""
    widest: Scope = {"country": "national", "region": "regional"}.get(place.kind, "local")  # type: ignore[assignment]
    if said is None or place.kind == "country":
        return widest
    return min(said, widest, key=_WIDTHS.index)
