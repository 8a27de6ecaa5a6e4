"""How much any plan could cover: duals brought down, then a decision among all routes that a better plan could use."""

from __future__ import annotations

import math

from solver.column_generation.ascent_schedule import solve_dual
from solver.column_generation.bounds import Bounds
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.dual_rounding import RoundingQueue
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.set_partitioning import SetPartitioning

ROUNDING = 0.5  # units of coverage or cost: room for rounding when routes are ruled out


class CoverageStage:
    """The dual ascent on coverage, from half of what every seat is worth."""

    def __init__(
        self, context: ProverContext, lagrangian: Lagrangian, bounds: Bounds, roundings: RoundingQueue
    ) -> None:
        self.context, self.bounds, self.roundings = context, bounds, roundings
        start = lagrangian.zero_duals()
        start.row[:] = 0.5 * lagrangian.net.value[lagrangian.rows.slot]
        self.ascent = DualAscent(lagrangian, start, 0.0)
        self._decided = 0  # the coverage of the plan that the last decision started from

    def prove(self) -> None:
        """Bring the bound down as far as duals can, then decide for the first time."""
        try:
            solve_dual(self.ascent, self._is_over, self.context.seconds_left, self._round)
        finally:
            self._note()
        if not self.context.stop() and not self.bounds.coverage_met(self.context.best):
            self._decide()
        self._decided = self.context.best.coverage

    def decide_again(self, covered: int) -> bool:
        """Decide from a plan that covers more than the last one did; whether this was one."""
        if covered <= self._decided or self.bounds.coverage_met(self.context.best):
            return False
        self._decided = covered
        self._decide()
        return True

    def _note(self) -> None:
        """Whatever duals have proven counts at once."""
        if self.ascent.proven_dual_value < math.inf and self.ascent.bound <= self.bounds.coverage:
            self.bounds.coverage = self.ascent.bound
            self.bounds.duals, self.bounds.cap_worth = self.ascent.proven, self.ascent.cap_worth

    def _is_over(self) -> bool:
        self._note()
        return self.context.stop() or self._is_met()

    def _is_met(self) -> bool:
        return self.ascent.proven_dual_value < math.inf and self.ascent.bound <= self.context.best.coverage

    def _round(self) -> None:
        """Make a plan of converged duals, or leave that to the search's thread."""
        if not self._is_over():
            self.roundings.add(self.ascent)
            if not (self.context.two_threads and self.ascent.lagrangian.has_many_days):
                self.roundings.round_next(self.context.stop)

    def _decide(self) -> None:
        """Choose among all routes that a plan covering more could use."""
        context, ascent, lagrangian = self.context, self.ascent, self.ascent.lagrangian
        params = context.params.prover
        seconds = params.decision_share * context.seconds_left()
        covered = context.best.coverage
        enough = covered - lagrangian.pinned_coverage
        gap = ascent.best_dual_value + ascent.slack - (enough + lagrangian.value_step) + ROUNDING
        route_set = RouteSet(lagrangian)
        routes = enumerate_routes(route_set, ascent.best, 0.0, gap, params.coverage_routes, ascent.params.node_limit)
        if routes is None:
            return
        model = SetPartitioning(route_set, routes)
        choice = context.choose(route_set, model, lambda it: it.most_coverage(context.seed, seconds, enough))
        if choice is not None:
            bound = max(covered, choice.bound + lagrangian.pinned_coverage)
            self.bounds.coverage = min(self.bounds.coverage, bound)
