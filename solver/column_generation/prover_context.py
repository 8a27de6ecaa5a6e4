"""What every stage of a proof works with: the problem, the incumbent, the clock, and CP-SAT, which others may stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from solver.column_generation.enumeration import RouteSet
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.set_partitioning import Choice, SetPartitioning
from solver.instance.arrays import Network
from solver.model.problem import Problem
from solver.model.solution import pinned_assignments
from solver.params import Params


class ProverContext:
    """`stop` and `seconds_left` are the clock; `two_threads` says whether a search works beside the prover."""

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
        self.problem, self.net, self.best, self.seed, self.params = problem, net, best, seed, params
        self.stop, self.seconds_left, self.two_threads = stop, seconds_left, two_threads
        self.whole_s = seconds_left()
        self._solving: SetPartitioning | None = None
        self._lock = threading.Lock()

    def choose(
        self, route_set: RouteSet, model: SetPartitioning, solve: Callable[[SetPartitioning], Choice | None]
    ) -> Choice | None:
        """What CP-SAT chooses, with the pins offered as a plan; None if nothing was found in time."""
        with self._lock:
            if self.stop():
                return None
            self._solving = model
        try:
            choice = solve(model)
        finally:
            with self._lock:
                self._solving = None
        if choice is not None:
            free = route_set.assignments(self.problem, choice.routes)
            self.best.offer([*pinned_assignments(self.problem), *free])
        return choice

    def interrupt(self) -> None:
        """End a running choice soon; `stop()` must hold from now on."""
        with self._lock:
            if self._solving is not None:
                self._solving.stop()
