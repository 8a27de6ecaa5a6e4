"""The best plan so far, shared by everybody who improves it. Nothing enters that the independent check refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.solution import Assignment, pinned_assignments


class Incumbent:
    """A checked plan with its coverage, cost and terms; it only ever gets better (coverage first, then cost)."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._lock = threading.Lock()
        pins = pinned_assignments(problem)
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
        if not self._is_beaten_by(coverage, cost):
            return False
        if violations(self._problem, plan):
            self.refused += 1
            return False
        with self._lock:
            if not self._is_beaten_by(coverage, cost):
                return False
            self.assignments, self.coverage, self.cost, self.terms = plan, coverage, cost, terms
            self.valid = True
        return True

    def is_better_than(self, coverage: int, cost: int) -> bool:
        """Whether it covers more, or as much at less cost."""
        return (-self.coverage, self.cost) < (-coverage, cost)

    def _is_beaten_by(self, coverage: int, cost: int) -> bool:
        return not self.valid or (-coverage, cost) < (-self.coverage, self.cost)

    def snapshot(self) -> tuple[tuple[Assignment, ...], int, int, dict[str, int]]:
        """(assignments, coverage, cost, terms) of one and the same plan."""
        with self._lock:
            return self.assignments, self.coverage, self.cost, dict(self.terms)
