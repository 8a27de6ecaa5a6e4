import pytest
from hypothesis import HealthCheck, given, settings

from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.problem_json import problem_from_json, problem_to_json
from solver.model.solution import Status
from solver.proof.prove import prove
from solver.solve import Limits, solve
from tests.brute import optimum
from tests.properties.strategies import problems
from tests.shared import CONTRACT, evaluate

QUICK = Limits(seconds=20, workers=1)
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def is_right_in_every_respect(problem: Problem) -> None:
    """The plan passes the checker, is measured right, is the optimum in both stages, and its proof is confirmed."""
    solution, best = solve(problem, QUICK), optimum(problem)
    assert violations(problem, solution.assignments) == []
    coverage, cost, terms = measure(problem, solution.assignments)
    assert (solution.coverage, solution.cost, solution.terms) == (coverage, cost, terms)
    assert solution.coverage_bound >= best.coverage
    assert solution.cost_bound <= best.cost
    assert (solution.coverage, solution.cost) == (best.coverage, best.cost)
    assert solution.status is Status.OPTIMAL
    assert (solution.coverage_bound, solution.cost_bound) == (best.coverage, best.cost)
    assert {u.slot: u.missing for u in solution.unfilled} == missing_people(problem, solution.assignments)
    if CONTRACT.is_dir():
        as_json = [{"slot": a.slot, "volunteer": a.volunteer, "start": a.start} for a in solution.assignments]
        assert evaluate(problem_to_json(problem), as_json) == ([], coverage, cost, terms)


def missing_people(problem, assignments):
    heads = [assignment.slot for assignment in assignments]
    missing = {slot.id: slot.headcount - heads.count(slot.id) for slot in problem.slots}
    return {slot: count for slot, count in missing.items() if count}


@pytest.mark.timeout(1200)
@given(problems())
@settings(calm, max_examples=100, derandomize=True)
def test_every_plan_is_the_optimum_of_enumeration_and_passes_the_checker(problem):
    is_right_in_every_respect(problem)


@pytest.mark.long
@pytest.mark.timeout(3600)
@given(problems())
@settings(calm, max_examples=2000)
def test_two_thousand_plans_are_the_optimum_of_enumeration(problem):
    is_right_in_every_respect(problem)


@pytest.mark.long
@pytest.mark.timeout(3600)
@given(problems(max_people=4, max_slots=8, days=3))
@settings(calm, max_examples=500)
def test_plans_of_several_days_are_the_optimum_of_enumeration(problem):
    is_right_in_every_respect(problem)


@pytest.mark.long  # those that are not proven soon use their whole 20 s
@pytest.mark.timeout(3600)
@given(problems(max_people=8, max_slots=12, days=3))
@settings(calm, max_examples=30, derandomize=True)
def test_plans_too_large_to_enumerate_pass_the_checker_and_lie_within_their_bounds(problem):
    solution = solve(problem, QUICK)
    assert violations(problem, solution.assignments) == []
    assert measure(problem, solution.assignments) == (solution.coverage, solution.cost, solution.terms)
    assert solution.coverage_bound >= solution.coverage
    assert solution.cost_bound <= solution.cost


@given(problems())
@settings(calm, max_examples=60, derandomize=True)
def test_the_prices_kept_with_a_plan_prove_a_bound_that_holds(problem):
    solution = solve(problem, QUICK)
    assert prove(problem, solution).coverage_bound >= optimum(problem).coverage


@given(problems())
@settings(calm, max_examples=60, derandomize=True)
def test_a_problem_written_and_read_again_is_the_same(problem):
    assert problem_to_json(problem_from_json(problem_to_json(problem))) == problem_to_json(problem)
