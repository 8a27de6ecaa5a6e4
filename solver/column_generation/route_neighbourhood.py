"""Large-neighbourhood search over routes: free some days of the best plan and let CP-SAT choose their routes again.

The routes on offer are those that pricing thinks well of at the duals of the bound, and those that any plan met so far
has used. A neighbourhood is one calendar day around one place, and the other days of a few people of it: what shares
seats and caps. Its solve starts from the plan itself, so it never gets worse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.set_partitioning import SetPartitioning


class RouteNeighbourhoods:
    """Neighbourhoods of the incumbent plan over a growing pool of routes."""

    def __init__(self, context: ProverContext, ascent: DualAscent) -> None:
        self.context = context
        self.lagrangian: Lagrangian = ascent.lagrangian
        self.params = self.lagrangian.params.route_neighbourhood
        self.route_set = RouteSet(self.lagrangian)
        self._random = np.random.default_rng(context.seed)
        self._on_day: dict[int, set[int]] = defaultdict(set)
        self._take(_low_reduced_cost_routes(self.route_set, ascent))
        net, days = self.lagrangian.net, self.lagrangian.days
        first = days.at[:-1]
        self._calendar = net.day_number[net.window_day[first]]
        self._home = _positions(self.lagrangian, net.window_origin[first])

    def _take(self, routes: Iterable[int]) -> None:
        for route in routes:
            self._on_day[self.route_set.day[route]].add(route)

    def improve(self) -> None:
        """Choose the routes of one neighbourhood again."""
        context, seconds = self.context, min(self.params.time_limit_s, self.context.seconds_left())
        context.choose(self.route_set, self._neighbourhood(), lambda model: model.best(context.seed, seconds))

    def _neighbourhood(self) -> SetPartitioning:
        """The choice of some days' routes, all others held fixed, starting from the best plan."""
        plan, *_ = self.context.best.snapshot()
        mine = self.route_set.routes_of(self.context.problem, plan)
        self._take(mine)
        free = set(self._days_to_free().tolist())
        fixed = [route for route in mine if self.route_set.day[route] not in free]
        on_offer = sorted(route for day in free for route in self._on_day[day])
        set_partitioning = SetPartitioning(self.route_set, [*fixed, *on_offer], fixed=set(fixed))
        set_partitioning.hint(mine)
        return set_partitioning

    def _days_to_free(self) -> np.ndarray:
        """The days nearest to a random day on its date, and all days of some of their people."""
        centre = int(self._random.integers(len(self._calendar)))
        same = np.flatnonzero(self._calendar == self._calendar[centre])
        away = ((self._home[same] - self._home[centre]) ** 2).sum(axis=1)
        near = same[np.argsort(away, kind="stable")[: self.params.free_days // 2]]
        days = self.lagrangian.days
        people = np.searchsorted(days.of_volunteer_at, near, "right") - 1
        others = np.concatenate([np.arange(days.of_volunteer_at[v], days.of_volunteer_at[v + 1]) for v in people])
        return np.unique(np.concatenate((near, others[: self.params.free_days])))


def _low_reduced_cost_routes(route_set: RouteSet, ascent: DualAscent) -> list[int]:
    """The routes nearest to the best at the duals, about `routes_a_day` for each day."""
    params = ascent.lagrangian.params.route_neighbourhood
    most = params.routes_a_day * len(route_set.lagrangian.days.max_visits)
    gap = 2.0 * route_set.lagrangian.mean_value * (ascent.best.multiplier if ascent.cost_weight > 0 else 1.0)
    for _ in range(12):
        routes = enumerate_routes(route_set, ascent.best, ascent.cost_weight, gap, most, params.max_nodes)
        if routes is not None:
            return routes
        gap /= 2
    return []


def _positions(lagrangian: Lagrangian, places: np.ndarray) -> np.ndarray:
    """Coordinates of places (nowhere: the centre of the earth), or zeros where legs come from a matrix."""
    found = np.zeros((len(places), 3))
    known = places >= 0
    found[known] = lagrangian.net.travel.sphere[places[known]]
    return found
