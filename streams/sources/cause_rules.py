"""Rules of alternative causes: what is strong enough to take a network down, how far it reaches, how long it lasts.

Data, each with its reason, so that they can be weighed against each other without reading the readers.
"""

from __future__ import annotations

from dataclasses import dataclass

from topics.evidence import CauseKind

HOUR_S, DAY_S = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class EarthquakeRule:
    """Which earthquakes count, and for how long.

    Below `least_magnitude` there is no cause. `intensity` is the shaking (modified Mercalli) at the edge of the
    cause's place, `location_km` how far off an epicentre may be, `lasts_s` how long after it networks fail.
    """

    least_magnitude: float
    intensity: float
    location_km: float
    lasts_s: int
    reason: str


EARTHQUAKES = EarthquakeRule(
    least_magnitude=5.0,
    intensity=6.0,
    location_km=10.0,
    lasts_s=8 * HOUR_S,
    reason="ShakeMap's scale puts light damage at intensity VI, which a shallow earthquake of magnitude 5 just "
    "reaches above its source. First epicentres are off by about 10 km. What loses its power goes on from "
    "batteries for hours; an aftershock is an event of its own",
)


@dataclass(frozen=True, slots=True)
class EventRule:
    """A type of event as GDACS lists them.

    `levels` are the alert levels at which it takes networks down, `radius_km` how far around its point (None: the
    point says too little, the countries that it names are meant), `after_s` how long after its last day.
    """

    name: str
    levels: frozenset[str]
    radius_km: float | None
    after_s: int
    reason: str


_HARMFUL = frozenset({"orange", "red"})
_ALL = _HARMFUL | {"green"}

#: By `gdacs:eventtype`. Of earthquakes, magnitude and depth decide and give the radius (`EARTHQUAKES`).
EVENTS: dict[str, EventRule] = {
    "EQ": EventRule(
        "earthquake",
        _ALL,
        None,
        EARTHQUAKES.lasts_s,
        "the level tells of people in need, not of shaking: magnitude and depth decide, as for USGS",
    ),
    "TS": EventRule("tsunami", _HARMFUL, 300.0, DAY_S, "a green one is a few centimetres of water at the coast"),
    "TC": EventRule(
        "tropical cyclone",
        _HARMFUL,
        None,
        DAY_S,
        "its point is where the eye is now, its countries are those on its way; a green one meets few people or "
        "winds that lines withstand",
    ),
    "FL": EventRule(
        "flood",
        _HARMFUL,
        100.0,
        DAY_S,
        "its point stands for a river basin; a green flood drowns fields, not exchanges",
    ),
    "VO": EventRule(
        "volcano",
        _HARMFUL,
        100.0,
        DAY_S,
        "ash and flows reach tens of kilometres, cables on the sea floor farther; a green one only smokes",
    ),
    "WF": EventRule(
        "wildfire",
        _HARMFUL,
        50.0,
        DAY_S,
        "lines and masts burn where the fire is; a green fire is in an empty place",
    ),
    "DR": EventRule(
        "drought",
        frozenset(),
        None,
        0,
        "it lasts for months and takes no network down; power that is rationed for want of water is a power cut, "
        "and is listed as one",
    ),
}


@dataclass(frozen=True, slots=True)
class UsualLength:
    """How long a cause of a list lasts where its end was not written down."""

    lasts_s: int
    reason: str


USUAL_LENGTHS: dict[CauseKind, UsualLength] = {
    "power": UsualLength(12 * HOUR_S, "most blackouts end within hours, large ones within a day"),
    "cable": UsualLength(
        7 * DAY_S, "a cable in the sea waits days for its ship, and traffic is rerouted meanwhile"
    ),
    "disaster": UsualLength(3 * DAY_S, "roads and power must come back before masts do"),
    "attack": UsualLength(DAY_S, "attacks on networks are filtered within hours, broken systems rebuilt in a day"),
    "maintenance": UsualLength(6 * HOUR_S, "a window of a night"),
    "war-damage": UsualLength(3 * DAY_S, "repair waits for a quiet day"),
    "technical": UsualLength(12 * HOUR_S, "a wrong configuration is found within hours"),
}
