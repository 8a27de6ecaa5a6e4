"""The optimum of a small problem by enumeration: slow, short, and without a solver.

Every volunteer's every possible personal plan is listed (all rules about one person), then the plans are combined
volunteer by volunteer, keeping for each state of the slots the cheapest way to reach it (all rules about a team).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from solver.model.objective import load_points
from solver.model.plan_index import Plan, Visit
from solver.model.problem import Problem, Slot, Volunteer, Window
from solver.model.solution import Assignment

Contribution = tuple[tuple[str, int, bool], ...]  # (slot, start if it matters to others, is the visit pinned)


class Optimum(NamedTuple):
    """The best coverage, the least cost at that coverage, and a plan that has both."""

    coverage: int
    cost: int
    assignments: tuple[Assignment, ...]


class Staffing(NamedTuple):
    """What matters of a slot's team: start (None if nobody else can join), heads, tags counted, anybody not pinned."""

    start_min: int | None
    heads: int
    tagged: tuple[int, ...]
    free: bool


@dataclass(frozen=True)
class PersonalPlan:
    visits: tuple[Visit, ...]
    cost: int


def optimum(problem: Problem, forced: frozenset[tuple[str, str]] = frozenset()) -> Optimum | None:
    """The optimum; None if no plan keeps the pins. forced holds (volunteer, slot) pairs that must stand, rules kept."""
    nobody: dict[str, Staffing] = {}
    best: dict[frozenset[tuple[str, Staffing]], tuple[int, tuple[Assignment, ...]]] = {frozenset(): (0, ())}
    for volunteer in problem.volunteers:
        mine = frozenset(slot for who, slot in forced if who == volunteer.id)
        plans = [plan for plan in personal_plans(problem, volunteer) if mine <= {v.slot.id for v in plan.visits}]
        merged: dict[frozenset[tuple[str, Staffing]], tuple[int, tuple[Assignment, ...]]] = {}
        for state, (cost, assignments) in best.items():
            for plan in plans:
                after = _join({**nobody, **dict(state)}, plan.visits)
                if after is None:
                    continue
                key, total = frozenset(after.items()), cost + plan.cost
                if key not in merged or total < merged[key][0]:
                    new = tuple(Assignment(v.slot.id, volunteer.id, v.start_min) for v in plan.visits)
                    merged[key] = total, assignments + new
        best = merged
    slots = {slot.id: slot for slot in problem.slots}
    complete = [
        (-sum(slots[slot_id].value * team.heads for slot_id, team in state), cost, assignments)
        for state, (cost, assignments) in best.items()
        if all(_stands(slots[slot_id], team) for slot_id, team in state)
    ]
    if not complete:
        return None
    coverage, cost, assignments = min(complete, key=lambda plan: plan[:2])
    return Optimum(-coverage, cost, assignments)


def _join(state: dict[str, Staffing], visits: tuple[Visit, ...]) -> dict[str, Staffing] | None:
    """The slots after these visits; None if a slot gets too many people or two starts."""
    for visit in visits:
        slot = visit.slot
        alone = slot.headcount == 1
        team = state.get(slot.id, Staffing(None if alone else visit.start_min, 0, (0,) * len(slot.team), False))
        if team.heads == slot.headcount or (not alone and team.start_min != visit.start_min):
            return None
        tagged = tuple(n + (rule.tag in visit.volunteer.tags) for n, rule in zip(team.tagged, slot.team, strict=True))
        state[slot.id] = Staffing(team.start_min, team.heads + 1, tagged, team.free or not visit.pinned)
    return state


def _stands(slot: Slot, team: Staffing) -> bool:
    enough = team.heads >= slot.min_headcount
    return not team.free or (enough and all(n >= r.at_least for n, r in zip(team.tagged, slot.team, strict=True)))


def personal_plans(problem: Problem, volunteer: Volunteer) -> list[PersonalPlan]:
    """The cheapest personal plan for every set of visits that looks the same to the others; pins always stand."""
    cheapest: dict[Contribution, PersonalPlan] = {}
    for visits in _sequences(problem, volunteer):
        plan = PersonalPlan(visits, _cost(problem, volunteer, visits))
        key = tuple(sorted((v.slot.id, -1 if v.slot.headcount == 1 else v.start_min, v.pinned) for v in visits))
        if key not in cheapest or plan.cost < cheapest[key].cost:
            cheapest[key] = plan
    return list(cheapest.values())


def _sequences(problem: Problem, volunteer: Volunteer) -> Iterator[tuple[Visit, ...]]:
    options = sorted(_possible_visits(problem, volunteer), key=lambda visit: (visit.start_min, visit.slot.id))
    pins = [visit for visit in options if visit.pinned]

    def grow(visits: tuple[Visit, ...]) -> Iterator[tuple[Visit, ...]]:
        due = [pin for pin in pins if pin not in visits]
        if not due and _person_may(problem, volunteer, visits):
            yield visits
        end_min = visits[-1].end_min if visits else -(10**9)
        done = {visit.slot.id for visit in visits}
        for visit in options:
            if visit.start_min < end_min or visit.slot.id in done:
                continue
            if any(pin is not visit and pin.start_min < visit.end_min for pin in due):
                continue
            yield from grow((*visits, visit))

    return grow(())


def _possible_visits(problem: Problem, volunteer: Volunteer) -> Iterator[Visit]:
    for slot in problem.slots:
        pins = [pin for pin in slot.pinned if pin.volunteer == volunteer.id]
        for pin in pins:
            yield Visit(slot, volunteer, pin.start, True, _window(volunteer, pin.start, slot.duration))
        if pins or not _suits(volunteer, slot):
            continue
        for start_min in range(slot.earliest, slot.latest + 1, slot.step):
            window = _window(volunteer, start_min, slot.duration)
            if window:
                yield Visit(slot, volunteer, start_min, False, window)


def _window(volunteer: Volunteer, start_min: int, duration_min: int) -> Window | None:
    return next((w for w in volunteer.windows if w.start <= start_min and start_min + duration_min <= w.end), None)


def _suits(volunteer: Volunteer, slot: Slot) -> bool:
    return (
        all(tag in volunteer.tags for tag in slot.requires_all)
        and (not slot.requires_any or any(tag in volunteer.tags for tag in slot.requires_any))
        and not any(tag in volunteer.tags for tag in slot.forbids)
        and volunteer.id not in slot.excluded
    )


def _walk(problem: Problem, volunteer: Volunteer, visits: tuple[Visit, ...]) -> Iterator[tuple[Visit | None, int, int]]:
    """Each leg of the volunteer's windows: the visit it leads to (None: the way back), its minutes, minutes in hand."""
    leg_min = Plan(problem, ()).leg_min
    for window in volunteer.windows:
        place, clock_min = window.origin, window.start
        route = [visit for visit in visits if visit.window is window]
        for visit in route:
            leg = leg_min(volunteer.mode, place, visit.slot.location)
            yield visit, leg, visit.start_min - clock_min - leg
            clock_min, place = visit.end_min, place if visit.slot.location is None else visit.slot.location
        if route:
            leg = leg_min(volunteer.mode, place, window.destination)
            yield None, leg, 0 if route[-1].pinned or window.destination is None else window.end - clock_min - leg


def _person_may(problem: Problem, volunteer: Volunteer, visits: tuple[Visit, ...]) -> bool:
    for visit, _, spare_min in _walk(problem, volunteer, visits):
        if spare_min < 0 and (visit is None or not visit.pinned):
            return False
    free = [visit for visit in visits if not visit.pinned]
    for visit in free:
        reach = Plan(problem, ()).leg_min(volunteer.mode, visit.window and visit.window.origin, visit.slot.location)
        if volunteer.max_reach is not None and reach > volunteer.max_reach:
            return False
    groups = [([v for v in visits if v.day == day], True) for day in {visit.day for visit in free}]
    for group, daily in [*groups, *([(list(visits), False)] if free else [])]:
        max_visits = volunteer.max_visits_per_day if daily else volunteer.max_visits
        max_minutes = volunteer.max_minutes_per_day if daily else volunteer.max_minutes
        if max_visits is not None and len(group) > max_visits:
            return False
        if max_minutes is not None and sum(visit.slot.duration for visit in group) > max_minutes:
            return False
    return True


def _cost(problem: Problem, volunteer: Volunteer, visits: tuple[Visit, ...]) -> int:
    weights, on = problem.weights, {visit.slot.id for visit in visits}
    minutes = sum(visit.slot.duration for visit in visits)
    cost = weights.travel * sum(leg for _, leg, _ in _walk(problem, volunteer, visits))
    cost -= weights.affinity * sum(visit.slot.affinity.get(volunteer.id, 0) for visit in visits)
    for slot in problem.slots:
        cost += weights.disruption * sum(
            promise.tax for promise in slot.previous if promise.volunteer == volunteer.id and slot.id not in on
        )
    if volunteer.target is not None:
        over_min = volunteer.served - volunteer.target
        cost += weights.overload * (load_points(over_min + minutes) - load_points(over_min))
    return cost + weights.unused * (volunteer.willing and not visits)
