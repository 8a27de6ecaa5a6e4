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
from typing import Any

from solver.column_generation.certificate import certificate, plain_certificate, unfilled
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.prover import COVERAGE, DONE, Prover
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.lns.construction import first_plan
from solver.model.problem import Problem
from solver.model.solution import Assignment, Solution, Status
from solver.params import Params

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
    return _Solve(problem, limits, on_progress, should_stop, params).run(incumbent)


class _Solve:
    """One call of solve: the best plan known, the prover beside it, and the clock."""

    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
        params: Params,
    ) -> None:
        self.problem, self.limits, self.params = problem, limits, params
        self.on_progress, self.should_stop = on_progress, should_stop
        self.began = time.monotonic()
        self.over = threading.Event()
        self._alone = limits.deterministic or limits.workers < 2
        self.best = Incumbent(problem)
        self.net = compile_network(problem)
        clock = self._prover_must_stop, self._seconds_left
        self.prover = Prover(problem, self.net, self.best, limits.seed, *clock, not self._alone, params)
        self._reported: Progress | None = None
        self._planned = False

    def run(self, incumbent: Sequence[Assignment]) -> Solution:
        self.best.offer(incumbent)
        # Not `_is_over`: loading kernels may have used the time, and a first plan is made all the same.
        if self.limits.seconds > 0 and not self._is_stopped():
            share, most = self.params.solve.first_plan_share, self.params.solve.first_plan_s
            seconds, seed = min(most, share * self.limits.seconds), self.limits.seed
            plan = first_plan(self.problem, self.net, incumbent, seconds=seconds, seed=seed, params=self.params)
            self.best.offer(plan)
            self._planned = True
            self._report("first")
        if not self._is_over() and not self.prover.all_proven:
            if self._alone:
                self._alternate()
            else:
                self._search_beside_prover()
        self._report("done")
        return self._solution()

    def _alternate(self) -> None:
        """One thread: a short search, the prover for its share of the time, then the rest of the search.

        A watch hears requests to stop while the prover is busy.
        """

        def watch() -> None:
            while not self._is_over() and not self._prover_is_due():
                time.sleep(self.params.solve.tick_s)
            self.prover.interrupt()

        search, first_share = self._new_search(), self.params.solve.first_search_share
        self._search_alone(search, 0.0, first_share)
        if not self._is_over() and not self.prover.all_proven:
            threading.Thread(target=watch, name="watch", daemon=True).start()
            self.prover.run()
        search.adopt(self.best.assignments)
        search.weigh_duals(self.prover.seat_duals)
        self._search_alone(search, first_share, 1.0)

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
            if self._is_over() or search.exhausted or self.prover.all_proven:
                break
            if search.run(n / slices, until=(n + 1) / slices, rounds=rounds):
                self.best.offer(search.assignments())
                self._report(COVERAGE)

    def _prover_is_due(self) -> bool:
        """Whether the prover has had its share of the time, where the search waits for it."""
        return self._alone and self._used() >= self.params.solve.prover_share

    def _search_beside_prover(self) -> None:
        prover = threading.Thread(target=self.prover.run, name="prover", daemon=True)
        prover.start()
        self._search(self._new_search())
        self.over.set()
        self.prover.interrupt()
        prover.join(self.params.solve.tick_s / 4)

    def _search(self, search: Search, until: float = 1.0) -> None:
        """Improve the plan until that share of the time is used, all is proven, or somebody asks to stop."""
        begin, unseen, quiet_until = self._used(), False, 0.0
        slice_s = self.params.annealing.slice_s
        pace = slice_s / max(self.limits.seconds, slice_s)
        while not self._is_over() and not self.prover.all_proven and self._used() < until:
            if search.exhausted:
                if self._alone or self.prover.stage == DONE:
                    break
                time.sleep(self.params.solve.tick_s)
                continue
            if not self._alone and self.prover.work_once(self._is_over):
                self._report(self.prover.stage)
                continue
            progress = (self._used() - begin) / (1.0 - begin)
            search.weigh_duals(self.prover.seat_duals)
            unseen |= search.run(progress, until=progress + pace)
            if unseen and self._used() * self.limits.seconds >= quiet_until:
                began = time.monotonic()
                self.best.offer(search.assignments())
                unseen = False
                # Checking a district takes a while: a tenth of the time for it, at most.
                pause = self.params.solve.check_pause * (time.monotonic() - began)
                quiet_until = self._used() * self.limits.seconds + pause
            if self._knows_better_than(search):
                search.adopt(self.best.assignments)
            self._report(COVERAGE if self._alone else self.prover.stage)
        if unseen and not self._knows_better_than(search):
            self.best.offer(search.assignments())

    def _knows_better_than(self, search: Search) -> bool:
        return (-self.best.coverage, self.best.cost) < (-search.coverage, search.cost)

    def _prover_must_stop(self) -> bool:
        return self.over.is_set() or self._prover_is_due()

    def _seconds_left(self) -> float:
        """Seconds that the prover may still use."""
        share = self.params.solve.prover_share if self._alone else 1.0
        return max(0.01, share * self.limits.seconds - (time.monotonic() - self.began))

    def _used(self) -> float:
        """The share of the time that is used up."""
        return (time.monotonic() - self.began) / max(self.limits.seconds, 1e-9)

    def _is_over(self) -> bool:
        if time.monotonic() - self.began >= self.limits.seconds or self._is_stopped():
            self.over.set()
        return self.over.is_set()

    def _is_stopped(self) -> bool:
        return self.should_stop is not None and self.should_stop()

    def _report(self, stage: str) -> None:
        if self.on_progress is None:
            return
        _, coverage, cost, _ = self.best.snapshot()
        bounds = self.prover.coverage_bound, self.prover.cost_bound(coverage)
        seconds = round(time.monotonic() - self.began, 3)
        progress = Progress(stage, seconds, coverage, bounds[0], cost, bounds[1])
        moved = self._reported is None or replace(progress, seconds=self._reported.seconds) != self._reported
        if moved:
            self._reported = progress
            self.on_progress(progress)

    def _solution(self) -> Solution:
        assignments, coverage, cost, terms = self.best.snapshot()
        coverage_bound, cost_bound = self.prover.coverage_bound, self.prover.cost_bound(coverage)
        if coverage > coverage_bound or cost < cost_bound:
            refuted = (coverage_bound, cost_bound, coverage, cost)
            LOG.error("bounds %s, %s are refuted by a checked plan of %s, %s", *refuted)
            coverage_bound, cost_bound = self.prover.give_up()
        return Solution(
            problem=self.problem.name,
            status=self._status(coverage, coverage_bound, cost, cost_bound),
            assignments=assignments,
            coverage=coverage,
            coverage_bound=coverage_bound,
            cost=cost,
            cost_bound=cost_bound,
            terms=terms,
            unfilled=unfilled(self.problem, self.net, assignments),
            seconds=round(time.monotonic() - self.began, 3),
            seed=self.limits.seed,
            version=f"yidu-solver {VERSION}, ortools {version('ortools')}, numba {version('numba')}",
            limits=asdict(self.limits),
            prices=self._certificate(),
        )

    def _certificate(self) -> dict[str, Any]:
        lagrangian, duals = self.prover.lagrangian, self.prover.duals
        if lagrangian is None or duals is None:
            return plain_certificate(self.problem, self.net)
        return certificate(self.problem, lagrangian, duals, self.prover.cap_worth)

    def _status(self, coverage: int, coverage_bound: int, cost: int, cost_bound: int) -> Status:
        if not self.best.valid:
            return Status.INVALID
        if coverage == coverage_bound and cost == cost_bound:
            return Status.OPTIMAL
        return Status.FEASIBLE if self._planned else Status.TIMED_OUT
