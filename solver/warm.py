"""Compile every kernel once, on a tiny problem, so that nobody waits for it: run at install or when a worker starts."""

from __future__ import annotations

import numpy as np

from solver.problem import Pin, Problem, Promise, Slot, TeamRule, Travel, Volunteer, Weights, Window
from solver.solve import Limits, solve

SECONDS = 60.0  # more than compiling takes anywhere; solving the tiny problem takes none


def warm_up() -> None:
    """All kernels compiled and cached on disk beside the package (numba's cache)."""
    solve(_tiny_problem(), Limits(seconds=SECONDS, workers=1))


def _tiny_problem() -> Problem:
    """Two people, two days, a crew, a pin and a matrix: enough to call every kernel."""
    place = Travel(matrix=np.array([[0, 9, 14], [9, 0, 11], [14, 11, 0]]))
    day = Window(540, 720, 0, 0)
    people = tuple(
        Volunteer(f"v{n}", frozenset({"guide"}), 0, None, (day, Window(1980, 2100, 0)), target=30, max_minutes=120)
        for n in range(3)
    )
    slots = (
        Slot("pair", location=1, earliest=540, latest=600, step=30, headcount=2, min_headcount=2, value=2,
             team=(TeamRule("guide", 1),)),
        Slot("call", location=None, duration=10, earliest=540, latest=660, previous=(Promise("v0", 5),)),
        Slot("visit", location=2, duration=45, earliest=1980, latest=2040, affinity={"v1": 3}),
        Slot("other", location=1, duration=45, earliest=1980, latest=2040),
        Slot("fixed", location=2, duration=30, earliest=660, latest=660, pinned=(Pin("v2", 665),)),
    )  # fmt: skip
    return Problem("warm-up", 2880, place, Weights(), people, slots)
