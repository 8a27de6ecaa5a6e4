"""What becomes of needs: visits that take place, on days that are meant, and never two at one door at once."""

import json
import urllib.request
from datetime import date, timedelta

import chinese_calendar
import pytest

from scheduler.access.api_tokens import SCOPES, give
from scheduler.availability import free_time, near_me
from scheduler.errors import IllegalMove, InputError
from scheduler.model.plan import Assignment
from scheduler.needs.surges import declare_surge
from scheduler.people import duplicates
from scheduler.planning.placing import judge
from scheduler.promises import claims
from scheduler.rules.workdays import WORKDAY
from scheduler.store.accounts import accounts
from scheduler.store.people import availability_rules
from tests.outside.street import ONE_VISIT, Street, moment

WIDE = {"方式": "一次", "服务对象编号": "E1", "开始日期": "2026-12-03", "最早开始": "14:00", "最晚结束": "16:30"}
FIRM = {"编号": "B1", "姓名": "某公司", "类别": "企业", "所在居委或楼宇": "长征镇"}
FOR_FIRM = {"编号": "N1", "服务类型": "C05", "服务对象编号": "B1", "方式": "固定星期", "开始日期": "2026-09-28"}
NEVER = {
    "a day that has passed": {"方式": "一次", "开始日期": "2026-11-20"},
    "days that have passed": {"方式": "每周次数", "每周次数": "1", "开始日期": "2026-11-02", "截止日期": "2026-11-22"},
    "Fridays from Saturday to Thursday": {
        "方式": "固定星期", "星期": "周五", "开始日期": "2026-12-05", "截止日期": "2026-12-10",
    },
    "19:30 in the quiet hours": {"方式": "一次", "开始日期": "2026-12-04", "最早开始": "19:30"},
    "noon in the quiet hours": {"方式": "每周次数", "开始日期": "2026-12-04", "最早开始": "11:30", "最晚结束": "13:30"},
    "Sundays, a service of working days": {
        "方式": "固定星期", "星期": "周日", "服务类型": "E07", "开始日期": "2026-12-01",
    },
    "three hours in a window of two": {"方式": "一次", "开始日期": "2026-12-04", "时长分钟": "180"},
}  # fmt: skip


def overlaps(street: Street) -> list[tuple[str, str]]:
    held = street.held()
    return [(a.need, b.need) for n, a in enumerate(held) for b in held[n + 1 :] if a.at < b.until and b.at < a.until]


# One door ------------------------------------------------------------------------------------------------------------


def test_a_chat_a_phone_call_and_a_repair_for_one_elder_come_one_after_the_other(street: Street) -> None:
    rows = [{"编号": f"N-{service}", "服务类型": service, **WIDE} for service in ("E01", "E11", "E03")]
    people = street.people("V1", "V2", 技能="陪伴聊天、微修")
    street.bring({**people, **street.elders("E1"), "需求": rows})
    street.expand()
    street.plan()
    assert {held.need for held in street.held()} == {"N-E01", "N-E11", "N-E03"}
    assert overlaps(street) == []


def test_a_new_need_keeps_clear_of_a_visit_that_is_promised_already(street: Street) -> None:
    slot = street.a_visit(people=("V1", "V2"), 最晚结束="16:00")
    street.place(slot, "V1", moment("2026-12-03 14:20"))
    street.bring({"需求": [{"编号": "N2", "服务类型": "E01", **WIDE, "最晚结束": "16:00"}]})
    street.expand()
    street.plan()
    assert len(street.held()) == 2
    assert overlaps(street) == []


def test_a_need_published_on_the_page_makes_the_visits_of_the_others_give_way(street: Street) -> None:
    street.a_visit(最晚结束="16:00")
    fields = {"service_type": "E11", "recipient_id": street.recipient("E1").id, "kind": "once"}
    browser = street.browser()
    browser.get("/needs/new")
    status, _ = browser.post("/needs", {**fields, "from_date": "2026-12-03", "start": "14:00", "end": "16:00"})
    assert status == 200
    first, second = sorted(street.slots(), key=lambda s: s.earliest_at)
    assert first.latest_at + timedelta(minutes=first.minutes) <= second.earliest_at


def test_a_day_without_room_for_all_drops_nothing(street: Street) -> None:
    tight = {**WIDE, "最晚结束": "15:00"}
    rows = [{"编号": f"N{n}", "服务类型": "E01", **tight} for n in range(3)]
    street.bring({**street.people("V1", "V2", "V3"), **street.elders("E1"), "需求": rows})
    street.expand()
    assert len(street.slots()) == 3


def test_staff_are_told_that_another_visitor_is_there_and_may_decide(street: Street) -> None:
    slot = street.a_visit(people=("V1", "V2"))
    street.bring({"需求": [{"编号": "N2", **ONE_VISIT, "开始日期": "2026-12-03", "最晚结束": "17:00"}]})
    street.expand()
    street.place(slot, "V1")
    (other,) = street.slots("N2")
    for start, warned in (("14:00", True), ("14:45", False)):
        at = moment(f"2026-12-03 {start}")
        verdict = judge(street.store, street.config, other.id, street.volunteer("V2").id, at)
        assert verdict.allowed
        assert ("another_visitor" in verdict.warnings) is warned


def test_what_staff_place_at_another_time_makes_the_open_visits_of_that_door_give_way_at_once(street: Street) -> None:
    rows = [{"编号": f"N-{service}", "服务类型": service, **WIDE} for service in ("E01", "E11")]
    street.bring({**street.people("V1", "V2", 技能="陪伴聊天、微修"), **street.elders("E1"), "需求": rows})
    street.expand()
    first, second = sorted(street.slots(), key=lambda s: s.earliest_at)
    street.place(first, "V1", second.earliest_at)
    claims.claim(street.store, street.config, second.id, street.volunteer("V2").id, now=street.clock())
    assert len(street.held()) == 2
    assert overlaps(street) == []


def test_an_open_visit_is_not_taken_at_the_time_of_another_visitor(street: Street) -> None:
    """Two records of one elder were merged a minute ago: no expansion has parted their visits yet."""
    rows = [{**WIDE, "编号": "N1", "服务类型": "E01"}, {**WIDE, "编号": "N2", "服务类型": "E11", "服务对象编号": "E2"}]
    people = street.people("V1", "V2", 技能="陪伴聊天、微修")
    street.bring({**people, **street.elders("E1", "E2"), "需求": rows})
    street.expand()
    street.place(street.slots("N1")[0], "V1")
    first, second = (street.recipient(code).id for code in ("E1", "E2"))
    duplicates.merge(street.store, "recipient", first, second, by="boss", now=street.clock())
    slot, who = street.slots("N2")[0], street.volunteer("V2").id

    def claimed(at: str) -> Assignment:
        start = moment(f"2026-12-03 {at}")
        return claims.claim(street.store, street.config, slot.id, who, starts_at=start, now=street.clock())

    with pytest.raises(IllegalMove, match="visited by somebody else then"):
        claimed("14:00")
    claimed("14:45")
    assert overlaps(street) == []


def test_who_is_free_now_is_not_sent_to_a_door_where_somebody_is(street: Street) -> None:
    rows = [{**WIDE, "编号": f"N{n}", "服务类型": "E01", "开始日期": "2026-11-30", "最晚结束": "15:00"} for n in (1, 2)]
    street.bring({**street.people("V1", "V2"), **street.elders("E1"), "需求": rows})
    street.expand()

    def suggested() -> int:
        found = near_me.best_near(street.store, street.config, street.volunteer("V2").id, "16:00", now=street.clock())
        return len(found)

    assert suggested() == 2
    street.place(street.slots("N1")[0], "V1")
    assert suggested() == 0  # no room for both: staff decide


def test_a_firm_receives_several_visitors_at_once(street: Street) -> None:
    wide = {**FOR_FIRM, "方式": "一次", "开始日期": "2026-12-03"}
    street.bring({"服务对象": [FIRM], "需求": [wide, {**wide, "编号": "N2"}]})
    street.expand()
    one, other = street.slots()
    assert (one.earliest_at, one.latest_at) == (other.earliest_at, other.latest_at)


# Never ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEVER)
def test_the_preview_of_a_workbook_says_that_a_need_never_takes_place(street: Street, name: str) -> None:
    row = {"编号": "N1", "服务类型": "E01", "服务对象编号": "E1", **NEVER[name]}
    found = street.bring({**street.elders("E1"), "需求": [row]})
    street.expand()
    assert street.slots() == []
    (warning,) = found.warnings
    assert "第2行：不会有任何一次服务" in warning.zh
    assert "row 2: no visit will come of it" in warning.en


def test_a_need_that_does_take_place_is_imported_without_a_word(street: Street) -> None:
    row = {"编号": "N1", **ONE_VISIT, "开始日期": "2026-12-04"}
    assert not street.bring({**street.elders("E1"), "需求": [row]}).warnings


def test_an_old_list_brought_in_again_is_not_warned_about(street: Street) -> None:
    sheets = {**street.elders("E1"), "需求": [{"编号": "N1", **ONE_VISIT, "开始日期": "2026-12-04"}]}
    street.bring(sheets)
    street.clock.at("2026-12-20 10:00")
    assert not street.preview(street.book(sheets)).warnings


def test_the_form_does_not_publish_what_never_takes_place_and_keeps_what_was_typed(street: Street) -> None:
    street.bring(street.elders("E1"))
    browser = street.browser()
    browser.get("/needs/new")
    fields = {"service_type": "E01", "recipient_id": street.recipient("E1").id, "kind": "once", "title": "陪聊"}
    status, page = browser.post("/needs", {**fields, "from_date": "2026-11-20"})
    assert status == 422
    assert "填写的是“2026-11-20”，应为今天或以后的日子" in page
    assert 'value="陪聊"' in page
    assert street.slots() == []
    assert street.store.value("SELECT count(*) FROM needs") == 0


def test_drafts_published_together_are_refused_if_one_never_takes_place(street: Street) -> None:
    rows = [{"编号": "N1", **ONE_VISIT, "开始日期": day, "状态": "草稿"} for day in ("2026-11-20", "2026-12-04")]
    rows[1] |= {"编号": "N2"}
    street.bring({**street.people("V1"), **street.elders("E1"), "需求": rows})
    browser = street.browser()
    browser.get("/needs")
    chosen = [row["id"] for row in street.store.rows("SELECT id FROM needs ORDER BY code")]
    status, page = browser.post("/needs/chosen", {"step": "open", "chosen": chosen})
    assert status == 409
    assert "需求 N1 不会有任何一次服务" in page
    assert street.slots() == []
    browser.post("/needs/chosen", {"step": "open", "chosen": chosen[1:]})
    assert len(street.slots()) == 1


def test_a_need_of_somebody_who_is_not_on_the_list_any_more_never_takes_place(street: Street) -> None:
    street.bring({**street.people("V1"), **street.elders("E1", 在册="否")})
    browser = street.browser()
    browser.get("/needs/new")
    fields = {"service_type": "E01", "recipient_id": street.recipient("E1").id, "kind": "once"}
    status, page = browser.post("/needs", {**fields, "from_date": "2026-12-04"})
    assert status == 422
    assert "仍在服务的对象" in page
    found = street.preview(street.book({"需求": [{"编号": "N1", **ONE_VISIT, "开始日期": "2026-12-04"}]}))
    assert any("仍在服务的对象" in said.zh for said in found.warnings)


def test_the_api_refuses_it_with_the_field(street: Street) -> None:
    street.bring(street.elders("E1"))
    street.serve()
    (boss,) = accounts.by(street.store, login="boss")
    token = give(street.store, boss.id, name="t", scopes=frozenset(SCOPES), days=30, by="test", now=street.clock())[1]
    body = {"service_type": "E01", "recipient_code": "E1", "kind": "once", "from_date": "2026-12-04", "start": "19:30"}
    request = urllib.request.Request(
        street.address + "/api/v1/needs",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    problem = json.load(refused.value)
    refused.value.close()
    assert (problem["status"], problem["errors"][0]["field"]) == (422, "start")


def test_the_page_of_such_a_need_says_why(street: Street) -> None:
    row = {"编号": "N1", "服务类型": "E01", "服务对象编号": "E1", **NEVER["19:30 in the quiet hours"]}
    street.bring({**street.elders("E1"), "需求": [row]})
    need_id = street.store.value("SELECT id FROM needs")
    assert "不会有任何一次服务：“最早开始”填写的是“19:30”" in street.browser().get(f"/needs/{need_id}")[1]


@pytest.mark.parametrize(
    ("from_date", "until_date", "per_week"),
    [("2026-12-04", "2026-12-06", 1), ("2026-12-05", "2026-12-05", 1), ("2026-12-03", "2026-12-08", 3)],
)
def test_so_many_times_a_week_in_less_than_a_week_is_visited(
    street: Street, from_date: str, until_date: str, per_week: int
) -> None:
    codes = [f"E{n}" for n in range(60)]
    base = {
        "服务类型": "E01",
        "方式": "每周次数",
        "每周次数": str(per_week),
        "开始日期": from_date,
        "截止日期": until_date,
    }
    needs = [{"编号": f"N{c}", "服务对象编号": c, **base} for c in codes]
    street.bring({**street.elders(*codes), "需求": needs})
    street.expand()
    days = (date.fromisoformat(until_date) - date.fromisoformat(from_date)).days + 1
    each = -(-per_week * days // 7)
    for code in codes:
        assert len(street.slots(f"N{code}")) == each


def test_a_cold_warning_of_two_days_reaches_every_elder_of_whom_it_speaks(street: Street) -> None:
    street.bring(street.elders(*[f"E{n}" for n in range(42)]))
    first = date(2026, 12, 1)
    asked = declare_surge(
        street.store, street.config, kind="cold", from_date=first, until_date=first + timedelta(days=1), by="boss",
        now=street.clock(),
    )  # fmt: skip
    street.expand()
    assert asked == 42 == len({slot.recipient_id for slot in street.slots()})


def test_a_warning_declared_in_the_afternoon_of_its_last_day_finds_those_it_still_can(street: Street) -> None:
    street.bring(street.elders(*[f"E{n}" for n in range(20)]))
    street.clock.at("2026-12-01 18:00")
    today = date(2026, 12, 1)
    for until in (today, today + timedelta(days=1)):
        declare_surge(
            street.store, street.config, kind="heat", from_date=today, until_date=until, by="boss", now=street.clock()
        )
    street.expand()
    assert all(slot.latest_at > street.clock() for slot in street.slots())


def test_a_warning_for_days_that_have_passed_is_refused(street: Street) -> None:
    with pytest.raises(InputError) as refused:
        declare_surge(
            street.store, street.config, kind="cold", from_date=date(2026, 11, 20), until_date=date(2026, 11, 22),
            by="boss", now=street.clock(),
        )  # fmt: skip
    assert "已经过去" in refused.value.said.zh


def test_the_line_under_the_form_promises_what_publishing_then_makes(street: Street) -> None:
    other = {
        "编号": "N0",
        "服务类型": "E11",
        "服务对象编号": "E1",
        "方式": "每周次数",
        "每周次数": "3",
        "开始日期": "2026-12-01",
    }
    street.bring({**street.people("V1"), **street.elders("E1"), "需求": [other]})
    street.expand()
    fields = {"service_type": "E01", "recipient_id": street.recipient("E1").id, "from_date": "2026-12-01"}
    browser = street.browser()
    browser.get("/needs/new")
    for more in ({"kind": "cadence", "per_week": "2"}, {"kind": "recurring", "weekdays": "2"}):
        _, line = browser.post("/needs/forecast", {**fields, **more})
        browser.get("/needs/new")
        browser.post("/needs", {**fields, **more})
        need_id = browser.url.rsplit("/", 1)[1].split("?")[0]
        made = [s for s in street.slots() if s.need_id == need_id]
        assert f"共 {len(made)} 次" in line


# Working days --------------------------------------------------------------------------------------------------------


def test_a_need_of_working_days_leaves_out_the_national_day_week_and_makes_up_on_saturday(street: Street) -> None:
    street.clock.at("2026-09-28 10:00")
    street.bring({"服务对象": [FIRM], "需求": [{**FOR_FIRM, "星期": "工作日"}]})
    street.expand()
    found = {slot.service_date for slot in street.slots()}
    assert not {day for day in found if chinese_calendar.is_holiday(day)}
    assert date(2026, 10, 10) in found  # a Saturday on which the country works
    assert date(2026, 10, 8) in found


def test_so_many_times_a_week_on_working_days_rests_on_holidays(street: Street) -> None:
    street.clock.at("2026-09-28 10:00")
    rhythm = {"服务类型": "E03", "方式": "每周次数", "每周次数": "5", "星期": "工作日", "开始日期": "2026-09-28"}
    street.bring({**street.elders("E1"), "需求": [{"编号": "N1", "服务对象编号": "E1", **rhythm}]})
    street.expand()
    found = {slot.service_date for slot in street.slots()}
    assert {date(2026, 9, 30), date(2026, 10, 8)} <= found
    assert not {day for day in found if chinese_calendar.is_holiday(day)}


def test_monday_to_friday_written_out_is_kept_but_a_service_of_working_days_rests_on_holidays(street: Street) -> None:
    street.clock.at("2026-09-28 10:00")
    written_out = {**FOR_FIRM, "星期": "周一至周五"}
    chat = {"编号": "N2", "服务类型": "E01", "服务对象编号": "E1", "方式": "固定星期", "星期": "周一至周五"}
    street.bring(
        {
            "服务对象": [FIRM, *street.elders("E1")["服务对象"]],
            "需求": [written_out, {**chat, "开始日期": "2026-09-28"}],
        }
    )
    street.expand()
    for_firm, for_elder = ({slot.service_date for slot in street.slots(code)} for code in ("N1", "N2"))
    assert for_firm.isdisjoint({date(2026, 10, 1), date(2026, 10, 10)})
    assert date(2026, 10, 1) in for_elder
    assert date(2026, 10, 10) not in for_elder


def test_working_days_come_back_from_an_export_as_they_went_in(street: Street) -> None:
    street.bring({"服务对象": [FIRM], "需求": [{**FOR_FIRM, "星期": "工作日", "开始日期": "2026-12-01"}]})
    need_id = street.store.value("SELECT id FROM needs")
    assert "工作日" in street.browser().get(f"/needs/{need_id}")[1]
    again = street.preview(street.book({"需求": [{**FOR_FIRM, "星期": "工作日", "开始日期": "2026-12-01"}]}))
    assert again.counts["needs"]["unchanged"] == 1


def test_somebody_free_on_working_days_is_not_asked_on_a_holiday(street: Street) -> None:
    street.clock.at("2026-10-05 10:00")
    chat = {"服务类型": "E01", "服务对象编号": "E1", "方式": "一次", "最早开始": "14:00", "最晚结束": "15:00"}
    rows = [{"编号": f"N{day}", **chat, "开始日期": f"2026-{day}"} for day in ("10-07", "10-08", "10-10")]
    people = street.people("V1")
    people["空闲时间"][0] |= {"星期": "工作日"}
    street.bring({**people, **street.elders("E1"), "需求": rows})
    street.expand()
    street.plan()
    assert {held.need for held in street.held()} == {"N10-08", "N10-10"}


def test_working_days_stay_working_days_when_the_week_is_painted_on_the_phone(street: Street) -> None:
    people = street.people("V1")
    people["空闲时间"][0] |= {"星期": "工作日", "开始": "09:00", "结束": "18:00"}
    street.bring(people)
    who = street.volunteer("V1").id

    def painted_with(change: set[free_time.Cell]) -> list[tuple[tuple[int, ...], str, str]]:
        cells = free_time.painted(availability_rules.by(street.store, volunteer_id=who)) ^ change
        made = free_time.save_paint(street.store, who, cells, now=street.clock())
        return [(rule.weekdays, rule.start, rule.end) for rule in made]

    saturday = ((6,), "10:00", "10:30")
    assert painted_with({(6, 20)}) == [saturday, ((WORKDAY,), "09:00", "18:00")]
    longer = {(day, 17) for day in range(1, 6)}
    assert painted_with(longer) == [saturday, ((WORKDAY,), "08:30", "18:00")]
    without_monday = {(1, cell) for cell in range(17, 36)}
    assert painted_with(without_monday) == [((2, 3, 4, 5), "08:30", "18:00"), saturday]
