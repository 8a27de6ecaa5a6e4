"""PyVRP, day by day: seats are optional clients with prizes; whom a window does not suit is too far away for it."""

from __future__ import annotations

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType
from pyvrp import solve as pyvrp_solve
from pyvrp.stop import MaxRuntime

from benchmarks.peers.by_day import plan_by_day
from benchmarks.peers.day import Day, Matrix, Week

TOO_FAR = 100_000
MATRIX_BYTES = 2_000_000_000  # a day is planned in parts where one matrix per window would take more


def solve(week: Week, seconds: float, seed: int) -> None:
    """Plan the week."""
    plan_by_day(week, seconds, lambda day, share: _plan(day, share, seed))


def _plan(day: Day, seconds: float, seed: int) -> None:
    """The day in as few parts as memory allows; what one part has taken is no more for the next."""
    at_once = max(8, MATRIX_BYTES // (16 * len(day.jobs) ** 2 + 1))
    parts = [list(range(i, min(i + at_once, len(day.vehicles)))) for i in range(0, len(day.vehicles), at_once)]
    legs = {mode: day.legs(mode) for mode in day.modes()}
    taken: set[int] = set()
    for part in parts:
        taken |= _plan_part(day, part, taken, legs, seconds / len(parts), seed)


def _plan_part(
    day: Day, part: list[int], taken: set[int], legs: dict[str | None, Matrix], seconds: float, seed: int
) -> set[int]:
    mine = set(part)
    jobs = [j for j in range(len(day.jobs)) if j not in taken and mine & set(day.allowed[j])]
    if not jobs:
        return set()
    # Every seat has a place of its own, so that a window can be kept away from it; homes stand before them.
    homes = sorted({day.home[n] for n in part} | {day.goal[n] for n in part})
    depot = {place: d for d, place in enumerate(homes)}
    origin = np.array([*homes, *(day.job_place[j] for j in jobs)])
    near = {mode: of_day[np.ix_(origin, origin)] for mode, of_day in legs.items()}
    durations, vehicles = [], []
    for n in part:
        vehicle = day.vehicles[n]
        matrix = near[vehicle.volunteer.mode].copy()
        for k, j in enumerate(jobs):
            if n not in day.allowed[j]:
                matrix[:, len(homes) + k] = TOO_FAR
        np.fill_diagonal(matrix, 0)
        durations.append(matrix)
        vehicles.append(
            VehicleType(
                capacity=[vehicle.visits, vehicle.minutes],
                start_depot=depot[day.home[n]],
                end_depot=depot[day.goal[n]],
                tw_early=vehicle.window.start,
                tw_late=vehicle.window.end,
                unit_distance_cost=1,
                profile=len(durations) - 1,
            )
        )
    clients = [
        Client(
            location=len(homes) + k,
            delivery=[1, day.jobs[j].slot.duration],
            service_duration=day.jobs[j].slot.duration,
            tw_early=day.jobs[j].first,
            tw_late=day.jobs[j].last,
            prize=day.jobs[j].slot.value,
            required=False,
        )
        for k, j in enumerate(jobs)
    ]
    data = ProblemData(
        [Location(0, 0) for _ in origin],
        clients,
        [Depot(d) for d in range(len(homes))],
        vehicles,
        durations,
        durations,
    )
    best = pyvrp_solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False).best
    routes: dict[int, list[int]] = {}
    for route in best.routes():
        visits = [activity.idx for activity in route if activity.is_client()]
        if visits and route.is_feasible():
            routes[part[route.vehicle_type()]] = [jobs[k] for k in visits]
    day.keep(routes)
    return {j for visits in routes.values() for j in visits}
