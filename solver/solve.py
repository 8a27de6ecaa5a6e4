"""solve(problem): the best plan that the time allows, with a proof of how good any plan could be.

First a plan by greedy insertion, checked and reported; then, side by side until the gap is closed or the time is up,
a search that improves the plan and a prover that lowers the bounds (and sometimes finds the plan that meets them).
Coverage comes strictly before cost. Every plan handed out has passed the independent check.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

from solver.column_generation.certificate import certificate, plain_certificate, unfilled
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.prover import COVERAGE, DONE, Prover
from solver.column_generation.prover_context import ProverContext
from solver.instance.arrays import Network, compile_network
from solver.lns.annealing import Search
from solver.lns.construction import first_plan
from solver.model.problem import Problem
from solver.model.solution import Assignment, Solution, Status
from solver.params import Params, SolveParams

LOG = logging.getLogger(__name__)
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and with how many threads to search. `deterministic`: same problem, seed and limits give the same plan;
    then the work is counted in rounds that fit the seconds on a slow machine, and done by one thread."""

    seconds: float = 60.0
    workers: int = 2
    seed: int = 0
    deterministic: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands: `stage` is first, coverage, cost or done."""

    stage: str
    seconds: float
    coverage: int
    coverage_bound: int
    cost: int
    cost_bound: int


def solve(
    problem: Problem,
    limits: Limits | None = None,
    incumbent: Sequence[Assignment] = (),
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    params: Params = Params(),
) -> Solution:
    """A checked plan for the problem, at least as good as `incumbent` if that breaks no rule, with proven bounds.

    `on_progress` is called on the calling thread whenever something moved; `should_stop` is asked several times a
    second, and the best plan so far comes back within a second of its first yes.
    """
    limits = limits or Limits()
    clock = _Clock(limits, params.solve, should_stop)
    best, net = Incumbent(problem), compile_network(problem)
    run = _Run(problem, net, best, limits, clock, params, on_progress)
    best.offer(incumbent)
    # Not `is_over`: loading kernels may have used the time, and a first plan is made all the same.
    is_planned = limits.seconds > 0 and not clock.is_stopped()
    if is_planned:
        seconds = min(params.solve.first_plan_s, params.solve.first_plan_share * limits.seconds)
        best.offer(first_plan(problem, net, incumbent, seconds=seconds, seed=limits.seed, params=params))
        run.report("first")
    improve = run.alternate if clock.alone else run.search_beside_prover
    if not run.is_done():
        improve()
    run.report("done")
    return run.solution(is_planned)


class _Clock:
    """The time that is used up, and whether somebody asked to stop."""

    def __init__(self, limits: Limits, params: SolveParams, should_stop: Callable[[], bool] | None) -> None:
        self.began, self.seconds = time.monotonic(), limits.seconds
        self.alone = limits.deterministic or limits.workers < 2  # one thread does everything
        self.over = threading.Event()
        self._prover_share = params.prover_share if self.alone else 1.0
        self._should_stop = should_stop

    def passed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def used(self) -> float:
        """The share of the time that is used up."""
        return self.passed_s() / max(self.seconds, 1e-9)

    def is_over(self) -> bool:
        if self.passed_s() >= self.seconds or self.is_stopped():
            self.over.set()
        return self.over.is_set()

    def is_stopped(self) -> bool:
        return self._should_stop is not None and self._should_stop()

    def prover_is_due(self) -> bool:
        """Whether the prover has had its share of the time, where the search waits for it."""
        return self.alone and self.used() >= self._prover_share

    def prover_must_stop(self) -> bool:
        return self.over.is_set() or self.prover_is_due()

    def prover_seconds_left(self) -> float:
        """Seconds that the prover may still use."""
        return max(0.01, self._prover_share * self.seconds - self.passed_s())


class _Run:
    """One call of solve: a search that improves the best plan known, and the prover that works in turn or beside it."""

    def __init__(
        self,
        problem: Problem,
        net: Network,
        best: Incumbent,
        limits: Limits,
        clock: _Clock,
        params: Params,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.problem, self.net, self.best, self.params = problem, net, best, params
        self.limits, self.clock, self.on_progress = limits, clock, on_progress
        times = clock.prover_must_stop, clock.prover_seconds_left
        self.prover = Prover(ProverContext(problem, net, best, limits.seed, *times, not clock.alone, params))
        self._reported: Progress | None = None

    def is_done(self) -> bool:
        """Whether the time is up or nothing is left to prove."""
        return self.clock.is_over() or self.prover.all_proven

    def alternate(self) -> None:
        """One thread: a short search, the prover for its share of the time, then the rest of the search.

        A watch hears requests to stop while the prover is busy.
        """

        def watch() -> None:
            while not self.clock.is_over() and not self.clock.prover_is_due():
                time.sleep(self.params.solve.tick_s)
            self.prover.interrupt()

        search, first_share = self._new_search(), self.params.solve.first_search_share
        self._search_alone(search, 0.0, first_share)
        if not self.is_done():
            threading.Thread(target=watch, name="watch", daemon=True).start()
            self.prover.run()
        search.adopt(self.best.assignments)
        search.weigh_duals(self.prover.roundings.seat_duals)
        self._search_alone(search, first_share, 1.0)

    def search_beside_prover(self) -> None:
        """Two threads side by side. The prover is left to end by itself: what it does last may take a second.

        It is no daemon: one that is still inside CP-SAT when the process ends would abort it.
        """
        prover = threading.Thread(target=self.prover.run, name="prover")
        prover.start()
        try:
            self._search(self._new_search())
        finally:
            self.clock.over.set()
            self.prover.interrupt()
        prover.join(self.params.solve.tick_s / 4)

    def _new_search(self) -> Search:
        return Search(self.problem, self.net, self.best.assignments, seed=self.limits.seed, params=self.params)

    def _search_alone(self, search: Search, first: float, last: float) -> None:
        """The search from one share of its work to another: by the clock, or by rounds where plans have to be equal."""
        if self.limits.deterministic:
            slices = max(2, int(self.params.solve.slices_per_second * self.limits.seconds))
            self._slices(search, math.ceil(slices * first), math.ceil(slices * last), slices)
        else:
            self._search(search, until=last)

    def _slices(self, search: Search, first: int, last: int, slices: int) -> None:
        rounds = max(1, self.params.solve.slot_rounds_per_slice // max(1, len(self.problem.slots)))
        for n in range(first, last):
            if self.clock.is_over() or search.exhausted or self.prover.all_proven:
                break
            if search.run(n / slices, until=(n + 1) / slices, rounds=rounds):
                self.best.offer(search.assignments())
                self.report(COVERAGE)

    def _search(self, search: Search, until: float = 1.0) -> None:
        """Improve the plan until that share of the time is used, all is proven, or somebody asks to stop."""
        clock = self.clock
        begin, unseen, quiet_until = clock.used(), False, 0.0
        slice_s = self.params.annealing.slice_s
        pace = slice_s / max(self.limits.seconds, slice_s)
        while not self.is_done() and clock.used() < until:
            if search.exhausted:
                if clock.alone or self.prover.stage == DONE:
                    break
                time.sleep(self.params.solve.tick_s)
                continue
            if not clock.alone and self.prover.work_once(clock.is_over):
                self.report(self.prover.stage)
                continue
            progress = (clock.used() - begin) / (1.0 - begin)
            search.weigh_duals(self.prover.roundings.seat_duals)
            unseen |= search.run(progress, until=progress + pace)
            if unseen and clock.used() * self.limits.seconds >= quiet_until:
                began = time.monotonic()
                self.best.offer(search.assignments())
                unseen = False
                # Checking a district takes a while.
                pause = self.params.solve.check_pause * (time.monotonic() - began)
                quiet_until = clock.used() * self.limits.seconds + pause
            if self.best.is_better_than(search.coverage, search.cost):
                search.adopt(self.best.assignments)
            self.report(COVERAGE if clock.alone else self.prover.stage)
        if unseen and not self.best.is_better_than(search.coverage, search.cost):
            self.best.offer(search.assignments())

    def report(self, stage: str) -> None:
        """Tell whoever listens where the solve stands, if anything moved."""
        if self.on_progress is None:
            return
        _, coverage, cost, _ = self.best.snapshot()
        bounds = self.prover.bounds.coverage, self.prover.bounds.cost(coverage)
        progress = Progress(stage, round(self.clock.passed_s(), 3), coverage, bounds[0], cost, bounds[1])
        if self._reported is None or replace(progress, seconds=self._reported.seconds) != self._reported:
            self._reported = progress
            self.on_progress(progress)

    def solution(self, is_planned: bool) -> Solution:
        """The best plan with its bounds; `is_planned` if there was time for a first one."""
        bounds, lagrangian = self.prover.bounds, self.prover.lagrangian
        assignments, coverage, cost, terms = self.best.snapshot()
        coverage_bound, cost_bound = bounds.coverage, bounds.cost(coverage)
        if coverage > coverage_bound or cost < cost_bound:
            refuted = (coverage_bound, cost_bound, coverage, cost)
            LOG.error("bounds %s, %s are refuted by a checked plan of %s, %s", *refuted)
            bounds.give_up()
            coverage_bound, cost_bound = bounds.coverage, bounds.cost(coverage)
        is_optimal = coverage == coverage_bound and cost == cost_bound
        if lagrangian is None or bounds.duals is None:
            prices = plain_certificate(self.problem, self.net)
        else:
            prices = certificate(self.problem, lagrangian, bounds.duals, bounds.cap_worth)
        return Solution(
            problem=self.problem.name,
            status=_status(self.best.valid, is_optimal, is_planned),
            assignments=assignments,
            coverage=coverage,
            coverage_bound=coverage_bound,
            cost=cost,
            cost_bound=cost_bound,
            terms=terms,
            unfilled=unfilled(self.problem, self.net, assignments),
            seconds=round(self.clock.passed_s(), 3),
            seed=self.limits.seed,
            version=f"yidu-solver {VERSION}, ortools {version('ortools')}, numba {version('numba')}",
            limits=asdict(self.limits),
            prices=prices,
        )


def _status(is_valid: bool, is_optimal: bool, is_planned: bool) -> Status:
    if not is_valid:
        return Status.INVALID
    if is_optimal:
        return Status.OPTIMAL
    return Status.FEASIBLE if is_planned else Status.TIMED_OUT
