"""Upper bounds on what the rest of a day can add to a route, by the minutes that are left; legs and starts."""

from __future__ import annotations

import numpy as np

from solver.instance.dtypes import Floats, Ints, Small
from solver.instance.jit import allocating, allocating_inner, inner, kernel
from solver.instance.travel import leg_min
from solver.pricing.tasks import PricingNetwork

NOTHING = -1e18
GRAIN = 5  # minutes of the clock that are told apart when they are filled regardless of places
MANY = 8  # beyond so many visits the bounds stop counting them
EPSILON = 1e-6  # a branch is cut when it could gain no more than this; upper profiles are raised by as much


@allocating
def legs_among(net: PricingNetwork, first: int, last: int, place: Small) -> Small:
    """legs[i][j], minutes from place i to j; then come rows for origins and for unknown places, columns for returns."""
    volunteer = net.window_volunteer[first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    count = len(place)
    legs = np.zeros((count + 2 * (last - first), count + last - first), np.int32)
    for i in range(count):
        for j in range(count):
            if j < i and net.travel.matrix.shape[0] == 1:
                legs[i, j] = legs[j, i]
            else:
                legs[i, j] = leg_min(net.travel, pace, overhead, place[i], place[j])
        for w in range(first, last):
            end = count + w - first
            legs[end, i] = leg_min(net.travel, pace, overhead, net.window_origin[w], place[i])
            legs[i, end] = leg_min(net.travel, pace, overhead, place[i], net.window_return[w])
    return legs


@allocating_inner
def least_legs(net: PricingNetwork, first: int, last: int, place: Small, slot: Small, legs: Small) -> Ints:
    """For every place the fewest leg minutes to it from another slot or an origin; roughly where `legs` is empty."""
    count = len(place)
    least = np.zeros(count, np.int64)
    if len(legs) > 0:
        for i in range(count):
            nearest = legs[count, i]
            for j in range(count + last - first):
                if j >= count or slot[j] != slot[i]:
                    nearest = min(nearest, legs[j, i])
            least[i] = nearest
    elif net.travel.matrix.shape[0] == 1:
        least[:] = int(net.mode_overhead[net.window_volunteer[first]])
        by_place = np.argsort(place)
        for n in range(count):
            i = by_place[n]
            alone = True
            for w in range(first, last):
                alone = alone and net.window_origin[w] >= 0 and net.window_origin[w] != place[i]
            for other in (n - 1, n + 1):
                if 0 <= other < count:
                    alone = alone and place[by_place[other]] != place[i]
            if not alone:
                least[i] = 0
    return least


@allocating_inner
def minute_bounds(worth: Floats, buckets: Ints, slot: Small, capacity: int, deep: int) -> Floats:
    """knapsack[k][m]: no k tasks of at most m buckets of minutes together are worth more; each slot is used once.

    Tasks come best first.
    """
    knapsack = np.zeros((deep + 1, capacity + 1))
    best_of_slot = np.ones(len(worth), np.bool_)
    by_slot = np.argsort(slot, kind="mergesort")
    for n in range(1, len(worth)):
        best_of_slot[by_slot[n]] = slot[by_slot[n]] != slot[by_slot[n - 1]]
    for i in range(len(worth)):
        if worth[i] <= 0.0:
            break
        if not best_of_slot[i]:
            continue
        for k in range(deep, 0, -1):
            before = MANY if k == MANY else k - 1
            for m in range(capacity, buckets[i] - 1, -1):
                knapsack[k, m] = max(knapsack[k, m], knapsack[before, m - buckets[i]] + worth[i])
    return knapsack


@kernel
def can_grow(
    threshold: Floats, knapsack: Floats, value: float, limit: float, bucket: int, left: int, capacity: int
) -> bool:
    """Whether, from value at bucket, limit more on at most `left` visits may pass the threshold at any bucket from
    there on.
    """
    if value + limit <= threshold[bucket] + EPSILON:
        return False
    for m in range(bucket, capacity + 1):
        if value + min(limit, knapsack[left, m - bucket]) > threshold[m] + EPSILON:
            return True
    return False


@allocating_inner
def buckets_taken(duration: Ints, bucket_size: int) -> Ints:
    """How many buckets a visit of each duration takes."""
    return duration // bucket_size if bucket_size > 0 else np.full(len(duration), min(1, -bucket_size), np.int64)


@inner
def bucket_after(bucket_size: int, capacity: int, bucket: int, more: int) -> int:
    """The bucket that a route comes to by a visit."""
    return int(min(capacity, bucket + more)) if bucket_size != 0 else 1
