"""From routes that nearly obey the rules to a plan that does: visits move to the grid, and what cannot stand goes."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.peers.day import Week
from solver.model.check import violations
from solver.model.problem import Slot, Volunteer, Window
from solver.model.solution import Assignment


def mended(week: Week) -> list[Assignment]:
    """The plan that is left of the week's routes; it breaks no rule."""
    broken: set[str] = set()
    while True:
        plan = [
            a for key, route in week.routes.items() for a in _walked(week, key, [s for s in route if s not in broken])
        ]
        short = _too_small(week, plan)
        if not short:
            assert not (found := violations(week.problem, plan)), found[:3]
            return plan
        broken |= short


def broken_crews(week: Week) -> set[str]:
    """The crews that came out too small or break a team rule."""
    return _too_small(week, [a for key, route in week.routes.items() for a in _walked(week, key, route)])


def _walked(week: Week, key: tuple[str, int], route: list[str]) -> list[Assignment]:
    """The visits of one window at their earliest starts on the grid; one that does not fit is left out."""
    volunteer = week.plan.volunteers[key[0]]
    window = next(w for w in volunteer.windows if w.start == key[1])
    visits: list[tuple[Slot, int]] = []
    for slot_id in route:
        tried = _schedule(week, volunteer, window, [*(slot for slot, _ in visits), week.slots[slot_id]])
        if tried and _within_caps(week, volunteer, key, [slot for slot, _ in tried]):
            visits = tried
    return [Assignment(slot.id, volunteer.id, start) for slot, start in visits]


def _schedule(week: Week, volunteer: Volunteer, window: Window, route: list[Slot]) -> list[tuple[Slot, int]] | None:
    leg_min, clock, place, found = week.plan.leg_min, window.start, window.origin, []
    for slot in route:
        ready = clock + leg_min(volunteer.mode, place, slot.location)
        starts = [week.crew_start[slot.id]] if slot.id in week.crew_start else slot.starts
        start = next((s for s in starts if s >= ready), None)
        if start is None or start + slot.duration > window.end:
            return None
        found.append((slot, start))
        clock, place = start + slot.duration, place if slot.location is None else slot.location
    return found if clock + leg_min(volunteer.mode, place, window.destination) <= window.end else None


def _within_caps(week: Week, volunteer: Volunteer, key: tuple[str, int], slots: list[Slot]) -> bool:
    day = {slot.id for slot in slots}
    others = [s for (who, start), r in week.routes.items() if who == volunteer.id and (who, start) != key for s in r]
    minutes = sum(slot.duration for slot in slots)
    before = sum(week.slots[s].duration for s in others)
    return (
        len(day) <= (volunteer.max_visits_per_day or 10**6)
        and minutes <= (volunteer.max_minutes_per_day or 10**6)
        and len(day) + len(others) <= (volunteer.max_visits or 10**6)
        and minutes + before <= (volunteer.max_minutes or 10**6)
    )


def _too_small(week: Week, plan: list[Assignment]) -> set[str]:
    people: dict[str, list[str]] = defaultdict(list)
    for a in plan:
        people[a.slot].append(a.volunteer)
    known = week.plan.volunteers
    return {
        slot_id
        for slot_id, team in people.items()
        if len(team) < week.slots[slot_id].min_headcount
        or any(sum(rule.tag in known[who].tags for who in team) < rule.at_least for rule in week.slots[slot_id].team)
    }
