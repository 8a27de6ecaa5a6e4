"""A volunteer with a phone accepts, declines, paints free time, comes and goes; also on a wide screen, in English."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.promises import links
from scheduler.store.people import availability_rules
from scheduler.store.plans import assignments
from tests.journeys.conftest import Journey
from tests.journeys.usable import barriers
from tests.world import CANARY_ADDRESS, CANARY_PHONE, NOW, add_elder, add_slot, add_visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AFTERNOON = NOW + timedelta(hours=4)
SCREENS = [(360, "zh"), (360, "en"), (1366, "zh"), (1366, "en")]
TEXT = {
    "zh": {
        "come": "我来",
        "cannot": "我来不了",
        "far": "太远了",
        "save": "保存我的空闲时间",
        "accepted": "谢谢您！对方等着您。",
    },
    "en": {
        "come": "I will come",
        "cannot": "I cannot",
        "far": "It is too far",
        "save": "Save my week",
        "accepted": "Thank you! You are expected.",
    },
}
SMALLEST_TOUCH, SMALLEST_MAIN, SMALLEST_TEXT = 44, 60, 18


def offer(journey: Journey, days: int = 2) -> str:
    with journey.site.store() as store:
        return add_visit(store, AFTERNOON + timedelta(days=days), state=State.PROPOSED).id


def state_of(journey: Journey, visit_id: str) -> State:
    with journey.site.store() as store:
        return assignments.get(store, visit_id).state


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_volunteer_accepts(journey: Journey, width: int, language: str):
    visit = offer(journey)
    page = journey.page("ann", width=width, language=language)
    page.goto(f"{journey.address}/my/")
    journey.shot(page, f"volunteer-offers-{width}-{language}")
    page.get_by_role("button", name=TEXT[language]["come"], exact=True).click()
    expect(page.get_by_text(TEXT[language]["accepted"])).to_be_visible()
    journey.shot(page, f"volunteer-accepted-{width}-{language}")
    assert state_of(journey, visit) is State.ACCEPTED


@pytest.mark.parametrize(("width", "language"), SCREENS[1:3])
def test_a_volunteer_declines_with_two_taps(journey: Journey, width: int, language: str):
    visit = offer(journey)
    page = journey.page("ann", width=width, language=language)
    page.goto(f"{journey.address}/my/")
    page.get_by_role("link", name=TEXT[language]["cannot"], exact=True).click()
    journey.shot(page, f"volunteer-reasons-{width}-{language}")
    page.get_by_role("button", name=TEXT[language]["far"]).click()
    expect(page.get_by_text(TEXT[language]["far"])).to_be_visible()
    assert state_of(journey, visit) is State.DECLINED


@pytest.mark.parametrize(("width", "language"), [SCREENS[0], SCREENS[3]])
def test_a_volunteer_paints_free_time_by_dragging(journey: Journey, width: int, language: str):
    page = journey.page("ann", width=width, language=language)
    page.goto(f"{journey.address}/my/free")
    first, last = (page.locator(f"input[value='{cell}']") for cell in ("2-28", "4-31"))
    first.scroll_into_view_if_needed()
    last.scroll_into_view_if_needed()
    start, end = first.bounding_box(), last.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    steps = [(1, 0), (2, 0), (2, 1), (1, 1), (0, 1), (0, 2), (1, 2), (2, 2), (2, 3), (1, 3), (0, 3)]
    dx, dy = (end["x"] - start["x"]) / 2, (end["y"] - start["y"]) / 3
    for across, down in steps:
        page.mouse.move(start["x"] + 5 + across * dx, start["y"] + 5 + down * dy, steps=4)
    page.mouse.up()
    journey.shot(page, f"volunteer-painted-{width}-{language}")
    page.get_by_role("button", name=TEXT[language]["save"]).click()
    said = {"zh": "每周二、周三、周四14:00–16:00有空。", "en": "Every Tuesday, Wednesday and Thursday 14:00–16:00."}
    expect(page.get_by_text(said[language])).to_be_visible()
    journey.shot(page, f"volunteer-said-back-{width}-{language}")


def test_a_single_tap_and_the_keyboard_paint_too(journey: Journey):
    page = journey.page("ann")
    page.goto(f"{journey.address}/my/free")
    page.locator("input[value='6-20']").tap()
    page.locator("input[value='7-20']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="保存我的空闲时间").click()
    expect(page.get_by_text("每个周末10:00–10:30有空。")).to_be_visible()


def test_without_scripts_everything_still_works(journey: Journey):
    visit = offer(journey)
    page = journey.page("ann", script=False)
    page.goto(f"{journey.address}/my/free")
    page.locator("input[value='1-20']").check()
    page.get_by_role("button", name="保存我的空闲时间").click()
    expect(page.get_by_text("每周一10:00–10:30有空。").first).to_be_visible()
    page.goto(f"{journey.address}/my/")
    page.get_by_role("button", name="我来", exact=True).click()
    assert state_of(journey, visit) is State.ACCEPTED


def test_the_keyboard_alone_accepts(journey: Journey):
    visit = offer(journey)
    page = journey.page("ann", width=1366)
    page.goto(f"{journey.address}/my/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "我来":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("谢谢您")).to_be_visible()
    assert state_of(journey, visit) is State.ACCEPTED


def test_on_the_day_the_door_opens_and_the_visit_is_done(journey: Journey):
    with journey.site.store() as store:
        visit = add_visit(store, AFTERNOON)
    journey.site.clock.now = AFTERNOON - timedelta(minutes=20)
    page = journey.page("ann")
    page.goto(f"{journey.address}/my/")
    expect(page.get_by_text(CANARY_PHONE)).to_have_count(0)
    page.get_by_role("button", name="显示地址和电话").click()
    expect(page.get_by_text(CANARY_ADDRESS)).to_be_visible()
    expect(page.get_by_role("link", name=CANARY_PHONE)).to_have_attribute("href", f"tel:{CANARY_PHONE}")
    journey.shot(page, "volunteer-door-360-zh")
    page.get_by_role("button", name="我到了").click()
    journey.site.clock.now = AFTERNOON + timedelta(minutes=45)
    page.get_by_role("button", name="服务结束").click()
    expect(page.get_by_text("时长已经记录")).to_be_visible()
    assert state_of(journey, visit.id) is State.DONE


def test_free_now_finds_and_takes_a_visit(journey: Journey):
    journey.site.clock.now = AFTERNOON
    with journey.site.store() as store:
        add_slot(store, AFTERNOON, latest_at=AFTERNOON + timedelta(hours=2))
    page = journey.page("ann")
    page.goto(f"{journey.address}/my/now")
    page.get_by_role("button", name="16:00").click()
    journey.shot(page, "volunteer-free-now-360-zh")
    page.get_by_role("button", name="我来做这个").click()
    expect(page.get_by_text("对方等着您")).to_be_visible()


def test_a_link_in_a_message_answers_without_a_login(journey: Journey):
    visit = offer(journey)
    with journey.site.store() as store:
        token = links.make(store, visit, now=NOW)
    page = journey.page("")
    page.goto(f"{journey.address}/r/{token}")
    journey.shot(page, "volunteer-link-360-zh")
    page.get_by_role("button", name="我来", exact=True).click()
    expect(page.get_by_text("谢谢您")).to_be_visible()
    assert state_of(journey, visit) is State.ACCEPTED


def fill(journey: Journey) -> list[str]:
    """A volunteer's every page, with something on each."""
    with journey.site.store() as store:
        add_elder(store, "zhang", name="张桂芳")
        availability_rules.add(store, AvailabilityRule("r", "ann", (1, 2, 3, 4, 5), "14:00", "16:30"))
        add_visit(store, NOW - timedelta(days=3), state=State.DONE)
        visit = add_visit(store, AFTERNOON)
        waiting = add_visit(store, AFTERNOON + timedelta(days=2), state=State.PROPOSED, recipient_id="zhang")
        add_slot(store, NOW + timedelta(minutes=30), recipient_id="zhang")
        token = links.make(store, waiting.id, now=NOW)
    own = ["/my/", "/my/free", "/my/now?until=12:00", "/my/me", "/my/history", "/my/decisions", "/my/data"]
    one = [f"/my/visits/{visit.id}", f"/my/visits/{waiting.id}", f"/my/visits/{waiting.id}/decline"]
    return [*own, *one, f"/my/visits/{visit.id}/why", f"/r/{token}"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "language"), [(360, "zh"), (1366, "en")])
def test_every_page_is_accessible_in_both_themes(journey: Journey, width: int, language: str, theme: str):
    page = journey.page("ann", width=width, language=language)
    page.context.add_cookies([{"name": "theme", "value": theme, "url": journey.address}])
    problems = []
    for address in fill(journey):
        page.goto(journey.address + address)
        problems += [f"{address}: {found}" for found in barriers(page)]
    assert problems == []


def test_everything_to_touch_is_large_enough_and_nothing_overflows(journey: Journey):
    page = journey.page("ann")
    for address in fill(journey):
        for language in ("zh", "en"):
            page.context.add_cookies([{"name": "lang", "value": language, "url": journey.address}])
            page.goto(journey.address + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
            assert too_small(page) == [], address


def too_small(page: Page) -> list[str]:
    """Visible links, buttons and fields that a thumb would miss, and text that is hard to read."""
    found: list[str] = page.evaluate(
        """([touch, main, text]) => {
            const wrong = [];
            const touched = "main a, main button, main input, main select, main summary, nav a";
            for (const e of document.querySelectorAll(touched)) {
                const box = e.getBoundingClientRect();
                if (!box.width || e.type === "hidden" || e.type === "radio" || e.type === "checkbox") continue;
                const least = e.matches(".btn.main") ? main : touch;
                const name = `${e.tagName} ${e.textContent.trim()}`;
                if (box.height < least - 0.5) wrong.push(`${name} ${Math.round(box.height)}px`);
            }
            for (const e of document.querySelectorAll("main *")) {
                const said = e.textContent.trim(), size = parseFloat(getComputedStyle(e).fontSize);
                if (!e.children.length && said && !e.closest(".sr") && size < text) wrong.push(`small text: ${said}`);
            }
            return wrong;
        }""",
        [SMALLEST_TOUCH, SMALLEST_MAIN, SMALLEST_TEXT],
    )
    return found
