"""Three months of a small world, and the doubles of all live services that tell of it.

What happens: a cut of two hours, one of twenty days, one that grows, one that is told late, and one at whose begin
values are missing. Services fail for seconds, hours and days, and the processes that ask them are killed, are away
for days and start again. `python -m tests.sources.simulated_world` runs it and prints the tables of
docs/SERVICES.md.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from streams.pipeline import Offline
from streams.sources.acled_live import AcledPoller
from streams.sources.atlas_live import AtlasPoller
from streams.sources.cloudflare_live import NetflowsPoller, OutagesPoller
from streams.sources.entities import named
from streams.sources.feeds import FeedPoller
from streams.sources.gdacs_live import GdacsPoller
from streams.sources.gdelt_live import GdeltPoller
from streams.sources.ihr_live import AlarmsPoller, DisconnectionsPoller
from streams.sources.ioda_live_events import EventsPoller
from streams.sources.ioda_live_signals import SignalsPoller
from streams.sources.ooni_changepoints_live import ChangepointsPoller
from streams.sources.ooni_live import OoniPoller
from streams.sources.points import iso
from streams.sources.polling import Live, Poller
from streams.sources.pulse_live import PulsePoller
from streams.sources.ripestat_live import RipestatPoller
from streams.sources.usgs_live import UsgsPoller
from tests.sources.acled_fake import EMAIL, PASSWORD, Acled
from tests.sources.atlas_fake import Atlas
from tests.sources.fake import HTML, Answer, Polled, Request, Route, answered
from tests.sources.gdelt_fake import Archive, name
from tests.sources.ihr_fake import Ihr, stamp
from tests.sources.ioda_fake import World
from tests.sources.netflows_fake import Netflows, flow
from tests.sources.ooni_changepoints_fake import Changepoints
from tests.sources.ooni_fake import Ooni
from tests.sources.pulse_fake import Pulse
from tests.sources.radar_fake import Radar
from tests.sources.ripestat_fake import Ripestat
from tests.sources.test_cloudflare import ANNOTATION
from tests.sources.test_gdacs import FLOOD, feed, item
from tests.sources.test_gdelt import line
from tests.sources.test_pulse import CARD
from tests.sources.test_usgs import collection, feature
from topics import Shutdown, topic_named

HOUR, DAY = 3_600, 86_400

#: The first day, a Monday; a week before it is asked for, too.
BEGIN = 1_764_547_200  # 2025-12-01
DAYS = 92

#: Days at the end in which no service fails for long and nobody is away.
CALM = 4


@dataclass(frozen=True)
class Cut:
    """A cut of a country or region: what is left of its traffic from each hour after its begin on."""

    name: str
    country: str
    code: str
    place: str
    begin_s: int
    hours: int
    left: Mapping[int, float]
    #: For so long after its begin values are missing for good; and so long after the fact all of it is told.
    missing_s: int = 0
    late_s: int = 0

    @property
    def end_s(self) -> int:
        return self.begin_s + self.hours * HOUR

    def share(self, at: int) -> float:
        """What is left at a time, 1 outside of it."""
        if not self.begin_s <= at < self.end_s:
            return 1.0
        return self.left[max(hour for hour in self.left if hour * HOUR <= at - self.begin_s)]


CUTS = (
    Cut("2 hours", "KZ", "KZ", "Kazakhstan", BEGIN + 20 * DAY + 10 * HOUR, 2, {0: 0.02}),
    Cut("20 days", "TO", "TO", "Tonga", BEGIN + 30 * DAY + 6 * HOUR, 20 * 24, {0: 0.03}),
    Cut("growing", "TR", "4107", "Izmir", BEGIN + 55 * DAY + 12 * HOUR, 36, {0: 0.6, 6: 0.3, 12: 0.05}),
    Cut("late", "KZ", "2088", "Almaty City", BEGIN + 65 * DAY + 14 * HOUR, 6, {0: 0.05}, late_s=5 * HOUR),
    Cut("missing", "KZ", "2077", "Atyrau", BEGIN + 75 * DAY + 8 * HOUR, 24, {0: 0.05}, missing_s=10 * HOUR),
)
OF_COUNTRY = {"2088": "KZ", "2077": "KZ", "4107": "TR"}

#: WhatsApp was blocked in a network of Iran: from, until.
BLOCKED = (BEGIN + 40 * DAY + 3 * HOUR, BEGIN + 48 * DAY + 9 * HOUR)

#: RIPE Atlas's probes: so many of each country, all of them in its largest network.
PROBES = {"KZ": (9198, 12), "TO": (38_201, 8), "TR": (9121, 30)}


def share(code: str, at: int) -> float:
    """What is left of a country's or region's traffic at a time."""
    found = 1.0
    for cut in CUTS:
        if cut.code in (code, OF_COUNTRY.get(code)):
            found = min(found, cut.share(at))
    return found


@dataclass
class Process:
    """A source's process: its poller, how often it asks, its cursors, and how it has fared."""

    source: str
    polled: Polled
    every_h: int
    rounds: int = 0
    failed: int = 0
    kills: int = 0
    down: int = 0
    away: int = 0
    requests: int = 0
    records: int = 0


@dataclass
class Simulated:
    """The world and its services; `run` lets the time pass and returns what was published, in order."""

    seed: int = 7
    now_s: int = BEGIN
    #: Each source is asked so many times more seldom, to spare time.
    seldom: int = 1
    published: list[tuple[str, Any]] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.ioda = World(self.now_s, value=self._value, signals=("bgp", "ping-slash24", "gtr"))
        self.radar, self.pulse, self.acled = Radar(), Pulse(), Acled()
        self.ooni, self.gdelt = Ooni(), Archive(self.now_s)
        self.atlas, self.ihr, self.changepoints = self._connections(), self._health(), Changepoints()
        self.ripestat = Ripestat(updates=lambda _, at: int(40 * share("KZ", at)))
        self.gdelt.rows = self._protests
        entities = [named("country/KZ"), named("country/TO")]
        every: tuple[tuple[str, Callable[[Live], Poller], int, Mapping[str, Route], dict[str, Any]], ...] = (
            ("ioda-signals", SignalsPoller, 2, self.ioda.routes(), {}),
            ("ioda-events", EventsPoller, 1, self.ioda.routes(), {}),
            ("cloudflare-outages", OutagesPoller, 3, self.radar.routes(), {}),
            ("cloudflare-netflows", NetflowsPoller, 6, self._netflows().routes(), {"entities": entities}),
            ("ooni", OoniPoller, 6, self.ooni.routes(), {}),
            ("ripestat", RipestatPoller, 6, self.ripestat.routes(), {"entities": [named("asn/KZ/9198")]}),
            ("pulse", PulsePoller, 6, self.pulse.routes(), {}),
            ("gdelt", GdeltPoller, 6, self.gdelt.routes(), {}),
            ("acled", AcledPoller, 6, self.acled.routes(), {}),
            ("usgs", UsgsPoller, 6, {"/": self._earthquakes}, {}),
            ("gdacs", GdacsPoller, 12, {"/": lambda _: feed(item(FLOOD))}, {}),
            ("feed", FeedPoller, 6, {"/": self._feed}, {"options": {"name": "A paper"}}),
            ("ripe-atlas", AtlasPoller, 3, self.atlas.routes(), {}),
            ("ihr", DisconnectionsPoller, 6, self.ihr.routes(), {}),
            ("ihr-delay", AlarmsPoller, 6, self.ihr.routes(), {}),
            ("ooni-changepoints", ChangepointsPoller, 6, self.changepoints.routes(), {}),
        )
        secrets = {
            "CLOUDFLARE_API_TOKEN": "cf-hush",
            "PULSE_API_TOKEN": "isoc-hush",
            "ACLED_EMAIL": EMAIL,
            "ACLED_PASSWORD": PASSWORD,
        }
        for source, make, every_h, routes, given in every:
            live = Live(url=f"https://{source}.example", secrets=secrets, **given)
            polled = Polled(make, live, transport=Service(routes, self.dice))
            self.processes.append(Process(source, polled, every_h * self.seldom))

    # -------------------------------------------------------------- what services know

    def _value(self, datasource: str, code: str, at: int) -> float | None:
        for cut in CUTS:
            if cut.code == code and at - cut.begin_s in range(cut.missing_s):
                return None
            if cut.code == code and cut.begin_s <= at < cut.end_s and at > self.now_s - cut.late_s:
                return None
        usual = {"bgp": 800, "ping-slash24": 520, "gtr": 900 + 300 * ((at // HOUR) % 24) / 24}[datasource]
        return round(usual * share(code, at) + (at // 300 + len(code)) % 7, 3)

    def _netflows(self) -> Netflows:
        return Netflows(value=lambda of, at: flow(at) * share(of, at))

    @staticmethod
    def _connections() -> Atlas:
        """Probes that go with the cuts of whole countries; and one that comes and goes every day."""
        atlas = Atlas(BEGIN)
        for country, (asn, size) in PROBES.items():
            atlas.probes |= {asn * 100 + at: (country, asn) for at in range(size)}
        for cut in CUTS[:2]:
            asn, size = PROBES[cut.country]
            atlas.out((asn * 100 + at for at in range(1, size)), cut.begin_s, cut.end_s)
        for day in range(DAYS):
            atlas.out([PROBES["TR"][0] * 100], BEGIN + day * DAY + 5 * HOUR, BEGIN + day * DAY + 6 * HOUR)
        return atlas

    @staticmethod
    def _health() -> Ihr:
        """A few alarms of delay from Almaty, every day at other hours."""
        ihr = Ihr()
        for day in range(DAYS):
            ihr.alarm(BEGIN + day * DAY + day * 5 % 24 * HOUR)
        return ihr

    def _blocking(self) -> None:
        """The event detector finds each change a day later."""
        for at, direction in zip(BLOCKED, ("up", "down"), strict=True):
            known = any(point["change_dir"] == direction for point in self.changepoints.points)
            if self.now_s >= at + DAY and not known:
                self.changepoints.change(at, direction)

    def _disconnections(self) -> None:
        """The Internet Health Report tells of a country's cut an hour after its begin and its end."""
        for number, cut in enumerate(CUTS[:2]):
            size = PROBES[cut.country][1]
            if len(self.ihr.events) == number and self.now_s >= cut.begin_s + HOUR:
                told: dict[str, Any] = {"streamtype": "country", "streamname": cut.country}
                self.ihr.event(cut.begin_s, **told, totalprobes=size, nbdiscoprobes=size - 1)
            if len(self.ihr.events) > number and self.now_s >= cut.end_s + HOUR:
                self.ihr.events[number]["endtime"] = stamp(cut.end_s)

    def _protests(self, slot: int, translated: bool) -> list[str]:
        """A protest in Minsk each Sunday at noon, told in both streams; another only in the translated one."""
        if slot % (7 * DAY) != (BEGIN + 6 * DAY + 12 * HOUR) % (7 * DAY):
            return []
        stamp = name(slot)
        told = {"c1": stamp[:8], "c59": stamp, "c0": f"{slot}{int(translated)}"}
        rows = [line(**told, c60=f"https://example.org/{slot}/march-of-students-in-minsk")]
        return rows + ([line(**told, c60=f"https://example.by/{slot}/marsh", c58="-1")] if translated else [])

    def _earthquakes(self, request: Request) -> Any:
        at = BEGIN + 40 * DAY
        known = self.now_s >= at + HOUR
        there = request.path.endswith("query") or self.now_s < at + 7 * DAY
        one = feature(mag=6.5, point=[70.0, 46.0, 10], time=at * 1000, updated=(at + HOUR) * 1000)
        deleted = request.params.get("includedeleted") == "true"
        weak = feature(number="weak", mag=4.6, point=[-150.0, -40.0, 10], time=(self.now_s - DAY) * 1000)
        return collection(*([one] if known and there else []), *([] if deleted else [weak]))

    def _feed(self, request: Request) -> bytes:
        told = CUTS[0].begin_s + 3 * HOUR
        date = "<pubDate>Mon, 01 Dec 2025 00:00:00 GMT</pubDate>"
        items = f"<item><guid>0</guid><title>Prices of bread</title>{date}</item>"
        if self.now_s >= told:
            items += (
                "<item><guid>1</guid><title>The internet was shut down across Kazakhstan on Sunday</title>"
                "<pubDate>Sun, 21 Dec 2025 13:00:00 GMT</pubDate></item>"
            )
        return f"<rss><channel><title>A paper</title>{items}</channel></rss>".encode()

    def _tell(self) -> None:
        """Have the services know what there is to be known by now."""
        now_s = self.now_s
        self.ioda.now_s, self.gdelt.until, self.acled.now_s = now_s, now_s - HOUR // 2, now_s
        self.ripestat.newest_s = now_s - 5 * HOUR
        self.ioda.events = [
            {
                "location": f"{'country' if cut.code == cut.country else 'region'}/{cut.code}",
                "name": cut.place,
                "start": cut.begin_s + cut.missing_s,
                "end": cut.end_s if now_s >= cut.end_s + cut.late_s else None,
                "datasource": datasource,
            }
            for cut in CUTS
            for datasource in ("bgp", "ping-slash24")
            if now_s >= cut.begin_s + cut.missing_s + cut.late_s
        ]
        for country, count in (("KZ", 90), ("TR", 300), ("TO", 40)):
            for at in range((now_s - 30 * HOUR) // HOUR * HOUR, now_s - HOUR, HOUR):
                grown = min(1.0, (now_s - at) / (6 * HOUR))
                self.ooni.counts[country, at] = int(count * share(country, at) * grown)
        self.radar.annotations = [self._annotation(cut) for cut in CUTS[:2] if now_s >= cut.begin_s + 6 * HOUR]
        self.pulse.entries = [self._card(cut) for cut in CUTS[:3] if now_s >= cut.begin_s + 30 * HOUR] or [
            self._old()
        ]
        self._demonstrations()
        self.atlas.now_s = self.changepoints.started_s = now_s
        self._blocking()
        self._disconnections()

    def _annotation(self, cut: Cut) -> dict[str, Any]:
        end = iso(cut.end_s) if self.now_s >= cut.end_s + DAY else None
        where = {"locations": [cut.country], "locationsDetails": [{"name": cut.place, "code": cut.country}]}
        return ANNOTATION | where | {"id": cut.name, "startDate": iso(cut.begin_s), "endDate": end}

    def _card(self, cut: Cut) -> dict[str, Any]:
        over, whole = self.now_s >= cut.end_s + DAY, cut.code == cut.country
        return CARD | {
            "detail_url": f"/shutdowns/{cut.name}",
            "status": "Completed" if over else "Ongoing",
            "shutdown_type": "National shutdown" if whole else "Regional shutdown",
            "connection_type": "All",
            "region": "" if whole else cut.place,
            "country": {"KZ": "Kazakhstan", "TO": "Tonga", "TR": "Turkey"}[cut.country],
            "country_code": cut.country,
            "start_datetime": iso(cut.begin_s),
            "end_datetime": iso(cut.end_s) if over else None,
        }

    def _old(self) -> dict[str, Any]:
        """An entry of long ago: the list is never empty."""
        return CARD | {"detail_url": "/shutdowns/old"}

    def _demonstrations(self) -> None:
        """ACLED's weekly update: three days of demonstrations in Almaty, one corrected, one deleted."""
        week = BEGIN + 28 * DAY
        if self.now_s >= week and not self.acled.rows:
            for number, day in enumerate((19, 20, 21, 22)):
                self.acled.add(number, week, event_date=iso(BEGIN + day * DAY)[:10])
        if self.now_s >= week + 7 * DAY and not self.acled.deleted:
            self.acled.add(1, week + 7 * DAY, event_date=iso(BEGIN + 20 * DAY)[:10], tags="crowd size=about 500")
            self.acled.rows = [row for row in self.acled.rows if row["event_id_cnty"] != "KAZ3"]
            self.acled.deleted.append({"event_id_cnty": "KAZ3", "deleted_timestamp": week + 7 * DAY})

    # -------------------------------------------------------------- time

    def run(self, days: int = DAYS) -> None:
        """Let so many days pass. Each process asks at its hours, unless it is down. In the last days all is well,
        so that what was missed can be made good."""
        for hour in range(days * 24):
            self.now_s = BEGIN + hour * HOUR + 600
            self._tell()
            for process in self.processes:
                if hour % process.every_h == 0:
                    self._round(process, calm=hour >= (days - CALM) * 24)

    def _round(self, process: Process, *, calm: bool) -> None:
        polled, service = process.polled, process.polled.transport
        assert isinstance(service, Service)
        if process.down and not calm:
            process.down -= 1
            return
        if self.dice.random() < 0.004 * self.seldom:
            # The machine is away for up to six days.
            process.down = self.dice.randrange(1, 6 * 24 // process.every_h + 1)
            process.away += 0 if calm else process.down
        service.fall_ill(process.every_h, calm=calm)
        # One that seldom publishes is killed more often while it does.
        chance = 0.1 if process.records > 50 else 0.6
        polled.crash_after = self.dice.randrange(2) if self.dice.random() < chance else None
        kept = json.loads(json.dumps(polled.cursors))
        try:
            status = polled.round(self.now_s)
            process.failed += bool(status.error)
            process.requests += status.requests
        except KeyboardInterrupt:
            # What was published is with Kafka, and so are the cursors that had moved.
            process.kills += 1
            polled.cursors = json.loads(json.dumps(polled.cursors))
            assert polled.cursors.keys() >= kept.keys()
        process.rounds += 1
        process.records += len(polled.published)
        self.published += polled.published
        polled.published.clear()


@dataclass
class Service(httpx.BaseTransport):
    """A double behind a network that fails: now and then for a request, and for hours or days on end."""

    routes: Mapping[str, Route]
    dice: random.Random
    ill: int = 0
    illness: str = ""

    def fall_ill(self, every_h: int, *, calm: bool) -> None:
        """Another round begins: an illness goes on, ends, or begins."""
        self.ill = 0 if calm else max(0, self.ill - 1)
        if not calm and not self.ill and self.dice.random() < 0.006 * every_h:
            self.ill = self.dice.randrange(1, 30 // every_h + 2)
            self.illness = self.dice.choice(("500", "html", "unreachable", "403"))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.BaseTransport`."""
        illness = self.illness if self.ill else ""
        if not illness and self.dice.random() < 0.01:
            illness = self.dice.choice(("500", "html", "unreachable", "truncated"))
        if illness == "unreachable":
            raise httpx.ConnectError("no connection", request=request)
        if illness in ("500", "403"):
            return httpx.Response(int(illness), content=b"no")
        if illness == "html":
            return httpx.Response(200, content=HTML)
        answer = self._answer(request)
        content = answer.body[: len(answer.body) // 2] if illness == "truncated" else answer.body
        return httpx.Response(answer.status, headers=dict(answer.headers), content=content)

    def _answer(self, request: httpx.Request) -> Answer:
        form = {key: values[0] for key, values in parse_qs(request.read().decode()).items()}
        headers = {key.title(): value for key, value in request.headers.items()}
        return answered(
            self.routes, Request(request.method, request.url.path, dict(request.url.params), headers, form)
        )


def correlated(published: list[tuple[str, Any]]) -> Offline:
    """The stages over all that was published, in its order."""
    offline = Offline(arrived_s=BEGIN + 2 * DAYS * DAY)
    for topic, record in published:
        offline.put(topic_named(topic), record)
    return offline


def tables(simulated: Simulated, offline: Offline) -> str:
    """How each source's process fared, and each cut with what correlation says of it in the end, as Markdown."""
    lines = ["| source | rounds | failed | killed | hours away | requests | records |", "|" + "---|" * 7]
    lines += [
        f"| `{one.source}` | {one.rounds:,} | {one.failed} | {one.kills} | {one.away * one.every_h} "
        f"| {one.requests:,} | {one.records:,} |"
        for one in simulated.processes
    ]
    lines += ["", "| cut | place | was | shutdown says | level |", "|" + "---|" * 5]
    known = {(one.country, one.place.name): one for one in offline.shutdowns()}
    for cut in sorted(CUTS, key=lambda one: one.begin_s):
        lines.append(f"| {cut.name} | {cut.place} | {_span(cut.begin_s, cut.end_s)} | {_told(known, cut)} |")
    return "\n".join(lines)


def _told(known: Mapping[tuple[str, str], Shutdown], cut: Cut) -> str:
    found = known.get((cut.country, cut.place))
    return "nothing | -" if found is None else f"{_span(found.from_s, found.until_s)} | {found.level}"


def _span(from_s: int, until_s: int | None) -> str:
    return " to ".join("open" if at is None else iso(at)[5:16].replace("T", " ") for at in (from_s, until_s))


if __name__ == "__main__":
    world = Simulated()
    world.run()
    print(tables(world, correlated(world.published)))
