import json
from pathlib import Path

import pytest

from solver.model.check import measure, violations
from solver.model.problem_json import load_problem
from solver.model.solution import Status
from solver.proof.prove import prove
from solver.solve import Limits, solve
from tests.builders import a_problem, a_volunteer

CASES = Path(__file__).parents[1] / "cases"
NAMES = sorted(path.name.removesuffix(".optimum.json") for path in CASES.glob("*.optimum.json"))
TINY = [name for name in NAMES if not name.startswith("s-")]


def a_case(name):
    (path,) = [path for path in CASES.glob(f"{name}.json*")]
    known = json.loads((CASES / f"{name}.optimum.json").read_text())
    return load_problem(path), known["coverage"], known["cost"]


@pytest.mark.parametrize("name", TINY)
def test_every_small_case_is_solved_to_its_known_optimum_and_proven(name):
    problem, coverage, cost = a_case(name)
    solution = solve(problem, Limits(seconds=30, workers=1))
    assert violations(problem, solution.assignments) == []
    assert (solution.coverage, solution.coverage_bound) == (coverage, coverage)
    assert (solution.cost, solution.cost_bound) == (cost, cost)
    assert solution.status is Status.OPTIMAL


@pytest.mark.parametrize("name", ["s-1", "s-2", "s-3"])
def test_the_bounds_of_a_building_hold_and_are_proven_again_independently(name):
    problem, best_coverage, best_cost = a_case(name)
    solution = solve(problem, Limits(seconds=10, workers=1))
    assert violations(problem, solution.assignments) == []
    assert measure(problem, solution.assignments)[:2] == (solution.coverage, solution.cost)
    assert 0.98 * best_coverage <= solution.coverage <= best_coverage <= solution.coverage_bound
    if solution.coverage == best_coverage:
        assert solution.cost_bound <= best_cost <= solution.cost
    proof = prove(problem, solution)
    assert proof.coverage == solution.coverage
    assert best_coverage <= proof.coverage_bound <= 1.02 * best_coverage


@pytest.mark.parametrize("workers", [1, 2])
def test_a_week_in_which_nobody_is_wanted_has_an_empty_plan(workers):
    solution = solve(a_problem(a_volunteer("ann")), Limits(seconds=1, workers=workers))
    assert solution.assignments == ()
