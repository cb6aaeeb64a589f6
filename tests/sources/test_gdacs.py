"""GDACS's disasters as causes: types, alert levels and places of its RSS; what is damaged, and what is hostile."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from streams import limits
from streams.sources import SourceError, causes, gdacs, usgs
from streams.sources.cause_rules import DAY_S, EARTHQUAKES, EVENTS
from streams.sources.rows import Row
from tests.sources.published import accepted, reasons, records, rejected
from topics import EVIDENCE, Cause, decode, encode

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" '
    'xmlns:gdacs="http://www.gdacs.org" xmlns:georss="http://www.georss.org/georss"><channel>'
    "<title>GDACS RSS information</title>"
)
CYCLONE = {
    "title": "Orange alert for tropical cyclone FREDDY-23",
    "link": "https://www.gdacs.org/report.aspx?eventtype=TC&eventid=1000958",
    "pubDate": "Sun, 12 Mar 2023 06:00:00 GMT",
    "gdacs:iscurrent": "true",
    "gdacs:fromdate": "Mon, 06 Mar 2023 00:00:00 GMT",
    "gdacs:todate": "Sun, 12 Mar 2023 00:00:00 GMT",
    "georss:point": "-17.9 36.9",
    "gdacs:eventtype": "TC",
    "gdacs:alertlevel": "Orange",
    "gdacs:eventid": "1000958",
    "gdacs:episodeid": "40",
    "gdacs:severity": "Tropical Cyclone (maximum wind speed of 176 km/h)",
    "gdacs:iso3": "MOZ",
    "gdacs:country": "Mozambique, Malawi",
}
FLOOD = CYCLONE | {
    "title": "Red flood alert in Pakistan",
    "gdacs:eventtype": "FL",
    "gdacs:alertlevel": "Red",
    "gdacs:eventid": "1101635",
    "georss:point": "27.0 68.0",
    "gdacs:iso3": "PAK",
    "gdacs:country": "Pakistan",
}
QUAKE = CYCLONE | {
    "title": "Green earthquake alert (Magnitude 6M, Depth:10km) in Colombia",
    "gdacs:eventtype": "EQ",
    "gdacs:alertlevel": "Green",
    "gdacs:eventid": "1199475",
    "gdacs:fromdate": "Tue, 24 Dec 2019 19:03:51 GMT",
    "gdacs:todate": "Tue, 24 Dec 2019 19:03:51 GMT",
    "georss:point": "3.5 -74.2",
    "gdacs:severity": "Magnitude 6M, Depth:10km",
    "gdacs:iso3": "COL",
    "gdacs:country": "Colombia",
}
VALUES = {"TC": "175.9", "FL": "0", "EQ": "6"}


def item(fields: dict[str, str], value: str | None = None) -> str:
    """An item; `value` is the severity's, left out where it is empty."""
    number = VALUES.get(fields.get("gdacs:eventtype", ""), "1") if value is None else value
    attribute = f' unit="x" value="{escape(number)}"' if number else ""
    tags = (
        f"<{name}{attribute if name == 'gdacs:severity' else ''}>{escape(text)}</{name}>"
        for name, text in fields.items()
    )
    return f"<item>{''.join(tags)}</item>"


def feed(*items: str) -> bytes:
    return f"{HEAD}{''.join(items)}</channel></rss>".encode()


def rows(tmp_path: Path, *items: str) -> list[Row]:
    path = tmp_path / "rss.xml"
    path.write_bytes(feed(*items))
    return list(gdacs.read(path))


def events(tmp_path: Path, *items: str) -> list[Cause]:
    found = records(rows(tmp_path, *items))
    assert all(decode(EVIDENCE, encode(one)) == one for one in found)
    return found


def test_a_cyclone_is_somewhere_in_the_countries_that_it_names(tmp_path: Path) -> None:
    found = events(tmp_path, item(CYCLONE))
    assert [(one.id, one.place.kind, one.place.approximate) for one in found] == [
        ("gdacs/TC1000958/MZ", "country", True),
        ("gdacs/TC1000958/MW", "country", True),
    ]
    cause = found[0]
    assert (cause.kind, cause.title, cause.magnitude) == ("disaster", CYCLONE["title"], 175.9)
    assert (cause.from_s, cause.until_s) == (1_678_060_800, 1_678_579_200 + DAY_S)
    assert (cause.lineage, cause.origin.reference) == ("gdacs", CYCLONE["link"])


def test_a_flood_is_around_its_point(tmp_path: Path) -> None:
    (found,) = events(tmp_path, item(FLOOD))
    assert (found.country, found.place.kind, found.place.radius_km) == ("PK", "point", EVENTS["FL"].radius_km)
    assert (found.place.latitude, found.place.longitude, found.magnitude) == (27.0, 68.0, None)


def test_a_point_in_the_older_form(tmp_path: Path) -> None:
    older = {name: text for name, text in FLOOD.items() if name != "georss:point"}
    inner = "<geo:Point><geo:lat>27.0</geo:lat><geo:long>68.0</geo:long></geo:Point></item>"
    (found,) = events(tmp_path, item(older).replace("</item>", inner))
    assert (found.place.latitude, found.place.longitude) == (27.0, 68.0)
    (found,) = events(tmp_path, item(older))
    assert (found.place.key, found.place.approximate) == ("PK", True)


def test_earthquakes_are_those_of_usgs_and_judged_as_they_are(tmp_path: Path) -> None:
    (found,) = events(tmp_path, item(QUAKE))
    assert (found.lineage, found.magnitude, found.place.radius_km) == ("usgs", 6.0, 25.1)
    assert found.until_s == found.from_s + EARTHQUAKES.lasts_s
    deep = QUAKE | {"gdacs:severity": "Magnitude 6M, Depth:350.5km"}
    assert reasons(rows(tmp_path, item(deep), item(QUAKE, "4.9"))) == {usgs.TOO_WEAK: 2}
    (row,) = rejected(rows(tmp_path, item(QUAKE | {"georss:point": "0.0 -30.0"})))
    assert row.reason == usgs.AT_SEA


@pytest.mark.parametrize("kind", sorted(EVENTS))
@pytest.mark.parametrize("level", ["Green", "Orange", "Red"])
def test_levels_take_networks_down_as_the_rules_say(tmp_path: Path, kind: str, level: str) -> None:
    one = item(FLOOD | {"gdacs:eventtype": kind, "gdacs:alertlevel": level}, "7.0")
    assert bool(events(tmp_path, one)) == (level.casefold() in EVENTS[kind].levels)
    assert EVENTS[kind].reason


def test_no_drought_takes_a_network_down(tmp_path: Path) -> None:
    drought = FLOOD | {"gdacs:eventtype": "DR"}
    assert reasons(rows(tmp_path, item(drought))) == {gdacs.TOO_WEAK: 1}


def test_a_later_edition_is_a_revision(tmp_path: Path) -> None:
    (first,) = events(tmp_path, item(FLOOD))
    (later,) = events(tmp_path, item(FLOOD | {"gdacs:todate": "Wed, 15 Mar 2023 00:00:00 GMT"}))
    assert (first.id, first.revision < later.revision) == (later.id, True)
    assert (later.until_s or 0) - (first.until_s or 0) == 3 * DAY_S


@pytest.mark.parametrize(
    ("changed", "value", "words"),
    [
        ({"gdacs:eventid": ""}, None, "`gdacs:eventid`"),
        ({"gdacs:eventid": "1/../2"}, None, "`gdacs:eventid`"),
        ({"gdacs:eventtype": "XX"}, None, "`gdacs:eventtype` is none of EQ, TS"),
        ({"gdacs:alertlevel": "Purple"}, None, "`gdacs:alertlevel` is none of Green, Orange, Red"),
        ({"gdacs:fromdate": "yesterday"}, None, "`gdacs:fromdate` can't be read"),
        ({"gdacs:fromdate": ""}, None, "`gdacs:fromdate` can't be read"),
        ({"gdacs:todate": "soon"}, None, "`gdacs:todate` can't be read"),
        ({"georss:point": "here"}, None, "`georss:point`"),
        ({"georss:point": "127.0 68.0"}, None, "`georss:point`"),
        ({"georss:point": "nan 68.0"}, None, "`georss:point`"),
        ({"gdacs:eventtype": "EQ"}, "", "`gdacs:severity` has no `value`"),
        ({"gdacs:eventtype": "EQ"}, "strong", "`gdacs:severity` has no `value`"),
        ({"georss:point": "", "gdacs:iso3": "", "gdacs:country": "Atlantis"}, None, "`gdacs:country`"),
    ],
)
def test_items_that_are_refused_say_why_and_the_rest_goes_on(
    tmp_path: Path, changed: dict[str, str], value: str | None, words: str
) -> None:
    found = rows(tmp_path, item(FLOOD | changed, value), item(FLOOD))
    (reason,) = reasons(found)
    assert words in reason
    assert [row.number for row in accepted(found)] == [2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>503</body></html>", "is no RSS"),
        (b"<rss><channel><item><title>News</title></item></channel></rss>", "no feed of GDACS"),
        (feed(item(FLOOD))[:-30], "no XML, or damaged"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>&a;</rss>', "declares entities"),
        (b'<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', "declares entities"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "no known encoding|no XML"),
    ],
)
def test_documents_that_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "rss.xml"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words):
        list(causes.read(path))


def test_a_huge_feed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEED_BYTES", 2_000)
    with pytest.raises(SourceError, match="more than 2,000 bytes"):
        rows(tmp_path, *[item(FLOOD)] * 20)


def test_a_feed_without_events(tmp_path: Path) -> None:
    assert rows(tmp_path) == []
