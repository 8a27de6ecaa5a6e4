"""Needs become dated slots: which days, which times, and never twice."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from scheduler.localtime import LOCAL
from scheduler.model.people import RecipientKind, RiskTier
from scheduler.model.services import NeedKind, ServiceWindow
from scheduler.needs.expand import cadence_weekdays, expand
from tests.scheduler.planning.builders import CONFIG, MONDAY, WEEK, a_need, a_service, an_elder, days_after

TWO_WEEKS = days_after(MONDAY, 13)


def slots_of(need, service=None, elder=None, first=MONDAY, last=TWO_WEEKS):
    return expand(need, service or a_service(), elder or an_elder(), first, last, CONFIG)


def clocks(slot):
    return [moment.astimezone(LOCAL).strftime("%H:%M") for moment in (slot.earliest_at, slot.latest_at)]


def test_a_one_off_has_one_slot_on_its_day():
    assert [s.service_date for s in slots_of(a_need(from_date=date(2026, 11, 25)))] == [date(2026, 11, 25)]


def test_a_one_off_with_room_takes_the_first_day_on_which_the_service_exists():
    saturdays = a_service(windows=(ServiceWindow((6,), "09:00", "11:30"),))
    found = slots_of(a_need(until_date=TWO_WEEKS), saturdays)
    assert [s.service_date for s in found] == [date(2026, 11, 28)]


def test_a_one_off_whose_day_has_passed_does_not_come_back_tomorrow():
    need = a_need(until_date=TWO_WEEKS)
    assert slots_of(need, first=days_after(MONDAY, 1)) == ()


def test_fixed_weekdays_repeat_every_week_until_the_last_day():
    need = a_need(NeedKind.RECURRING, weekdays=(1, 4), until_date=date(2026, 12, 1))
    assert [s.service_date.day for s in slots_of(need)] == [23, 26, 30]


def test_every_second_week_counts_from_the_week_of_the_first_day():
    need = a_need(NeedKind.RECURRING, weekdays=(2,), every_weeks=2, from_date=days_after(MONDAY, -7))
    assert [s.service_date for s in slots_of(need)] == [date(2026, 12, 1)]


def test_expanding_again_gives_equal_slots_whatever_the_span():
    need = a_need(NeedKind.RECURRING, weekdays=(1, 4))
    whole = {s.id: s for s in slots_of(need)}
    for start in range(14):
        for slot in slots_of(need, first=days_after(MONDAY, start)):
            assert slot == whole[slot.id]


def test_the_start_is_wall_clock_of_shanghai_stored_as_utc():
    slot = slots_of(a_need(start="14:00", end="16:30"))[0]
    assert clocks(slot) == ["14:00", "15:45"]
    assert slot.earliest_at.isoformat() == "2026-11-23T06:00:00+00:00"


def test_quiet_hours_of_elders_are_kept():
    slot = slots_of(a_need(), a_service(windows=(ServiceWindow(WEEK, "07:00", "12:00"),)))[0]
    assert clocks(slot) == ["08:30", "10:45"]


def test_own_quiet_hours_replace_the_usual_ones():
    elder = an_elder(quiet_hours=(("00:00", "15:00"),))
    assert clocks(slots_of(a_need(), elder=elder)[0]) == ["15:00", "23:15"]


def test_a_building_has_no_quiet_hours():
    slot = slots_of(
        a_need(), a_service(windows=(ServiceWindow(WEEK, "07:00", "12:00"),)), an_elder(kind=RecipientKind.BUILDING)
    )
    assert clocks(slot[0]) == ["07:00", "11:15"]


@pytest.mark.parametrize(
    ("code", "in_quiet_hours", "window", "expected"),
    [
        ("E07", True, ("07:30", "12:00"), ["07:30", "11:15"]),  # booked by the elder
        ("E10", True, ("07:00", "21:00"), ["07:00", "20:15"]),  # urgent
        ("E14", False, ("09:00", "17:00"), ["13:30", "16:15"]),  # spans the midday rest: the longer half is left
        ("E13", False, ("09:00", "10:15"), ["09:00", "09:30"]),
        ("E03", False, ("14:00", "20:00"), ["14:00", "19:15"]),  # ends when the evening's quiet begins
    ],
)
def test_each_service_and_the_quiet_hours(code, in_quiet_hours, window, expected):
    service = a_service(code, in_quiet_hours=in_quiet_hours, windows=(ServiceWindow(WEEK, *window),))
    assert clocks(slots_of(a_need(service_type=code), service)[0]) == expected


def test_a_day_without_room_for_the_whole_visit_has_no_slot():
    fits, too_short = ServiceWindow(WEEK, "14:00", "14:45"), ServiceWindow(WEEK, "14:00", "14:44")
    assert len(slots_of(a_need(), a_service(windows=(fits,)))) == 1
    assert slots_of(a_need(), a_service(windows=(too_short,))) == ()


def test_both_ends_written_by_a_person_may_leave_the_catalogues_hours():
    afternoon = a_service(windows=(ServiceWindow(WEEK, "14:00", "16:30"),))
    assert clocks(slots_of(a_need(start="18:00", end="19:30"), afternoon)[0]) == ["18:00", "18:45"]
    assert slots_of(a_need(start="18:00"), afternoon) == ()


@pytest.mark.parametrize("per_week", range(1, 8))
@pytest.mark.parametrize("elder", ["li", "wang", "zhao", "qian"])
def test_a_cadence_has_so_many_days_a_week_spread_evenly(per_week, elder):
    need = a_need(NeedKind.CADENCE, per_week=per_week)
    days = cadence_weekdays(need, a_service(), an_elder(elder), CONFIG)
    assert len(days) == per_week
    assert widest_gap(days) <= -(-7 // per_week)


def test_the_longest_gap_may_ask_for_more_days_than_the_number_a_week():
    need = a_need(NeedKind.CADENCE, per_week=1, max_gap_days=5)
    days = [s.service_date for s in slots_of(need, last=days_after(MONDAY, 41))]
    assert max(b - a for a, b in pairwise(days)) <= timedelta(days=5)
    assert len(days) == 12


def test_a_cadence_without_figures_follows_the_risk_tier():
    need = a_need(NeedKind.CADENCE)
    high = cadence_weekdays(need, a_service(), an_elder(risk_tier=RiskTier.HIGH), CONFIG)
    general = cadence_weekdays(need, a_service(), an_elder(risk_tier=RiskTier.GENERAL), CONFIG)
    assert (len(high), len(general)) == (2, 1)
    assert widest_gap(high) <= CONFIG.elders.contacts["high"].max_gap_days


def test_a_second_cadence_keeps_away_from_the_days_of_the_first():
    visit, call = a_need(NeedKind.CADENCE, per_week=1), a_need(NeedKind.CADENCE, id="n2", per_week=1)
    for elder in map(an_elder, "abcdefgh"):
        first = cadence_weekdays(visit, a_service(), elder, CONFIG)
        second = cadence_weekdays(call, a_service(), elder, CONFIG, frozenset(first))
        assert widest_gap({*first, *second}) <= 4


def test_a_district_does_not_visit_everybody_on_the_same_day():
    need = a_need(NeedKind.CADENCE, per_week=1)
    chosen = {cadence_weekdays(need, a_service(), an_elder(f"elder {n}"), CONFIG) for n in range(60)}
    assert len(chosen) == 7


def widest_gap(days):
    ordered = sorted(days)
    return max(b - a for a, b in zip(ordered, [*ordered[1:], ordered[0] + 7], strict=True))
