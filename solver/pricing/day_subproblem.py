"""What one volunteer can do on one day: the best routes at given duals, for every amount of service minutes.

Routes grow visit by visit, depth first, highest bound first. A branch is cut when no continuation can beat the best
route known for any amount of minutes: `after` bounds what place and time still allow, `knapsack`, `hours` and `service`
what the caps of the week, the clock and the cap of the day do, regardless of places. When a day is too rich to finish,
the branches left open are counted at their bounds: the upper profile stays valid for a proof.
"""

from __future__ import annotations

import numpy as np

from solver.instance.dtypes import NEVER, Bytes, Floats, Ints
from solver.instance.jit import allocating_inner
from solver.instance.travel import leg_min
from solver.pricing.completion_bounds import DayTasks, Grid, completions, grain_of, no_rest
from solver.pricing.extend import (
    NONE,
    PINNED,
    Day,
    empty_path,
    extend,
    list_extensions,
    pass_event,
    room_for_extensions,
)
from solver.pricing.instance import Instance, PricingLimits
from solver.pricing.knapsack_bounds import (
    EPSILON,
    GRAIN,
    MANY,
    NOTHING,
    bucket_after,
    buckets_taken,
    can_grow,
    least_legs,
    legs_among,
    minute_bounds,
)
from solver.pricing.path import END, fixed_events_of, open_until
from solver.pricing.task_filter import choose, restrict_tasks, without_hopeless, without_spare_calls


@allocating_inner
def day_routes(
    instance: Instance, values: Floats, day: int, cost: float, bucket_size: int, min_worth: float, threshold: Floats,
    room: int, limits: PricingLimits, halted: Bytes,
) -> tuple[Floats, Floats, Ints, Ints, Floats, bool]:  # fmt: skip
    """(exact, upper, route, kept, kept_value, finished): what a day is worth at every bucket of service minutes.

    `values` are the tasks' worth at the current duals and `cost` the dual of a minute's travel. With bucket_size > 0
    bucket m means m * bucket_size minutes (rounded down), with VISITS m visits, and the last is the cap; with 0 they
    only tell an empty route (0) from one with visits (1). Routes worth no more than `threshold` at their bucket are not
    looked for: it rises with the best found, to the tolerance less than that, and what passed it is kept; or, with
    `room`, it stays, and every route above it is kept, up to so many. Tasks worth at most `min_worth` (0 or below) are
    left out where the triangle inequality makes them worthless: everywhere but just before a call. Beyond the node
    limit branches are only bounded, and `finished` is false. Where tasks were restricted nothing is proven, and `upper`
    is endless. A route lists tasks and fixed events in order, then END. Once `halted` the result means nothing.

    `exact` and `upper` are float64 by bucket, `route` int64 [bucket, step], `kept` int64 [route, step].
    """
    net, tasks, days, _ = instance
    capacity = len(threshold) - 1
    first, last = days.at[day], days.at[day + 1]
    volunteer = net.window_volunteer[first]
    pace, overhead, reachable = net.metres_per_minute[volunteer], net.mode_overhead[volunteer], net.triangle
    events = fixed_events_of(net, days, day)
    keep, cap = room > 0, days.max_minutes[day]

    relays = False  # a visit before a call can move a leg from after the call to idle time before it: a relay visit
    for _, visit, _ in events:
        relays = relays or bool(visit >= 0 and net.place[visit] < 0)
    for i in range(tasks.at[first], tasks.at[last]):
        relays = relays or (tasks.place[i] < 0 and values[i] > min_worth)
    relays = relays and reachable
    chosen, good = choose(tasks.at[first], tasks.at[last], tasks, values, min_worth, cap, reachable, relays)
    if good == len(chosen) and good > 0 and len(events) == last - first - 1:
        chosen = without_hopeless(instance, day, values, chosen, bucket_size, threshold)
        good = len(chosen)
    if (
        not keep and limits.tolerance == 0.0
    ):  # of routes that are nearly best others may soon need those with spare calls
        chosen, good = without_spare_calls(tasks, chosen, good, days.max_visits[day])
    whole = len(chosen) <= limits.max_tasks
    if not whole:
        rate = threshold[capacity] / (net.window_end[last - 1] - net.window_start[first])
        chosen = restrict_tasks(tasks, values, chosen, rate, limits)
        good = min(good, limits.max_tasks)
    count = len(chosen)
    worth = values[chosen]
    low, high, step, duration = (
        tasks.low[chosen],
        tasks.high[chosen],
        tasks.step[chosen],
        tasks.duration[chosen],
    )
    place, slot = tasks.place[chosen], tasks.slot[chosen]
    window_of = np.searchsorted(tasks.at[first : last + 1], chosen, side="right") - 1 + first
    bucket_of = buckets_taken(duration, bucket_size)
    shortest = 1 << 40
    for i in range(count):
        shortest = min(shortest, duration[i])

    begin, end = net.window_start[first], net.window_end[last - 1]
    visits = min(days.max_visits[day], count)
    if count > 0:
        visits = min(visits, (end - begin) // shortest)
    deep = min(visits, MANY)
    knapsack = minute_bounds(worth, bucket_of, slot, capacity, deep)
    pinned = len(events) > last - first - 1
    placed = np.flatnonzero(place[:good] >= 0)
    state_of = np.full(count, -1, np.int64)
    for n in range(len(placed)):
        state_of[placed[n]] = n
    origins = len(placed)
    good_tasks = DayTasks(
        worth[:good], low[:good], high[:good], step[:good], duration[:good], slot[:good], window_of[:good],
        state_of[:good],
    )  # fmt: skip
    tables = limits.max_nodes >= limits.params.table_nodes and good > 0
    grain, legs, after = 1, np.zeros((0, 0), np.int32), no_rest()
    if tables:
        legs = legs_among(net, first, last, place[placed])
    taking = duration[:good].copy()
    if not pinned and good == count:
        taking[placed] += least_legs(net, first, last, place[placed], slot[placed], legs)
    if tables:
        if pinned:
            legs[:] = 0  # a pinned visit may bring the volunteer anywhere
        grain = grain_of(begin, end, good_tasks, len(legs), deep, limits)
        tables = grain > 0
    if tables:
        after = completions(net, Grid(first, last, begin, grain, cost), deep, good_tasks, legs, halted)
    ends = open_until(net, first, last)
    hours = minute_bounds(worth[:good], taking // GRAIN, slot[:good], (ends[0] - begin) // GRAIN, deep)
    short = cap < ends[0] - begin
    service = minute_bounds(worth[:good], duration[:good] // GRAIN, slot[:good], cap // GRAIN if short else 0, deep)

    deadline = np.full(len(events) + 1, NEVER, np.int64)
    for k in range(len(events)):
        if events[k][1] >= 0:
            deadline[k] = events[k][2]
    about_day = Day(
        first, begin, cap, visits, good, bucket_size, capacity, chosen, worth, low, high, step, duration, place, slot,
        window_of, bucket_of, state_of, deadline, relays, pinned, knapsack, hours, service, ends, tables, origins,
        grain, legs, after,
    )  # fmt: skip

    exact = np.full(capacity + 1, NOTHING)
    upper = np.full(capacity + 1, NOTHING)
    longest = visits + len(events) + 1
    route = np.full((capacity + 1, longest), END, np.int64)
    kept = np.full((16, longest), END, np.int64)
    kept_value = np.zeros(len(kept))
    kept_count = 0

    partial, extensions = (
        empty_path(about_day, net.window_origin[first], longest),
        room_for_extensions(about_day, longest),
    )
    following, open_extensions = np.zeros(longest, np.int64), np.zeros(longest, np.int64)
    order = np.zeros((longest, count), np.int64)
    depth, nodes = int(np.int64(0)), 0  # a bare 0 would compile once more whatever is handed it
    arrived = True  # a state is new: value it as a whole route once
    while depth >= 0 and not halted[0]:
        w = partial.window[depth]
        if arrived:
            arrived = False
            if partial.passed[depth] == len(events):
                total, fits = partial.value[depth], True
                if partial.kind[depth] != NONE and net.window_return[w] >= 0:
                    leg = leg_min(net.travel, pace, overhead, partial.here[depth], net.window_return[w])
                    total -= cost * leg
                    fits = partial.kind[depth] == PINNED or partial.clock[depth] + leg <= net.window_end[w]
                m = partial.bucket[depth]
                if fits and (partial.used[depth] == 0 or total > threshold[m]):
                    if total > exact[m]:
                        exact[m] = total
                        route[m, :depth] = partial.path[1 : depth + 1]
                        route[m, depth:] = END
                    if partial.used[depth] > 0 and (kept_count < room or not keep):
                        if kept_count == len(kept):
                            kept = np.concatenate((kept, np.full_like(kept, END)))
                            kept_value = np.concatenate((kept_value, np.zeros_like(kept_value)))
                        kept[kept_count, :depth] = partial.path[1 : depth + 1]
                        kept_value[kept_count] = total
                        kept_count += 1
                    elif partial.used[depth] > 0:
                        nodes = limits.max_nodes + 1
                    if not keep and partial.used[depth] > 0:
                        for higher in range(m, capacity + 1):
                            threshold[higher] = max(threshold[higher], total - limits.tolerance)
            found = list_extensions(net, about_day, partial, extensions, depth, threshold, cost, min_worth)
            potential = extensions.value[depth, :found] + extensions.rest[depth, :found]
            order[depth, :found] = np.argsort(-potential, kind="mergesort")
            following[depth], open_extensions[depth] = -1, found
        child, n = depth + 1, following[depth]
        following[depth] += 1
        if n == -1:
            if partial.passed[depth] < len(events):
                _, visit, start = events[partial.passed[depth]]
                arrived = pass_event(net, about_day, partial, depth, visit, start, cost)
                depth = child if arrived else depth
            continue
        if n == open_extensions[depth]:
            depth -= 1
            continue
        n = order[depth, n]
        i, total, rest = extensions.pick[depth, n], extensions.value[depth, n], extensions.rest[depth, n]
        then = min(visits - partial.used[depth] - 1, deep)
        bucket = bucket_after(bucket_size, capacity, partial.bucket[depth], bucket_of[i])
        if not can_grow(threshold, knapsack, total, rest, bucket, then, capacity):
            continue
        if nodes > limits.max_nodes:
            for m in range(bucket, capacity + 1):
                upper[m] = max(upper[m], total + min(rest, knapsack[then, m - bucket]))
            continue
        nodes += 1
        extend(about_day, partial, depth, i, extensions.done[depth, n], total, bucket)
        depth, arrived = child, True
    for m in range(capacity + 1):
        upper[m] = max(upper[m], exact[m]) + EPSILON if whole else np.inf
    return exact, upper, route, kept[:kept_count], kept_value[:kept_count], whole and nodes <= limits.max_nodes
