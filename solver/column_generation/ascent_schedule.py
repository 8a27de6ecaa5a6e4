"""Which iterations and subgradient phases bring a dual ascent down, by the size of the week."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.restricted_master import RestrictedMaster
from solver.params import Restriction


def solve_dual(
    ascent: DualAscent, stop: Callable[[], bool], seconds_left: Callable[[], float], converged: Callable[[], None]
) -> None:
    """Bring the bound down as far as duals can, or until `stop()`.

    `converged` is called at duals good enough to make a plan of, where weeks are so large that it is worth while.
    """
    params, days, whole = ascent.lagrangian.params.ascent_schedule, len(ascent.lagrangian.days.at), seconds_left()
    iterations, step = params.first_iterations, params.first_step
    if ascent.cost_weight > 0:
        iterations, step = iterations // 2, params.first_step_cost
    is_small = days <= params.restricted_master_days
    if days > params.heuristic_days:
        ascent.lagrangian.truncated = lambda: seconds_left() < params.truncated_share * whole
        heuristic_phase(ascent, stop, lambda: seconds_left() / whole, step, converged)
        ascent.pricing_iteration_at_best(params.max_nodes)
        ascent.alternate(
            lambda: stop() or seconds_left() < params.last_iteration * whole,
            params.max_nodes,
            step / params.large_phase_divisor,
        )
    else:
        ascent.run(stop, params.max_nodes, iterations, step, step / params.last_step_divisor)
        rounds = params.max_phases if is_small else math.inf
        ascent.alternate(stop, params.max_nodes, params.phase_step, rounds=rounds)
    if is_small and not stop():
        restricted_master = RestrictedMaster(ascent)
        ascent.run(stop, params.max_nodes, params.weeks_of_each, *params.week_steps, seen=restricted_master.add_columns)
        restricted_master.run(lambda: -math.inf, stop, params.max_nodes)
    elif not stop() and seconds_left() >= params.last_iteration * whole:
        converged()
        ascent.pricing_iteration_at_best(params.proof_nodes)


def heuristic_phase(
    ascent: DualAscent,
    stop: Callable[[], bool],
    share_left: Callable[[], float],
    first_step: float,
    converged: Callable[[], None],
) -> None:
    """Bring many days' duals near the best by iterations on restricted days; `share_left` says how much of the time is
    left.
    """
    params = ascent.lagrangian.params.ascent_schedule

    def alternate_on(restriction: Restriction) -> None:
        def over() -> bool:
            return stop() or share_left() < restriction.time_share

        if not over():
            tasks = restriction.max_tasks, restriction.tolerance
            step = restriction.first_step * first_step
            ascent.pricing_iteration_at_best(params.heuristic_nodes, *tasks)
            ascent.alternate(over, params.heuristic_nodes, step, *tasks, restriction.min_progress)

    def truncated_iteration() -> None:
        if not stop():
            ascent.pricing_iteration_at_best(params.truncated_nodes)  # a bound for those who watch

    if ascent.cost_weight == 0:
        one_dual_per_minute(ascent, stop)
    truncated_iteration()
    ascent.best_dual_value = math.inf  # for restricted days find less
    ascent.run(
        stop,
        params.heuristic_nodes,
        params.heuristic_iterations,
        *params.heuristic_steps,
        max_tasks=params.narrow.max_tasks,
    )
    alternate_on(params.narrow)
    converged()
    truncated_iteration()
    alternate_on(params.wide)
    alternate_on(params.nearly_all)
    converged()


def one_dual_per_minute(ascent: DualAscent, stop: Callable[[], bool]) -> None:
    """Begin where every minute of anybody's costs the same: a seat is worth what it leaves of its value.

    The bound is convex in that cost, so halving the interval finds the best, or nearly: iterations see restricted days
    only.
    """
    lagrangian, params = ascent.lagrangian, ascent.lagrangian.params.ascent_schedule
    net, slot = lagrangian.net, lagrangian.rows.slot
    value = net.value[slot].astype(np.float64)
    leg = lagrangian.params.pricing.typical_leg_min
    minutes = np.maximum(1, net.duration[slot] + np.where(net.place[slot] < 0, 0, leg))
    low, high = 0.0, float((value / minutes).max(initial=0.0))
    for _ in range(params.minute_iterations):
        if stop():
            return
        cost = (low + high) / 2
        ascent.duals = lagrangian.zero_duals()
        ascent.duals.row[:] = np.maximum(0.0, value - cost * minutes)
        now = ascent.pricing_iteration(params.heuristic_nodes, params.narrow.max_tasks)
        falling = float((minutes * (ascent.duals.row > 0) * now.row_subgradient).sum()) > 0
        low, high = (cost, high) if falling else (low, cost)
