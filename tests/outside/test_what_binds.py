"""What binds a person binds the plan: one start a visit, one place at a time; refused at every door, or else held."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from scheduler.availability import near_me
from scheduler.errors import IllegalMove
from scheduler.exchange import importing
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, RunState, State
from scheduler.model.services import Slot, SlotState
from scheduler.operations import night, standby_lists
from scheduler.operations.repair import repair_slot
from scheduler.planning.standby_problem import rank_stand_ins
from scheduler.promises import claims, replies
from scheduler.store.plans import assignments, runs
from scheduler.store.services import slots
from tests.outside.street import ONE_VISIT, Street, moment

DAY = "2026-12-03"
FOR_TWO = {"服务类型": "E14", "最晚结束": "17:00"}
ELSEWHERE = {**ONE_VISIT, "编号": "N2", "服务对象编号": "E2", "开始日期": DAY}


def for_two(street: Street, *people: str, first_until: str = "20:00", **need: Any) -> Slot:
    """A visit of half an hour for two, between 14:00 and 17:00; people are free from eight to eight, or less long."""
    sheets = street.people(*people, 类别="党员")
    sheets["空闲时间"][0]["结束"] = first_until
    row = {"编号": "N1", **ONE_VISIT, **FOR_TWO, "开始日期": DAY, **need}
    street.bring({**sheets, **street.elders("E1", "E2"), "需求": [row]})
    street.expand()
    return street.slots("N1")[0]


def another_visit(street: Street, **times: str) -> Slot:
    street.bring({"需求": [{**ELSEWHERE, **times}]})
    street.expand()
    return street.slots("N2")[0]


def left_behind(street: Street, slot: Slot, code: str, start: str, **more: Any) -> Assignment:
    """A promise as no door makes it any more, such as an older version may have left."""
    who = street.volunteer(code).id
    held = Assignment(new_id(), slot.id, who, moment(start), State.ACCEPTED, "staff", replied_at=street.clock())
    held = assignments.add(street.store, replace(held, **more))
    street.store.touch()
    return held


def tonight(street: Street) -> night.Night:
    street.clock.at("2026-12-01 01:31")
    quick = street.config.model_copy(update={"solver": street.config.solver.model_copy(update={"seconds": 2.0})})
    found = night.run_if_due(quick, clock=street.clock)
    assert found is not None
    return found


def last_message(street: Street) -> str:
    return runs.where(street.store, "1 ORDER BY started_at DESC, rowid DESC LIMIT 1")[0].message_in("zh")


def dragged(street: Street, slot: Slot, held: Assignment, start: str, **more: str) -> tuple[int, dict[str, Any]]:
    browser = street.browser()
    browser.get(f"/slots/{slot.id}")
    form = {"volunteer": held.volunteer_id, "start": start, "old": held.id, **more}
    status, text = browser.post(f"/slots/{slot.id}/move", form)
    return status, json.loads(text)


# Refused where it would arise -------------------------------------------------------------------------------------


def test_a_bar_dragged_away_from_the_others_of_its_visit_goes_back_and_the_time_is_named(street: Street) -> None:
    slot = for_two(street, "V1", "V2")
    street.place(slot, "V1")
    held = street.place(slot, "V2")
    status, tried = dragged(street, slot, held, f"{DAY}T15:00:00", dry="1")
    assert status == 200
    assert "14:00" in tried["gates"][0]
    status, done = dragged(street, slot, held, f"{DAY}T15:00:00")
    assert (status, done["done"]) == (409, False)
    assert "14:00" in done["gates"][0]
    assert [(h.who, f"{h.at:%H:%M}", h.state) for h in street.held()] == [
        ("V1", "14:00", "accepted"),
        ("V2", "14:00", "accepted"),
    ]


def test_whoever_is_alone_on_a_visit_may_be_dragged_to_another_time_of_the_day(street: Street) -> None:
    slot = for_two(street, "V1")
    held = street.place(slot, "V1")
    status, done = dragged(street, slot, held, f"{DAY}T15:00:00")
    assert (status, done["done"]) == (200, True)
    assert [f"{h.at:%H:%M}" for h in street.held()] == ["15:00"]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("14:03", "14:05"),
        (f"{DAY}T14:03:27+08:00", "14:05"),
        (f"{DAY}T06:03:00", DAY),
        ("2026-12-04T14:00:00", DAY),
        (f"{DAY}T23:45:00", DAY),
    ],
)
def test_a_start_off_the_grid_or_on_another_day_is_refused_on_the_page_of_the_visit(
    street: Street, start: str, said: str
) -> None:
    slot = street.a_visit()
    browser = street.browser()
    browser.get(f"/slots/{slot.id}")
    form = {"volunteer": street.volunteer("V1").id, "start": start}
    if start == f"{DAY}T06:03:00":
        form["start"], said = f"{DAY}T14:03:00", "14:00"
    status, page = browser.post(f"/slots/{slot.id}/assign", form)
    assert status == 409
    assert said in page
    status, _ = browser.get(f"/slots/{slot.id}/someone?text=V1&start={start.replace('+', '%2B')}")
    assert status == 200
    assert street.held() == []


def test_the_second_person_is_asked_for_the_time_of_the_first_unless_another_is_typed(street: Street) -> None:
    slot = for_two(street, "V1", "V2")
    street.place(slot, "V1", slot.earliest_at + timedelta(minutes=30))
    browser = street.browser()
    browser.get(f"/slots/{slot.id}")
    who = street.volunteer("V2").id
    status, page = browser.post(f"/slots/{slot.id}/assign", {"volunteer": who, "start": "15:00"})
    assert status == 409
    assert "14:30" in page
    status, _ = browser.post(f"/slots/{slot.id}/assign", {"volunteer": who})
    assert status == 200
    assert {f"{h.at:%H:%M}" for h in street.held()} == {"14:30"}


def test_an_open_visit_is_taken_on_the_grid_only(street: Street) -> None:
    street.clock.at(f"{DAY} 13:00")
    slot = street.a_visit(最晚结束="16:00")
    who, at = street.volunteer("V1").id, moment(f"{DAY} 14:03")
    for odd in (at, at + timedelta(seconds=27), at - timedelta(days=1), at.replace(year=1), at.replace(year=9998)):
        with pytest.raises(IllegalMove):
            near_me.take_visit(
                street.store, street.config, who, slot.id, starts_at=odd, until="18:00", now=street.clock()
            )  # fmt: skip
        with pytest.raises(IllegalMove):
            claims.claim(street.store, street.config, slot.id, who, starts_at=odd, now=street.clock())
    assert street.held() == []
    assert street.store.value("SELECT count(*) FROM availability_exceptions") == 0
    claims.claim(street.store, street.config, slot.id, who, starts_at=moment(f"{DAY} 14:05"), now=street.clock())
    assert [f"{h.at:%H:%M}" for h in street.held()] == ["14:05"]


def test_a_roster_that_moves_one_of_two_away_from_the_other_is_refused_by_cell(street: Street) -> None:
    slot = for_two(street, "V1", "V2")
    street.place(slot, "V1")
    held = street.place(slot, "V2")
    line = {"指派编号": held.id, "班次编号": slot.id, "志愿者编号": "V2", "开始": "15:00"}
    found = street.preview(street.book({"班表": [line]}))
    assert len(found.errors) == 1
    assert "14:00" in found.shown_errors("zh")[0]


def test_a_roster_that_puts_one_person_on_two_visits_at_once_is_not_imported_at_all(street: Street) -> None:
    slot = street.a_visit()
    other = another_visit(street, 最早开始="14:30", 最晚结束="15:30")
    lines = [{"班次编号": s.id, "志愿者编号": "V1"} for s in (slot, other)]
    found = street.preview(street.book({"班表": lines}))
    with pytest.raises(IllegalMove):
        importing.confirm(street.store, found, by="boss", now=street.clock())
    assert street.held() == []


@pytest.mark.parametrize("state", ["accepted", "proposed"])
def test_two_volunteers_with_visits_at_one_time_are_not_merged_and_the_times_are_named(
    street: Street, state: str
) -> None:
    first = street.a_visit(people=("V1", "V2"))
    second = another_visit(street, 最早开始="14:30", 最晚结束="15:30")
    street.place(first, "V1")
    street.place(second, "V2", accept=state == "accepted")
    browser = street.browser()
    browser.get("/volunteers/duplicates")
    for keep, drop in (("V1", "V2"), ("V2", "V1")):
        form = {"keep": street.volunteer(keep).id, "drop": street.volunteer(drop).id}
        status, page = browser.post("/volunteers/duplicates", form)
        assert status == 409
        assert "14:00" in page
        assert "14:30" in page
    assert {h.who for h in street.held()} == {"V1", "V2"}


def test_two_volunteers_whose_visits_follow_each_other_are_merged(street: Street) -> None:
    first = street.a_visit(people=("V1", "V2"))
    second = another_visit(street, 最早开始="15:00", 最晚结束="16:00")
    street.place(first, "V1")
    street.place(second, "V2")
    browser = street.browser()
    browser.get("/volunteers/duplicates")
    form = {"keep": street.volunteer("V1").id, "drop": street.volunteer("V2").id}
    assert browser.post("/volunteers/duplicates", form)[0] == 200
    assert [h.who for h in street.held()] == ["V1", "V1"]


def test_a_proposal_is_not_accepted_over_a_promise_nor_apart_from_the_others(street: Street) -> None:
    slot = for_two(street, "V1", "V2")
    offer = street.place(slot, "V1", accept=False)
    other = another_visit(street, 最早开始="14:15", 最晚结束="15:15")
    clash = left_behind(street, other, "V1", f"{DAY} 14:15")
    with pytest.raises(IllegalMove, match="14:15"):
        replies.accept(street.store, street.config, offer.id, now=street.clock())
    replies.withdraw(street.store, street.config, clash.id, now=street.clock())
    left_behind(street, slot, "V2", f"{DAY} 15:00")
    with pytest.raises(IllegalMove, match="15:00"):
        replies.accept(street.store, street.config, offer.id, now=street.clock())
    assert street.again(offer).state is State.PROPOSED


def test_a_freed_seat_is_offered_at_the_time_of_those_who_stay(street: Street) -> None:
    slot = for_two(street, "V1", "V2", "V3")
    street.place(slot, "V1")
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    apart = left_behind(street, slot, "V2", f"{DAY} 15:00")
    replies.withdraw(street.store, street.config, apart.id, now=street.clock())
    assert {(h.who, f"{h.at:%H:%M}") for h in street.held()} == {("V1", "14:00"), ("V3", "14:00")}


# Held by the plan, if it is there all the same ---------------------------------------------------------------------


def test_a_second_start_of_a_visit_keeps_its_time_and_the_night_says_so(street: Street) -> None:
    slot = for_two(street, "V1", "V2")
    street.place(slot, "V1")
    left_behind(street, slot, "V2", f"{DAY} 15:00")
    another_visit(street, 最早开始="15:15", 最晚结束="16:00")
    left_behind(street, another_slot(street), "V1", f"{DAY} 15:15")
    found = tonight(street)
    assert found.plan is not None, found.message
    assert street.double_bookings() == []
    assert {(h.who, f"{h.at:%H:%M}", h.need) for h in street.held()} == {
        ("V1", "14:00", "N1"), ("V2", "15:00", "N1"), ("V1", "15:15", "N2"),
    }  # fmt: skip
    assert "V2" in last_message(street)
    assert "N1" in last_message(street)
    browser = street.browser()
    assert "不同时开始" in browser.get("/today")[1]
    assert browser.get(f"/slots/{slot.id}/why")[0] == 200


def another_slot(street: Street) -> Slot:
    return street.slots("N2")[0]


@pytest.mark.parametrize(("from_time", "until"), [("15:15", "16:00"), ("15:00", "15:45")])
def test_nobody_is_proposed_over_a_second_start_that_they_hold(street: Street, from_time: str, until: str) -> None:
    slot = for_two(street, "V1", "V2", first_until="14:45")
    street.place(slot, "V1")
    left_behind(street, slot, "V2", f"{DAY} 15:00")
    another_visit(street, 最早开始=from_time, 最晚结束=until)
    found = tonight(street)
    assert found.plan is not None, found.message
    assert street.double_bookings() == []
    assert [h.need for h in street.held()] == ["N1", "N1"]


def test_of_overlapping_promises_both_seats_are_taken_and_none_is_offered_again(street: Street) -> None:
    first = street.a_visit(people=("V1", "V3"))
    second = another_visit(street, 最早开始="14:30", 最晚结束="15:30")
    street.place(first, "V1")
    left_behind(street, second, "V1", f"{DAY} 14:30")
    made = street.plan()
    assert [(h.who, h.need) for h in street.held()] == [("V1", "N1"), ("V1", "N2")]
    assert made.unfilled == {}
    assert "V1" in last_message(street)
    assert street.browser().get(f"/slots/{first.id}/why")[0] == 200


def test_a_promise_inside_another_one_holds_the_time_of_both(street: Street) -> None:
    street.a_visit(people=("V1", "V2"), 时长分钟="120", 最晚结束="16:00")
    inner = another_visit(street, 最早开始="14:30", 最晚结束="15:30")
    street.place(street.slots("N1")[0], "V1")
    left_behind(street, inner, "V1", f"{DAY} 14:30")
    street.bring({"需求": [{**ELSEWHERE, "编号": "N3", "最早开始": "15:15", "最晚结束": "16:00"}]})
    street.plan()
    assert [(h.who, h.need) for h in street.held() if h.need == "N3"] == [("V2", "N3")]


def test_a_visit_held_on_another_day_than_its_own_stops_no_night(street: Street) -> None:
    slot = street.a_visit(people=("V1",))
    left_behind(street, slot, "V1", "2026-12-08 14:00")
    another_visit(street, 开始日期="2026-12-08", 最早开始="14:00", 最晚结束="14:45")
    found = tonight(street)
    assert found.plan is not None, found.message
    assert street.double_bookings() == []
    assert [h.need for h in street.held()] == ["N1"]


def test_a_promise_on_a_cancelled_visit_stops_no_night_and_keeps_its_time(street: Street) -> None:
    slot = street.a_visit(people=("V1",))
    held = left_behind(street, slot, "V1", f"{DAY} 14:00")
    cancelled = slots.get(street.store, slot.id)
    slots.save(
        street.store, Slot(**{n: getattr(cancelled, n) for n in cancelled.__slots__} | {"state": SlotState.CANCELLED})
    )
    another_visit(street, 最早开始="14:00", 最晚结束="14:45")
    found = tonight(street)
    assert found.plan is not None, found.message
    assert street.double_bookings() == []
    assert street.again(held).state is State.ACCEPTED
    assert "已取消" in last_message(street)


def test_a_visit_over_sunday_midnight_keeps_the_first_minutes_of_monday(street: Street) -> None:
    slot = street.a_visit("2026-12-06", people=("V1",))
    left_behind(street, slot, "V1", "2026-12-06 23:45")
    street.bring(
        {"空闲时间": [{"志愿者编号": "V1", "类型": "每周空闲", "星期": "每天", "开始": "00:00", "结束": "24:00"}]}
    )
    night_watch = another_visit(street, 开始日期="2026-12-07")
    at = moment("2026-12-07 00:15")
    slots.save(street.store, replace(night_watch, earliest_at=at, latest_at=at, cause="alert"))
    street.plan()
    assert street.double_bookings() == []


def test_a_promise_off_the_minute_is_left_as_it_is(street: Street) -> None:
    slot = street.a_visit(people=("V1",))
    held = left_behind(street, slot, "V1", f"{DAY} 14:03", starts_at=moment(f"{DAY} 14:03") + timedelta(seconds=27))
    offered = left_behind(
        street, another_visit(street, 最早开始="16:00", 最晚结束="17:00"), "V1", f"{DAY} 16:00",
        starts_at=moment(f"{DAY} 16:02") + timedelta(seconds=5), state=State.PROPOSED, pinned=True,
        expires_at=moment(f"{DAY} 10:00"),
    )  # fmt: skip
    found = tonight(street)
    assert found.plan is not None, found.message
    assert (street.again(held).state, street.again(offered).state) == (State.ACCEPTED, State.PROPOSED)
    assert len(street.held()) == 2


def test_standbys_are_ranked_although_two_hold_one_visit_at_two_times(street: Street) -> None:
    slot = for_two(street, "V1", "V2", "V3", "V4")
    street.place(slot, "V1")
    left_behind(street, slot, "V2", f"{DAY} 15:00")
    other = another_visit(street, 最早开始="15:15", 最晚结束="16:00")
    street.place(other, "V3")
    found = rank_stand_ins(street.store, street.config, limit=5, now=street.clock())
    assert {s.volunteer_id for s in found[other.id]} == {street.volunteer(code).id for code in ("V1", "V4")}


def test_a_repaired_seat_begins_with_those_who_are_there(street: Street) -> None:
    slot = for_two(street, "V1", "V2", "V3", 人数="3", 最少人数="1")
    street.place(slot, "V1")
    left_behind(street, slot, "V2", f"{DAY} 15:00")
    repair_slot(street.store, street.config, slot.id, reason="test", clock=street.clock)
    assert {(h.who, f"{h.at:%H:%M}") for h in street.held()} == {("V1", "14:00"), ("V2", "15:00"), ("V3", "14:00")}
    assert {run.state for run in runs.where(street.store)} == {RunState.DONE}
