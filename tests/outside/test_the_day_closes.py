"""The day sheet: who came, when, how long; nothing stays unsaid for ever, and hours follow what staff say last."""

import re

import pytest

from scheduler.records import attendance
from tests.outside.street import Browser, Street, moment


@pytest.fixture
def lived(street: Street) -> Street:
    """Two people promised to come to one visit on Tuesday, 14:00 to 14:45; it is Tuesday evening."""
    slot = street.a_visit("2026-12-01", ("V1", "V2"), 人数="2")
    for code in ("V1", "V2"):
        street.place(slot, code)
    street.clock.at("2026-12-01 19:00")
    return street


def of(street: Street, code: str) -> str:
    """The assignment of a person."""
    who = {"v": street.volunteer(code).id}
    return street.store.value("SELECT id FROM assignments WHERE volunteer_id = :v", who)


def state(street: Street, code: str) -> tuple[str, int]:
    """The state of a person's visit and the minutes that stand for it."""
    sql = """SELECT a.state, coalesce(sum(h.credited_min), 0) AS minutes FROM assignments a
             LEFT JOIN hours_entries h ON h.assignment_id = a.id WHERE a.id = :id GROUP BY a.id"""
    (row,) = street.store.rows(sql, {"id": of(street, code)})
    return row["state"], row["minutes"]


def sheet(street: Street, day: str = "2026-12-01") -> tuple[Browser, str]:
    staff = street.browser()
    status, page = staff.get(f"/days/{day}")
    assert status == 200
    return staff, page


def test_whoever_is_not_marked_came_as_planned_with_one_button(lived):
    staff, page = sheet(lived)
    assert "还有 2 条等您登记" in page
    status, page = staff.post("/days/2026-12-01", {f"mark-{of(lived, 'V2')}": "missed", "rest": "planned"})
    assert status == 200
    assert "已登记 2 条" in page
    assert "已全部登记" in page
    assert (state(lived, "V1"), state(lived, "V2")) == (("done", 45), ("missed", 0))


def test_true_times_are_entered_and_corrected_and_hours_follow_by_reversing_lines(lived):
    staff, _ = sheet(lived)
    mine = of(lived, "V1")
    times = {f"mark-{mine}": "times", f"began-{mine}": "14:00", f"ended-{mine}": "14:30"}
    staff.post("/days/2026-12-01", times)
    assert state(lived, "V1") == ("done", 30)
    _, page = staff.post("/days/2026-12-01", times | {f"ended-{mine}": "15:20"})
    assert "14:00–15:20" in page
    assert state(lived, "V1") == ("done", 45)
    kinds = lived.store.rows("SELECT kind FROM hours_entries ORDER BY rowid")
    assert [row["kind"] for row in kinds] == ["back_filled", "reversal", "back_filled"]


def test_a_sheet_with_a_line_that_cannot_be_records_nothing_and_keeps_what_was_typed(lived):
    staff, _ = sheet(lived)
    one, two = of(lived, "V1"), of(lived, "V2")
    wrong = {f"mark-{one}": "missed", f"mark-{two}": "times", f"began-{two}": "15:00", f"ended-{two}": "14:00"}
    status, page = staff.post("/days/2026-12-01", wrong)
    assert status == 422
    assert "没有登记任何内容" in page
    assert page.count('class="error"') == 1
    assert re.search(rf'name="mark-{one}".*?>.*?value="missed" selected', page, re.DOTALL)
    assert 'value="15:00"' in page
    assert (state(lived, "V1")[0], state(lived, "V2")[0]) == ("accepted", "accepted")


def test_a_visit_that_has_not_begun_has_nothing_to_tick(lived):
    lived.clock.at("2026-12-01 10:00")
    staff, page = sheet(lived)
    assert 'name="mark-' not in page
    status, page = staff.post("/days/2026-12-01", {f"mark-{of(lived, 'V1')}": "planned"})
    assert status == 422
    assert "还没有开始" in page


def test_a_forgotten_visit_stays_on_today_and_is_told_after_two_days(lived):
    lived.clock.at("2026-12-02 08:00")
    _, page = lived.browser().get("/today")
    assert "/days/2026-12-01" in page
    assert attendance.report_unsettled(lived.store, now=lived.clock()) == 0
    lived.clock.at("2026-12-03 14:05")
    assert attendance.report_unsettled(lived.store, now=lived.clock()) == 2
    attendance.report_unsettled(lived.store, now=lived.clock())
    lived.live("2026-12-03 15:00")
    told = [text for _at, to, text in lived.phone.sent if to.startswith("staff:") and "日结表" in text]
    assert len(told) == 1
    assert "2次" in told[0]
    staff, _ = sheet(lived)
    staff.post("/days/2026-12-01", {"rest": "planned"})
    assert attendance.report_unsettled(lived.store, now=lived.clock()) == 0
    assert "/days/2026-12-01" not in staff.get("/today")[1]


@pytest.mark.parametrize("day", ["2026-13-01", "gestern", "9999-12-31"])
def test_an_address_that_is_no_day_is_no_page(lived, day):
    assert lived.browser().get(f"/days/{day}")[0] == 404


def test_lines_of_another_day_are_not_touched(lived):
    staff, _ = sheet(lived, "2026-12-02")
    staff.post("/days/2026-12-02", {f"mark-{of(lived, 'V1')}": "missed"})
    assert state(lived, "V1")[0] == "accepted"
    assert moment("2026-12-01 19:00") == lived.clock()
