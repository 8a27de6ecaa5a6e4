"""The page of figures: every number can be counted by hand from what people did, and nothing is made up."""

import io
import re

import openpyxl
import pytest

from scheduler.promises import replies
from tests.outside.street import Street


@pytest.fixture
def lived(street: Street) -> Street:
    """Last week: a visit for three. V1 stayed 65 of 45 minutes, V2 did not come, V3 said no; nobody else was found."""
    slot = street.a_visit("2026-12-01", ("V1", "V2", "V3"), 人数="3", 最少人数="1")
    came, missed = street.place(slot, "V1"), street.place(slot, "V2")
    asked = street.place(slot, "V3", accept=False)
    replies.decline(street.store, street.config, asked.id, "busy", now=street.clock())
    street.clock.at("2026-12-01 20:00")
    marks = {f"mark-{came.id}": "times", f"began-{came.id}": "14:00", f"ended-{came.id}": "15:05"}
    staff = street.browser()
    staff.get("/days/2026-12-01")
    staff.post("/days/2026-12-01", marks | {f"mark-{missed.id}": "missed"})
    street.clock.at("2026-12-08 10:00")
    return street


def row(page: str, name: str) -> list[str]:
    """The cells of the first line with this name, this week first."""
    found = re.search(rf'<th scope="row">{re.escape(name)}</th>(.*?)</tr>', page, re.DOTALL)
    assert found, name
    cells = re.findall(r'<td class="num">(.*?)</td>', found[1], re.DOTALL)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]


def test_each_figure_of_a_week_is_what_one_counts_by_hand(lived):
    _, page = lived.browser().get("/figures?weeks=2")
    expected = {
        "服务场次": "1", "人员落实率": "66.7%", "无人承接的场次": "0", "实际到场率": "33.3%", "爽约率": "50.0%",
        "实际比计划多用（分钟）": "20", "参与人数": "3", "已计服务时长（分钟）": "45",
    }  # fmt: skip
    assert {name: row(page, name)[1] for name in expected} == expected


def test_what_cannot_be_counted_is_a_dash_and_never_a_number(lived):
    _, page = lived.browser().get("/figures?weeks=2")
    assert [row(page, name)[0] for name in ("人员落实率", "爽约率", "实际比计划多用（分钟）")] == ["–", "–", "–"]


def test_the_workbook_holds_the_same_figures_as_numbers(lived):
    book = openpyxl.load_workbook(io.BytesIO(lived.browser().download("/figures.xlsx?weeks=2")))
    assert book.sheetnames == ["各周", "按服务项目", "按居委会", "按单位（志愿者所属）"]
    head, week, *_ = book["各周"].values
    found = dict(zip(head, week, strict=True))
    assert (found["各周"], found["服务场次"], found["爽约率"]) == ("2026-11-30", 1, 0.5)


def test_a_committee_counts_its_own_visits_only(lived):
    here = lived.slots()[0].grid_id
    other = lived.store.value("SELECT id FROM grids WHERE kind = 'committee' AND id <> :here LIMIT 1", {"here": here})
    browser = lived.browser()
    assert row(browser.get(f"/figures?weeks=2&grid={here}")[1], "服务场次")[1] == "1"
    assert row(browser.get(f"/figures?weeks=2&grid={other}")[1], "服务场次")[1] == "–"


def test_the_page_of_a_visit_says_how_many_were_asked_in_vain(lived):
    _, page = lived.browser().get(f"/slots/{lived.slots()[0].id}")
    assert "1人谢绝，0人没有答复" in page
