import math

import numpy as np
import pytest

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.lagrangian import Duals, Lagrangian
from solver.column_generation.restricted_master import RestrictedMaster
from solver.column_generation.set_partitioning import SetPartitioning
from solver.instance.arrays import compile_network
from solver.model.solution import Status
from solver.solve import Limits, solve
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer

SQUAD = [{"tag": "courier", "at_least": 1}]


def a_week():
    """Three people, two windows each, more visits than they can make, one of them for two people."""
    free = [{"start": 0, "end": 150, "to": 0}, {"start": 1440, "end": 1560}]
    return a_problem(
        a_volunteer("ann", free, tags={"courier"}, max_minutes=150, target=60, willing=True),
        a_volunteer("bob", free, at=1, max_minutes_per_day=60),
        a_volunteer("cy", free, at=2, max_visits_per_day=1, willing=True),
        a_slot("lunch", 30, 30, at=1, latest=90, value=2000, affinity={"bob": 7}),
        a_slot("walk", 30, 60, at=2, latest=60, value=3000),
        a_slot("install", 20, 45, at=1, latest=80, step=30, people=2, value=4000, team=SQUAD),
        a_slot("call", 0, 10, at=None, latest=140, value=1000, previous=[{"volunteer": "cy", "tax": 15}]),
        a_slot("tea", 1450, 60, at=1, latest=1480, value=3000),
        a_slot("bath", 1460, 60, at=0, latest=1470, value=3000),
    )


def some_duals(lagrangian: Lagrangian, seed: int, multiplier: float) -> Duals:
    random = np.random.default_rng(seed)
    row = random.uniform(-0.3, 1.0, len(lagrangian.rows.slot)) * 4000 * multiplier
    row[lagrangian.rows.is_team == 0] = np.maximum(0.0, row[lagrangian.rows.is_team == 0])
    return Duals(row, random.uniform(0.0, 1.0, len(lagrangian.rows.rule_tag)) * 1000 * multiplier, multiplier)


@pytest.mark.parametrize("max_nodes", [0, 3, 10_000])
def test_any_duals_at_any_node_limit_prove_bounds_that_the_optimum_keeps(max_nodes):
    problem = a_week()
    best = optimum(problem)
    lagrangian = Lagrangian(problem, compile_network(problem))
    for seed in range(40):
        looked = lagrangian.evaluate(some_duals(lagrangian, seed, 1.0), 0.0, max_nodes)
        assert lagrangian.coverage_bound(looked.bound) >= best.coverage
        duals = some_duals(lagrangian, seed, 0.1)
        looked = lagrangian.evaluate(duals, 1.0, max_nodes)
        constant = lagrangian.net.tax_total - lagrangian.pinned_gain
        assert duals.multiplier * best.coverage - looked.bound + constant <= best.cost + 0.1


def test_a_bound_counts_a_visit_worth_nothing_that_brings_someone_to_where_a_call_must_end():
    problem = a_problem(
        a_volunteer("ann", [{"start": 0, "end": 120, "to": 1}]),
        a_volunteer("bob", (60, 90), at=1),
        a_slot("tea", 60, 30, at=1),
        a_slot("call", 90, 30, at=None),
    )
    lagrangian = Lagrangian(problem, compile_network(problem))
    duals = lagrangian.zero_duals()
    duals.row[lagrangian.rows.slot == 0] = 1000.0
    assert lagrangian.coverage_bound(lagrangian.evaluate(duals, 0.0, 1000).bound) >= optimum(problem).coverage == 2000


def test_a_bound_knows_the_cap_on_visits_of_the_week():
    days = [{"start": 1440 * day, "end": 1440 * day + 60} for day in range(3)]
    problem = a_problem(
        a_volunteer("ann", days, max_visits=2), *(a_slot(f"tea{day}", 1440 * day, value=1000 + day) for day in range(3))
    )
    lagrangian = Lagrangian(problem, compile_network(problem))
    assert lagrangian.coverage_bound(lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 1000).bound) == 1001 + 1002


@pytest.mark.parametrize("max_nodes", [0, 10_000])
def test_nobody_is_priced_twice_on_one_slot(max_nodes):
    problem = a_problem(a_volunteer("ann", (0, 120)), a_slot("tea", 0, 30, latest=90, value=1000))
    lagrangian = Lagrangian(problem, compile_network(problem))
    assert lagrangian.coverage_bound(lagrangian.evaluate(lagrangian.zero_duals(), 0.0, max_nodes).bound) == 1000


@pytest.mark.parametrize("max_nodes", [0, 10_000])
def test_no_more_is_priced_into_a_window_than_its_minutes_hold(max_nodes):
    visits = [a_slot(f"tea {n}", 0, 30, latest=30, value=1000) for n in range(5)]
    problem = a_problem(a_volunteer("ann", (0, 60)), a_slot("call", 0, 10, latest=50, value=100), *visits)
    lagrangian = Lagrangian(problem, compile_network(problem))
    assert 2000 <= lagrangian.coverage_bound(lagrangian.evaluate(lagrangian.zero_duals(), 0.0, max_nodes).bound) <= 2100


def test_branches_left_open_count_a_slot_with_several_starts_once():
    people = [a_volunteer(name, (0, 150)) for name in ("ann", "bob")]
    install = a_slot("install", 0, 30, latest=120, step=30, people=2, value=1000)
    problem = a_problem(*people, install, a_slot("tea", 0, 30, latest=120, value=1000))
    lagrangian = Lagrangian(problem, compile_network(problem))
    assert lagrangian.coverage_bound(lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 0).bound) <= 2 * 4000


def test_the_restricted_master_of_whole_weeks_brings_the_bound_to_where_no_duals_are_better():
    problem = a_week()
    best = optimum(problem)
    lagrangian = Lagrangian(problem, compile_network(problem))
    ascent = DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)
    restricted_master = RestrictedMaster(ascent)
    assert restricted_master.run(lambda: -math.inf, lambda: False, 1000)
    assert best.coverage <= ascent.bound <= best.coverage + 2000
    again = DualAscent(lagrangian, ascent.best, 0.0)
    again.run(lambda: False, 1000, 200, 0.1, 0.001)
    assert again.best_dual_value >= ascent.best_dual_value - 1.0


@pytest.mark.parametrize("cost_weight", [0.0, 1.0])
def test_duals_of_subgradient_phases_come_as_near_as_the_restricted_master_and_their_bound_holds(cost_weight):
    problem = a_week()
    best = optimum(problem)
    lagrangian = Lagrangian(problem, compile_network(problem))
    start = some_duals(lagrangian, 1, 1.0 if cost_weight == 0 else 0.1)
    alternated, exact = (DualAscent(lagrangian, start, cost_weight, best.coverage) for _ in range(2))
    alternated.run(lambda: False, 1000, 5, 0.5, 0.1)
    alternated.alternate(lambda: False, 1000, 0.2)
    RestrictedMaster(exact).run(lambda: -math.inf, lambda: False, 1000)
    assert (
        exact.best_dual_value - 0.01
        <= alternated.best_dual_value
        <= exact.best_dual_value + 0.02 * abs(exact.best_dual_value) + 1
    )
    assert alternated.bound >= best.coverage if cost_weight == 0 else alternated.bound <= best.cost


def test_what_is_in_the_pool_is_worth_as_much_as_what_is_found_afresh():
    problem = a_week()
    net = compile_network(problem)
    learned = Lagrangian(problem, net)
    for seed in range(20):
        learned.evaluate(some_duals(learned, seed, 0.1), 1.0, 1000)
    for seed in range(20, 40):
        duals, fresh = some_duals(learned, seed, 0.1), Lagrangian(problem, net)
        learned.prune(duals, 1.0, 2)
        assert learned.evaluate(duals, 1.0, 1000).bound == pytest.approx(fresh.evaluate(duals, 1.0, 1000).bound)


def test_choosing_among_all_routes_is_exact_in_both_stages():
    problem = a_week()
    best = optimum(problem)
    lagrangian = Lagrangian(problem, compile_network(problem))
    route_set = RouteSet(lagrangian)
    everything = enumerate_routes(route_set, lagrangian.zero_duals(), 1.0, 1e9, 10_000, 10**6)
    assert everything is not None
    choice = SetPartitioning(route_set, everything).most_coverage(0)
    assert choice is not None
    assert choice.proven
    assert choice.bound == best.coverage
    choice = SetPartitioning(route_set, everything).least_cost(best.coverage, 0)
    assert choice is not None
    assert choice.bound + lagrangian.net.tax_total == best.cost


@pytest.mark.parametrize("more", [0, 1000, 100_000])
def test_a_decision_that_ends_when_enough_is_proven_claims_no_less_than_the_optimum(more):
    problem = a_week()
    best = optimum(problem)
    route_set = RouteSet(Lagrangian(problem, compile_network(problem)))
    everything = enumerate_routes(route_set, route_set.lagrangian.zero_duals(), 1.0, 1e9, 10_000, 10**6)
    choice = SetPartitioning(route_set, everything).most_coverage(0, enough=best.coverage + more)
    assert best.coverage <= choice.bound <= best.coverage + more


def test_routes_within_the_gap_hold_every_plan_that_good():
    problem = a_week()
    best = optimum(problem)
    lagrangian = Lagrangian(problem, compile_network(problem))
    ascent = DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)
    ascent.run(lambda: False, 1000, 60, 0.5, 0.01)
    route_set = RouteSet(lagrangian)
    near = enumerate_routes(route_set, ascent.best, 0.0, ascent.best_dual_value - best.coverage + 0.5, 10_000, 10**6)
    assert near is not None
    choice = SetPartitioning(route_set, near).most_coverage(0)
    assert choice is not None
    assert choice.bound == best.coverage


def test_cost_is_proven_where_a_visit_worth_little_stands_beside_one_worth_much():
    free = [{"start": 630, "end": 840, "to": 0}]
    tea, call = a_slot("tea", 630, 45, latest=690, value=1000), a_slot("call", 615, 15, latest=705, value=7, at=2)
    problem = a_problem(a_volunteer("ann", free), a_volunteer("bob", free), tea, call)
    solution = solve(problem, Limits(seconds=20, workers=1))
    assert (solution.status, solution.cost) == (Status.OPTIMAL, optimum(problem).cost)


def test_cost_is_proven_where_little_coverage_takes_a_dear_visit():
    here, there = [31.245, 121.402], [31.24, 121.402]
    modes = {"walk": {"metres_per_minute": 70, "overhead": 0}, "ebike": {"metres_per_minute": 250, "overhead": 3.5}}
    problem = a_problem(
        a_volunteer("ann", (510, 675), at=here, mode="ebike", tags=["courier"], target=40),
        a_volunteer("bob", (555, 630), at=here, mode="ebike"),
        a_volunteer("cy", [{"start": 480, "end": 555, "to": there}], at=there, mode="walk", target=0),
        a_slot("soup", 540, 15, at=here, value=7, requires_any=["courier"], affinity={"ann": -750}),
        a_slot("tea", 540, 30, latest=630, step=20, at=here, requires_any=["courier"]),
        a_slot("walk", 540, 15, latest=555, step=20, at=there),
        travel={"detour": 1.3, "modes": modes},
        weights={"travel": 1, "affinity": 1, "disruption": 25, "overload": 3, "unused": 1},
    )
    solution = solve(problem, Limits(seconds=10, workers=1))
    assert (solution.status, solution.cost) == (Status.OPTIMAL, 810)


def test_slots_worth_nothing_are_planned_and_proven_too():
    people = a_volunteer("ann"), a_volunteer("bob", at=2)
    problem = a_problem(*people, a_slot("tea", value=0, affinity={"bob": 100}), a_slot("soup", 200, value=0))
    solution = solve(problem, Limits(seconds=20, workers=1))
    assert (solution.status, solution.cost) == (Status.OPTIMAL, optimum(problem).cost)


def test_enumeration_says_when_it_was_too_much():
    problem = a_week()
    lagrangian = Lagrangian(problem, compile_network(problem))
    assert enumerate_routes(RouteSet(lagrangian), lagrangian.zero_duals(), 0.0, 1e9, 2, 10**6) is None


def test_a_plan_taken_into_a_route_set_comes_out_with_the_same_people_and_cost():
    problem = a_week()
    best = optimum(problem)
    route_set = RouteSet(Lagrangian(problem, compile_network(problem)))
    routes = route_set.routes_of(problem, best.assignments)
    found = route_set.assignments(problem, routes)
    assert {(a.slot, a.volunteer) for a in found} == {(a.slot, a.volunteer) for a in best.assignments}
    set_partitioning = SetPartitioning(route_set, routes)
    choice = set_partitioning.least_cost(best.coverage, 0)
    assert choice is not None
    assert choice.bound + route_set.lagrangian.net.tax_total == best.cost
