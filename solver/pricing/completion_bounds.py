"""Upper bounds on what the rest of a day can add to a route, by place and time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.instance.jit import allocating, inner
from solver.instance.time_grid import begin_at
from solver.pricing.knapsack_bounds import MANY, NOTHING

WORK = 200_000  # entries in a table for every branch that may be tried
TOO_MUCH = 10  # times that work
GRAINS = (10, 5, 2, 1)  # minutes


class Rest(NamedTuple):
    """What the rest of a route is worth at most: [state, time, visits].

    A state is the place of the last visit to any (by the number of its task among those that have a place), then for
    every window its origin, where none has been visited yet, and then for every window an unknown place. Time is
    counted in grains from the beginning of the day.
    """

    best: Any
    second: Any  # with another next visit than the best
    next_slot: Any  # of the best; -1 for none


@allocating
def no_rest() -> Rest:
    """No table at all."""
    return Rest(np.zeros((0, 0, 0)), np.zeros((0, 0, 0)), np.zeros((0, 0, 0), np.int32))


@allocating
def grain_of(begin: int, end: int, low: Any, step: Any, duration: Any, states: int, deep: int, max_nodes: int) -> int:
    """The finest grain that the node limit pays for and that tells apart what could matter; never longer than a visit.

    0 where even the coarsest would take far too long.
    """
    grain, shortest = 1, end - begin
    for i in range(len(low)):
        shortest = min(shortest, duration[i])
    work = float(states) * len(low) * (deep + 1) * (end - begin)
    for wanted in GRAINS:
        if wanted <= shortest and (grain == 1 or work / wanted <= WORK * max_nodes):
            grain = wanted
            odd = np.any((low - begin) % grain) or np.any(step % grain) or np.any(duration % grain)
            if not odd:
                break
    return grain if work / grain <= TOO_MUCH * WORK * max_nodes else 0


@allocating
def completions(
    net: Any, first: int, last: int, begin: int, grain: int, legs: Any, cost: float, deep: int, chosen: Any, spot: Any,
    halted: Any,
) -> Rest:  # fmt: skip
    """The rest of a route after every visit. Exact but for slots visited again later than at once, and whole grains.

    `spot` is the state of each task, or -1 for calls, which leave the volunteer where they are; `legs` has a row for
    every state. From the end backwards (Bellman, "Dynamic Programming", 1957), without cycles of two (Christofides,
    Mingozzi and Toth, "Exact algorithms for the vehicle routing problem", 1981).
    """
    worth, low, high, step, duration, slot, window_of = chosen
    windows = last - first
    count, spots, times = len(worth), len(legs) - 2 * windows, (net.window_end[last - 1] - begin) // grain + 1
    shape = len(legs), times, deep + 1
    rest = Rest(np.full(shape, NOTHING), np.full(shape, NOTHING), np.full(shape, -1, np.int32))
    own, within = np.full(len(legs), -1, np.int64), np.zeros(len(legs), np.int64)
    soonest = np.zeros(len(legs), np.int64)  # no state is reached before
    near, ends = np.zeros((len(legs), count), np.int32), np.full((count, times), -1, np.int32)
    for w in range(first, last):
        for unknown in (0, windows):
            within[spots + w - first + unknown] = w
            soonest[spots + w - first + unknown] = (net.window_start[w] - begin) // grain
    for i in range(count):
        for t in range(times):
            start = begin_at(net, window_of[i], low[i], step[i], duration[i], begin + t * grain)
            if start <= high[i]:
                ends[i, t] = (start + duration[i] - begin) // grain
        if spot[i] >= 0:
            own[spot[i]], within[spot[i]] = slot[i], window_of[i]
            whole = (low[i] - begin) % grain == 0 and step[i] % grain == 0
            for q in range(len(legs)):
                near[q, i] = (legs[q, spot[i]] + (grain - 1 if whole else 0)) // grain
            origin = spots + window_of[i] - first
            arrival = soonest[origin] + (near[origin, i] if net.triangle else 0)
            soonest[spot[i]] = ends[i, arrival] if arrival < times and ends[i, arrival] >= 0 else times
    nearest, least_leg = np.full(count, times, np.int64), np.full(count, np.inf)
    for i in range(count):
        for q in range(len(legs)):
            if spot[i] >= 0 and within[q] == window_of[i] and own[q] != slot[i]:
                nearest[i], least_leg[i] = min(nearest[i], near[q, i]), min(least_leg[i], legs[q, spot[i]])
    ready, most = np.full((times, count), NOTHING), np.empty(count)
    for k in range(deep + 1):
        for w in range(last - 1, first - 1, -1):
            until = (net.window_end[w] - begin) // grain
            mine = np.flatnonzero(window_of == w)
            for t in range(until, (net.window_start[w] - begin) // grain - 1, -1):
                if halted[0]:
                    return rest
                if k > 0:
                    first_visits(
                        rest, t, k, until, mine, worth, spot, ends, soonest, nearest, least_leg, cost, ready, most
                    )
                order = mine[np.argsort(-most[mine])] if k > 0 else mine[:0]
                fill(
                    net, first, last, begin, grain, legs, cost, worth, slot, spot, own, within, near, ends, soonest,
                    rest, w, t, k, order, ready, most,
                )  # fmt: skip
    return rest


@inner
def first_visits(
    rest: Any, t: int, k: int, until: int, mine: Any, worth: Any, spot: Any, ends: Any, soonest: Any, nearest: Any,
    least_leg: Any, cost: float, ready: Any, most: Any,
) -> None:  # fmt: skip
    """What k visits from time t on, tasks of `mine` first, are worth: in `ready` on the spot, in `most` at most."""
    before = MANY if k == MANY else k - 1
    for i in mine:
        ready[t, i] = most[i] = NOTHING
        if spot[i] < 0:
            if ends[i, t] >= 0:
                most[i] = -NOTHING
            continue
        if ends[i, t] >= 0:
            done = max(ends[i, t], soonest[spot[i]])
            if done <= until:
                ready[t, i] = worth[i] + rest.best[spot[i], done, before]
        if t + nearest[i] <= until:
            most[i] = ready[t + nearest[i], i] - cost * least_leg[i]


@inner
def fill(
    net: Any, first: int, last: int, begin: int, grain: int, legs: Any, cost: float, worth: Any, slot: Any, spot: Any,
    own: Any, within: Any, near: Any, ends: Any, soonest: Any, rest: Any, w: int, t: int, k: int, order: Any,
    ready: Any, most: Any,
) -> None:  # fmt: skip
    """The rest of a route from time t on after any visit, k more at most; the best tasks first, as far as needed."""
    best, second, next_slot = rest
    home, until, before = len(legs) - 2 * (last - first) + w - first, (net.window_end[w] - begin) // grain, k - 1
    if k == MANY:
        before = MANY
    for q in range(len(legs)):
        if within[q] != w or t < soonest[q]:
            continue
        if t < until:
            best[q, t, k], second[q, t, k] = best[q, t + 1, k], second[q, t + 1, k]
            next_slot[q, t, k] = next_slot[q, t + 1, k]
        if begin + t * grain + legs[q, home] <= net.window_end[w]:
            later = 0.0
            if w + 1 < last:
                later = max(0.0, best[home + 1, (net.window_start[w + 1] - begin) // grain, k])
            enter(rest, q, t, k, later - cost * legs[q, home], -1)
        for i in order:
            if most[i] <= second[q, t, k]:
                break
            if slot[i] == own[q]:
                continue
            then, barred, gain, done = q, slot[i], worth[i], ends[i, t]
            if spot[i] >= 0:
                arrival = t + near[q, i]
                if arrival > until:
                    continue
                leg = cost * legs[q, spot[i]]
                if ready[arrival, i] - leg <= second[q, t, k]:
                    continue
                then, barred, gain = spot[i], own[q], worth[i] - leg
                done = max(ends[i, arrival], soonest[then])
            if next_slot[then, done, before] == barred and barred >= 0:
                enter(rest, q, t, k, gain + second[then, done, before], slot[i])
            else:
                enter(rest, q, t, k, gain + best[then, done, before], slot[i])


@inner
def enter(rest: Any, q: int, t: int, k: int, value: float, slot: int) -> None:
    """Enter a rest of the route that begins with a visit to `slot`."""
    if value > rest.best[q, t, k]:
        if slot != rest.next_slot[q, t, k]:
            rest.second[q, t, k] = rest.best[q, t, k]
        rest.best[q, t, k], rest.next_slot[q, t, k] = value, slot
    elif slot != rest.next_slot[q, t, k] and value > rest.second[q, t, k]:
        rest.second[q, t, k] = value
