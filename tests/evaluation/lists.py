"""Small lists in the published forms, made up: two countries, cuts on purpose in both."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from streams.evaluation import Lists

OUTAGES = [
    "ID", "Begin time", "End time", "Country", "IODA BGP visible by human", "IODA AP visible by human ",
    " IODA IBR visible by human", "Scope (based on granularity at which the outage appears in IODA)", "Region",
    "AS", "Cause", "Confirmation Status",
]  # fmt: skip
REPORTS = [
    "ID", "start_date", "end_date ", "Info_source ", "news_link ", "country ", "geo_scope", "area_name ",
    "ordered_by ", "affected_network", "full or service-based", "actual_cause", "an_link",
]  # fmt: skip
PROTESTS = [
    "id", "country", "location", "participants_category", "participants", "protesteridentity", "start_date",
    "end_date",
]  # fmt: skip


def _moment(moment: dt.datetime) -> str:
    return f"{moment:%A, %B} {moment.day}, {moment.year}, {moment:%I:%M:%S %p}"


def outage_row(key: str, country: str, begin: str, hours: float, cause: str) -> list[str]:
    first = dt.datetime.fromisoformat(begin)
    times = [_moment(first), _moment(first + dt.timedelta(hours=hours))]
    return [key, *times, country, "TRUE", "TRUE", "TRUE", "Country", "", "", cause, "Confirmed"]


def report_row(key: str, country: str, first: str, last: str) -> list[str]:
    link, where = f"https://example.org/{key}", (country, "Level 3", "nationwide")
    return [key, first, last, "News", link, *where, "", "Broadband Internet", "Full", "", ""]


def write(path: Path, header: list[str], rows: Iterable[list[str]]) -> Path:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def small_lists(folder: Path, cause: str | None = None) -> Lists:
    """Lists in a folder. Benin is cut on two days and loses a cable, Gabon is cut once and has a power failure;
    `cause` stands in for all causes."""
    outages = [
        outage_row("B1", "Benin", "2019-04-28 10:00", 20, cause or "Government-Ordered"),
        outage_row("B2", "Benin", "2019-04-29 10:00", 5, cause or "Government-Ordered"),
        outage_row("B3", "Benin", "2018-11-18 09:35", 2, cause or "Cable-Cut"),
        outage_row("G1", "Gabon", "2019-01-07 07:00", 28, cause or "Exams "),
        outage_row("G2", "Gabon", "2018-06-07 03:13", 1, cause or "Unknown"),
    ]
    reports = [
        report_row("1", "Benin", "2019-04-28", "2019-04-29"),
        report_row("2", "Gabon", "2019-01-07", "2019-01-08"),
        report_row("3", "Gabon", "2018-02-01", "2018-02-02"),
    ]
    protests = [["1", "Gabon", "Libreville", "100-999", "200", "students", "2019-01-07", "2019-01-07"]]
    return Lists(
        (write(folder / "reports.csv", REPORTS, reports),),
        (write(folder / "outages.csv", OUTAGES, outages),),
        (write(folder / "protests.csv", PROTESTS, [[*row] for row in protests]),),
    )
