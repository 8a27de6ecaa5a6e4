"""Whether everybody can use a page: what axe-core finds, and whether it fits the screen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def barriers(page: Page) -> list[str]:
    """What axe-core calls serious or critical: rule and first places."""
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    return [f"{v['id']} {[node['html'][:120] for node in v['nodes']][:3]}" for v in found]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def assert_everybody_can_use(page: Page) -> None:
    """No serious or critical finding of axe-core, and nothing wider than the screen."""
    assert barriers(page) == [], page.url
    assert not is_too_wide(page), page.url
