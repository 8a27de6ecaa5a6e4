"""Bounds of weeks so large that their days are shortened first, tried on small ones."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import lowering
from solver.descent import Descent
from solver.lowering import lower
from solver.master import Master
from solver.network import compile_network
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems

QUESTIONS = 1000  # whether to stop: enough to come near the best prices


@pytest.fixture
def large_from(monkeypatch):
    def set_to(days):
        monkeypatch.setattr(lowering, "SKETCH_DAYS", days)
        monkeypatch.setattr(lowering, "PROGRAMME_DAYS", 0)
        monkeypatch.setattr(lowering, "SHORT", 2)
        monkeypatch.setattr(lowering, "LONG", 3)

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
        for name, value in {"SKETCH_DAYS": -1, "SHORT": 1, "LONG": 2}.items():
            patched.setattr(lowering, name, value)
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
