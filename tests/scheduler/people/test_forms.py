"""Creating and changing volunteers, recipients, needs and free times from texts."""

from datetime import UTC, date, datetime

import pytest

from scheduler.availability.free_time_form import free_times_of, set_free_times
from scheduler.errors import StaleWrite
from scheduler.forms.form import InvalidFields
from scheduler.model.people import Kind, RecipientKind, Transport
from scheduler.model.services import NeedKind
from scheduler.needs.catalogue import load_catalogue
from scheduler.needs.need_form import save_need
from scheduler.people.person_form import save_recipient, save_volunteer
from scheduler.rules.workdays import WORKDAY
from scheduler.store import open_store
from scheduler.store.audit import history
from scheduler.store.people import organisations, recipients, volunteers
from scheduler.store.services import needs

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
VOLUNTEER = {"name": "王志强", "kinds": "骑手、党员", "grid_id": "长征镇/新长征第一居委会", "phone": "13800138000"}
ELDER = {"name": "陈桂兰", "kind": "老人", "grid_id": "长征镇", "phone": "62345678"}


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "yidu.db") as store:
        load_catalogue(store)
        row = store.rows(
            "SELECT name FROM grids WHERE kind = 'committee' AND code LIKE '310107102%' ORDER BY code LIMIT 1"
        )
        VOLUNTEER["grid_id"] = f"长征镇/{row[0]['name']}"
        yield store


def wrong_fields(call):
    with pytest.raises(InvalidFields) as caught:
        call()
    return caught.value.by_field("zh")


def test_a_volunteer_is_made_from_texts(store):
    before = store.revision()
    made = save_volunteer(
        store,
        VOLUNTEER | {"organisation_id": "饿了么长征站", "consented": "是", "skills": "陪伴聊天"},
        by="staff",
        now=NOW,
    )
    assert made == volunteers.get(store, made.id)
    assert (made.code, made.kinds, made.transport) == (
        "V00001",
        frozenset({Kind.COURIER, Kind.PARTY_MEMBER}),
        Transport.EBIKE,
    )
    assert made.consents == dict.fromkeys(("contact", "health_data", "auto_plan"), NOW)
    assert 31.2 < made.lat < 31.3
    assert organisations.get(store, made.organisation_id or "").name == "饿了么长征站"
    assert store.revision() > before
    assert [row.action for row in history(store, "volunteer", made.id)] == ["volunteer.create"]


def test_every_wrong_field_is_told_at_once(store):
    found = wrong_fields(
        lambda: save_volunteer(
            store,
            {"name": " ", "kinds": "超人", "grid_id": "火星", "phone": "12", "birth_month": "2099-01"},
            by="staff",
            now=NOW,
        )
    )
    assert set(found) == {"name", "kinds", "grid_id", "phone"}
    assert found["phone"] == "填写的是“12”，应为11位手机号，或带区号的固定电话"
    assert "没有填写" in found["name"]
    assert store.value("SELECT COUNT(*) FROM volunteers") == 0


def test_a_birth_month_to_come_is_refused(store):
    assert "birth_month" in wrong_fields(
        lambda: save_volunteer(store, VOLUNTEER | {"birth_month": "2026-12"}, by="staff", now=NOW)
    )
    assert save_volunteer(store, VOLUNTEER | {"birth_month": "2026-11"}, by="staff", now=NOW)


def test_a_missing_field_stays_and_an_empty_one_is_cleared(store):
    made = save_volunteer(store, VOLUNTEER | {"notes": "晚上方便", "max_pairs": "3"}, by="staff", now=NOW)
    changed = save_volunteer(store, {"phone": "", "name": "王强"}, volunteer_id=made.id, by="staff", now=NOW)
    assert (changed.name, changed.phone, changed.notes, changed.max_pairs) == ("王强", "", "晚上方便", 3)
    assert (changed.lat, changed.lon) == (made.lat, made.lon)


def test_an_older_copy_does_not_overwrite_a_newer_one(store):
    made = save_volunteer(store, VOLUNTEER, by="staff", now=NOW)
    save_volunteer(store, {"name": "王强"}, volunteer_id=made.id, revision=made.revision, by="staff", now=NOW)
    with pytest.raises(StaleWrite):
        save_volunteer(store, {"name": "王刚"}, volunteer_id=made.id, revision=made.revision, by="staff", now=NOW)


def test_a_code_belongs_to_one_person(store):
    save_volunteer(store, VOLUNTEER | {"code": "V7"}, by="staff", now=NOW)
    assert "code" in wrong_fields(lambda: save_volunteer(store, VOLUNTEER | {"code": "V7"}, by="staff", now=NOW))
    assert save_volunteer(store, VOLUNTEER, by="staff", now=NOW).code == "V00008"


def test_a_recipient_names_people_who_must_not_come(store):
    someone = save_volunteer(store, VOLUNTEER, by="staff", now=NOW)
    made = save_recipient(store, ELDER | {"blocked": "王志强", "quiet_hours": "12:00-14:00"}, by="staff", now=NOW)
    assert made.blocked == frozenset({someone.id})
    assert recipients.get(store, made.id).quiet_hours == (("12:00", "14:00"),)
    assert made.kind is RecipientKind.ELDER


def test_a_need_is_made_and_changed(store):
    elder = save_recipient(store, ELDER, by="staff", now=NOW)
    texts = {"service_type": "E01", "recipient_id": elder.code, "kind": "固定星期", "from_date": "2026-11-23"}
    made = save_need(store, texts | {"weekdays": "周二、周五", "start": "14:00", "end": "16:30"}, by="staff", now=NOW)
    assert (made.kind, made.weekdays, made.created_by) == (NeedKind.RECURRING, (2, 5), "staff")
    changed = save_need(store, {"weekdays": "周一"}, need_id=made.id, by="staff", now=NOW)
    assert needs.get(store, made.id) == changed
    assert changed.start == "14:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weekdays": ""}, "weekdays"),
        ({"until_date": "2026-11-22"}, "until_date"),
        ({"start": "14:00", "end": "14:44"}, "end"),
        ({"min_heads": "2"}, "min_heads"),
        ({"team": "党员2"}, "team"),
        ({"per_week": "2"}, "per_week"),
        ({"service_type": "C11"}, "recipient_id"),
    ],
)
def test_a_need_that_does_not_fit_together_is_refused(store, change, field):
    elder = save_recipient(store, ELDER, by="staff", now=NOW)
    texts = {
        "service_type": "结对陪伴聊天",
        "recipient_id": elder.id,
        "kind": "recurring",
        "from_date": "2026-11-23",
        "weekdays": "2",
    }
    assert list(wrong_fields(lambda: save_need(store, texts | change, by="staff", now=NOW))) == [field]
    fitting = {"end": "14:45", "start": "14:00", "until_date": "2026-11-23", "min_heads": "1", "team": "党员1"}
    assert save_need(store, texts | fitting, by="staff", now=NOW)


def test_free_times_are_replaced_as_a_whole(store):
    person = save_volunteer(store, VOLUNTEER, by="staff", now=NOW)
    weekly = {"kind": "每周空闲", "weekdays": "工作日", "start": "14:00", "end": "16:30"}
    away = {"kind": "外出", "from_date": "2026-12-01"}
    set_free_times(store, person.id, [weekly, away], by="staff", now=NOW)
    set_free_times(store, person.id, [weekly], by="staff", now=NOW)
    (rule,) = free_times_of(store, person.id)
    assert (rule.weekdays, rule.start, rule.end) == ((WORKDAY,), "14:00", "16:30")


def test_one_day_away_needs_only_its_date(store):
    person = save_volunteer(store, VOLUNTEER, by="staff", now=NOW)
    (made,) = set_free_times(store, person.id, [{"kind": "away", "from_date": "2026-12-01"}], by="staff", now=NOW)
    assert (made.from_date, made.until_date, made.start, made.end) == (
        date(2026, 12, 1),
        date(2026, 12, 1),
        "00:00",
        "24:00",
    )


def test_a_wrong_row_of_free_time_is_named_by_its_number(store):
    person = save_volunteer(store, VOLUNTEER, by="staff", now=NOW)
    good = {"kind": "weekly", "weekdays": "1", "start": "09:00", "end": "10:00"}
    rows = [good, good | {"end": "09:00"}, {"kind": "extra", "from_date": "2026-12-01"}]
    found = wrong_fields(lambda: set_free_times(store, person.id, rows, by="staff", now=NOW))
    assert set(found) == {"2.end", "3.start", "3.end"}
    assert free_times_of(store, person.id) == []
