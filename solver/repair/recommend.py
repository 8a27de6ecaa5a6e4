"""Who could come to a slot, and where somebody could help, ranked: each with what it adds to coverage and cost.

Everything that stands stays where it is; one visit is added and every rule about it holds. The differences are exact
for that one change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from solver.explain.moves import team_stands
from solver.instance.arrays import NO_LIMIT, open_to_candidates
from solver.instance.dtypes import NO_START, Flags, Ints, Small, Whole
from solver.instance.jit import allocating
from solver.lns.encoding import copy_of
from solver.lns.insertion import leg_min, remove
from solver.lns.state import Plan, Rules
from solver.model.problem import Slot, Volunteer
from solver.repair.free_interval import joined, with_window
from solver.repair.incumbent_state import IncumbentState, trials


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One visit that could be added at `start`, and what it changes; `terms` (weighted) sum up to `cost_change`."""

    slot: str
    volunteer: str
    start: int
    coverage_change: int
    cost_change: int
    terms: dict[str, int]


def people_for(
    incumbent: IncumbentState, slot: str, *, limit: int = 20, instead_of: str | None = None
) -> list[Recommendation]:
    """The best people for a free seat of a slot, least cost first; all rules about each of them hold.

    With `instead_of`, the seat is that person's, who leaves, and differences are against them; nothing else moves.
    While nobody is on a slot for several people, each is tried at their own best start: who comes together is for a
    repair to say. (Where a matrix breaks the triangle inequality, whoever leaves may miss their next visit: a repair
    sees that, this does not.) Raises KeyError for an unknown slot, or if `instead_of` is not on it or pinned there.
    """
    number = incumbent.slot_number[slot]
    plan = incumbent.plan if instead_of is None else _without(incumbent, number, incumbent.volunteer_number[instead_of])
    record = incumbent.rules.slots[number]
    windows = incumbent.rules.slot_candidates[record["candidate_first"] : record["candidate_end"]]
    found = _ranked(incumbent, incumbent.rules, plan, np.full(len(windows), number), windows)
    if instead_of is not None:
        leaving = next(r for r in found if r.volunteer == instead_of)
        others = [a.volunteer for a in incumbent.assignments if a.slot == slot and a.volunteer != instead_of]
        found = [_against(r, leaving) for r in found if r is not leaving and _make_a_team(incumbent, slot, r, others)]
    return found[:limit]


def _make_a_team(incumbent: IncumbentState, slot: str, one: Recommendation, others: list[str]) -> bool:
    team = [incumbent.problem.volunteers[incumbent.volunteer_number[who]] for who in (one.volunteer, *others)]
    return team_stands(incumbent.problem.slots[incumbent.slot_number[slot]], team)


def slots_for(
    incumbent: IncumbentState, volunteer: str, from_min: int, until_min: int, *, limit: int = 20
) -> list[Recommendation]:
    """The best open slots for somebody who is free from `from_min` until `until_min`, most coverage first, then cost.

    The span is joined with those of their windows that it overlaps (see `free_interval.joined`); the visit lies within
    the span. A slot for several is offered only if this person completes it. Raises KeyError for an unknown volunteer.
    """
    who = incumbent.volunteer_number[volunteer]
    person = incumbent.problem.volunteers[who]
    rules, plan = with_window(incumbent, volunteer, joined(person, from_min, until_min))
    slots = rules.slots
    slots["latest"] = np.minimum(slots["latest"], until_min - slots["duration"])
    slots["earliest"] += np.maximum(0, -(-(from_min - slots["earliest"]) // slots["step"])) * slots["step"]
    fixed = plan.slots["start"] != NO_START
    first = np.where(fixed, plan.slots["start"], slots["earliest"])
    last = np.where(fixed, plan.slots["start"], slots["latest"])
    volunteer_class, slot_class, may = incumbent.classes
    open_to = (first <= last) & (first >= from_min) & (last + slots["duration"] <= until_min)
    open_to &= (plan.slots["people"] < slots["headcount"]) & (may[volunteer_class[who], slot_class] == 1)
    open_to &= (plan.slots["people"] > slots["pin_count"]) | (plan.slots["people"] + 1 >= slots["min_headcount"])
    some = np.flatnonzero(open_to)
    some = some[in_reach(rules, who, some, NO_LIMIT if person.max_reach is None else person.max_reach)]
    some = np.array([n for n in some if _may_join(incumbent, int(n), person)], np.int64)
    return _ranked(incumbent, rules, plan, some, np.zeros(len(some), np.int64))[:limit]


def _may_join(incumbent: IncumbentState, slot: int, person: Volunteer) -> bool:
    """What arrays do not say: kept away by name, a pin off the grid, a team rule left open."""
    asked, record = incumbent.problem.slots[slot], incumbent.rules.slots[slot]
    if person.id in asked.excluded or not open_to_candidates(asked):
        return False
    if record["pin_count"] and record["pin_start"] not in asked.starts:
        return False
    if record["is_team"] and incumbent.plan.slots[slot]["people"] <= record["pin_count"]:
        here = [incumbent.problem.volunteers[incumbent.volunteer_number[pin.volunteer]] for pin in asked.pinned] + [
            person
        ]
        return team_stands(asked, here)
    return True


def _ranked(
    incumbent: IncumbentState, rules: Rules, plan: Plan, slots: Ints, windows: Ints | Small
) -> list[Recommendation]:
    """The pairs that fit, most coverage first, then least cost; of several windows of one person the cheapest."""
    start, legs, other = trials(rules, plan, slots, windows)
    cost = rules.travel_weight * legs + other
    found: dict[tuple[str, str], Recommendation] = {}
    fits = np.flatnonzero(start != NO_START)
    for k in fits[np.lexsort((cost[fits], -rules.slots["value"][slots[fits]]))]:
        person = incumbent.problem.volunteers[rules.windows[windows[k]]["volunteer"]]
        slot = incumbent.problem.slots[slots[k]]
        if (slot.id, person.id) not in found:
            terms = _terms(incumbent, plan, slot, person, rules.travel_weight * int(legs[k]), int(cost[k]))
            found[slot.id, person.id] = Recommendation(
                slot.id, person.id, int(start[k]), slot.value, int(cost[k]), terms
            )
    return list(found.values())


def _terms(
    incumbent: IncumbentState, plan: Plan, slot: Slot, person: Volunteer, travel: int, cost: int
) -> dict[str, int]:
    """The cost of one more visit by term; what is not travel, affinity, prior assignment or first visit is load."""
    weights = incumbent.problem.weights
    first = person.willing and plan.volunteers[incumbent.volunteer_number[person.id]]["visits"] == 0
    terms = {
        "travel": travel,
        "affinity": -weights.affinity * slot.affinity.get(person.id, 0),
        "disruption": -weights.disruption * sum(p.tax for p in slot.previous if p.volunteer == person.id),
        "overload": 0,
        "unused": -weights.unused if first else 0,
    }
    terms["overload"] = cost - sum(terms.values())
    return terms


def _against(one: Recommendation, other: Recommendation) -> Recommendation:
    """What having one in place of the other changes."""
    return replace(
        one,
        coverage_change=one.coverage_change - other.coverage_change,
        cost_change=one.cost_change - other.cost_change,
        terms={name: points - other.terms[name] for name, points in one.terms.items()},
    )


def _without(incumbent: IncumbentState, slot: int, volunteer: int) -> Plan:
    """The plan after the volunteer has left the slot, whose start stays."""
    plan = copy_of(incumbent.plan)
    for window in range(incumbent.net.volunteer_window_at[volunteer], incumbent.net.volunteer_window_at[volunteer + 1]):
        base = incumbent.rules.windows[window]["route_at"]
        for position in range(plan.lengths[window]):
            stop = plan.stops[base + position]
            if stop["slot"] == slot and not stop["pinned"]:
                start = int(plan.slots[slot]["start"])
                remove(incumbent.rules, plan, window, position)
                plan.slots[slot]["start"] = start
                return plan
    raise KeyError(
        f"{incumbent.problem.volunteers[volunteer].id} is not on {incumbent.problem.slots[slot].id}, or pinned there"
    )


@allocating
def in_reach(rules: Rules, volunteer: Whole, slots: Ints, limit: Whole) -> Flags:
    """Which slots are at most so many minutes from the origin of window 0."""
    near = np.zeros(len(slots), np.bool_)
    for k in range(len(slots)):
        place = rules.slots[slots[k]].place
        near[k] = leg_min(rules, volunteer, rules.windows[0].origin, place) <= limit
    return near
