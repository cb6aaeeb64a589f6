"""The inputs of each stage: reports and news of real places, evidence of a country, frames, drops of countries."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.correlation import made
from benchmarks.kafka_detection.job import Shape, encoded
from streams.geography import tables
from topics import (
    DROPS,
    EVIDENCE,
    MEASUREMENTS,
    NEWS,
    REPORTS,
    Drop,
    NewsItem,
    Origin,
    Report,
    Reporter,
    Topic,
    encode,
)

Row = tuple[bytes, bytes]

#: Frames by how many series and how many values of each they bring: rates between these are worked out from them.
FRAMES = (
    Shape("1 x 1", 1, 1, 500, 40, 0, "points/s"),
    Shape("1 x 144", 1, 144, 1_000, 8, 0, "points/s"),
    Shape("50 x 1", 50, 1, 5_000, 72, 0, "points/s"),
    Shape("50 x 144", 50, 144, 5_000, 10, 0, "points/s"),
)


@dataclass(frozen=True, slots=True)
class Input:
    """What one run reads: its stage, its topic, the records, and what is counted as so many points."""

    name: str
    stage: str
    topic: Topic
    rows: list[Row]
    points: int


def inputs(records: int, only: tuple[str, ...]) -> Iterator[Input]:
    """The inputs of the stages asked for."""
    if "detect" in only:
        for shape in FRAMES:
            yield Input(f"detect {shape.name}", "detect", MEASUREMENTS, list(encoded(shape)), shape.points)
    if "claims" in only:
        yield Input("claims", "claims", REPORTS, list(reports(records)), records)
    if "protests" in only:
        yield Input("protests", "protests", NEWS, list(news(records)), records)
    if "correlate" in only:
        pieces = [(b"IN", value) for value in made(records)]
        yield Input("correlate", "correlate", EVIDENCE, pieces, len(pieces))
    if "watch" in only:
        yield Input("watch", "watch", DROPS, list(drops(records)), records)


def drops(count: int, a_day: int = 1_000) -> Iterator[Row]:
    """Drops of the world's countries, so many a day: many times what there is, and some of them at one moment."""
    rng = random.Random(7)  # noqa: S311 - records to measure with
    countries, at_s = sorted(tables.countries()), 1_600_000_000.0
    for number in range(count):
        at_s += rng.expovariate(a_day / 86_400)
        country, signal = rng.choice(countries), rng.choice(("bgp", "bgp", "bgp", "ping-slash24", "merit-nt"))
        from_s = int(at_s) // 300 * 300
        drop = Drop(
            id=f"outage/{country}/ioda/country/{country}/{signal}/{from_s}/{number}",
            source="ioda",
            signals=(signal,),
            lineage="ioda",
            country=country,
            from_s=from_s,
            until_s=from_s + rng.choice((600, 1_200, 3_600, 7_200)),
        )
        yield DROPS.key(drop).encode(), encode(drop)


def cities(rng: random.Random) -> Iterator[tuple[str, str, float, float]]:
    """Cities of the world for ever: name, country, latitude and longitude."""
    known = tables.gazetteer()
    rows = [row for row, kind in enumerate(known.kind) if kind == tables.CITY and known.population[row] > 20_000]
    while True:
        place = known.place(rng.choice(rows))
        if place.latitude is not None and place.longitude is not None:
            yield place.name, place.country, place.latitude, place.longitude


def day(rng: random.Random) -> str:
    return (dt.date(2019, 1, 1) + dt.timedelta(days=rng.randrange(365))).isoformat()


def reports(count: int) -> Iterator[Row]:
    """Reports of a year as trackers and media write them."""
    rng = random.Random(1)  # noqa: S311 - the same ones each time
    where = cities(rng)
    for number in range(count):
        name, country, _, _ = next(where)
        record = Report(
            id=f"made/{number}",
            origin=Origin(source="made", reference=f"https://example.org/{number}"),
            reporter=Reporter(kind="media", name=f"Paper {rng.randrange(200)}"),
            country=country,
            places=(name,),
            start=day(rng),
            extent="full",
            text=f"Residents of {name} say that mobile internet has been down since the morning, number {number}.",
        )
        yield record.id.encode(), encode(record)


def news(count: int) -> Iterator[Row]:
    """Coded events of protests as GDELT gives them: a place's name with its coordinates."""
    rng = random.Random(2)  # noqa: S311 - the same ones each time
    where = cities(rng)
    for number in range(count):
        name, country, lat, lon = next(where)
        record = NewsItem(
            id=f"made/{number}",
            origin=Origin(source="made", reference=f"https://example.org/{number}"),
            country=country,
            places=(name,),
            latitude=lat,
            longitude=lon,
            geo_precision="city",
            start=day(rng),
            title=f"Protest in {name}",
        )
        yield record.id.encode(), encode(record)
