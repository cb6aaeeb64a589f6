"""RSS and Atom, from files and live: what becomes a report, whose it is, what is changed or taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from streams.sources import SourceError, feeds
from streams.sources.feed_items import parse
from streams.sources.feeds import FeedPoller, told_of
from streams.sources.http import Manners
from streams.sources.payloads import PayloadError
from streams.sources.polling import Live, poll
from streams.sources.rows import Accepted, Rejected, Row
from streams.sources.state import STATUS
from streams.sources.told import NOBODYS_ORDER, OWN_ORDER, Manner, Told
from streams.texts.lexicon import causes
from topics import NEWS, REPORTS, Record, Report, Reporter, Topic, decode, encode

ITEM = (
    "<item><title>Internet down in Almaty</title><link>https://radio.example/2021/02/28/down</link>"
    '<guid isPermaLink="false">a1</guid><pubDate>Sun, 28 Feb 2021 15:00:00 +0600</pubDate>'
    "<description>&lt;p&gt;Mobile internet has been cut since &lt;b&gt;14:00&lt;/b&gt;, residents say.&lt;/p&gt;"
    "</description></item>"
)
PUBLISHED_S = 1_614_502_800


def rss(*items: str, title: str = "Radio Almaty") -> str:
    head = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
    return f"{head}{''.join(items)}</channel></rss>"


def atom(*entries: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        f"<title>Media Alliance</title>{''.join(entries)}</feed>"
    )


def entry(text: str, updated: str = "2021-02-28T09:00:00Z", key: str = "tag:a,1") -> str:
    return (
        f'<entry><id>{key}</id><title>{text}</title><link href="https://alliance.example/1"/>'
        f"<published>2021-02-28T09:00:00Z</published><updated>{updated}</updated></entry>"
    )


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Azattyq</title></channel>'
    "<item><title>Internet down in Almaty</title><link>https://az.example/1</link>"
    "<dc:date>2021-02-28T09:00:00Z</dc:date></item></rdf:RDF>"
)


@pytest.fixture(autouse=True)
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "a salt for the tests alone")


def read(tmp_path: Path, content: str, **options: Any) -> list[Row]:
    path = tmp_path / "feed.xml"
    path.write_text(content, encoding="utf-8")
    return list(feeds.read(path, **options))


def report(rows: list[Row]) -> Report:
    (one,) = [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, Report)]
    assert decode(REPORTS, encode(one)) == one
    return one


def test_an_item_is_a_report(tmp_path: Path) -> None:
    one = report(read(tmp_path, rss(ITEM)))
    assert (one.country, one.places, one.start, one.extent) == ("KZ", ("Almaty",), "2021-02-28T14:00", "full")
    assert (one.reporter.kind, one.reporter.name, one.networks) == ("media", "Radio Almaty", ("mobile",))
    assert (one.known_s, one.text) == (PUBLISHED_S, None)
    assert one.origin.reference == "https://radio.example/2021/02/28/down"


@pytest.mark.parametrize(
    "content", [rss(ITEM), atom(entry("Internet down in Almaty")), RDF], ids=["rss", "atom", "rdf"]
)
def test_every_kind_of_feed(tmp_path: Path, content: str) -> None:
    one = report(read(tmp_path, content))
    assert (one.country, one.places, one.known_s) == ("KZ", ("Almaty",), PUBLISHED_S)


def test_who_writes(tmp_path: Path) -> None:
    named = report(read(tmp_path, rss(ITEM), reporter="organisation", name="Media Alliance"))
    assert (named.reporter.kind, named.reporter.name) == ("organisation", "Media Alliance")
    person = report(read(tmp_path, rss(ITEM, title="Aigerim's blog"), reporter="individual"))
    assert (person.reporter.kind, person.reporter.name, person.origin.reference) == ("individual", None, None)
    assert person.reporter.digest


def told(text: str) -> str:
    return rss(
        ITEM.replace("Internet down in Almaty", text).replace("Mobile internet has been cut since", "Said at")
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Power outage knocks out the internet in Almaty", "power cut"),
        ("Сильный ветер оборвал линии, интернета нет в Алматы", "weather"),
        ("Internet down in Almaty after a technical fault", "technical"),
        ("Internet down in Almaty", None),
    ],
)
def test_a_cause_is_kept_and_is_no_order_of_the_government(tmp_path: Path, text: str, cause: str | None) -> None:
    found = report(read(tmp_path, told(text)))
    assert (found.cause, found.ordered_by) == (cause, None)
    own = report(read(tmp_path, told(text), reporter="government", name="Ministry of Digital Development"))
    assert (own.cause, own.ordered_by) == (cause, None if cause else OWN_ORDER)


def test_a_government_that_denies_an_order_owns_up_to_none(tmp_path: Path) -> None:
    text = "The internet is down in Almaty. No order was given, the ministry says"
    own = report(read(tmp_path, told(text), reporter="government", name="Ministry of Digital Development"))
    assert (own.cause, own.ordered_by) == (None, None)


@pytest.mark.parametrize(
    "text", ["The internet works normally in Almaty", "No order was given to cut the internet in Almaty"]
)
def test_a_denial_by_a_ministry_is_no_report(tmp_path: Path, text: str) -> None:
    (row,) = read(tmp_path, told(text), reporter="government", name="Ministry of Digital Development")
    assert isinstance(row, Rejected)


def test_the_causes_that_nobody_orders_are_causes_that_texts_name() -> None:
    assert causes() > NOBODYS_ORDER


def test_links_to_accounts_are_not_kept(tmp_path: Path) -> None:
    item = ITEM.replace("https://radio.example/2021/02/28/down", "https://t.me/s/aigerim/12")
    assert report(read(tmp_path, rss(item))).origin.reference == "Radio Almaty"


def test_texts_are_kept_when_asked_without_what_names_people(tmp_path: Path) -> None:
    item = ITEM.replace("residents say", "says @aigerim_b, +7 701 123 45 67, aigerim@example.org")
    one = report(read(tmp_path, rss(item), keep_text=True))
    assert one.text is not None
    assert "Mobile internet has been cut since 14:00" in one.text
    assert not any(word in one.text for word in ("aigerim", "701", "example.org"))


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ITEM.replace("<pubDate>Sun, 28 Feb 2021 15:00:00 +0600</pubDate>", ""), "no date of publication"),
        ("<item><pubDate>Sun, 28 Feb 2021 15:00:00 +0600</pubDate></item>", "damaged: no guid, id or link"),
        (ITEM.replace("Internet down", "Snow").replace("Mobile internet has been cut", "It fell"), "no report: "),
    ],
)
def test_what_is_none(tmp_path: Path, item: str, reason: str) -> None:
    (row,) = read(tmp_path, rss(item))
    assert isinstance(row, Rejected)
    assert row.reason.startswith(reason)


def test_an_update_revises_and_a_tombstone_takes_back(tmp_path: Path) -> None:
    first = report(read(tmp_path, atom(entry("Internet down in Almaty"))))
    second = report(read(tmp_path, atom(entry("Internet down in Atyrau", updated="2021-02-28T10:00:00Z"))))
    unsaid = report(read(tmp_path, atom(entry("Snow in Atyrau", updated="2021-02-28T11:00:00Z"))))
    stone = '<at:deleted-entry ref="tag:a,1" when="2021-02-28T12:00:00Z"/>'
    gone = report(read(tmp_path, atom(stone)))
    assert first.id == second.id == unsaid.id == gone.id
    assert first.revision < second.revision < unsaid.revision < gone.revision
    assert [one.withdrawn for one in (first, second, unsaid, gone)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no XML"),
        (b"<html><body>Not found</body></html>", "no feed: its root is <html>"),
        (rss(ITEM).encode()[:200], "no XML, or damaged"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel><title>&a;</title></channel></rss>', "declares entities"),
        (b'{"version": "2", "items": []}', "no JSON Feed"),
    ],
)
def test_what_is_no_feed(content: bytes, words: str) -> None:
    with pytest.raises(PayloadError, match=words):
        parse(content, "feed.xml")


@dataclass
class Site:
    """A site with one feed, which answers what it is told to: a status, a body, or 304 where nothing changed."""

    body: str = ""
    failures: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(dict(self.headers))
            tag = f'"{hash(found.body)}"'
            if found.failures:
                self.send_response(found.failures.pop(0))
            elif self.headers.get("If-None-Match") == tag:
                self.send_response(304)
            else:
                self.send_response(200)
                self.send_header("ETag", tag)
                self.end_headers()
                self.wfile.write(found.body.encode())
                return
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/feed.xml"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def ask(
    site: Site, cursors: dict[str, Any], now_s: float = PUBLISHED_S + 60, country: str | None = None
) -> list[tuple[Topic, Record]]:
    """One round of a new poller, as after a restart."""
    poller, got = FeedPoller(Live(url=site.url, country=country)), list[tuple[Topic, Record]]()
    poller.manners = Manners(every_s=0, attempts=3, first_wait_s=0)
    poll(poller, cursors, got.extend, rounds=1, clock=lambda: now_s, sleep=lambda _: None)
    return got


def test_live_new_items_come_once_and_changes_are_revisions(site: Site) -> None:
    cursors: dict[str, Any] = {}
    site.body = rss(ITEM)
    ((topic, first),) = ask(site, cursors)
    assert topic is REPORTS
    assert ask(site, cursors) == []
    assert "If-None-Match" in site.asked[-1]
    site.body = rss(ITEM, ITEM.replace("a1", "a2").replace("Almaty", "Atyrau"))
    ((_, other),) = ask(site, cursors)
    assert isinstance(first, Report)
    assert isinstance(other, Report)
    assert other.id != first.id
    site.body = rss(ITEM.replace("Internet down in Almaty", "Internet down in Aktau"))
    changed = [record for topic, record in ask(site, cursors, PUBLISHED_S + 600) if topic is REPORTS]
    assert [(one.id, one.places) for one in changed if isinstance(one, Report)] == [(first.id, ("Aktau",))]
    assert isinstance(changed[0], Report)
    assert changed[0].revision == PUBLISHED_S + 600
    site.body = rss(ITEM.replace("Internet down", "Snow").replace("Mobile internet has been cut", "It fell"))
    gone = ask(site, cursors, PUBLISHED_S + 900)
    assert {(topic.name, record.withdrawn) for topic, record in gone if isinstance(record, Report)} == {
        ("reports", True)
    }
    assert {topic for topic, _ in gone} == {REPORTS, NEWS}


def test_live_what_goes_wrong_is_asked_again_and_nothing_is_lost(site: Site) -> None:
    cursors: dict[str, Any] = {}
    site.body, site.failures = rss(ITEM), [500, 429]
    assert len(ask(site, cursors)) == 1
    site.body = rss(ITEM, ITEM.replace("a1", "a2"))
    site.failures = [500, 500, 500]
    assert ask(site, cursors) == []
    assert "HTTP 500" in cursors[STATUS]["error"]
    site.body, whole = "<html>maintenance</html>", site.body
    assert ask(site, cursors) == []
    assert "no feed" in cursors[STATUS]["error"]
    site.body = whole
    assert len(ask(site, cursors)) == 1
    assert cursors[STATUS]["error"] == ""


def test_live_only_of_a_country(site: Site) -> None:
    site.body = rss(ITEM, ITEM.replace("a1", "a2").replace("Almaty", "Khartoum"))
    (one,) = [record for _, record in ask(site, {}, country="SD")]
    assert isinstance(one, Report)
    assert one.country == "SD"


def test_a_feed_has_an_address() -> None:
    with pytest.raises(SourceError, match="--url"):
        FeedPoller(Live())


def test_one_feed_cannot_revise_what_another_one_said() -> None:
    """Whoever publishes a feed chooses its guids and tombstones: they count for that feed alone."""
    item = parse(
        b"<rss><channel><title>t</title><item><guid>radio/1</guid><title>No internet in Almaty</title>"
        b"<pubDate>Sun, 28 Feb 2021 10:00:00 GMT</pubDate></item></channel></rss>",
        "here",
    ).items[0]
    owner, manner = Reporter(kind="media", name="Radio"), Manner(salt=b"s" * 16)
    ids = [told_of(item, owner, url, manner) for url in ("https://a.example/rss", "https://b.example/rss")]
    assert len({one.id for one in ids if isinstance(one, Told)}) == 2


@pytest.mark.parametrize("title", ["Access Now", "NetBlocks", "Reuters", ""])
def test_a_feed_is_its_hosts_whatever_it_calls_itself(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTDOWNS_SALT", "s" * 16)
    feed = parse(
        f"<rss><channel><title>{title}</title><item><guid>1</guid><title>The internet was cut off in Almaty, "
        f"Kazakhstan</title><pubDate>Sun, 28 Feb 2021 10:00:00 GMT</pubDate></item></channel></rss>".encode(),
        "here",
    )
    poller = FeedPoller(Live(url="https://evil.example/rss"))
    records, _ = poller._news(feed, {}, 1_614_510_000)
    assert [one.reporter.name for _, one in records if isinstance(one, Report)] == ["evil.example"]
