"""Standbys: who could take a seat at its start, against the independent checker."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.model.check import measure, violations
from solver.model.solution import Assignment
from solver.repair.standbys import Standby, standbys
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def names(rungs: list[Standby]) -> list[str]:
    return [rung.volunteer for rung in rungs]


def test_the_nearest_free_person_is_the_first_standby():
    problem = a_problem(
        a_volunteer("ann"), a_volunteer("far", at=3), a_volunteer("near", at=1), a_slot("tea", 60, at=0)
    )
    found = standbys(problem, [Assignment("tea", "ann", 60)], limit=5)
    assert found == {"tea": [Standby("near", 60, 1000, 10), Standby("far", 60, 1000, 30)]}


def test_a_familiar_face_comes_before_a_near_one():
    problem = a_problem(
        a_volunteer("ann"), a_volunteer("far", at=3), a_volunteer("near", at=1), a_slot(affinity={"far": 40})
    )
    assert names(standbys(problem, [Assignment("tea", "ann", 60)], limit=5)["tea"]) == ["far", "near"]


def test_a_person_on_another_visit_at_that_time_is_no_standby():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", 60), a_slot("walk", 90))
    plan = [Assignment("tea", "ann", 60), Assignment("walk", "bob", 90)]
    assert standbys(problem, plan, limit=5) == {"tea": [], "walk": []}


def test_back_to_back_with_the_way_between_is_possible_and_a_minute_less_is_not():
    for start, expected in ((130, ["bob"]), (129, [])):
        problem = a_problem(
            a_volunteer("ann"), a_volunteer("bob", at=1), a_slot("tea", 60, at=0), a_slot("walk", start, at=1)
        )
        plan = [Assignment("tea", "ann", 60), Assignment("walk", "bob", start)]
        assert names(standbys(problem, plan, limit=5)["tea"]) == expected


def test_a_person_whose_day_is_full_is_no_standby():
    problem = a_problem(
        a_volunteer("ann"), a_volunteer("bob", max_visits_per_day=1), a_slot("tea", 60), a_slot("walk", 300)
    )
    plan = [Assignment("tea", "ann", 60), Assignment("walk", "bob", 300)]
    assert standbys(problem, plan, limit=5)["tea"] == []


def test_no_more_than_the_limit_are_named_cheapest_first():
    people = [a_volunteer(f"p{n}", at=n) for n in range(5)]
    problem = a_problem(a_volunteer("ann"), *people, a_slot("tea", 60))
    assert names(standbys(problem, [Assignment("tea", "ann", 60)], limit=2)["tea"]) == ["p0", "p1"]


def test_slots_without_people_have_no_ladder():
    assert standbys(a_problem(a_volunteer(), a_slot()), [], limit=5) == {}


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_a_standby_keeps_every_personal_rule_and_costs_what_it_says(problem, seed):
    plan = a_random_plan(problem, random.Random(seed))
    for slot_id, rungs in standbys(problem, plan, limit=3).items():
        leaver = next((a for a in plan if a.slot == slot_id and not is_pinned(problem, a)), None)
        if leaver is None:
            continue
        without = [a for a in plan if a != leaver]
        _, cost_before, _ = measure(problem, without)
        for rung in rungs:
            after = [*without, Assignment(slot_id, rung.volunteer, rung.start)]
            broken = {violation.rule for violation in violations(problem, after)}
            assert broken <= {"team_rules"}
            coverage, cost, _ = measure(problem, after)
            assert coverage == measure(problem, without)[0] + rung.coverage_change
            assert cost == cost_before + rung.cost_change


def is_pinned(problem, assignment):
    slot = next(s for s in problem.slots if s.id == assignment.slot)
    return any(pin.volunteer == assignment.volunteer for pin in slot.pinned)


def a_random_plan(problem, rng):
    """Pins, then whatever still fits, in random order."""
    plan = [Assignment(s.id, pin.volunteer, pin.start) for s in problem.slots for pin in s.pinned]
    if violations(problem, plan):
        return []
    for slot in rng.sample(problem.slots, len(problem.slots)):
        crew = rng.sample(problem.volunteers, len(problem.volunteers))[: slot.headcount]
        start = rng.choice(slot.starts)
        more = plan + [Assignment(slot.id, person.id, start) for person in crew]
        if not violations(problem, more):
            plan = more
    return plan


def test_nobody_is_a_standby_while_they_are_on_another_visit_that_could_begin_later():
    people = a_volunteer("ann"), a_volunteer("bob")
    problem = a_problem(*people, a_slot("tea", 60), a_slot("walk", 60, latest=120))
    assert standbys(problem, [on("tea", "ann", 60), on("walk", "bob", 60)], limit=5)["tea"] == []
