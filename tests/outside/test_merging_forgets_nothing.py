"""Two records of one person become one on the page, and whatever protects somebody survives."""

from typing import Any

import pytest

from scheduler.model.people import RiskTier
from scheduler.model.services import Need, NeedState
from scheduler.store.services import needs
from tests.outside.street import Row, Street

ELDER: Row = {"姓名": "陈某", "类别": "老人", "所在居委或楼宇": "长征镇", "电话": "62345678"}
PERSON: Row = {"姓名": "王芳", "类别": "居民", "所在居委或楼宇": "长征镇", "电话": "13800138000"}


def merged(street: Street, kind: str, keep: str, drop: str, expected: int = 200) -> str:
    """The page after staff press "merge"."""
    find = street.volunteer if kind == "volunteers" else street.recipient
    browser = street.browser()
    browser.get(f"/{kind}/duplicates")
    status, page = browser.post(f"/{kind}/duplicates", {"keep": find(keep).id, "drop": find(drop).id})
    assert status == expected, page
    return page


@pytest.mark.parametrize(
    ("column", "staying", "other", "field", "value"),
    [
        ("希望志愿者性别", None, "女", "gender_wish", "female"),
        ("希望志愿者性别", "女", None, "gender_wish", "female"),
        ("希望语言", None, "上海话", "language_wish", "shanghainese"),
        ("风险等级", "一般", "高", "risk_tier", RiskTier.HIGH),
        ("风险等级", "重点", "一般", "risk_tier", RiskTier.KEY),
        ("独居", "否", "是", "lives_alone", True),
        (
            "免打扰时段",
            "12:00-14:00",
            "13:00-15:00、20:00-24:00",
            "quiet_hours",
            (("12:00", "15:00"), ("20:00", "24:00")),
        ),
        ("备注", "按门铃", "耳背", "notes", "按门铃\n耳背"),
        ("电话", "62345678", "62345679", "notes", "☎ 62345679"),
        ("地址", "真光路1号", "真光路2号", "notes", "⌂ 真光路2号"),
        ("地址", None, "真光路2号", "address", "真光路2号"),
    ],
)
def test_of_two_elders_the_stricter_wish_and_the_higher_tier_survive(
    street: Street, column: str, staying: str | None, other: str | None, field: str, value: Any
) -> None:
    rows = [{"编号": "E1", **ELDER, column: staying}, {"编号": "E2", **ELDER, column: other}]
    street.bring({"服务对象": rows})
    merged(street, "recipients", "E1", "E2")
    assert getattr(street.recipient("E1"), field) == value
    gone = street.recipient("E2")
    assert (gone.active, gone.phone, gone.address, gone.notes) == (False, "", "", "")


@pytest.mark.parametrize(
    ("column", "staying", "other", "field", "value"),
    [
        ("每周最多次数", None, 2, "max_visits_per_week", 2),
        ("每天最多分钟", 90, 60, "max_minutes_per_day", 60),
        ("单程最多分钟", 20, None, "max_travel_min", 20),
        ("最多结对人数", None, 1, "max_pairs", 1),
        ("接受自动排班", "是", "否", "auto_plan", False),
        ("已投保", "否", "是", "insured", True),
        ("偏好服务", "E01", "E03、E01", "preferred_services", ("E01", "E03")),
        ("语言", "上海话", "英语", "languages", {"shanghainese", "english"}),
        ("每周期望分钟", 0, 60, "wished_minutes", 0),
        ("电话", "13800138000", "13900139000", "notes", "☎ 13900139000"),
    ],
)
def test_of_two_volunteers_the_tighter_limit_survives(
    street: Street, column: str, staying: Any, other: Any, field: str, value: Any
) -> None:
    rows = [{"编号": "V1", **PERSON, column: staying}, {"编号": "V2", **PERSON, column: other}]
    street.bring({"志愿者": rows})
    merged(street, "volunteers", "V1", "V2")
    assert getattr(street.volunteer("V1"), field) == value


def test_the_longest_training_survives(street: Street) -> None:
    trainings = "急救证 2027-05-01、陪诊 2027-01-01", "急救证 2028-05-01、陪诊"
    street.bring({"志愿者": [{"编号": f"V{n}", **PERSON, "培训证书": text} for n, text in enumerate(trainings, 1)]})
    merged(street, "volunteers", "V1", "V2")
    kept = street.volunteer("V1").trainings
    assert (str(kept["first_aid"]), kept["escort"]) == ("2028-05-01", None)


@pytest.mark.parametrize(
    ("column", "staying", "other"),
    [("希望志愿者性别", "女", "男"), ("希望语言", "上海话", "粤语"), ("类别", "老人", "企业"), ("性别", "女", "男")],
)
def test_what_contradicts_each_other_is_asked_about_and_nothing_is_merged(
    street: Street, column: str, staying: str, other: str
) -> None:
    street.bring({"服务对象": [{"编号": "E1", **ELDER, column: staying}, {"编号": "E2", **ELDER, column: other}]})
    page = merged(street, "recipients", "E1", "E2", expected=409)
    assert column in page
    assert staying in page
    assert other in page
    assert street.recipient("E2").active


def test_both_companions_of_the_two_records_stay_with_the_elder(street: Street) -> None:
    elders = [{"编号": code, **ELDER} for code in ("E1", "E2")]
    pairs = [{"服务对象编号": e, "志愿者编号": v, "主副": "主"} for e, v in (("E1", "V1"), ("E2", "V2"))]
    street.bring({**street.people("V1", "V2"), "服务对象": elders, "结对": pairs})
    merged(street, "recipients", "E1", "E2")
    rows = street.store.rows(
        """SELECT v.code, p.rank FROM pairs p JOIN volunteers v ON v.id = p.volunteer_id
           JOIN recipients r ON r.id = p.recipient_id WHERE r.code = 'E1' AND p.state = 'active' ORDER BY p.rank"""
    )
    assert [(row["code"], row["rank"]) for row in rows] == [("V1", 1), ("V2", 2)]


def test_a_block_of_the_other_record_ends_the_visit_that_was_promised(street: Street) -> None:
    slot = street.a_visit()
    street.place(slot, "V1")
    street.bring(
        {
            "服务对象": [
                {"编号": "E2", "姓名": "老人E2", "类别": "老人", "所在居委或楼宇": "长征镇", "不派的志愿者": "V1"}
            ]
        }
    )
    merged(street, "recipients", "E1", "E2")
    assert street.recipient("E1").blocked == {street.volunteer("V1").id}
    assert [held for held in street.held() if held.who == "V1"] == []


WEEKLY: Row = {"服务类型": "E01", "方式": "固定星期", "星期": "周四", "开始日期": "2026-11-16"}
SHORT: Row = {**WEEKLY, "截止日期": "2026-12-06"}
ONCE: Row = {"服务类型": "E01", "方式": "一次", "开始日期": "2026-12-01"}


def needs_after_merging(street: Street, mine: Row, theirs: Row, expected: int = 200) -> dict[str, Need]:
    """The running needs by code, N1 of the record that stays and N2 of the other."""
    rows = [{"编号": "N1", "服务对象编号": "E1", **mine}, {"编号": "N2", "服务对象编号": "E2", **theirs}]
    street.bring({"服务对象": [{"编号": code, **ELDER} for code in ("E1", "E2")], "需求": rows})
    merged(street, "recipients", "E1", "E2", expected)
    return {need.code: need for need in needs.by(street.store, state=NeedState.PUBLISHED)}


@pytest.mark.parametrize(
    ("mine", "theirs", "left"),
    [
        (WEEKLY, WEEKLY, {"N1"}),
        (ONCE, WEEKLY, {"N1", "N2"}),
        (WEEKLY, ONCE, {"N1", "N2"}),
        (SHORT, WEEKLY, {"N2"}),
        (WEEKLY, SHORT, {"N1"}),
        ({**WEEKLY, "开始日期": "2026-10-12", "截止日期": "2026-11-08"}, WEEKLY, {"N1", "N2"}),
        (ONCE, {**ONCE, "开始日期": "2026-12-04"}, {"N1", "N2"}),
    ],
)
def test_only_a_need_that_the_other_covers_is_closed(street: Street, mine: Row, theirs: Row, left: set[str]) -> None:
    found = needs_after_merging(street, mine, theirs)
    assert set(found) == left
    assert {need.recipient_id for need in found.values()} == {street.recipient("E1").id}


def test_the_wish_of_a_doubled_need_survives_it(street: Street) -> None:
    found = needs_after_merging(street, WEEKLY, {**WEEKLY, "希望志愿者性别": "女"})
    assert found["N1"].gender_wish == "female"


def test_doubled_needs_that_contradict_each_other_are_asked_about(street: Street) -> None:
    wishes = ({**WEEKLY, "希望志愿者性别": wish} for wish in ("男", "女"))
    assert set(needs_after_merging(street, *wishes, expected=409)) == {"N1", "N2"}
