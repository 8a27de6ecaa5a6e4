"""Upper bounds on what the rest of a day can add to a route, by place and time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import Bytes, Floats, Ints, Small
from solver.instance.jit import allocating, allocating_inner, inner
from solver.instance.time_grid import begin_at
from solver.pricing.instance import PricingLimits
from solver.pricing.knapsack_bounds import MANY, NOTHING
from solver.pricing.tasks import PricingNetwork


class Grid(NamedTuple):
    """A day whose time is counted in grains."""

    first: int  # window
    last: int  # the window after
    begin: int  # minute
    grain: int  # minutes
    cost: float  # of a leg minute


class DayTasks(NamedTuple):
    """The tasks of a day that a table knows, best first; times in minutes."""

    worth: Floats
    low: Ints
    high: Ints
    step: Ints
    duration: Ints
    slot: Small
    window_of: Ints
    state_of: Ints  # -1 for calls, which leave the volunteer where they are


class States(NamedTuple):
    """Where a route may have come to.

    A state is the place of the last visit to any (by the number of its task among those that have a place), then for
    every window its origin, where none has been visited yet, and then for every window an unknown place.
    """

    slot: Ints  # of that task; -1 for none
    window: Ints
    soonest: Ints  # grain
    legs: Small  # [state, place or return], minutes
    near: Small  # [state, task], grains of the leg


class NextVisits(NamedTuple):
    """The visits that may come next."""

    ends: Small  # [task, grain]: when a visit ends to which somebody is there; -1 where it is too late
    nearest: Ints  # grains of the shortest leg to each task
    least_leg: Floats  # minutes of it
    ready: Floats  # [grain, task]: what the rest is worth to somebody on the spot
    most: Floats  # by task: the same to anybody, at most


class Rest(NamedTuple):
    """What the rest of a route is worth at most: [state, grain, visits]."""

    best: Floats
    second: Floats  # with another next visit than the best
    next_slot: Small  # of the best; -1 for none


@allocating_inner
def no_rest() -> Rest:
    """No table at all."""
    return Rest(np.zeros((0, 0, 0)), np.zeros((0, 0, 0)), np.zeros((0, 0, 0), np.int32))


@allocating_inner
def grain_of(begin: int, end: int, tasks: DayTasks, states: int, deep: int, limits: PricingLimits) -> int:
    """The finest grain that the node limit pays for and that tells apart what could matter; never longer than a visit.

    0 where even the coarsest would take far too long.
    """
    params, low, step, duration = limits.params, tasks.low, tasks.step, tasks.duration
    most_work = params.table_work * limits.max_nodes
    grain, shortest = 1, end - begin
    for i in range(len(low)):
        shortest = min(shortest, duration[i])
    work = float(states) * len(low) * (deep + 1) * (end - begin)
    for wanted in params.grains:
        if wanted <= shortest and (grain == 1 or work / wanted <= most_work):
            grain = wanted
            odd = np.any((low - begin) % grain) or np.any(step % grain) or np.any(duration % grain)
            if not odd:
                break
    return grain if work / grain <= params.most_work * most_work else 0


@allocating
def completions(net: PricingNetwork, grid: Grid, deep: int, tasks: DayTasks, legs: Small, halted: Bytes) -> Rest:
    """The rest of a route after every visit. Exact but for slots visited again later than at once, and whole grains.

    `legs` has a row for every state. From the end backwards (Bellman, "Dynamic Programming", 1957), without cycles of
    two (Christofides, Mingozzi and Toth, "Exact algorithms for the vehicle routing problem", 1981).
    """
    first, last, begin, grain, _ = grid
    low, high, step, duration, slot, window_of, spot = (
        tasks.low, tasks.high, tasks.step, tasks.duration, tasks.slot, tasks.window_of, tasks.state_of,
    )  # fmt: skip
    windows = last - first
    count, spots, times = len(low), len(legs) - 2 * windows, (net.window_end[last - 1] - begin) // grain + 1
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
            ready_min = begin + t * grain
            start = begin_at(net.busy, net.busy_at, window_of[i], low[i], step[i], duration[i], ready_min)
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
    states = States(own, within, soonest, legs, near)
    following = NextVisits(ends, nearest, least_leg, np.full((times, count), NOTHING), np.empty(count))
    for k in range(deep + 1):
        for w in range(last - 1, first - 1, -1):
            until = (net.window_end[w] - begin) // grain
            mine = np.flatnonzero(window_of == w)
            for t in range(until, (net.window_start[w] - begin) // grain - 1, -1):
                if halted[0]:
                    return rest
                if k > 0:
                    first_visits(rest, tasks, states, following, t, k, until, mine, grid.cost)
                order = mine[np.argsort(-following.most[mine])] if k > 0 else mine[:0]
                fill(net, grid, tasks, states, following, rest, w, t, k, order)
    return rest


@inner
def first_visits(
    rest: Rest, tasks: DayTasks, states: States, following: NextVisits, t: int, k: int, until: int, mine: Ints,
    cost: float,
) -> None:  # fmt: skip
    """What k visits from time t on, tasks of `mine` first, are worth: `ready` and `most`."""
    worth, spot, soonest = tasks.worth, tasks.state_of, states.soonest
    ends, nearest, least_leg, ready, most = following
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
    net: PricingNetwork, grid: Grid, tasks: DayTasks, states: States, following: NextVisits, rest: Rest, w: int, t: int,
    k: int, order: Ints,
) -> None:  # fmt: skip
    """The rest of a route from time t on after any visit, k more at most; the best tasks first, as far as needed."""
    first, last, begin, grain, cost = grid
    worth, slot, spot = tasks.worth, tasks.slot, tasks.state_of
    own, within, soonest, legs, near = states
    ends, ready, most = following.ends, following.ready, following.most
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
def enter(rest: Rest, q: int, t: int, k: int, value: float, slot: int) -> None:
    """Enter a rest of the route that begins with a visit to `slot`."""
    if value > rest.best[q, t, k]:
        if slot != rest.next_slot[q, t, k]:
            rest.second[q, t, k] = rest.best[q, t, k]
        rest.best[q, t, k], rest.next_slot[q, t, k] = value, slot
    elif slot != rest.next_slot[q, t, k] and value > rest.second[q, t, k]:
        rest.second[q, t, k] = value
