"""Who was there gets their hours, whatever they pressed and when: staff say how it was, and that holds."""

import pytest

from scheduler.model.plan import Assignment
from scheduler.records import attendance, hours
from tests.outside.street import Browser, Street, moment

DAY = "2026-12-02"


def minutes(street: Street, code: str = "V1") -> int:
    day = street.slots("N1")[0].service_date
    return hours.total(street.store, street.volunteer(code).id, day, day).credited_min


def promised(street: Street) -> Assignment:
    """A visit of an hour from 14:00 that V1, who has a login, has accepted."""
    slot = street.a_visit(DAY, 时长分钟="60")
    street.account("v1", "V1")
    return street.place(slot, "V1")


def press(street: Street, browser: Browser, visit: Assignment, step: str, at: str) -> str:
    street.clock.at(f"{DAY} {at}")
    browser.get("/my/")
    return browser.post(f"/my/visits/{visit.id}/{step}", {})[1]


def staff_say(street: Street, visit: Assignment, step: str, **fields: str) -> tuple[int, str]:
    boss = street.browser()
    boss.get(f"/slots/{visit.slot_id}")
    return boss.post(f"/assignments/{visit.id}/{step}", {"reason": "was there", **fields})


@pytest.mark.parametrize(("came", "left"), [("15:40", "15:41"), ("14:30", "15:00"), ("14:50", "15:50")])
def test_a_late_press_is_put_right_by_staff_however_often_they_change_their_mind(street: Street, came: str, left: str):
    visit = promised(street)
    phone = street.serve().browser("v1")
    press(street, phone, visit, "check-in", came)
    press(street, phone, visit, "check-out", left)
    for step in ("done", "missed", "done"):
        staff_say(street, visit, step)
        assert minutes(street) == (60 if step == "done" else 0)


def test_the_phone_does_not_call_a_time_recorded_that_counts_nothing_and_staff_are_asked(street: Street):
    visit = promised(street)
    phone = street.serve().browser("v1")
    assert "按计划这次服务已经结束" in press(street, phone, visit, "check-in", "15:40")
    page = press(street, phone, visit, "check-out", "15:41")
    assert "时长已经记录" not in page
    assert "由社区工作人员确认" in page
    assert f"/slots/{visit.slot_id}" in street.browser().get("/today")[1]
    staff_say(street, visit, "done", began="14:00", ended="14:50")
    assert minutes(street) == 50
    assert f"/slots/{visit.slot_id}" not in street.browser().get("/today")[1]


def test_a_press_in_time_is_recorded_as_before_and_asks_nobody(street: Street):
    visit = promised(street)
    phone = street.serve().browser("v1")
    press(street, phone, visit, "check-in", "13:58")
    assert "时长已经记录" in press(street, phone, visit, "check-out", "15:00")
    assert minutes(street) == 60
    assert f"/slots/{visit.slot_id}" not in street.browser().get("/today")[1]


def test_a_late_check_in_that_the_night_closes_waits_for_staff(street: Street):
    visit = promised(street)
    press(street, street.serve().browser("v1"), visit, "check-in", "15:40")
    street.clock.at("2026-12-03 01:30")
    assert attendance.close_forgotten(street.store, now=street.clock()) == 1
    assert f"/slots/{visit.slot_id}" in street.browser().get("/today")[1]
    staff_say(street, visit, "done")
    assert minutes(street) == 60


def test_a_visit_of_yesterday_of_which_nobody_said_anything_is_on_the_page_of_today_until_staff_do(street: Street):
    visit = promised(street)
    street.clock.at("2026-12-03 09:00")
    boss = street.serve().browser()
    assert f"/slots/{visit.slot_id}" in boss.get("/today")[1]
    staff_say(street, visit, "excused")
    assert f"/slots/{visit.slot_id}" not in boss.get("/today")[1]


def test_who_pressed_the_button_at_home_can_be_marked_as_missed_and_as_done_again(street: Street):
    visit = promised(street)
    press(street, street.serve().browser("v1"), visit, "check-in", "13:30")
    street.clock.at(f"{DAY} 14:30")
    assert staff_say(street, visit, "missed")[0] == 200
    page = street.browser().get(f"/slots/{visit.slot_id}")[1]
    assert f"/assignments/{visit.id}/done" in page  # who did not come can still be corrected
    staff_say(street, visit, "done")
    assert minutes(street) == 60


def test_staff_who_give_only_half_a_time_hear_it_on_the_page_and_lose_nothing(street: Street):
    visit = promised(street)
    street.clock.at(f"{DAY} 16:00")
    for times in (
        {"began": "14:10", "ended": ""},
        {"began": "14:10", "ended": "13:00"},
        {"began": "14:10", "ended": "x"},
    ):
        status, page = staff_say(street, visit, "done", **times)
        assert status == 422
        assert 'value="14:10"' in page
        assert minutes(street) == 0
    staff_say(street, visit, "done", began="14:10", ended="15:30")
    assert minutes(street) == 60  # at most what was planned


def test_what_staff_say_last_holds_and_every_line_stays_readable(street: Street):
    visit = promised(street)
    street.clock.at(f"{DAY} 16:00")
    for began, ended, counted in (("14:00", "15:00", 60), ("14:00", "14:40", 40), ("14:00", "14:20", 0)):
        staff_say(street, visit, "done", began=began, ended=ended)
        assert minutes(street) == counted
    kinds = [row["kind"] for row in street.store.rows("SELECT kind FROM hours_entries ORDER BY rowid")]
    assert kinds == ["back_filled", "reversal", "back_filled", "reversal", "back_filled"]
    assert f"/slots/{visit.slot_id}" not in street.browser().get("/today")[1]  # staff have said so: nothing is open


def test_staff_may_move_the_times_of_a_visit_without_changing_its_length(street: Street):
    visit = promised(street)
    street.clock.at(f"{DAY} 17:00")
    staff_say(street, visit, "done")
    staff_say(street, visit, "done", began="15:00", ended="16:00")
    known = attendance.attendance.find(street.store, visit.id)
    assert (known.checked_in_at, known.checked_out_at) == (moment(f"{DAY} 15:00"), moment(f"{DAY} 16:00"))
    assert minutes(street) == 60


def test_the_seat_of_somebody_excused_before_the_visit_is_asked_for_again(street: Street):
    visit = promised(street)
    staff_say(street, visit, "excused")
    assert street.store.value("SELECT slot_id FROM replan_requests WHERE state = 'waiting'") == visit.slot_id
