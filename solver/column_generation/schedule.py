"""Which iterations and subgradient phases bring a dual ascent down, by the size of the week."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.restricted_master import RestrictedMaster
from solver.pricing.task_filter import LEG

MAX_NODES = 2000  # branches of pricing a day
PROOF_NODES = 20_000  # at the end of a dual ascent without a restricted master
FIRST_ITERATIONS = 20  # at everything, before the subgradient phase begins
RESTRICTED_MASTER_DAYS = 300  # more days than this: no linear programme
MAX_ROUNDS = 20  # of subgradient phases before the restricted master, which knows where they crawl (streets need six)
WEEKS_OF_EACH = 10  # to begin the restricted master with
HEURISTIC_DAYS = 1_000  # more days than this: tasks are restricted first
HEURISTIC_NODES = 300
MINUTE_ITERATIONS = 7  # for the dual of a minute
HEURISTIC_ITERATIONS = 8  # before the subgradient phase begins: near the dual of a minute, but apart for every row
TRUNCATED_NODES = 100  # for a bound on the way
LAST_ITERATION = 0.07  # of the time: with less left, the proof of a large week begins no iteration
TRUNCATED_SHARE = 0.01  # of the time: then days are only bounded, so that an iteration ends


class Restriction(NamedTuple):
    """What turns of iterations and subgradient phases are made of while days are restricted."""

    max_tasks: int  # tasks a day
    tolerance: float  # mean visits: routes so near the best of their day enter the pool too
    far: float  # the first step of subgradient phases, to that of a dual ascent
    little: float  # of the dual value: turns that gain less are not worth while
    share: float  # of the time: with less left the next restriction follows


NARROW = Restriction(48, 0.16, 0.1, 4e-3, 0.5)
WIDE = Restriction(144, 0.16, 0.04, 1e-3, 0.45)
NEARLY_ALL = Restriction(300, 0.0, 0.02, 1e-3, 0.35)


def solve_dual(
    ascent: DualAscent, stop: Callable[[], bool], seconds_left: Callable[[], float], converged: Callable[[], None]
) -> None:
    """Bring the bound down as far as duals can, or until `stop()`.

    `converged` is called at duals good enough to make a plan of, where weeks are so large that it is worth while.
    """
    days, whole = len(ascent.lagrangian.days.at), seconds_left()
    iterations, far = (FIRST_ITERATIONS, 0.5) if ascent.cost_weight == 0 else (FIRST_ITERATIONS // 2, 0.1)
    if days > HEURISTIC_DAYS:
        ascent.lagrangian.truncated = lambda: seconds_left() < TRUNCATED_SHARE * whole
        heuristic_phase(ascent, stop, lambda: seconds_left() / whole, far, converged)
        ascent.pricing_iteration_at_best(MAX_NODES)
        ascent.alternate(lambda: stop() or seconds_left() < LAST_ITERATION * whole, MAX_NODES, far / 50)
    else:
        ascent.run(stop, MAX_NODES, iterations, far, far / 10)
        ascent.alternate(stop, MAX_NODES, 0.2, rounds=MAX_ROUNDS if days <= RESTRICTED_MASTER_DAYS else math.inf)
    if days <= RESTRICTED_MASTER_DAYS and not stop():
        restricted_master = RestrictedMaster(ascent)
        ascent.run(stop, MAX_NODES, WEEKS_OF_EACH, 0.02, 0.002, seen=restricted_master.add_columns)
        restricted_master.run(lambda: -math.inf, stop, MAX_NODES)
    elif not stop() and seconds_left() >= LAST_ITERATION * whole:
        converged()
        ascent.pricing_iteration_at_best(PROOF_NODES)


def heuristic_phase(
    ascent: DualAscent,
    stop: Callable[[], bool],
    share_left: Callable[[], float],
    far: float,
    converged: Callable[[], None],
) -> None:
    """Bring many days' duals near the best by iterations on restricted days; `share_left` says how much of the time is
    left.
    """

    def alternate_on(restriction: Restriction) -> None:
        def over() -> bool:
            return stop() or share_left() < restriction.share

        if not over():
            ascent.pricing_iteration_at_best(HEURISTIC_NODES, restriction.max_tasks, restriction.tolerance)
            ascent.alternate(
                over,
                HEURISTIC_NODES,
                restriction.far * far,
                restriction.max_tasks,
                restriction.tolerance,
                restriction.little,
            )

    def truncated_iteration() -> None:
        if not stop():
            ascent.pricing_iteration_at_best(TRUNCATED_NODES)  # a bound for those who watch

    if ascent.cost_weight == 0:
        one_dual_per_minute(ascent, stop)
    truncated_iteration()
    ascent.best_dual_value = math.inf  # for restricted days find less
    ascent.run(stop, HEURISTIC_NODES, HEURISTIC_ITERATIONS, 0.1, 0.02, max_tasks=NARROW.max_tasks)
    alternate_on(NARROW)
    converged()
    truncated_iteration()
    alternate_on(WIDE)
    alternate_on(NEARLY_ALL)
    converged()


def one_dual_per_minute(ascent: DualAscent, stop: Callable[[], bool]) -> None:
    """Begin where every minute of anybody's costs the same: a seat is worth what it leaves of its value.

    The bound is convex in that cost, so halving the interval finds the best, or nearly: iterations see restricted days
    only.
    """
    lagrangian = ascent.lagrangian
    net, slot = lagrangian.net, lagrangian.rows.slot
    value = net.value[slot].astype(np.float64)
    minutes = np.maximum(1, net.duration[slot] + np.where(net.place[slot] < 0, 0, LEG))
    low, high = 0.0, float((value / minutes).max(initial=0.0))
    for _ in range(MINUTE_ITERATIONS):
        if stop():
            return
        cost = (low + high) / 2
        ascent.duals = lagrangian.zero_duals()
        ascent.duals.row[:] = np.maximum(0.0, value - cost * minutes)
        now = ascent.pricing_iteration(HEURISTIC_NODES, NARROW.max_tasks)
        falling = float((minutes * (ascent.duals.row > 0) * now.row_slack).sum()) > 0
        low, high = (cost, high) if falling else (low, cost)
