from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, InputError
from scheduler.model.people import Kind
from scheduler.model.plan import State
from scheduler.records import attendance, hours
from scheduler.records.attendance import chance_of_at_least, show_rate, wanted_standbys
from scheduler.store import outbox as rows
from scheduler.store import records
from tests.scheduler.promises.world import NOW, a_slot, a_volunteer, an_assignment

START = NOW + timedelta(hours=1)


@pytest.fixture
def visit(store):
    a_volunteer(store, "v1")
    return an_assignment(store, a_slot(store, "s1", hours=1), "v1", State.ACCEPTED)


def total(store):
    day = START.date()
    return hours.total(store, "v1", day, day)


def test_a_visit_checked_in_and_out_earns_its_hours(store, visit):
    attendance.check_in(store, visit.id, now=START)
    done = attendance.check_out(store, visit.id, now=START + timedelta(minutes=40))
    assert done.state is State.DONE
    assert total(store) == hours.HoursTotal(planned_min=45, actual_min=40, credited_min=40, waiting_min=0)


def test_pressing_a_button_twice_changes_nothing(store, visit):
    first = attendance.check_in(store, visit.id, now=START)
    assert attendance.check_in(store, visit.id, now=START + timedelta(minutes=5)) == first
    attendance.check_out(store, visit.id, now=START + timedelta(minutes=45))
    attendance.check_out(store, visit.id, now=START + timedelta(minutes=50))
    assert total(store).actual_min == 45


@pytest.mark.parametrize(("minutes_early", "allowed"), [(60, True), (61, False)])
def test_check_in_opens_an_hour_before_the_start(store, visit, minutes_early, allowed):
    now = START - timedelta(minutes=minutes_early)
    if allowed:
        assert attendance.check_in(store, visit.id, now=now).state is State.CHECKED_IN
    else:
        with pytest.raises(IllegalMove, match="60 minutes"):
            attendance.check_in(store, visit.id, now=now)


@pytest.mark.parametrize(("actual", "credited"), [(26, 0), (27, 27), (45, 45), (90, 45)])
def test_credit_needs_sixty_percent_and_stops_at_the_plan(actual, credited):
    assert hours.creditable_min(45, actual) == credited


@pytest.mark.parametrize(("before", "review"), [(420, "none"), (421, "parent"), (660, "parent"), (661, "province")])
def test_long_days_need_a_review(before, review):
    assert hours.review_for(before, 60) == review


def test_a_visit_nobody_checked_in_is_at_risk_after_ten_minutes(store, visit):
    assert attendance.at_risk(store, now=START + timedelta(minutes=10)) == []
    late = START + timedelta(minutes=10, seconds=1)
    assert [row["id"] for row in attendance.at_risk(store, now=late)] == [visit.id]
    attendance.check_in(store, visit.id, now=START + timedelta(minutes=10))
    assert attendance.at_risk(store, now=late) == []


def test_the_evening_report_goes_to_the_grids_staff_once_a_day(store, visit):
    evening = START + timedelta(hours=7)
    assert attendance.report_at_risk(store, now=evening) == 1
    attendance.report_at_risk(store, now=evening + timedelta(minutes=1))
    assert [(r.addressee, r.payload["count"]) for r in rows.rows_in_state(store, "waiting")] == [("staff:g1", 1)]


def test_missed_is_not_excused_and_staff_can_correct_it(store, visit):
    after = START + timedelta(hours=2)
    assert attendance.mark(store, visit.id, State.MISSED, by="staff", now=after).state is State.MISSED
    assert attendance.mark(store, visit.id, State.EXCUSED, by="staff", reason="雨", now=after).state is State.EXCUSED
    assert attendance.mark(store, visit.id, State.DONE, by="staff", now=after).state is State.DONE
    assert total(store).credited_min == 45
    assert hours.standing(store, visit.id).kind == "back_filled"


def test_taking_back_a_finished_visit_reverses_its_hours_and_keeps_both_lines(store, visit):
    after = START + timedelta(hours=2)
    attendance.mark(store, visit.id, State.DONE, by="staff", now=after)
    attendance.mark(store, visit.id, State.MISSED, by="staff", now=after)
    assert total(store) == hours.HoursTotal(0, 0, 0, 0)
    assert [line.kind for line in records.entries_of(store, visit.id)] == ["back_filled", "reversal"]
    attendance.mark(store, visit.id, State.DONE, by="staff", now=after)
    assert total(store).credited_min == 45


def test_hours_cannot_be_taken_back_twice(store, visit):
    attendance.mark(store, visit.id, State.DONE, by="staff", now=START)
    entry = hours.standing(store, visit.id)
    hours.reverse(store, entry, reason="twice", by="staff", now=NOW)
    with pytest.raises(IllegalMove):
        hours.reverse(store, entry, reason="twice", by="staff", now=NOW)


def test_a_visit_is_not_missed_before_it_begins_but_may_be_excused(store, visit):
    with pytest.raises(IllegalMove):
        attendance.mark(store, visit.id, State.MISSED, by="staff", now=START - timedelta(seconds=1))
    assert attendance.mark(store, visit.id, State.EXCUSED, by="staff", now=NOW).state is State.EXCUSED


def test_attendance_takes_no_other_state(store, visit):
    with pytest.raises(InputError, match="expected done, missed or excused"):
        attendance.mark(store, visit.id, State.PROPOSED, by="staff", now=START)


def test_a_forgotten_check_out_is_closed_at_the_planned_end(store, visit):
    attendance.check_in(store, visit.id, now=START)
    limit = START + timedelta(minutes=45) + attendance.FORGOTTEN
    assert attendance.close_forgotten(store, now=limit) == 0
    assert attendance.close_forgotten(store, now=limit + timedelta(seconds=1)) == 1
    assert (total(store).actual_min, hours.standing(store, visit.id).kind) == (45, "back_filled")


def test_a_new_courier_is_expected_as_couriers_are_and_then_by_their_own_record(store):
    courier = a_volunteer(store, "c1", kinds=frozenset({Kind.COURIER}))
    assert show_rate(courier, 0, 0) == pytest.approx(0.88)
    assert show_rate(courier, 90, 0) == pytest.approx(0.988)
    assert show_rate(courier, 0, 10) == pytest.approx(0.44)


def test_shows_and_misses_leave_out_excused_visits(store):
    a_volunteer(store, "v1")
    for n, state in enumerate((State.DONE, State.DONE, State.MISSED, State.EXCUSED)):
        an_assignment(store, a_slot(store, f"s{n}", hours=-n - 1), "v1", state)
    assert records.shows_and_misses(store) == {"v1": (2, 1)}


def test_the_chance_that_enough_people_come():
    assert chance_of_at_least(1, [0.5, 0.5]) == pytest.approx(0.75)
    assert chance_of_at_least(2, [0.5, 0.5]) == pytest.approx(0.25)
    assert chance_of_at_least(0, []) == 1
    assert chance_of_at_least(1, []) == 0


def test_less_reliable_people_need_more_standbys():
    assert wanted_standbys([0.99], 1, at_least=0, most=5) == 0
    assert wanted_standbys([0.99], 1, at_least=1, most=5) == 1
    assert wanted_standbys([0.88], 1, at_least=1, most=5) == 2
    assert wanted_standbys([0.5], 1, at_least=1, most=5) == 4
    assert wanted_standbys([0.1, 0.1], 2, at_least=1, most=5) == 5


@pytest.mark.parametrize(("credited_h", "stars"), [(99, 0), (100, 1), (1499, 4), (1500, 5)])
def test_stars_follow_the_national_scale(credited_h, stars):
    assert hours.stars(credited_h * 60) == stars
