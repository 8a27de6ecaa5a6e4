"""Staff fill a workbook, hear what is wrong, correct it, import it, take it back; they add a person and merge two."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from scheduler.store.people import volunteers
from tests.journeys.conftest import Journey
from tests.journeys.usable import assert_everybody_can_use
from tests.scheduler.exchange.files import FREE_TIMES, PAIRS, RECIPIENTS, VOLUNTEERS, a_workbook

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCREENS = [(1366, "zh"), (1366, "en"), (360, "zh")]
TEXT = {
    "zh": {
        "mistakes": "2 处错误",
        "confirm": "确认导入",
        "done": "导入完成",
        "back": "撤回",
        "taken": "已撤回该次导入",
    },
    "en": {
        "mistakes": "2 mistakes",
        "confirm": "Import these changes",
        "done": "Imported.",
        "back": "Take back",
        "taken": "The import was taken back",
    },
}


def sheets() -> dict[str, list[list[str]]]:
    """The small workbook, at home in a committee of this site."""
    named = {"志愿者": VOLUNTEERS, "空闲时间": FREE_TIMES, "服务对象": RECIPIENTS, "结对": PAIRS}
    return {
        name: [["c1" if cell == "长征镇" else cell for cell in row] for row in rows] for name, rows in named.items()
    }


def upload(journey: Journey, page: Page, path: Path) -> None:
    page.goto(f"{journey.address}/exchange")
    page.set_input_files("input[type=file]", str(path))
    page.locator("form[enctype] button").first.click()
    page.wait_for_url("**/exchange/upload/**")


def people(journey: Journey) -> set[str]:
    with journey.site.store() as store:
        return {person.name for person in volunteers.where(store, "active")}


@pytest.mark.parametrize(("width", "language"), SCREENS)
def test_a_workbook_is_corrected_imported_and_taken_back(journey: Journey, tmp_path: Path, width: int, language: str):
    page, said = journey.page("admin", width=width, language=language), TEXT[language]
    before = people(journey)
    wrong = sheets()
    wrong["志愿者"][1][4], wrong["空闲时间"][1][3] = "1380013800", "25:00"
    upload(journey, page, a_workbook(tmp_path / "week.xlsx", wrong))
    expect(page.get_by_text(said["mistakes"])).to_be_visible()
    expect(page.get_by_text("1380013800")).to_be_visible()
    expect(page.get_by_role("button", name=said["confirm"])).to_have_count(0)
    journey.shot(page, f"import-mistakes-{width}-{language}")
    assert_everybody_can_use(page)
    assert people(journey) == before

    upload(journey, page, a_workbook(tmp_path / "week.xlsx", sheets()))
    journey.shot(page, f"import-preview-{width}-{language}")
    assert_everybody_can_use(page)
    page.get_by_role("button", name=said["confirm"]).click()
    expect(page.get_by_text(said["done"])).to_be_visible()
    assert people(journey) == before | {"王志强", "李敏"}

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=said["back"], exact=True).click()
    expect(page.get_by_text(said["taken"]).first).to_be_visible()
    assert people(journey) == before


def test_the_template_is_downloaded(journey: Journey, tmp_path: Path):
    page = journey.page("admin", width=1366)
    page.goto(f"{journey.address}/exchange")
    with page.expect_download() as download:
        page.locator("a[href*=template]").click()
    download.value.save_as(tmp_path / "template.xlsx")
    assert "志愿者" in load_workbook(tmp_path / "template.xlsx").sheetnames


@pytest.mark.parametrize(("width", "language"), [(1366, "zh"), (360, "en")])
def test_two_records_of_one_person_are_made_one(journey: Journey, width: int, language: str):
    page = journey.page("admin", width=width, language=language)
    page.on("dialog", lambda dialog: dialog.accept())
    for name in ("林晓梅", "林小梅"):
        page.goto(f"{journey.address}/volunteers/new")
        assert_everybody_can_use(page)
        page.fill("input[name=name]", name)
        page.fill("input[name=phone]", "13600136000")
        page.check("input[name=kinds][value=resident]")
        page.select_option("select[name=grid_id]", "c1")
        page.locator("form.stack .bar button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto(f"{journey.address}/volunteers/duplicates")
    journey.shot(page, f"duplicates-{width}-{language}")
    assert_everybody_can_use(page)
    page.locator("main form button").first.click()
    page.wait_for_url("**/volunteers/*")
    assert {"林晓梅", "林小梅"} - people(journey) in ({"林晓梅"}, {"林小梅"})


def test_free_times_are_written_row_by_row(journey: Journey):
    page = journey.page("admin", width=1366)
    page.goto(f"{journey.address}/volunteers/ann/free-times")
    assert_everybody_can_use(page)
    row = page.locator("tbody tr").last
    row.locator("input[name=weekdays]").fill("周二")
    row.locator("input[name=start]").fill("18:30")
    row.locator("input[name=end]").fill("20:00")
    page.locator("form.stack .bar button").click()
    expect(page.get_by_text("18:30–20:00")).to_be_visible()
