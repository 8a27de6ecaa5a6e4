"""Bounds of weeks so large that their days are shortened first, tried on small ones."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.column_generation import schedule
from solver.column_generation.dual_ascent import Descent
from solver.column_generation.lagrangian import Master
from solver.column_generation.schedule import lower, price_minutes
from solver.instance.arrays import compile_network
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems

QUESTIONS = 1000  # whether to stop: enough to come near the best prices


@pytest.fixture
def large_from(monkeypatch):
    def set_to(days):
        monkeypatch.setattr(schedule, "SKETCH_DAYS", days)
        monkeypatch.setattr(schedule, "PROGRAMME_DAYS", 0)
        for name, most in {"SHORT": 2, "LONG": 3, "NEARLY_WHOLE": 4}.items():
            monkeypatch.setattr(schedule, name, getattr(schedule, name)._replace(most=most))

    return set_to


def lowered(problem, share, coverage=0):
    master = Master(problem, compile_network(problem))
    start = master.no_prices()
    start.row[:] = 0.5 * master.net.value[master.rows.slot]
    descent = Descent(master, start if share == 0 else start.scaled(0.1), share, coverage)
    settled, asked = [], itertools.count()
    lower(descent, lambda: next(asked) > QUESTIONS, lambda: 1.0, lambda: settled.append(descent.best_height))
    return descent, settled


@settings(max_examples=40, deadline=None)
@given(problem=problems(), share=st.sampled_from([0.0, 1.0]))
def test_a_bound_by_way_of_shortlists_holds_in_both_stages(problem, share):
    best = optimum(problem)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schedule, "SKETCH_DAYS", -1)
        for name, most in {"SHORT": 1, "LONG": 2, "NEARLY_WHOLE": 3}.items():
            patched.setattr(schedule, name, getattr(schedule, name)._replace(most=most))
        descent, _ = lowered(problem, share, best.coverage)
    assert descent.proven_height < math.inf
    assert descent.bound >= best.coverage if share == 0 else descent.bound <= best.cost


def test_a_reward_beyond_all_bounds_proves_nothing():
    problem = a_problem(a_volunteer(), a_slot("tea", at=1, previous=[{"volunteer": "ann", "tax": 15}]))
    master = Master(problem, compile_network(problem))
    prices = master.no_prices().scaled(1.0)
    prices.reward = 1e18
    descent = Descent(master, prices, 1.0, 1000)
    descent.look(2000)
    assert descent.bound <= optimum(problem).cost


def test_shortlists_lead_to_the_same_bound_as_whole_days(large_from):
    days = [{"start": 1440 * day, "end": 1440 * day + 180} for day in range(2)]
    people = [a_volunteer(f"v{n}", days, max_minutes=150) for n in range(4)]
    slots = [a_slot(f"s{n}", 1440 * (n % 2) + 10 * n, 45, latest=1440 * (n % 2) + 120) for n in range(12)]
    problem = a_problem(*people, *slots)
    large_from(1)
    sketched, made_plans_at = lowered(problem, 0.0)
    large_from(100)
    whole, _ = lowered(problem, 0.0)
    assert sketched.bound == pytest.approx(whole.bound, rel=0.01)
    assert len(made_plans_at) > 1


def test_many_days_begin_at_the_one_cost_of_a_minute_with_the_lowest_bound():
    people = [a_volunteer(f"v{n}", (0, 180)) for n in range(2)]
    slots = [a_slot(f"s{n}", 15 * n, 30 + 15 * (n % 3), latest=170, value=2000 + 500 * (n % 4)) for n in range(12)]
    master = Master(problem := a_problem(*people, *slots), compile_network(problem))

    def height_at(cost):
        descent = Descent(master, master.no_prices(), 0.0)
        for row, slot in enumerate(master.rows.slot):
            taken = slots[slot]["duration"] + schedule.LEG
            descent.prices.row[row] = max(0.0, slots[slot]["value"] - cost * taken)
        return descent.look(2000).found

    descent = Descent(master, master.no_prices(), 0.0)
    price_minutes(descent, lambda: False)
    assert descent.best_height <= 1.02 * min(height_at(cost) for cost in range(0, 100, 2))
    assert descent.best_height < height_at(0)
