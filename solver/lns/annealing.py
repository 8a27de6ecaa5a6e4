"""The any-time primal search: simulated annealing by ruin and recreate, coverage first, then cost.

`Search` keeps a current plan and the best one and works in slices, so that whoever drives it can stop, report or hand
in a better plan in between; the compiled slices run without the interpreter's lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import Floats
from solver.instance.rng import new_random
from solver.lns.construction import best_fill
from solver.lns.encoding import assignments_of, copy_of, pinned_plan, rules_of, warm_start
from solver.lns.recreate import RuinRecreateParameters, new_candidates
from solver.lns.ruin import anneal
from solver.lns.state import COST, COVERAGE, Plan, better
from solver.lns.undo_log import new_undo_log
from solver.model.problem import Problem
from solver.model.solution import Assignment

SLICE_SECONDS = 0.1
FIRST_ROUNDS = 50
SLICES = 500  # of a search that is limited by rounds

INITIAL_TEMPERATURE = (
    0.6  # starting temperature in visits of mean value: losing that much is accepted with probability 1/e
)
MANY_SLOTS = 3000  # beyond so many a lower temperature, in proportion, for there is less time for each
FINAL_TEMPERATURE = 5.0  # final temperature in cost units
FINAL_TEMPERATURE_WITHOUT_COST = 300.0  # the same when no term costs anything: a third of the smallest step of coverage
LONG_ROUTE = 6.0  # visits: from this mean on, whole stretches of routes are taken out

Route = tuple[int, tuple[tuple[int, int], ...]]  # window, then (slot, start) in order, numbered as in the network


class Search:
    """A search over the plans of one problem. Equal seeds and equal calls with `rounds` give equal plans."""

    def __init__(
        self, problem: Problem, net: Network, start: Iterable[Assignment] = (), *, seed: int = 0, seconds: float = 0.0
    ) -> None:
        """Begin from `start` filled up greedily, or from a better first plan found in `seconds`."""
        self.problem, self.net = problem, net
        self.rules = rules_of(net)
        self._pinned = pinned_plan(net, self.rules)
        begun = copy_of(self._pinned)
        warm_start(problem, net, self.rules, begun, start)
        self.best = best_fill(self.rules, begun, self._pinned, seconds=seconds, seed=seed)
        self._random = new_random(seed + 1)
        self._candidates = new_candidates(len(problem.slots))
        slots = self.rules.slots
        self._seeds = np.flatnonzero(slots["candidate_end"] > slots["candidate_first"])
        lengths = self.best.lengths[self.best.lengths > 0]
        long = len(lengths) > 0 and float(lengths.mean()) >= LONG_ROUTE
        self.parameters = (
            RuinRecreateParameters(removals=20, longest=10, cost_in_minutes=0.3) if long else RuinRecreateParameters()
        )
        self._rounds_per_slice = FIRST_ROUNDS
        mean = float(slots["value"][self._seeds].mean()) if len(self._seeds) else 0.0
        has_costs = net.travel_weight or net.overload_weight or net.unused_weight or net.gain_points.any()
        self._final_temperature = FINAL_TEMPERATURE if has_costs else FINAL_TEMPERATURE_WITHOUT_COST
        self._initial_temperature = max(
            2 * self._final_temperature,
            INITIAL_TEMPERATURE * min(1.0, MANY_SLOTS / max(1, len(slots))) * mean * self.rules.coverage_rate,
        )
        self._restart()

    def _restart(self) -> None:
        self._plan = copy_of(self.best)
        self._undo_log = new_undo_log(self._plan)

    @property
    def coverage(self) -> int:
        """Coverage of the best plan."""
        return int(self.best.totals[COVERAGE])

    @property
    def cost(self) -> int:
        """Cost of the best plan."""
        return int(self.best.totals[COST])

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing to search: no slot has a candidate."""
        return len(self._seeds) == 0

    def assignments(self) -> tuple[Assignment, ...]:
        """The best plan by names, sorted by slot."""
        return tuple(assignments_of(self.problem, self.rules, self.best))

    def adopt(self, assignments: Iterable[Assignment]) -> bool:
        """Go on from a plan found elsewhere, if it is better than the best; whether it was."""
        plan = copy_of(self._pinned)
        warm_start(self.problem, self.net, self.rules, plan, assignments)
        if not better(plan, self.best):
            return False
        self.best = plan
        self._restart()
        return True

    def weigh_duals(self, seat_dual: Floats) -> None:
        """From now on prefer slots that are worth more than others would give for their seats, by slot."""
        self._candidates.seat_dual[:] = seat_dual

    def run(self, progress: float, *, until: float | None = None, rounds: int | None = None) -> bool:
        """Search for a slice of about 0.1 s, or for exactly so many rounds; whether the best plan became better.

        The temperature falls geometrically while `progress` goes from 0 to 1, within the slice to that of `until`.
        """
        if self.exhausted:
            return False
        count = self._rounds_per_slice if rounds is None else rounds
        temperature, last_temperature = (
            self._initial_temperature * (self._final_temperature / self._initial_temperature) ** min(1.0, p)
            for p in (progress, until or progress)
        )
        begun = time.monotonic()
        improved = anneal(
            self.rules, self._plan, self.best, self._undo_log, self._candidates, self._random, self._seeds,
            count, temperature, last_temperature, self.parameters,
        )  # fmt: skip
        if rounds is None:
            pace = SLICE_SECONDS / max(1e-6, time.monotonic() - begun)
            self._rounds_per_slice = max(10, int(count * min(3.0, pace)))
        return bool(improved)

    def routes(self) -> list[Route]:
        """The routes of the best and of the current plan, each once: columns for a recombination."""
        return sorted({route for plan in (self.best, self._plan) for route in self._routes_of(plan)})

    def _routes_of(self, plan: Plan) -> Iterable[Route]:
        for window in np.flatnonzero(plan.lengths):
            base = self.rules.windows[window]["route_at"]
            stops = plan.stops[base : base + plan.lengths[window]]
            yield int(window), tuple((int(stop["slot"]), int(stop["early"])) for stop in stops)


def search(
    problem: Problem,
    net: Network,
    start: Iterable[Assignment] = (),
    *,
    seconds: float = 60.0,
    rounds: int | None = None,
    seed: int = 0,
    on_better: Callable[[Search], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Assignment, ...]:
    """The best plan found in `seconds`, or in exactly `rounds` rounds (then equal seeds give equal plans).

    Never worse than `start` if that keeps the rules. `on_better` hears of slices that improved the best plan;
    `should_stop` is asked after every slice.
    """
    begun = time.monotonic()
    engine = Search(problem, net, start, seed=seed, seconds=0.0 if rounds is not None else min(1.0, 0.05 * seconds))
    per_slice = None if rounds is None else max(1, rounds // SLICES)
    done, progress, pace = 0, 0.0, 0.0
    while progress < 1.0 and not engine.exhausted:
        improved = engine.run(progress, until=progress + pace, rounds=per_slice)
        if per_slice is not None and rounds is not None:
            done += per_slice
            pace, progress = per_slice / rounds, done / rounds
        else:
            pace, progress = SLICE_SECONDS / seconds, (time.monotonic() - begun) / seconds if seconds > 0 else 1.0
        if improved and on_better is not None:
            on_better(engine)
        if should_stop is not None and should_stop():
            break
    return engine.assignments()
