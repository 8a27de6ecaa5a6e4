"""One day of a week as routing solvers see it: vehicles are free windows, jobs are seats, legs are matrices.

What routing solvers cannot express is settled before (one start for a crew, a tag for some of its seats) or after
(`mend.py`): a minimum or nobody, the starting grid, caps over the week, the exact way after a call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from benchmarks.peers.who_could import WhoCould
from solver.model.plan_index import EARTH_RADIUS_M, Plan
from solver.model.problem import Place, Problem, Slot, Volunteer, Window

Matrix = npt.NDArray[np.int64]
Routes = dict[tuple[str, int], list[str]]  # volunteer and start of the window → slots in order
CALL_LEG_MIN = 12  # a way after a service by phone, where the solver cannot know the place before it


@dataclass(frozen=True)
class Vehicle:
    """One free window of a volunteer, with what is left of the caps."""

    number: int  # of the window in the network
    volunteer: Volunteer
    window: Window
    visits: int
    minutes: int


@dataclass(frozen=True)
class Job:
    """One seat of a slot, its starts, and the tag that a team rule asks of the person in it."""

    slot: Slot
    first: int
    last: int
    tag: str | None


@dataclass
class Week:
    """A problem and what has been decided of it: routes per window as ordered slot ids, starts of crews."""

    problem: Problem
    routes: Routes = field(default_factory=dict)
    crew_start: dict[str, int] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)

    @cached_property
    def plan(self) -> Plan:
        return Plan(self.problem, ())

    @cached_property
    def slots(self) -> dict[str, Slot]:
        return {slot.id: slot for slot in self.problem.slots}

    @cached_property
    def who_could(self) -> WhoCould:
        return WhoCould(self.problem)

    def days(self) -> list[int]:
        return sorted({w.start // 1440 for v in self.problem.volunteers for w in v.windows})

    def day(self, number: int) -> Day:
        """The day with what the days before it left of the caps of the week."""
        minutes: dict[str, int] = defaultdict(int)
        visits: dict[str, int] = defaultdict(int)
        for (who, _), route in self.routes.items():
            minutes[who] += sum(self.slots[slot].duration for slot in route)
            visits[who] += len(route)
        vehicles = []
        for n, (v, w) in enumerate(self.who_could.windows):
            if w.start // 1440 == number:
                most = _least(v.max_visits_per_day, _left(v.max_visits, visits[v.id]), 1000)
                long = _least(v.max_minutes_per_day, _left(v.max_minutes, minutes[v.id]), w.end - w.start)
                vehicles.append(Vehicle(n, v, w, most, long))
        done = {slot for route in self.routes.values() for slot in route}
        slots = [s for s in self.problem.slots if s.id not in done and s.id not in self.given_up]
        return Day(self, number, vehicles, slots)

    def take_back(self, number: int) -> Routes:
        """The routes of a day, which is then unplanned."""
        return {key: self.routes.pop(key) for key in list(self.routes) if key[1] // 1440 == number}


def _left(cap: int | None, used: int) -> int | None:
    return None if cap is None else max(0, cap - used)


def _least(*caps: int | None) -> int:
    return min(cap for cap in caps if cap is not None)


class Day:
    """Vehicles, jobs, which job suits which vehicle, and legs by mode between numbered places."""

    def __init__(self, week: Week, number: int, vehicles: list[Vehicle], slots: list[Slot]) -> None:
        self.week, self.vehicles = week, [v for v in vehicles if v.visits and v.minutes]
        vehicle_of = {vehicle.number: n for n, vehicle in enumerate(self.vehicles)}
        self.jobs: list[Job] = []
        self.allowed: list[list[int]] = []
        for slot in slots:
            if slot.latest // 1440 < number or slot.earliest // 1440 > number:
                continue
            mine = {
                vehicle_of[n]: starts
                for n, starts in week.who_could.serve(slot)
                if n in vehicle_of and slot.duration <= self.vehicles[vehicle_of[n]].minutes
            }
            if len(mine) < max(1, slot.min_headcount):
                continue
            for job in self._seats(slot, list(mine.values())):
                able = [n for n in mine if job.tag is None or job.tag in self.vehicles[n].volunteer.tags]
                if able:
                    self.jobs.append(job)
                    self.allowed.append(able)
        self._number_places()

    def _seats(self, slot: Slot, spans: list[tuple[int, int]]) -> list[Job]:
        """A job for every seat; those of a crew at the start within the spans of most people, some with a tag."""
        if slot.headcount == 1:
            return [Job(slot, slot.earliest, slot.starts[-1], None)]
        start = max(slot.starts, key=lambda s: sum(first <= s <= last for first, last in spans))
        self.week.crew_start[slot.id] = start
        tags: list[str | None] = [rule.tag for rule in slot.team for _ in range(rule.at_least)]
        tags = (tags + [None] * slot.headcount)[: slot.headcount]
        return [Job(slot, start, start, tag) for tag in tags]

    def _number_places(self) -> None:
        """place_of_job, home and goal of vehicles as numbers; CALL is a place of its own, NOWHERE ends open windows."""
        self.places: list[Place | None] = [None, None]
        number: dict[Place, int] = {}

        def place(found: Place | None, missing: int) -> int:
            if found is None:
                return missing
            if found not in number:
                number[found] = len(self.places)
                self.places.append(found)
            return number[found]

        self.job_place = [place(job.slot.location, CALL) for job in self.jobs]
        self.home = [place(vehicle.window.origin, NOWHERE) for vehicle in self.vehicles]
        self.goal = [place(vehicle.window.destination, NOWHERE) for vehicle in self.vehicles]

    def legs(self, mode: str | None) -> Matrix:
        """Whole minutes between the numbered places for a mode; 0 to and from NOWHERE and to a call."""
        travel, named = self.week.problem.travel, self.places[2:]
        legs = np.zeros((len(self.places), len(self.places)), np.int64)
        if travel.matrix is not None:
            legs[2:, 2:] = travel.matrix[np.ix_(named, named)]
        elif named:
            by = travel.modes[mode or ""]
            lat, lon = np.radians(np.array(named)).T
            for n in range(len(named)):  # haversine, a row at a time: a district has many places
                h = np.sin((lat - lat[n]) / 2) ** 2 + np.cos(lat) * np.cos(lat[n]) * np.sin((lon - lon[n]) / 2) ** 2
                metres = travel.detour * 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h))
                legs[2 + n, 2:] = np.ceil(metres / by.metres_per_minute + by.overhead - 1e-9)
        np.fill_diagonal(legs, 0)
        legs[CALL, 2:] = CALL_LEG_MIN
        return legs

    def modes(self) -> Iterable[str | None]:
        return dict.fromkeys(vehicle.volunteer.mode for vehicle in self.vehicles)

    def keep(self, routes: dict[int, list[int]]) -> None:
        """Write down what was found: vehicle → jobs in order."""
        for n, jobs in routes.items():
            vehicle = self.vehicles[n]
            slots = list(dict.fromkeys(self.jobs[j].slot.id for j in jobs))
            self.week.routes[vehicle.volunteer.id, vehicle.window.start] = slots


NOWHERE, CALL = 0, 1
