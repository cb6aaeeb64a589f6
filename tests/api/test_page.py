"""The live page in a real browser: what it shows, that it follows, whom it tells nothing, and who can use it."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image

from streams.api.outline import STATIC, source
from streams.kafka import Broker
from streams.settings import Settings
from tests.agents.harness import REPOSITORY, until
from tests.api.browser import Visit, chromium
from tests.api.process import serving
from tests.consumers import OUTPUTS, published, write
from tests.node import node_packages
from tests.played import played
from topics import MEASUREMENTS, Shutdown
from topics.evidence import CauseKind
from topics.reports import Extent, Network
from topics.shutdowns import Level, Role, Status

pytestmark = pytest.mark.kafka

LANGUAGES = ("en", "ru", "fr", "ar", "fa")
COLOURS = {"corroborated": (255, 107, 94), "measured": (92, 184, 255), "reported": (255, 199, 74)}
#: Values that the page has words for.
KINDS = (Extent, Level, Role, Status, Network, CauseKind)
NEWEST = {record.id: record for _, record in played() if isinstance(record, Shutdown)}
ALMATY = next(one for one in NEWEST.values() if one.place.name == "Almaty City" and one.status == "closed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(browser: Any, kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the seed case, measurements too."""
    settings = Settings(bootstrap=kafka.bootstrap, prefix=f"page-{uuid.uuid4().hex[:8]}-")
    published(settings, (*OUTPUTS, MEASUREMENTS))
    with serving(settings, tmp_path_factory.mktemp("page") / "log", ["--rate", "0"]) as found:
        yield found


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Visit]:
    found = Visit(browser, address, locale="en-GB", timezone_id="Europe/Berlin")
    yield found
    assert found.strangers() == set(), "the page tells others who looks"
    assert found.said == [], "errors, or what the Content-Security-Policy refused"
    found.close()


def pixels(page: Any, selector: str) -> dict[str, int]:
    """How many pixels of an element on the screen have the colour of each level."""
    picture = Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")
    counts = dict.fromkeys(COLOURS, 0)
    for count, colour in picture.getcolors(picture.width * picture.height) or ():
        assert isinstance(colour, tuple)
        for level, wanted in COLOURS.items():
            if all(abs(a - b) <= 6 for a, b in zip(colour, wanted, strict=True)):
                counts[level] += count
    return counts


def listed(page: Any) -> dict[str, str]:
    """Place and level of each shutdown in the list."""
    rows = page.locator("#list .item").all()
    return {row.locator("strong").inner_text(): row.locator(".badge").inner_text() for row in rows}


def test_every_level_is_on_the_map_and_in_the_list(visit: Visit) -> None:
    page = visit.go("/")
    page.wait_for_timeout(300)
    assert listed(page) == {
        "Almaty City": "Corroborated", "Nur-Sultan": "Corroborated", "Atyrau": "Reported", "Chad": "Measured",
    }  # fmt: skip
    assert "Nothing in the last 24 hours" in page.inner_text("#note")
    for where in ("#map", "#timeline"):
        counts = pixels(page, where)
        assert min(counts.values()) > 20, (where, counts)


def test_a_level_that_is_not_wanted_goes_from_everywhere(visit: Visit) -> None:
    page = visit.go("/")
    page.uncheck("#level-measured")
    visit.until("document.querySelectorAll('#list .item').length === 3")
    page.wait_for_timeout(300)
    assert "level=corroborated%2Creported%2Ccontradicted" in page.url
    assert pixels(page, "#timeline")["measured"] == 0
    page.goto(page.url)
    visit.until("document.querySelectorAll('#list .item').length === 3")
    assert not page.is_checked("#level-measured")


def test_the_timeline_is_dragged(visit: Visit) -> None:
    page = visit.go("/")
    page.click("#all")
    visit.until("document.querySelectorAll('#list .item').length > 4")
    box = page.locator("#timeline").bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 20, steps=5)
    page.mouse.up()
    visit.until("document.querySelectorAll('#list .item').length === 1")
    assert "from=" in page.url
    assert "until=" in page.url


def test_the_seed_case_plays_live(browser: Any, kafka: Broker, topic_prefix: str, tmp_path: Path) -> None:
    """An empty page fills while one looks: the list, the map, the timeline, and words for those who don't see."""
    settings = Settings(bootstrap=kafka.bootstrap, prefix=topic_prefix)
    published(settings, (), only=())
    with serving(settings, tmp_path / "log") as found:
        visit = Visit(browser, found, locale="en-GB")
        page = visit.go("/")
        page.wait_for_selector("#status.live")
        assert listed(page) == {}
        before = pixels(page, "#map")  # the legend's marks
        outputs = [one for one in played() if one[0] in OUTPUTS]
        first = next(number for number, (_, record) in enumerate(outputs) if isinstance(record, Shutdown))
        write(settings, outputs[: first + 1])
        page.wait_for_selector("#list .item")
        page.wait_for_selector("#list .badge.measured")
        write(settings, outputs[first + 1 :])
        visit.until("document.querySelectorAll('#list .badge.corroborated').length === 2")
        until(lambda: "Atyrau" in listed(page), 30, "the list is whole")
        assert page.inner_text("#said")
        page.wait_for_timeout(2000)
        after = pixels(page, "#map")
        assert all(after[level] > before[level] + 20 for level in COLOURS), (before, after)
        assert pixels(page, "#timeline")["corroborated"] > 20
        assert visit.said == []
        visit.close()


def test_one_shutdown_shows_what_it_stands_on(visit: Visit) -> None:
    page = visit.go(f"/shutdown/{ALMATY.id}")
    page.wait_for_selector("svg.signals")
    text = page.inner_text("#detail")
    assert re.search(r"28 Feb 2021, 14:00\s*–\s*17:00 \(Asia/Almaty\)", text)
    assert re.search(r"08:00\s*–\s*11:00", text)
    assert "± 10 min" in text
    assert ALMATY.happened is not None
    assert ALMATY.on_purpose is not None
    told = [one.inner_text() for one in page.locator("#detail details summary").all()]
    assert told == [percent(ALMATY.happened), percent(ALMATY.on_purpose)]
    assert page.locator("#detail .parts li").count() == len(ALMATY.contributions)
    assert ALMATY.why[0].words in text
    for piece in ALMATY.evidence:
        assert piece.words in text
    assert page.locator("#detail .history li").count() == ALMATY.revision
    assert page.locator('#detail a[href^="https://www.accessnow.org/"]').count() >= 3
    assert len(page.locator("svg.signals path").all()) == 2 * 3, "a value and a baseline for each of three signals"
    assert page.locator("svg.signals rect title").count() >= 6, "claims and protests"


def percent(share: float) -> str:
    """A probability as the page shows it in English."""
    return "above 99%" if share > 0.99 else "below 1%" if share < 0.01 else f"{share:.0%}"


def test_what_is_missing_is_said(visit: Visit) -> None:
    page = visit.go("/")
    page.click("#list .item:has-text('Atyrau')")
    page.wait_for_selector("svg.signals")
    assert "What is missing" in page.inner_text("#detail")
    assert "No series of the place exists" in page.inner_text("#detail")
    assert "No measurements of this place" in page.inner_text("#detail")


def test_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "item":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#facts h2:focus")
    page.keyboard.press("Escape")
    page.wait_for_selector("#count:focus")
    before = page.locator("#map").screenshot()
    page.focus("#map")
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(700)
    assert page.locator("#map").screenshot() != before


def test_back_and_forth_in_the_history(visit: Visit) -> None:
    page = visit.go("/?level=corroborated")
    page.click("#list .item >> nth=0")
    page.wait_for_selector("#facts h2")
    page.go_back()
    page.wait_for_selector("#listing:not([hidden])")
    assert page.url.endswith("/?level=corroborated")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_in_the_way_of_anyone(visit: Visit, language: str) -> None:
    """axe-core finds no violation in any language, nor on one shutdown from left or from right."""
    axe = (node_packages(("axe-core@4.14.1",)) / "node_modules/axe-core/axe.min.js").read_text()
    paths = ("/", f"/shutdown/{ALMATY.id}") if language in ("en", "fa") else ("/",)
    for path in paths:
        page = visit.go(f"{path}?lang={language}")
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language in ("ar", "fa") else "ltr")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
        said = page.evaluate(
            "[...document.querySelectorAll('[data-say]')].map(n => [n.dataset.say, n.textContent])"
        )
        assert all(text for _, text in said)
        if language == "ru":
            assert not [pair for pair in said if pair[0] != "api" and pair[1].isascii()]


def test_on_a_phone_nothing_is_cut_off(browser: Any, address: str) -> None:
    visit = Visit(browser, address, width=360, height=740, is_mobile=True, has_touch=True, locale="ar")
    for path in ("/", f"/shutdown/{ALMATY.id}"):
        page = visit.go(path)
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], path
    assert visit.said == []
    visit.close()


def test_it_is_light(browser: Any, address: str) -> None:
    """All that the page needs before the map's data, as it goes over the wire, at most 300 kB; also unpacked."""
    visit = Visit(browser, address, locale="en-GB")
    finished: dict[str, Any] = {}
    visit.page.on("requestfinished", lambda request: finished.update({request.url: request}))

    def asked() -> set[str]:
        return {url for url in visit.requests if "/stream" not in url}

    visit.go("/")
    visit.wait(lambda: asked() <= finished.keys(), 20, "every request has its answer")
    sizes = {url.removeprefix(address): len(finished[url].response().body()) for url in asked()}
    maps = {path for path in sizes if "map" in path.rpartition("/")[2] or path.startswith("/map/")}
    assert "/static/map.json" in maps
    total = sum(size for path, size in sizes.items() if path not in maps)
    print(f"before map data: {total:,} bytes unpacked; map data {sum(sizes[path] for path in maps):,}")
    assert total < 300_000
    visit.close()


def test_the_map_is_made_from_todays_polygons() -> None:
    content = json.loads((STATIC / "map.json").read_bytes())
    assert content["source"] == source(), "run: python -m streams.api.outline"
    assert {"KZ", "TD", "IN", "FJ", "AQ", "VA"} <= content["outlines"].keys()
    assert all(content["outlines"][code] for code in ("KZ", "FR", "RU", "IR"))


def test_the_bundle_is_built_from_its_sources(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("needs npm, which this machine does not have")
    folder = tmp_path / "web"
    shutil.copytree(REPOSITORY / "web", folder, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "streams/api/static").mkdir(parents=True)
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    if done.returncode != 0:
        pytest.skip(f"npm could not install what the bundle is built from: {done.stderr[-300:]}")
    subprocess.run(["npm", "run", "build"], cwd=folder, check=True, capture_output=True, timeout=60)
    built = (tmp_path / "streams/api/static/page.js").read_text()
    assert built == (STATIC / "page.js").read_text(), "run in web/: npm ci && npm run build"


def test_every_language_has_every_word() -> None:
    if not shutil.which("node"):
        pytest.skip("needs node, which this machine does not have")
    program = (
        "import { LANGUAGES } from './web/src/texts.js';"
        "const keys = Object.entries(LANGUAGES).map(([code, words]) => [code, Object.keys(words)]);"
        "console.log(JSON.stringify(Object.fromEntries(keys)))"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    keys = json.loads(done.stdout)
    assert tuple(keys) == LANGUAGES
    assert all(sorted(found) == sorted(keys["en"]) for found in keys.values())
    used = "".join(path.read_text() for path in [*(REPOSITORY / "web/src").glob("*.js"), STATIC / "index.html"])
    values = {value for kind in KINDS for value in get_args(kind)}
    values |= {"source-failure", "shared-cause"}
    assert [key for key in keys["en"] if f'"{key}"' not in used and key not in values | {"name"}] == []
