"""Generated histories: evidence of every kind, revised and withdrawn, over five places and as many weeks.

They hold what bites: outages that bridge others (merges), pieces that move or are taken back, pieces with no end,
dates only, claims over the days on which clocks change, crowds of individuals, copies, silence of weeks; claims of
two months, those that go on, are announced, denied, or leave places out; cuts that recur at one hour; causes near
them, a source that fails in many countries, and measured blocking of services. Arrival is any order: evidence up to
13 days late, and later still.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from tests.correlation.evidence import (
    ALMATY,
    ALMATY_REGION,
    ASTANA,
    COUNTRY,
    DAY_S,
    HOUR_S,
    NETWORK,
    START_S,
    blocking,
    cause,
    claim,
    common_drop,
    coverage,
    day_claim,
    outage,
    protest,
)
from topics import Evidence, Place

#: Kazakhstan's east by a clock that changes: the last Sunday of March 2021 has 23 hours there.
ON_SUMMER_TIME: Place = msgspec.structs.replace(ALMATY, time_zone="Europe/Helsinki")

PLACES = st.sampled_from([COUNTRY, ALMATY_REGION, ALMATY, ASTANA, ON_SUMMER_TIME])
#: Another network of the country.
OTHER_NETWORK: Place = msgspec.structs.replace(NETWORK, name="Beeline", network=21299)
HOURS = st.sampled_from([1, 2, 24, 240])
DAYS = st.integers(20, 28).map(lambda day: f"2021-02-{day}") | st.sampled_from(["2021-03-27", "2021-03-28"])
BEGINS = st.integers(0, 40).map(lambda step: START_S - 9 * DAY_S + step * 6 * HOUR_S) | st.integers(0, 4).map(
    lambda step: START_S + 26 * DAY_S + step * 12 * HOUR_S
)
LINEAGES = st.sampled_from(["ioda", "a", "b", "c"])
EXTENTS = st.sampled_from(["full", "service", None])
REPORTERS = st.sampled_from(["organisation", "individual", "individual", "media", "government"])
RELEASE = "an internet shutdown was detected in two major cities on february 28 from about two to five"
ATTRIBUTIONS = st.sampled_from(["unknown", "unknown", "ordered", "technical", "announced", "denied"])
SERVICES = st.sampled_from([(), ("whatsapp",), ("social-media",), ("sms",), ("whatsapp", "twitter")])
DEPTHS = st.sampled_from([None, 0.05, 0.6, 0.97])
WORDINGS = st.sampled_from([None, RELEASE, f"we quote {RELEASE}", "other words of the same length " * 4])


@st.composite
def pieces(draw: st.DrawFn, key: str) -> Evidence:
    place = draw(PLACES)
    kinds = ["outage", "outage", "claim", "claim", "days", "coverage", "protest"]
    kinds += ["cause", "common drop", "blocking"]
    match draw(st.sampled_from(kinds)):
        case "outage":
            more: dict[str, Any] = {
                "severity": draw(st.sampled_from(["warning", "critical"])),
                "signals": (draw(st.sampled_from(["bgp", "ping-slash24"])),),
                "ratio_min": draw(DEPTHS),
            }
            return outage(key, place, draw(BEGINS), draw(HOURS | st.none()), **more)
        case "claim":
            reporter = draw(REPORTERS)
            lineage = key if reporter == "individual" else draw(LINEAGES)
            told = {
                "lineage": lineage,
                "extent": draw(EXTENTS),
                "reporter": reporter,
                "wording": draw(WORDINGS),
                "attribution": draw(ATTRIBUTIONS),
                "services": draw(SERVICES),
                "ongoing": draw(st.booleans()),
                "partial": draw(st.booleans()),
                "excluded": draw(st.sampled_from([(), (), (ASTANA,)])) if place is COUNTRY else (),
            }
            return claim(key, place, draw(BEGINS), draw(HOURS | st.none()), **told)
        case "days":
            days = draw(st.sampled_from([1, 1, 3, 9, 60]))
            return day_claim(key, draw(DAYS), place, days, lineage=draw(LINEAGES))
        case "coverage":
            letters = draw(st.sampled_from(["n" * 24, "nnnnddnnnn", "m" * 24, "n" * 12]))
            signal = draw(st.sampled_from(["ping-slash24", "bgp", "gtr"]))
            seen = {
                "signal": signal,
                "series": f"ioda/{place.key}/{signal}",
                "step_s": draw(st.sampled_from([None, 86_400])),
            }
            return coverage(key, letters, place, draw(BEGINS), **seen)
        case "cause":
            return cause(key, place, draw(BEGINS), draw(HOURS))
        case "common drop":
            verdict = draw(st.sampled_from(["source-failure", "shared-cause"]))
            return common_drop(key, verdict, draw(BEGINS), draw(HOURS), source="ioda")
        case "blocking":
            tested = {
                "service": draw(st.sampled_from([None, "whatsapp", "twitter"])),
                "share": draw(st.sampled_from([0.2, 0.9])),
                "confirmed": draw(st.booleans()),
                "lineage": draw(st.sampled_from(["ooni", "a"])),
            }
            where = draw(st.sampled_from([COUNTRY, COUNTRY, NETWORK, OTHER_NETWORK]))
            return blocking(key, where, draw(BEGINS), draw(HOURS | st.none()), **tested)
    return protest(key, draw(DAYS), place)


@st.composite
def revised(draw: st.DrawFn, piece: Evidence) -> Evidence:
    if draw(st.booleans()):
        return msgspec.structs.replace(piece, revision=1, withdrawn=True)
    until_s = None if piece.until_s is None else piece.until_s + 3 * HOUR_S
    return msgspec.structs.replace(piece, revision=1, from_s=piece.from_s + 3 * HOUR_S, until_s=until_s)


@st.composite
def campaigns(draw: st.DrawFn) -> list[Evidence]:
    """Drops of one place on three days at one hour, others that fit in, break the pattern or swallow some, and
    claims of one day and of many; revisions follow at the end."""
    minutes = st.sampled_from([0, 0, 0, -30, 30, -90, 300])
    days = st.sampled_from([0, 0, 1, 2, 3, 46])
    drops = [outage(f"day-{day}", from_s=START_S + day * DAY_S) for day in range(3)]
    for number in range(draw(st.integers(0, 4))):
        more: dict[str, Any] = {
            "severity": draw(st.sampled_from(["warning", "critical"])),
            "signals": draw(st.sampled_from([("ping-slash24",), ("bgp", "ping-slash24")])),
        }
        begin_s = START_S + draw(days) * DAY_S + draw(minutes) * 60
        place = draw(st.sampled_from([ALMATY_REGION, ALMATY, COUNTRY]))
        drops.append(outage(f"drop-{number}", place, begin_s, draw(st.sampled_from([2, 3, 30])), **more))
    claims = [
        claim(
            f"claim-{number}",
            draw(st.sampled_from([ALMATY, ALMATY_REGION, COUNTRY])),
            START_S + draw(days) * DAY_S,
            draw(st.sampled_from([1, 3, 24, 480])),
            lineage=draw(LINEAGES),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    found: list[Evidence] = [*drops, *claims]
    if draw(st.booleans()):
        found.append(common_drop("failure", "source-failure", START_S + draw(days) * DAY_S, source="ioda"))
    later = [draw(revised(piece)) for piece in found if draw(st.integers(0, 5)) == 0]
    return found + later


@st.composite
def histories(draw: st.DrawFn, most: int = 14) -> list[Evidence]:
    """Evidence in the order in which it was made; revisions follow at the end."""
    found = [draw(pieces(f"e{number}")) for number in range(draw(st.integers(1, most)))]
    later = [draw(revised(piece)) for piece in found if draw(st.integers(0, 3)) == 0]
    return found + later
