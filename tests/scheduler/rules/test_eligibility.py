"""May this person serve this slot: every reason by name, on both sides of its boundary."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.model.people import Kind
from scheduler.model.services import Continuity, Place
from scheduler.rules.eligibility import Reason, age_on, reasons_against, tags_of
from tests.scheduler.planning.builders import (
    MONDAY,
    NOW,
    a_config,
    a_courier,
    a_need,
    a_service,
    a_slot,
    a_volunteer,
    an_elder,
    away,
    days_after,
    facts,
    free,
    held,
)


def reasons(person, slot=None, **around):
    slot = slot or a_slot()
    slots = (slot, *around.pop("slots", ()))
    return reasons_against(person, slot, facts(person, slots=slots, **around))


def test_nothing_speaks_against_a_free_insured_person_nearby():
    assert reasons(a_volunteer()) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"active": False}, Reason.INACTIVE),
        ({"auto_plan": False}, Reason.AUTO_PLAN),
        ({"consents": {"health_data": NOW}}, Reason.CONSENT),
        ({"birth_month": "2008-12"}, Reason.AGE),
        ({"insured": False}, Reason.INSURANCE),
    ],
)
def test_a_person_who_may_not_be_asked(changes, reason):
    assert reasons(a_volunteer(**changes)) == (reason,)


def test_a_service_by_phone_needs_no_insurance():
    calls = a_service(needs_insurance=False)
    assert reasons(a_volunteer(insured=False), services=(calls,)) == ()


def test_eighteen_is_old_enough_once_the_month_of_birth_has_passed():
    assert age_on("2008-11", date(2026, 11, 30)) == 17
    assert age_on("2008-11", date(2026, 12, 1)) == 18


def test_the_kind_is_asked_for_and_one_of_several_is_enough():
    members_only = a_service(kinds=("party_member",))
    assert reasons(a_courier(), services=(members_only,)) == (Reason.KIND,)
    pioneer = a_courier(kinds=frozenset({Kind.COURIER, Kind.PARTY_MEMBER}))
    assert reasons(pioneer, services=(members_only,)) == ()


def test_all_of_and_one_of():
    assert reasons(a_volunteer(), a_slot(requires_all=("companion", "first_aid"))) == (Reason.SKILL_MISSING,)
    assert reasons(a_volunteer(), a_slot(requires_any=("trainer", "companion"))) == ()
    assert reasons(a_volunteer(), a_slot(requires_any=("trainer", "policy"))) == (Reason.SKILL_MISSING,)


def test_a_training_counts_until_its_last_day():
    slot = a_slot(requires_all=("escort",))
    assert reasons(a_volunteer(trainings={"escort": MONDAY}), slot) == ()
    assert reasons(a_volunteer(trainings={"escort": days_after(MONDAY, -1)}), slot) == (Reason.TRAINING_EXPIRED,)
    assert reasons(a_volunteer(trainings={"escort": None}), slot) == ()


def test_an_expired_training_is_no_skill_even_if_it_was_written_as_one():
    both = a_volunteer(skills=frozenset({"escort"}), trainings={"escort": days_after(MONDAY, -1)})
    assert "escort" not in tags_of(both, MONDAY)


def test_gender_and_language_wishes_of_the_elder_and_of_the_need():
    asks = an_elder(gender_wish="male", language_wish="shanghainese")
    assert reasons(a_volunteer(), elders=(asks,)) == (Reason.GENDER_WISH, Reason.LANGUAGE_WISH)
    speaks = a_volunteer(languages=frozenset({"shanghainese"}))
    need = a_need(gender_wish="female")
    assert reasons(speaks, elders=(asks,), needs=(need,)) == ()


def test_a_blocked_person_never_comes():
    assert reasons(a_volunteer(), elders=(an_elder(blocked=frozenset({"ann"})),)) == (Reason.BLOCKED,)


def test_short_checks_are_for_people_the_elder_knows():
    check = a_service(continuity=Continuity.KNOWN)
    assert reasons(a_volunteer(), services=(check,)) == (Reason.NOT_KNOWN,)
    assert reasons(a_volunteer(), services=(check,), knows=frozenset({("ann", "li")})) == ()


def test_a_no_to_one_occasion_never_comes_back_for_the_same_need():
    assert reasons(a_volunteer(), refused=frozenset({("n1", "ann")})) == (Reason.DECLINED_BEFORE,)
    assert reasons(a_volunteer(), refused=frozenset({("n2", "ann")})) == ()


def test_silence_or_a_withdrawal_closes_only_that_slot():
    assert reasons(a_volunteer(), let_go=frozenset({("s1", "ann")})) == (Reason.DECLINED_BEFORE,)
    assert reasons(a_volunteer(), let_go=frozenset({("s2", "ann")})) == ()


def test_the_visit_and_the_way_fit_into_the_free_time():
    # 100 m: ceil(1.3 x 100 m / 67 m a minute + 2 min) = 4 minutes on foot
    person, slot = a_volunteer(), a_slot("14:00")
    assert reasons(person, slot, calendars={"ann": free("13:56", "14:45")}) == ()
    assert reasons(person, slot, calendars={"ann": free("13:57", "14:45")}) == (Reason.NOT_AVAILABLE,)
    assert reasons(person, slot, calendars={"ann": free("13:56", "14:44")}) == (Reason.NOT_AVAILABLE,)


def test_a_call_needs_no_way():
    slot = a_slot("14:00", place=Place.REMOTE)
    assert reasons(a_volunteer(), slot, calendars={"ann": free("14:00", "14:45")}) == ()


def test_away_days_and_extra_times_count():
    holiday = away(free(), MONDAY, MONDAY)
    assert reasons(a_volunteer(), calendars={"ann": holiday}) == (Reason.NOT_AVAILABLE,)
    tomorrow = a_slot(day=days_after(MONDAY, 1))
    assert reasons(a_volunteer(), tomorrow, calendars={"ann": holiday}) == ()


def test_a_flexible_start_is_found_inside_the_free_time():
    assert reasons(a_volunteer(), a_slot("09:00", "17:00"), calendars={"ann": free("15:00", "16:00")}) == ()


def test_too_far_is_more_minutes_than_the_person_travels():
    far = an_elder(lat=31.27)
    slot = a_slot(lat=31.27)  # 2.2 km: 46 minutes on foot, 17 on an e-bike
    assert reasons(a_volunteer(), slot, elders=(far,)) == (Reason.TOO_FAR,)
    assert reasons(a_volunteer(transport=a_courier().transport), slot, elders=(far,)) == ()


def test_a_courier_serves_only_between_the_blackouts():
    cai = a_courier()
    # Four minutes back: at home at 10:14, and at 10:15 the rest before the peak begins.
    assert reasons(cai, a_slot("09:25")) == ()
    assert reasons(cai, a_slot("09:30")) == (Reason.NOT_AVAILABLE,)
    assert reasons(cai, a_slot("12:00")) == (Reason.NOT_AVAILABLE,)
    assert reasons(a_volunteer(), a_slot("12:00")) == ()


def test_the_rest_before_the_blackout_is_a_setting():
    cai, slot = a_courier(), a_slot("09:40")
    assert reasons(cai, slot) == (Reason.NOT_AVAILABLE,)
    assert reasons(cai, slot, config=a_config(couriers={"rest_before_peak": 0})) == ()


def test_a_meal_run_may_reach_into_the_blackout():
    meal_run = a_service("E05", in_blackout=True)
    slot = a_slot("10:00", "10:05", service_type="E05")
    assert reasons(a_courier(), slot, services=(meal_run,)) == ()
    assert reasons(a_courier(), slot, services=(a_service("E05"),)) == (Reason.NOT_AVAILABLE,)


@pytest.mark.parametrize("clock", ["17:30", "18:30"])
def test_calls_and_talks_in_the_evening_are_not_for_couriers_before_the_blackout_ends(clock):
    slot = a_slot(clock, place=Place.REMOTE)
    assert Reason.NOT_AVAILABLE in reasons(a_courier(), slot, calendars={"cai": free("09:00", "21:00")})
    assert reasons(a_volunteer(), slot, calendars={"ann": free("09:00", "21:00")}) == ()


def test_a_party_member_on_two_wheels_keeps_both_sets_of_rules():
    pioneer = a_courier(kinds=frozenset({Kind.COURIER, Kind.PARTY_MEMBER}))
    assert Reason.NOT_AVAILABLE in reasons(pioneer, a_slot("12:00"))


def test_two_visits_at_once_are_one_too_many():
    other = a_slot("14:30", id="s2")
    assert Reason.BUSY in reasons(a_volunteer(), a_slot("14:00"), slots=(other,), live=(held(other, "ann"),))
    after = a_slot("14:45", id="s2")
    assert Reason.BUSY not in reasons(a_volunteer(), a_slot("14:00"), slots=(after,), live=(held(after, "ann"),))


def test_caps_of_the_day_and_the_week():
    morning, noon = a_slot("09:00", id="s2"), a_slot("11:00", id="s3")
    one = {"slots": (morning,), "live": (held(morning, "ann"),)}
    two = {"slots": (morning, noon), "live": (held(morning, "ann"), held(noon, "ann"))}
    assert reasons(a_volunteer(), **one) == ()
    assert reasons(a_volunteer(), **two) == (Reason.CAPS,)
    assert reasons(a_volunteer(max_visits_per_day=1), **one) == (Reason.CAPS,)


def test_the_stricter_of_the_own_and_the_usual_cap_wins():
    morning = a_slot("09:00", id="s2", minutes=30)
    around = {"slots": (morning,), "live": (held(morning, "ann"),)}
    assert reasons(a_volunteer(max_minutes_per_week=75), **around) == ()
    assert reasons(a_volunteer(max_minutes_per_week=74), **around) == (Reason.CAPS,)
    assert reasons(a_volunteer(max_minutes_per_week=9999), a_slot(minutes=210), **around) == ()
    assert reasons(a_volunteer(max_minutes_per_week=9999), a_slot(minutes=211), **around) == (Reason.CAPS,)


def test_one_day_of_the_week_stays_free():
    cai = a_courier(max_minutes_per_week=None)
    generous = a_config(couriers={"max_minutes_per_week": 9999})
    days = [a_slot("14:00", day=days_after(MONDAY, n), id=f"d{n}", minutes=20) for n in range(6)]
    sunday = a_slot("14:00", day=days_after(MONDAY, 6), minutes=20)
    six, five = tuple(held(s, "cai") for s in days), tuple(held(s, "cai") for s in days[:5])
    assert reasons(cai, sunday, slots=tuple(days), live=six, config=generous) == (Reason.CAPS,)
    assert reasons(cai, sunday, slots=tuple(days), live=five, config=generous) == ()


def test_every_reason_is_told_not_only_the_first():
    found = reasons(replace(a_volunteer(), insured=False, active=False), a_slot("20:00"))
    assert set(found) == {Reason.INACTIVE, Reason.INSURANCE, Reason.NOT_AVAILABLE}
