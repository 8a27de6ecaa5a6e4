"""Bounds of weeks so large that their days are shortened first, tried on small ones."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.column_generation.ascent_schedule import one_dual_per_minute, solve_dual
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.lagrangian import Lagrangian
from solver.instance.arrays import compile_network
from solver.params import AscentScheduleParams, Params, PricingParams
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems

SCHEDULE = AscentScheduleParams()
QUESTIONS = 1000  # whether to stop: enough to come near the best prices


def restricted(days, narrow, wide, nearly_all, **fields):
    """Weeks of more than so many days begin with so many tasks a day."""
    tasks = {"narrow": narrow, "wide": wide, "nearly_all": nearly_all}
    restrictions = {name: replace(getattr(SCHEDULE, name), max_tasks=most) for name, most in tasks.items()}
    return Params(ascent_schedule=replace(SCHEDULE, heuristic_days=days, **restrictions, **fields))


def solved(problem, cost_weight, params, coverage=0):
    lagrangian = Lagrangian(problem, compile_network(problem), params)
    start = lagrangian.zero_duals()
    start.row[:] = 0.5 * lagrangian.net.value[lagrangian.rows.slot]
    ascent = DualAscent(lagrangian, start if cost_weight == 0 else start.scaled(0.1), cost_weight, coverage)
    converged, asked = [], itertools.count()
    solve_dual(ascent, lambda: next(asked) > QUESTIONS, lambda: 1.0, lambda: converged.append(ascent.best_dual_value))
    return ascent, converged


@settings(max_examples=40, deadline=None)
@given(problem=problems(), cost_weight=st.sampled_from([0.0, 1.0]))
def test_a_bound_by_way_of_restrictions_holds_in_both_stages(problem, cost_weight):
    best = optimum(problem)
    ascent, _ = solved(problem, cost_weight, restricted(-1, 1, 2, 3), best.coverage)
    assert ascent.proven_dual_value < math.inf
    assert ascent.bound >= best.coverage if cost_weight == 0 else ascent.bound <= best.cost


def test_a_reward_beyond_all_bounds_proves_nothing():
    problem = a_problem(a_volunteer(), a_slot("tea", at=1, previous=[{"volunteer": "ann", "tax": 15}]))
    lagrangian = Lagrangian(problem, compile_network(problem))
    duals = lagrangian.zero_duals().scaled(1.0)
    duals.multiplier = 1e18
    ascent = DualAscent(lagrangian, duals, 1.0, 1000)
    ascent.pricing_iteration(2000)
    assert ascent.bound <= optimum(problem).cost


def test_restrictions_lead_to_the_same_bound_as_whole_days():
    days = [{"start": 1440 * day, "end": 1440 * day + 180} for day in range(2)]
    people = [a_volunteer(f"v{n}", days, max_minutes=150) for n in range(4)]
    slots = [a_slot(f"s{n}", 1440 * (n % 2) + 10 * n, 45, latest=1440 * (n % 2) + 120) for n in range(12)]
    problem = a_problem(*people, *slots)
    heuristic, made_plans_at = solved(problem, 0.0, restricted(1, 2, 3, 4, restricted_master_days=0))
    whole, _ = solved(problem, 0.0, restricted(100, 2, 3, 4, restricted_master_days=0))
    assert heuristic.bound == pytest.approx(whole.bound, rel=0.01)
    assert len(made_plans_at) > 1


def test_many_days_begin_at_the_one_cost_of_a_minute_with_the_lowest_bound():
    people = [a_volunteer(f"v{n}", (0, 180)) for n in range(2)]
    slots = [a_slot(f"s{n}", 15 * n, 30 + 15 * (n % 3), latest=170, value=2000 + 500 * (n % 4)) for n in range(12)]
    lagrangian = Lagrangian(problem := a_problem(*people, *slots), compile_network(problem))

    def height_at(cost):
        ascent = DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)
        for row, slot in enumerate(lagrangian.rows.slot):
            taken = slots[slot]["duration"] + PricingParams().typical_leg_min
            ascent.duals.row[row] = max(0.0, slots[slot]["value"] - cost * taken)
        return ascent.pricing_iteration(2000).found

    ascent = DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)
    one_dual_per_minute(ascent, lambda: False)
    assert ascent.best_dual_value <= 1.02 * min(height_at(cost) for cost in range(0, 100, 2))
    assert ascent.best_dual_value < height_at(0)
