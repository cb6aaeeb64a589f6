"""`Place`: where something was, small on the wire: keys, a point and an uncertainty, never a polygon."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from topics.base import Country, Latitude, Longitude, Name, Signed

PlaceKind = Literal["country", "region", "city", "point", "network"]

#: The fields that tell two places of one kind apart, beside the country: `Place.key` is made from them.
_IDENTIFIED_BY: dict[PlaceKind, tuple[str, ...]] = {
    "country": (),
    "region": ("region",),
    "city": ("city",),
    "point": ("latitude", "longitude"),
    "network": ("network",),
}


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A country, a region (admin-1), a city, a point, or a network of a country.

    A region has `region`, a city `city`, a network `network`, a point both coordinates.
    """

    kind: PlaceKind
    country: Country
    name: Annotated[Name, msgspec.Meta(description="the English name, to be read by people")]
    region: Annotated[Name | None, msgspec.Meta(description="Natural Earth `adm1_code`, e.g. `KAZ-3207`")] = None
    city: Annotated[Signed | None, msgspec.Meta(description="GeoNames id")] = None
    network: Annotated[Signed | None, msgspec.Meta(description="AS number")] = None
    share: Annotated[
        float | None,
        msgspec.Meta(
            description="of a network: its share of the addresses of its country, or, of the part of it in a "
            "region, of that; to a hundredth, null if it isn't known"
        ),
    ] = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    radius_km: Annotated[float, msgspec.Meta(ge=0, description="uncertainty around the point, km")] = 0.0
    time_zone: Annotated[str, msgspec.Meta(max_length=64, description="IANA name")] = "UTC"
    approximate: Annotated[bool, msgspec.Meta(description="stands for a place that the map does not know")] = False

    def __post_init__(self) -> None:
        for name in _IDENTIFIED_BY[self.kind]:
            if getattr(self, name) is None:
                raise ValueError(f"a place of kind {self.kind} must have `{name}`")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a place must have both `latitude` and `longitude`, or neither")

    @property
    def key(self) -> str:
        """One string for one place: `KZ`, `KZ/KAZ-3207`, `KZ/@1526384`, `KZ/AS9198`, `KZ/43.25,76.92`; the part of
        a network in a region is `KZ/KAZ-3207/AS9198`."""
        if self.kind == "region":
            return f"{self.country}/{self.region}"
        if self.kind == "city":
            return f"{self.country}/@{self.city}"
        if self.kind == "network":
            home = self.country if self.region is None else f"{self.country}/{self.region}"
            return f"{home}/AS{self.network}"
        if self.kind == "point":
            return f"{self.country}/{self.latitude:.2f},{self.longitude:.2f}"
        return self.country
