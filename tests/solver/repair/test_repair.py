"""Filling a few slots again: exactly the best, and nothing else moves."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.instance.arrays import compile_network
from solver.lns.construction import first_plan
from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.repair.incumbent_state import IncumbentState
from solver.repair.repair import repair, repair_with
from tests.brute import Optimum, optimum
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def only_these_open(problem: Problem, plan: tuple[Assignment, ...], opened: set[str]) -> tuple[Problem, set]:
    """The problem in which every other slot has exactly its people at its start, and the pairs that must stand."""
    slots, must = [], set()
    for slot in problem.slots:
        team = [a for a in plan if a.slot == slot.id]
        if slot.id in opened:
            slots.append(slot)
        elif team:
            start, people = team[0].start, {a.volunteer for a in team}
            pinned = {pin.volunteer for pin in slot.pinned}
            must |= {(who, slot.id) for who in people - pinned}
            others = frozenset(v.id for v in problem.volunteers if v.id not in people)
            least = min(slot.min_headcount, len(team))
            only = {"earliest": start, "latest": start, "min_headcount": len(team)}
            narrow = {"min_headcount": least} if people == pinned else only
            slots.append(replace(slot, headcount=len(team), excluded=slot.excluded | others, **narrow))
    return replace(problem, slots=tuple(slots)), must


def best_by_enumeration(
    problem: Problem, plan: tuple[Assignment, ...], opened: set[str], forced: set
) -> Optimum | None:
    narrowed, must = only_these_open(problem, plan, opened)
    return optimum(narrowed, frozenset(must | forced))


@settings(max_examples=120, deadline=None)
@given(problems(max_people=4, max_slots=5), st.data())
def test_a_repair_equals_the_best_by_enumeration(problem, data):
    net = compile_network(problem)
    assume(net.triangle)
    plan = first_plan(problem, net, seconds=0.0)
    opened = data.draw(st.sets(st.sampled_from([s.id for s in problem.slots]), min_size=1, max_size=3))
    incumbent = IncumbentState(problem, plan, net)
    found = repair(incumbent, opened)
    best = best_by_enumeration(problem, plan, opened, set())
    assert violations(problem, found.assignments) == []
    coverage, cost, _ = measure(problem, found.assignments)
    if not found.exact:  # see below: a call that waits where a visit was
        assert any(slot.location is None for slot in problem.slots)
        assert found.assignments == tuple(sorted(plan))
        return
    assert (coverage, cost) == measure(problem, best.assignments)[:2]
    before = measure(problem, plan)
    assert (found.coverage_change, found.cost_change) == (coverage - before[0], cost - before[1])
    kept = {a for a in plan if a.slot not in opened}
    assert kept == {a for a in found.assignments if a.slot not in opened}


@settings(max_examples=80, deadline=None)
@given(problems(max_people=3, max_slots=4), st.data())
def test_a_forced_pair_stands_at_least_cost_or_cannot_stand(problem, data):
    net = compile_network(problem)
    assume(net.triangle)
    slot = data.draw(st.sampled_from(problem.slots))
    who = data.draw(st.sampled_from(problem.volunteers)).id
    assume(who not in {pin.volunteer for pin in slot.pinned})
    plan = first_plan(problem, net, seconds=0.0)
    opened = {slot.id} | {a.slot for a in plan if a.volunteer == who}
    found = repair_with(IncumbentState(problem, plan, net), who, slot.id)
    best = best_by_enumeration(problem, plan, opened, {(who, slot.id)})
    if found is None:
        assert best is None or any(slot.location is None for slot in problem.slots)
    else:
        assert violations(problem, found.assignments) == []
        assert (slot.id, who) in {(a.slot, a.volunteer) for a in found.assignments}
        assert measure(problem, found.assignments)[:2] == measure(problem, best.assignments)[:2]


def test_nobody_is_taken_from_a_visit_without_which_a_call_would_be_made_too_far_away():
    ann = a_volunteer(free=[{"start": 450, "end": 525, "to": 2}])
    problem = a_problem(ann, a_slot("tea", 480, 15, at=2), a_slot("call", 495, 15, at=None))
    plan = (on("call", "ann", 495), on("tea", "ann", 480))
    assert violations(problem, plan) == []
    found = repair(IncumbentState(problem, plan), ["tea"])
    assert found.assignments == plan
    assert repair(IncumbentState(problem, plan), ["tea"], forbidden=[("ann", "tea")]) is None


def test_a_forbidden_person_is_replaced_by_the_next_best():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob", at=2), a_slot("tea", 60))
    incumbent = IncumbentState(problem, [on("tea", "ann", 60)])
    assert repair(incumbent, ["tea"], forbidden=[("ann", "tea")]).assignments == (on("tea", "bob", 60),)


def test_others_keep_their_starts():
    problem = a_problem(a_volunteer(free=(0, 150)), a_slot("tea", 0, latest=60), a_slot("walk", 0, latest=120))
    incumbent = IncumbentState(problem, [on("tea", "ann", 60)])
    assert repair(incumbent, ["walk"]).assignments == (on("tea", "ann", 60), on("walk", "ann", 0))


def test_an_unknown_slot_is_a_key_error():
    with pytest.raises(KeyError):
        repair(IncumbentState(a_problem(a_volunteer(), a_slot())), ["gone"])


def test_a_pair_about_a_slot_that_is_not_open_is_a_value_error():
    incumbent = IncumbentState(a_problem(a_volunteer(), a_slot("tea"), a_slot("walk")))
    for pairs in ({"forced": [("ann", "walk")]}, {"forbidden": [("ann", "walk")]}):
        with pytest.raises(ValueError, match="ann on walk: expected one of the open slots, tea"):
            repair(incumbent, ["tea"], **pairs)


def test_one_slot_in_place_of_a_list_is_a_value_error():
    with pytest.raises(ValueError, match="expected a list of slots"):
        repair(IncumbentState(a_problem(a_volunteer(), a_slot("tea"))), "tea")
