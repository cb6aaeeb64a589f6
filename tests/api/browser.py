"""A real browser: Debian's Chromium, or whichever is on PATH, by Playwright."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium, or the test skips and says why."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("needs a Chromium on PATH (apt-get install chromium), which this machine does not have")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page that is looked at, and what went on meanwhile: where requests went, what the console said."""

    def __init__(self, browser: Any, address: str, *, width: int = 1280, height: int = 800, **context: Any) -> None:
        self.address = address
        self.context = browser.new_context(viewport={"width": width, "height": height}, **context)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def go(self, path: str, ready: str = "html[data-ready]") -> Any:
        """Open a path and wait until the page is ready; gives the page."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector(ready, state="attached", timeout=20_000)
        return self.page

    def until(self, script: str, timeout_s: float = 10.0) -> None:
        """Wait until a script holds. Playwright's own waiting needs `eval`, which the page's policy refuses."""
        self.wait(lambda: self.page.evaluate(script), timeout_s, script)

    def wait(self, holds: Callable[[], object], timeout_s: float, what: str) -> None:
        """Wait until something holds, while events of the page come in."""
        end = time.monotonic() + timeout_s
        while not holds():
            assert time.monotonic() < end, f"not within {timeout_s} s: {what}"
            self.page.wait_for_timeout(100)

    def strangers(self) -> set[str]:
        """Hosts other than ours that the page asked anything of."""
        own = urlsplit(self.address).netloc
        return {urlsplit(url).netloc for url in self.requests if urlsplit(url).scheme not in ("data", "blob")} - {
            own
        }

    def close(self) -> None:
        """Leave."""
        self.context.close()
