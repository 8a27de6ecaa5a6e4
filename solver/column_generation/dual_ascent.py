"""Prices on their way down: a descent lowers the bound that prices prove, and every look at prices is a proof."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from solver.column_generation.lagrangian import SAFETY, Evaluation, Master, Prices
from solver.column_generation.subgradient import move, prices_of, rehearse, rehearse_together, walk_from
from solver.column_generation.thread_pool import MANY_DAYS
from solver.instance.dtypes import Floats
from solver.pricing.task_filter import ALL

ROUTES_A_DAY = 300  # remembered between looks
STEPS, LEAST_STEPS = 800, 200  # of a rehearsal
ROUTES_IN_ALL = 120_000_000  # that a rehearsal values, about, if that allows the least of steps
AT_ONCE = 50  # steps between two questions whether to stop
FINEST = 1 / 300  # the last step of a rehearsal to its first
BACK = 0.7  # share of the best prices where the rehearsed ones went too far
MOST_EFFORT = 200_000
SLACK = 0.5  # of what is left to gain: more of it in unfinished days calls for more effort
CLOSE, CLOSE_COST = 2e-4, 2e-3  # of the height: nearer than this to what a rehearsal reaches is near enough
ROUNDING = 1e-11  # of large sums of prices: at a reward of 1e18 their difference says nothing any more
LEAST = 0.05  # units of coverage or cost: near zero a share of the height is next to nothing
TIRED, IMPATIENT = 6, 2  # looks without progress


class Descent:
    """Prices on their way down; any step may be repeated.

    `best` holds the prices of the lowest height found so far. What days too rich to finish may add to it is `slack`:
    their sum is proven. `proven_height` is the lowest height proven at any prices, and `proven` holds those.
    """

    def __init__(self, master: Master, start: Prices, share: float, coverage: int = 0) -> None:
        self.master, self.share, self.coverage = master, share, coverage - master.pinned_coverage
        self.prices = self.best = self.proven = start.copy()
        self.best_height = self.proven_height = math.inf
        self.slack = 0.0
        self.cap_worth: Floats = np.zeros(0)  # at the proven prices, by volunteer
        self.now: Evaluation | None = None
        self.attendance: Floats = np.zeros(len(master.rows.slot))  # people who come to each row, lately on average

    @property
    def bound(self) -> int:
        """The proven bound: on coverage, or on the cost of any plan with at least the coverage given."""
        master = self.master
        if self.share == 0:
            return master.coverage_bound(self.proven_height)
        return math.ceil(-self.proven_height - SAFETY) + master.net.tax_total - master.pinned_gain

    def look(self, effort: int, most: int = ALL, behind: float = 0.0) -> Evaluation:
        """Evaluate the current prices; a lower height makes them the best.

        Routes behind the best by so many mean visits are remembered too.
        """
        behind *= self.master.mean_value * self.prices.reward
        now = self.now = self.master.evaluate(self.prices, self.share, effort, most, behind)
        height, found = self._height(now.bound, self.prices), self._height(now.found, self.prices)
        if height < self.proven_height:
            self.proven_height, self.proven, self.cap_worth = height, self.prices, now.cap_worth
        if found < self.best_height:
            self.best_height, self.slack, self.best = found, height - found, self.prices
        return now

    def look_again(self, effort: int, most: int = ALL, behind: float = 0.0) -> Evaluation:
        """Evaluate the best prices harder: what was found there may have been too low, and the bound too high."""
        self.prices, self.best_height = self.best, math.inf
        return self.look(effort, most, behind)

    def _height(self, bound: float, prices: Prices) -> float:
        """What is left of the bound without the coverage asked for, no lower than rounding lets one be sure of."""
        if self.share == 0:
            return bound
        asked = prices.reward * self.coverage
        return bound - asked + ROUNDING * (abs(bound) + abs(asked))

    def run(
        self,
        stop: Callable[[], bool],
        effort: int,
        rounds: int,
        first: float,
        last: float,
        seen: Callable[[Evaluation], object] | None = None,
        most: int = ALL,
    ) -> None:
        """Lower the bound by subgradients in so many looks, from the best prices, by steps from `first` to `last`.

        Steps are counted in the worth of a mean visit and shrink geometrically: measured, a fifth of the looks that
        Polyak's step needs. `seen` hears of every evaluation.
        """
        master = self.master
        walk = walk_from(master, self.best)
        for step in self._steps(self.best, first, last, rounds):
            if stop():
                return
            self.prices = self._prices(walk.price)
            now = self.look(effort, most)
            if seen is not None:
                seen(now)
            surplus = (now.coverage - self.coverage) / master.mean_value if self.share > 0 else 0.0
            move(walk, np.concatenate((now.row_slack, now.rule_slack, [surplus])), step)

    def rehearsed(
        self,
        stop: Callable[[], bool],
        effort: int,
        far: float,
        most: int = ALL,
        behind: float = 0.0,
        little: float = 0.0,
        turns: float = math.inf,
    ) -> None:
        """Lower the bound by turns: many steps on remembered routes, then a look at everything where they led to.

        Of more than `most` options a day only a shortlist is looked at; routes `behind` the best are remembered too.
        Ends soon once turns lower the bound by no more than the share `little`, or later where nothing is near.
        """
        without, close = 0, CLOSE_COST if self.share > 0 else CLOSE
        progress, patience = (little, IMPATIENT) if little else (close / 2, TIRED)
        while not stop() and without < patience and turns > 0:
            turns -= 1
            self.master.forget(self.best, self.share, ROUTES_A_DAY)
            prices, floor = self._rehearse(stop, far)
            before = self.best_height
            if stop() or before - floor <= max(LEAST, close * abs(before)):
                return
            self.prices = prices
            now = self.look(effort, most, behind)
            if self.best_height == before and not stop():
                self.prices = self.best.mixed(prices, BACK)
                now = self.look(effort, most, behind)
            without = 0 if self.best_height < before - max(LEAST, progress * abs(before)) else without + 1
            far = max(0.01, 0.8 * far)
            if not little and effort < MOST_EFFORT and now.slack > SLACK * (self.best_height - floor):
                effort = min(MOST_EFFORT, 2 * effort)
                self.look_again(effort)

    def _rehearse(self, stop: Callable[[], bool], far: float) -> tuple[Prices, float]:
        """The best prices on remembered routes that steps from the best prices lead to, and their height there."""
        master = self.master
        walk, best, height = walk_from(master, self.best), walk_from(master, self.best).price, math.inf
        count = max(LEAST_STEPS, min(STEPS, ROUTES_IN_ALL // max(1, len(master.memory.travel))))
        steps = self._steps(self.best, far, far * FINEST, count)
        together = len(master.days.max_visits) > MANY_DAYS

        def walk_on(sizes: Floats) -> float:
            attendance = np.zeros(len(master.rows.slot))
            about = (
                master.net, master.days, master.levels(self.share), master.rows, master.memory, master.idle_travel,
                self.share, float(self.coverage), master.mean_value, walk, best, height, sizes, attendance,
            )  # fmt: skip
            height_there = rehearse_together(*about, master.work) if together else rehearse(*about)
            self.attendance = attendance  # whole, for whoever makes a plan of prices meanwhile
            return height_there

        height = walk_on(np.zeros(1))
        if height > self.best_height:  # what has been met since shows that more could be done at these prices
            self.slack = max(0.0, self.slack - (height - self.best_height))
            self.best_height = height
        with master.work.promised():
            for n in range(0, count, AT_ONCE):
                if stop():
                    break
                height = walk_on(steps[n : n + AT_ONCE])
        return self._prices(best), height

    def _prices(self, price: Floats) -> Prices:
        prices = prices_of(self.master, price)
        if self.share == 0:
            prices.reward = 1.0
        return prices

    def _steps(self, prices: Prices, first: float, last: float, count: int) -> Floats:
        scale = self.master.mean_value * (prices.reward if self.share > 0 else 1.0)
        return scale * first * (last / first) ** (np.arange(count) / max(1, count))
