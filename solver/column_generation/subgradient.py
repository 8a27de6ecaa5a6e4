"""The subgradient step, and phases of hundreds of steps on the column pool alone, in the time of one pricing iteration.

What is in the pool is less than what could be done, so the dual value reached here proves nothing and lies too low; but
the duals that reach it are those of the linear programme over these routes, nearly, and the next iteration over
everything brings the routes that are missing (column generation with a subgradient method in place of the simplex).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from solver.column_generation.lagrangian import Duals, Lagrangian, seats_worth
from solver.column_generation.thread_pool import ThreadPool
from solver.instance.dtypes import Flags, Floats, Ints, Whole
from solver.instance.jit import allocating, kernel
from solver.params import AdamParams
from solver.pricing.column_pool import ColumnPool, choice_worth, pool_profile
from solver.pricing.instance import Instance
from solver.pricing.knapsack_bounds import NOTHING
from solver.pricing.tasks import Rows
from solver.pricing.week_join import PAIR_BASE, end_of_week, join


class SubgradientState(NamedTuple):
    """All duals in one row - rows, rules, then the multiplier for a mean visit - and the averages of the last steps."""

    iterate: Floats
    bounded: Flags  # whether a dual may not fall below 0
    mean: Floats
    square: Floats
    adam: AdamParams


def state_from(lagrangian: Lagrangian, duals: Duals) -> SubgradientState:
    """The state before the first step."""
    iterate = np.concatenate((duals.row, duals.rule, [duals.multiplier * lagrangian.mean_value]))
    bounded = np.ones(len(iterate), np.bool_)
    bounded[: len(duals.row)] = lagrangian.rows.is_team == 0
    return SubgradientState(
        iterate, bounded, np.zeros(len(iterate)), np.zeros(len(iterate)), lagrangian.params.subgradient.adam
    )


def duals_of(lagrangian: Lagrangian, iterate: Floats) -> Duals:
    """The duals of an iterate."""
    rows = len(lagrangian.rows.slot)
    return Duals(iterate[:rows].copy(), iterate[rows:-1].copy(), float(iterate[-1]) / lagrangian.mean_value)


@kernel
def update_state(state: SubgradientState, slope: Floats, step: float) -> None:
    """A step against the subgradient, smoothed and divided by its own usual size (Kingma and Ba, "Adam", 2015)."""
    newest, newest_square, least = state.adam
    for i in range(len(state.iterate)):
        down = slope[i]
        if state.bounded[i] and state.iterate[i] <= 0.0 and down > 0.0:
            down = 0.0
        state.mean[i] = newest * down + (1 - newest) * state.mean[i]
        state.square[i] = newest_square * down * down + (1 - newest_square) * state.square[i]
        state.iterate[i] -= step * state.mean[i] / (np.sqrt(state.square[i]) + least)
        if state.bounded[i] and state.iterate[i] < 0.0:
            state.iterate[i] = 0.0


class Demand(NamedTuple):
    """What people would do: the worth of their best weeks, its coverage, people by row, their tags by team rule."""

    worth: float
    coverage: float
    people: Floats
    tagged: Floats


class PoolRelaxation(NamedTuple):
    """The Lagrangian relaxation over routes of the pool only."""

    instance: Instance
    rows: Rows
    pool: ColumnPool
    idle_travel: Ints  # by day: leg minutes of its pinned visits without any other
    cost_weight: float
    target: float  # coverage asked for, where cost counts
    mean_value: float  # of a visit


def pool_relaxation(lagrangian: Lagrangian, cost_weight: float, target: float) -> PoolRelaxation:
    """The relaxation over the routes met so far."""
    return PoolRelaxation(
        lagrangian.instance(cost_weight),
        lagrangian.rows,
        lagrangian.pool,
        lagrangian.idle_travel,
        float(cost_weight),
        float(target),
        lagrangian.mean_value,
    )


@allocating
def pool_weeks(relaxation: PoolRelaxation, worth: Floats, begin: Whole, end: Whole) -> Demand:
    """The demand of the volunteers from `begin` to before `end`, at the worth of every choice."""
    instance, rows, pool, idle_travel, cost_weight, _, _ = relaxation
    net, _, days, buckets = instance
    people, tagged = np.zeros(len(rows.slot)), np.zeros(len(rows.rule_tag))
    total, coverage, cost = 0.0, 0.0, cost_weight * net.travel_weight
    for volunteer in range(begin, end):
        first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
        bucket_size, capacity = buckets.bucket_size[volunteer], buckets.capacity[volunteer]
        week = np.full(capacity + 1, NOTHING)
        week[0] = 0.0
        picks = np.zeros((last - first, capacity + 1), np.int64)
        routes = np.full((last - first, capacity + 1), -1, np.int64)
        for day in range(first, last):
            profile = np.full(capacity + 1, NOTHING)
            profile[0] = -cost * idle_travel[day]
            pool_profile(pool, worth, cost, day, bucket_size, profile, routes[day - first])
            week = join(week, profile, bucket_size != 0, picks[day - first])
        week += end_of_week(instance, volunteer, cost_weight)
        bucket = np.argmax(week)
        total += week[bucket]
        for n in range(last - first - 1, -1, -1):
            route = routes[n, picks[n, bucket] % PAIR_BASE]
            bucket = picks[n, bucket] // PAIR_BASE
            visit = 0
            while route >= 0 and pool.visits[route, visit] >= 0:
                choice = pool.visits[route, visit]
                row = pool.row[choice]
                people[row] += 1
                coverage += pool.value[choice]
                for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                    tagged[rule] += net.has_tag[rows.rule_tag[rule], volunteer]
                visit += 1
    return Demand(total, coverage, people, tagged)


@allocating
def take_step(
    relaxation: PoolRelaxation,
    state: SubgradientState,
    best: Floats,
    best_dual_value: float,
    step: float,
    demand: Demand,
) -> float:
    """One step from where the demand was found; `best` gets the duals of the lowest dual value, which is returned."""
    rows, cost_weight, target, mean_value = (
        relaxation.rows, relaxation.cost_weight, relaxation.target, relaxation.mean_value,
    )  # fmt: skip
    many, rules = len(rows.slot), len(rows.rule_tag)
    row, rule = state.iterate[:many], state.iterate[many : many + rules]
    offered, needed, slope = np.zeros(many), np.zeros(rules), np.zeros(many + rules + 1)
    dual_value = demand.worth + seats_worth(rows, row, rule, offered, needed)
    if cost_weight > 0:
        dual_value -= state.iterate[many + rules] / mean_value * target
        slope[many + rules] = (demand.coverage - target) / mean_value
    slope[:many] = offered - demand.people
    slope[many : many + rules] = demand.tagged - needed
    if dual_value < best_dual_value:
        best_dual_value = dual_value
        best[:] = state.iterate
    update_state(state, slope, step)
    return best_dual_value


@allocating
def subgradient_phase(
    relaxation: PoolRelaxation, state: SubgradientState, best: Floats, best_dual_value: float, steps: Floats,
    attendance: Floats,
) -> float:  # fmt: skip
    """Take the steps given; `best` gets the duals of the lowest dual value, which is returned.

    `attendance` becomes the mean number of people on each row over these steps.
    """
    attendance[:] = 0.0
    for step in steps:
        worth = worth_at_iterate(relaxation, state)
        demand = pool_weeks(relaxation, worth, np.int64(0), len(relaxation.instance.net.willing))
        attendance += demand.people / len(steps)
        best_dual_value = take_step(relaxation, state, best, best_dual_value, step, demand)
    return best_dual_value


def subgradient_phase_in_pieces(
    relaxation: PoolRelaxation, state: SubgradientState, best: Floats, best_dual_value: float, steps: Floats,
    attendance: Floats, work: ThreadPool, pieces: int,
) -> float:  # fmt: skip
    """As `subgradient_phase`, with the demand of every step found in pieces that another thread may help with.

    Handing out the pieces costs more than they do, except on very many days.
    """
    attendance[:] = 0.0
    borders = np.linspace(0, len(relaxation.instance.net.willing), pieces + 1).astype(np.int64)
    for step in steps:
        worth = worth_at_iterate(relaxation, state)
        parts = work.results(partial(pool_weeks, relaxation, worth, begin, end) for begin, end in pairwise(borders))
        demand = Demand(*(sum(part[n] for part in parts) for n in range(4)))
        attendance += demand.people / len(steps)
        best_dual_value = take_step(relaxation, state, best, best_dual_value, step, demand)
    return best_dual_value


@allocating
def worth_at_iterate(relaxation: PoolRelaxation, state: SubgradientState) -> Floats:
    """The worth of every choice at the duals of the iterate."""
    rows, cost_weight = relaxation.rows, relaxation.cost_weight
    many, rules = len(rows.slot), len(rows.rule_tag)
    multiplier = state.iterate[many + rules] / relaxation.mean_value if cost_weight > 0 else 1.0
    row_dual, rule_dual = state.iterate[:many], state.iterate[many : many + rules]
    return choice_worth(relaxation.instance.net, relaxation.pool, rows, row_dual, rule_dual, multiplier, cost_weight)
