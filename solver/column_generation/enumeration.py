"""A set of day routes to choose integer plans from.

`enumerate_routes` enumerates every route that a plan better than the incumbent could use: at the duals of a bound, a
route whose best week falls short of its volunteer's best by the whole gap cannot be in it (reduced-cost enumeration;
Baldacci, Christofides and Mingozzi, 2008). When it finishes, choosing among the set is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from solver.column_generation.lagrangian import Duals, Lagrangian
from solver.instance.dtypes import Bytes, Floats, Ints
from solver.instance.jit import allocating
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.pricing.column_pool import ColumnPool
from solver.pricing.day_subproblem import day_routes
from solver.pricing.instance import Instance, PricingLimits
from solver.pricing.knapsack_bounds import NOTHING
from solver.pricing.path import END, EVENT, fixed_events_of, lay_out
from solver.pricing.week_join import join, week_profiles

Path = tuple[int, ...]  # tasks and fixed events of one day in order


class RouteSet:
    """Day routes without repetition; `travel` counts the legs beyond those that pinned visits alone would take."""

    def __init__(self, lagrangian: Lagrangian) -> None:
        self.lagrangian = lagrangian
        self.day: list[int] = []
        self.path: list[Path] = []
        self.starts: list[Path] = []
        self.travel: list[int] = []
        self.minutes: list[int] = []
        self._known: dict[tuple[int, Path], int] = {}

    def __len__(self) -> int:
        return len(self.day)

    def add(self, day: int, path: Path) -> int:
        """The number of the route, which is taken in if it is new."""
        key = (day, path)
        if key not in self._known:
            self._known[key] = len(self.day)
            lagrangian = self.lagrangian
            starts, travel, minutes = lay_out(
                lagrangian.pricing_net, lagrangian.tasks, lagrangian.days, day, np.array(path, np.int64)
            )
            self.day.append(day)
            self.path.append(path)
            self.starts.append(tuple(starts.tolist()))
            self.travel.append(travel - int(lagrangian.idle_travel[day]))
            self.minutes.append(minutes)
        return self._known[key]

    def idle_cost(self) -> int:
        """What the legs of all pinned visits would cost without any other: `travel` of the routes leaves it out."""
        return self.lagrangian.net.travel_weight * int(self.lagrangian.idle_travel.sum())

    def visits(self, route: int) -> list[tuple[int, int]]:
        """(task, start) of the route's free visits, in order."""
        pairs = zip(self.path[route], self.starts[route], strict=True)
        return [(task, start) for task, start in pairs if task >= 0]

    def assignments(self, problem: Problem, routes: Iterable[int]) -> list[Assignment]:
        """The free visits of these routes, by name."""
        lagrangian = self.lagrangian
        found = []
        for route in routes:
            volunteer = problem.volunteers[int(lagrangian.net.window_volunteer[lagrangian.days.at[self.day[route]]])].id
            for task, start in self.visits(route):
                found.append(Assignment(problem.slots[int(lagrangian.tasks.slot[task])].id, volunteer, start))
        return found

    def routes_of(self, problem: Problem, plan: Iterable[Assignment]) -> list[int]:
        """The routes of a plan that breaks no rule, taken into the set."""
        lagrangian, net = self.lagrangian, self.lagrangian.net
        slot_of = {slot.id: n for n, slot in enumerate(problem.slots)}
        volunteer_of = {volunteer.id: n for n, volunteer in enumerate(problem.volunteers)}
        visits: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for a in plan:
            slot, volunteer = slot_of[a.slot], volunteer_of[a.volunteer]
            if volunteer in net.pin_volunteer[net.pin_at[slot] : net.pin_at[slot + 1]]:
                continue
            window = self._window_at(volunteer, a.start)
            day = int(np.searchsorted(lagrangian.days.at, window, "right")) - 1
            visits[day].append((a.start, self._task(window, slot, a.start)))
        return [self.add(day, self._with_fixed_events(day, mine)) for day, mine in sorted(visits.items())]

    def _window_at(self, volunteer: int, start: int) -> int:
        net = self.lagrangian.net
        first, last = net.volunteer_window_at[volunteer], net.volunteer_window_at[volunteer + 1]
        return int(first + np.searchsorted(net.window_start[first:last], start, "right") - 1)

    def _task(self, window: int, slot: int, start: int) -> int:
        tasks = self.lagrangian.tasks
        mine = np.arange(tasks.at[window], tasks.at[window + 1])
        fits = (tasks.slot[mine] == slot) & (tasks.low[mine] <= start) & (start <= tasks.high[mine])
        return int(mine[np.flatnonzero(fits)[0]])

    def _with_fixed_events(self, day: int, visits: list[tuple[int, int]]) -> Path:
        """The path of a day's visits (start, task) with its fixed events in between."""
        net, days = self.lagrangian.net, self.lagrangian.days
        steps = [(start, 1, task) for start, task in visits]
        for k, (window, pinned, start) in enumerate(fixed_events_of(self.lagrangian.pricing_net, days, day)):
            steps.append((int(start) if pinned >= 0 else int(net.window_end[window]), 0, EVENT - k))
        return tuple(step for _, _, step in sorted(steps))


def enumerate_routes(
    route_set: RouteSet, duals: Duals, cost_weight: float, gap: float, max_routes: int, max_nodes: int
) -> list[int] | None:
    """Every route within `gap` of its volunteer's best week at the duals, into the set; None if more than
    `max_routes`.

    Of several orders of the same visits only the cheapest is kept.
    """
    lagrangian = route_set.lagrangian
    values = lagrangian.values(duals, cost_weight)
    room = lagrangian.params.prover.orders_of_a_set * max_routes
    day_of, paths, value, complete = enumerate_by_reduced_cost(
        lagrangian.instance(cost_weight), lagrangian.pool, values, cost_weight, float(gap), room,
        lagrangian.limits(max_nodes), lagrangian.halted,
    )  # fmt: skip
    mark = np.random.default_rng(0).integers(1, 2**62, len(lagrangian.rows.slot) + 1)
    row = np.where(paths >= 0, lagrangian.tasks.row[np.maximum(paths, 0)], -1)
    visits = mark[row] * (row >= 0)
    order = np.lexsort((-value, visits.sum(axis=1), day_of))
    day_of, paths, same = day_of[order], paths[order], visits.sum(axis=1)[order]
    first = np.ones(len(order), bool)
    first[1:] = (day_of[1:] != day_of[:-1]) | (same[1:] != same[:-1])
    if not complete or first.sum() > max_routes:
        return None
    return [
        route_set.add(day, tuple(step for step in path if step != END))
        for day, path in zip(day_of[first].tolist(), paths[first].tolist(), strict=True)
    ]


@allocating
def enumerate_by_reduced_cost(
    instance: Instance, pool: ColumnPool, values: Floats, cost_weight: float, gap: float, room: int,
    limits: PricingLimits, halted: Bytes,
) -> tuple[Ints, Ints, Floats, bool]:  # fmt: skip
    """(day, path, value, complete) of every day route whose best week is within the gap of its volunteer's best."""
    net, _, days, buckets = instance
    width = 2
    day_of, paths, count, complete = np.zeros(1024, np.int64), np.full((1024, width), END, np.int64), 0, True
    value, worth = np.zeros(1024), values[pool.task]
    cost = cost_weight * net.travel_weight
    for volunteer in range(len(net.willing)):
        first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
        bucket_size, capacity = buckets.bucket_size[volunteer], buckets.capacity[volunteer]
        min_worth, ends, _, uppers, _, _ = week_profiles(
            instance, pool, values, worth, volunteer, cost_weight, limits, halted
        )
        spare = np.zeros(capacity + 1, np.int64)
        before = [np.full(capacity + 1, NOTHING)]
        before[0][0] = 0.0
        for day in range(first, last):
            before.append(join(before[day - first], uppers[day - first], bucket_size != 0, spare))
        best = np.max(before[last - first] + ends)
        after = np.full(capacity + 1, NOTHING)
        after[0] = 0.0
        for day in range(last - 1, first - 1, -1):
            others = join(before[day - first], after, bucket_size != 0, spare)
            threshold = np.full(capacity + 1, -NOTHING)
            for m in range(capacity + 1):
                for rest in range(capacity + 1):
                    bucket = m + rest if bucket_size != 0 else min(capacity, m + rest)
                    if bucket <= capacity and others[rest] > NOTHING:
                        threshold[m] = min(threshold[m], best - gap - others[rest] - ends[bucket])
            for m in range(capacity - 1, -1, -1):
                threshold[m] = min(threshold[m], threshold[m + 1])
            after = join(after, uppers[day - first], bucket_size != 0, spare)
            least = min_worth - gap - 1.0  # without a task worth less, the rest of the route is worth more
            _, _, _, kept, kept_value, finished = day_routes(
                instance, values, day, cost, bucket_size, least, threshold, max(1, room - count), limits, halted
            )
            complete = complete and finished and count < room and not halted[0]
            if kept.shape[1] > width:
                wider = np.full((len(paths), kept.shape[1]), END, np.int64)
                wider[:, :width] = paths
                paths, width = wider, kept.shape[1]
            for k in range(len(kept)):
                if count == len(day_of):
                    day_of, value = np.concatenate((day_of, day_of)), np.concatenate((value, value))
                    paths = np.concatenate((paths, np.full_like(paths, END)))
                day_of[count], value[count] = day, kept_value[k]
                paths[count, : kept.shape[1]] = kept[k]
                paths[count, kept.shape[1] :] = END
                count += 1
    return day_of[:count], paths[:count], value[:count], complete
