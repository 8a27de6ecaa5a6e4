"""How good any plan could be: the prover that works beside the search, stage by stage.

Coverage first: subgradients, then subgradient phases, for small weeks a linear programme; when little is left between
the plan and the bound, all routes that could still matter are enumerated and CP-SAT decides. Then the same for cost.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.dual_rounding import DualRounding
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.lagrangian import Duals, Halted, Lagrangian
from solver.column_generation.route_neighbourhood import RouteNeighbourhoods
from solver.column_generation.schedule import solve_dual
from solver.column_generation.set_partitioning import Choice, SetPartitioning
from solver.column_generation.trivial_bounds import every_seat, free_of_charge
from solver.instance.arrays import Network
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.params import Params

LOG = logging.getLogger(__name__)
COVERAGE, COST, DONE = "coverage", "cost", "done"
TOLERANCE = 0.5  # units of the objective: room for rounding when routes are ruled out


class Prover:
    """Bounds that only ever get tighter, and plans found on the way. `run` works until all is proven or `stop()`."""

    def __init__(
        self,
        problem: Problem,
        net: Network,
        best: Incumbent,
        seed: int,
        stop: Callable[[], bool],
        seconds_left: Callable[[], float],
        two_threads: bool = False,
        params: Params = Params(),
    ) -> None:
        self.params = params
        self.problem, self.net, self.best, self.seed, self.two_threads = problem, net, best, seed, two_threads
        self._stop, self._seconds_left = stop, seconds_left
        self.coverage_bound = every_seat(net)
        self._cost_bounds: dict[int, int] = {}
        self._least_cost = free_of_charge(net)
        self.duals: Duals | None = None
        self.cap_worth = np.zeros(0)
        self.seat_duals = np.zeros(len(net.place))  # by slot, as far as known
        self.stage = COVERAGE
        self.lagrangian: Lagrangian | None = None
        self._coverage_stage: DualAscent | None = None
        self._cost_stage: DualAscent | None = None
        self._set_partitioning: SetPartitioning | None = None
        self._roundings: deque[DualRounding] = deque(maxlen=1)  # the newest duals that wait to become a plan
        self._rounding_s = 0.0  # that the last one took
        self._rounded: Duals | None = None  # that the last one went by
        self._last_plan_due = True
        self._whole = seconds_left()
        self._interrupt = threading.Lock()

    def cost_bound(self, coverage: int) -> int:
        """No plan that covers at least so much costs less."""
        return max([self._least_cost, *(b for c, b in self._cost_bounds.items() if c <= coverage)])

    def give_up(self) -> tuple[int, int]:
        """Bounds that need no proof, on coverage and cost; from now on they are all that is claimed."""
        self.coverage_bound, self._cost_bounds, self.duals = every_seat(self.net), {}, None
        return self.coverage_bound, self._least_cost

    @property
    def coverage_proven(self) -> bool:
        return self.best.coverage >= self.coverage_bound

    @property
    def all_proven(self) -> bool:
        _, coverage, cost, _ = self.best.snapshot()
        return coverage >= self.coverage_bound and cost <= self.cost_bound(coverage)

    def work_once(self, stop: Callable[[], bool]) -> bool:
        """In a very large week: do what makes good duals sooner, or a plan of them; return whether there was anything.

        Late, one more plan is made of the best duals there are. After that what the search finds by itself is worth
        more than help.
        """
        lagrangian, ascent = self.lagrangian, self._coverage_stage
        if lagrangian is None or ascent is None or not lagrangian.has_many_days:
            return False
        late = self._seconds_left() < self.params.prover.last_plan_share * self._whole
        if late and self._rounded and self._last_plan_due:
            self._last_plan_due = False
            self._queue_rounding(ascent)
        if not self._roundings or self._seconds_left() < self._rounding_s:
            return not late and lagrangian.work.work_once()
        before = self._seconds_left()
        self.best.offer(self._roundings.popleft().plan(self.seed, stop))
        self._rounding_s = before - self._seconds_left()
        return True

    def interrupt(self) -> None:
        """End soon what is under way: an iteration at duals or a CP-SAT solve. `stop()` must hold from now on."""
        with self._interrupt:
            if self.lagrangian is not None:
                self.lagrangian.halted[0] = 1
            if self._set_partitioning is not None:
                self._set_partitioning.stop()

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
        self.lagrangian = Lagrangian(self.problem, self.net, self.params)
        coverage_stage = self._prove_coverage(self.lagrangian)
        near: RouteNeighbourhoods | None = None
        tried = self.best.coverage  # the coverage of the plan that the last decision on coverage started from
        decided = math.inf  # the cost of the plan that the last decision on cost started from
        # Cost is decided again below `much` at once, and below the last with `again` seconds left.
        much, again = math.inf, 0.0
        late = (
            self.params.prover.cost_again_share * self._seconds_left()
        )  # then the bound on cost follows the coverage reached, once
        # With no more than this left nothing is begun: in a very large week the search needs it.
        last_iteration = self.params.schedule.last_iteration * self._whole
        too_late = last_iteration if self.lagrangian.has_many_days else 0.0
        while not self._stop() and not self.all_proven and self._seconds_left() > too_late:
            _, covered, cost, _ = self.best.snapshot()
            outdated = bool(self._cost_bounds) and covered not in self._cost_bounds
            cost_is_due = not self._cost_bounds or (outdated and (self.coverage_proven or self._seconds_left() < late))
            worth_deciding = self.coverage_proven and (cost < much or (cost < decided and self._seconds_left() < again))
            if covered > tried and not self.coverage_proven:
                tried = covered
                self._decide_coverage(coverage_stage)
            elif cost_is_due:
                late = 0.0 if outdated else late
                self._bound_cost(self.lagrangian, coverage_stage, covered)
            elif worth_deciding and self._cost_stage is not None:
                before = self._seconds_left()
                self._decide_cost(self._cost_stage, covered)
                decided, much = cost, cost - (cost - self.cost_bound(covered)) / 4
                again = self._seconds_left() - (before - self._seconds_left())
            else:
                near = near or RouteNeighbourhoods(self.problem, coverage_stage, self.best, self.seed)
                self._search_neighbourhood(near)

    def _search_neighbourhood(self, neighbourhoods: RouteNeighbourhoods) -> None:
        """Choose the routes of one neighbourhood of the best plan again."""
        seconds = min(self.params.route_neighbourhood.time_limit_s, self._seconds_left())
        choice = self._choose(neighbourhoods.neighbourhood(), lambda model: model.best(self.seed, seconds))
        if choice is not None:
            self.best.offer(self._plan(neighbourhoods.route_set, choice.routes))

    # ---- coverage

    def _prove_coverage(self, lagrangian: Lagrangian) -> DualAscent:
        start = lagrangian.zero_duals()
        start.row[:] = 0.5 * self.net.value[lagrangian.rows.slot]
        ascent = self._coverage_stage = DualAscent(lagrangian, start, 0.0)

        def note() -> None:
            if ascent.proven_dual_value < math.inf and ascent.bound <= self.coverage_bound:
                self.coverage_bound = ascent.bound
                self.duals, self.cap_worth = ascent.proven, ascent.cap_worth

        self._solve_dual(ascent, note)
        if not self._stop() and not self.coverage_proven:
            self._decide_coverage(ascent)
        return ascent

    def _solve_dual(self, ascent: DualAscent, note: Callable[[], None]) -> None:
        """Bring a bound down as far as duals can; `note` is called whenever it may have moved."""

        def stop() -> bool:
            note()
            return self._stop() or self._met(ascent)

        def converged() -> None:
            if ascent.cost_weight == 0 and not stop():
                self._queue_rounding(ascent)
                if self._roundings and not (self.two_threads and ascent.lagrangian.has_many_days):
                    self.best.offer(self._roundings.popleft().plan(self.seed, self._stop))

        try:
            solve_dual(ascent, stop, self._seconds_left, converged)
        finally:
            note()

    def _queue_rounding(self, ascent: DualAscent) -> None:
        """Have a plan made of these duals, unless one was."""
        if ascent.best is not self._rounded:
            rounding = DualRounding(self.problem, ascent)
            self._rounded, self.seat_duals = rounding.duals, rounding.seat_duals
            self._roundings.append(rounding)

    def _met(self, ascent: DualAscent) -> bool:
        if ascent.proven_dual_value == math.inf:
            return False
        if ascent.cost_weight == 0:
            return ascent.bound <= self.best.coverage
        _, coverage, cost, _ = self.best.snapshot()
        return coverage >= ascent.coverage + ascent.lagrangian.pinned_coverage and cost <= ascent.bound

    def _decide_coverage(self, ascent: DualAscent) -> None:
        """Choose among all routes that a plan covering more could use."""
        lagrangian, params = ascent.lagrangian, self.params.prover
        seconds = params.decision_share * self._seconds_left()
        covered = self.best.coverage
        enough = covered - lagrangian.pinned_coverage
        gap = ascent.best_dual_value + ascent.slack - (enough + lagrangian.value_step) + TOLERANCE
        route_set = RouteSet(lagrangian)
        routes = enumerate_routes(route_set, ascent.best, 0.0, gap, params.coverage_routes, ascent.params.node_limit)
        if routes is None:
            return
        model = SetPartitioning(route_set, routes)
        choice = self._choose(model, lambda it: it.most_coverage(self.seed, seconds, enough))
        if choice is None:
            return
        self.best.offer(self._plan(route_set, choice.routes))
        self.coverage_bound = min(self.coverage_bound, max(covered, choice.bound + lagrangian.pinned_coverage))

    # ---- cost

    def _bound_cost(self, lagrangian: Lagrangian, coverage_stage: DualAscent, covered: int) -> None:
        self.stage = COST
        ascent = self._cost_stage = DualAscent(
            lagrangian, coverage_stage.best.scaled(self.params.prover.first_multiplier), 1.0, covered
        )

        def note() -> None:
            if ascent.proven_dual_value < math.inf:
                self._cost_bounds[covered] = max(self._cost_bounds.get(covered, -(10**18)), ascent.bound)

        self._solve_dual(ascent, note)

    def _decide_cost(self, ascent: DualAscent, covered: int) -> None:
        """Choose among all routes that a plan as good in coverage and cheaper could use."""
        constant = self.net.tax_total - ascent.lagrangian.pinned_gain
        plan, coverage, cost, _ = self.best.snapshot()
        if coverage != covered:
            return
        gap = ascent.best_dual_value + ascent.slack - (constant - cost) - 1 + TOLERANCE
        route_set, routes, complete = self._routes(ascent, gap)
        mine = route_set.routes_of(self.problem, plan)
        set_partitioning = SetPartitioning(route_set, sorted({*routes, *mine}))
        set_partitioning.hint(mine)
        free = covered - ascent.lagrangian.pinned_coverage
        choice = self._choose(set_partitioning, lambda model: model.least_cost(free, self.seed, self._seconds_left()))
        if choice is None:
            return
        self.best.offer(self._plan(route_set, choice.routes))
        if complete:
            bound = min(cost, choice.bound + constant + route_set.idle_cost())
            self._cost_bounds[covered] = max(self._cost_bounds.get(covered, bound), bound)

    # ---- deciding

    def _routes(self, ascent: DualAscent, gap: float) -> tuple[RouteSet, list[int], bool]:
        """A pool with every route within the gap, or with as many of the nearest as can be decided on."""
        route_set, whole = RouteSet(ascent.lagrangian), True
        while not self._stop() and gap > TOLERANCE / 4:
            limits = self.params.prover.cost_routes, ascent.params.node_limit
            routes = enumerate_routes(route_set, ascent.best, ascent.cost_weight, gap, *limits)
            if routes is not None:
                return route_set, routes, whole
            whole, gap = False, gap / 2
        return route_set, [], False

    def _plan(self, route_set: RouteSet, routes: list[int]) -> list[Assignment]:
        pins = [Assignment(s.id, p.volunteer, p.start) for s in self.problem.slots for p in s.pinned]
        return pins + route_set.assignments(self.problem, routes)

    def _choose(self, model: SetPartitioning, solve: Callable[[SetPartitioning], Choice | None]) -> Choice | None:
        with self._interrupt:
            if self._stop():
                return None
            self._set_partitioning = model
        try:
            return solve(model)
        finally:
            with self._interrupt:
                self._set_partitioning = None
