"""Duals on their way down: a dual ascent lowers the bound that duals prove, and every iteration at duals is a proof."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from solver.column_generation.lagrangian import SAFETY, Duals, Evaluation, Lagrangian
from solver.column_generation.subgradient import (
    duals_of,
    pool_relaxation,
    state_from,
    subgradient_phase,
    subgradient_phase_in_pieces,
    update_state,
)
from solver.instance.dtypes import Floats
from solver.pricing.instance import ALL

ROUNDING = 1e-11  # of large sums of duals: at a multiplier of 1e18 their difference says nothing any more


class DualAscent:
    """Duals on their way down; any step may be repeated.

    `best` holds the duals of the lowest dual value found so far. What days too rich to finish may add to it is `slack`:
    their sum is proven. `proven_dual_value` is the lowest dual value proven at any duals, and `proven` holds those.
    """

    def __init__(self, lagrangian: Lagrangian, start: Duals, cost_weight: float, coverage: int = 0) -> None:
        self.lagrangian, self.cost_weight, self.params = lagrangian, cost_weight, lagrangian.params.dual_ascent
        self.coverage = coverage - lagrangian.pinned_coverage
        self.duals = self.best = self.proven = start.copy()
        self.best_dual_value = self.proven_dual_value = math.inf
        self.slack = 0.0
        self.cap_worth: Floats = np.zeros(0)  # at the proven duals, by volunteer
        self.now: Evaluation | None = None
        self.attendance: Floats = np.zeros(len(lagrangian.rows.slot))  # people who come to each row, lately on average

    @property
    def bound(self) -> int:
        """The proven bound: on coverage, or on the cost of any plan with at least the coverage given."""
        lagrangian = self.lagrangian
        if self.cost_weight == 0:
            return lagrangian.coverage_bound(self.proven_dual_value)
        return math.ceil(-self.proven_dual_value - SAFETY) + lagrangian.net.tax_total - lagrangian.pinned_gain

    def pricing_iteration(self, max_nodes: int, max_tasks: int = ALL, tolerance: float = 0.0) -> Evaluation:
        """Evaluate the current duals; a lower dual value makes them the best.

        Routes behind the best by so many mean visits enter the pool too.
        """
        tolerance *= self.lagrangian.mean_value * self.duals.multiplier
        now = self.now = self.lagrangian.evaluate(self.duals, self.cost_weight, max_nodes, max_tasks, tolerance)
        dual_value, found = self._dual_value(now.bound, self.duals), self._dual_value(now.found, self.duals)
        if dual_value < self.proven_dual_value:
            self.proven_dual_value, self.proven, self.cap_worth = dual_value, self.duals, now.cap_worth
        if found < self.best_dual_value:
            self.best_dual_value, self.slack, self.best = found, dual_value - found, self.duals
        return now

    def pricing_iteration_at_best(self, max_nodes: int, max_tasks: int = ALL, tolerance: float = 0.0) -> Evaluation:
        """Evaluate the best duals harder: what was found there may have been too low, and the bound too high."""
        self.duals, self.best_dual_value = self.best, math.inf
        return self.pricing_iteration(max_nodes, max_tasks, tolerance)

    def _dual_value(self, bound: float, duals: Duals) -> float:
        """What is left of the bound without the coverage asked for, no lower than rounding lets one be sure of."""
        if self.cost_weight == 0:
            return bound
        asked = duals.multiplier * self.coverage
        return bound - asked + ROUNDING * (abs(bound) + abs(asked))

    def run(
        self,
        stop: Callable[[], bool],
        max_nodes: int,
        rounds: int,
        first: float,
        last: float,
        seen: Callable[[Evaluation], object] | None = None,
        max_tasks: int = ALL,
    ) -> None:
        """Lower the bound by subgradients in so many iterations, from the best duals, by steps from `first` to `last`.

        Steps are counted in the worth of a mean visit and shrink geometrically: measured, a fifth of the iterations
        that Polyak's step needs. `seen` hears of every evaluation.
        """
        lagrangian = self.lagrangian
        state = state_from(lagrangian, self.best)
        for step in self._steps(self.best, first, last, rounds):
            if stop():
                return
            self.duals = self._duals(state.iterate)
            now = self.pricing_iteration(max_nodes, max_tasks)
            if seen is not None:
                seen(now)
            surplus = (now.coverage - self.coverage) / lagrangian.mean_value if self.cost_weight > 0 else 0.0
            update_state(state, np.concatenate((now.row_subgradient, now.rule_subgradient, [surplus])), step)

    def alternate(
        self,
        stop: Callable[[], bool],
        max_nodes: int,
        first_step: float,
        max_tasks: int = ALL,
        tolerance: float = 0.0,
        min_progress: float = 0.0,
        rounds: float = math.inf,
    ) -> None:
        """Lower the bound by turns: many steps on routes of the pool, then an iteration over everything where they led
        to.

        The first phase begins with steps of `first_step` mean visits, each later one with a little less. Of more than
        `max_tasks` tasks a day only a restriction is priced; routes within `tolerance` of the best enter the pool too.
        Ends soon once rounds lower the bound by no more than the share `min_progress`, or later where nothing is near.
        """
        params, without = self.params, 0
        near = params.converged_cost if self.cost_weight > 0 else params.converged_coverage
        progress, patience = (min_progress, params.restricted_patience) if min_progress else (near / 2, params.patience)
        while not stop() and without < patience and rounds > 0:
            rounds -= 1
            self.lagrangian.prune(self.best, self.cost_weight, params.routes_a_day)
            duals, pool_value = self._subgradient_phase(stop, first_step)
            before = self.best_dual_value
            if stop() or before - pool_value <= max(params.least_gain, near * abs(before)):
                return
            self.duals = duals
            now = self.pricing_iteration(max_nodes, max_tasks, tolerance)
            if self.best_dual_value == before and not stop():
                self.duals = self.best.mixed(duals, params.smoothing)
                now = self.pricing_iteration(max_nodes, max_tasks, tolerance)
            gained = self.best_dual_value < before - max(params.least_gain, progress * abs(before))
            without = 0 if gained else without + 1
            first_step = max(params.least_step, params.next_step * first_step)
            is_open = now.slack > params.open_share * (self.best_dual_value - pool_value)
            if is_open and not min_progress and max_nodes < params.node_limit:
                max_nodes = min(params.node_limit, 2 * max_nodes)
                self.pricing_iteration_at_best(max_nodes)

    def _subgradient_phase(self, stop: Callable[[], bool], first_step: float) -> tuple[Duals, float]:
        """The best duals on routes of the pool that steps from the best duals lead to, and their dual value there."""
        lagrangian, phase = self.lagrangian, self.lagrangian.params.subgradient
        state, best, dual_value = state_from(lagrangian, self.best), state_from(lagrangian, self.best).iterate, math.inf
        count = max(phase.min_steps, min(phase.max_steps, phase.max_routes // max(1, len(lagrangian.pool.travel))))
        steps = self._steps(self.best, first_step, first_step * phase.last_step, count)

        def advance(sizes: Floats) -> float:
            attendance = np.zeros(len(lagrangian.rows.slot))
            relaxation = pool_relaxation(lagrangian, self.cost_weight, self.coverage)
            about = relaxation, state, best, dual_value, sizes, attendance
            if lagrangian.has_many_days:
                pieces = lagrangian.params.thread_pool.step_pieces
                dual_value_there = subgradient_phase_in_pieces(*about, lagrangian.work, pieces)
            else:
                dual_value_there = subgradient_phase(*about)
            self.attendance = attendance  # whole, for whoever makes a plan of duals meanwhile
            return dual_value_there

        dual_value = advance(np.zeros(1))
        if dual_value > self.best_dual_value:  # what has been met since shows that more could be done at these duals
            self.slack = max(0.0, self.slack - (dual_value - self.best_dual_value))
            self.best_dual_value = dual_value
        with lagrangian.work.more_to_come():
            for n in range(0, count, phase.steps_at_once):
                if stop():
                    break
                dual_value = advance(steps[n : n + phase.steps_at_once])
        return self._duals(best), dual_value

    def _duals(self, iterate: Floats) -> Duals:
        duals = duals_of(self.lagrangian, iterate)
        if self.cost_weight == 0:
            duals.multiplier = 1.0
        return duals

    def _steps(self, duals: Duals, first: float, last: float, count: int) -> Floats:
        scale = self.lagrangian.mean_value * (duals.multiplier if self.cost_weight > 0 else 1.0)
        return scale * first * (last / first) ** (np.arange(count) / max(1, count))
