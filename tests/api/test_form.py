"""The form over a real Kafka, in a real browser: without JavaScript, without a connection; and what is kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from streams import admin
from streams.kafka import Broker
from streams.reading import read_topic
from streams.settings import Settings
from tests.agents.harness import until
from tests.api.browser import Visit, chromium
from tests.api.process import serving
from tests.node import node_packages
from topics import CATALOGUE, FORM_REPORTS, Report, decode

pytestmark = pytest.mark.kafka

#: An address of this machine that nothing else here uses, and names that no browser and no other test has.
ADDRESS, AGENT, PERSON = "127.0.83.83", "Unmistakable/83.83", "Ayzhan-Unmistakable"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def settings(kafka: Broker) -> Settings:
    found = Settings(bootstrap=kafka.bootstrap, prefix=f"form-{uuid.uuid4().hex[:8]}-")
    admin.create_topics(found)
    return found


@pytest.fixture(scope="module")
def address(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("form")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("SHUTDOWNS_SALT", "a salt of this test alone")
        with serving(settings, folder / "log", ["--rate", "0"]) as found:
            yield found


def reports(settings: Settings, besides: Sequence[Report] = ()) -> list[Report]:
    """The reports on the topic besides some, partition by partition."""
    found = [decode(FORM_REPORTS, row.value) for row in read_topic(settings, FORM_REPORTS)]
    return [one for one in found if one not in besides]


def test_nothing_of_a_sender_is_kept_anywhere(
    settings: Settings, address: str, kafka: Broker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not on any topic, not in a log, not on the disk: neither of ours nor of Kafka."""
    before, began_s = reports(settings), time.time()
    with httpx.Client(
        transport=httpx.HTTPTransport(local_address=ADDRESS), headers={"user-agent": AGENT}
    ) as client:
        words = f"It was me, {PERSON}."
        form = {"place": "Astana", "country": "KZ", "start": "2022-01-05T16:07", "text": words}
        assert client.post(f"{address}/report", data=form).status_code == 200
        assert client.post(f"{address}/report", data={"place": "nowhere at all"}).status_code == 422
        assert client.get(f"{address}/shutdowns?country=nonsense").status_code == 400
    [report] = reports(settings, before)
    assert report.start == "2022-01-05T16:00"
    traces = [word.encode() for word in (ADDRESS, AGENT, "Unmistakable", PERSON, "16:07")]
    for topic in CATALOGUE:
        for row in read_topic(settings, topic):
            told = b" ".join(filter(None, (row.key, row.value, *(value for _, value in row.headers))))
            assert not any(trace in told for trace in traces), topic.name
    sought = [report.id.encode(), *traces[:4]]
    on_disk = [
        words
        for content in written_since(tmp_path_factory.getbasetemp(), began_s)
        for words in sought
        if words in content
    ]
    assert on_disk == [report.id.encode()], "what was sent is on the disk once, and no trace of the sender"


def written_since(folder: Path, at_s: float) -> Iterator[bytes]:
    """The files below a folder that were written since a time: beside them, there are the many gigabytes of Kafka's
    empty indexes of all tests before."""
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime > at_s - 1:
                yield path.read_bytes()


def test_without_javascript_on_a_small_screen(browser: Any, settings: Settings, address: str) -> None:
    before = reports(settings)
    visit = Visit(browser, address, width=320, height=480, java_script_enabled=False, locale="kk")
    page = visit.go("/report", ready="form")
    assert page.locator("h1").inner_text() == "Интернеттің өшірілгенін хабарлау"
    page.fill("#place", "Шымкент")
    page.fill("#country", "Қазақстан")
    page.fill("#start", "2022-01-05T16:00")
    page.check("input[name=networks][value=mobile]")
    page.click("button.strong")
    page.wait_for_selector(".good")
    [report] = reports(settings, before)
    assert (report.country, report.start, report.networks) == ("KZ", "2022-01-05T16:00", ("mobile",))
    page.click(".plain button")
    page.wait_for_selector(".good")
    assert [one.withdrawn for one in reports(settings, [*before, report])] == [True]
    assert visit.strangers() == set()
    assert visit.context.cookies() == []
    visit.close()


def test_without_a_connection_it_waits_on_the_device(browser: Any, settings: Settings, address: str) -> None:
    before = reports(settings)
    visit = Visit(browser, address, locale="ru")
    page = visit.go("/report", ready="form")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visit.until("caches.match('/report').then((found) => !!found)")
    visit.context.set_offline(True)
    page.reload()  # the form opens without a connection
    page.fill("#place", "Атырау")
    page.fill("#country", "Казахстан")
    page.click("button.strong")
    page.wait_for_selector("#queue:not([hidden])")
    assert "Нет связи" in page.inner_text("#queue")
    assert reports(settings, before) == []
    visit.context.set_offline(False)
    until_sent = "document.getElementById('queue').textContent.includes('отправлено')"
    visit.until(until_sent)
    until(lambda: len(reports(settings, before)) == 1, 30, "it is on the topic")
    assert page.evaluate("localStorage.length") == 0
    visit.close()


def test_who_wants_to_counts_as_one_person_today(browser: Any, settings: Settings, address: str) -> None:
    before = reports(settings)
    visit = Visit(browser, address, locale="en-GB")
    for counted in (False, True, True):
        page = visit.go("/report", ready="form")
        visit.until("!document.getElementById('once').hidden")
        page.set_checked("#once input", counted)
        page.fill("#place", "Atyrau")
        page.fill("#country", "KZ")
        page.click("button.strong")
        page.wait_for_selector(".good")
    nobody, first, second = (one.reporter.digest for one in reports(settings, before))
    assert nobody is None
    assert first == second is not None
    page = visit.go("/report", ready="form")
    assert page.is_checked("#once input"), "it is remembered for the day"
    # Yesterday's number is not today's.
    page.evaluate("localStorage.setItem('once', '2020-01-01/' + 'a'.repeat(32))")
    page = visit.go("/report", ready="form")
    visit.until("!document.getElementById('once').hidden")
    assert not page.is_checked("#once input")
    assert page.evaluate("localStorage.length") == 0
    visit.close()


def test_a_waiting_report_can_be_deleted(browser: Any, settings: Settings, address: str) -> None:
    visit = Visit(browser, address, locale="en-GB")
    page = visit.go("/report", ready="form")
    visit.context.set_offline(True)
    page.fill("#place", "Atyrau")
    page.fill("#country", "KZ")
    page.click("button.strong")
    page.click("#queue button")
    assert page.evaluate("localStorage.length") == 0
    visit.close()


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fa", "dark")])
def test_nothing_stands_in_the_way_of_anyone(browser: Any, address: str, language: str, scheme: str) -> None:
    axe = (node_packages(("axe-core@4.14.1",)) / "node_modules/axe-core/axe.min.js").read_text()
    visit = Visit(browser, address, width=360, height=740, color_scheme=scheme)
    page = visit.go(f"/report?lang={language}", ready="form")
    for _ in range(2):
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.click("button.strong")  # an empty form comes back with what is missing
        page.wait_for_selector("[role=alert] a")
    assert visit.said in ([], [one for one in visit.said if "422" in one])
    visit.close()


def test_places_are_suggested(browser: Any, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.go("/report?lang=ru", ready="form")
    page.locator("#place").press_sequentially("Алматы")
    visit.until("document.querySelectorAll('#places option').length > 0")
    assert "Almaty, KZ" in page.evaluate("[...document.querySelectorAll('#places option')].map((one) => one.value)")
    visit.close()
