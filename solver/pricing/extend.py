"""How a route may go on at some point of a day: the visits still open, each with a bound on what may follow it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import Floats, Ints, Small
from solver.instance.jit import allocating_inner, inner
from solver.instance.time_grid import begin_at
from solver.instance.travel import leg_min
from solver.pricing.completion_bounds import Rest
from solver.pricing.knapsack_bounds import EPSILON, GRAIN, MANY, NOTHING, bucket_after, can_grow
from solver.pricing.path import EVENT
from solver.pricing.tasks import PricingNetwork

NONE, FREE, PINNED = 0, 1, 2  # what the last visit of the current window is


class Day(NamedTuple):
    """A day at some duals: its tasks (the `good` first, best first), fixed events, and bounds on what fits in."""

    first: int  # window
    begin: int
    cap: int  # service minutes
    visits: int
    good: int
    bucket_size: int
    capacity: int
    task: Ints  # from here on by task of this day; times in minutes
    worth: Floats
    low: Ints
    high: Ints
    step: Ints
    duration: Ints
    place: Small
    slot: Small
    window_of: Ints
    bucket_of: Ints
    state_of: Ints  # in `legs` and `after`; -1 for calls
    deadline: Ints  # by fixed events passed: when the next one begins, if it is a pinned visit
    relays: bool  # visits worth nothing may serve as relay visits before a call
    pinned: bool
    knapsack: Floats  # `minute_bounds` by buckets, by grains of the clock, by grains of service
    hours: Floats
    service: Floats
    ends: Ints  # `open_until`
    tables: bool
    origins: int
    grain: int
    legs: Small
    after: Rest


class PartialPath(NamedTuple):
    """The route under way: what holds after each of its steps."""

    path: Ints  # tasks and fixed events
    clock: Ints
    here: Ints
    window: Ints
    value: Floats
    bucket: Ints
    used: Ints  # visits
    minutes: Ints
    passed: Ints  # fixed events
    kind: Ints  # of the last visit
    picked: Ints  # tasks of this day
    state: Ints  # in the tables


class Extensions(NamedTuple):
    """The visits that could come next, [step, branch], in the order of the day's tasks."""

    pick: Ints  # task of this day
    done: Ints  # minute
    value: Floats  # of the route with it
    rest: Floats  # what may follow adds at most


@allocating_inner
def empty_path(day: Day, here: int, longest: int) -> PartialPath:
    """A route without steps at the beginning of the day, with room for so many."""
    zeros = np.zeros(longest, np.int64)
    partial = PartialPath(
        zeros, zeros.copy(), zeros.copy(), zeros.copy(), np.zeros(longest), zeros.copy(), zeros.copy(), zeros.copy(),
        zeros.copy(), zeros.copy(), zeros.copy(), zeros.copy(),
    )  # fmt: skip
    partial.clock[0], partial.here[0], partial.window[0] = day.begin, here, day.first
    partial.state[0], partial.picked[0] = day.origins, day.good
    return partial


@allocating_inner
def room_for_extensions(day: Day, longest: int) -> Extensions:
    """Room for the branches of routes of so many steps."""
    shape = longest, len(day.task)
    return Extensions(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape))


@inner
def list_extensions(
    net: PricingNetwork,
    day: Day,
    partial: PartialPath,
    extensions: Extensions,
    depth: int,
    threshold: Floats,
    cost: float,
    min_worth: float,
) -> int:
    """List the visits that may come next and lead past the threshold; how many there are.

    One long loop with everything at hand: to hand over a network or a day costs more than most tests here.
    """
    left = day.visits - partial.used[depth]
    if left == 0:
        return 0
    worth, place, slot, window_of, tables = day.worth, day.place, day.slot, day.window_of, day.tables
    low, high, step, duration, bucket_of = day.low, day.high, day.step, day.duration, day.bucket_of
    knapsack, legs, after, good, state_of = day.knapsack, day.legs, day.after, day.good, day.state_of
    path, picked = partial.path, partial.picked
    volunteer = net.window_volunteer[day.first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    w, bucket, value, clock = partial.window[depth], partial.bucket[depth], partial.value[depth], partial.clock[depth]
    here, state, minutes = partial.here[depth], partial.state[depth], partial.minutes[depth]
    end, deadline = day.ends[w - day.first], day.deadline[partial.passed[depth]]
    then, count = min(left - 1, len(knapsack) - 1), 0
    most = day.hours[then, max(0, end - clock) // GRAIN]
    known_state = tables and not day.pinned and state < day.origins + len(day.ends)
    j = picked[depth] if depth > 0 and path[depth] >= 0 else len(worth)
    on_relay = day.relays and j < len(worth) and worth[j] <= min_worth
    for i in range(len(worth)):
        if not value + worth[i] + min(knapsack[then, day.capacity - bucket], most) > threshold[bucket] + EPSILON:
            break  # what follows in the list is worth even less
        if window_of[i] != w or high[i] < clock or minutes + duration[i] > day.cap or (on_relay and place[i] >= 0):
            continue
        if visited(path, picked, slot, depth, slot[i]):
            continue
        if known_state and state_of[i] >= 0:
            leg = int(legs[state, state_of[i]])
        else:
            leg = leg_min(net.travel, pace, overhead, here, place[i])
        start = begin_at(net.busy, net.busy_at, w, low[i], step[i], duration[i], clock + leg)
        done = start + duration[i]
        if start > high[i] or done > deadline:
            continue
        if i < good and j < good and (place[i] < 0 or place[j] < 0):  # a call: its turn does not matter for the legs
            before = depth - 1
            leg_i = leg_min(net.travel, pace, overhead, partial.here[before], place[i])
            leg_j = leg_min(net.travel, pace, overhead, partial.here[before], place[j])
            first_i = begin_at(net.busy, net.busy_at, w, low[i], step[i], duration[i], partial.clock[before] + leg_i)
            then_j = begin_at(net.busy, net.busy_at, w, low[j], step[j], duration[j], first_i + duration[i] + leg_j)
            sooner = done - (then_j + duration[j])
            i_first = place[i] < 0 and (place[j] >= 0 or i < j)
            if first_i <= high[i] and then_j <= high[j] and (sooner > 0 or (sooner == 0 and i_first)):
                continue
        total, reached = value + worth[i] - cost * leg, state_after(day, state, place[i], i, w)
        if i < good:
            rest = day.hours[then, (end - done) // GRAIN]
            if day.service.shape[1] > 1:
                rest = min(rest, day.service[then, (day.cap - minutes - duration[i]) // GRAIN])
            if tables:
                t = (done - day.begin) // day.grain
                again = visited(path, picked, slot, depth, after.next_slot[reached, t, then])
                rest = min(rest, after.second[reached, t, then] if again else after.best[reached, t, then])
        elif tables:
            rest = NOTHING
            for c in range(good):
                if (place[c] < 0 or day.pinned) and window_of[c] == w and then > 0:
                    call = begin_at(net.busy, net.busy_at, w, low[c], step[c], duration[c], done)
                    if call <= high[c]:
                        t = (call + duration[c] - day.begin) // day.grain
                        rest = max(rest, worth[c] + after.best[reached, t, MANY if then == MANY else then - 1])
        else:
            rest = -NOTHING
        if can_grow(
            threshold,
            knapsack,
            total,
            rest,
            bucket_after(day.bucket_size, day.capacity, bucket, bucket_of[i]),
            then,
            day.capacity,
        ):
            extensions.pick[depth, count], extensions.done[depth, count] = i, done
            extensions.value[depth, count], extensions.rest[depth, count] = total, rest
            count += 1
    return count


@inner
def extend(day: Day, partial: PartialPath, depth: int, i: int, done: int, value: float, bucket: int) -> None:
    """Take a visit as the next step."""
    child, w = depth + 1, partial.window[depth]
    partial.path[child], partial.picked[child], partial.window[child] = day.task[i], i, w
    partial.clock[child], partial.value[child], partial.bucket[child] = done, value, bucket
    partial.here[child] = day.place[i] if day.place[i] >= 0 else partial.here[depth]
    partial.used[child], partial.minutes[child] = partial.used[depth] + 1, partial.minutes[depth] + day.duration[i]
    partial.passed[child], partial.kind[child] = partial.passed[depth], FREE
    partial.state[child] = state_after(day, partial.state[depth], day.place[i], i, w)


@inner
def pass_event(
    net: PricingNetwork, day: Day, partial: PartialPath, depth: int, visit: int, start: int, cost: float
) -> bool:
    """Take the next fixed event as the next step: a pinned visit, or (-1) the next window; whether that is possible."""
    volunteer = net.window_volunteer[day.first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    child, w, spot, ready = depth + 1, partial.window[depth], partial.here[depth], partial.clock[depth]
    value, kind = partial.value[depth], partial.kind[depth]
    if visit >= 0:
        value -= cost * leg_min(net.travel, pace, overhead, spot, net.place[visit])
        ready, kind = start + net.duration[visit], PINNED
        spot = net.place[visit] if net.place[visit] >= 0 else spot
    else:
        if kind != NONE and net.window_return[w] >= 0:
            leg = leg_min(net.travel, pace, overhead, spot, net.window_return[w])
            value -= cost * leg
            if kind == FREE and ready + leg > net.window_end[w]:
                return False
        w += 1
        ready, kind, spot = net.window_start[w], NONE, net.window_origin[w]
    partial.path[child], partial.picked[child] = EVENT - partial.passed[depth], len(day.task)
    partial.clock[child], partial.here[child], partial.window[child], partial.value[child] = ready, spot, w, value
    partial.bucket[child], partial.used[child] = partial.bucket[depth], partial.used[depth]
    partial.minutes[child], partial.passed[child] = partial.minutes[depth], partial.passed[depth] + 1
    partial.kind[child], partial.state[child] = kind, day.origins + w - day.first
    return True


@inner
def state_after(day: Day, state: int, place: int, i: int, w: int) -> int:
    """The state in the tables that a visit leads to."""
    if place < 0:
        return state
    return int(day.state_of[i]) if i < day.good else day.origins + len(day.ends) + w - day.first


@inner
def visited(path: Ints, picked: Ints, slot_of: Small, depth: int, slot: int) -> bool:
    """Whether the route visits the slot."""
    for d in range(1, depth + 1):  # noqa: SIM110 - compiled, a loop is faster than any()
        if path[d] >= 0 and slot_of[picked[d]] == slot:
            return True
    return False
