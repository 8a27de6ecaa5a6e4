"""The first plan: every rule kept, every pin held, an earlier plan never lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.instance.arrays import compile_network
from solver.lns.construction import first_plan
from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.solution import Assignment
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def plan_of(problem: Problem, *incumbent: Assignment) -> tuple[Assignment, ...]:
    return first_plan(problem, compile_network(problem), incumbent, seconds=0.0)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_a_first_plan_breaks_no_rule(problem):
    assert violations(problem, plan_of(problem)) == []


@settings(max_examples=60, deadline=None)
@given(problems(max_people=3, max_slots=4), st.integers(0, 3))
def test_a_plan_that_keeps_the_rules_is_never_made_worse(problem, left_out):
    best = optimum(problem)
    pins = {(pin.volunteer, slot.id) for slot in problem.slots for pin in slot.pinned}
    free = [a for a in best.assignments if (a.volunteer, a.slot) not in pins]
    given_up = {a.slot for a in free[:left_out]}
    incumbent = [a for a in best.assignments if a.slot not in given_up or (a.volunteer, a.slot) in pins]
    if violations(problem, incumbent):
        return
    coverage, cost, _ = measure(problem, incumbent)
    found = plan_of(problem, *incumbent)
    assert violations(problem, found) == []
    new_coverage, new_cost, _ = measure(problem, found)
    assert (-new_coverage, new_cost) <= (-coverage, cost)


def test_an_incumbent_that_breaks_a_rule_gives_what_still_keeps_them():
    problem = a_problem(a_volunteer(free=(0, 200)), a_slot("tea", 0), a_slot("walk", 30, value=5), a_slot("talk", 100))
    stale = (on("tea", "ann", 0), on("walk", "ann", 30), on("gone", "ann", 100), on("talk", "nobody", 100))
    assert plan_of(problem, *stale) == (on("talk", "ann", 100), on("tea", "ann", 0))


def test_pins_stand_even_when_nothing_else_fits():
    problem = a_problem(
        a_volunteer(free=(0, 60)),
        a_slot("night", 1200, pinned=[{"volunteer": "ann", "start": 1200}]),
        a_slot("tea", 300),
    )
    assert plan_of(problem) == (on("night", "ann", 1200),)


def test_a_team_is_staffed_at_a_start_that_enough_people_share():
    problem = a_problem(
        a_volunteer("ann", (0, 100)),
        a_volunteer("bob", (40, 200)),
        a_slot("move", 0, 60, latest=120, people=2),
    )
    assert plan_of(problem) == (on("move", "ann", 40), on("move", "bob", 40))


def test_in_a_team_the_one_who_keeps_two_team_rules_leaves_a_seat_for_the_third():
    needs = [{"tag": tag, "at_least": 1} for tag in ("nurse", "driver", "member")]
    near = a_volunteer("ann", tags=["nurse"]), a_volunteer("bob", tags=["driver"])
    far = a_volunteer("cy", tags=["member"], at=2), a_volunteer("dee", tags=["nurse", "driver"], at=3)
    problem = a_problem(*near, *far, a_slot("tea", 60, people=2, team=needs))
    assert plan_of(problem) == (on("tea", "cy", 60), on("tea", "dee", 60))


def test_a_seat_is_filled_however_dear_the_only_person_is():
    weights = {"travel": 1, "affinity": 10**6, "disruption": 0, "overload": 0, "unused": 0}
    assert plan_of(a_problem(a_volunteer(), a_slot(affinity={"ann": -(10**9)}), weights=weights)) != ()


def test_nobody_to_plan_is_an_empty_plan():
    assert plan_of(a_problem()) == ()
    assert plan_of(a_problem(a_volunteer())) == ()
    assert plan_of(a_problem(a_slot())) == ()
