"""What a load over the wish costs."""

from __future__ import annotations

from solver.instance.dtypes import Whole
from solver.instance.jit import kernel


@kernel
def load_points(minutes_over: Whole) -> Whole:
    """Convex and piecewise linear in the minutes over the wish: 60 q^2 + (2 q + 1) r for q hours and r minutes."""
    if minutes_over <= 0:
        return 0
    hours, rest = minutes_over // 60, minutes_over % 60
    return 60 * hours * hours + (2 * hours + 1) * rest
