"""Routes met so far, by day: pricing starts from them, and prices are rehearsed on them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.compiled import allocating, kernel
from solver.network import Ints, Network, Small
from solver.options import Days, Options
from solver.paths import END, EVENT, lay_out, milestones_of

NOTHING_MORE = -1  # after the last visit of a route


class Memory(NamedTuple):
    """Routes in CSR form by day. Their visits are numbers of choices; the choices are the options that any uses."""

    at: Ints
    visits: Small  # [route, position], then NOTHING_MORE
    travel: Ints  # minutes of all legs of the day, those of pinned visits too
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
    return Memory(at, np.full((0, 1), NOTHING_MORE, np.int32), none, none, small, small, none, none, none)


def remember(net: Network, options: Options, days: Days, memory: Memory, day_of: Ints, paths: Ints) -> Memory:
    """The memory with these routes too (a path of options and milestones for each); sets of visits only once."""
    width = max(memory.visits.shape[1], paths.shape[1])
    visits = np.full((len(memory.visits) + len(paths), width), NOTHING_MORE, np.int64)
    known = visits[: len(memory.visits), : memory.visits.shape[1]]
    known[:] = np.where(memory.visits >= 0, np.append(memory.option, 0)[memory.visits], NOTHING_MORE)
    visits[len(memory.visits) :, : paths.shape[1]] = np.where(paths >= 0, paths, NOTHING_MORE)
    day = np.concatenate((np.repeat(np.arange(len(memory.at) - 1), np.diff(memory.at)), day_of))
    travel = np.concatenate((memory.travel, legs_of(net, options, days, day_of, paths)))
    mark = np.random.default_rng(0).integers(1, 2**62, len(options.row) + 1)
    same = (mark[visits] * (visits >= 0)).sum(axis=1)
    order = np.lexsort((travel, same, day))
    new = np.ones(len(order), bool)
    new[1:] = (day[order][1:] != day[order][:-1]) | (same[order][1:] != same[order][:-1])
    return _filed(net, options, len(memory.at) - 1, day[order[new]], visits[order[new]], travel[order[new]])


def stacked(paths: list[Ints]) -> Ints:
    """Rows of paths of several widths in one array."""
    width = max(part.shape[1] for part in paths)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=END) for part in paths])


def keep_only(net: Network, options: Options, memory: Memory, kept: Any) -> Memory:
    """The memory of the routes that are marked."""
    day = np.repeat(np.arange(len(memory.at) - 1), np.diff(memory.at))[kept]
    visits = np.where(memory.visits >= 0, np.append(memory.option, 0)[memory.visits], NOTHING_MORE)[kept]
    return _filed(net, options, len(memory.at) - 1, day, visits, memory.travel[kept])


def _filed(net: Network, options: Options, days: int, day: Any, visits: Any, travel: Any) -> Memory:
    """The memory of routes given as options, sorted by day."""
    option, choice = np.unique(visits[visits >= 0], return_inverse=True)
    numbered = np.full(visits.shape, NOTHING_MORE, np.int32)
    numbered[visits >= 0] = choice
    numbered = np.take_along_axis(numbered, np.argsort(numbered < 0, axis=1, kind="stable"), axis=1)
    most = int((numbered >= 0).sum(axis=1).max(initial=0))
    ended = np.full((len(numbered), most + 1), NOTHING_MORE, np.int32)
    ended[:, :most] = numbered[:, :most]
    return Memory(
        at=np.concatenate(([0], np.cumsum(np.bincount(day, minlength=days)))).astype(np.int64),
        visits=ended,
        travel=travel,
        option=option.astype(np.int64),
        row=options.row[option],
        volunteer=net.window_volunteer[np.searchsorted(options.at, option, "right") - 1],
        value=options.value[option],
        gain=options.gain[option],
        duration=options.duration[option],
    )


@allocating
def legs_of(net: Any, options: Any, days: Any, day_of: Any, paths: Any) -> Any:
    """The leg minutes of every path."""
    travel = np.zeros(len(day_of), np.int64)
    for n in range(len(day_of)):
        travel[n] = lay_out(net, options, days, day_of[n], paths[n])[1]
    return travel


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
