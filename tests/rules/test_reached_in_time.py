from solver.model.check import violations
from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def two_visits(gap, *, first_at=0, second_at=1, **volunteer):
    problem = a_problem(
        a_volunteer("ann", **volunteer), a_slot("tea", 60, 60, at=first_at), a_slot("walk", 120 + gap, 30, at=second_at)
    )
    return problem, [on("tea", "ann", 60), on("walk", "ann", 120 + gap)]


def test_a_visit_may_begin_right_after_the_way_from_the_one_before():
    problem, plan = two_visits(10)
    assert violations(problem, plan) == []


def test_a_visit_may_not_begin_a_minute_before_one_can_be_there():
    problem, plan = two_visits(9)
    (found,) = violations(problem, plan)
    assert (found.rule, found.slot, found.excess) == ("reached_in_time", "walk", 1)


def test_back_to_back_visits_at_one_place_are_allowed():
    problem, plan = two_visits(0, second_at=0)
    assert violations(problem, plan) == []


def test_the_first_visit_is_reached_from_where_the_window_begins():
    slot = a_slot("tea", 60, 30, at=1)
    assert rules_broken(a_problem(a_volunteer("ann", (50, 200)), slot), on("tea", "ann", 60)) == []
    assert rules_broken(a_problem(a_volunteer("ann", (51, 200)), slot), on("tea", "ann", 60)) == ["reached_in_time"]
    near = [{"start": 60, "end": 200, "from": 1}]
    assert rules_broken(a_problem(a_volunteer("ann", near), slot), on("tea", "ann", 60)) == []


def test_a_service_by_phone_needs_no_way_and_leaves_people_where_they_were():
    calls = [a_slot("tea", 60, 60, at=2), a_slot("call", 120, 30, at=None), a_slot("walk", 170, 30, at=0)]
    problem = a_problem(a_volunteer("ann"), *calls)
    plan = on("tea", "ann", 60), on("call", "ann", 120), on("walk", "ann", 170)
    assert rules_broken(problem, *plan) == []
    sooner = a_problem(a_volunteer("ann"), *calls[:2], a_slot("walk", 169, 30, at=0))
    assert rules_broken(sooner, *plan[:2], on("walk", "ann", 169)) == ["reached_in_time"]


def test_a_leg_by_coordinates_takes_detour_pace_and_overhead_rounded_up():
    # One degree of a meridian is 111 195 m: 0.009 degrees are 1000.8 m, with the detour 1301 m, at 100 m a minute
    # 13.01 min, with 2 min to park 15.01: 16 whole minutes.
    travel = {"detour": 1.3, "modes": {"ebike": {"metres_per_minute": 100, "overhead": 2}}}
    slot = a_slot("tea", 60, 30, at=[31.249, 121.4])
    person = dict(at=[31.24, 121.4], mode="ebike")
    assert (
        rules_broken(a_problem(a_volunteer("ann", (44, 99), **person), slot, travel=travel), on("tea", "ann", 60)) == []
    )
    late = a_problem(a_volunteer("ann", (45, 99), **person), slot, travel=travel)
    assert rules_broken(late, on("tea", "ann", 60)) == ["reached_in_time"]


def test_who_comes_from_a_pinned_visit_must_still_arrive_in_time():
    pinned = a_slot("tea", 60, 60, at=2, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann"), pinned, a_slot("walk", 130, 30, at=0))
    assert rules_broken(problem, on("tea", "ann", 60), on("walk", "ann", 130)) == ["reached_in_time"]
