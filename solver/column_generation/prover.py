"""How good any plan could be: the prover that works beside the search, stage by stage.

Coverage first: subgradients, then subgradient phases, for small weeks a linear programme; when little is left between
the plan and the bound, all routes that could still matter are enumerated and CP-SAT decides. Then the same for cost.
Between decisions it waits for better plans of the search.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from solver.column_generation.bounds import Bounds
from solver.column_generation.cost_stage import CostStage
from solver.column_generation.coverage_stage import CoverageStage
from solver.column_generation.dual_rounding import RoundingQueue
from solver.column_generation.lagrangian import Halted, Lagrangian
from solver.column_generation.prover_context import ProverContext

LOG = logging.getLogger(__name__)
COVERAGE, COST, DONE = "coverage", "cost", "done"


class Prover:
    """Bounds, and plans found on the way. `run` works until all is proven or `stop()`."""

    def __init__(self, context: ProverContext) -> None:
        self.context, self.bounds, self.roundings = context, Bounds(context.net), RoundingQueue(context)
        self.stage = COVERAGE
        self.lagrangian: Lagrangian | None = None
        self._coverage: CoverageStage | None = None

    @property
    def all_proven(self) -> bool:
        return self.bounds.all_met(self.context.best)

    def work_once(self, stop: Callable[[], bool]) -> bool:
        """In a very large week: do what makes good duals sooner, or a plan of them; return whether there was anything.

        Late, one more plan is made of the best duals there are. After that what the search finds by itself is worth
        more than help.
        """
        if self.lagrangian is None or self._coverage is None or not self.lagrangian.has_many_days:
            return False
        late = self.roundings.add_last(self._coverage.ascent)
        return self.roundings.round_in_time(stop) or (not late and self.lagrangian.work.work_once())

    def interrupt(self) -> None:
        """End soon what is under way: an iteration at duals or a CP-SAT solve. `stop()` must hold from now on."""
        if self.lagrangian is not None:
            self.lagrangian.halted[0] = 1
        self.context.interrupt()

    def run(self) -> None:
        """Prove coverage, then cost; offer better plans to the incumbent on the way.

        What goes wrong here costs a bound, never the plan: it is logged, and the bounds proven so far stand.
        """
        try:
            self._prove()
        except Halted:
            LOG.debug("the last pricing iteration was broken off")
        except Exception:
            LOG.exception("the prover stopped; the bounds proven so far stand")
        self.stage = DONE

    def _prove(self) -> None:
        context, bounds = self.context, self.bounds
        lagrangian = self.lagrangian = Lagrangian(context.problem, context.net, context.params)
        coverage = self._coverage = CoverageStage(context, lagrangian, bounds, self.roundings)
        coverage.prove()
        cost = CostStage(context, lagrangian, bounds)
        # With no more than this left nothing is begun: in a very large week the search needs it.
        last_s = context.params.ascent_schedule.last_iteration * context.whole_s if lagrangian.has_many_days else 0.0
        while not context.stop() and not self.all_proven and context.seconds_left() > last_s:
            _, covered, costs, _ = context.best.snapshot()
            cost_is_due, cost_is_worth_deciding = cost.is_due(covered), cost.is_worth_deciding(costs)
            if coverage.decide_again(covered):
                continue
            if cost_is_due:
                self.stage = COST
                cost.prove(coverage.ascent.best, covered)
            elif cost_is_worth_deciding:
                cost.decide(covered, costs)
            elif context.two_threads:
                time.sleep(context.params.solve.tick_s)  # a better plan of the search may be worth a decision
            else:
                return
