"""Staff at a desk: log in, publish a need with the keyboard alone, plan, publish, explain, replace, reveal, go back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from scheduler.access import accounts as use
from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.operations import requests
from scheduler.store import audit
from scheduler.store.accounts import accounts
from scheduler.store.people import availability_rules, volunteers
from scheduler.store.plans import assignments, latest_plan
from scheduler.store.scenarios import newest_scenarios
from scheduler.store.services import needs, service_types, slots
from tests.journeys.conftest import Journey
from tests.journeys.usable import assert_everybody_can_use
from tests.world import CANARY_PHONE, NOW, add_slot, add_visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCREENS = [(1366, "zh"), (1366, "en"), (360, "zh"), (360, "en")]
TOMORROW = NOW + timedelta(days=1, hours=4)  # 14:00 in Shanghai
PASSWORD = "four quiet words here"


@pytest.fixture
def week(journey: Journey) -> Journey:
    """Ann and Bob live near the elder and are free all day."""
    with journey.site.store() as store:
        store.execute("UPDATE volunteers SET lat = 31.2502, lon = 121.3902")
        for who in ("ann", "bob"):
            availability_rules.add(store, AvailabilityRule(f"rule-{who}", who, (1, 2, 3, 4, 5, 6, 7), "08:00", "20:00"))
        store.touch()
    return journey


def serve_requests(journey: Journey) -> None:
    """What the scheduler process does within seconds: it takes what the pages have filed."""
    config = journey.site.config
    limits = config.solver.model_copy(update={"workers": 1})
    with journey.site.store() as store:
        one = config.model_copy(update={"solver": limits})
        while requests.take_request(store, one, clock=journey.site.clock, seconds=2.0):
            pass


def compute(journey: Journey, page: Page, address: str, *, waiting: str, **fields: str) -> None:
    """Asks on a page for a plan of one empty visit, waits until it says so, and comes back when it is computed."""
    with journey.site.store() as store:
        add_slot(store, TOMORROW)
    page.goto(f"{journey.address}{address}")
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.click("form button.main")
    expect(page.locator(waiting)).to_have_count(1)
    serve_requests(journey)
    page.goto(f"{journey.address}{address}")


def states(journey: Journey) -> list[State]:
    with journey.site.store() as store:
        return [a.state for a in assignments.where(store)]


def test_staff_log_in_with_password(journey: Journey):
    with journey.site.store() as store:
        (account,) = accounts.by(store, login="staff")
        use.change_password(store, account.id, PASSWORD, by="test", now=NOW)
    page = journey.page("", width=1366)
    page.goto(f"{journey.address}/needs")
    page.fill("[name=login]", "staff")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{journey.address}/needs")
    journey.shot(page, "staff-after-login")
    assert_everybody_can_use(page)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until an element that fits has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_the_keyboard_alone_publishes_a_need(week: Journey, width: int, language: str):
    page = week.page("staff", width=width, language=language)
    page.goto(f"{week.address}/needs/new")
    tab_to(page, "#f-service_type")
    page.keyboard.press("ArrowDown")
    tab_to(page, "#f-recipient_text")
    page.keyboard.type("lixiu")
    expect(page.locator("#found input")).to_have_count(1)
    tab_to(page, "#found input")
    page.keyboard.press("Space")
    tab_to(page, "input[name=kind]")
    page.keyboard.press("ArrowRight")  # from once to fixed weekdays
    tab_to(page, "input[name=weekdays][value='2']")
    page.keyboard.press("Space")
    expect(page.locator("input[name=weekdays][value='2']")).to_be_checked()
    expect(page.locator("#line strong")).to_contain_text("2")
    week.shot(page, f"need-{width}-{language}")
    assert_everybody_can_use(page)
    tab_to(page, "button.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/needs/*done=publish")
    week.shot(page, f"need-published-{width}-{language}")
    with week.site.store() as store:
        (need,) = needs.where(store, "created_by = 'staff'")
        assert need.weekdays == (2,)
        assert need.recipient_id == "li"
        assert {s.service_date.isoweekday() for s in slots.by(store, need_id=need.id)} == {2}


def test_a_need_that_nobody_can_serve_names_the_smallest_change(week: Journey):
    with week.site.store() as store:
        store.execute("UPDATE availability_rules SET start = '15:00'")
        store.touch()
    page = week.page("staff", width=1366, language="en")
    page.goto(f"{week.address}/needs/new?recipient=li")
    page.select_option("#f-service_type", "E01")
    page.fill("[name=from_date]", "2026-11-24")
    page.fill("[name=start]", "14:00")
    page.fill("[name=end]", "15:20")
    page.locator("[name=end]").blur()
    expect(page.locator("#line")).to_contain_text("Nobody could come.")
    expect(page.locator("#line")).to_contain_text("Widen the times by 30 minutes: 2 people.")
    week.shot(page, "need-nobody")


@pytest.mark.parametrize(("width", "language"), [SCREENS[0], SCREENS[3]])
def test_plan_publish_and_go_back(week: Journey, width: int, language: str):
    page = week.page("staff", width=width, language=language)
    compute(week, page, "/plans", waiting="#progress .note")
    week.shot(page, f"plans-draft-{width}-{language}")
    assert_everybody_can_use(page)
    page.locator("a.btn[href^='/plans/']", has_text={"zh": "查看变动", "en": "Look at the changes"}[language]).click()
    page.wait_for_url("**/plans/*")
    assert_everybody_can_use(page)
    week.shot(page, f"plan-difference-{width}-{language}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("form button.main")
    page.wait_for_url("**done=publish")
    assert states(week) == [State.PROPOSED]
    with week.site.store() as store:
        plan = latest_plan(store, "published")
        assert plan is not None
    page.goto(f"{week.address}/plans/runs/{plan.run_id}")
    week.shot(page, f"run-receipt-{width}-{language}")
    assert_everybody_can_use(page)
    page.click("form[action$='/rollback'] button")
    page.wait_for_url("**done=rollback")
    assert states(week) == [State.SUPERSEDED]


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_visit_explains_itself_and_gets_another_person(week: Journey, width: int, language: str):
    with week.site.store() as store:
        visit = add_visit(store, TOMORROW, state=State.PROPOSED, volunteer_id="ann")
    page = week.page("staff", width=width, language=language)
    page.goto(f"{week.address}/slots/{visit.slot_id}")
    expect(page.locator("#why")).to_contain_text("陈志强")  # Bob would be the next best
    week.shot(page, f"slot-why-{width}-{language}")
    assert_everybody_can_use(page)
    page.fill("[name=text]", "wangjianguo")
    page.locator("form[hx-get] button").click()
    expect(page.locator("#someone .badge")).not_to_have_count(0)
    page.click("#people details.menu summary")
    page.fill("#people [name=reason]", "病了")
    page.click("#people .menu-in form.stack button")
    expect(page.locator("#why form").first).to_be_visible()
    page.locator("#why li", has_text="陈志强").locator("form button").click()
    expect(page.locator("#people")).to_contain_text("陈志强")
    with week.site.store() as store:
        states = {a.volunteer_id: a.state for a in assignments.by(store, slot_id=visit.slot_id)}
        assert states == {"ann": State.CANCELLED, "bob": State.PROPOSED}
    week.shot(page, f"slot-replaced-{width}-{language}")


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_full_details_need_a_reason_that_is_recorded(journey: Journey, width: int, language: str):
    page = journey.page("staff", width=width, language=language)
    page.goto(f"{journey.address}/recipients/li")
    expect(page.locator("body")).not_to_contain_text(CANARY_PHONE)
    page.click("#contact summary")
    page.fill("#contact [name=reason]", "老人来电，需回拨")
    page.click("#contact form button")
    expect(page.locator("#contact")).to_contain_text(CANARY_PHONE)
    journey.shot(page, f"reveal-{width}-{language}")
    assert_everybody_can_use(page)
    with journey.site.store() as store:
        rows = audit.history(store, "recipient", "li")
        assert [(row.actor, row.reason) for row in rows] == [("staff", "老人来电，需回拨")]
    page.goto(f"{journey.address}/recipients/li")
    expect(page.locator("body")).not_to_contain_text(CANARY_PHONE)


@pytest.mark.parametrize(("width", "language"), [SCREENS[0], SCREENS[3]])
def test_what_if_tells_nobody(week: Journey, width: int, language: str):
    page = week.page("staff", width=width, language=language)
    compute(week, page, "/plans/what-if", waiting="#scenarios tbody tr", ill="1")
    week.shot(page, f"what-if-{width}-{language}")
    assert_everybody_can_use(page)
    with week.site.store() as store:
        (found,) = newest_scenarios(store)
    assert (found.state, found.figures["filled"]) == ("done", 1)
    assert states(week) == []


def drag(page: Page, what: str, onto_row: str, *, right_px: float = 0) -> None:
    """Takes a bar by the mouse to the row of a person, and some pixels to the right (later)."""
    bar, row = page.locator(".ec-event", has_text=what).first, page.locator(".ec-row-head", has_text=onto_row)
    start, target = bar.bounding_box(), row.bounding_box()
    assert start
    assert target
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right_px / 2, (y + target["y"] + target["height"] / 2) / 2, steps=6)
    page.mouse.move(x + right_px, target["y"] + target["height"] / 2, steps=6)
    page.mouse.up()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bar_is_dragged_to_another_person_and_what_speaks_against_it_is_named(week: Journey, language: str):
    with week.site.store() as store:
        visit = add_visit(store, TOMORROW, state=State.PROPOSED, volunteer_id="ann")
        later = add_visit(store, TOMORROW + timedelta(hours=2), volunteer_id="bob")
        volunteers.save(store, replace(volunteers.get(store, "bob"), insured=False))
        service_types.put(store, replace(service_types.get(store, "E01"), needs_insurance=True))
        store.touch()
    page = week.page("staff", width=1366, language=language)
    page.goto(f"{week.address}/board/timeline?from=2026-11-24")
    expect(page.locator(".ec-event")).to_have_count(2)
    drag(page, "李秀英", "陈志强")
    said = {"zh": "未投保", "en": "not insured"}[language]
    expect(page.locator("#said .note.bad")).to_contain_text(said)
    week.shot(page, f"drag-forbidden-{language}")
    with week.site.store() as store:
        assert assignments.get(store, visit.id).state is State.PROPOSED
        volunteers.save(store, replace(volunteers.get(store, "bob"), insured=True))
        store.touch()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    drag(page, "李秀英", "陈志强", right_px=46)  # half an hour later: outside the wished time, which only warns
    expect(page.locator("#said .note.good")).to_be_visible()
    assert {"zh": "不在允许的时间内", "en": "outside the allowed times"}[language] in asked[0]
    week.shot(page, f"drag-done-{language}")
    with week.site.store() as store:
        states = {a.volunteer_id: (a.state, a.starts_at) for a in assignments.by(store, slot_id=visit.slot_id)}
        assert states["bob"] == (State.PROPOSED, TOMORROW + timedelta(minutes=30))
        assert states["ann"][0] in (State.CANCELLED, State.SUPERSEDED)
        assert assignments.get(store, later.id).state is State.ACCEPTED


@pytest.mark.parametrize(("width", "language"), [SCREENS[0], SCREENS[3]])
def test_chosen_rows_are_changed_together(week: Journey, width: int, language: str):
    with week.site.store() as store:
        chosen = [add_slot(store, TOMORROW + timedelta(hours=n)).need_id for n in range(3)]
    page = week.page("staff", width=width, language=language)
    page.goto(f"{week.address}/needs")
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    page.click("#chosen button")
    assert len(said) == 1  # nothing is chosen yet
    for box in page.locator("input[name=chosen]").all()[:2]:
        box.check()
    week.shot(page, f"needs-chosen-{width}-{language}")
    page.click("#chosen button")
    page.wait_for_url("**changed=2")
    week.shot(page, f"needs-changed-{width}-{language}")
    assert_everybody_can_use(page)
    with week.site.store() as store:
        assert sorted(needs.get(store, n).state.value for n in chosen) == ["closed", "closed", "published"]
