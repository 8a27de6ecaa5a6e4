"""A plan looked up in every way that a rule or a cost term needs; plain Python, knowing nothing of the solver."""

from __future__ import annotations

import math
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from solver.model.problem import Place, Problem, Slot, Volunteer, Window

EARTH_RADIUS_M = 6_371_008.8
DAY_MIN = 1440


class Placed(Protocol):
    """What is checked: someone stands on a slot from a start (minutes since the horizon's first midnight)."""

    @property
    def slot(self) -> str: ...
    @property
    def volunteer(self) -> str: ...
    @property
    def start(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One volunteer on one slot, with the free window that holds it (None: a pin outside every window)."""

    slot: Slot
    volunteer: Volunteer
    start_min: int
    pinned: bool
    window: Window | None

    @property
    def end_min(self) -> int:
        return self.start_min + self.slot.duration

    @property
    def day(self) -> int:
        """The day that the visit counts on: that of its window, so a night window is one day."""
        return (self.window.start if self.window else self.start_min) // DAY_MIN


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit on a route: minutes of the leg to it, of the direct leg from the window's origin, and when free."""

    visit: Visit
    leg_min: int
    reach_min: int
    free_at_min: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one volunteer does in one free window; back_leg_min is the leg to the window's destination."""

    window: Window
    stops: tuple[Stop, ...]
    back_leg_min: int


class Index:
    """A problem's slots, volunteers and pins by id; plans of one problem may share it."""

    def __init__(self, problem: Problem) -> None:
        self.slots = {slot.id: slot for slot in problem.slots}
        self.volunteers = {volunteer.id: volunteer for volunteer in problem.volunteers}
        self.pinned_start_min = {(slot.id, pin.volunteer): pin.start for slot in problem.slots for pin in slot.pinned}

    def with_slot(self, slot: Slot) -> Index:
        """The same with one slot written differently."""
        changed = copy(self)
        changed.slots = {**self.slots, slot.id: slot}
        return changed


class Plan:
    """The assignments of a problem, looked up in every way that a rule needs."""

    def __init__(self, problem: Problem, assignments: Iterable[Placed], index: Index | None = None) -> None:
        self.problem, self.index = problem, index or Index(problem)
        self.slots, self.volunteers = self.index.slots, self.index.volunteers
        self.pinned_start_min = self.index.pinned_start_min
        self.unknown: list[Placed] = []
        self.repeated: list[Placed] = []
        self.team_of: dict[str, list[Visit]] = defaultdict(list)
        self.visits_of: dict[str, list[Visit]] = defaultdict(list)
        self.placed: set[tuple[str, str]] = set()
        for assignment in assignments:
            self._add(assignment)
        for visits in self.visits_of.values():
            visits.sort(key=attrgetter("start_min"))

    def _add(self, assignment: Placed) -> None:
        slot, volunteer = self.slots.get(assignment.slot), self.volunteers.get(assignment.volunteer)
        if slot is None or volunteer is None:
            self.unknown.append(assignment)
            return
        pair = (slot.id, volunteer.id)
        if pair in self.placed:
            self.repeated.append(assignment)
            return
        self.placed.add(pair)
        start_min, end_min = assignment.start, assignment.start + slot.duration
        window = next((w for w in volunteer.windows if w.start <= start_min and end_min <= w.end), None)
        visit = Visit(slot, volunteer, start_min, pair in self.pinned_start_min, window)
        self.team_of[slot.id].append(visit)
        self.visits_of[volunteer.id].append(visit)

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """What happens inside each free window that holds a visit; a pin outside every window travels nowhere."""
        return tuple(route for visits in self.visits_of.values() for route in self._routes_through(visits))

    def _routes_through(self, visits: list[Visit]) -> Iterator[Route]:
        inside: dict[int, list[Visit]] = defaultdict(list)
        for visit in visits:
            if visit.window is not None:
                inside[visit.window.start].append(visit)
        for visits_inside in inside.values():
            window = visits_inside[0].window
            assert window is not None
            yield self._route(window, visits_inside)

    def _route(self, window: Window, visits: list[Visit]) -> Route:
        mode = visits[0].volunteer.mode
        place, clock_min, stops = window.origin, window.start, []
        for visit in visits:
            leg_min = self.leg_min(mode, place, visit.slot.location)
            reach_min = self.leg_min(mode, window.origin, visit.slot.location)
            stops.append(Stop(visit, leg_min, reach_min, clock_min))
            clock_min = visit.end_min
            if visit.slot.location is not None:  # after a service by phone people are where they were
                place = visit.slot.location
        return Route(window, tuple(stops), self.leg_min(mode, place, window.destination))

    def leg_min(self, mode: str | None, here: Place | None, there: Place | None) -> int:
        """Whole minutes from here to there, rounded up; 0 at the same place or when one of them is no place."""
        if here is None or there is None or here == there:
            return 0
        travel = self.problem.travel
        if isinstance(here, int) and isinstance(there, int) and travel.matrix is not None:
            return int(travel.matrix[here, there])
        assert isinstance(here, tuple)
        assert isinstance(there, tuple)
        by = travel.modes[mode or ""]
        metres = travel.detour * haversine_m(here, there)
        return math.ceil(metres / by.metres_per_minute + by.overhead - 1e-9)


def haversine_m(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Metres over a spherical Earth between two (latitude, longitude) pairs in degrees."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*here, *there))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))


def clock(minute: int) -> str:
    """A minute of the horizon as people say it: "day 2 14:05" (the first day is day 1)."""
    day, rest = divmod(minute, DAY_MIN)
    return f"day {day + 1} {rest // 60:02d}:{rest % 60:02d}"
