"""What one volunteer can do on one day: the best routes at given prices, for every amount of service minutes.

Routes grow visit by visit, depth first, best option first. A branch is cut when no continuation can beat the best
route known for any amount of minutes: `after[start][visits]` bounds what place and time still allow (where a visit may
come twice), `pack[visits][level]` what the minutes still allow (each option once). When a day is
too rich to finish, the branches left open are counted at their bounds: the upper profile stays valid for a proof.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.compiled import allocating
from solver.cuts import (
    EPSILON,
    LOOKS,
    MANY,
    NOTHING,
    begin_at,
    buckets_of,
    can_grow,
    completions,
    least_legs,
    legs_among,
    minute_bounds,
)
from solver.paths import END, EVENT, milestones_of, open_until
from solver.travel import leg_between

GRAIN = 5  # minutes of the clock that are told apart when they are filled regardless of places
GLANCE = 150  # branches: with fewer, a day is only glanced at
NONE, FREE, PINNED = 0, 1, 2  # what the last visit of the current window is


@allocating
def choose(
    begin: int, end: int, options: Any, values: Any, floor: float, cap: int, reachable: bool, stones: bool
) -> tuple[Any, int]:
    """(options, good): the first `good` are worth more than the floor, best first; stepping stones follow."""
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
    return chosen[:count][np.argsort(rank[:count])], good


@allocating
def day_routes(
    net: Any, options: Any, days: Any, values: Any, day: int, cost: float, unit: int, top: int, floor: float, bar: Any,
    room: int, effort: int,
) -> Any:  # fmt: skip
    """(exact, upper, route, kept, kept_value, finished): what a day is worth at every level of service minutes.

    `values` are the options' worth at the current prices and `cost` the price of a minute's travel. With unit > 0
    level m means m * unit minutes (rounded down), with VISITS m visits, and `top` is the cap; with unit 0 levels only
    tell an empty route (0) from one with visits (1). Routes worth no more than `bar` at their level are not looked for:
    it rises with the best found, and what raised it is kept; or, with `room`, it stays, and every route above it is
    kept, up to so many. Options worth at most `floor` (0 or below) are left out where the triangle inequality makes
    them worthless: everywhere but just before a call. After `effort` branches the rest are only bounded, and `finished`
    is false. A route lists options and milestones in order, then END.
    """
    first, last = days.at[day], days.at[day + 1]
    volunteer = net.window_volunteer[first]
    sphere, radians, matrix, detour = net.sphere, net.radians, net.matrix, net.detour
    pace, overhead, reachable = net.metres_per_minute[volunteer], net.mode_overhead[volunteer], net.triangle
    events = milestones_of(net, days, day)
    keep, cap = room > 0, days.max_minutes[day]

    stones = False  # a visit before a call can move a leg from after the call to idle time before it: a stepping stone
    for _, visit, _ in events:
        stones = stones or (visit >= 0 and net.place[visit] < 0)
    for i in range(options.at[first], options.at[last]):
        stones = stones or (options.place[i] < 0 and values[i] > floor)
    stones = stones and reachable
    chosen, good = choose(options.at[first], options.at[last], options, values, floor, cap, reachable, stones)
    count = len(chosen)
    worth = values[chosen]
    low, high, step, duration = (
        options.low[chosen],
        options.high[chosen],
        options.step[chosen],
        options.duration[chosen],
    )
    place, slot = options.place[chosen], options.slot[chosen]
    window_of = np.searchsorted(options.at[first : last + 1], chosen, side="right") - 1 + first
    level_of = duration // unit if unit > 0 else np.full(count, min(1, -unit), np.int64)
    shortest = 1 << 40
    for i in range(count):
        shortest = min(shortest, duration[i])

    begin, end = net.window_start[first], net.window_end[last - 1]
    visits = min(days.max_visits[day], count)
    if count > 0:
        visits = min(visits, (end - begin) // shortest)
    deep = min(visits, MANY)
    pack = minute_bounds(worth, level_of, slot, top, deep)
    pinned = len(events) > last - first - 1
    about = (worth[:good], low[:good], high[:good], step[:good], duration[:good], slot[:good], window_of[:good])
    if effort < GLANCE:  # the bounds would take longer than the branches
        at, width = np.arange(good), high[:good] - low[:good] + step[:good]
        after = np.full((good, deep + 1), -NOTHING)
        legs = np.zeros((0, 0), np.int32)
    else:
        at, width = buckets_of(low[:good], high[:good], step[:good], LOOKS * effort // max(1, good))
        legs = legs_among(net, first, last, place[:good])
        if pinned:
            legs[:] = 0  # a pinned visit may bring the volunteer anywhere
        after = completions(net, first, last, legs, cost, deep, about, at, width)
    taking = duration[:good]
    if not pinned and good == count:
        taking = taking + least_legs(net, first, last, place, slot, legs)
    ends = open_until(net, first, last)
    hours = minute_bounds(worth[:good], taking // GRAIN, slot[:good], (ends[0] - begin) // GRAIN, deep)

    exact = np.full(top + 1, NOTHING)
    upper = np.full(top + 1, NOTHING)
    longest = visits + len(events) + 1
    route = np.full((top + 1, longest), END, np.int64)
    kept = np.full((16, longest), END, np.int64)
    kept_value = np.zeros(len(kept))
    kept_count = 0

    depths = longest
    clock, here, at_window = np.zeros(depths, np.int64), np.full(depths, -1, np.int64), np.zeros(depths, np.int64)
    value, level, used = np.zeros(depths), np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    minutes, passed, last_kind = np.zeros(depths, np.int64), np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    following, path, taken = np.zeros(depths, np.int64), np.zeros(depths, np.int64), np.zeros(depths, np.int64)
    clock[0], here[0], at_window[0] = begin, net.window_origin[first], first
    following[0] = -1
    depth, nodes = 0, 0
    arrived = True  # a state is new: look at it as a whole route once
    while depth >= 0:
        w = at_window[depth]
        if arrived:
            arrived = False
            if passed[depth] == len(events):
                total, fits = value[depth], True
                if last_kind[depth] != NONE and net.window_return[w] >= 0:
                    leg = leg_between(
                        sphere, radians, matrix, detour, pace, overhead, here[depth], net.window_return[w]
                    )
                    total -= cost * leg
                    fits = last_kind[depth] == PINNED or clock[depth] + leg <= net.window_end[w]
                m = level[depth]
                if fits and (used[depth] == 0 or total > bar[m]):
                    if total > exact[m]:
                        exact[m] = total
                        route[m, :depth] = path[1 : depth + 1]
                        route[m, depth:] = END
                    if used[depth] > 0 and (kept_count < room or not keep):
                        if kept_count == len(kept):
                            kept = np.concatenate((kept, np.full_like(kept, END)))
                            kept_value = np.concatenate((kept_value, np.zeros_like(kept_value)))
                        kept[kept_count, :depth] = path[1 : depth + 1]
                        kept_value[kept_count] = total
                        kept_count += 1
                    elif used[depth] > 0:
                        nodes = effort + 1
                    if not keep and used[depth] > 0:
                        for higher in range(m, top + 1):
                            bar[higher] = max(bar[higher], total)
        i = following[depth]
        following[depth] += 1
        if i == -1:
            if passed[depth] == len(events):
                continue
            _, visit, start = events[passed[depth]]
            child = depth + 1
            total, kind, ready, spot, within = value[depth], last_kind[depth], clock[depth], here[depth], w
            if visit >= 0:
                leg = leg_between(sphere, radians, matrix, detour, pace, overhead, spot, net.place[visit])
                total -= cost * leg
                ready, kind = start + net.duration[visit], PINNED
                spot = net.place[visit] if net.place[visit] >= 0 else spot
            else:
                if kind != NONE and net.window_return[w] >= 0:
                    leg = leg_between(sphere, radians, matrix, detour, pace, overhead, spot, net.window_return[w])
                    total -= cost * leg
                    if kind == FREE and ready + leg > net.window_end[w]:
                        continue
                within = w + 1
                ready, kind, spot = net.window_start[within], NONE, net.window_origin[within]
            clock[child], here[child], at_window[child], value[child] = ready, spot, within, total
            level[child], used[child], minutes[child] = level[depth], used[depth], minutes[depth]
            passed[child], last_kind[child] = passed[depth] + 1, kind
            following[child], path[child] = -1, EVENT - passed[depth]
            depth, arrived = child, True
            continue
        left = visits - used[depth]
        then = min(left - 1, deep)
        open_for = max(0, ends[w - first] - clock[depth]) // GRAIN
        if (
            i >= count
            or left == 0
            or not (
                value[depth] + worth[i] + min(pack[then, top - level[depth]], hours[then, open_for])
                > bar[level[depth]] + EPSILON
            )
        ):  # what follows in the list is worth even less
            depth -= 1
            continue
        if window_of[i] != w or high[i] < clock[depth] or minutes[depth] + duration[i] > cap:
            continue
        on_stone = stones and depth > 0 and path[depth] >= 0 and values[path[depth]] <= floor
        if on_stone and place[i] >= 0:
            continue
        twice = False
        for d in range(1, depth + 1):
            twice = twice or (path[d] >= 0 and taken[d] == slot[i])
        if twice:
            continue
        leg = leg_between(sphere, radians, matrix, detour, pace, overhead, here[depth], place[i])
        start = begin_at(net, w, low[i], step[i], duration[i], clock[depth] + leg)
        done = start + duration[i]
        if start > high[i] or (
            passed[depth] < len(events) and events[passed[depth]][1] >= 0 and done > events[passed[depth]][2]
        ):
            continue
        child = depth + 1
        value[child] = value[depth] + worth[i] - cost * leg
        level[child] = min(top, level[depth] + level_of[i]) if unit != 0 else 1
        clock[child], here[child], at_window[child] = done, place[i] if place[i] >= 0 else here[depth], w
        used[child], minutes[child] = used[depth] + 1, minutes[depth] + duration[i]
        passed[child], last_kind[child], following[child] = passed[depth], FREE, -1
        path[child], taken[child] = chosen[i], slot[i]
        if i < good:
            rest = min(
                after[at[i] + (start - low[i]) // width[i], then], hours[then, (ends[w - first] - done) // GRAIN]
            )
        else:
            rest = NOTHING
            for j in range(good):
                if (place[j] < 0 or pinned) and window_of[j] == w and then > 0:
                    call = begin_at(net, w, low[j], step[j], duration[j], done)
                    if call <= high[j]:
                        before = MANY if then == MANY else then - 1
                        rest = max(rest, worth[j] + after[at[j] + (call - low[j]) // width[j], before])
        if not can_grow(bar, pack, value[child], rest, level[child], then, top):
            continue
        if nodes > effort:
            for m in range(level[child], top + 1):
                upper[m] = max(upper[m], value[child] + min(rest, pack[then, m - level[child]]))
            continue
        nodes += 1
        depth, arrived = child, True
    for m in range(top + 1):
        upper[m] = max(upper[m], exact[m]) + EPSILON
    return exact, upper, route, kept[:kept_count], kept_value[:kept_count], nodes <= effort
