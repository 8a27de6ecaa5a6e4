"""Which tasks of a day its routes are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.instance.jit import allocating, kernel
from solver.pricing.knapsack_bounds import (
    GRAIN,
    MANY,
    NOTHING,
    bucket_after,
    buckets_taken,
    can_grow,
    least_legs,
    minute_bounds,
)

ALL = 1 << 40  # tasks a day
SPREAD = 2654435761  # a prime near 2**32 / golden ratio: multiples are spread evenly (Knuth, TAOCP 6.4)
LEG = 10  # minutes, about: the way to a place, where tasks are compared by their worth and time


@allocating
def choose(
    begin: int, end: int, tasks: Any, values: Any, min_worth: float, cap: int, reachable: bool, relays: bool
) -> tuple[Any, int]:
    """(tasks, good): the first `good` are worth more than `min_worth`, best first; relay visits follow.

    Among equals everybody has an order of their own: if all reached for the same, duals would hardly spread them.
    """
    chosen, rank = np.empty(end - begin, np.int64), np.empty(end - begin)
    count, good = 0, 0
    for i in range(begin, end):
        if tasks.duration[i] > cap:
            continue
        if values[i] > min_worth or not reachable:
            rank[count] = -values[i]
            good += 1
        elif relays and tasks.place[i] >= 0:
            rank[count] = -NOTHING
        else:
            continue
        chosen[count] = i
        count += 1
    mixed = np.argsort((chosen[:count] * SPREAD + begin) & 0xFFFFFFFF)
    return chosen[mixed][np.argsort(rank[mixed], kind="mergesort")], good


@allocating
def restrict_tasks(tasks: Any, values: Any, chosen: Any, rate: float, max_tasks: int) -> Any:
    """Of the chosen tasks the `max_tasks` that leave most over when their minutes cost `rate`, in the same order."""
    rank = np.empty(len(chosen))
    for n in range(len(chosen)):
        i = chosen[n]
        rank[n] = rate * (tasks.duration[i] + (LEG if tasks.place[i] >= 0 else 0)) - values[i]
    return chosen[np.sort(np.argsort(rank, kind="mergesort")[:max_tasks])]


@allocating
def without_hopeless(
    net: Any,
    first: int,
    last: int,
    tasks: Any,
    values: Any,
    chosen: Any,
    visits: int,
    bucket_size: int,
    capacity: int,
    threshold: Any,
) -> Any:
    """The tasks that may be in a route past the threshold: with the best that else fits in, wherever that is."""
    worth, duration, slot, place = values[chosen], tasks.duration[chosen], tasks.slot[chosen], tasks.place[chosen]
    placed, taking = np.flatnonzero(place >= 0), duration.copy()
    taking[placed] += least_legs(net, first, last, place[placed], slot[placed], np.zeros((0, 0), np.int32))
    minutes = 0
    for w in range(first, last):
        minutes += net.window_end[w] - net.window_start[w]
    others = max(0, min(visits - 1, MANY))
    bucket_of, grains = buckets_taken(duration, bucket_size), minutes // GRAIN
    knapsack = minute_bounds(worth, bucket_of, slot, capacity, others)
    hours = minute_bounds(worth, taking // GRAIN, slot, grains, others)
    kept = np.zeros(len(chosen), np.bool_)
    for i in range(len(chosen)):
        bucket, spare = bucket_after(bucket_size, capacity, 0, bucket_of[i]), grains - taking[i] // GRAIN
        kept[i] = spare >= 0 and can_grow(threshold, knapsack, worth[i], hours[others, spare], bucket, others, capacity)
    return chosen[kept]


@allocating
def without_spare_calls(tasks: Any, chosen: Any, good: int, visits: int) -> tuple[Any, int]:
    """(tasks, good) without the calls that never matter: any of `visits` others, worth no less, could be in place."""
    kept = np.empty(len(chosen), np.int64)
    count, spared = 0, 0
    for n in range(len(chosen)):
        others = 0
        if n < good and tasks.place[chosen[n]] < 0:
            for m in range(count):
                others += replaces(tasks, kept[m], chosen[n])
                if others >= visits:
                    break
        if n < good and others >= visits:
            spared += 1
            continue
        kept[count] = chosen[n]
        count += 1
    return kept[:count], good - spared


@kernel
def replaces(tasks: Any, call: int, other: int) -> bool:
    """Whether a call of another slot can be made whenever the other could (a slot has one task at a start)."""
    return bool(
        tasks.place[call] < 0
        and tasks.slot[call] != tasks.slot[other]
        and tasks.duration[call] == tasks.duration[other]
        and tasks.step[call] == tasks.step[other]
        and tasks.low[call] <= tasks.low[other]
        and tasks.high[call] >= tasks.high[other]
        and (tasks.low[other] - tasks.low[call]) % tasks.step[other] == 0
    )
