"""What one volunteer can do on one day: the best routes at given prices, for every amount of service minutes.

Routes grow visit by visit, depth first, best option first. A branch is cut when no continuation can beat the best
route known for any amount of minutes: `after` bounds what place and time still allow, `pack`, `hours` and `service`
what the caps of the week, the clock and the cap of the day do, regardless of places. When a day is too rich to finish,
the branches left open are counted at their bounds: the upper profile stays valid for a proof.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.instance.jit import allocating
from solver.instance.travel import leg_between
from solver.pricing.completion_bounds import completions, grain_of, no_rest
from solver.pricing.extend import NEVER, NONE, PINNED, Day, branch, branches_for, go_on, pass_milestone, trail_from
from solver.pricing.knapsack_bounds import (
    EPSILON,
    GRAIN,
    MANY,
    NOTHING,
    can_grow,
    least_legs,
    legs_among,
    level_after,
    levels_taken,
    minute_bounds,
)
from solver.pricing.path import END, milestones_of, open_until
from solver.pricing.task_filter import choose, shortlist, without_hopeless, without_spare_calls

GLANCE = 150  # branches: with fewer, a day is only glanced at


@allocating
def day_routes(
    net: Any, options: Any, days: Any, values: Any, day: int, cost: float, unit: int, top: int, floor: float, bar: Any,
    room: int, behind: float, effort: int, most: int, halted: Any,
) -> Any:  # fmt: skip
    """(exact, upper, route, kept, kept_value, finished): what a day is worth at every level of service minutes.

    `values` are the options' worth at the current prices and `cost` the price of a minute's travel. With unit > 0
    level m means m * unit minutes (rounded down), with VISITS m visits, and `top` is the cap; with unit 0 levels only
    tell an empty route (0) from one with visits (1). Routes worth no more than `bar` at their level are not looked for:
    it rises with the best found, to `behind` less than that, and what passed it is kept; or, with `room`, it stays, and
    every route above it is kept, up to so many. Options worth at most `floor` (0 or below) are left out where the
    triangle inequality makes them worthless: everywhere but just before a call. After `effort` branches the rest are
    only bounded, and `finished` is false. Of more than `most` options only a shortlist is tried: then nothing is
    proven, and `upper` is endless. A route lists options and milestones in order, then END. Once `halted` the result
    means nothing.
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
    if good == len(chosen) and good > 0 and len(events) == last - first - 1:
        chosen = without_hopeless(net, first, last, options, values, chosen, days.max_visits[day], unit, top, bar)
        good = len(chosen)
    if not keep and behind == 0.0:  # of routes that are nearly best others may soon need those with spare calls
        chosen, good = without_spare_calls(options, chosen, good, days.max_visits[day])
    whole = len(chosen) <= most
    if not whole:
        rate = bar[top] / (net.window_end[last - 1] - net.window_start[first])
        chosen = shortlist(options, values, chosen, rate, most)
        good = min(good, most)
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
    level_of = levels_taken(duration, unit)
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
    placed = np.flatnonzero(place[:good] >= 0)
    state_of = np.full(count, -1, np.int64)
    for n in range(len(placed)):
        state_of[placed[n]] = n
    origins = len(placed)
    tables = effort >= GLANCE and good > 0
    grain, legs, after = 1, np.zeros((0, 0), np.int32), no_rest()
    if tables:
        legs = legs_among(net, first, last, place[placed])
    taking = duration[:good].copy()
    if not pinned and good == count:
        taking[placed] += least_legs(net, first, last, place[placed], slot[placed], legs)
    if tables:
        if pinned:
            legs[:] = 0  # a pinned visit may bring the volunteer anywhere
        grain = grain_of(begin, end, low[:good], step[:good], duration[:good], len(legs), deep, effort)
        tables = grain > 0
    if tables:
        after = completions(net, first, last, begin, grain, legs, cost, deep, about, state_of, halted)
    ends = open_until(net, first, last)
    hours = minute_bounds(worth[:good], taking // GRAIN, slot[:good], (ends[0] - begin) // GRAIN, deep)
    short = cap < ends[0] - begin
    service = minute_bounds(worth[:good], duration[:good] // GRAIN, slot[:good], cap // GRAIN if short else 0, deep)

    deadline = np.full(len(events) + 1, NEVER, np.int64)
    for k in range(len(events)):
        if events[k][1] >= 0:
            deadline[k] = events[k][2]
    about_day = Day(
        first, begin, cap, visits, good, unit, top, chosen, worth, low, high, step, duration, place, slot, window_of,
        level_of, state_of, deadline, stones, pinned, pack, hours, service, ends, tables, origins, grain, legs, after,
    )  # fmt: skip

    exact = np.full(top + 1, NOTHING)
    upper = np.full(top + 1, NOTHING)
    longest = visits + len(events) + 1
    route = np.full((top + 1, longest), END, np.int64)
    kept = np.full((16, longest), END, np.int64)
    kept_value = np.zeros(len(kept))
    kept_count = 0

    trail, branches = trail_from(about_day, net.window_origin[first], longest), branches_for(about_day, longest)
    following, open_branches = np.zeros(longest, np.int64), np.zeros(longest, np.int64)
    order = np.zeros((longest, count), np.int64)
    depth, nodes = 0, 0
    arrived = True  # a state is new: look at it as a whole route once
    while depth >= 0 and not halted[0]:
        w = trail.window[depth]
        if arrived:
            arrived = False
            if trail.passed[depth] == len(events):
                total, fits = trail.value[depth], True
                if trail.kind[depth] != NONE and net.window_return[w] >= 0:
                    leg = leg_between(
                        sphere, radians, matrix, detour, pace, overhead, trail.here[depth], net.window_return[w]
                    )
                    total -= cost * leg
                    fits = trail.kind[depth] == PINNED or trail.clock[depth] + leg <= net.window_end[w]
                m = trail.level[depth]
                if fits and (trail.used[depth] == 0 or total > bar[m]):
                    if total > exact[m]:
                        exact[m] = total
                        route[m, :depth] = trail.path[1 : depth + 1]
                        route[m, depth:] = END
                    if trail.used[depth] > 0 and (kept_count < room or not keep):
                        if kept_count == len(kept):
                            kept = np.concatenate((kept, np.full_like(kept, END)))
                            kept_value = np.concatenate((kept_value, np.zeros_like(kept_value)))
                        kept[kept_count, :depth] = trail.path[1 : depth + 1]
                        kept_value[kept_count] = total
                        kept_count += 1
                    elif trail.used[depth] > 0:
                        nodes = effort + 1
                    if not keep and trail.used[depth] > 0:
                        for higher in range(m, top + 1):
                            bar[higher] = max(bar[higher], total - behind)
            found = branch(net, about_day, trail, branches, depth, bar, cost, floor)
            promise = branches.value[depth, :found] + branches.rest[depth, :found]
            order[depth, :found] = np.argsort(-promise, kind="mergesort")
            following[depth], open_branches[depth] = -1, found
        child, n = depth + 1, following[depth]
        following[depth] += 1
        if n == -1:
            if trail.passed[depth] < len(events):
                _, visit, start = events[trail.passed[depth]]
                arrived = pass_milestone(net, about_day, trail, depth, visit, start, cost)
                depth = child if arrived else depth
            continue
        if n == open_branches[depth]:
            depth -= 1
            continue
        n = order[depth, n]
        i, total, rest = branches.pick[depth, n], branches.value[depth, n], branches.rest[depth, n]
        then = min(visits - trail.used[depth] - 1, deep)
        level = level_after(unit, top, trail.level[depth], level_of[i])
        if not can_grow(bar, pack, total, rest, level, then, top):
            continue
        if nodes > effort:
            for m in range(level, top + 1):
                upper[m] = max(upper[m], total + min(rest, pack[then, m - level]))
            continue
        nodes += 1
        go_on(about_day, trail, depth, i, branches.done[depth, n], total, level)
        depth, arrived = child, True
    for m in range(top + 1):
        upper[m] = max(upper[m], exact[m]) + EPSILON if whole else np.inf
    return exact, upper, route, kept[:kept_count], kept_value[:kept_count], whole and nodes <= effort
