"""The main job from end to end: a workbook, a plan, the board, a published week, a volunteer who says yes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scheduler.access.accounts import create_account
from scheduler.model.accounts import Role
from scheduler.model.plan import State
from scheduler.operations import requests
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from tests.journeys.conftest import Journey
from tests.scheduler.exchange.files import FREE_TIMES, PAIRS, RECIPIENTS, VOLUNTEERS, a_workbook
from tests.world import NOW

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEEDS = [
    ["编号", "服务类型", "服务对象编号", "方式", "开始日期", "星期", "最早开始", "最晚结束"],
    ["N1", "E01", "E1", "固定星期", "2026-11-23", "周三、周四", "14:00", "16:30"],
]


def the_workbook(folder: Path) -> Path:
    """王志强 is free every afternoon; 陈桂兰 wishes company on Wednesdays and Thursdays."""
    named = {"志愿者": VOLUNTEERS, "空闲时间": FREE_TIMES, "服务对象": RECIPIENTS, "需求": NEEDS, "结对": PAIRS}
    sheets = {n: [["c1" if cell == "长征镇" else cell for cell in row] for row in rows] for n, rows in named.items()}
    return a_workbook(folder / "week.xlsx", sheets)


def bring(journey: Journey, page: Page, path: Path) -> None:
    page.goto(f"{journey.address}/exchange")
    page.set_input_files("input[type=file]", str(path))
    page.locator("form[enctype] button").first.click()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("导入完成")).to_be_visible()


def plan(journey: Journey) -> None:
    """What the scheduler process does within seconds of the request."""
    config = journey.site.config
    config = config.model_copy(update={"solver": config.solver.model_copy(update={"workers": 1})})
    with journey.site.store() as store:
        assert requests.take_request(store, config, clock=journey.site.clock, seconds=10.0)


def test_from_a_workbook_to_a_promised_visit(journey: Journey, tmp_path: Path):
    staff = journey.page("admin", width=1366)
    staff.on("dialog", lambda dialog: dialog.accept())
    bring(journey, staff, the_workbook(tmp_path))

    staff.goto(f"{journey.address}/plans")
    staff.click("form button.main")
    plan(journey)
    staff.goto(f"{journey.address}/plans")
    staff.locator("a.btn[href^='/plans/']", has_text="查看变动").click()
    expect(staff.locator("main")).to_contain_text("王志强")
    journey.shot(staff, "first-week-draft")
    staff.click("form button.main")
    staff.wait_for_url("**done=publish")
    staff.goto(f"{journey.address}/board")
    journey.shot(staff, "first-week-board")

    with journey.site.store() as store:
        person = volunteers.by(store, code="V1")[0]
        offered = assignments.by(store, volunteer_id=person.id)
        assert offered
        assert {visit.state for visit in offered} == {State.PROPOSED}
        create_account(
            store, login="wang", password="four quiet words here", role=Role.VOLUNTEER, volunteer_id=person.id,
            by="admin", now=NOW,
        )  # fmt: skip
    phone = journey.page("wang", width=360)
    phone.goto(f"{journey.address}/my/")
    journey.shot(phone, "first-week-offer")
    phone.get_by_role("button", name="我来", exact=True).first.click()
    expect(phone.get_by_text("谢谢您！对方等着您。")).to_be_visible()
    with journey.site.store() as store:
        assert State.ACCEPTED in {visit.state for visit in assignments.by(store, volunteer_id=person.id)}
