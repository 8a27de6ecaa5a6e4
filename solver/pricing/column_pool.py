"""Routes met so far, by day: pricing starts from them, and prices are rehearsed on them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import Ints, Small
from solver.instance.jit import allocating, kernel
from solver.pricing.path import END, EVENT, lay_out, milestones_of
from solver.pricing.tasks import Days, Options

NOTHING_MORE = -1  # after the last visit of a route


class Memory(NamedTuple):
    """Routes in CSR form by day. Their visits are numbers of choices; the choices are the options that any uses."""

    at: Ints
    visits: Small  # [route, position], then NOTHING_MORE
    travel: Ints  # minutes of all legs of the day, those of pinned visits too
    mark: Ints  # equal for equal sets of visits
    option: Ints  # from here on by choice
    row: Small
    volunteer: Small
    value: Ints
    gain: Ints
    duration: Ints


def nothing_met(days: Days) -> Memory:
    """A memory without routes."""
    none, small = np.zeros(0, np.int64), np.zeros(0, np.int32)
    at = np.zeros(len(days.at), np.int64)
    return Memory(at, np.full((0, 1), NOTHING_MORE, np.int32), none, none, none, small, small, none, none, none)


def remember(net: Network, options: Options, memory: Memory, day_of: Ints, paths: Ints, legs: Ints) -> Memory:
    """The memory with these routes too (day, options and milestones, leg minutes of each); sets of visits only once."""
    everything = np.ones(len(memory.travel), np.bool_)
    return _filed(net, options, *merged(options, memory, everything, marks_of(options), day_of, paths, legs))


def keep_only(net: Network, options: Options, memory: Memory, kept: Any) -> Memory:
    """The memory of the routes that are marked."""
    none, no_paths = np.zeros(0, np.int64), np.full((0, 1), END, np.int64)
    return _filed(net, options, *merged(options, memory, kept, marks_of(options), none, no_paths, none))


def stacked(paths: list[Ints]) -> Ints:
    """Rows of paths of several widths in one array."""
    width = max(part.shape[1] for part in paths)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=END) for part in paths])


def marks_of(options: Options) -> Ints:
    """A number for every option: sums of them tell sets of options apart."""
    return np.random.default_rng(0).integers(1, 2**62, len(options.row))


def _filed(net: Network, options: Options, at: Ints, visits: Small, travel: Ints, mark: Ints, option: Ints) -> Memory:
    """The memory of these routes, with what is known of their options."""
    return Memory(
        at=at,
        visits=visits,
        travel=travel,
        mark=mark,
        option=option,
        row=options.row[option],
        volunteer=net.window_volunteer[np.searchsorted(options.at, option, "right") - 1],
        value=options.value[option],
        gain=options.gain[option],
        duration=options.duration[option],
    )


@allocating
def merged(options: Any, memory: Any, kept: Any, marks: Any, day_of: Any, paths: Any, legs: Any) -> Any:
    """(at, visits, travel, mark, option): the routes kept and new ones, each set of visits with its fewest leg minutes.

    Choices are numbered anew, in the order of their options.
    """
    number, width = np.full(len(options.row), NOTHING_MORE, np.int32), memory.visits.shape[1]
    for r in range(len(kept)):
        n = 0
        while kept[r] and memory.visits[r, n] >= 0:
            number[memory.option[memory.visits[r, n]]] = 0
            n += 1
    for r in range(len(paths)):
        n = 0
        for step in paths[r]:
            if step >= 0:
                number[step] = 0
                n += 1
        width = max(width, n + 1)
    option = np.flatnonzero(number == 0)
    for n in range(len(option)):
        number[option[n]] = n

    most = int(kept.sum()) + len(paths)
    visits, travel, mark = (
        np.full((most, width), NOTHING_MORE, np.int32),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
    )
    at, by_day = np.zeros(len(memory.at), np.int64), np.argsort(day_of, kind="mergesort")
    count, seen = 0, 0
    for day in range(len(at) - 1):
        for r in range(memory.at[day], memory.at[day + 1]):
            if kept[r]:
                n = 0
                while memory.visits[r, n] >= 0:
                    visits[count, n] = number[memory.option[memory.visits[r, n]]]
                    n += 1
                travel[count], mark[count] = memory.travel[r], memory.mark[r]
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
    return at, visits[:count], travel[:count], mark[:count], option


@allocating
def idle_travel(net: Any, options: Any, days: Any) -> Any:
    """For every day the leg minutes of its pinned visits without any other."""
    travel = np.zeros(len(days.at) - 1, np.int64)
    for day in range(len(travel)):
        if net.window_pin_at[days.at[day + 1]] > net.window_pin_at[days.at[day]]:
            path = np.arange(EVENT, EVENT - len(milestones_of(net, days, day)), -1)
            travel[day] = lay_out(net, options, days, day, path)[1]
    return travel


@allocating
def choice_worth(net: Any, memory: Any, rows: Any, row_price: Any, rule_price: Any, reward: float, share: float) -> Any:
    """The worth of every choice, as `option_values` has it for every option."""
    worth = np.empty(len(memory.row))
    for c in range(len(memory.row)):
        row = memory.row[c]
        worth[c] = reward * memory.value[c] + share * memory.gain[c] - row_price[row]
        for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
            if net.has_tag[rows.rule_tag[rule], memory.volunteer[c]]:
                worth[c] += rule_price[rule]
    return worth


@kernel
def worth_of_route(memory: Any, worth: Any, cost: float, route: int, unit: int) -> tuple[float, int]:
    """(total, level) of a remembered route; levels as in `day_routes`."""
    total, level, n = -cost * memory.travel[route], 0, 0
    while memory.visits[route, n] >= 0:
        choice = memory.visits[route, n]
        total += worth[choice]
        level += memory.duration[choice] // unit if unit > 0 else -unit
        n += 1
    return total, level if unit != 0 else min(1, n)


@kernel
def remembered_day(memory: Any, worth: Any, cost: float, day: int, unit: int, profile: Any, route: Any) -> None:
    """Raise profile to the best remembered value at every level, and note in route which route that is."""
    for r in range(memory.at[day], memory.at[day + 1]):
        total, level = worth_of_route(memory, worth, cost, r, unit)
        if level < len(profile) and total > profile[level]:
            profile[level], route[level] = total, r


@allocating
def nearest(net: Any, days: Any, levels: Any, memory: Any, worth: Any, cost: float, most: int) -> Any:
    """Which routes to keep: on each day the `most` that fall least behind the best with no more minutes."""
    kept = np.zeros(len(memory.travel), np.bool_)
    for day in range(len(memory.at) - 1):
        first, last = memory.at[day], memory.at[day + 1]
        volunteer = net.window_volunteer[days.at[day]]
        profile = np.zeros(levels.top[volunteer] + 1)
        remembered_day(memory, worth, cost, day, levels.unit[volunteer], profile, np.zeros(len(profile), np.int64))
        for m in range(1, len(profile)):
            profile[m] = max(profile[m], profile[m - 1])
        behind = np.empty(last - first)
        for r in range(first, last):
            total, level = worth_of_route(memory, worth, cost, r, levels.unit[volunteer])
            behind[r - first] = profile[min(level, len(profile) - 1)] - total
        for n in np.argsort(behind)[:most]:
            kept[first + n] = True
    return kept
