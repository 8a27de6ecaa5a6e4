"""Who could run which task when, at given duals: the raw material of the proof, listed in the simplest way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from solver.model.plan_index import Plan
from solver.model.problem import Problem, Slot, Volunteer, Window
from solver.proof.duals import UNIT, StoredDuals, TeamDuals
from solver.proof.subproblem import Stretch, Task

DAY_MIN = 1440


class TasksAtDuals:
    """A problem at given duals, volunteer by volunteer."""

    def __init__(self, problem: Problem, duals: StoredDuals) -> None:
        self.problem, self.duals = problem, duals
        self.leg_min = Plan(problem, ()).leg_min
        self.pins_of: dict[str, list[tuple[int, Slot]]] = defaultdict(list)
        self.slots_on: dict[int, list[Slot]] = defaultdict(list)
        for slot in problem.slots:
            for pin in slot.pinned:
                self.pins_of[pin.volunteer].append((pin.start, slot))
            for day in range(slot.earliest // DAY_MIN, slot.latest // DAY_MIN + 1):
                self.slots_on[day].append(slot)
        for pins in self.pins_of.values():
            pins.sort(key=lambda pin: pin[0])
        self.starts = {slot.id: tuple(self._starts(slot)) for slot in problem.slots}

    def _starts(self, slot: Slot) -> Iterable[int]:
        """The starts at which someone who is not pinned may be on the slot: enough people could come alone."""
        if slot.pinned:
            return [slot.pinned[0].start] if slot.pinned[0].start in slot.starts else []
        if slot.headcount == 1:
            return slot.starts
        people = [volunteer for volunteer in self.problem.volunteers if suits(volunteer, slot)]
        least = max(1, slot.min_headcount)
        return [start for start in slot.starts if sum(self._could_come(v, slot, start) for v in people) >= least]

    def _could_come(self, volunteer: Volunteer, slot: Slot, start: int) -> bool:
        return any(self._fits(volunteer, window, slot, start) for window in volunteer.windows)

    def _fits(self, volunteer: Volunteer, window: Window, slot: Slot, start: int) -> bool:
        """Whether the window could hold the visit. Legs are left out where a third place may shorten them."""
        end = start + slot.duration
        if not (window.start <= start and end <= window.end and self._reaches(volunteer, window, slot)):
            return False
        if self.problem.travel.matrix is not None or self.pins_of.get(volunteer.id):
            return True
        there = self.leg_min(volunteer.mode, window.origin, slot.location)
        back = self.leg_min(volunteer.mode, slot.location, window.destination)
        return window.start + there <= start and end + back <= window.end

    def _reaches(self, volunteer: Volunteer, window: Window, slot: Slot) -> bool:
        reach_min = self.leg_min(volunteer.mode, window.origin, slot.location)
        return volunteer.max_reach is None or reach_min <= volunteer.max_reach

    def caps_left(self, volunteer: Volunteer, day: int | None) -> tuple[int | None, int | None]:
        """Visits and minutes that pinned visits leave of the caps of a day (None: of the horizon)."""
        pins = self.pins_of.get(volunteer.id, ())
        counted = [slot.duration for start, slot in pins if day in (None, _day_of(volunteer, start, slot.duration))]
        if day is None:
            return _left(volunteer.max_visits, len(counted)), _left(volunteer.max_minutes, sum(counted))
        return _left(volunteer.max_visits_per_day, len(counted)), _left(volunteer.max_minutes_per_day, sum(counted))

    def stretches(self, volunteer: Volunteer) -> list[Stretch]:
        """The free stretches of the volunteer's windows, with the tasks that they may hold and what each earns."""
        suited: dict[str, bool] = {}
        return [stretch for window in volunteer.windows for stretch in self._pieces(volunteer, window, suited)]

    def _pieces(self, volunteer: Volunteer, window: Window, suited: dict[str, bool]) -> Iterator[Stretch]:
        """The window, cut at pinned visits; each piece is bounded alone, and the leg to a pin is not asked for."""
        days = range(window.start // DAY_MIN, window.end // DAY_MIN + 1)
        slots = {slot.id: slot for day in days for slot in self.slots_on[day]}.values()
        tasks = self._useful([e for slot in slots for e in self._tasks(volunteer, window, slot, suited)])
        if not tasks:
            return
        day = window.start // DAY_MIN
        caps = zip(self.caps_left(volunteer, day), self.caps_left(volunteer, None), strict=True)
        visits, minutes = (min((cap for cap in pair if cap is not None), default=None) for pair in caps)
        begin, here, lost = window.start, window.origin, False
        for start, slot in self.pins_of.get(volunteer.id, ()):
            end = start + slot.duration
            if end <= window.start or start >= window.end:
                continue
            yield Stretch(self.leg_min, volunteer.mode, begin, start, here, lost, None, visits, minutes, tasks, day)
            begin, here = max(begin, end), slot.location
            lost = slot.location is None or start < window.start or end > window.end
        back = window.destination
        yield Stretch(self.leg_min, volunteer.mode, begin, window.end, here, lost, back, visits, minutes, tasks, day)

    def _tasks(self, volunteer: Volunteer, window: Window, slot: Slot, suited: dict[str, bool]) -> Iterator[Task]:
        """The slot as this window sees it: one task for each of the duals that its starts have."""
        if slot.latest < window.start or slot.earliest + slot.duration > window.end:
            return
        if slot.id not in suited:
            suited[slot.id] = suits(volunteer, slot)
        if not (suited[slot.id] and self._reaches(volunteer, window, slot)):
            return
        starts_at: dict[TeamDuals, list[int]] = defaultdict(list)
        for start in self.starts[slot.id]:
            if window.start <= start <= window.end - slot.duration:
                starts_at[self.duals.team(slot, start)].append(start)
        paid = self.duals.visit(volunteer, window.start // DAY_MIN, slot.duration)
        for dual, starts in starts_at.items():
            bonus = sum(each for rule, each in zip(slot.team, dual.team, strict=False) if rule.tag in volunteer.tags)
            profit = UNIT * slot.value - dual.seat + dual.minimum + bonus - paid
            yield Task(slot.id, slot.location, slot.duration, tuple(starts), profit)

    def _useful(self, tasks: list[Task]) -> list[Task]:
        """Without those that no best stretch holds. A worthless one may lie before one that does pay: in a matrix
        a third place may shorten it, and before a call it may use idle time for a leg that is due after the call."""
        in_between = self.problem.travel.matrix is not None or any(e.place is None and e.profit > 0 for e in tasks)
        return [e for e in tasks if e.profit > 0 or (in_between and e.place is not None)]


def suits(volunteer: Volunteer, slot: Slot) -> bool:
    """Whether the person could join the slot: a seat is free, tags and names allow it, and a team is possible."""
    full = len(slot.pinned) >= slot.headcount or any(rule.at_least > slot.headcount for rule in slot.team)
    already = volunteer.id in slot.excluded or any(pin.volunteer == volunteer.id for pin in slot.pinned)
    any_of = not slot.requires_any or bool(slot.requires_any & volunteer.tags)
    tags = slot.requires_all <= volunteer.tags and any_of and not slot.forbids & volunteer.tags
    one = slot.headcount > 1 or all(rule.tag in volunteer.tags for rule in slot.team if rule.at_least)
    return tags and one and not full and not already


def _left(cap: int | None, used: int) -> int | None:
    return None if cap is None else max(0, cap - used)


def _day_of(volunteer: Volunteer, start_min: int, duration_min: int) -> int:
    inside = (w.start for w in volunteer.windows if w.start <= start_min and start_min + duration_min <= w.end)
    return next(inside, start_min) // DAY_MIN
