"""A real server and a real browser; each journey keeps screenshots in build/screenshots."""

import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright
from werkzeug.serving import make_server

from tests.web.site import Site

CHROMIUM = "/usr/bin/chromium"
SCREENSHOTS = Path("build/screenshots")
HEIGHTS = {360: 740, 1366: 800}


@dataclass
class Journey:
    """A site that is really served, and a browser to walk through it."""

    site: Site
    address: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def page(self, login: str, *, width: int = 360, language: str = "zh", script: bool = True) -> Page:
        """A fresh tab, logged in; whatever the console complains about is collected."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            locale="zh-CN" if language == "zh" else "en-GB",
            has_touch=width == 360,
            java_script_enabled=script,
        )
        context.set_default_timeout(15_000)
        cookies = [{"name": "lang", "value": language, "url": self.address}]
        if login:
            cookies.append({"name": "sid", "value": self.site.token_of(login)[0], "url": self.address})
        context.add_cookies(cookies)
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def shot(self, page: Page, name: str) -> None:
        """Keeps a picture of the page for people to look at.

        A busy machine's compositor now and then yields no frame ("Unable to capture screenshot"); it is asked again.
        """
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for again in (True, True, False):
            try:
                page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), timeout=60_000)
                return
            except Error as error:
                if not again or "Unable to capture" not in error.message:
                    raise
                page.wait_for_timeout(500)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed: `make install-dev` does it")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def journey(tmp_path: Path, browser: Browser) -> Iterator[Journey]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    site = Site(tmp_path)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    walked = Journey(site, f"http://127.0.0.1:{server.port}", browser)
    yield walked
    for context in browser.contexts:
        context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert walked.complaints == [], "the browser's console must stay silent"
