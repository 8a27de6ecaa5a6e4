"""Routes met so far, by day: pricing starts from them, and the subgradient phase runs on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import Flags, Floats, Ints, Small
from solver.instance.jit import allocating, kernel
from solver.pricing.instance import Instance
from solver.pricing.path import END, EVENT, fixed_events_of, lay_out
from solver.pricing.tasks import Days, PricingNetwork, Rows, Tasks

NOTHING_MORE = -1  # after the last visit of a route


class ColumnPool(NamedTuple):
    """Routes in CSR form by day. Their visits are numbers of choices; the choices are the tasks that any uses."""

    at: Ints
    visits: Small  # [route, position], then NOTHING_MORE
    travel: Ints  # minutes of all legs of the day, those of pinned visits too
    mark: Ints  # equal for equal sets of visits
    task: Ints  # from here on by choice
    row: Small
    volunteer: Small
    value: Ints
    gain: Ints
    duration: Ints


def empty_pool(days: Days) -> ColumnPool:
    """A pool without routes."""
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int32)
    at = np.zeros(len(days.at), np.int64)
    return ColumnPool(at, np.full((0, 1), NOTHING_MORE, np.int32), none, none, none, small, small, none, none, none)


def add_routes(
    net: PricingNetwork, tasks: Tasks, pool: ColumnPool, day_of: Ints, paths: Ints, legs: Ints
) -> ColumnPool:
    """The pool with these routes too (day, tasks and fixed events, leg minutes of each); sets of visits only once."""
    everything = np.ones(len(pool.travel), np.bool_)
    return _filed(net, tasks, *merged(tasks, pool, everything, marks_of(tasks), day_of, paths, legs))


def keep_only(net: PricingNetwork, tasks: Tasks, pool: ColumnPool, kept: Flags) -> ColumnPool:
    """The pool of the routes that are marked."""
    none, no_paths = np.zeros(0, np.int64), np.full((0, 1), END, np.int64)
    return _filed(net, tasks, *merged(tasks, pool, kept, marks_of(tasks), none, no_paths, none))


def stacked(paths: list[Ints]) -> Ints:
    """Rows of paths of several widths in one array."""
    width = max(part.shape[1] for part in paths)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=END) for part in paths])


def marks_of(tasks: Tasks) -> Ints:
    """A number for every task: sums of them tell sets of tasks apart."""
    return np.random.default_rng(0).integers(1, 2**62, len(tasks.row))


def _filed(
    net: PricingNetwork, tasks: Tasks, at: Ints, visits: Small, travel: Ints, mark: Ints, task: Ints
) -> ColumnPool:
    """The pool of these routes, with what is known of their tasks."""
    return ColumnPool(
        at=at,
        visits=visits,
        travel=travel,
        mark=mark,
        task=task,
        row=tasks.row[task],
        volunteer=net.window_volunteer[np.searchsorted(tasks.at, task, "right") - 1],
        value=tasks.value[task],
        gain=tasks.gain[task],
        duration=tasks.duration[task],
    )


@allocating
def merged(
    tasks: Tasks, pool: ColumnPool, kept: Flags, marks: Ints, day_of: Ints, paths: Ints, legs: Ints
) -> tuple[Ints, Small, Ints, Ints, Ints]:
    """(at, visits, travel, mark, task): the routes kept and new ones, each set of visits with its fewest leg minutes.

    Choices are numbered anew, in the order of their tasks.
    """
    number, width = np.full(len(tasks.row), NOTHING_MORE, np.int32), pool.visits.shape[1]
    for r in range(len(kept)):
        n = 0
        while kept[r] and pool.visits[r, n] >= 0:
            number[pool.task[pool.visits[r, n]]] = 0
            n += 1
    for r in range(len(paths)):
        n = 0
        for step in paths[r]:
            if step >= 0:
                number[step] = 0
                n += 1
        width = max(width, n + 1)
    task = np.flatnonzero(number == 0)
    for n in range(len(task)):
        number[task[n]] = n

    most = int(kept.sum()) + len(paths)
    visits, travel, mark = (
        np.full((most, width), NOTHING_MORE, np.int32),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )
    at, by_day = np.zeros(len(pool.at), np.int64), np.argsort(day_of, kind="mergesort")
    count, seen = 0, 0
    for day in range(len(at) - 1):
        for r in range(pool.at[day], pool.at[day + 1]):
            if kept[r]:
                n = 0
                while pool.visits[r, n] >= 0:
                    visits[count, n] = number[pool.task[pool.visits[r, n]]]
                    n += 1
                travel[count], mark[count] = pool.travel[r], pool.mark[r]
                count += 1
        while seen < len(by_day) and day_of[by_day[seen]] == day:
            r, total, n = by_day[seen], 0, 0
            seen += 1
            for step in paths[r]:
                total += marks[step] if step >= 0 else 0
            same = at[day]
            while same < count and mark[same] != total:
                same += 1
            if same < count and travel[same] <= legs[r]:
                continue
            for step in paths[r]:
                if step >= 0:
                    visits[same, n] = number[step]
                    n += 1
            travel[same], mark[same] = legs[r], total
            count = max(count, same + 1)
        at[day + 1] = count
    return at, visits[:count], travel[:count], mark[:count], task


@allocating
def idle_travel(net: PricingNetwork, tasks: Tasks, days: Days) -> Ints:
    """For every day the leg minutes of its pinned visits without any other."""
    travel = np.zeros(len(days.at) - 1, np.int64)
    for day in range(len(travel)):
        if net.window_pin_at[days.at[day + 1]] > net.window_pin_at[days.at[day]]:
            path = np.arange(EVENT, EVENT - len(fixed_events_of(net, days, day)), -1)
            travel[day] = lay_out(net, tasks, days, day, path)[1]
    return travel


@allocating
def choice_worth(
    net: PricingNetwork,
    pool: ColumnPool,
    rows: Rows,
    row_dual: Floats,
    rule_dual: Floats,
    multiplier: float,
    cost_weight: float,
) -> Floats:
    """The worth of every choice, as `task_values` has it for every task."""
    worth = np.empty(len(pool.row))
    for c in range(len(pool.row)):
        row = pool.row[c]
        worth[c] = multiplier * pool.value[c] + cost_weight * pool.gain[c] - row_dual[row]
        for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
            if net.has_tag[rows.rule_tag[rule], pool.volunteer[c]]:
                worth[c] += rule_dual[rule]
    return worth


@kernel
def worth_of_route(pool: ColumnPool, worth: Floats, cost: float, route: int, bucket_size: int) -> tuple[float, int]:
    """(total, bucket) of a route of the pool; buckets as in `day_routes`."""
    total, bucket, n = -cost * pool.travel[route], 0, 0
    while pool.visits[route, n] >= 0:
        choice = pool.visits[route, n]
        total += worth[choice]
        bucket += pool.duration[choice] // bucket_size if bucket_size > 0 else -bucket_size
        n += 1
    return total, bucket if bucket_size != 0 else min(1, n)


@kernel
def pool_profile(
    pool: ColumnPool, worth: Floats, cost: float, day: int, bucket_size: int, profile: Floats, route: Ints
) -> None:
    """Raise profile to the best value in the pool at every bucket, and note in route which route that is."""
    for r in range(pool.at[day], pool.at[day + 1]):
        total, bucket = worth_of_route(pool, worth, cost, r, bucket_size)
        if bucket < len(profile) and total > profile[bucket]:
            profile[bucket], route[bucket] = total, r


@allocating
def routes_to_keep(instance: Instance, pool: ColumnPool, worth: Floats, cost: float, most: int) -> Flags:
    """Which routes to keep: on each day the `most` that fall least behind the best with no more minutes."""
    net, _, days, buckets = instance
    kept = np.zeros(len(pool.travel), np.bool_)
    for day in range(len(pool.at) - 1):
        first, last = pool.at[day], pool.at[day + 1]
        volunteer = net.window_volunteer[days.at[day]]
        profile = np.zeros(buckets.capacity[volunteer] + 1)
        pool_profile(pool, worth, cost, day, buckets.bucket_size[volunteer], profile, np.zeros(len(profile), np.int64))
        for m in range(1, len(profile)):
            profile[m] = max(profile[m], profile[m - 1])
        reduced_cost = np.empty(last - first)
        for r in range(first, last):
            total, bucket = worth_of_route(pool, worth, cost, r, buckets.bucket_size[volunteer])
            reduced_cost[r - first] = profile[min(bucket, len(profile) - 1)] - total
        for n in np.argsort(reduced_cost)[:most]:
            kept[first + n] = True
    return kept
