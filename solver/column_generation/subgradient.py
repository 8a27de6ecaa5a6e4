"""Prices on their way down over remembered routes only: a thousand steps in the time of one look at everything.

What is remembered is less than what could be done, so the height reached here proves nothing and lies too low; but the
prices that reach it are those of the linear programme over these routes, nearly, and the next look at everything brings
the routes that are missing (column generation with a subgradient method in place of the simplex).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from solver.column_generation.lagrangian import Master, Prices, seats_worth
from solver.column_generation.thread_pool import SharedWork
from solver.instance.dtypes import Floats
from solver.instance.jit import allocating, kernel
from solver.pricing.column_pool import choice_worth, remembered_day
from solver.pricing.knapsack_bounds import NOTHING
from solver.pricing.week_join import PACK, end_of_week, join

PIECES = 4  # of a step that is shared
NEWEST, NEWEST_SQUARE, LEAST = 0.5, 0.1, 0.1


class Walk(NamedTuple):
    """All prices in one row - rows, rules, then the reward for a mean visit - and the memory of their last steps."""

    price: Floats
    bounded: Any  # whether a price may not fall below 0
    mean: Floats
    square: Floats


def walk_from(master: Master, prices: Prices) -> Walk:
    """The beginning of a walk."""
    price = np.concatenate((prices.row, prices.rule, [prices.reward * master.mean_value]))
    bounded = np.ones(len(price), np.bool_)
    bounded[: len(prices.row)] = master.rows.crew == 0
    return Walk(price, bounded, np.zeros(len(price)), np.zeros(len(price)))


def prices_of(master: Master, price: Floats) -> Prices:
    """The prices of a walk's row of numbers."""
    rows = len(master.rows.slot)
    return Prices(price[:rows].copy(), price[rows:-1].copy(), float(price[-1]) / master.mean_value)


@kernel
def move(walk: Any, slope: Any, step: float) -> None:
    """A step against the subgradient, smoothed and divided by its own usual size (Kingma and Ba, "Adam", 2015)."""
    for i in range(len(walk.price)):
        down = slope[i]
        if walk.bounded[i] and walk.price[i] <= 0.0 and down > 0.0:
            down = 0.0
        walk.mean[i] = NEWEST * down + (1 - NEWEST) * walk.mean[i]
        walk.square[i] = NEWEST_SQUARE * down * down + (1 - NEWEST_SQUARE) * walk.square[i]
        walk.price[i] -= step * walk.mean[i] / (np.sqrt(walk.square[i]) + LEAST)
        if walk.bounded[i] and walk.price[i] < 0.0:
            walk.price[i] = 0.0


class Demand(NamedTuple):
    """What people would do: the worth of their best weeks, its coverage, people by row, their tags by team rule."""

    worth: float
    coverage: float
    people: Floats
    tagged: Floats


@allocating
def remembered_weeks(
    net: Any, days: Any, levels: Any, rows: Any, memory: Any, idle_travel: Any, worth: Any,
    share: float, begin: int, end: int,
) -> Any:  # fmt: skip
    """The demand of the volunteers from `begin` to before `end`."""
    people, tagged = np.zeros(len(rows.slot)), np.zeros(len(rows.rule_tag))
    total, coverage, cost = 0.0, 0.0, share * net.travel_weight
    for volunteer in range(begin, end):
        first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
        unit, top = levels.unit[volunteer], levels.top[volunteer]
        week = np.full(top + 1, NOTHING)
        week[0] = 0.0
        picks = np.zeros((last - first, top + 1), np.int64)
        routes = np.full((last - first, top + 1), -1, np.int64)
        for day in range(first, last):
            profile = np.full(top + 1, NOTHING)
            profile[0] = -cost * idle_travel[day]
            remembered_day(memory, worth, cost, day, unit, profile, routes[day - first])
            week = join(week, profile, unit != 0, picks[day - first])
        week += end_of_week(net, volunteer, unit, top, share)
        level = np.argmax(week)
        total += week[level]
        for n in range(last - first - 1, -1, -1):
            route = routes[n, picks[n, level] % PACK]
            level = picks[n, level] // PACK
            visit = 0
            while route >= 0 and memory.visits[route, visit] >= 0:
                choice = memory.visits[route, visit]
                row = memory.row[choice]
                people[row] += 1
                coverage += memory.value[choice]
                for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                    tagged[rule] += net.has_tag[rows.rule_tag[rule], volunteer]
                visit += 1
    return Demand(total, coverage, people, tagged)


@allocating
def take_step(
    rows: Any, share: float, target: float, mean_value: float, walk: Any, best: Any, best_height: float, step: float,
    demand: Any,
) -> float:  # fmt: skip
    """One step from where the demand was found; `best` gets the prices of the lowest height, which is returned."""
    many, rules = len(rows.slot), len(rows.rule_tag)
    row, rule = walk.price[:many], walk.price[many : many + rules]
    offered, needed, slope = np.zeros(many), np.zeros(rules), np.zeros(many + rules + 1)
    height = demand.worth + seats_worth(rows, row, rule, offered, needed)
    if share > 0:
        height -= walk.price[many + rules] / mean_value * target
        slope[many + rules] = (demand.coverage - target) / mean_value
    slope[:many] = offered - demand.people
    slope[many : many + rules] = demand.tagged - needed
    if height < best_height:
        best_height = height
        best[:] = walk.price
    move(walk, slope, step)
    return best_height


@allocating
def rehearse(
    net: Any, days: Any, levels: Any, rows: Any, memory: Any, idle_travel: Any, share: float,
    target: float, mean_value: float, walk: Any, best: Any, best_height: float, steps: Any, attendance: Any,
) -> float:  # fmt: skip
    """Walk on by the steps given; `best` gets the prices of the lowest height, which is returned.

    `attendance` becomes the mean number of people on each row over these steps.
    """
    attendance[:] = 0.0
    for step in steps:
        worth = worth_on_walk(net, memory, rows, walk, share, mean_value)
        demand = remembered_weeks(net, days, levels, rows, memory, idle_travel, worth, share, 0, len(net.willing))
        attendance += demand.people / len(steps)
        best_height = take_step(rows, share, target, mean_value, walk, best, best_height, step, demand)
    return best_height


def rehearse_together(
    net: Any, days: Any, levels: Any, rows: Any, memory: Any, idle_travel: Any, share: float,
    target: float, mean_value: float, walk: Any, best: Any, best_height: float, steps: Any, attendance: Any,
    work: SharedWork,
) -> float:  # fmt: skip
    """As `rehearse`, with the demand of every step found in pieces that another thread may help with.

    Handing out the pieces costs more than they do, except on very many days.
    """
    attendance[:] = 0.0
    borders = np.linspace(0, len(net.willing), PIECES + 1).astype(np.int64)
    for step in steps:
        worth = worth_on_walk(net, memory, rows, walk, share, mean_value)
        about = net, days, levels, rows, memory, idle_travel, worth, share
        parts = work.results(partial(remembered_weeks, *about, begin, end) for begin, end in pairwise(borders))
        demand = Demand(*(sum(part[n] for part in parts) for n in range(4)))
        attendance += demand.people / len(steps)
        best_height = take_step(rows, share, target, mean_value, walk, best, best_height, step, demand)
    return best_height


@allocating
def worth_on_walk(net: Any, memory: Any, rows: Any, walk: Any, share: float, mean_value: float) -> Any:
    """The worth of every choice at the prices that the walk has come to."""
    many, rules = len(rows.slot), len(rows.rule_tag)
    reward = walk.price[many + rules] / mean_value if share > 0 else 1.0
    return choice_worth(net, memory, rows, walk.price[:many], walk.price[many : many + rules], reward, share)
