"""Prices on their way down over remembered routes only: a thousand steps in the time of one look at everything.

What is remembered is less than what could be done, so the height reached here proves nothing and lies too low; but the
prices that reach it are those of the linear programme over these routes, nearly, and the next look at everything brings
the routes that are missing (column generation with a subgradient method in place of the simplex).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from solver.compiled import allocating, kernel
from solver.cuts import NOTHING
from solver.master import Master, Prices, seats_worth
from solver.memory import choice_worth, remembered_day
from solver.network import Floats
from solver.weeks import PACK, end_of_week, join

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


@allocating
def remembered_weeks(
    net: Any, days: Any, levels: Any, rows: Any, memory: Any, idle_travel: Any, worth: Any, share: float, people: Any,
    tagged: Any,
) -> tuple[float, float]:  # fmt: skip
    """(worth, coverage) of everybody's best week of remembered routes; counts people by row and their tags by rule."""
    total, coverage, cost = 0.0, 0.0, share * net.travel_weight
    for volunteer in range(len(net.willing)):
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
    return total, coverage


@allocating
def rehearse(
    net: Any, days: Any, levels: Any, rows: Any, memory: Any, idle_travel: Any, share: float, target: float,
    mean_value: float, walk: Any, best: Any, best_height: float, steps: Any, attendance: Any,
) -> float:  # fmt: skip
    """Walk on by the steps given; `best` gets the prices of the lowest height, which is returned.

    `attendance` becomes the mean number of people on each row over these steps.
    """
    many, rules = len(rows.slot), len(rows.rule_tag)
    slope = np.zeros(many + rules + 1)
    attendance[:] = 0.0
    for step in steps:
        row, rule, reward = walk.price[:many], walk.price[many : many + rules], walk.price[many + rules] / mean_value
        reward = reward if share > 0 else 1.0
        worth = choice_worth(net, memory, rows, row, rule, reward, share)
        people, tagged = np.zeros(many), np.zeros(rules)
        offered, needed = np.zeros(many), np.zeros(rules)
        height, coverage = remembered_weeks(net, days, levels, rows, memory, idle_travel, worth, share, people, tagged)
        height += seats_worth(rows, row, rule, offered, needed)
        if share > 0:
            height -= reward * target
        if height < best_height:
            best_height = height
            best[:] = walk.price
        attendance += people / len(steps)
        slope[:many] = offered - people
        slope[many : many + rules] = tagged - needed
        slope[many + rules] = (coverage - target) / mean_value if share > 0 else 0.0
        move(walk, slope, step)
    return best_height
