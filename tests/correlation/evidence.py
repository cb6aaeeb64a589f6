"""Small makers of evidence for the tests of correlation, on a map of five places of Kazakhstan."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from topics import Blocking, Cause, Claim, CommonDrop, Coverage, Origin, Outage, Place, Protest

ZONE = "Asia/Almaty"
COUNTRY = Place(
    kind="country", country="KZ", name="Kazakhstan", latitude=48.0, longitude=67.0, radius_km=900.0, time_zone=ZONE
)
ALMATY_REGION = Place(
    kind="region", country="KZ", name="Almaty City", region="KAZ-4829", latitude=43.2892, longitude=76.9331,
    radius_km=9.7, time_zone=ZONE,
)  # fmt: skip
ALMATY = Place(
    kind="city", country="KZ", name="Almaty", region="KAZ-4829", city=1526384, latitude=43.2525, longitude=76.9115,
    radius_km=25.0, time_zone=ZONE,
)  # fmt: skip
ASTANA = Place(
    kind="region", country="KZ", name="Nur-Sultan", region="KAZ-4830", latitude=51.1504, longitude=71.4321,
    radius_km=14.0, time_zone=ZONE,
)  # fmt: skip
ATYRAU = Place(
    kind="city", country="KZ", name="Atyrau", region="KAZ-3198", city=610529, latitude=47.1048, longitude=51.8843,
    radius_km=20.0, time_zone="Asia/Atyrau",
)  # fmt: skip
#: Two thirds of its people live in the city.
ATYRAU_REGION = Place(
    kind="region", country="KZ", name="Atyrau", region="KAZ-3198", latitude=47.5255, longitude=52.1369,
    radius_km=188.9, time_zone="Asia/Atyrau",
)  # fmt: skip
NETWORK = Place(
    kind="network", country="KZ", name="Kazakhtelecom", network=9198, latitude=48.0, longitude=67.0,
    radius_km=900.0, time_zone=ZONE,
)  # fmt: skip

#: 28 February 2021, 14:00 in Almaty: 08:00 UTC.
START_S = 1_614_499_200
HOUR_S = 3_600
DAY_S = 86_400


def local(text: str, zone: str = ZONE) -> int:
    """Unix seconds of a local clock time."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def outage(
    key: str, place: Place = ALMATY_REGION, from_s: int = START_S, hours: float | None = 3, **more: Any
) -> Outage:
    given: dict[str, Any] = {"lineage": "ioda", "signals": ("ping-slash24",), "series": f"ioda/{key}"} | more
    return Outage(
        id=key,
        origin=Origin(source="ioda"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=None if hours is None else int(from_s + hours * HOUR_S),
        **given,
    )


def claim(key: str, place: Place = ALMATY, from_s: int = START_S, hours: float | None = 3, **more: Any) -> Claim:
    given: dict[str, Any] = {"lineage": key, "reporter": "organisation", "scope": "local", "extent": "full"} | more
    return Claim(
        id=key,
        report=key,
        origin=Origin(source="form"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=None if hours is None else int(from_s + hours * HOUR_S),
        **given,
    )


def day_claim(key: str, day: str, place: Place = ALMATY, days: int = 1, **more: Any) -> Claim:
    return claim(key, place, local(f"{day}T00:00"), days * 24, precision="day", **more)


def protest(key: str, day: str, place: Place = ALMATY, **more: Any) -> Protest:
    from_s = local(f"{day}T00:00")
    given: dict[str, Any] = {"lineage": key} | more
    return Protest(
        id=key,
        item=key,
        origin=Origin(source="news"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=from_s + DAY_S,
        precision="day",
        **given,
    )


def coverage(key: str, hours: str, place: Place = ALMATY_REGION, from_s: int = START_S, **more: Any) -> Coverage:
    given: dict[str, Any] = {"lineage": "ioda", "series": "ioda/x", "signal": "ping-slash24"} | more
    return Coverage(
        id=key,
        origin=Origin(source="ioda"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=from_s + len(hours) * HOUR_S,
        hours=hours,
        **given,
    )


def cause(key: str, place: Place = ALMATY_REGION, from_s: int = START_S, hours: float = 1, **more: Any) -> Cause:
    given: dict[str, Any] = {"lineage": key, "kind": "power"} | more
    return Cause(
        id=key,
        origin=Origin(source="news"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=int(from_s + hours * HOUR_S),
        **given,
    )


def common_drop(key: str, verdict: str, from_s: int = START_S, hours: float = 3, **more: Any) -> CommonDrop:
    given: dict[str, Any] = {"signals": ("ping-slash24",), "countries": ("BR", "FR", "KZ")} | more
    return CommonDrop(
        id=key,
        origin=Origin(source="watch"),
        country="KZ",
        place=COUNTRY,
        from_s=from_s,
        until_s=int(from_s + hours * HOUR_S),
        lineage="watch",
        verdict=cast(Literal["source-failure", "shared-cause"], verdict),
        drop=f"drop-{key}",
        **given,
    )


def blocking(
    key: str, place: Place = COUNTRY, from_s: int = START_S, hours: float | None = 24, **more: Any
) -> Blocking:
    given: dict[str, Any] = {"service": "whatsapp", "share": 0.9, "usual": 0.02, "tests": 400} | more
    return Blocking(
        id=key,
        origin=Origin(source="ooni"),
        country=place.country,
        place=place,
        from_s=from_s,
        until_s=None if hours is None else int(from_s + hours * HOUR_S),
        lineage=more.get("lineage", "ooni"),
        series=f"ooni/{place.key}/{given['service']}",
        **{name: value for name, value in given.items() if name != "lineage"},
    )
