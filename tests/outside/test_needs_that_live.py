"""A need is changed as a whole or from a day on, paused, copied; one visit is left out."""

import re
from datetime import date

import pytest

from scheduler.store.services import needs
from tests.outside.street import Browser, Street


@pytest.fixture
def weekly(street: Street) -> Street:
    """Every Tuesday at two an elder has a visit; V1 promised the first three Tuesdays of December."""
    street.a_visit("2026-12-01", ("V1",), 方式="固定星期", 星期="周二")
    for slot in street.slots("N1"):
        street.place(slot, "V1")
    return street


def form_of(street: Street, browser: Browser, address: str) -> dict[str, object]:
    """The fields of the page's form as a browser would send them."""
    status, page = browser.get(address)
    assert status == 200, page
    form = re.search(r'<form[^>]*id="need".*?</form>', page, re.DOTALL)[0]
    fields: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'\s{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and ("checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)):
            fields.setdefault(name[1], []).append(value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*\sname="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', options)
        fields[name] = [chosen[1] if chosen else ""]
    assert fields.pop("_csrf")
    assert fields.pop("_once")
    return fields


def days(street: Street, code: str = "N1") -> list[str]:
    return [f"{slot.service_date}" for slot in street.slots(code) if slot.state == "open"]


def id_of(street: Street, code: str = "N1") -> str:
    return needs.by(street.store, code=code)[0].id


def test_the_form_sent_back_as_it_is_changes_nothing(weekly):
    before, staff = needs.get(weekly.store, id_of(weekly)), weekly.browser()
    address = f"/needs/{before.id}/edit"
    status, _ = staff.post(address, form_of(weekly, staff, address))
    assert (status, "/edit" in staff.url) == (200, False)
    after = needs.get(weekly.store, before.id)
    assert {name: getattr(after, name) for name in after.__slots__ if name != "revision"} == {
        name: getattr(before, name) for name in before.__slots__ if name != "revision"
    }
    assert [held.state for held in weekly.held()] == ["accepted"] * len(weekly.held())


def test_a_new_hour_for_all_visits_ahead_ends_the_old_promises_and_tells(weekly):
    staff, address = weekly.browser(), f"/needs/{id_of(weekly)}/edit"
    fields = form_of(weekly, staff, address) | {"start": "16:00", "end": "17:00"}
    status, page = staff.post(address, fields)
    assert status == 200
    assert "已修改" in page
    assert {f"{slot.earliest_at:%H}" for slot in weekly.slots("N1") if slot.state == "open"} == {"08"}  # UTC
    assert weekly.held() == []
    weekly.live("2026-11-30 12:00")
    assert weekly.told("V1", "取消")


def test_from_a_day_on_only_what_follows_changes(weekly):
    staff, address = weekly.browser(), f"/needs/{id_of(weekly)}/edit"
    change = {"which": "from", "from_day": "2026-12-05", "start": "16:00", "end": "17:00"}
    status, _ = staff.post(address, form_of(weekly, staff, address) | change)
    assert status == 200
    first, *rest = needs.where(weekly.store, "1 ORDER BY from_date")
    assert (first.until_date, first.start) == (date(2026, 12, 4), "14:00")
    assert [(need.from_date, need.start) for need in rest] == [(date(2026, 12, 5), "16:00")]
    assert days(weekly) == ["2026-12-01"]
    assert days(weekly, rest[0].code)[0] == "2026-12-08"
    assert [f"{held.at:%m-%d}" for held in weekly.held()] == ["12-01"]


def test_a_pause_leaves_out_the_days_between_and_goes_on(weekly):
    staff = weekly.browser()
    staff.get(f"/needs/{id_of(weekly)}")
    status, _ = staff.post(f"/needs/{id_of(weekly)}/pause", {"from": "2026-12-07", "until": "2026-12-13"})
    assert status == 200
    found = [day for code in sorted(n.code for n in needs.where(weekly.store, "1")) for day in days(weekly, code)]
    assert "2026-12-01" in found
    assert "2026-12-08" not in found
    assert "2026-12-15" in found or max(found) < "2026-12-15"
    status, page = staff.post(f"/needs/{id_of(weekly)}/pause", {"from": "2026-12-20", "until": "2026-12-10"})
    assert status == 422
    assert "暂停应从" in page


def test_one_visit_is_left_out_told_and_brought_back(weekly):
    first, second = weekly.slots("N1")[:2]
    staff = weekly.browser()
    staff.get(f"/slots/{first.id}")
    status, page = staff.post(f"/slots/{first.id}/skip", {})
    assert status == 200
    assert "恢复这一次" in page
    weekly.expand()
    assert days(weekly)[0] == f"{second.service_date}"
    assert next(f"{held.at:%m-%d}" for held in weekly.held()) == f"{second.service_date:%m-%d}"
    weekly.live("2026-11-30 12:00")
    assert weekly.told("V1", "取消")
    staff = weekly.browser()  # two hours later
    staff.get(f"/slots/{first.id}")
    assert staff.post(f"/slots/{first.id}/back", {})[0] == 200
    assert days(weekly)[0] == f"{first.service_date}"
    assert staff.post(f"/slots/{first.id}/back", {})[0] == 409


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_changed(weekly):
    staff, address = weekly.browser(), f"/needs/{id_of(weekly)}/edit"
    fields = form_of(weekly, staff, address) | {"heads": "0", "title": "带报纸"}
    status, page = staff.post(address, fields)
    assert status == 422
    assert 'value="带报纸"' in page
    assert 'class="error"' in page
    late = form_of(weekly, staff, address) | {"which": "from", "from_day": ""}
    assert staff.post(address, late)[0] == 422
    assert needs.get(weekly.store, id_of(weekly)).title == ""


def test_two_people_who_change_it_at_once_do_not_undo_each_other(weekly):
    address = f"/needs/{id_of(weekly)}/edit"
    one, two = weekly.browser(), weekly.browser()
    first, second = form_of(weekly, one, address), form_of(weekly, two, address)
    assert one.post(address, first | {"title": "带报纸"})[0] == 200
    assert two.post(address, second | {"title": "带书"})[0] == 409
    assert needs.get(weekly.store, id_of(weekly)).title == "带报纸"


def test_a_copy_begins_today_with_everything_but_the_notes(weekly):
    staff = weekly.browser()
    fields = form_of(weekly, staff, f"/needs/new?copy={id_of(weekly)}")
    assert fields["weekdays"] == ["2"]
    assert fields["from_date"] == ["2026-11-30"]
    assert staff.post("/needs", fields)[0] == 200
    assert len(needs.where(weekly.store, "1")) == 2


def test_a_need_on_the_first_saturday_of_the_month_comes_on_these_days_and_says_so(street):
    street.bring({**street.people("V1"), **street.elders("E1")})
    staff = street.browser()
    staff.get("/needs/new")
    form = {"service_type": "E01", "recipient_id": street.recipient("E1").id, "kind": "recurring"}
    form |= {
        "from_date": "2026-11-30",
        "month_days": "第一个周六",
        "on_holidays": "next_workday",
        "start": "14:00",
        "end": "16:00",
    }
    status, page = staff.post("/needs", form)
    assert status == 200, page
    assert "第一个周六" in page
    assert "顺延到下一工作日" in page
    assert [slot.service_date.isoformat() for slot in street.slots()] == ["2026-12-05"]
