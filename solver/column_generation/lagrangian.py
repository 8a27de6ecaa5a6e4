"""Prices on what people share, and the bounds they prove.

Take the shared rules (one person per seat, a minimum, a team rule, one common start) out of the problem and charge for
them instead: then every volunteer's best week is found alone, and for *any* prices

    reward x coverage - share x cost  of every plan  <=  best weeks at these prices + what the seats are worth at them

(Lagrangian duality; Geoffrion, "Lagrangean relaxation for integer programming", 1974). `dual_ascent.py` lowers the
right side. With reward 1 and share 0 the bound is on coverage. With share 1 and reward as one more price on "at least
coverage C" it is a bound on cost: cost >= reward x C - bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from solver.column_generation.thread_pool import SharedWork
from solver.instance.arrays import Network
from solver.instance.dtypes import Floats, Ints
from solver.instance.jit import allocating, kernel
from solver.model.problem import Problem
from solver.pricing.column_pool import (
    Memory,
    choice_worth,
    idle_travel,
    keep_only,
    nearest,
    nothing_met,
    remember,
    stacked,
)
from solver.pricing.task_filter import ALL
from solver.pricing.tasks import Days, Options, Rows, days_of, options_of, rows_of
from solver.pricing.week_join import Levels, best_weeks, levels_of, option_values

AT_ONCE = 20  # volunteers in a piece of work, between two questions whether to hurry
SAFETY = 0.01  # units of the objective added to every bound before it is rounded: far above any rounding error


@dataclass(slots=True)
class Prices:
    """A price per row (below 0 where a minimum pays), a payment per team rule, and the reward per unit of coverage."""

    row: Floats
    rule: Floats
    reward: float = 1.0

    def copy(self) -> Prices:
        return Prices(self.row.copy(), self.rule.copy(), self.reward)

    def scaled(self, factor: float) -> Prices:
        return Prices(self.row * factor, self.rule * factor, self.reward * factor)

    def mixed(self, other: Prices, mine: float) -> Prices:
        """Prices between these and others, of which these are the share `mine`."""
        here, there = self.scaled(mine), other.scaled(1 - mine)
        return Prices(here.row + there.row, here.rule + there.rule, here.reward + there.reward)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look at some prices: a proven bound and the direction in which demand and supply differ."""

    bound: float  # on reward x coverage - share x cost of free visits; endless if days were tried by a shortlist
    found: float  # the bound if nothing better can be done than what was found
    row_slack: Floats  # seats minus people
    rule_slack: Floats  # people with the tag minus those needed
    coverage: float  # of the free visits in the best weeks
    visitor: Ints
    visit: Ints
    own_worth: Floats  # share x (gain - travel - load - left out) of each volunteer's best week
    cap_worth: Floats  # what one level more in the cap on the week would add, by volunteer

    @property
    def slack(self) -> float:
        """What days that were too rich to finish add to the bound."""
        return self.bound - self.found


class Halted(Exception):
    """A look was broken off."""


class Master:
    """A problem made ready for pricing; evaluates any prices for the coverage stage (share 0) or the cost stage (1)."""

    def __init__(self, problem: Problem, net: Network) -> None:
        self.net = net
        self.rows: Rows = rows_of(net)
        self.options: Options = options_of(net, self.rows)
        self.days: Days = days_of(net)
        self.memory: Memory = nothing_met(self.days)
        self._levels: dict[bool, Levels] = {}
        self._values = np.zeros(len(self.options.row))
        self.halted = np.zeros(1, np.uint8)  # another thread may write 1: what is under way ends at once
        self.work = SharedWork()  # another thread may help with looks and rehearsals
        self.hurry: Callable[[], bool] = lambda: False
        self.rule_row = np.repeat(np.arange(len(self.rows.slot)), np.diff(self.rows.rule_at))
        self.idle_travel = idle_travel(net, self.options, self.days)
        self.pinned_coverage = int((net.value * net.pin_count).sum())
        self.pinned_gain = _pinned_gain(net)
        self.value_step = math.gcd(*(int(v) for v in np.unique(net.value))) or 1
        self.mean_value = max(1.0, float(net.value[self.rows.slot].mean())) if len(self.rows.slot) else 1.0

    def no_prices(self) -> Prices:
        return Prices(np.zeros(len(self.rows.slot)), np.zeros(len(self.rows.rule_tag)))

    def levels(self, share: float) -> Levels:
        with_load = share > 0
        if with_load not in self._levels:
            self._levels[with_load] = levels_of(self.net, self.days, with_load)
        return self._levels[with_load]

    def values(self, prices: Prices, share: float, into: Floats | None = None) -> Floats:
        """The worth of every option at these prices, in an array that the next call uses again unless one is given."""
        into = self._values if into is None else into
        option_values(self.net, self.options, self.rows, prices.row, prices.rule, prices.reward, share, into)
        return into

    def evaluate(self, prices: Prices, share: float, effort: int, most: int = ALL, behind: float = 0.0) -> Evaluation:
        """The bound that these prices prove, and what the volunteers would do at them.

        With days shortened to so many options it is quicker, finds nearly as much, and proves nothing. Once `hurry`
        says so, days are only glanced at; once `halted` is set, Halted is raised. Routes worth no more than `behind`
        less than the best of their day are remembered too, as far as they are met.
        """
        values, levels = self.values(prices, share), self.levels(share)

        def weeks_of(some: Ints) -> Any:
            if self.halted[0]:
                raise Halted
            branches = 0 if self.hurry() else effort
            return best_weeks(
                self.net, self.options, self.days, levels, self.memory, values, share, behind, branches, some, most,
                self.halted,
            )  # fmt: skip

        people = np.arange(len(self.net.willing))
        groups = [people[at : at + AT_ONCE] for at in range(0, max(1, len(people)), AT_ONCE)]
        parts = self.work.results(partial(weeks_of, some) for some in groups)
        if self.halted[0]:
            raise Halted
        bound = sum(part[0] for part in parts)
        own_worth, cap_worth = (np.concatenate([part[n] for part in parts]) for n in (1, 2))
        visitor, visit, day_of, legs = (np.concatenate([part[n] for part in parts]) for n in (3, 4, 5, 7))
        if len(day_of):
            paths = stacked([part[6] for part in parts])
            self.memory = remember(self.net, self.options, self.memory, day_of, paths, legs)
        offered, needed = np.zeros(len(self.rows.slot)), np.zeros(len(self.rows.rule_tag))
        seats = seats_worth(self.rows, prices.row, prices.rule, offered, needed)
        row = self.options.row[visit]
        people = np.bincount(row, minlength=len(self.rows.slot))
        tagged = tag_counts(self.rows, self.net.has_tag, visitor, row)
        coverage = float(self.options.value[visit].sum())
        found_worth = float(own_worth.sum())
        own_worth -= np.bincount(
            visitor, values[visit] - share * self.options.gain[visit], minlength=len(self.net.willing)
        )
        demand = offered - people, tagged - needed
        return Evaluation(bound + seats, found_worth + seats, *demand, coverage, visitor, visit, own_worth, cap_worth)

    def forget(self, prices: Prices, share: float, most: int) -> None:
        """Once there are twice as many, keep only the remembered routes that these prices like best: so many a day."""
        if len(self.memory.travel) > 2 * most * len(self.days.max_visits):
            worth = choice_worth(self.net, self.memory, self.rows, prices.row, prices.rule, prices.reward, share)
            cost = share * self.net.travel_weight
            kept = nearest(self.net, self.days, self.levels(share), self.memory, worth, cost, most)
            self.memory = keep_only(self.net, self.options, self.memory, kept)

    def coverage_bound(self, bound: float) -> int:
        """No plan covers more: the bound on free visits, rounded down to what sums of values can be."""
        return self.pinned_coverage + int((bound + SAFETY) // self.value_step) * self.value_step

    def cost_bound(self, evaluation: Evaluation, reward: float, coverage: int) -> int:
        """No plan with at least this coverage costs less."""
        free = reward * (coverage - self.pinned_coverage) - evaluation.bound
        return math.ceil(free - SAFETY) + self.net.tax_total - self.pinned_gain


def _pinned_gain(net: Network) -> int:
    """What affinity and promises of the pinned visits take off the cost of every plan."""
    total = 0
    for slot in np.flatnonzero(net.pin_count):
        people = net.pin_volunteer[net.pin_at[slot] : net.pin_at[slot + 1]]
        gains = slice(net.gain_at[slot], net.gain_at[slot + 1])
        total += int(net.gain_points[gains][np.isin(net.gain_volunteer[gains], people)].sum())
    return total


@kernel
def seats_worth(rows: Any, row_price: Any, rule_price: Any, offered: Any, needed: Any) -> float:
    """What the seats of all slots are worth at their prices; `offered` seats and `needed` tags attain it.

    A slot for several is staffed at its best start, with its headcount where seats cost something and its minimum where
    people are paid for, or not at all.
    """
    total = 0.0
    for slot in range(len(rows.slot_at) - 1):
        best, chosen = 0.0, -1
        for r in range(rows.slot_at[slot], rows.slot_at[slot + 1]):
            if not rows.crew[r]:
                total += row_price[r] * rows.seats[r]
                offered[r] = rows.seats[r]
                continue
            worth = row_price[r] * (rows.seats[r] if row_price[r] > 0 else rows.least[r])
            for rule in range(rows.rule_at[r], rows.rule_at[r + 1]):
                worth -= rule_price[rule] * rows.rule_least[rule]
            if worth > best:
                best, chosen = worth, r
        if chosen >= 0:
            total += best
            offered[chosen] = rows.seats[chosen] if row_price[chosen] > 0 else rows.least[chosen]
            for rule in range(rows.rule_at[chosen], rows.rule_at[chosen + 1]):
                needed[rule] = rows.rule_least[rule]
    return total


@allocating
def tag_counts(rows: Any, has_tag: Any, visitor: Any, row: Any) -> Any:
    """How many of the visitors carry the tag of each team rule of the row they are on."""
    counts = np.zeros(len(rows.rule_tag))
    for i in range(len(row)):
        for rule in range(rows.rule_at[row[i]], rows.rule_at[row[i] + 1]):
            counts[rule] += has_tag[rows.rule_tag[rule], visitor[i]]
    return counts
