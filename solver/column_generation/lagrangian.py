"""Duals on what people share, and the bounds they prove.

Take the shared rules (one person per seat, a minimum, a team rule, one common start) out of the problem and charge for
them instead: then every volunteer's best week is found alone, and for *any* duals

    multiplier x coverage - cost_weight x cost  of every plan
        <=  best weeks at these duals + what the seats are worth at them

(Lagrangian duality; Geoffrion, "Lagrangean relaxation for integer programming", 1974). `dual_ascent.py` lowers the
right side. With multiplier 1 and cost weight 0 the bound is on coverage. With cost weight 1 and multiplier as one more
dual on "at least coverage C" it is a bound on cost: cost >= multiplier x C - bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from solver.column_generation.thread_pool import ThreadPool
from solver.instance.arrays import Network
from solver.instance.dtypes import Bytes, Floats, Ints, Small
from solver.instance.jit import allocating, kernel
from solver.model.problem import Problem
from solver.params import Params
from solver.pricing.buckets import buckets_of
from solver.pricing.column_pool import (
    ColumnPool,
    add_routes,
    choice_worth,
    empty_pool,
    idle_travel,
    keep_only,
    routes_to_keep,
    stacked,
)
from solver.pricing.instance import ALL, Instance, PricingLimits
from solver.pricing.tasks import Days, Rows, Tasks, days_of, pricing_network, rows_of, tasks_of
from solver.pricing.week_join import best_weeks, task_values

SAFETY = 0.01  # units of the objective added to every bound before it is rounded: far above any rounding error


@dataclass(slots=True)
class Duals:
    """A dual per row (below 0 where a minimum pays), one per team rule, and the multiplier of coverage."""

    row: Floats
    rule: Floats
    multiplier: float = 1.0

    def copy(self) -> Duals:
        return Duals(self.row.copy(), self.rule.copy(), self.multiplier)

    def scaled(self, factor: float) -> Duals:
        return Duals(self.row * factor, self.rule * factor, self.multiplier * factor)

    def mixed(self, other: Duals, mine: float) -> Duals:
        """Duals between these and others, of which these are the share `mine`."""
        here, there = self.scaled(mine), other.scaled(1 - mine)
        return Duals(here.row + there.row, here.rule + there.rule, here.multiplier + there.multiplier)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One iteration at some duals: a proven bound and the direction in which demand and supply differ."""

    bound: float  # on multiplier x coverage - cost_weight x cost of free visits; endless if days were restricted
    found: float  # the bound if nothing better can be done than what was found
    row_subgradient: Floats  # seats minus people
    rule_subgradient: Floats  # people with the tag minus those needed
    coverage: float  # of the free visits in the best weeks
    visitor: Ints
    visit: Ints
    own_worth: Floats  # cost weight x (gain - travel - load - left out) of each volunteer's best week
    cap_worth: Floats  # what one bucket more in the cap on the week would add, by volunteer

    @property
    def slack(self) -> float:
        """What days that were too rich to finish add to the bound."""
        return self.bound - self.found


class Halted(Exception):
    """An iteration was broken off."""


class Lagrangian:
    """A problem made ready for pricing; evaluates any duals for the coverage stage (cost weight 0) or the cost stage
    (1).
    """

    def __init__(self, problem: Problem, net: Network, params: Params = Params()) -> None:
        self.net, self.params = net, params
        self.pricing_net = pricing_network(net)
        self.rows: Rows = rows_of(net)
        self.tasks: Tasks = tasks_of(net, self.rows)
        self.days: Days = days_of(net)
        self.pool: ColumnPool = empty_pool(self.days)
        self._instances: dict[bool, Instance] = {}
        self._values = np.zeros(len(self.tasks.row))
        self.halted = np.zeros(1, np.uint8)  # another thread may write 1: what is under way ends at once
        # Another thread may help with iterations and subgradient phases.
        self.work = ThreadPool(params.thread_pool.patience_s)
        self.truncated: Callable[[], bool] = lambda: False
        self.rule_row = np.repeat(np.arange(len(self.rows.slot)), np.diff(self.rows.rule_at))
        self.idle_travel = idle_travel(self.pricing_net, self.tasks, self.days)
        self.pinned_coverage = int((net.value * net.pin_count).sum())
        self.pinned_gain = _pinned_gain(net)
        self.value_step = math.gcd(*(int(v) for v in np.unique(net.value))) or 1
        self.mean_value = max(1.0, float(net.value[self.rows.slot].mean())) if len(self.rows.slot) else 1.0

    @property
    def has_many_days(self) -> bool:
        """Whether duals come so slowly that two threads had better share the work for them."""
        return len(self.days.max_visits) > self.params.thread_pool.many_days

    def zero_duals(self) -> Duals:
        return Duals(np.zeros(len(self.rows.slot)), np.zeros(len(self.rows.rule_tag)))

    def instance(self, cost_weight: float) -> Instance:
        """The problem as pricing sees it in the coverage stage (cost weight 0) or the cost stage."""
        with_load = cost_weight > 0
        if with_load not in self._instances:
            buckets = buckets_of(self.net, self.days, with_load, self.params.pricing.max_buckets)
            self._instances[with_load] = Instance(self.pricing_net, self.tasks, self.days, buckets)
        return self._instances[with_load]

    def limits(self, max_nodes: int, max_tasks: int = ALL, tolerance: float = 0.0) -> PricingLimits:
        return PricingLimits(int(max_nodes), int(max_tasks), float(tolerance), self.params.pricing)

    def values(self, duals: Duals, cost_weight: float, into: Floats | None = None) -> Floats:
        """The worth of every task at these duals, in an array that the next call uses again unless one is given."""
        into = self._values if into is None else into
        about = self.pricing_net, self.tasks, self.rows
        task_values(*about, duals.row, duals.rule, duals.multiplier, cost_weight, into)
        return into

    def evaluate(
        self, duals: Duals, cost_weight: float, max_nodes: int, max_tasks: int = ALL, tolerance: float = 0.0
    ) -> Evaluation:
        """The bound that these duals prove, and what the volunteers would do at them.

        With days shortened to so many tasks it is quicker, finds nearly as much, and proves nothing. Once `truncated`
        says so, days are only bounded; once `halted` is set, Halted is raised. Routes worth no more than `tolerance`
        less than the best of their day enter the pool too, as far as they are met.
        """
        values, instance = self.values(duals, cost_weight), self.instance(cost_weight)

        def weeks_of(some: Ints) -> Any:
            if self.halted[0]:
                raise Halted
            limits = self.limits(0 if self.truncated() else max_nodes, max_tasks, tolerance)
            return best_weeks(instance, self.pool, values, cost_weight, some, limits, self.halted)

        people = np.arange(len(self.net.willing))
        some = self.params.thread_pool.volunteers_at_once
        groups = [people[at : at + some] for at in range(0, max(1, len(people)), some)]
        parts = self.work.results(partial(weeks_of, group) for group in groups)
        if self.halted[0]:
            raise Halted
        bound = sum(part[0] for part in parts)
        own_worth, cap_worth = (np.concatenate([part[n] for part in parts]) for n in (1, 2))
        visitor, visit, day_of, legs = (np.concatenate([part[n] for part in parts]) for n in (3, 4, 5, 7))
        if len(day_of):
            paths = stacked([part[6] for part in parts])
            self.pool = add_routes(self.pricing_net, self.tasks, self.pool, day_of, paths, legs)
        offered, needed = np.zeros(len(self.rows.slot)), np.zeros(len(self.rows.rule_tag))
        seats = seats_worth(self.rows, duals.row, duals.rule, offered, needed)
        row = self.tasks.row[visit]
        people = np.bincount(row, minlength=len(self.rows.slot))
        tagged = tag_counts(self.rows, self.net.has_tag, visitor, row)
        coverage = float(self.tasks.value[visit].sum())
        found_worth = float(own_worth.sum())
        own_worth -= np.bincount(
            visitor, values[visit] - cost_weight * self.tasks.gain[visit], minlength=len(self.net.willing)
        )
        demand = offered - people, tagged - needed
        return Evaluation(bound + seats, found_worth + seats, *demand, coverage, visitor, visit, own_worth, cap_worth)

    def prune(self, duals: Duals, cost_weight: float, max_routes: int) -> None:
        """Once there are twice as many, keep only the routes of the pool that these duals like best: so many a day."""
        if len(self.pool.travel) > 2 * max_routes * len(self.days.max_visits):
            about = self.pricing_net, self.pool, self.rows
            worth = choice_worth(*about, duals.row, duals.rule, duals.multiplier, cost_weight)
            cost = cost_weight * self.net.travel_weight
            kept = routes_to_keep(self.instance(cost_weight), self.pool, worth, cost, max_routes)
            self.pool = keep_only(self.pricing_net, self.tasks, self.pool, kept)

    def coverage_bound(self, bound: float) -> int:
        """No plan covers more: the bound on free visits, rounded down to what sums of values can be."""
        return self.pinned_coverage + int((bound + SAFETY) // self.value_step) * self.value_step


def _pinned_gain(net: Network) -> int:
    """What affinity and prior assignments of the pinned visits take off the cost of every plan."""
    total = 0
    for slot in np.flatnonzero(net.pin_count):
        people = net.pin_volunteer[net.pin_at[slot] : net.pin_at[slot + 1]]
        gains = slice(net.gain_at[slot], net.gain_at[slot + 1])
        total += int(net.gain_points[gains][np.isin(net.gain_volunteer[gains], people)].sum())
    return total


@kernel
def seats_worth(rows: Rows, row_dual: Floats, rule_dual: Floats, offered: Floats, needed: Floats) -> float:
    """What the seats of all slots are worth at their duals; `offered` seats and `needed` tags attain it.

    A slot for several is staffed at its best start, with its headcount where seats cost something and its minimum where
    people are paid for, or not at all.
    """
    total = 0.0
    for slot in range(len(rows.slot_at) - 1):
        best, chosen = 0.0, -1
        for r in range(rows.slot_at[slot], rows.slot_at[slot + 1]):
            if not rows.is_team[r]:
                total += row_dual[r] * rows.seats[r]
                offered[r] = rows.seats[r]
                continue
            worth = row_dual[r] * (rows.seats[r] if row_dual[r] > 0 else rows.least[r])
            for rule in range(rows.rule_at[r], rows.rule_at[r + 1]):
                worth -= rule_dual[rule] * rows.rule_least[rule]
            if worth > best:
                best, chosen = worth, r
        if chosen >= 0:
            total += best
            offered[chosen] = rows.seats[chosen] if row_dual[chosen] > 0 else rows.least[chosen]
            for rule in range(rows.rule_at[chosen], rows.rule_at[chosen + 1]):
                needed[rule] = rows.rule_least[rule]
    return total


@allocating
def tag_counts(rows: Rows, has_tag: Bytes, visitor: Ints, row: Small) -> Floats:
    """How many of the visitors carry the tag of each team rule of the row they are on."""
    counts = np.zeros(len(rows.rule_tag))
    for i in range(len(row)):
        for rule in range(rows.rule_at[row[i]], rows.rule_at[row[i] + 1]):
            counts[rule] += has_tag[rows.rule_tag[rule], visitor[i]]
    return counts
