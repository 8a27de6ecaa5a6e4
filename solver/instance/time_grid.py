"""The grid of allowed starts."""

from __future__ import annotations

from typing import Any

from solver.instance.jit import kernel


@kernel
def begin_at(net: Any, window: int, low: int, step: int, duration: int, ready: int) -> int:
    """The first start on the grid from low that is not before ready and clear of the busy times of the window."""
    start = low
    if ready > start:
        start += (ready - start + step - 1) // step * step
    for busy in range(net.busy_at[window], net.busy_at[window + 1]):
        if start < net.busy_end[busy] and start + duration > net.busy_start[busy]:
            start += (net.busy_end[busy] - start + step - 1) // step * step
    return start
