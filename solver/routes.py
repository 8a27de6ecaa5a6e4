"""What one volunteer can do on one day: the best routes at given prices, for every amount of service minutes.

Routes grow visit by visit, depth first, best option first. A branch is cut when no continuation can beat the best
route known for any amount of minutes: `after` bounds what place and time still allow, `pack`, `hours` and `service`
what the caps of the week, the clock and the cap of the day do, regardless of places. When a day is too rich to finish,
the branches left open are counted at their bounds: the upper profile stays valid for a proof.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from solver.compiled import allocating
from solver.completions import completions, grain_of, no_rest
from solver.cuts import EPSILON, MANY, NOTHING, begin_at, can_grow, least_legs, legs_among, minute_bounds
from solver.paths import END, EVENT, milestones_of, open_until
from solver.shortlist import choose, shortlist, without_spare_calls
from solver.travel import leg_between

GRAIN = 5  # minutes of the clock that are told apart when they are filled regardless of places
GLANCE = 150  # branches: with fewer, a day is only glanced at
NONE, FREE, PINNED = 0, 1, 2  # what the last visit of the current window is


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
    whole = len(chosen) <= most
    if not whole:
        rate = bar[top] / (net.window_end[last - 1] - net.window_start[first])
        chosen = shortlist(options, values, chosen, rate, most)
        good = min(good, most)
    elif not keep:
        chosen, good = without_spare_calls(options, chosen, good, days.max_visits[day])
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
    state, picked = np.full(depths, origins, np.int64), np.full(depths, count, np.int64)
    depth, nodes = 0, 0
    arrived = True  # a state is new: look at it as a whole route once
    while depth >= 0 and not halted[0]:
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
                            bar[higher] = max(bar[higher], total - behind)
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
            state[child] = origins + within - first
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
        known = tables and not pinned and state_of[i] >= 0 and state[depth] < origins + last - first
        if known:
            leg = int(legs[state[depth], state_of[i]])
        else:
            leg = leg_between(sphere, radians, matrix, detour, pace, overhead, here[depth], place[i])
        start = begin_at(net, w, low[i], step[i], duration[i], clock[depth] + leg)
        done = start + duration[i]
        if start > high[i] or (
            passed[depth] < len(events) and events[passed[depth]][1] >= 0 and done > events[passed[depth]][2]
        ):
            continue
        j = picked[depth] if depth > 0 and path[depth] >= 0 else good
        if i < good and j < good and (place[i] < 0 or place[j] < 0):  # a call: its turn does not matter for the legs
            before = depth - 1
            leg_i = leg_between(sphere, radians, matrix, detour, pace, overhead, here[before], place[i])
            leg_j = leg_between(sphere, radians, matrix, detour, pace, overhead, here[before], place[j])
            first_i = begin_at(net, w, low[i], step[i], duration[i], clock[before] + leg_i)
            then_j = begin_at(net, w, low[j], step[j], duration[j], first_i + duration[i] + leg_j)
            sooner = done - (then_j + duration[j])
            turn = place[i] < 0 and (place[j] >= 0 or i < j)
            if first_i <= high[i] and then_j <= high[j] and (sooner > 0 or (sooner == 0 and turn)):
                continue
        child = depth + 1
        value[child] = value[depth] + worth[i] - cost * leg
        level[child] = min(top, level[depth] + level_of[i]) if unit != 0 else 1
        clock[child], here[child], at_window[child] = done, place[i] if place[i] >= 0 else here[depth], w
        used[child], minutes[child] = used[depth] + 1, minutes[depth] + duration[i]
        passed[child], last_kind[child], following[child] = passed[depth], FREE, -1
        path[child], taken[child], picked[child] = chosen[i], slot[i], i
        state[child] = state[depth]
        if place[i] >= 0:
            state[child] = state_of[i] if i < good else origins + last - first + w - first
        rest = -NOTHING
        if i < good:
            rest = hours[then, (ends[w - first] - done) // GRAIN]
            if short:
                rest = min(rest, service[then, (cap - minutes[child]) // GRAIN])
            if tables:
                n, t = state[child], (done - begin) // grain
                next_slot, twice = after.next_slot[n, t, then], False
                for d in range(1, depth + 1):
                    twice = twice or (path[d] >= 0 and taken[d] == next_slot)
                rest = min(rest, after.second[n, t, then] if twice else after.best[n, t, then])
        elif tables:
            rest = NOTHING
            for j in range(good):
                if (place[j] < 0 or pinned) and window_of[j] == w and then > 0:
                    call = begin_at(net, w, low[j], step[j], duration[j], done)
                    if call <= high[j]:
                        before = MANY if then == MANY else then - 1
                        t = (call + duration[j] - begin) // grain
                        rest = max(rest, worth[j] + after.best[state[child], t, before])
        if not can_grow(bar, pack, value[child], rest, level[child], then, top):
            continue
        if nodes > effort:
            for m in range(level[child], top + 1):
                upper[m] = max(upper[m], value[child] + min(rest, pack[then, m - level[child]]))
            continue
        nodes += 1
        depth, arrived = child, True
    for m in range(top + 1):
        upper[m] = max(upper[m], exact[m]) + EPSILON if whole else np.inf
    return exact, upper, route, kept[:kept_count], kept_value[:kept_count], whole and nodes <= effort
