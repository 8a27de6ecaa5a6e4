"""Which options of a day its routes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.compiled import allocating, kernel
from solver.cuts import NOTHING

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
