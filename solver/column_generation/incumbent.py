"""The best plan so far, shared by everybody who improves it. Nothing enters that the independent check refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.solution import Assignment


class Incumbent:
    """A checked plan with its coverage, cost and terms; it only ever gets better (coverage first, then cost)."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._lock = threading.Lock()
        pins = [Assignment(s.id, p.volunteer, p.start) for s in problem.slots for p in s.pinned]
        self.valid = not violations(problem, pins)
        self.refused = 0
        self.assignments: tuple[Assignment, ...] = tuple(sorted(pins))
        self.coverage, self.cost, self.terms = measure(problem, pins)

    def offer(self, assignments: Iterable[Assignment]) -> bool:
        """Take the plan if it is better and breaks no rule; whether it was taken."""
        plan = tuple(sorted(assignments))
        try:
            coverage, cost, terms = measure(self._problem, plan)
        except KeyError:
            return False  # it names somebody or something that the problem does not know
        if not self._better(coverage, cost):
            return False
        if violations(self._problem, plan):
            self.refused += 1
            return False
        with self._lock:
            if not self._better(coverage, cost):
                return False
            self.assignments, self.coverage, self.cost, self.terms = plan, coverage, cost, terms
            self.valid = True
        return True

    def _better(self, coverage: int, cost: int) -> bool:
        return not self.valid or coverage > self.coverage or (coverage == self.coverage and cost < self.cost)

    def snapshot(self) -> tuple[tuple[Assignment, ...], int, int, dict[str, int]]:
        """(assignments, coverage, cost, terms) of one and the same plan."""
        with self._lock:
            return self.assignments, self.coverage, self.cost, dict(self.terms)
