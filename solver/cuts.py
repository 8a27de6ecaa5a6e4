"""Upper bounds on what the rest of a day can add to a route: by the time left, and by the minutes left."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

MANY = 8  # beyond so many visits the bounds stop counting them
EPSILON = 1e-6  # a branch is cut when it could gain no more than this; upper profiles are raised by as much


@njit(cache=True, nogil=True)
def time_bounds(
    worth: Any,
    low: Any,
    high: Any,
    duration: Any,
    nearest: Any,
    cost: float,
    begin: int,
    end: int,
    tick: int,
    deep: int,
) -> Any:
    """later[t][k]: no k visits started from minute begin + t * tick on are worth more; geography is left out."""
    ticks = (end - begin) // tick + 1
    first, last = (low - nearest - begin) // tick, (high - nearest - begin) // tick
    later = np.zeros((ticks + 1, deep + 1))
    for t in range(ticks - 1, -1, -1):
        now = begin + t * tick
        later[t] = later[t + 1]
        for i in range(len(worth)):
            if t < first[i] or t > last[i] or worth[i] <= 0.0:
                continue
            start = max(low[i], now + nearest[i])
            then = min(ticks, (start + duration[i] - begin) // tick)
            net_worth = worth[i] - cost * nearest[i]
            for k in range(1, deep + 1):
                before = MANY if k == MANY else k - 1
                later[t, k] = max(later[t, k], net_worth + later[then, before])
    return later


@njit(cache=True, nogil=True)
def minute_bounds(worth: Any, levels: Any, top: int, deep: int) -> Any:
    """pack[k][m]: no k options of at most m levels of minutes together are worth more; each is used once."""
    pack = np.zeros((deep + 1, top + 1))
    for i in range(len(worth)):
        if worth[i] <= 0.0:
            break
        for k in range(deep, 0, -1):
            before = MANY if k == MANY else k - 1
            for m in range(top, levels[i] - 1, -1):
                pack[k, m] = max(pack[k, m], pack[before, m - levels[i]] + worth[i])
    return pack


@njit(cache=True, nogil=True)
def can_grow(bar: Any, pack: Any, value: float, limit: float, level: int, above: int, left: int, top: int) -> bool:
    """Whether, from value at level, limit more on at most `left` visits may pass the bar at a level from above on."""
    if value + limit <= bar[above] + EPSILON:
        return False
    for m in range(above, top + 1):  # noqa: SIM110 - compiled, a loop is faster than any()
        if value + min(limit, pack[left, m - level]) > bar[m] + EPSILON:
            return True
    return False
