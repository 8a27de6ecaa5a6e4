"""Large-neighbourhood search over routes: free some days of the best plan and let CP-SAT choose their routes again.

The routes on offer are those that pricing thinks well of at the prices of the bound, and those that any plan met so far
has used. A neighbourhood is one calendar day around one place, and the other days of a few people of it: what shares
seats and caps. Its solve starts from the plan itself, so it never gets worse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from solver.column_generation.dual_ascent import Descent
from solver.column_generation.enumeration import Pool, near_best
from solver.column_generation.incumbent import BestKnown
from solver.column_generation.lagrangian import Master
from solver.column_generation.set_partitioning import Staffing
from solver.model.problem import Problem

FREE_DAYS = 90  # days of volunteers that are chosen again together
ROUTES_A_DAY = 60
EFFORT = 20_000


class Mixer:
    """Neighbourhoods of the best known plan over a growing pool of routes."""

    def __init__(self, problem: Problem, descent: Descent, best: BestKnown, seed: int) -> None:
        self.problem, self.best = problem, best
        self.master: Master = descent.master
        self.pool = Pool(self.master)
        self._random = np.random.default_rng(seed)
        self._on_day: dict[int, set[int]] = defaultdict(set)
        self._take(_near_prices(self.pool, descent))
        net, days = self.master.net, self.master.days
        first = days.at[:-1]
        self._calendar = net.day_number[net.window_day[first]]
        self._home = _positions(self.master, net.window_origin[first])

    def _take(self, routes: Iterable[int]) -> None:
        for route in routes:
            self._on_day[self.pool.day[route]].add(route)

    def neighbourhood(self) -> Staffing:
        """The choice of some days' routes, all others held fixed, starting from the best plan."""
        plan, *_ = self.best.snapshot()
        mine = self.pool.routes_of(self.problem, plan)
        self._take(mine)
        free = set(self._days_to_free().tolist())
        fixed = [route for route in mine if self.pool.day[route] not in free]
        on_offer = sorted(route for day in free for route in self._on_day[day])
        staffing = Staffing(self.pool, [*fixed, *on_offer], fixed=set(fixed))
        staffing.hint(mine)
        return staffing

    def _days_to_free(self) -> np.ndarray:
        """The days nearest to a random day on its date, and all days of some of their people."""
        centre = int(self._random.integers(len(self._calendar)))
        same = np.flatnonzero(self._calendar == self._calendar[centre])
        away = ((self._home[same] - self._home[centre]) ** 2).sum(axis=1)
        near = same[np.argsort(away, kind="stable")[: FREE_DAYS // 2]]
        days = self.master.days
        people = np.searchsorted(days.of_volunteer_at, near, "right") - 1
        others = np.concatenate([np.arange(days.of_volunteer_at[v], days.of_volunteer_at[v + 1]) for v in people])
        return np.unique(np.concatenate((near, others[:FREE_DAYS])))


def _near_prices(pool: Pool, descent: Descent) -> list[int]:
    """The routes nearest to the best at the prices, about ROUTES_A_DAY for each day."""
    most = ROUTES_A_DAY * len(pool.master.days.max_visits)
    gap = 2.0 * pool.master.mean_value * (descent.best.reward if descent.share > 0 else 1.0)
    for _ in range(12):
        routes = near_best(pool, descent.best, descent.share, gap, most, EFFORT)
        if routes is not None:
            return routes
        gap /= 2
    return []


def _positions(master: Master, places: np.ndarray) -> np.ndarray:
    """Coordinates of places (nowhere: the centre of the earth), or zeros where legs come from a matrix."""
    found = np.zeros((len(places), 3))
    known = places >= 0
    found[known] = master.net.sphere[places[known]]
    return found
