"""Which tasks of a day its routes are made of."""

from __future__ import annotations

import numpy as np

from solver.instance.dtypes import Floats, Ints
from solver.instance.jit import allocating, kernel
from solver.pricing.instance import Instance, PricingLimits
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
from solver.pricing.tasks import Tasks

SPREAD = 2654435761  # a prime near 2**32 / golden ratio: multiples are spread evenly (Knuth, TAOCP 6.4)


@allocating
def choose(
    begin: int, end: int, tasks: Tasks, values: Floats, min_worth: float, cap: int, reachable: bool, relays: bool
) -> tuple[Ints, int]:
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
def restrict_tasks(tasks: Tasks, values: Floats, chosen: Ints, rate: float, limits: PricingLimits) -> Ints:
    """Of the chosen tasks the `max_tasks` that leave most over when their minutes cost `rate`, in the same order."""
    rank = np.empty(len(chosen))
    for n in range(len(chosen)):
        i = chosen[n]
        rank[n] = rate * (tasks.duration[i] + (limits.params.typical_leg_min if tasks.place[i] >= 0 else 0)) - values[i]
    return chosen[np.sort(np.argsort(rank, kind="mergesort")[: limits.max_tasks])]


@allocating
def without_hopeless(
    instance: Instance, day: int, values: Floats, chosen: Ints, bucket_size: int, threshold: Floats
) -> Ints:
    """The tasks that may be in a route past the threshold: with the best that else fits in, wherever that is."""
    net, tasks, days, _ = instance
    first, last, visits, capacity = days.at[day], days.at[day + 1], days.max_visits[day], len(threshold) - 1
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
def without_spare_calls(tasks: Tasks, chosen: Ints, good: int, visits: int) -> tuple[Ints, int]:
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
def replaces(tasks: Tasks, call: int, other: int) -> bool:
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
