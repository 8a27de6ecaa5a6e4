"""Where the search sets out: the last plan, and on every visit that it left open somebody whom the elder knows.

A search has little time, and a plan from nothing sends whoever comes first. The plan stays the search's own: it may
change each of these seats, and one that breaks a rule is dropped when the search takes them over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from scheduler.rules.facts import STANDING, Facts
from scheduler.rules.horizon import DAY_MIN, volunteer_of
from scheduler.rules.travel import Point, leg_min
from solver.model.problem import Problem, Slot, Volunteer, Window
from solver.model.solution import Assignment


def with_familiar_people(problem: Problem, facts: Facts, hoped: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """The hoped-for seats; then each visit by one person that has none gets the most familiar one who has time."""
    slots = {slot.id: slot for slot in problem.slots}
    weeks = {person.id: _Week(person, facts) for person in problem.volunteers}
    seats = list(hoped)
    pins = [Assignment(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]
    for seat in (*pins, *seats):
        weeks[seat.volunteer].add(slots[seat.slot], seat.start)
    filled = {seat.slot for seat in (*pins, *seats)}
    for slot, person in _most_familiar_first(problem, facts):
        if slot.id not in filled and person in weeks:
            start = weeks[person].start_for(slot)
            if start is not None:
                weeks[person].add(slot, start)
                filled.add(slot.id)
                seats.append(Assignment(slot.id, person, start))
    return tuple(seats)


def _most_familiar_first(problem: Problem, facts: Facts) -> Iterator[tuple[Slot, str]]:
    """Visits by one person, each with the elder's companions and with whoever was there lately."""
    knows = {(visit.volunteer_id, visit.recipient_id) for visit in facts.visits}
    knows |= {(pair.volunteer_id, pair.recipient_id) for pair in facts.pairs if pair.state in STANDING}
    found = [
        (-points, -slot.value, slot.earliest, slot.id, person, slot)
        for slot in problem.slots
        if slot.headcount == 1 and slot.location is not None and not slot.pinned
        for person, points in slot.affinity.items()
        if (volunteer_of(person), facts.slots[slot.id].recipient_id) in knows
    ]
    for *_, person, slot in sorted(found, key=lambda row: row[:5]):
        yield slot, person


class _Week:
    """What one person does in a calendar week, and what else they could."""

    def __init__(self, person: Volunteer, facts: Facts) -> None:
        self.person, self.facts = person, facts
        self.visits: dict[int, list[tuple[int, Slot]]] = defaultdict(list)  # day → (start, visit)

    def add(self, slot: Slot, start: int) -> None:
        """The person makes this visit."""
        self.visits[start // DAY_MIN].append((start, slot))

    def start_for(self, slot: Slot) -> int | None:
        """The first start at which the person could come, beside what they do already; None if there is none."""
        person, today = self.person, [visit for _, visit in self.visits[slot.earliest // DAY_MIN]]
        week = [visit for day in self.visits.values() for _, visit in day]
        if (
            person.id in slot.excluded
            or not slot.requires_all <= person.tags
            or _over(person.max_visits, len(week) + 1)
            or _over(person.max_visits_per_day, len(today) + 1)
            or _over(person.max_minutes, sum(visit.duration for visit in (*week, slot)))
            or _over(person.max_minutes_per_day, sum(visit.duration for visit in (*today, slot)))
        ):
            return None
        return next((s for w in person.windows for s in self._starts_in(w, slot) if self._is_free(slot, s)), None)

    def _starts_in(self, window: Window, slot: Slot) -> range:
        first = max(slot.earliest, window.start + self._leg(window.origin, slot.location))
        first += (slot.earliest - first) % slot.step
        last = min(slot.latest, window.end - slot.duration - self._leg(slot.location, window.destination))
        return range(first, last + 1, slot.step)

    def _is_free(self, slot: Slot, start: int) -> bool:
        return all(
            begun + other.duration + self._leg(other.location, slot.location) <= start
            or start + slot.duration + self._leg(slot.location, other.location) <= begun
            for begun, other in self.visits[start // DAY_MIN]
        )

    def _leg(self, here: object, there: object) -> int:
        if here is None or there is None:
            return 0
        volunteer = self.facts.volunteers[volunteer_of(self.person.id)]
        return leg_min(volunteer, _point(here), _point(there), self.facts.config)


def _point(place: object) -> Point:
    """A place as build.py writes it."""
    assert isinstance(place, tuple)
    return place


def _over(limit: int | None, amount: int) -> bool:
    return limit is not None and amount > limit
