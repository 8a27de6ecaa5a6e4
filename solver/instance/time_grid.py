"""The grid of allowed starts."""

from __future__ import annotations

from solver.instance.dtypes import Ints, Records, Whole
from solver.instance.jit import kernel


@kernel
def begin_at(
    busy: Records, busy_at: Ints, window: Whole, low: Whole, step: Whole, duration: Whole, ready: Whole
) -> Whole:
    """The first start on the grid from `low` that is not before `ready` and clear of the busy times of the window.

    These, SPAN, stand in the order of their starts at `busy_at[window]..busy_at[window + 1]`. All in minutes.
    """
    start = low
    if ready > start:
        start += (ready - start + step - 1) // step * step
    for k in range(busy_at[window], busy_at[window + 1]):
        if start < busy[k].end and start + duration > busy[k].start:
            start += (busy[k].end - start + step - 1) // step * step
    return start
