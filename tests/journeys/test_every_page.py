"""Every page there is: usable by everybody, silent in the console, never wider than the screen, in both colours.

The pages are found in the routes of the site, so a new one is looked at without being named here.
"""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from scheduler.exchange import importing
from scheduler.model.people import AvailabilityException, AvailabilityRule
from scheduler.model.plan import State
from scheduler.promises import links, swaps
from scheduler.store import uploads
from scheduler.store.people import availability_exceptions, availability_rules
from tests.journeys.conftest import Journey
from tests.journeys.test_import import sheets
from tests.journeys.usable import barriers, is_too_wide
from tests.scheduler.exchange.files import a_workbook
from tests.web.objects import add_objects
from tests.world import NOW, add_slot, add_visit
from web.policy import ACTIONS, URL_IDS, Scope
from web.security import action_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOKS = [(1366, "zh", "light"), (360, "en", "dark"), (360, "zh", "dark"), (1366, "en", "light")]
WITH_AXE = LOOKS[:2]  # each width, language and colour once
SCOPES = {
    "admin": (Scope.AREA, Scope.WHOLE, Scope.SELF),
    "ann": (Scope.OWN, Scope.SELF),
    "": (Scope.PUBLIC,),
}
LEAST_PAGES = {"admin": 38, "ann": 11, "": 2}
MORE = {  # what an address asks for besides its ids, so that the page has something on it
    "/board": "?week=2026-11-23", "/board/visits": "?from=2026-11-26", "/board/timeline": "?from=2026-11-26",
    "/exchange/roster": "?from=2026-11-26", "/my/now": "?until=12:00", "/needs/new": "?recipient=li",
}  # fmt: skip


def fill(journey: Journey, folder) -> dict[str, dict[str, str]]:
    """Something on every page; returns endpoint → the values of its address."""
    with journey.site.store() as store:
        ids = {kind: of["own"] for kind, of in add_objects(store).items()}
        availability_rules.add(store, AvailabilityRule("rule", "ann", (1, 2, 3, 4, 5), "14:00", "16:30"))
        holiday = AvailabilityException("away", "ann", "away", date(2026, 12, 14), date(2026, 12, 20))
        availability_exceptions.add(store, holiday)
        add_visit(store, NOW - timedelta(days=3), state=State.DONE)
        promised = add_visit(store, NOW + timedelta(days=2, hours=4))
        add_slot(store, NOW + timedelta(minutes=30))
        add_slot(store, NOW + timedelta(days=3, hours=1))
        other = add_visit(store, NOW + timedelta(days=4, hours=5), volunteer_id="bob")
        code = store.value("SELECT code FROM volunteers WHERE id = 'ann'")
        swaps.ask(store, journey.site.config, other.id, code, now=NOW)
        reply = links.make(store, promised.id, now=NOW)
        book = a_workbook(folder / "week.xlsx", sheets())
        upload = uploads.keep(store, "acc-admin", "week.xlsx", book.read_bytes(), now=NOW)
        found = importing.preview(book, store, journey.site.config, now=NOW, by="admin")
        uploads.keep_dry_run(store, upload, found.shown().to_json())
        store.touch()
    values = {argument: ids.get(kind or "", "") for argument, kind in URL_IDS.items()}
    return {"": values, "link.look": {"token": reply}, "exchange.preview": {"token": upload}}


def pages_of(journey: Journey, login: str, values: dict[str, dict[str, str]]) -> list[str]:
    """Addresses of whole pages that this login opens and that are made for it: no fragments, no files."""
    site, found = journey.site, []
    client = site.client(login)
    with site.app.test_request_context():
        adapter = site.app.url_map.bind("localhost")
        for rule in site.app.url_map.iter_rules():
            policy = ACTIONS[action_of(site.app, rule.endpoint) or ""]
            chosen = values[""] | values.get(rule.endpoint, {})
            if "GET" not in (rule.methods or ()) or policy.scope not in SCOPES[login]:
                continue
            if rule.rule.startswith(("/api/", "/static/")):
                continue
            if all(chosen[argument] for argument in rule.arguments):
                address = adapter.build(rule.endpoint, {a: chosen[a] for a in rule.arguments})
                found.append(address + MORE.get(address, ""))
    answers = {address: client.get(address) for address in sorted(found)}
    broken = [address for address, answer in answers.items() if answer.status_code >= 400]
    assert broken == []
    return [address for address, answer in answers.items() if answer.get_data()[:15].lower() == b"<!doctype html>"] + (
        [] if login else ["/no-such-page"]
    )


def look_at(page: Page, address: str) -> None:
    """Opens a page and waits until what it fetches by itself is there."""
    page.goto(address)
    if page.locator("[hx-trigger='load'], #timeline").count():
        page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(
    ("width", "language", "theme"), [*WITH_AXE, *(pytest.param(*look, marks=pytest.mark.long) for look in LOOKS[2:])]
)
@pytest.mark.parametrize("login", ["admin", "ann", ""], ids=["desk", "phone", "stranger"])
def test_every_page_can_be_used_by_everybody(
    journey: Journey, tmp_path, login: str, width: int, language: str, theme: str
):
    addresses = pages_of(journey, login, fill(journey, tmp_path))
    assert len(addresses) >= LEAST_PAGES[login], addresses
    page = journey.page(login, width=width, language=language)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": journey.address}])
    problems = []
    for address in addresses:
        look_at(page, journey.address + address)
        name = address.partition("?")[0].strip("/").replace("/", "-")
        journey.shot(page, f"page-{login or 'stranger'}-{name[:40]}-{width}-{language}-{theme}")
        if is_too_wide(page):
            problems.append(f"{address}: wider than the screen")
        if (width, language, theme) in WITH_AXE:
            problems += [f"{address}: {found}" for found in barriers(page)]
    journey.complaints[:] = [said for said in journey.complaints if "404 (NOT FOUND)" not in said]  # /no-such-page
    assert problems == []
