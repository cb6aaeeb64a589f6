"""How far an earthquake is felt strongly enough to take power and networks down, and in which countries.

Intensity by magnitude and distance to the source: Allen, Wald and Worden (2012), "Intensity attenuation for active
crustal regions", Journal of Seismology 16, 409-433, the equation of hypocentral distance. It is fitted to
earthquakes of all active regions of the world; in stable crust shaking reaches farther.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec.structs import replace

from streams import geography
from streams.sources.cause_rules import EARTHQUAKES, EarthquakeRule
from topics import Place

#: Coefficients of the equation. Beyond `_FAR_KM` of the source an anelastic term is added.
_C0, _C1, _C2, _C4, _M1, _M2 = 2.085, 1.428, -1.402, 0.078, -0.209, 2.042
_FAR_KM = 50.0

#: Depth where none is given: what seismologists fix it to.
USUAL_DEPTH_KM = 10.0

#: No intensity that counts is felt from so far away.
_FARTHEST_KM = 3_000.0

#: Points of a circle that are looked up lie so far apart at most: a point up to 25 km off a coast is on it.
_STEP_KM = 30.0


def intensity(magnitude: float, source_km: float) -> float:
    """Modified Mercalli intensity at a distance from the source (the hypocentre).

    >>> round(intensity(7.0, 50.0), 1)
    6.5
    """
    near_km = _M1 + _M2 * math.exp(magnitude - 5)
    far = _C4 * math.log(source_km / _FAR_KM) if source_km > _FAR_KM else 0.0
    return _C0 + _C1 * magnitude + _C2 * math.log(math.hypot(source_km, near_km)) + far


def radius_km(magnitude: float, depth_km: float | None, rule: EarthquakeRule = EARTHQUAKES) -> float | None:
    """How far from the epicentre shaking of the rule's intensity reaches; None where it is reached nowhere.

    >>> [round(radius_km(magnitude, 10.0)) for magnitude in (5.5, 6.0, 7.0, 8.0)]
    [13, 25, 76, 227]
    >>> radius_km(4.9, 10.0), radius_km(6.0, 500.0)
    (None, None)
    """
    depth = max(USUAL_DEPTH_KM if depth_km is None else depth_km, 0.0)
    if magnitude < rule.least_magnitude or intensity(magnitude, depth) < rule.intensity:
        return None
    low, high = depth, _FARTHEST_KM
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (middle, high) if intensity(magnitude, middle) >= rule.intensity else (low, middle)
    return round(max(math.sqrt(max(low**2 - depth**2, 0.0)), rule.location_km), 1)


def around(name: str, latitude: float, longitude: float, radius: float) -> Iterator[Place]:
    """The circle as a place of each country that it touches, one a country. None, far out at sea."""
    # Of no country itself: what is of a country counts as inside it, wherever its point lies.
    circle = Place(
        kind="point", country="ZZ", name=name[:300], latitude=latitude, longitude=longitude, radius_km=radius
    )
    near = {
        located.country for point in _points(latitude, longitude, radius) if (located := geography.locate(*point))
    }
    for code in sorted(near):
        country = geography.country_place(code)
        if geography.touches(circle, country):
            yield replace(circle, country=code, time_zone=country.time_zone)


def _points(latitude: float, longitude: float, radius: float) -> Iterator[tuple[float, float]]:
    """Points of a circle on rings `_STEP_KM` apart, its centre first."""
    yield latitude, longitude
    rings = max(1, math.ceil(radius / _STEP_KM))
    for ring in range(1, rings + 1):
        reach = radius * ring / rings
        count = max(8, math.ceil(2 * math.pi * reach / _STEP_KM))
        for number in range(count):
            angle = 2 * math.pi * number / count
            north = max(-90.0, min(90.0, latitude + reach / 111.2 * math.cos(angle)))
            across = 111.3 * max(math.cos(math.radians(north)), 0.01)
            yield north, longitude + reach / across * math.sin(angle)
