import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.model.check import measure, violations
from solver.model.problem_json import load_problem
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems, rough_plans

CASES = Path(__file__).parents[1] / "cases"
TINY = sorted(
    path.name.removesuffix(".optimum.json")
    for path in CASES.glob("*.optimum.json")
    if not path.name.startswith(("s-", "xs-"))
)


@pytest.mark.parametrize("case", TINY)
def test_enumeration_finds_the_known_optimum(case):
    known = json.loads((CASES / f"{case}.optimum.json").read_text())
    found = optimum(load_problem(CASES / f"{case}.json"))
    assert {"coverage": found.coverage, "cost": found.cost} == known


@given(problems())
@settings(max_examples=100, deadline=None)
def test_the_plan_found_is_allowed_and_measures_what_is_said(problem):
    found = optimum(problem)
    assert violations(problem, found.assignments) == []
    assert measure(problem, found.assignments)[:2] == (found.coverage, found.cost)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_allowed_plan_is_better(data):
    problem = data.draw(problems(max_people=2, max_slots=3))
    plan = data.draw(rough_plans(problem))
    if violations(problem, plan):
        return
    coverage, cost, _ = measure(problem, plan)
    found = optimum(problem)
    assert (-found.coverage, found.cost) <= (-coverage, cost)


def test_a_forced_pair_stands_even_where_it_costs_coverage():
    problem = a_problem(a_volunteer("ann", (0, 90)), a_slot("tea", 0, 60, value=1), a_slot("walk", 30, 60, value=1000))
    assert optimum(problem).coverage == 1000
    assert optimum(problem, frozenset({("ann", "tea")})).coverage == 1
    assert optimum(problem, frozenset({("ann", "tea"), ("ann", "walk")})) is None
