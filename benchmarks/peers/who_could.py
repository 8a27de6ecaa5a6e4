"""Who could serve what, alone: the same sparse candidates for every solver, so that building a model is no contest."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solver.instance.arrays import compile_network
from solver.model.problem import Problem, Slot, Volunteer, Window


class WhoCould:
    """The windows of a problem, numbered, and for every slot the windows that tags, names, time and radius allow."""

    def __init__(self, problem: Problem) -> None:
        self.windows: list[tuple[Volunteer, Window]] = [
            (v, w) for v in problem.volunteers for w in sorted(v.windows, key=lambda w: w.start)
        ]
        self._net = compile_network(problem)
        self._number = {slot.id: n for n, slot in enumerate(problem.slots)}
        by_slot = np.argsort(self._net.window_candidates, kind="stable")
        self._low, self._high = self._net.candidate_low[by_slot], self._net.candidate_high[by_slot]

    def serve(self, slot: Slot) -> Iterator[tuple[int, tuple[int, int]]]:
        """(number of the window, first and last possible start) of everyone who could."""
        mine = slice(*self._net.slot_candidate_at[self._number[slot.id] :][:2])
        spans = zip(self._low[mine].tolist(), self._high[mine].tolist(), strict=True)
        return zip(self._net.slot_candidates[mine].tolist(), spans, strict=True)

    def chances(self) -> list[int]:
        """For every window the number of slots that it could serve."""
        return np.diff(self._net.window_candidate_at).tolist()
