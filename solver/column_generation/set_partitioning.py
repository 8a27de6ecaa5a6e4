"""The integer choice of day routes with CP-SAT: at most one route a day, rows for seats, minima, team rules and caps.

Every rule here is one of a route (kept by pricing) or one of the rows below, so with a complete route set the model is
the problem. Nothing can be infeasible: an empty choice is always allowed, pinned visits are not part of the choice.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from solver.column_generation.enumeration import RouteSet
from solver.instance.arrays import NO_LIMIT, NO_TARGET
from solver.instance.load import load_points

ACCURACY = 1e-6  # of a bound that CP-SAT reports


@dataclass(slots=True)
class Choice:
    """What CP-SAT chose: routes of the set, and its own bound on the objective (valid for this set)."""

    routes: list[int]
    bound: int
    proven: bool


@dataclass(slots=True)
class SetPartitioning:
    """The model over some routes of a set."""

    route_set: RouteSet
    routes: list[int]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    solver: cp_model.CpSolver = field(default_factory=cp_model.CpSolver)
    use: dict[int, cp_model.IntVar] = field(default_factory=dict)
    coverage: cp_model.LinearExprT = 0
    cost: cp_model.LinearExprT = 0

    def __post_init__(self) -> None:
        for route in self.routes:
            self.use[route] = self.model.new_bool_var("")
        self._one_route_a_day()
        self._seats()
        self._week_caps()
        self.coverage = sum(
            self.use[r] * sum(int(self.route_set.lagrangian.tasks.value[o]) for o, _ in self.route_set.visits(r))
            for r in self.routes
        )
        self.cost = self._cost()

    def _one_route_a_day(self) -> None:
        by_day: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for route in self.routes:
            by_day[self.route_set.day[route]].append(self.use[route])
        for uses in by_day.values():
            self.model.add_at_most_one(uses)

    def _seats(self) -> None:
        """At most the seats of a row; for several people the minimum and the team rules, at one start or none."""
        lagrangian = self.route_set.lagrangian
        rows = lagrangian.rows
        on_row: dict[int, list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
        for route in self.routes:
            volunteer = int(lagrangian.net.window_volunteer[lagrangian.days.at[self.route_set.day[route]]])
            for task, _ in self.route_set.visits(route):
                on_row[int(lagrangian.tasks.row[task])].append((volunteer, self.use[route]))
        staffed: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for row, people in on_row.items():
            uses = [use for _, use in people]
            if not rows.is_team[row]:
                self.model.add_at_most_one(uses)
                continue
            open_here = self.model.new_bool_var("")
            staffed[int(rows.slot[row])].append(open_here)
            self.model.add(sum(uses) <= int(rows.seats[row]) * open_here)
            if rows.least[row] > 0:
                self.model.add(sum(uses) >= int(rows.least[row]) * open_here)
            for rule in range(rows.rule_at[row], rows.rule_at[row + 1]):
                tag = rows.rule_tag[rule]
                tagged = [use for volunteer, use in people if lagrangian.net.has_tag[tag, volunteer]]
                self.model.add(cp_model.LinearExpr.sum(tagged) >= int(rows.rule_least[rule]) * open_here)
        for choices in staffed.values():
            self.model.add_at_most_one(choices)

    def _of_volunteers(self) -> dict[int, list[int]]:
        lagrangian = self.route_set.lagrangian
        mine: dict[int, list[int]] = defaultdict(list)
        for route in self.routes:
            mine[int(lagrangian.net.window_volunteer[lagrangian.days.at[self.route_set.day[route]]])].append(route)
        return mine

    def _week_caps(self) -> None:
        net = self.route_set.lagrangian.net
        for volunteer, routes in self._of_volunteers().items():
            if net.max_minutes[volunteer] < NO_LIMIT:
                room = max(0, int(net.max_minutes[volunteer] - net.volunteer_pin_minutes[volunteer]))
                self.model.add(sum(self.use[r] * self.route_set.minutes[r] for r in routes) <= room)
            if net.max_visits[volunteer] < NO_LIMIT:
                room = max(0, int(net.max_visits[volunteer] - net.volunteer_pin_visits[volunteer]))
                self.model.add(sum(self.use[r] * len(self.route_set.visits(r)) for r in routes) <= room)

    def _cost(self) -> cp_model.LinearExprT:
        """Travel less gains of the routes, load added and willing people left out."""
        route_set, net = self.route_set, self.route_set.lagrangian.net
        terms: list[cp_model.LinearExprT] = []
        for r in self.routes:
            gain = sum(int(route_set.lagrangian.tasks.gain[o]) for o, _ in route_set.visits(r))
            terms.append(self.use[r] * (net.travel_weight * route_set.travel[r] - gain))
        by_volunteer = self._of_volunteers()
        for volunteer in range(len(net.willing)):
            routes = by_volunteer.get(volunteer, [])
            minutes = sum(self.use[r] * route_set.minutes[r] for r in routes)
            if net.over_before[volunteer] > NO_TARGET and net.overload_weight:
                terms.append(net.overload_weight * self._load(volunteer, routes, minutes))
            if net.willing[volunteer] and net.volunteer_pin_visits[volunteer] == 0:
                idle = self.model.new_bool_var("")
                self.model.add(idle + sum(self.use[r] for r in routes) >= 1)
                terms.append(net.unused_weight * idle)
        return sum(terms)

    def _load(self, volunteer: int, routes: list[int], minutes: cp_model.LinearExprT) -> cp_model.LinearExprT:
        """Load points added: dearer with every hour over the wish; the cheap hours fill first by themselves."""
        net = self.route_set.lagrangian.net
        before = int(net.over_before[volunteer] + net.volunteer_pin_minutes[volunteer])
        most = before + sum(max(day) for day in self._minutes_by_day(routes).values())
        if most <= max(0, int(net.over_before[volunteer])):
            return 0
        steps: list[cp_model.IntVar] = []
        points: list[cp_model.LinearExprT] = [-load_points(int(net.over_before[volunteer]))]
        hours = self.route_set.lagrangian.params.set_partitioning.load_hours
        for hour in range(min(hours, -(-most // 60))):
            length = 60 if hour + 1 < hours else most
            steps.append(self.model.new_int_var(0, length, ""))
            points.append((2 * hour + 1) * steps[-1])
        self.model.add(sum(steps) >= before + minutes)
        return sum(points)

    def _minutes_by_day(self, routes: Iterable[int]) -> dict[int, list[int]]:
        by_day: dict[int, list[int]] = defaultdict(list)
        for route in routes:
            by_day[self.route_set.day[route]].append(self.route_set.minutes[route])
        return by_day

    def hint(self, routes: Iterable[int]) -> None:
        """Start from these routes (all others unused)."""
        chosen = set(routes)
        for route, use in self.use.items():
            self.model.add_hint(use, route in chosen)

    def most_coverage(self, seed: int, seconds: float = 1e6, enough: float = -math.inf) -> Choice | None:
        """The choice with the most coverage found, or None if there was no time for one.

        Ends as soon as it is proven that no choice covers more than `enough`, with this bound and perhaps no routes.
        """
        self.model.maximize(self.coverage)
        no_more = threading.Event()

        def watch(bound: float) -> None:
            if math.floor(bound + ACCURACY) <= enough:
                no_more.set()
                self.stop()

        self.solver.best_bound_callback = watch
        choice = self._solve(seed, seconds, math.floor)
        return choice or (Choice([], math.floor(enough), False) if no_more.is_set() else None)

    def least_cost(self, coverage: int, seed: int, seconds: float = 1e6) -> Choice | None:
        """The choice with the least cost found that covers at least so much, or None."""
        self.model.add(self.coverage >= coverage)
        self.model.minimize(self.cost)
        return self._solve(seed, seconds, math.ceil)

    def stop(self) -> None:
        """End a running solve (from another thread); the choice found so far is returned."""
        self.solver.stop_search()

    def _solve(self, seed: int, seconds: float, whole: Callable[[float], int]) -> Choice | None:
        parameters = self.solver.parameters
        parameters.max_time_in_seconds = seconds
        parameters.num_workers = 1  # one worker: with several, another equally good plan may come back
        parameters.random_seed = seed
        parameters.linearization_level = 2  # routes are nearly whole in the relaxation: lean on it
        parameters.cp_model_probing_level = 0  # measured: half the time to a proof
        status = self.solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None  # values are garbage under any other status
        routes = [route for route, use in self.use.items() if self.solver.boolean_value(use)]
        slack = ACCURACY if whole is math.floor else -ACCURACY
        bound = whole(self.solver.best_objective_bound + slack)
        return Choice(routes, bound, status == cp_model.OPTIMAL)
