"""VROOM, day by day: skills are exact (one per pair that suits), values are priorities, caps are capacities."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import vroom

from benchmarks.peers.by_day import plan_by_day
from benchmarks.peers.day import Day, Week

EXPLORATION = 5


def solve(week: Week, seconds: float, seed: int) -> None:
    """Plan the week; `seed` has no effect, VROOM is deterministic but for its time limit."""
    plan_by_day(week, seconds, _plan)


def _plan(day: Day, seconds: float) -> None:
    if not day.jobs or not day.vehicles:
        return
    model = vroom.Input()
    for mode in day.modes():
        model.set_durations_matrix(profile=mode or "matrix", matrix_input=day.legs(mode).astype(np.uint32))
    may: list[set[int]] = [set() for _ in day.vehicles]
    top = max(job.slot.value for job in day.jobs) or 1
    for j, job in enumerate(day.jobs):
        for n in day.allowed[j]:
            may[n].add(j)
        model.add_job(
            vroom.Job(
                id=j,
                location=day.job_place[j],
                default_service=job.slot.duration,
                delivery=vroom.Amount([1, job.slot.duration]),
                skills={j},
                priority=round(100 * job.slot.value / top),
                time_windows=[vroom.TimeWindow(max(0, job.first), job.last)],
            )
        )
    for n, vehicle in enumerate(day.vehicles):
        model.add_vehicle(
            vroom.Vehicle(
                id=n,
                start=day.home[n],
                end=day.goal[n],
                profile=vehicle.volunteer.mode or "matrix",
                capacity=vroom.Amount([vehicle.visits, vehicle.minutes]),
                skills=may[n],
                time_window=vroom.TimeWindow(vehicle.window.start, vehicle.window.end),
                max_tasks=vehicle.visits,
            )
        )
    found = model.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=timedelta(seconds=seconds))
    steps = found.routes
    jobs = steps[steps["type"] == "job"]
    routes: dict[int, list[int]] = {}
    for vehicle, job in zip(jobs["vehicle_id"], jobs["id"], strict=True):
        routes.setdefault(int(vehicle), []).append(int(job))
    day.keep(routes)
