"""Every hard rule again, in plain Python, knowing nothing of the solver.

A plan is published only if violations() finds nothing in it. RULES is the table of contents: one function
per hard rule, named as in docs/adding-a-rule.md. A pinned visit is exempt from every rule about that visit,
but it takes its volunteer's time and counts towards caps, load and travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from solver.model.objective import TERMS, load_points, measure
from solver.model.plan_index import Placed, Plan, Visit, clock

if TYPE_CHECKING:
    from solver.model.problem import Problem, Slot, Volunteer

__all__ = ["RULES", "TERMS", "Violation", "load_points", "measure", "violations"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its name, a sentence for staff, what it is about, and by how much (minutes or people)."""

    rule: str
    message: str
    slot: str | None = None
    volunteer: str | None = None
    excess: int = 0


# ---- rules on the assignments themselves


def known_ids(plan: Plan) -> Iterator[Violation]:
    """Every assignment names a slot and a volunteer of the problem."""
    for a in plan.unknown:
        yield Violation("known_ids", f"{a.volunteer} on {a.slot}: no such slot or volunteer", a.slot, a.volunteer)


def no_duplicates(plan: Plan) -> Iterator[Violation]:
    """Nobody stands twice on the same slot."""
    for a in plan.repeated:
        yield Violation("no_duplicates", f"{a.volunteer} is twice on {a.slot}", a.slot, a.volunteer)


def pins_stand(plan: Plan) -> Iterator[Violation]:
    """Every pinned visit is in the plan, with its person and at its start."""
    kept = {(v.slot.id, v.volunteer.id): v.start_min for team in plan.team_of.values() for v in team if v.pinned}
    for (slot, volunteer), start_min in plan.pinned_start_min.items():
        if kept.get((slot, volunteer)) != start_min:
            text = f"the fixed visit of {volunteer} on {slot} at {clock(start_min)} is not kept"
            yield Violation("pins_stand", text, slot, volunteer)


# ---- shared rules: about the people of one slot


def at_most_headcount(plan: Plan) -> Iterator[Violation]:
    """A slot has no more people than it wants."""
    for slot_id, team in plan.team_of.items():
        over = len(team) - plan.slots[slot_id].headcount
        if over > 0:
            text = f"{slot_id} has {len(team)} people and wants {plan.slots[slot_id].headcount}"
            yield Violation("at_most_headcount", text, slot_id, excess=over)


def enough_or_nobody(plan: Plan) -> Iterator[Violation]:
    """A slot with anybody on it has at least its minimum, unless all of them are pinned."""
    for slot_id, team in plan.team_of.items():
        missing = plan.slots[slot_id].min_headcount - len(team)
        if missing > 0 and not all(visit.pinned for visit in team):
            text = f"{slot_id} has {len(team)} people and needs {plan.slots[slot_id].min_headcount}, or nobody"
            yield Violation("enough_or_nobody", text, slot_id, excess=missing)


def team_rules(plan: Plan) -> Iterator[Violation]:
    """A slot with anybody on it has enough people with each tag its team needs, unless all of them are pinned."""
    for slot_id, team in plan.team_of.items():
        for rule in plan.slots[slot_id].team:
            have = sum(rule.tag in visit.volunteer.tags for visit in team)
            if have < rule.at_least and not all(visit.pinned for visit in team):
                text = f"{slot_id} has {have} with {rule.tag} and needs {rule.at_least}"
                yield Violation("team_rules", text, slot_id, excess=rule.at_least - have)


def common_start(plan: Plan) -> Iterator[Violation]:
    """Everybody on a slot starts together."""
    for slot_id, team in plan.team_of.items():
        starts = sorted({visit.start_min for visit in team})
        if len(starts) > 1:
            text = f"{slot_id} starts at several times: {', '.join(map(clock, starts))}"
            yield Violation("common_start", text, slot_id, excess=starts[-1] - starts[0])


# ---- personal rules: about one visit


def _free_visits(plan: Plan) -> Iterator[Visit]:
    return (visit for team in plan.team_of.values() for visit in team if not visit.pinned)


def allowed_start(plan: Plan) -> Iterator[Violation]:
    """A visit starts between the slot's earliest and latest start."""
    for visit in _free_visits(plan):
        slot = visit.slot
        if not slot.earliest <= visit.start_min <= slot.latest:
            excess = max(slot.earliest - visit.start_min, visit.start_min - slot.latest)
            allowed = f"{clock(slot.earliest)} to {clock(slot.latest)}"
            text = f"{slot.id} starts at {clock(visit.start_min)}, allowed is {allowed}"
            yield Violation("allowed_start", text, slot.id, visit.volunteer.id, excess)


def on_grid(plan: Plan) -> Iterator[Violation]:
    """A visit starts a whole number of steps after the slot's earliest start."""
    for visit in _free_visits(plan):
        slot = visit.slot
        off_min = (visit.start_min - slot.earliest) % slot.step
        if off_min:
            grid = f"every {slot.step} min from {clock(slot.earliest)}"
            text = f"{slot.id} starts at {clock(visit.start_min)}, off its grid: {grid}"
            yield Violation("on_grid", text, slot.id, visit.volunteer.id, off_min)


def eligible(plan: Plan) -> Iterator[Violation]:
    """The volunteer has all required tags, one of requires_any, none of forbids, and is not excluded by name."""
    for visit in _free_visits(plan):
        why = _why_not_eligible(visit.volunteer, visit.slot)
        if why:
            text = f"{visit.volunteer.id} is not eligible for {visit.slot.id}: {why}"
            yield Violation("eligible", text, visit.slot.id, visit.volunteer.id)


def _why_not_eligible(volunteer: Volunteer, slot: Slot) -> str:
    reasons = []
    if missing := sorted(slot.requires_all - volunteer.tags):
        reasons.append(f"lacks {', '.join(missing)}")
    if slot.requires_any and not slot.requires_any & volunteer.tags:
        reasons.append(f"has none of {', '.join(sorted(slot.requires_any))}")
    if banned := sorted(slot.forbids & volunteer.tags):
        reasons.append(f"is {', '.join(banned)}, which the slot forbids")
    if volunteer.id in slot.excluded:
        reasons.append("is kept away from it by name")
    return "; ".join(reasons)


# ---- personal rules: about one volunteer's day and horizon


def inside_window(plan: Plan) -> Iterator[Violation]:
    """A visit lies wholly inside one free window of its volunteer."""
    for visit in _free_visits(plan):
        if visit.window is None:
            when = f"{clock(visit.start_min)} to {clock(visit.end_min)}"
            text = f"{visit.volunteer.id} is not free for {visit.slot.id}, {when}"
            yield Violation("inside_window", text, visit.slot.id, visit.volunteer.id)


def reached_in_time(plan: Plan) -> Iterator[Violation]:
    """The volunteer can be there: the previous end (or the window's start) plus the leg is not after the start."""
    for route in plan.routes:
        for stop in route.stops:
            visit, late_min = stop.visit, stop.free_at_min + stop.leg_min - stop.visit.start_min
            if late_min > 0 and not visit.pinned:
                text = (
                    f"{visit.volunteer.id} reaches {visit.slot.id} {late_min} min late, after {stop.leg_min} min of way"
                )
                yield Violation("reached_in_time", text, visit.slot.id, visit.volunteer.id, late_min)


def within_reach(plan: Plan) -> Iterator[Violation]:
    """A visit is no further from the window's origin than the volunteer's radius, in minutes of travel."""
    for route in plan.routes:
        for stop in route.stops:
            visit, limit_min = stop.visit, stop.visit.volunteer.max_reach
            if limit_min is not None and stop.reach_min > limit_min and not visit.pinned:
                ids = visit.slot.id, visit.volunteer.id
                text = f"{ids[0]} is {stop.reach_min} min from where {ids[1]} starts, the limit is {limit_min} min"
                yield Violation("within_reach", text, *ids, stop.reach_min - limit_min)


def back_in_time(plan: Plan) -> Iterator[Violation]:
    """The volunteer is where the window says by its end, unless the last visit is pinned."""
    for route in plan.routes:
        last = route.stops[-1].visit
        late_min = last.end_min + route.back_leg_min - route.window.end
        if route.window.destination is not None and late_min > 0 and not last.pinned:
            text = f"{last.volunteer.id} is back {late_min} min late after {last.slot.id}"
            yield Violation("back_in_time", text, last.slot.id, last.volunteer.id, late_min)


def one_place_at_a_time(plan: Plan) -> Iterator[Violation]:
    """Two visits of one volunteer never overlap, whatever windows they are in."""
    for visits in plan.visits_of.values():
        for a, b in pairwise(visits):
            if a.end_min > b.start_min:
                text = f"{a.volunteer.id} is on {a.slot.id} and {b.slot.id} at once"
                yield Violation("one_place_at_a_time", text, b.slot.id, a.volunteer.id, a.end_min - b.start_min)


def day_caps(plan: Plan) -> Iterator[Violation]:
    """On each day with a visit that is not pinned, visits and service minutes are within the volunteer's limits."""
    for volunteer_id, visits in plan.visits_of.items():
        volunteer = plan.volunteers[volunteer_id]
        for day in sorted({visit.day for visit in visits if not visit.pinned}):
            today = [visit for visit in visits if visit.day == day]
            yield from _over_caps(
                "day_caps",
                f"on day {day + 1}",
                volunteer,
                today,
                volunteer.max_visits_per_day,
                volunteer.max_minutes_per_day,
            )


def horizon_caps(plan: Plan) -> Iterator[Violation]:
    """Visits and service minutes of the whole horizon are within the limits, unless all visits are pinned."""
    for volunteer_id, visits in plan.visits_of.items():
        volunteer = plan.volunteers[volunteer_id]
        if not all(visit.pinned for visit in visits):
            yield from _over_caps(
                "horizon_caps", "in this plan", volunteer, visits, volunteer.max_visits, volunteer.max_minutes
            )


def _over_caps(
    rule: str, when: str, volunteer: Volunteer, visits: list[Visit], max_visits: int | None, max_minutes: int | None
) -> Iterator[Violation]:
    minutes = sum(visit.slot.duration for visit in visits)
    if max_visits is not None and len(visits) > max_visits:
        text = f"{volunteer.id} has {len(visits)} visits {when}, the limit is {max_visits}"
        yield Violation(rule, text, None, volunteer.id, len(visits) - max_visits)
    if max_minutes is not None and minutes > max_minutes:
        text = f"{volunteer.id} serves {minutes} min {when}, the limit is {max_minutes}"
        yield Violation(rule, text, None, volunteer.id, minutes - max_minutes)


Rule = Callable[[Plan], Iterator[Violation]]

SHARED: tuple[Rule, ...] = (at_most_headcount, enough_or_nobody, team_rules, common_start)

PERSONAL: tuple[Rule, ...] = (
    allowed_start,
    on_grid,
    eligible,
    inside_window,
    reached_in_time,
    within_reach,
    back_in_time,
    one_place_at_a_time,
    day_caps,
    horizon_caps,
)

RULES: tuple[Rule, ...] = (known_ids, no_duplicates, pins_stand, *SHARED, *PERSONAL)


def violations(problem: Problem, assignments: Iterable[Placed]) -> list[Violation]:
    """Every broken rule of the plan, in the order of RULES; empty if the plan may be published."""
    plan = Plan(problem, assignments)
    return [violation for rule in RULES for violation in rule(plan)]
