"""What somebody promised rests on facts: when one of them changes, the people concerned hear of it at once."""

import pytest

from scheduler.availability import free_time
from scheduler.errors import IllegalMove
from scheduler.exchange import importing
from scheduler.model.plan import State
from scheduler.needs import bulk_changes
from scheduler.operations import standby_lists
from scheduler.operations.repair import repair_slot
from scheduler.people import duplicates
from scheduler.people.own_data import set_consent
from scheduler.people.person_form import save_recipient, save_volunteer
from scheduler.promises import claims, links, reminders, replies
from scheduler.store.services import needs
from tests.outside.street import ONE_VISIT, moment

ENDED = (State.CANCELLED, State.SUPERSEDED)


def state(street, held):
    return street.again(held).state


def not_to_go(street, code="V1"):
    street.live("2026-11-30 10:20")
    return [text for _, text in street.told(code) if "请不要前往" in text or "无需前往" in text]


def reminded(street, code="V1"):
    street.clock.at("2026-12-01 01:30")
    street.expand()
    reminders.remind(street.store, now=street.clock())
    street.live("2026-12-01 08:30")
    return street.told(code, "提醒")


def need_of(street, code="N1"):
    return needs.by(street.store, code=code)[0].id


def waiting_repairs(street):
    sql = "SELECT slot_id FROM replan_requests WHERE state = 'waiting'"
    return [row["slot_id"] for row in street.store.rows(sql)]


def take_off_the_list(street, code):
    bulk_changes.set_volunteers_active(street.store, [street.volunteer(code).id], False, by="boss", now=street.clock())


# Whoever is visited --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", [True, False])
def test_when_the_recipient_is_no_longer_there_nobody_goes_is_reminded_or_asked(street, accepted):
    slot = street.a_visit("2026-12-02", people=("V1", "S1", "S2"))
    held = street.place(slot, "V1", accept=accepted)
    street.live("2026-11-30 10:05")
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    save_recipient(
        street.store, {"active": "否"}, recipient_id=street.recipient("E1").id, by="boss", now=street.clock()
    )
    assert state(street, held) in ENDED
    assert len(not_to_go(street)) == 1
    assert not reminded(street)
    assert street.held() == []
    assert [s.state.value for s in street.slots("N1")] == ["cancelled"]
    assert waiting_repairs(street) == []


def test_nobody_is_told_why_an_elder_needs_no_visit_any_more(street):
    street.place(street.a_visit("2026-12-02"), "V1")
    save_recipient(
        street.store, {"active": "否"}, recipient_id=street.recipient("E1").id, by="boss", now=street.clock()
    )
    (text,) = not_to_go(street)
    assert "对方不再需要这次服务" in text


def test_a_recipient_who_comes_back_is_visited_again(street):
    slot = street.a_visit("2026-12-03")
    street.place(slot, "V1")
    for word in ("否", "是"):
        save_recipient(
            street.store, {"active": word}, recipient_id=street.recipient("E1").id, by="boss", now=street.clock()
        )
    street.expand()
    assert [s.state.value for s in street.slots("N1")] == ["open"]


def test_a_recipient_taken_off_by_a_workbook_is_not_visited(street):
    held = street.place(street.a_visit("2026-12-02"), "V1")
    street.bring({"服务对象": [{"编号": "E1", "在册": "否"}]})
    assert state(street, held) is State.CANCELLED
    assert not reminded(street)


def test_who_is_not_wanted_any_more_does_not_come_and_does_not_hear_why(street):
    slot = street.a_visit("2026-12-02", people=("V1", "V2"))
    held = street.place(slot, "V1")
    save_recipient(
        street.store, {"blocked": "V1"}, recipient_id=street.recipient("E1").id, by="boss", now=street.clock()
    )
    assert state(street, held) is State.CANCELLED
    (text,) = not_to_go(street)
    assert "安排有变动" in text
    assert "不希望" not in text
    assert waiting_repairs(street) == [slot.id]


def test_a_wish_for_women_over_an_accepted_visit_stands_on_today_and_ends_a_mere_proposal(street):
    first = street.a_visit("2026-12-02", people=("V1", "V2"))
    street.bring({"志愿者": [{"编号": c, "性别": "男"} for c in ("V1", "V2")]})
    street.bring({"需求": [{"编号": "N2", **ONE_VISIT, "开始日期": "2026-12-03"}]})
    street.expand()
    accepted = street.place(first, "V1")
    proposed = street.place(street.slots("N2")[0], "V2", accept=False)
    save_recipient(
        street.store, {"gender_wish": "女"}, recipient_id=street.recipient("E1").id, by="boss", now=street.clock()
    )
    assert state(street, accepted) is State.ACCEPTED
    assert state(street, proposed) is State.SUPERSEDED
    page = street.browser().get("/today")[1]
    assert f"/slots/{first.id}" in page
    assert "对象希望另一性别" in page


def test_quiet_hours_laid_over_an_accepted_visit_stand_on_today(street):
    slot = street.a_visit("2026-12-03")
    street.place(slot, "V1")
    save_recipient(
        street.store, {"quiet_hours": "13:00-15:00"}, recipient_id=street.recipient("E1").id, by="boss",
        now=street.clock(),
    )  # fmt: skip
    assert f"/slots/{slot.id}" in street.browser().get("/today")[1]


# Whoever visits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["page of one", "list", "workbook"])
def test_a_volunteer_who_left_is_told_staff_are_told_which_and_the_seat_is_filled_again(street, way):
    slot = street.a_visit("2026-12-02", people=("V1", "V2"))
    held = street.place(slot, "V1")
    if way == "page of one":
        save_volunteer(
            street.store, {"active": "否"}, volunteer_id=street.volunteer("V1").id, by="boss", now=street.clock()
        )
    elif way == "list":
        take_off_the_list(street, "V1")
    else:
        street.bring({"志愿者": [{"编号": "V1", "在册": "否"}]})
    assert state(street, held) is State.CANCELLED
    assert len(not_to_go(street)) == 1
    staff = [text for _, to, text in street.phone.sent if to.startswith("staff")]
    assert any("12月2日 周三 14:00" in text and "已停用" in text for text in staff)
    assert waiting_repairs(street) == [slot.id]
    (found,) = repair_slot(street.store, street.config, slot.id, reason="", clock=street.clock)
    assert found.volunteer_id == street.volunteer("V2").id


def test_a_consent_taken_back_ends_what_was_promised(street):
    held = street.place(street.a_visit("2026-12-02"), "V1")
    set_consent(street.store, street.volunteer("V1").id, "contact", given=False, by="v1", now=street.clock())
    assert state(street, held) is State.CANCELLED


@pytest.mark.parametrize(("field", "text"), [("insured", "否"), ("consented", "否")])
def test_what_the_law_asks_for_ends_a_promise_when_it_is_gone(street, field, text):
    held = street.place(street.a_visit("2026-12-02"), "V1")
    save_volunteer(street.store, {field: text}, volunteer_id=street.volunteer("V1").id, by="boss", now=street.clock())
    assert state(street, held) is State.CANCELLED


def test_another_phone_number_changes_no_promise(street):
    held = street.place(street.a_visit("2026-12-02"), "V1")
    save_volunteer(
        street.store, {"phone": "13900139000"}, volunteer_id=street.volunteer("V1").id, by="boss", now=street.clock()
    )
    assert street.again(held) == held
    assert not_to_go(street) == []


def test_days_away_over_an_accepted_visit_are_named_with_a_way_to_give_it_back(street):
    slot = street.a_visit()
    held = street.place(slot, "V1")
    street.account("v1", "V1")
    page_of_v1 = street.browser("v1")
    page_of_v1.get("/my/free")
    days = {"kind": "away", "from_date": "2026-12-02", "until_date": "2026-12-06"}
    _, page = page_of_v1.post("/my/free/exceptions", days)
    assert f"/my/visits/{held.id}/decline" in page
    today = street.browser().get("/today")[1]
    assert f"/slots/{slot.id}" in today
    assert "那时没空" in today
    page_of_v1.post(f"/my/visits/{held.id}/decline", {"reason": "time"})
    assert "那时没空" not in street.browser().get("/today")[1]


def test_days_away_that_are_taken_back_leave_nothing_to_decide(street):
    slot = street.a_visit()
    street.place(slot, "V1")
    me = street.volunteer("V1").id
    away = free_time.add_exception(
        street.store, me, kind="away", from_date=slot.service_date, until_date=slot.service_date, now=street.clock()
    )
    free_time.remove_exception(street.store, me, away.id, now=street.clock())
    assert f"/slots/{slot.id}" not in street.browser().get("/today")[1]


def test_a_week_painted_otherwise_over_an_accepted_visit_stands_on_today(street):
    slot = street.a_visit()
    street.place(slot, "V1")
    free_time.save_paint(street.store, street.volunteer("V1").id, [(1, 20)], now=street.clock())
    assert f"/slots/{slot.id}" in street.browser().get("/today")[1]


def test_days_away_end_a_proposal_that_nobody_has_answered(street):
    slot = street.a_visit()
    offer = street.place(slot, "V1", accept=False)
    street.bring(
        {"空闲时间": [{"志愿者编号": "V1", "类型": "请假", "起始日期": "2026-12-02", "截止日期": "2026-12-06"}]}
    )
    assert state(street, offer) is State.SUPERSEDED


def test_staff_keep_a_visit_that_something_speaks_against(street):
    slot = street.a_visit()
    held = street.place(slot, "V1")
    free_time.save_paint(street.store, street.volunteer("V1").id, [(1, 20)], now=street.clock())
    boss = street.browser()
    boss.get("/today")
    boss.post(f"/assignments/{held.id}/keep", {})
    assert f"/slots/{slot.id}" not in boss.get("/today")[1]
    assert state(street, held) is State.ACCEPTED


# The need ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["cancel", "close"])
def test_an_ended_need_ends_its_visits_and_asks_nobody(street, step):
    slot = street.a_visit("2026-12-02", people=("V1", "S1", "S2"))
    held = street.place(slot, "V1")
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    boss = street.browser()
    boss.get(f"/needs/{need_of(street)}")
    boss.post(f"/needs/{need_of(street)}/{step}", {})
    assert state(street, held) is State.CANCELLED
    boss.get(f"/slots/{slot.id}")
    boss.post(f"/assignments/{held.id}/remove", {"reason": "the need has ended"})
    street.expand()
    assert street.held() == []
    assert len(not_to_go(street)) == 1


def test_a_proposal_of_an_ended_need_cannot_be_accepted(street):
    offer = street.place(street.a_visit(), "V1", accept=False)
    boss = street.browser()
    boss.get("/needs")
    boss.post("/needs/chosen", {"step": "close", "chosen": need_of(street)})
    with pytest.raises(IllegalMove):
        replies.accept(street.store, street.config, offer.id, now=street.clock())


def test_a_visit_of_an_ended_need_is_not_claimed(street):
    slot = street.a_visit()
    boss = street.browser()
    boss.get(f"/needs/{need_of(street)}")
    boss.post(f"/needs/{need_of(street)}/cancel", {})
    with pytest.raises(IllegalMove):
        claims.claim(street.store, street.config, slot.id, street.volunteer("V1").id, now=street.clock())


def test_a_weekly_need_moved_to_another_day_takes_place_once_a_week(street):
    weekly = {**ONE_VISIT, "编号": "N1", "方式": "固定星期", "星期": "周二", "开始日期": "2026-12-01"}
    street.bring({**street.people("V1"), **street.elders("E1"), "需求": [weekly]})
    street.expand()
    held = street.place(street.slots("N1")[0], "V1")
    found = street.preview(street.book({"需求": [{**weekly, "星期": "周四"}]}))
    assert any("12月1日" in warning.zh and "志愿者V1" in warning.zh for warning in found.warnings)
    importing.confirm(street.store, found, by="boss", now=street.clock())
    street.expand()
    week = [
        str(s.service_date)
        for s in street.slots("N1")
        if s.state.value == "open" and str(s.service_date) <= "2026-12-06"
    ]
    assert week == ["2026-12-03"]
    assert state(street, held) is State.CANCELLED
    assert len(not_to_go(street)) == 1


@pytest.mark.parametrize("accepted", [True, False])
def test_a_need_moved_to_another_hour_takes_its_visit_along(street, accepted):
    slot = street.a_visit()
    held = street.place(slot, "V1", accept=accepted)
    street.live("2026-11-30 10:05")
    street.bring({"需求": [{"编号": "N1", "最早开始": "16:00", "最晚结束": "17:00"}]})
    street.expand()
    (moved,) = street.slots("N1")
    assert (moved.state.value, moved.earliest_at) == ("open", moment("2026-12-03 16:00"))
    assert state(street, held) in ENDED
    assert len(not_to_go(street)) == 1
    street.plan()
    assert [(h.who, f"{h.at:%H:%M}") for h in street.held()] == [("V1", "16:00")]


def test_a_visit_wanted_once_stays_one_when_its_days_begin_earlier(street):
    held = street.place(street.a_visit("2026-12-03", 截止日期="2026-12-05"), "V1")
    street.bring({"需求": [{"编号": "N1", **ONE_VISIT, "开始日期": "2026-12-01", "截止日期": "2026-12-05"}]})
    street.expand()
    assert state(street, held) is State.ACCEPTED
    assert [slot.id for slot in street.slots("N1") if slot.state.value == "open"] == [held.slot_id]


def test_a_need_that_is_only_described_otherwise_changes_no_promise(street):
    held = street.place(street.a_visit(), "V1")
    street.bring({"需求": [{"编号": "N1", "备注": "带上老花镜", "最早开始": "13:30"}]})
    street.expand()
    assert street.again(held) == held


def test_one_more_person_wanted_leaves_the_first_where_they_are(street):
    held = street.place(street.a_visit(), "V1")
    street.bring({"需求": [{"编号": "N1", "人数": "2"}]})
    street.expand()
    assert street.again(held) == held
    assert [slot.heads for slot in street.slots("N1")] == [2]


def test_an_import_taken_back_settles_promises_as_the_import_did(street):
    street.a_visit()
    street.bring({"需求": [{"编号": "N1", "最早开始": "16:00", "最晚结束": "17:00"}]})
    street.expand()
    held = street.place(street.slots("N1")[0], "V1")
    last = street.store.value("SELECT id FROM imports ORDER BY imported_at DESC, rowid DESC LIMIT 1")
    importing.undo(street.store, last, by="boss", now=street.clock())
    assert state(street, held) is State.CANCELLED


def test_two_records_of_one_elder_merged_leave_no_visit_of_the_closed_need(street):
    weekly = {**ONE_VISIT, "方式": "固定星期", "星期": "周三", "开始日期": "2026-12-01"}
    rows = [{**weekly, "编号": "N1"}, {**weekly, "编号": "N2", "服务对象编号": "E2"}]
    street.bring({**street.people("V1", "V2"), **street.elders("E1", "E2"), "需求": rows})
    street.expand()
    kept, doubled = street.place(street.slots("N1")[0], "V1"), street.place(street.slots("N2")[0], "V2")
    duplicates.merge(
        street.store, "recipient", street.recipient("E1").id, street.recipient("E2").id, by="boss", now=street.clock()
    )
    assert (state(street, kept), state(street, doubled)) == (State.ACCEPTED, State.CANCELLED)


# Whom staff took off -------------------------------------------------------------------------------------------------


def test_whom_staff_took_off_a_visit_is_not_asked_for_it_again_by_anything(street):
    slot = street.a_visit()
    held = street.place(slot, "V1")
    replies.take_off(street.store, street.config, held.id, "家里有事", by="boss", now=street.clock())
    assert repair_slot(street.store, street.config, slot.id, reason="", clock=street.clock) == []
    street.plan()
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    assert street.held() == []
    with pytest.raises(IllegalMove, match="taken off"):
        claims.claim(street.store, street.config, slot.id, street.volunteer("V1").id, now=street.clock())


def test_staff_may_put_back_whom_they_took_off(street):
    slot = street.a_visit()
    held = street.place(slot, "V1")
    replies.take_off(street.store, street.config, held.id, "看错了", by="boss", now=street.clock())
    street.place(slot, "V1")
    street.plan()
    assert [(h.who, h.state) for h in street.held()] == [("V1", "accepted")]


# Doors ---------------------------------------------------------------------------------------------------------------


def test_a_volunteer_taken_off_the_list_finds_every_door_closed(street):
    slot = street.a_visit("2026-12-02")
    offer = street.place(slot, "V1", accept=False)
    token = links.make(street.store, offer.id, now=street.clock())
    street.account("v1", "V1")
    me = street.browser("v1")
    _, page = me.get("/my/data")
    _, page = me.post("/my/calendar", {})
    feed = page.split("/calendar/")[1].split(".ics")[0]
    assert me.get(f"/calendar/{feed}.ics")[0] == 200
    boss = street.browser()
    boss.get("/volunteers")
    boss.post("/volunteers/chosen", {"step": "inactive", "chosen": street.volunteer("V1").id})
    me.get("/my/")
    assert "/login" in me.url
    assert me.get(f"/calendar/{feed}.ics")[0] == 404
    assert me.get(f"/r/{token}")[0] == 404
    with pytest.raises(AssertionError):
        street.browser("v1")
    boss.post("/volunteers/chosen", {"step": "active", "chosen": street.volunteer("V1").id})
    me.get("/my/")
    assert "/login" in me.url
    assert me.get(f"/calendar/{feed}.ics")[0] == 404
