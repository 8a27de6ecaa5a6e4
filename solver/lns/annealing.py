"""The any-time primal search: simulated annealing by ruin and recreate, coverage first, then cost.

`Search` keeps a current plan and the best one and works in slices, so that whoever drives it can stop, report or hand
in a better plan in between; the compiled slices run without the interpreter's lock.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import Floats
from solver.instance.rng import new_random
from solver.lns.construction import best_fill
from solver.lns.encoding import assignments_of, copy_of, encode_plan, pinned_plan, rules_of
from solver.lns.recreate import new_candidates
from solver.lns.ruin import anneal
from solver.lns.state import COST, COVERAGE, is_better
from solver.lns.undo_log import new_undo_log
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.params import Params


class Search:
    """A search over the plans of one problem. Equal seeds and equal calls with `rounds` give equal plans."""

    def __init__(
        self,
        problem: Problem,
        net: Network,
        start: Iterable[Assignment] = (),
        *,
        seed: int = 0,
        seconds: float = 0.0,
        params: Params = Params(),
    ) -> None:
        """Begin from `start` filled up greedily, or from a better first plan found in `seconds`."""
        self.problem, self.net = problem, net
        self.annealing = annealing = params.annealing
        self.rules = rules_of(net, annealing)
        self._pinned = pinned_plan(net, self.rules)
        begun = copy_of(self._pinned)
        encode_plan(problem, net, self.rules, begun, start)
        self.best = best_fill(self.rules, begun, self._pinned, params, seconds=seconds, seed=seed)
        self._random = new_random(seed + 1)
        self._candidates = new_candidates(len(problem.slots), params.ruin_recreate)
        slots = self.rules.slots
        self._seeds = np.flatnonzero(slots["candidate_end"] > slots["candidate_first"])
        lengths = self.best.lengths[self.best.lengths > 0]
        long = len(lengths) > 0 and float(lengths.mean()) >= annealing.long_route
        self.ruin_recreate = params.long_routes if long else params.ruin_recreate
        self._rounds_per_slice = annealing.first_rounds
        mean = float(slots["value"][self._seeds].mean()) if len(self._seeds) else 0.0
        has_costs = net.travel_weight or net.overload_weight or net.unused_weight or net.gain_points.any()
        self._final_temperature = annealing.final_temperature if has_costs else annealing.final_temperature_without_cost
        self._initial_temperature = max(
            2 * self._final_temperature,
            annealing.initial_temperature
            * min(1.0, annealing.many_slots / max(1, len(slots)))
            * mean
            * self.rules.coverage_rate,
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
        encode_plan(self.problem, self.net, self.rules, plan, assignments)
        if not is_better(plan, self.best):
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
        first, last = (
            self._initial_temperature * (self._final_temperature / self._initial_temperature) ** min(1.0, p)
            for p in (progress, until or progress)
        )
        temperatures = float(first), float(last)
        begun = time.monotonic()
        improved = anneal(
            self.rules, self._plan, self.best, self._undo_log, self._candidates, self._random, self._seeds,
            count, temperatures, self.ruin_recreate,
        )  # fmt: skip
        if rounds is None:
            pace = self.annealing.slice_s / max(1e-6, time.monotonic() - begun)
            self._rounds_per_slice = max(10, int(count * min(3.0, pace)))
        return bool(improved)
