"""Every source, once: what it gives, from what files and services, and what one must know to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from streams.sources.rows import Row

if TYPE_CHECKING:
    from streams.sources.polling import Live, Poller

#: Options that some sources need beside the files: name, and what to give.
OPTIONS = {
    "entity": "What the file measures, where it doesn't say: country/IR, region/KZ/NAME or asn/KZ/9198.",
    "entities": "An answer of IODA's /entities/query, which says in which countries regions are.",
    "mentions": "GDELT's file of mentions of the same 15 minutes.",
    "probes": "An answer of RIPE Atlas's /api/v2/probes/, which says where probes are.",
    "place": "Where it was, if the file doesn't say: a country's code, e.g. KZ.",
    "reporter": "Who writes there: individual, organisation, media, operator or government.",
    "name": "The organisation's name: all that it writes has one lineage.",
    "networks": "With --live: the largest networks of each country too, which together have this share of its "
    "addresses, such as 80%. Of chosen countries: --country, or --entity country/KZ.",
    "keep-text": "Keep texts in the records, without accounts, addresses and phone numbers; see docs/PRIVACY.md.",
}

#: Those of them that are yes or no.
FLAG_OPTIONS = frozenset({"keep-text"})

#: Those of them that only services are asked with.
LIVE_OPTIONS = frozenset({"networks"})

#: Those of them that are files.
FILE_OPTIONS = frozenset({"entities", "mentions", "probes"})


@dataclass(frozen=True, slots=True)
class Source:
    """A source. `reader` and `poller` are `module:function` under `streams.sources`, empty where there is none.

    `secrets` are the environment variables (or, with `_FILE` behind, files) that its service wants. `delay` is how
    long after the fact it tells, `coverage` what of the world it sees, `every` how often its service is asked. With
    `newest_only` its files list the newest: what is no longer in one is not taken back.
    """

    name: str
    title: str
    topics: tuple[str, ...]
    licence: str
    delay: str
    coverage: str
    reader: str = ""
    files: str = ""
    poller: str = ""
    every: str = ""
    secrets: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    newest_only: bool = False

    def read(self) -> Callable[..., Iterator[Row]]:
        """The function that reads its files."""
        found: Callable[..., Iterator[Row]] = _load(self.reader)
        return found

    def live(self) -> Callable[[Live], Poller]:
        """The function that makes its poller."""
        found: Callable[[Live], Poller] = _load(self.poller)
        return found

    def told(self) -> list[tuple[str, str]]:
        """All that is known of it, in words."""
        return [
            ("source", f"{self.name}: {self.title}"),
            ("topics", ", ".join(self.topics)),
            ("files", self.files or "none"),
            ("live", f"yes; asks every {self.every}" if self.poller else "no"),
            ("needs", ", ".join(self.secrets) or "nothing"),
            ("delay", self.delay),
            ("coverage", self.coverage),
            ("licence", self.licence),
        ]


def _load(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(f"streams.sources.{module}"), name)


_IODA_TERMS, _IODA_WORLD = "IODA's terms of use", "countries, regions, networks; the whole world"

SOURCES: tuple[Source, ...] = (
    Source(
        "ioda-signals",
        "IODA's signals: active probing, BGP, telescope, Google's traffic",
        ("measurements",),
        licence=_IODA_TERMS,
        coverage=_IODA_WORLD,
        delay="20 to 40 minutes",
        reader="ioda_signals:read",
        files="JSON (answers of /signals/raw), CSV (export of the dashboard)",
        options=("entity", "networks"),
        poller="ioda_live_signals:SignalsPoller",
        every="10 minutes",
    ),
    Source(
        "ioda-events",
        "IODA's outage events and alerts",
        ("evidence",),
        licence=_IODA_TERMS,
        coverage=_IODA_WORLD,
        delay="30 minutes",
        reader="ioda_events:read",
        files="JSON (answers of /outages/events and /outages/alerts)",
        options=("entities", "networks"),
        poller="ioda_live_events:EventsPoller",
        every="10 minutes",
    ),
    Source(
        "ioda-alerts",
        "IODA's own Kafka alerts",
        ("evidence",),
        licence=_IODA_TERMS,
        coverage=_IODA_WORLD,
        delay="minutes",
        reader="ioda_alerts:messages",
        files="JSON Lines (messages)",
        options=("entities",),
        poller="ioda_kafka:IodaKafkaPoller",
        every="15 seconds",
    ),
    Source(
        "ioda-outages",
        "Outages that IODA's team looked into by hand",
        ("evidence",),
        licence="with the paper 'Destination Unreachable', SIGCOMM 2023",
        delay="years",
        coverage="2018 and 2019",
        reader="ioda_outages:read",
        files="CSV",
    ),
    Source(
        "cloudflare-outages",
        "Cloudflare Radar's outage annotations and traffic anomalies",
        ("evidence",),
        licence="CC BY-NC 4.0",
        delay="annotations hours, anomalies 30 minutes",
        coverage="countries and networks with traffic to Cloudflare; annotations since 2021",
        reader="cloudflare_outages:read",
        files="JSON (answers of /radar/annotations/outages and /radar/traffic_anomalies)",
        poller="cloudflare_live:OutagesPoller",
        every="15 minutes",
        secrets=("CLOUDFLARE_API_TOKEN",),
    ),
    Source(
        "causes",
        "Other causes of outages: power cuts, cable faults, disasters, attacks, maintenance",
        ("evidence",),
        licence="the list's own",
        delay="the list's own",
        coverage="what the list covers",
        reader="causes:read",
        files="CSV, XLSX, Parquet (columns: docs/SOURCES.md), JSON (USGS's GeoJSON), XML (GDACS's RSS)",
    ),
    Source(
        "usgs",
        "The US Geological Survey's earthquakes",
        ("evidence",),
        licence="public domain, with credit to the US Geological Survey",
        delay="minutes; magnitudes change for hours",
        coverage="the whole world, magnitude 5 and above",
        reader="usgs:read",
        files="JSON (GeoJSON of its feeds and of /fdsnws/event/1/query)",
        poller="usgs_live:UsgsPoller",
        every="5 minutes",
        newest_only=True,
    ),
    Source(
        "gdacs",
        "GDACS's disasters: cyclones, floods, volcanoes, wildfires, tsunamis, earthquakes",
        ("evidence",),
        licence="free, with credit to GDACS and the European Union",
        delay="hours",
        coverage="the whole world, alerts of level orange and red",
        reader="gdacs:read",
        files="XML (RSS)",
        poller="gdacs_live:GdacsPoller",
        every="15 minutes",
        newest_only=True,
    ),
    Source(
        "cloudflare-netflows",
        "Cloudflare Radar's traffic of a country or network",
        ("measurements",),
        licence="CC BY-NC 4.0",
        delay="30 minutes",
        coverage="countries and networks with traffic to Cloudflare",
        reader="cloudflare_netflows:read",
        files="JSON (answers of /radar/netflows/timeseries)",
        options=("entity",),
        poller="cloudflare_live:NetflowsPoller",
        every="15 minutes",
        secrets=("CLOUDFLARE_API_TOKEN",),
    ),
    Source(
        "ooni",
        "OONI's counts of measurements, anomalies and confirmed blocking, by country, network and service",
        ("measurements",),
        licence="CC BY 4.0",
        delay="hours",
        coverage="wherever volunteers measure; few outside large countries",
        reader="ooni:read",
        files="JSON, CSV (answers of /aggregation by day or hour)",
        options=("entity",),
        poller="ooni_live:OoniPoller",
        every="hour",
    ),
    Source(
        "ooni-changepoints",
        "OONI's event detector: services blocked in networks",
        ("evidence",),
        licence="CC BY 4.0",
        delay="hours",
        coverage="networks and domains that volunteers test often",
        reader="ooni_changepoints:read",
        files="JSON (answers of /detector/changepoints)",
        poller="ooni_changepoints_live:ChangepointsPoller",
        every="hour",
        newest_only=True,
    ),
    Source(
        "ripe-atlas",
        "RIPE Atlas: probes connected, by country and network",
        ("measurements",),
        licence="RIPE Atlas's terms of service",
        delay="15 to 30 minutes",
        coverage="countries and networks with five probes or more; fixed lines",
        reader="atlas:read",
        files="JSON, JSON Lines (results of measurement 7000)",
        options=("probes",),
        poller="atlas_live:AtlasPoller",
        every="10 minutes",
    ),
    Source(
        "ihr",
        "The Internet Health Report's disconnections of RIPE Atlas probes",
        ("evidence",),
        licence="CC BY-NC-SA 4.0",
        delay="an hour or more",
        coverage="networks, countries and regions with probes",
        reader="ihr:read",
        files="JSON (answers of /disco/events)",
        poller="ihr_live:DisconnectionsPoller",
        every="hour",
        newest_only=True,
    ),
    Source(
        "ihr-delay",
        "The Internet Health Report's alarms of delay, counted by country and network",
        ("measurements",),
        licence="CC BY-NC-SA 4.0",
        delay="hours",
        coverage="places between which RIPE Atlas probes measure",
        reader="ihr:read_alarms",
        files="JSON (answers of /network_delay/alarms)",
        options=("entity",),
        poller="ihr_live:AlarmsPoller",
        every="hour",
    ),
    Source(
        "ripestat",
        "RIPEstat's BGP update activity of a network",
        ("measurements",),
        licence="RIPE NCC's terms of service",
        delay="hours",
        coverage="every network that RIPE's route collectors see",
        reader="ripestat:read",
        files="JSON (answers of bgp-update-activity)",
        options=("place", "entity"),
        poller="ripestat_live:RipestatPoller",
        every="hour",
    ),
    Source(
        "google-traffic",
        "Google's traffic to its own products, by country",
        ("measurements",),
        licence="Google's terms of service",
        delay="60 to 90 minutes",
        coverage="countries with much traffic; none where Google is blocked",
        reader="google_traffic:read",
        files="JSON (answers of its Transparency Report), CSV (time, value)",
        options=("entity",),
    ),
    Source(
        "monash",
        "The Monash IP Observatory's connectivity indices, by region",
        ("measurements",),
        licence="with the observatory's data sets, GPL-3.0",
        delay="none: shared afterwards",
        coverage="chosen countries and events",
        reader="monash:read",
        files="CSV",
    ),
    Source(
        "stop",
        "Access Now's #KeepItOn list of shutdowns (STOP)",
        ("reports",),
        licence="CC BY 4.0",
        delay="months",
        coverage="the whole world, 2016 until now; three schemas",
        reader="stop:read",
        files="CSV, XLSX, Parquet",
    ),
    Source(
        "telegram",
        "Telegram channels and groups, as Telegram Desktop exports them",
        ("reports", "news", "invalid"),
        licence="whose words they are: only place, time and kind are kept",
        delay="as they are exported",
        coverage="the channels that are exported; eighteen languages",
        reader="telegram:read",
        files="JSON (result.json)",
        options=("place", "reporter", "name", "keep-text"),
    ),
    Source(
        "feed",
        "RSS and Atom feeds of papers and organisations",
        ("reports", "news", "invalid"),
        licence="whose words they are: only place, time and kind are kept, and the link",
        delay="minutes",
        coverage="the feed that is given; eighteen languages",
        reader="feeds:read",
        files="XML (RSS, RDF, Atom), JSON Feed",
        poller="feeds:FeedPoller",
        every="5 minutes",
        newest_only=True,
        options=("place", "reporter", "name", "keep-text"),
    ),
    Source(
        "form",
        "Citizens' reports, as posted to `shutdowns serve-reports` or kept in files",
        ("reports", "invalid"),
        licence="the reporters': nothing of who they are is kept",
        delay="none",
        coverage="whoever reports",
        reader="forms:read",
        files="JSON Lines, JSON, CSV",
    ),
    Source(
        "pulse",
        "The Internet Society's Pulse tracker of shutdowns",
        ("reports",),
        licence="CC BY 4.0, with credit to the Internet Society",
        delay="a day or more",
        coverage="the whole world, since 2019",
        reader="pulse:read",
        files="JSON (its API's answers, its page's cards), CSV",
        poller="pulse_live:PulsePoller",
        every="hour",
        secrets=("PULSE_API_TOKEN",),
    ),
    Source(
        "gdelt",
        "GDELT 2.0's events: protests",
        ("news",),
        licence="free for any use, with credit to the GDELT Project",
        delay="15 to 30 minutes",
        coverage="the whole world, in 65 languages, since February 2015",
        reader="gdelt:read",
        files="CSV (*.export.CSV), zip or not; --mentions takes *.mentions.CSV",
        options=("mentions",),
        poller="gdelt_live:GdeltPoller",
        every="15 minutes",
    ),
    Source(
        "acled",
        "ACLED's events: demonstrations",
        ("news",),
        licence="ACLED's terms of use: an account, no passing on",
        delay="a week",
        coverage="the whole world, 1997 until now",
        reader="acled:read",
        files="CSV, XLSX (exports of any year), JSON (answers of /acled/read)",
        poller="acled_live:AcledPoller",
        every="hour",
        secrets=("ACLED_EMAIL", "ACLED_PASSWORD"),
    ),
    Source(
        "acled-weekly",
        "ACLED's weekly aggregates: demonstrations by region",
        ("news",),
        licence="ACLED's terms of use",
        delay="a week",
        coverage="the whole world, by first-level region",
        reader="acled_weekly:read",
        files="CSV, XLSX",
    ),
    Source(
        "mass-mobilization",
        "The Mass Mobilization Project's list of protests",
        ("news",),
        licence="CC0",
        delay="years",
        coverage="162 countries, 1990 to 2020, 50 people and more",
        reader="mass_mobilization:read",
        files="CSV",
    ),
)


def source_named(name: str) -> Source:
    """The source of that name.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    for source in SOURCES:
        if source.name == name:
            return source
    raise KeyError(f"no source {name!r}; there are {', '.join(source.name for source in SOURCES)}")


def as_markdown() -> str:
    """All of them as a table of docs/SOURCES.md."""
    lines = ["| source | what | topics | files | live | needs | delay | coverage | licence |", "|" + "---|" * 9]
    lines += [
        f"| `{one.name}` | {one.title} | {', '.join(one.topics)} | {one.files or '-'} "
        f"| {f'every {one.every}' if one.poller else '-'} "
        f"| {', '.join(f'`{name}`' for name in one.secrets) or '-'} "
        f"| {one.delay} | {one.coverage} | {one.licence} |"
        for one in SOURCES
    ]
    return "\n".join(lines) + "\n"
