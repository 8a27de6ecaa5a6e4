"""Routes met so far: each set of visits of a day once, with the fewest leg minutes; filed by day."""

import numpy as np
import pytest

from solver.column_generation.lagrangian import Lagrangian
from solver.instance.arrays import compile_network
from solver.pricing.column_pool import add_routes, keep_only
from solver.pricing.path import END, EVENT
from tests.builders import a_problem, a_slot, a_volunteer


@pytest.fixture
def lagrangian():
    days = [{"start": 1440 * day, "end": 1440 * day + 180} for day in range(2)]
    slots = [a_slot(f"s{n}", 1440 * (n // 2), 30, latest=1440 * (n // 2) + 120) for n in range(4)]
    problem = a_problem(a_volunteer("ann", days), *slots)
    return Lagrangian(problem, compile_network(problem))


def added(lagrangian, *routes):
    """The memory once these have been met: (day, leg minutes, path) each."""
    width = max(len(path) for _, _, path in routes)
    paths = np.array([[*path, *[END] * (width - len(path))] for _, _, path in routes], np.int64)
    day_of, legs = (np.array([route[n] for route in routes], np.int64) for n in (0, 1))
    return add_routes(lagrangian.pricing_net, lagrangian.tasks, lagrangian.pool, day_of, paths, legs)


def routes_of(pool):
    """(day, leg minutes, options in order) of every route."""
    day = np.repeat(np.arange(len(pool.at) - 1), np.diff(pool.at)).tolist()
    visits = [tuple(int(pool.task[c]) for c in row if c >= 0) for row in pool.visits]
    return list(zip(day, pool.travel.tolist(), visits, strict=True))


def test_routes_are_filed_by_day_whatever_the_order_they_came_in(lagrangian):
    lagrangian.pool = added(lagrangian, (1, 7, [2]), (0, 5, [0, 1]))
    assert routes_of(lagrangian.pool) == [(0, 5, (0, 1)), (1, 7, (2,))]
    lagrangian.pool = added(lagrangian, (0, 3, [1]), (1, 9, [3, 2]))
    assert routes_of(lagrangian.pool) == [(0, 5, (0, 1)), (0, 3, (1,)), (1, 7, (2,)), (1, 9, (3, 2))]


@pytest.mark.parametrize(("legs", "kept"), [(4, (0, 4, (1, 0))), (5, (0, 5, (0, 1))), (6, (0, 5, (0, 1)))])
def test_the_same_visits_in_another_order_are_kept_only_with_fewer_leg_minutes(lagrangian, legs, kept):
    lagrangian.pool = added(lagrangian, (0, 5, [0, 1]))
    assert routes_of(added(lagrangian, (0, legs, [1, 0]))) == [kept]
    assert routes_of(added(lagrangian, (0, legs, [1, 0]), (0, 8, [0, 1]))) == [kept]


def test_fixed_events_between_visits_are_not_kept(lagrangian):
    assert routes_of(added(lagrangian, (0, 5, [0, EVENT, 1]))) == [(0, 5, (0, 1))]


def test_routes_that_are_pruned_take_their_tasks_along(lagrangian):
    pool = added(lagrangian, (0, 5, [0, 1]), (1, 7, [2]), (1, 9, [3, 2]))
    kept = keep_only(lagrangian.pricing_net, lagrangian.tasks, pool, np.array([False, True, False]))
    assert routes_of(kept) == [(1, 7, (2,))]
    assert kept.task.tolist() == [2]
    assert kept.duration.tolist() == [30]
