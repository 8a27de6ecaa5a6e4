"""Deleting a rule is seen: by the checker in the plan that ignores it, in every model of the solver by what it claims.

The rule is deleted from a problem made for it (witnesses.py). A model that had lost the rule would see no difference
between the two problems: a search would plan what the checker refuses, a bound would stay above the best plan.
"""

from collections.abc import Sequence

import pytest

from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.set_partitioning import SetPartitioning
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.lns.construction import first_plan
from solver.model import check
from solver.model.problem import Problem
from solver.model.problem_json import problem_from_json
from solver.model.solution import Assignment, Solution, Status
from solver.proof.prove import prove
from solver.solve import Limits, solve
from tests.brute import optimum
from tests.builders import rules_broken
from tests.rules.witnesses import WITNESSES, Witness

PLENTY = Limits(seconds=30, workers=1)
SEARCH_ROUNDS = 200
EVERYTHING = 1e9  # a gap that no route exceeds
PERSONAL = [rule.__name__ for rule in check.PERSONAL]


def each(witnesses: Sequence[Witness]) -> pytest.MarkDecorator:
    names = [f"{witness.rule}-{n}" for n, witness in enumerate(witnesses)]
    return pytest.mark.parametrize("witness", witnesses, ids=names)


each_witness = each(WITNESSES)
each_of_one_person = each([witness for witness in WITNESSES if witness.rule in PERSONAL])


def best_plan(problem: Problem) -> Solution:
    found = solve(problem, PLENTY)
    assert found.status is Status.OPTIMAL
    return found


def as_one(assignments: tuple[Assignment, ...]) -> list[Assignment]:
    """A plan in which `ann~` is ann again and `tea~` is tea."""
    return [Assignment(a.slot.rstrip("~"), a.volunteer.rstrip("~"), a.start) for a in assignments]


def test_every_rule_has_a_witness():
    assert list(dict.fromkeys(witness.rule for witness in WITNESSES)) == [rule.__name__ for rule in check.RULES]


@each_witness
def test_the_checker_refuses_the_best_plan_of_the_problem_without_the_rule(witness: Witness):
    ignoring = best_plan(problem_from_json(witness.without_rule))
    assert rules_broken(problem_from_json(witness.with_rule), *as_one(ignoring.assignments)) == [witness.rule]


@each_witness
def test_the_solver_proves_that_the_rule_costs_coverage(witness: Witness):
    problem = problem_from_json(witness.with_rule)
    kept, best = best_plan(problem), optimum(problem)
    assert best is not None
    assert (kept.coverage, kept.coverage_bound) == (best.coverage, best.coverage)
    assert best_plan(problem_from_json(witness.without_rule)).coverage > best.coverage
    assert prove(problem, kept).coverage_bound >= best.coverage


@each_witness
def test_insertion_and_search_keep_the_rule_before_anybody_checks(witness: Witness):
    problem = problem_from_json(witness.with_rule)
    net = compile_network(problem)
    search = Search(problem, net)
    search.run(0.5, rounds=SEARCH_ROUNDS)
    for plan in (first_plan(problem, net, seconds=0), search.assignments()):
        assert rules_broken(problem, *plan) == []


@each_witness
def test_the_best_choice_among_all_routes_keeps_the_rule(witness: Witness):
    problem = problem_from_json(witness.with_rule)
    lagrangian = Lagrangian(problem, compile_network(problem))
    route_set = RouteSet(lagrangian)
    routes = enumerate_routes(
        route_set, lagrangian.zero_duals(), 0.0, gap=EVERYTHING, max_routes=1000, max_nodes=100_000
    )
    assert routes is not None
    choice, best = SetPartitioning(route_set, routes).most_coverage(seed=0), optimum(problem)
    assert choice is not None
    assert best is not None
    assert choice.bound + lagrangian.pinned_coverage == best.coverage
    pins = [Assignment(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]
    assert rules_broken(problem, *pins, *route_set.assignments(problem, choice.routes)) == []


@each_of_one_person
def test_the_best_week_of_a_person_keeps_the_rule_at_any_prices(witness: Witness):
    problem = problem_from_json(witness.with_rule)
    lagrangian, best = Lagrangian(problem, compile_network(problem)), optimum(problem)
    assert best is not None
    alone = lagrangian.evaluate(lagrangian.zero_duals(), 0.0, max_nodes=100_000)
    assert lagrangian.coverage_bound(alone.bound) == best.coverage
