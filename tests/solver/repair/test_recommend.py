"""Recommendations equal what trying every change by hand says."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.instance.arrays import compile_network
from solver.lns.construction import first_plan
from solver.model.check import measure, violations
from solver.model.problem import Problem, Window
from solver.model.solution import Assignment
from solver.repair.free_interval import joined
from solver.repair.incumbent_state import IncumbentState
from solver.repair.recommend import people_for, slots_for
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def starts_by_hand(problem: Problem, plan: tuple[Assignment, ...], slot_id: str, who: str, starts) -> dict[int, tuple]:
    """Every start at which one more visit breaks no rule: coverage, cost and terms that it adds."""
    found = {}
    was = measure(problem, plan)
    for start in starts:
        more = (*plan, Assignment(slot_id, who, start))
        if not violations(problem, more):
            now = measure(problem, more)
            terms = {name: now[2][name] - was[2][name] for name in was[2]}
            found[start] = (now[0] - was[0], now[1] - was[1], terms)
    return found


@settings(max_examples=120, deadline=None)
@given(problems(), st.data())
def test_people_for_a_slot_are_those_whose_visit_breaks_no_rule(problem, data):
    net = compile_network(problem)
    plan = first_plan(problem, net, seconds=0.0)
    slot = data.draw(st.sampled_from(problem.slots))
    team = {a.volunteer for a in plan if a.slot == slot.id}
    if slot.headcount > 1 and not team - {pin.volunteer for pin in slot.pinned}:
        return  # a crew from nothing is a repair's question
    found = {r.volunteer: r for r in people_for(IncumbentState(problem, plan, net), slot.id, limit=100)}
    for person in problem.volunteers:
        by_hand = {} if person.id in team else starts_by_hand(problem, plan, slot.id, person.id, slot.starts)
        assert (person.id in found) == bool(by_hand)
        if by_hand:
            one = found[person.id]
            assert by_hand[one.start] == (one.coverage_change, one.cost_change, one.terms)
            assert one.cost_change == min(cost for _, cost, _ in by_hand.values())
    costs = [r.cost_change for r in people_for(IncumbentState(problem, plan, net), slot.id)]
    assert costs == sorted(costs)


@settings(max_examples=120, deadline=None)
@given(problems(), st.data())
def test_slots_for_a_free_span_are_those_whose_visit_breaks_no_rule(problem, data):
    net = compile_network(problem)
    plan = first_plan(problem, net, seconds=0.0)
    person = data.draw(st.sampled_from(problem.volunteers))
    begin = 15 * data.draw(st.integers(0, 50))
    end = begin + 15 * data.draw(st.integers(1, 12))
    found = {r.slot: r for r in slots_for(IncumbentState(problem, plan, net), person.id, begin, end, limit=100)}

    window = joined(person, begin, end)
    rest = tuple(w for w in person.windows if w.end <= window.start or w.start >= window.end)
    freer = replace(person, windows=(*rest, window))
    widened = replace(problem, volunteers=tuple(freer if v is person else v for v in problem.volunteers))
    if violations(widened, plan):
        return  # the longer route counts on another day, or leaves from elsewhere: the plan itself no longer stands
    for slot in problem.slots:
        starts = [start for start in slot.starts if begin <= start and start + slot.duration <= end]
        on_it = any((a.slot, a.volunteer) == (slot.id, person.id) for a in plan)
        by_hand = {} if on_it else starts_by_hand(widened, plan, slot.id, person.id, starts)
        assert (slot.id in found) == bool(by_hand), slot.id
        if by_hand:
            one = found[slot.id]
            assert by_hand[one.start] == (one.coverage_change, one.cost_change, one.terms)
            assert one.cost_change == min(cost for _, cost, _ in by_hand.values())


def test_a_replacement_is_compared_with_who_leaves():
    problem = a_problem(
        a_volunteer("ann", at=1),
        a_volunteer("bob", at=3),
        a_volunteer("cho", at=2),
        a_slot("tea", 120, at=1, affinity={"cho": 50}),
    )
    incumbent = IncumbentState(problem, [on("tea", "ann", 120)])
    found = people_for(incumbent, "tea", instead_of="ann")
    assert [(r.volunteer, r.coverage_change, r.cost_change) for r in found] == [("cho", 0, -40), ("bob", 0, 20)]
    assert found[0].terms == {"travel": 10, "affinity": -50, "disruption": 0, "overload": 0, "unused": 0}


def test_whoever_leaves_a_team_is_replaced_by_people_who_keep_its_rules():
    people = (
        a_volunteer("ann", tags=["nurse"]),
        a_volunteer("bob"),
        a_volunteer("cho"),
        a_volunteer("dee", tags=["nurse"]),
    )
    problem = a_problem(*people, a_slot("tea", 60, people=2, team=[{"tag": "nurse", "at_least": 1}]))
    incumbent = IncumbentState(problem, [on("tea", "ann", 60), on("tea", "bob", 60)])
    assert [r.volunteer for r in people_for(incumbent, "tea", instead_of="ann")] == ["dee"]
    assert [r.volunteer for r in people_for(incumbent, "tea", instead_of="bob")] == ["cho", "dee"]


def test_a_full_slot_has_no_seat_to_recommend_for():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", 60))
    assert people_for(IncumbentState(problem, [on("tea", "ann", 60)]), "tea") == []


def test_someone_who_is_not_on_the_slot_cannot_be_replaced():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", 60))
    with pytest.raises(KeyError):
        people_for(IncumbentState(problem, [on("tea", "ann", 60)]), "tea", instead_of="bob")


def test_a_span_without_a_window_starts_at_home():
    problem = a_problem(a_volunteer(free=[], at=3), a_slot("tea", 60, at=1), a_slot("walk", 70, at=1))
    incumbent = IncumbentState(problem)
    assert [r.slot for r in slots_for(incumbent, "ann", 40, 120)] == ["tea"]
    assert slots_for(incumbent, "ann", 41, 120) == []


def test_a_span_is_joined_with_the_windows_that_it_overlaps():
    person = a_problem(
        a_volunteer(free=[{"start": 0, "end": 60, "to": 4}, {"start": 60, "end": 90, "to": 2}])
    ).volunteers[0]
    assert joined(person, 50, 80) == Window(0, 90, 0, 2)
    assert joined(person, 60, 100) == Window(60, 100, 0, None)


def test_a_slot_whose_team_rule_asks_for_more_people_than_it_has_seats_is_not_recommended():
    rule = [{"tag": "courier", "at_least": 2}]
    problem = a_problem(a_volunteer("ann", tags=["courier"]), a_slot("tea", team=rule))
    assert slots_for(IncumbentState(problem), "ann", 0, 600) == []
