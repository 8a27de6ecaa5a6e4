"""Which options of a day its routes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.instance.jit import allocating, kernel
from solver.pricing.knapsack_bounds import (
    GRAIN,
    MANY,
    NOTHING,
    can_grow,
    least_legs,
    level_after,
    levels_taken,
    minute_bounds,
)

ALL = 1 << 40  # options a day
SPREAD = 2654435761  # a prime near 2**32 / golden ratio: multiples are spread evenly (Knuth, TAOCP 6.4)
LEG = 10  # minutes, about: the way to a place, where options are compared by their worth and time


@allocating
def choose(
    begin: int, end: int, options: Any, values: Any, floor: float, cap: int, reachable: bool, stones: bool
) -> tuple[Any, int]:
    """(options, good): the first `good` are worth more than the floor, best first; stepping stones follow.

    Among equals everybody has an order of their own: if all reached for the same, prices would hardly spread them.
    """
    chosen, rank = np.empty(end - begin, np.int64), np.empty(end - begin)
    count, good = 0, 0
    for i in range(begin, end):
        if options.duration[i] > cap:
            continue
        if values[i] > floor or not reachable:
            rank[count] = -values[i]
            good += 1
        elif stones and options.place[i] >= 0:
            rank[count] = -NOTHING
        else:
            continue
        chosen[count] = i
        count += 1
    mixed = np.argsort((chosen[:count] * SPREAD + begin) & 0xFFFFFFFF)
    return chosen[mixed][np.argsort(rank[mixed], kind="mergesort")], good


@allocating
def shortlist(options: Any, values: Any, chosen: Any, rate: float, most: int) -> Any:
    """Of the chosen options the `most` that leave most over when their minutes cost `rate`, in the same order."""
    rank = np.empty(len(chosen))
    for n in range(len(chosen)):
        i = chosen[n]
        rank[n] = rate * (options.duration[i] + (LEG if options.place[i] >= 0 else 0)) - values[i]
    return chosen[np.sort(np.argsort(rank, kind="mergesort")[:most])]


@allocating
def without_hopeless(
    net: Any, first: int, last: int, options: Any, values: Any, chosen: Any, visits: int, unit: int, top: int, bar: Any
) -> Any:
    """The options that may be in a route past the bar: with the best that else fits in, wherever that is."""
    worth, duration, slot, place = values[chosen], options.duration[chosen], options.slot[chosen], options.place[chosen]
    placed, taking = np.flatnonzero(place >= 0), duration.copy()
    taking[placed] += least_legs(net, first, last, place[placed], slot[placed], np.zeros((0, 0), np.int32))
    minutes = 0
    for w in range(first, last):
        minutes += net.window_end[w] - net.window_start[w]
    others = max(0, min(visits - 1, MANY))
    level_of, grains = levels_taken(duration, unit), minutes // GRAIN
    pack = minute_bounds(worth, level_of, slot, top, others)
    hours = minute_bounds(worth, taking // GRAIN, slot, grains, others)
    kept = np.zeros(len(chosen), np.bool_)
    for i in range(len(chosen)):
        level, spare = level_after(unit, top, 0, level_of[i]), grains - taking[i] // GRAIN
        kept[i] = spare >= 0 and can_grow(bar, pack, worth[i], hours[others, spare], level, others, top)
    return chosen[kept]


@allocating
def without_spare_calls(options: Any, chosen: Any, good: int, visits: int) -> tuple[Any, int]:
    """(options, good) without the calls that never matter: any of `visits` others, worth no less, could be in place."""
    kept = np.empty(len(chosen), np.int64)
    count, spared = 0, 0
    for n in range(len(chosen)):
        others = 0
        if n < good and options.place[chosen[n]] < 0:
            for m in range(count):
                others += replaces(options, kept[m], chosen[n])
                if others >= visits:
                    break
        if n < good and others >= visits:
            spared += 1
            continue
        kept[count] = chosen[n]
        count += 1
    return kept[:count], good - spared


@kernel
def replaces(options: Any, call: int, other: int) -> bool:
    """Whether a call of another slot can be made whenever the other could (a slot has one option at a start)."""
    return bool(
        options.place[call] < 0
        and options.slot[call] != options.slot[other]
        and options.duration[call] == options.duration[other]
        and options.step[call] == options.step[other]
        and options.low[call] <= options.low[other]
        and options.high[call] >= options.high[other]
        and (options.low[other] - options.low[call]) % options.step[other] == 0
    )
