"""How little a plan with the coverage reached could cost: duals again, then a decision among routes."""

from __future__ import annotations

import math

from solver.column_generation.ascent_schedule import solve_dual
from solver.column_generation.bounds import Bounds
from solver.column_generation.coverage_stage import ROUNDING
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.lagrangian import Duals, Lagrangian
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.set_partitioning import SetPartitioning


class CostStage:
    """Bounds on cost: one at the coverage first reached, and one more, late, if that was not the last.

    Where the coverage is proven, a plan that costs a quarter of the gap less is decided on at once, and any cheaper one
    while there is time for one more decision.
    """

    def __init__(self, context: ProverContext, lagrangian: Lagrangian, bounds: Bounds) -> None:
        self.context, self.lagrangian, self.bounds = context, lagrangian, bounds
        self.ascent: DualAscent | None = None
        self._again_below_s = context.params.prover.cost_again_share * context.seconds_left()
        self._decided = math.inf  # the cost of the plan that the last decision started from
        self._at_once_below, self._decide_below_s = math.inf, 0.0

    def is_due(self, covered: int) -> bool:
        """Whether plans that cover so much have no bound of their own yet and should have one now."""
        if not self.bounds.on_cost:
            return True
        met = self.bounds.coverage_met
        late = self._again_below_s
        return covered not in self.bounds.on_cost and (met(self.context.best) or self.context.seconds_left() < late)

    def is_worth_deciding(self, cost: int) -> bool:
        """Whether a plan at that cost is so much cheaper than the last one decided on."""
        return self.bounds.coverage_met(self.context.best) and (
            cost < self._at_once_below or (cost < self._decided and self.context.seconds_left() < self._decide_below_s)
        )

    def prove(self, duals: Duals, covered: int) -> None:
        """Bring up the bound on the cost of plans that cover so much, from these duals on coverage."""
        if self.bounds.on_cost:
            self._again_below_s = 0.0
        multiplier = self.context.params.prover.first_multiplier
        ascent = self.ascent = DualAscent(self.lagrangian, duals.scaled(multiplier), 1.0, covered)

        def note() -> None:
            if ascent.proven_dual_value < math.inf:
                self.bounds.raise_cost(covered, ascent.bound)

        def is_over() -> bool:
            note()
            return self.context.stop() or self._is_met(ascent)

        try:
            solve_dual(ascent, is_over, self.context.seconds_left, lambda: None)
        finally:
            note()

    def _is_met(self, ascent: DualAscent) -> bool:
        if ascent.proven_dual_value == math.inf:
            return False
        _, coverage, cost, _ = self.context.best.snapshot()
        return coverage >= ascent.coverage + self.lagrangian.pinned_coverage and cost <= ascent.bound

    def decide(self, covered: int, cost: int) -> None:
        """Decide on a plan of that coverage and cost, and say from when on it is worth while again."""
        before = self.context.seconds_left()
        if self.ascent is not None:
            self._decide(self.ascent, covered)
        self._decided, self._at_once_below = cost, cost - (cost - self.bounds.cost(covered)) / 4
        self._decide_below_s = self.context.seconds_left() - (before - self.context.seconds_left())

    def _decide(self, ascent: DualAscent, covered: int) -> None:
        """Choose among all routes that a plan as good in coverage and cheaper could use."""
        context, pinned = self.context, self.lagrangian.pinned_coverage
        constant = context.net.tax_total - self.lagrangian.pinned_gain
        plan, coverage, cost, _ = context.best.snapshot()
        if coverage != covered:
            return
        gap = ascent.best_dual_value + ascent.slack - (constant - cost) - 1 + ROUNDING
        route_set, routes, complete = self._routes(ascent, gap)
        mine = route_set.routes_of(context.problem, plan)
        model = SetPartitioning(route_set, sorted({*routes, *mine}))
        model.hint(mine)
        choice = context.choose(
            route_set, model, lambda it: it.least_cost(covered - pinned, context.seed, context.seconds_left())
        )
        if choice is not None and complete:
            self.bounds.raise_cost(covered, min(cost, choice.bound + constant + route_set.idle_cost()))

    def _routes(self, ascent: DualAscent, gap: float) -> tuple[RouteSet, list[int], bool]:
        """A set with every route within the gap, or with as many of the nearest as can be decided on."""
        route_set, whole = RouteSet(self.lagrangian), True
        limits = self.context.params.prover.cost_routes, ascent.params.node_limit
        while not self.context.stop() and gap > ROUNDING / 4:
            routes = enumerate_routes(route_set, ascent.best, ascent.cost_weight, gap, *limits)
            if routes is not None:
                return route_set, routes, whole
            whole, gap = False, gap / 2
        return route_set, [], False
