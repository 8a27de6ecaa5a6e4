"""OR-Tools routing, day by day: seats are disjunctions, caps are dimensions, a window may serve whom it suits."""

from __future__ import annotations

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.peers.by_day import plan_by_day
from benchmarks.peers.day import Day, Week

HORIZON_MIN = 10 * 1440


def solve(week: Week, seconds: float, seed: int) -> None:
    """Plan the week; `seed` has no effect, the search is deterministic but for its time limit."""
    plan_by_day(week, seconds, _plan)


def _plan(day: Day, seconds: float) -> None:
    """Nodes are the places of vehicles first (a start and an end each), then the seats."""
    jobs, vehicles = day.jobs, day.vehicles
    if not jobs or not vehicles:
        return
    count = len(vehicles)
    place = [*day.home, *day.goal, *day.job_place]
    duration = [0] * (2 * count) + [job.slot.duration for job in jobs]
    manager = pywrapcp.RoutingIndexManager(len(place), count, list(range(count)), [count + n for n in range(count)])
    routing = pywrapcp.RoutingModel(manager)
    of_mode: dict[str | None, tuple[int, int]] = {}
    for mode in day.modes():
        legs = day.legs(mode)
        travel = legs[place][:, place]
        time = travel + [[d] for d in duration]
        of_mode[mode] = (
            routing.RegisterTransitMatrix(travel.tolist()),
            routing.RegisterTransitMatrix(time.tolist()),
        )
    for n, vehicle in enumerate(vehicles):
        routing.SetArcCostEvaluatorOfVehicle(of_mode[vehicle.volunteer.mode][0], n)
    times = [of_mode[vehicle.volunteer.mode][1] for vehicle in vehicles]
    routing.AddDimensionWithVehicleTransits(times, HORIZON_MIN, HORIZON_MIN, False, "time")
    clock = routing.GetDimensionOrDie("time")
    one = routing.RegisterUnaryTransitVector([0] * (2 * count) + [1] * len(jobs))
    long = routing.RegisterUnaryTransitVector(duration)
    routing.AddDimensionWithVehicleCapacity(one, 0, [v.visits for v in vehicles], True, "visits")
    routing.AddDimensionWithVehicleCapacity(long, 0, [v.minutes for v in vehicles], True, "minutes")
    for n, vehicle in enumerate(vehicles):
        for index in (routing.Start(n), routing.End(n)):
            clock.CumulVar(index).SetRange(vehicle.window.start, vehicle.window.end)
    for j, job in enumerate(jobs):
        index = manager.NodeToIndex(2 * count + j)
        clock.CumulVar(index).SetRange(job.first, job.last)
        routing.AddDisjunction([index], job.slot.value)
        routing.VehicleVar(index).SetValues([-1, *day.allowed[j]])
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(max(100, round(1000 * seconds)))
    found = routing.SolveWithParameters(search)
    if found is None:
        return
    routes: dict[int, list[int]] = {}
    for n in range(count):
        index, visits = found.Value(routing.NextVar(routing.Start(n))), []
        while not routing.IsEnd(index):
            visits.append(manager.IndexToNode(index) - 2 * count)
            index = found.Value(routing.NextVar(index))
        if visits:
            routes[n] = visits
    day.keep(routes)
