"""How good any plan could be: the prover that works beside the search, stage by stage.

Coverage first: subgradients, then rehearsals, for small weeks a linear programme; when little is left between the best
plan and the bound, all routes that could still matter are enumerated and CP-SAT decides. Then the same for cost.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from solver.column_generation.dual_ascent import MOST_EFFORT, Descent
from solver.column_generation.dual_rounding import Rounding
from solver.column_generation.enumeration import Pool, near_best
from solver.column_generation.incumbent import BestKnown
from solver.column_generation.lagrangian import Halted, Master, Prices
from solver.column_generation.route_neighbourhood import Mixer
from solver.column_generation.schedule import LAST_LOOK, lower
from solver.column_generation.set_partitioning import Choice, Staffing
from solver.column_generation.thread_pool import MANY_DAYS
from solver.column_generation.trivial_bounds import every_seat, free_of_charge
from solver.instance.arrays import Network
from solver.model.problem import Problem
from solver.model.solution import Assignment

LOG = logging.getLogger(__name__)
COVERAGE, COST, DONE = "coverage", "cost", "done"
ROUTES_TO_DECIDE = 30_000  # on coverage
ROUTES_TO_CHEAPEN = 12_000  # on cost: that is harder to decide
DECISION_SHARE = 0.5  # of the time left, for one decision on coverage
LATE = 0.25  # of the time
LAST_PLAN = 0.3  # of the time: left for what a plan from the prices of whole days can still become
MIX_S = 1.5  # for one neighbourhood of routes
TOLERANCE = 0.5  # units of the objective: room for rounding when routes are ruled out
REWARD = 0.12  # cost units that a unit of coverage is worth when the cost stage starts


class Prover:
    """Bounds that only ever get tighter, and plans found on the way. `run` works until all is proven or `stop()`."""

    def __init__(
        self,
        problem: Problem,
        net: Network,
        best: BestKnown,
        seed: int,
        stop: Callable[[], bool],
        seconds_left: Callable[[], float],
        helped: bool = False,
    ) -> None:
        self.problem, self.net, self.best, self.seed, self.helped = problem, net, best, seed, helped
        self._stop, self._seconds_left = stop, seconds_left
        self.coverage_bound = every_seat(net)
        self._cost_bounds: dict[int, int] = {}
        self._least_cost = free_of_charge(net)
        self.prices: Prices | None = None
        self.cap_worth = np.zeros(0)
        self.seat_prices = np.zeros(len(net.place))  # by slot, as far as known
        self.stage = COVERAGE
        self.master: Master | None = None
        self._coverage_stage: Descent | None = None
        self._cost_stage: Descent | None = None
        self._staffing: Staffing | None = None
        self._roundings: deque[Rounding] = deque(maxlen=1)  # the newest prices that wait for a plan to be made of them
        self._rounding_s = 0.0  # that the last one took
        self._settled: Prices | None = None  # that the last one went by
        self._last_plan_due = True
        self._whole = seconds_left()
        self._interrupt = threading.Lock()

    def cost_bound(self, coverage: int) -> int:
        """No plan that covers at least so much costs less."""
        return max([self._least_cost, *(b for c, b in self._cost_bounds.items() if c <= coverage)])

    def give_up(self) -> tuple[int, int]:
        """Bounds that need no proof, on coverage and cost; from now on they are all that is claimed."""
        self.coverage_bound, self._cost_bounds, self.prices = every_seat(self.net), {}, None
        return self.coverage_bound, self._least_cost

    @property
    def coverage_proven(self) -> bool:
        return self.best.coverage >= self.coverage_bound

    @property
    def all_proven(self) -> bool:
        _, coverage, cost, _ = self.best.snapshot()
        return coverage >= self.coverage_bound and cost <= self.cost_bound(coverage)

    def help(self, stop: Callable[[], bool]) -> bool:
        """In a very large week: do what makes good prices sooner, or a plan of them; return whether there was anything.

        Late, one more plan is made of the best prices there are. After that what the search finds by itself is worth
        more than help.
        """
        master, descent = self.master, self._coverage_stage
        if master is None or descent is None or not self._is_large(master):
            return False
        late = self._seconds_left() < LAST_PLAN * self._whole
        if late and self._settled and self._last_plan_due:
            self._last_plan_due = False
            self._settle(descent)
        if not self._roundings or self._seconds_left() < self._rounding_s:
            return not late and master.work.help()
        before = self._seconds_left()
        self.best.offer(self._roundings.popleft().plan(self.seed, stop))
        self._rounding_s = before - self._seconds_left()
        return True

    def _is_large(self, master: Master) -> bool:
        return len(master.days.max_visits) > MANY_DAYS

    def interrupt(self) -> None:
        """End soon what is under way: a look at prices or a CP-SAT solve. `stop()` must hold from now on."""
        with self._interrupt:
            if self.master is not None:
                self.master.halted[0] = 1
            if self._staffing is not None:
                self._staffing.stop()

    def run(self) -> None:
        """Prove coverage, then cost; offer better plans to the best known on the way.

        What goes wrong here costs a bound, never the plan: it is logged, and the bounds proven so far stand.
        """
        try:
            self._prove()
        except Halted:
            LOG.debug("the last look was broken off")
        except Exception:
            LOG.exception("the prover stopped; the bounds proven so far stand")
        self.stage = DONE

    def _prove(self) -> None:
        self.master = Master(self.problem, self.net)
        coverage_stage = self._prove_coverage(self.master)
        mixer: Mixer | None = None
        tried = self.best.coverage  # the coverage of the plan that the last decision on coverage started from
        decided = math.inf  # the cost of the plan that the last decision on cost started from
        # Cost is decided again below `much` at once, and below the last with `again` seconds left.
        much, again = math.inf, 0.0
        late = LATE * self._seconds_left()  # then the bound on cost follows the coverage reached, once
        # With no more than this left nothing is begun: in a very large week the search needs it.
        too_late = LAST_LOOK * self._whole if self._is_large(self.master) else 0.0
        while not self._stop() and not self.all_proven and self._seconds_left() > too_late:
            _, covered, cost, _ = self.best.snapshot()
            behind = bool(self._cost_bounds) and covered not in self._cost_bounds
            cost_is_due = not self._cost_bounds or (behind and (self.coverage_proven or self._seconds_left() < late))
            worth_deciding = self.coverage_proven and (cost < much or (cost < decided and self._seconds_left() < again))
            if covered > tried and not self.coverage_proven:
                tried = covered
                self._decide_coverage(coverage_stage, DECISION_SHARE * self._seconds_left())
            elif cost_is_due:
                late = 0.0 if behind else late
                self._lower_cost(self.master, coverage_stage, covered)
            elif worth_deciding and self._cost_stage is not None:
                before = self._seconds_left()
                self._decide_cost(self._cost_stage, covered)
                decided, much = cost, cost - (cost - self.cost_bound(covered)) / 4
                again = self._seconds_left() - (before - self._seconds_left())
            else:
                mixer = mixer or Mixer(self.problem, coverage_stage, self.best, self.seed)
                self._mix(mixer)

    def _mix(self, mixer: Mixer) -> None:
        """Choose the routes of one neighbourhood of the best plan again."""
        seconds = min(MIX_S, self._seconds_left())
        choice = self._choose(mixer.neighbourhood(), lambda model: model.best(self.seed, seconds))
        if choice is not None:
            self.best.offer(self._plan(mixer.pool, choice.routes))

    # ---- coverage

    def _prove_coverage(self, master: Master) -> Descent:
        start = master.no_prices()
        start.row[:] = 0.5 * self.net.value[master.rows.slot]
        descent = self._coverage_stage = Descent(master, start, 0.0)

        def note() -> None:
            if descent.proven_height < math.inf and descent.bound <= self.coverage_bound:
                self.coverage_bound = descent.bound
                self.prices, self.cap_worth = descent.proven, descent.cap_worth

        self._lower(descent, note)
        if not self._stop() and not self.coverage_proven:
            self._decide_coverage(descent, DECISION_SHARE * self._seconds_left())
        return descent

    def _lower(self, descent: Descent, note: Callable[[], None]) -> None:
        """Bring a bound down as far as prices can; `note` is called whenever it may have moved."""

        def stop() -> bool:
            note()
            return self._stop() or self._met(descent)

        def settled() -> None:
            if descent.share == 0 and not stop():
                self._settle(descent)
                if self._roundings and not (self.helped and self._is_large(descent.master)):
                    self.best.offer(self._roundings.popleft().plan(self.seed, self._stop))

        try:
            lower(descent, stop, self._seconds_left, settled)
        finally:
            note()

    def _settle(self, descent: Descent) -> None:
        """Have a plan made of these prices, unless one was."""
        if descent.best is not self._settled:
            rounding = Rounding(self.problem, descent)
            self._settled, self.seat_prices = rounding.prices, rounding.seat_prices
            self._roundings.append(rounding)

    def _met(self, descent: Descent) -> bool:
        if descent.proven_height == math.inf:
            return False
        if descent.share == 0:
            return descent.bound <= self.best.coverage
        _, coverage, cost, _ = self.best.snapshot()
        return coverage >= descent.coverage + descent.master.pinned_coverage and cost <= descent.bound

    def _decide_coverage(self, descent: Descent, seconds: float) -> None:
        """Choose among all routes that a plan covering more could use."""
        master = descent.master
        covered = self.best.coverage
        gap = descent.best_height + descent.slack - (covered + master.value_step - master.pinned_coverage) + TOLERANCE
        enough = covered - master.pinned_coverage
        pool = Pool(master)
        routes = near_best(pool, descent.best, 0.0, gap, ROUTES_TO_DECIDE, MOST_EFFORT)
        if routes is None:
            return
        choice = self._choose(Staffing(pool, routes), lambda model: model.most_coverage(self.seed, seconds, enough))
        if choice is None:
            return
        self.best.offer(self._plan(pool, choice.routes))
        self.coverage_bound = min(self.coverage_bound, max(covered, choice.bound + master.pinned_coverage))

    # ---- cost

    def _lower_cost(self, master: Master, coverage_stage: Descent, covered: int) -> None:
        self.stage = COST
        descent = self._cost_stage = Descent(master, coverage_stage.best.scaled(REWARD), 1.0, covered)

        def note() -> None:
            if descent.proven_height < math.inf:
                self._cost_bounds[covered] = max(self._cost_bounds.get(covered, -(10**18)), descent.bound)

        self._lower(descent, note)

    def _decide_cost(self, descent: Descent, covered: int) -> None:
        """Choose among all routes that a plan as good in coverage and cheaper could use."""
        constant = self.net.tax_total - descent.master.pinned_gain
        plan, coverage, cost, _ = self.best.snapshot()
        if coverage != covered:
            return
        gap = descent.best_height + descent.slack - (constant - cost) - 1 + TOLERANCE
        pool, routes, complete = self._routes(descent, gap)
        mine = pool.routes_of(self.problem, plan)
        staffing = Staffing(pool, sorted({*routes, *mine}))
        staffing.hint(mine)
        free = covered - descent.master.pinned_coverage
        choice = self._choose(staffing, lambda model: model.least_cost(free, self.seed, self._seconds_left()))
        if choice is None:
            return
        self.best.offer(self._plan(pool, choice.routes))
        if complete:
            bound = min(cost, choice.bound + constant + pool.idle_cost())
            self._cost_bounds[covered] = max(self._cost_bounds.get(covered, bound), bound)

    # ---- deciding

    def _routes(self, descent: Descent, gap: float) -> tuple[Pool, list[int], bool]:
        """A pool with every route within the gap, or with as many of the nearest as can be decided on."""
        pool, whole = Pool(descent.master), True
        while not self._stop() and gap > TOLERANCE / 4:
            routes = near_best(pool, descent.best, descent.share, gap, ROUTES_TO_CHEAPEN, MOST_EFFORT)
            if routes is not None:
                return pool, routes, whole
            whole, gap = False, gap / 2
        return pool, [], False

    def _plan(self, pool: Pool, routes: list[int]) -> list[Assignment]:
        pins = [Assignment(s.id, p.volunteer, p.start) for s in self.problem.slots for p in s.pinned]
        return pins + pool.assignments(self.problem, routes)

    def _choose(self, staffing: Staffing, solve: Callable[[Staffing], Choice | None]) -> Choice | None:
        with self._interrupt:
            if self._stop():
                return None
            self._staffing = staffing
        try:
            return solve(staffing)
        finally:
            with self._interrupt:
                self._staffing = None
