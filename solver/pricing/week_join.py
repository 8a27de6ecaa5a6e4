"""The best week of every volunteer at given duals: days from `day_subproblem.py` joined under the caps of the week.

Caps per day hold inside a day's routes, a cap on the minutes or the visits of the week and the load on the volunteer in
the joining, so none of them needs a dual. Where both caps of the week can bind, only the tighter one is kept (a bound
stays valid without the other).
"""

from __future__ import annotations

import numpy as np

from solver.instance.dtypes import Bytes, Floats, Ints, Whole
from solver.instance.jit import allocating, allocating_inner, kernel
from solver.instance.load import load_points
from solver.pricing.column_pool import ColumnPool, pool_profile
from solver.pricing.day_subproblem import day_routes
from solver.pricing.instance import Instance, PricingLimits
from solver.pricing.knapsack_bounds import NOTHING
from solver.pricing.path import END, lay_out
from solver.pricing.tasks import PricingNetwork, Rows, Tasks

PAIR_BASE = 1024  # two buckets in one number


@kernel
def task_values(
    net: PricingNetwork,
    tasks: Tasks,
    rows: Rows,
    row_dual: Floats,
    rule_dual: Floats,
    multiplier: float,
    cost_weight: float,
    out: Floats,
) -> None:
    """Worth of every task: multiplier x value + cost weight x gain - its row's dual + what rules pay for its person."""
    for window in range(len(tasks.at) - 1):
        volunteer = net.window_volunteer[window]
        for i in range(tasks.at[window], tasks.at[window + 1]):
            row = tasks.row[i]
            worth = multiplier * tasks.value[i] + cost_weight * tasks.gain[i] - row_dual[row]
            for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                if net.has_tag[rows.rule_tag[rule], volunteer]:
                    worth += rule_dual[rule]
            out[i] = worth


@allocating_inner
def end_of_week(instance: Instance, volunteer: int, cost_weight: float) -> Floats:
    """What each bucket of free minutes ends the week with: load added, or a willing person left out."""
    net, buckets = instance.net, instance.buckets
    bucket_size, capacity = buckets.bucket_size[volunteer], buckets.capacity[volunteer]
    ends = np.zeros(capacity + 1)
    pinned = net.volunteer_pin_minutes[volunteer]
    before = net.over_before[volunteer]
    for m in range(capacity + 1):
        points = load_points(before + pinned + m * max(0, bucket_size)) - load_points(before)
        ends[m] = -cost_weight * net.overload_weight * points
    if net.willing[volunteer] and net.volunteer_pin_visits[volunteer] == 0:
        ends[0] -= cost_weight * net.unused_weight
    return ends


@allocating_inner
def join(sofar: Floats, profile: Floats, counted: bool, pick: Ints) -> Floats:
    """sofar with one more day: the best sum at every bucket, and in pick the two buckets that give it."""
    capacity = len(sofar) - 1
    joined = np.full(capacity + 1, NOTHING)
    for a in range(capacity + 1):
        if sofar[a] == NOTHING:
            continue
        for b in range(capacity + 1):
            bucket = a + b if counted else min(capacity, a + b)
            if bucket > capacity:
                break
            if profile[b] > NOTHING and sofar[a] + profile[b] > joined[bucket]:
                joined[bucket] = sofar[a] + profile[b]
                pick[bucket] = a * PAIR_BASE + b
    return joined


@allocating_inner
def week_profiles(
    instance: Instance, pool: ColumnPool, values: Floats, worth: Floats, volunteer: int, cost_weight: float,
    limits: PricingLimits, halted: Bytes,
) -> tuple[float, Floats, Floats, Floats, list[Ints], list[Ints]]:  # fmt: skip
    """(min_worth, ends, exact, upper, routes, new): what each day of a volunteer is worth by bucket, and what ends the
    week.

    `values` are the worth of the tasks, `worth` that of the pool's choices; `exact` and `upper` are [day, bucket].
    Routes of the pool are the threshold that others must pass or come within the tolerance of; `new` lists for each day
    those that did.
    """
    net, days, buckets = instance.net, instance.days, instance.buckets
    first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
    bucket_size, capacity = buckets.bucket_size[volunteer], buckets.capacity[volunteer]
    ends = end_of_week(instance, volunteer, cost_weight)
    # tasks worth no more never help: a visit that spoils the "no visit" of the willing is the exception
    min_worth = 0.0
    if net.willing[volunteer] and net.volunteer_pin_visits[volunteer] == 0:
        min_worth = -cost_weight * net.unused_weight
    cost = cost_weight * net.travel_weight
    exact, upper = np.full((last - first, capacity + 1), NOTHING), np.full((last - first, capacity + 1), NOTHING)
    routes, new = [np.full((1, 1), END, np.int64)], [np.full((1, 1), END, np.int64)]
    all_new: Whole = np.int64(0)  # a bare 0 would be a type of its own and compile everything once more
    for day in range(first, last):
        known, which = np.full(capacity + 1, NOTHING), np.full(capacity + 1, -1, np.int64)
        pool_profile(pool, worth, cost, day, bucket_size, known, which)
        pinned = net.window_pin_at[days.at[day + 1]] > net.window_pin_at[days.at[day]]
        threshold = np.full(
            capacity + 1, NOTHING if pinned else min_worth
        )  # pinned visits travel with or without others
        for m in range(capacity + 1):
            threshold[m] = max(threshold[m], known[m] - limits.tolerance, threshold[max(0, m - 1)])
        profile, ceiling, route, found, _, _ = day_routes(
            instance, values, day, cost, bucket_size, min_worth, threshold, all_new, limits, halted
        )
        best = np.full((capacity + 1, max(route.shape[1], pool.visits.shape[1])), END, np.int64)
        best[:, : route.shape[1]] = route
        for m in range(capacity + 1):
            if known[m] > profile[m]:
                profile[m], best[m] = known[m], END
                for n in range(pool.visits.shape[1]):
                    if pool.visits[which[m], n] >= 0:
                        best[m, n] = pool.task[pool.visits[which[m], n]]
            ceiling[m] = max(ceiling[m], profile[m])
        exact[day - first], upper[day - first] = profile, ceiling
        routes.append(best)
        new.append(found)
    return min_worth, ends, exact, upper, routes[1:], new[1:]


@allocating_inner
def best_week(
    instance: Instance, pool: ColumnPool, values: Floats, worth: Floats, volunteer: int, cost_weight: float,
    limits: PricingLimits, halted: Bytes,
) -> tuple[float, float, Floats, list[Ints], list[Ints]]:  # fmt: skip
    """(found, most, ceiling, routes, new): the worth of a volunteer's best week found and of any; by bucket; by day.

    `ceiling` leaves out what ends the week; `routes` are those of the week found; otherwise as in `week_profiles`.
    """
    buckets = instance.buckets
    counted, capacity = buckets.bucket_size[volunteer] != 0, buckets.capacity[volunteer]
    _, ends, exact, upper, of_bucket, new = week_profiles(
        instance, pool, values, worth, volunteer, cost_weight, limits, halted
    )
    best, ceiling = np.full(capacity + 1, NOTHING), np.full(capacity + 1, NOTHING)
    best[0] = ceiling[0] = 0.0
    picks, spare = np.zeros((len(of_bucket), capacity + 1), np.int64), np.zeros(capacity + 1, np.int64)
    for n in range(len(of_bucket)):
        best = join(best, exact[n], counted, picks[n])
        ceiling = join(ceiling, upper[n], counted, spare)
    bucket = np.argmax(best + ends)
    found = best[bucket] + ends[bucket]
    routes = [np.full(1, END, np.int64)]  # for its type
    for n in range(len(of_bucket) - 1, -1, -1):
        routes.append(of_bucket[n][picks[n, bucket] % PAIR_BASE])
        bucket = picks[n, bucket] // PAIR_BASE
    return found, np.max(ceiling + ends), ceiling, routes[:0:-1], new


@allocating
def best_weeks(
    instance: Instance, pool: ColumnPool, values: Floats, cost_weight: float, only: Ints, limits: PricingLimits,
    halted: Bytes,
) -> tuple[float, Floats, Floats, Ints, Ints, Ints, Ints, Ints]:  # fmt: skip
    """(bound, worth, cap_worth, visitor, visit, day_of, paths, legs): the best week of everybody listed in `only`.

    `bound` is at least the sum of what any weeks are worth at these values (endless where tasks were
    restricted), `worth` what each week found is and `cap_worth` what one bucket more would add to it, in the order of
    `only`; visits are tasks, visitors volunteers. `paths` are routes that pass the best ones of the pool or come
    within the tolerance of them, `day_of` their days and `legs` their leg minutes.
    """
    net, tasks, days, buckets = instance
    worth, cap_worth = np.zeros(len(only)), np.zeros(len(only))
    bound, of_choice = 0.0, values[pool.task]
    visitor, visit, count = np.zeros(1024, np.int64), np.zeros(1024, np.int64), 0
    day_of, paths, legs, found = (
        np.zeros(1024, np.int64),
        np.full((1024, 2), END, np.int64),
        np.zeros(1024, np.int64),
        0,
    )
    for nth in range(len(only)):
        volunteer = only[nth]
        worth[nth], most_worth, ceiling, routes, new = best_week(
            instance, pool, values, of_choice, volunteer, cost_weight, limits, halted
        )
        bound += most_worth
        if buckets.bucket_size[volunteer] != 0:
            cap_worth[nth] = last_slope(ceiling)
        for n in range(len(routes) - 1, -1, -1):
            for task in routes[n]:
                if task < 0:
                    continue
                if count == len(visit):
                    visitor, visit = np.concatenate((visitor, visitor)), np.concatenate((visit, visit))
                visitor[count], visit[count] = volunteer, task
                count += 1
            for path in new[n][-limits.params.newest_routes :]:
                if found == len(day_of) or len(path) > paths.shape[1]:
                    paths = widened(paths, 2 * found if found == len(day_of) else len(day_of), len(path))
                    more = np.zeros(len(paths) - len(day_of), np.int64)
                    day_of, legs = np.concatenate((day_of, more)), np.concatenate((legs, more))
                day_of[found] = days.of_volunteer_at[volunteer] + n
                paths[found, : len(path)] = path
                legs[found] = lay_out(net, tasks, days, day_of[found], path)[1]
                found += 1
    return bound, worth, cap_worth, visitor[:count], visit[:count], day_of[:found], paths[:found], legs[:found]


@kernel
def last_slope(week: Floats) -> float:
    """The most that may be charged for a bucket without making any but the last buckets of a week the best."""
    capacity, most = len(week) - 1, 0.0
    for m in range(capacity):
        most = max(most, week[m])
    full, reached, slope = max(most, week[capacity]), NOTHING, -NOTHING
    for m in range(capacity):
        reached = max(reached, week[m])
        slope = min(slope, (full - reached) / (capacity - m))
    return slope if capacity > 0 else 0.0


@allocating_inner
def widened(paths: Ints, rows: int, columns: int) -> Ints:
    """The paths in a larger array."""
    wider = np.full((rows, max(columns, paths.shape[1])), END, np.int64)
    wider[: len(paths), : paths.shape[1]] = paths
    return wider
