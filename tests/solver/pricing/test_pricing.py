"""How routes of one day are found and bounded."""

import math

import numpy as np
import pytest

from solver.column_generation.enumeration import enumerate_by_reduced_cost
from solver.column_generation.lagrangian import Halted, Lagrangian
from solver.instance.arrays import compile_network
from solver.pricing.completion_bounds import DayTasks, Grid, completions
from solver.pricing.knapsack_bounds import legs_among
from solver.pricing.task_filter import choose, restrict_tasks, without_hopeless, without_spare_calls
from tests.builders import a_problem, a_slot, a_volunteer


def a_master(*parts):
    problem = a_problem(*parts)
    return Lagrangian(problem, compile_network(problem))


def most_from_the_start(lagrangian, grain=5, visits=8):
    """What the table of completions says for the first volunteer's first day, before any visit."""
    net, tasks = lagrangian.pricing_net, lagrangian.tasks
    first, last = lagrangian.days.at[0], lagrangian.days.at[1]
    values = lagrangian.values(lagrangian.zero_duals(), 0.0)
    chosen, good = choose(tasks.at[first], tasks.at[last], tasks, values, 0.0, 1000, True, False)
    place = tasks.place[chosen]
    placed = np.flatnonzero(place >= 0)
    state_of = np.full(good, -1)
    state_of[placed] = np.arange(len(placed))
    times = (a[chosen] for a in (tasks.low, tasks.high, tasks.step, tasks.duration))
    good_tasks = DayTasks(values[chosen], *times, tasks.slot[chosen], np.full(good, first), state_of)
    grid = Grid(first, last, net.window_start[first], grain, 0.0)
    rest = completions(net, grid, visits, good_tasks, legs_among(net, first, last, place[placed]), lagrangian.halted)
    return rest.best[len(placed), 0, visits]


def test_nobody_returns_to_a_slot_at_once_to_earn_it_twice():
    ann = a_volunteer("ann", (0, 120))
    tea, soup = a_slot("tea", 0, 30, latest=90, value=2000), a_slot("soup", 0, 30, latest=90, value=1000)
    assert most_from_the_start(a_master(ann, tea)) == 2000
    assert most_from_the_start(a_master(ann, tea, soup)) == 3000


def test_a_call_does_not_shorten_the_way_between_two_visits():
    ann = a_volunteer("ann", (0, 60))
    here, there = a_slot("here", 0, 20, latest=40, value=3000), a_slot("there", 0, 20, at=4, latest=40, value=3000)
    call = a_slot("call", 0, 10, at=None, latest=50, value=1000)
    assert most_from_the_start(a_master(ann, here, there)) == 3000
    assert most_from_the_start(a_master(ann, here, there, call)) < 6000


@pytest.mark.parametrize(("minutes", "most"), [(67, 1000), (68, 2000)])
def test_a_way_is_rounded_up_where_all_starts_are_on_the_grid(minutes, most):
    """28 minutes, a way of 10, and on the grid of 4 minutes the second visit begins at 40."""
    visits = [a_slot(name, 0, 28, at=at, latest=minutes // 4 * 4 - 28, step=4) for name, at in (("a", 0), ("b", 1))]
    assert most_from_the_start(a_master(a_volunteer("ann", (0, minutes)), *visits), grain=4) == most


def calls(count, **changes):
    return [a_slot(f"call {n}", 0, 10, at=None, latest=50, value=1000, **changes) for n in range(count)]


def kept_calls(lagrangian, visits):
    tasks = lagrangian.tasks
    values = lagrangian.values(lagrangian.zero_duals(), 0.0)
    chosen, good = choose(0, tasks.at[1], tasks, values, 0.0, 1000, True, False)
    kept, still_good = without_spare_calls(tasks, chosen, good, visits)
    assert still_good == len(kept)
    return len(kept)


@pytest.mark.parametrize(("visits", "kept"), [(2, 2), (5, 5), (6, 5)])
def test_of_equal_calls_as_many_are_tried_as_could_be_made(visits, kept):
    assert kept_calls(a_master(a_volunteer("ann", (0, 60)), *calls(5)), visits) == kept


def test_a_call_that_no_other_can_stand_in_for_is_always_tried():
    later = a_slot("later", 45, 10, at=None, latest=50, value=500)
    longer = a_slot("longer", 0, 15, at=None, latest=45, value=500)
    early = [a_slot(f"call {n}", 0, 10, at=None, latest=40, value=1000) for n in range(5)]
    assert kept_calls(a_master(a_volunteer("ann", (0, 60)), *early, later, longer), 2) == 4


@pytest.mark.parametrize(("threshold", "kept"), [(2499, [2000, 1900, 500]), (2500, [2000, 1900])])
def test_a_task_is_left_out_that_with_the_best_besides_does_not_pass_the_threshold(threshold, kept):
    visits = [a_slot(f"s{value}", 0, 60, latest=60, value=value) for value in (500, 2000, 1900)]
    lagrangian = a_master(a_volunteer("ann", (0, 120)), *visits)
    values = lagrangian.values(lagrangian.zero_duals(), 0.0)
    chosen, _ = choose(0, 3, lagrangian.tasks, values, 0.0, 1000, True, False)
    thresholds = np.array([0.0, threshold])
    left = without_hopeless(lagrangian.instance(0.0), 0, values, chosen, 0, thresholds)
    assert values[left].tolist() == kept


def test_calls_in_another_order_are_not_another_route():
    lagrangian = a_master(a_volunteer("ann", (0, 60)), *calls(3), a_slot("tea", 0, 20, latest=40, value=1000))
    values = lagrangian.values(lagrangian.zero_duals(), 0.0)
    _, paths, _, complete = enumerate_by_reduced_cost(
        lagrangian.instance(0.0), lagrangian.pool, values, 0.0, 1e6, 1000, lagrangian.limits(10_000), lagrangian.halted
    )
    assert complete
    assert len(paths) == len({frozenset(path[path >= 0].tolist()) for path in paths}) == 2**4 - 1


def test_a_restriction_prefers_what_leaves_most_over_for_its_minutes():
    short, long = a_slot("short", 0, 10, latest=50, value=1000), a_slot("long", 0, 60, latest=0, value=1200)
    lagrangian = a_master(a_volunteer("ann", (0, 60)), short, long)
    values = lagrangian.values(lagrangian.zero_duals(), 0.0)
    limits = lagrangian.limits(2000, max_tasks=1)
    worth = [values[restrict_tasks(lagrangian.tasks, values, np.array([1, 0]), rate, limits)] for rate in (0.0, 10.0)]
    assert worth == [[1200], [1000]]


def a_rich_day():
    return [a_volunteer("ann", (0, 240)), *[a_slot(f"tea {n}", 0, 30, latest=210, value=1000 + n) for n in range(12)]]


def test_an_iteration_on_restricted_days_finds_routes_and_proves_nothing():
    lagrangian = a_master(*a_rich_day())
    whole = lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 2000)
    some = lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 2000, max_tasks=4)
    assert some.bound == math.inf
    assert 4000 < some.found <= whole.found <= whole.bound < math.inf
    assert some.found <= lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 2000, max_tasks=12).bound <= whole.bound


def test_a_pricing_iteration_can_be_broken_off_or_truncated():
    lagrangian = a_master(*a_rich_day())
    truncated_iteration = lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 0).bound
    lagrangian.truncated = lambda: True
    assert lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 2000).bound == truncated_iteration
    lagrangian.halted[0] = 1
    with pytest.raises(Halted):
        lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 2000)
