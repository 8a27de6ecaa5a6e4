"""Nobody's time to answer runs out before they were asked, and nothing is said about what is over."""

from datetime import timedelta

import pytest

from scheduler.errors import DeliveryError, IllegalMove
from scheduler.localized import Bilingual
from scheduler.model.plan import State
from scheduler.operations import standby_lists
from scheduler.pairs import lifecycle
from scheduler.people.person_form import save_recipient, save_volunteer
from scheduler.planning import placing
from scheduler.promises import links, reminders, replies, seats, standby, swaps
from scheduler.rules import answer_time
from scheduler.rules.answer_time import in_quiet_hours
from scheduler.store import outbox
from scheduler.store.plans import assignments
from scheduler.store.promised import standby_offers
from scheduler.store.swaps import swaps as requests
from tests.outside.street import SHANGHAI, Street, moment

STANDBYS = ("S1", "S2", "S3", "S4", "S5")


def with_standbys(street: Street, day: str, *standbys: str, **need: str):
    """V1 holds a visit of the day; the others stand by."""
    slot = street.a_visit(day, people=("V1", *standbys), **need)
    held = street.place(slot, "V1", slot.earliest_at)
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    return slot, held


def offers(street: Street) -> list[tuple[str, str]]:
    """Code and state of everybody who was asked as a standby, in the order of asking."""
    sql = """SELECT v.code, a.state FROM assignments a JOIN volunteers v ON v.id = a.volunteer_id
             WHERE a.source = 'standby' ORDER BY a.rowid"""
    return [(row["code"], row["state"]) for row in street.store.rows(sql)]


def offers_this_week(street: Street, code: str) -> int:
    return standby_offers(street.store, street.volunteer(code).id, now=street.clock())[0]


# Standbys -------------------------------------------------------------------------------------------------------------


def test_a_visit_given_back_late_asks_one_standby_who_has_the_morning_to_answer(street: Street) -> None:
    _, held = with_standbys(street, "2026-12-03", *STANDBYS)
    street.clock.at("2026-11-30 22:00")
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    street.live("2026-12-01 08:10")
    assert [state for _, state in offers(street)] == ["proposed"]
    ((told_at, text),) = street.told(offers(street)[0][0], "候补邀请")
    assert f"{told_at:%H:%M}" == "08:00"
    assert "10:00前" in text.replace(" ", "")
    street.live("2026-12-01 10:10")
    assert [state for _, state in offers(street)] == ["expired", "proposed"]


def test_a_standby_who_was_never_told_is_asked_again_and_has_lost_none_of_the_weeks_offers(street: Street) -> None:
    slot, held = with_standbys(street, "2026-12-03", "S1")
    street.clock.at("2026-11-30 22:00")
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    assert offers_this_week(street, "S1") == 1
    (asked,) = assignments.by(street.store, source="standby")
    with street.store.transaction():
        seats.move(street.store, asked, State.SUPERSEDED, by="test", now=street.clock())
    street.live("2026-12-01 08:10")
    assert street.told("S1") == []
    assert offers_this_week(street, "S1") == 0
    with street.store.transaction():
        again = standby.ask_next(street.store, street.config, slot, starts_at=slot.earliest_at, now=street.clock())
    assert again is not None
    assert again.volunteer_id == asked.volunteer_id


def test_a_visit_too_soon_after_the_night_rings_and_one_that_can_wait_does_not(street: Street) -> None:
    _, early = with_standbys(street, "2026-12-01", "S1", 最早开始="09:30", 最晚结束="10:30")
    street.clock.at("2026-11-30 22:00")
    replies.withdraw(street.store, street.config, early.id, "illness", now=street.clock())
    street.live("2026-11-30 22:30")
    ((told_at, text),) = street.told("S1", "候补邀请")
    assert f"{told_at:%H:%M}" == "22:00"
    assert "08:45前" in text.replace(" ", "")


def test_a_visit_of_the_afternoon_given_back_at_three_in_the_morning_wakes_nobody(street: Street) -> None:
    _, held = with_standbys(street, "2026-12-01", "S1")
    street.clock.at("2026-12-01 03:00")
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    street.live("2026-12-01 08:05")
    assert [f"{at:%H:%M}" for at, _ in street.told("S1")] == ["08:00"]


# Proposals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made_at", "start"),
    [
        ("2026-11-30 20:59", "14:00"),
        ("2026-11-30 21:40", "10:00"),
        ("2026-11-30 22:00", "14:00"),
        ("2026-11-30 22:00", "09:30"),
        ("2026-11-30 23:30", "16:00"),
        ("2026-12-01 01:30", "14:00"),
    ],
)
def test_a_proposal_of_the_night_can_be_answered_in_the_morning(street: Street, made_at: str, start: str) -> None:
    street.clock.at(made_at)
    slot = street.a_visit("2026-12-01", 最早开始=start, 最晚结束=f"{int(start[:2]) + 1}:{start[3:]}")
    offer = street.place(slot, "V1", accept=False)
    street.live("2026-12-01 08:30")
    ((told_at, _),) = street.told("V1", "建议")
    due_at = street.again(offer).expires_at
    assert due_at is not None
    assert moment("2026-12-01 08:40") < due_at < offer.starts_at
    assert told_at < due_at.replace(tzinfo=told_at.tzinfo) + SHANGHAI
    assert not in_quiet_hours(street.config, due_at)
    street.clock.at("2026-12-01 08:40")
    assert replies.accept(street.store, street.config, offer.id, now=street.clock()).state is State.ACCEPTED


def test_a_plan_published_by_hand_at_night_rings_for_a_visit_at_half_past_eight(street: Street) -> None:
    street.a_visit("2026-12-01", 最早开始="08:30", 最晚结束="09:30")
    street.clock.at("2026-11-30 22:00")
    street.plan()
    street.live("2026-11-30 22:10")
    assert street.told("V1", "建议")


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 35))
def test_no_answer_is_due_in_the_quiet_hours_whenever_somebody_is_asked(street: Street, minutes: int) -> None:
    asked_at = moment("2026-11-30 00:00") + timedelta(minutes=minutes)
    for ahead_h in (11, 14, 20, 26, 35, 50, 100):
        starts_at = asked_at + timedelta(hours=ahead_h)
        if in_quiet_hours(street.config, starts_at) or in_quiet_hours(street.config, starts_at - timedelta(minutes=31)):
            continue
        for within in (timedelta(hours=2), timedelta(hours=24), timedelta(hours=30)):
            due_at = answer_time.answer_by(street.config, starts_at, within=within, now=asked_at)
            told_at = answer_time.told_from(street.config, starts_at, now=asked_at)
            assert told_at + timedelta(minutes=5) <= due_at <= starts_at
            assert not in_quiet_hours(street.config, due_at)


# An outage ------------------------------------------------------------------------------------------------------------


def test_after_three_days_without_messages_nobody_is_told_what_is_over(street: Street) -> None:
    soon = street.a_visit("2026-12-02", people=("V1", "V2", "S1", "S2"))
    street.bring({"需求": [{"编号": "N2", **late_need()}]})
    street.expand()
    (later,) = street.slots("N2")
    over = street.place(soon, "V1", accept=False)
    ahead = street.place(later, "V2", accept=False)
    standby_lists.build_standby_lists(street.store, street.config, now=street.clock())
    street.clock.at("2026-12-03 10:00")
    replies.expire_offers(street.store, street.config, now=street.clock())
    assert street.again(over).state is State.SUPERSEDED
    assert street.again(over).reason == replies.NEVER_TOLD
    assert street.again(ahead).state is State.PROPOSED
    street.live("2026-12-03 10:30")
    assert street.told("V1") == []
    ((told_at, text),) = street.told("V2")
    due_at = street.again(ahead).expires_at
    assert due_at == moment("2026-12-04 10:00")
    assert "12月4日 周五 10:00 前答复" in text
    assert f"{told_at:%d %H:%M}" == "03 10:00"
    assert offers(street) == []
    page = street.browser().get("/messages")[1]
    assert "未发送：发出之前服务已开始或已结束" in page
    assert not street.store.value("SELECT count(*) FROM assignments WHERE state = 'expired'")


def late_need() -> dict[str, str]:
    return {
        "服务类型": "E01", "服务对象编号": "E2", "方式": "一次", "开始日期": "2026-12-07", "最早开始": "14:00",
        "最晚结束": "15:00",
    }  # fmt: skip


def test_during_an_outage_of_the_messages_the_page_still_takes_the_answer(street: Street) -> None:
    offer = street.place(street.a_visit("2026-12-03"), "V1", accept=False)
    street.account("v1", "V1")
    street.clock.at("2026-12-02 20:00")
    browser = street.browser("v1")
    assert f"/my/visits/{offer.id}" in browser.get("/my/")[1]
    browser.post(f"/my/visits/{offer.id}/accept", {})
    assert street.again(offer).state is State.ACCEPTED
    street.live("2026-12-02 20:10")
    assert street.told("V1") == []  # the question is settled, nobody asks it any more


def test_an_offer_that_was_told_before_everything_stood_still_gets_its_time_once_more(street: Street) -> None:
    offer = street.place(street.a_visit("2026-12-07"), "V1", accept=False)
    street.live("2026-11-30 10:10")
    stopped_at, street.clock.now = street.clock(), moment("2026-12-03 09:00")
    renew = replies.renew_after_outage
    assert renew(street.store, street.config, since=stopped_at, now=street.clock()) == 1
    assert renew(street.store, street.config, since=stopped_at, now=street.clock()) == 0
    street.live("2026-12-03 09:30")
    assert street.again(offer).state is State.PROPOSED
    street.live("2026-12-04 09:10")
    assert street.again(offer).state is State.EXPIRED


def test_a_message_that_was_late_carries_a_link_that_works_until_the_time_it_names(street: Street) -> None:
    offer = street.place(street.a_visit("2026-12-07"), "V1", accept=False)
    street.clock.at("2026-12-03 10:00")
    street.live("2026-12-03 10:10")
    ((_, text),) = street.told("V1", "建议")
    token = text.rsplit("/r/", 1)[1].strip()
    street.clock.at("2026-12-04 09:55")
    assert links.look(street.store, token, now=street.clock()).open
    assert links.use(street.store, street.config, token, "accept", now=street.clock()).state is State.ACCEPTED
    assert street.again(offer).state is State.ACCEPTED


def test_a_question_whose_message_failed_for_hours_gets_its_whole_time_when_it_arrives(street: Street) -> None:
    _, held = with_standbys(street, "2026-12-03", "S1")
    working = street.phone.send

    def broken(message: object) -> None:
        raise DeliveryError(Bilingual("没有连接", "no connection"))

    street.phone.send = broken  # type: ignore[method-assign]
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    street.live("2026-11-30 10:02", minutes=1)
    street.phone.send = working  # type: ignore[method-assign]
    street.clock.at("2026-11-30 13:00")
    street.live("2026-11-30 13:05")
    ((_, text),) = street.told("S1", "候补邀请")
    assert "15:00" in text
    assert offers(street) == [("S1", "proposed")]


def test_an_offer_whose_message_cannot_be_delivered_runs_out_and_is_no_offer_of_the_week(street: Street) -> None:
    _, held = with_standbys(street, "2026-12-03", "S1", "S2")

    def refused(message: object) -> None:
        raise DeliveryError(Bilingual("没有这个号码", "no such number"), permanent=True)

    street.phone.send = refused  # type: ignore[method-assign]
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    street.live("2026-11-30 12:10")
    (first, state), (second, _) = offers(street)
    assert (state, first != second) == ("expired", True)
    assert offers_this_week(street, first) == 0


# Reminders and other news ---------------------------------------------------------------------------------------------


def test_no_reminder_comes_after_the_start(street: Street) -> None:
    street.bring({**street.people("V1", 技能="陪诊"), **street.elders("E1")})
    free = {"志愿者编号": "V1", "类型": "每周空闲", "星期": "每天", "开始": "06:00", "结束": "20:00"}
    escort = {
        "编号": "N1", "服务类型": "E07", "服务对象编号": "E1", "方式": "一次", "开始日期": "2026-12-01",
        "最早开始": "07:30", "最晚结束": "10:30",
    }  # fmt: skip
    street.bring({"空闲时间": [free], "需求": [escort]})
    street.clock.at("2026-11-30 15:00")
    street.expand()
    street.place(street.slots("N1")[0], "V1", moment("2026-12-01 07:30"))
    street.live("2026-11-30 15:10")
    street.clock.at("2026-12-01 01:30")
    reminders.remind(street.store, now=street.clock())
    street.live("2026-12-01 08:30")
    assert street.told("V1", "提醒") == []


@pytest.mark.parametrize("how", ["given back", "taken off", "checked in"])
def test_no_reminder_comes_of_a_visit_that_is_settled(street: Street, how: str) -> None:
    held = street.place(street.a_visit("2026-12-02"), "V1")
    street.live("2026-11-30 10:10")
    street.clock.at("2026-12-01 01:30")
    reminders.remind(street.store, now=street.clock())
    street.clock.at("2026-12-01 07:00")
    if how == "given back":
        replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    elif how == "taken off":
        placing.remove(street.store, street.config, held.id, reason="雨", by="boss", now=street.clock())
    else:
        assignments.save(street.store, street.again(held).move_to(State.CHECKED_IN))
    street.live("2026-12-01 08:30")
    assert street.told("V1", "提醒") == []
    assert len(street.told("V1", "取消")) == (how == "taken off")


def test_who_was_asked_and_taken_off_in_one_night_hears_of_neither(street: Street) -> None:
    street.clock.at("2026-11-30 22:00")
    offer = street.place(street.a_visit("2026-12-03"), "V1", accept=False)
    placing.remove(street.store, street.config, offer.id, reason="雨", by="boss", now=street.clock())
    street.live("2026-12-01 08:30")
    assert street.told("V1") == []
    assert outbox.counts(street.store)["dropped"] == 2


def test_who_said_yes_on_the_page_and_was_taken_off_in_one_night_hears_of_it(street: Street) -> None:
    street.clock.at("2026-11-30 22:00")
    held = street.place(street.a_visit("2026-12-03"), "V1")
    placing.remove(street.store, street.config, held.id, reason="雨", by="boss", now=street.clock())
    street.live("2026-12-01 08:30")
    assert len(street.told("V1", "取消")) == 1
    assert street.told("V1", "建议") == []


def test_staff_are_not_told_in_the_morning_of_a_seat_that_was_filled_in_the_night(street: Street) -> None:
    _, held = with_standbys(street, "2026-12-02", "S1")
    street.clock.at("2026-11-30 22:00")
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    (asked,) = assignments.by(street.store, source="standby")
    replies.accept(street.store, street.config, asked.id, now=street.clock())
    street.live("2026-12-01 08:30")
    assert not [text for _, to, text in street.phone.sent if to.startswith("staff")]


# Handing over ---------------------------------------------------------------------------------------------------------


def a_request(street: Street, day: str = "2026-12-03"):
    """V1 holds a visit and has asked V2 to take it over."""
    held = street.place(street.a_visit(day, people=("V1", "V2")), "V1")
    return held, swaps.ask(street.store, street.config, held.id, street.volunteer("V2").id, now=street.clock())


@pytest.mark.parametrize("how", ["given back", "taken off"])
def test_a_request_ends_with_its_visit_and_both_are_told_the_truth(street: Street, how: str) -> None:
    held, _ = a_request(street)
    street.live("2026-11-30 10:05")
    if how == "given back":
        replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    else:
        placing.remove(street.store, street.config, held.id, reason="雨", by="boss", now=street.clock())
    street.live("2026-11-30 16:00")
    assert street.told("V1", "仍由您负责") == []
    assert len(street.told("V1", "已不由您负责")) == 1
    assert len(street.told("V2", "不用代班了")) == 1
    street.account("v2", "V2")
    assert "您能代班" not in street.browser("v2").get("/my/asks")[1]


def test_a_request_to_somebody_who_has_left_ends_and_the_visit_stays(street: Street) -> None:
    held, request = a_request(street)
    street.live("2026-11-30 10:05")
    asked = street.volunteer("V2").id
    save_volunteer(street.store, {"active": "否"}, volunteer_id=asked, by="boss", now=street.clock())
    street.live("2026-11-30 10:20")
    assert requests.get(street.store, request.id).state == "declined"
    assert len(street.told("V1", "仍由您负责")) == 1
    assert street.again(held).state is State.ACCEPTED


def test_a_request_of_somebody_who_has_left_ends_with_the_visit(street: Street) -> None:
    _, request = a_request(street)
    street.live("2026-11-30 10:05")
    asker = street.volunteer("V1").id
    save_volunteer(street.store, {"active": "否"}, volunteer_id=asker, by="boss", now=street.clock())
    street.live("2026-11-30 10:20")
    assert requests.get(street.store, request.id).state == "taken_back"
    assert len(street.told("V2", "不用代班了")) == 1
    assert street.told("V1", "仍由您负责") == []


def test_who_never_heard_of_a_request_does_not_hear_that_it_ended(street: Street) -> None:
    street.clock.at("2026-11-30 22:00")
    held, _ = a_request(street)
    replies.withdraw(street.store, street.config, held.id, "illness", now=street.clock())
    street.live("2026-12-01 08:30")
    assert [text for _, text in street.told("V2") if "代班" in text] == []


def test_a_request_of_the_evening_can_be_answered_in_the_morning(street: Street) -> None:
    street.clock.at("2026-11-30 22:00")
    held, request = a_request(street)
    street.live("2026-12-01 08:30")
    ((told_at, text),) = street.told("V2", "请您代班")
    assert f"{told_at:%H:%M}" == "08:00"
    assert "10:00" in text
    assert requests.get(street.store, request.id).state == "asked"
    taken = swaps.accept(street.store, street.config, request.id, now=street.clock())
    assert taken.state is State.ACCEPTED
    assert street.again(held).state is State.WITHDRAWN


def test_a_request_that_waited_through_an_outage_starts_its_time_when_it_is_told(street: Street) -> None:
    _, request = a_request(street, "2026-12-07")
    street.clock.at("2026-12-02 10:00")
    street.live("2026-12-02 10:10")
    assert requests.get(street.store, request.id).expires_at == moment("2026-12-02 12:00")
    assert len(street.told("V2", "请您代班")) == 1
    street.live("2026-12-02 12:10")
    assert requests.get(street.store, request.id).state == "expired"
    assert len(street.told("V1", "仍由您负责")) == 1


@pytest.mark.parametrize("who", ["the volunteer", "the elder"])
def test_a_pair_is_neither_proposed_to_nor_begun_with_somebody_who_has_left(street: Street, who: str) -> None:
    street.bring({**street.people("V1"), **street.elders("E1")})
    street.clock.at("2026-11-30 22:00")
    volunteer, elder = street.volunteer("V1").id, street.recipient("E1").id
    pair = lifecycle.propose(street.store, street.config, elder, volunteer, rank=1, by="boss", now=street.clock())
    if who == "the elder":
        save_recipient(street.store, {"active": "否"}, recipient_id=elder, by="boss", now=street.clock())
    else:
        save_volunteer(street.store, {"active": "否"}, volunteer_id=volunteer, by="boss", now=street.clock())
    with pytest.raises(IllegalMove, match="not active"):
        lifecycle.answer(street.store, pair.id, side="volunteer", yes=True, by="boss", now=street.clock())
    street.live("2026-12-01 08:10")
    assert street.told("V1") == []


# Two on a visit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["given back", "taken off"])
def test_who_is_left_alone_on_a_visit_for_two_is_told(street: Street, how: str) -> None:
    street.bring(street.people("V1", "V2", 类别="党员"))
    slot = a_visit_for_two(street)
    first, _ = street.place(slot, "V1"), street.place(slot, "V2")
    street.live("2026-11-30 10:10")
    if how == "given back":
        replies.withdraw(street.store, street.config, first.id, "illness", now=street.clock())
    else:
        placing.remove(street.store, street.config, first.id, reason="雨", by="boss", now=street.clock())
    street.live("2026-11-30 10:30")
    assert len(street.told("V2", "同行的志愿者不能来了")) == 1
    assert street.told("V1", "同行") == []


def test_a_partner_who_only_declined_alarms_nobody(street: Street) -> None:
    street.bring(street.people("V1", "V2", 类别="党员"))
    slot = a_visit_for_two(street)
    asked = street.place(slot, "V1", accept=False)
    street.place(slot, "V2")
    replies.decline(street.store, street.config, asked.id, "time", now=street.clock())
    street.live("2026-11-30 10:30")
    assert street.told("V2", "同行") == []


def a_visit_for_two(street: Street):
    row = {
        "编号": "N1", "服务类型": "E14", "服务对象编号": "E1", "方式": "一次", "开始日期": "2026-12-03",
        "最早开始": "14:00", "最晚结束": "17:00",
    }  # fmt: skip
    street.bring({**street.elders("E1"), "需求": [row]})
    street.expand()
    return street.slots("N1")[0]
