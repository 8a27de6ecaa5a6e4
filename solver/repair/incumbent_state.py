"""A published plan on a compiled problem, every visit at its start: what repair and recommendations try changes on.

Compiling takes seconds for a district, letting a plan stand takes a fraction of one; after that every trial is
compiled code.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from solver.instance.arrays import Network, compile_network
from solver.instance.candidates import eligibility
from solver.instance.dtypes import NO_START, Ints, Small, Whole
from solver.instance.jit import allocating, inner, kernel
from solver.instance.travel import places_of
from solver.lns.encoding import assignments_of, copy_of, encode_plan, pinned_plan, rules_of
from solver.lns.insertion import (
    best_position,
    first_start,
    has_room,
    is_member,
    leg_min,
    personal_cost,
    refresh,
    start_range,
)
from solver.lns.state import NOWHERE, Plan, Rules
from solver.model.problem import Problem
from solver.model.solution import Assignment


class IncumbentState:
    """One problem, compiled, and the plan that stands. `plan` may be changed by trials on copies only."""

    def __init__(self, problem: Problem, assignments: Iterable[Assignment] = (), net: Network | None = None) -> None:
        """Compile the problem (unless `net` is it, compiled) and let the plan stand."""
        self.problem = problem
        self.net = compile_network(problem) if net is None else net
        self.rules = rules_of(self.net)
        self.slot_number = {slot.id: n for n, slot in enumerate(problem.slots)}
        self.volunteer_number = {volunteer.id: n for n, volunteer in enumerate(problem.volunteers)}
        self.classes = eligibility(problem)
        self.pins: dict[str, list[int]] = {}  # volunteer id: the slots on which they are pinned
        for number, slot in enumerate(problem.slots):
            for pin in slot.pinned:
                self.pins.setdefault(pin.volunteer, []).append(number)
        self.places = places_of(problem)
        self._pinned = pinned_plan(self.net, self.rules)
        self.adopt(assignments)

    def adopt(self, assignments: Iterable[Assignment]) -> None:
        """Let this plan stand. What breaks a rule is left out."""
        self.plan = self.standing(assignments)
        self.assignments = tuple(assignments_of(self.problem, self.rules, self.plan))

    def standing(self, assignments: Iterable[Assignment]) -> Plan:
        """The plan with every visit fixed at the start that it has in `assignments`."""
        given = list(assignments)
        plan = copy_of(self._pinned)
        encode_plan(self.problem, self.net, self.rules, plan, given)
        starts = np.full(len(self.problem.slots), NO_START)
        for a in given:
            if a.slot in self.slot_number:
                starts[self.slot_number[a.slot]] = a.start
        fix_starts(self.rules, plan, starts)
        return plan


@kernel
def fix_starts(rules: Rules, plan: Plan, starts: Ints) -> None:
    """Give every staffed slot the one start that it has."""
    for slot in range(len(rules.slots)):
        if plan.slots[slot].people > 0 and plan.slots[slot].start == NO_START:
            plan.slots[slot].start = starts[slot]
    for window in range(len(rules.windows)):
        refresh(rules, plan, window)


@inner
def start_at(rules: Rules, plan: Plan, slot: Whole, window: Whole, position: Whole) -> Whole:
    """The earliest start of the slot at a position in the route."""
    base = rules.windows[window].route_at
    clock, place = rules.windows[window].start, rules.windows[window].origin
    if position > 0:
        before = plan.stops[base + position - 1]
        clock, place = before.early + rules.slots[before.slot].duration, before.place
    leg = leg_min(rules, rules.windows[window].volunteer, place, rules.slots[slot].place)
    low, _ = start_range(rules, plan, slot)
    return first_start(rules, slot, window, low, clock + leg)


@allocating
def trials(rules: Rules, plan: Plan, slots: Ints, windows: Ints | Small) -> tuple[Ints, Ints, Ints]:
    """(start, extra leg minutes, all other extra cost) of each pair of a slot and a window; start NO_START if it fails.

    A slot whose start is open is tried where it costs the fewest leg minutes, as early as that place allows.
    """
    start = np.full(len(slots), NO_START)
    legs = np.zeros(len(slots), np.int64)
    cost = np.zeros(len(slots), np.int64)
    for k in range(len(slots)):
        slot, window = np.int64(slots[k]), np.int64(windows[k])
        volunteer = rules.windows[window].volunteer
        if plan.slots[slot].people >= rules.slots[slot].headcount or is_member(rules, plan, slot, volunteer):
            continue
        if not has_room(rules, plan, slot, window):
            continue
        position, extra = best_position(rules, plan, slot, window)
        if position != NOWHERE:
            start[k] = start_at(rules, plan, slot, window, position)
            legs[k], cost[k] = extra, personal_cost(rules, plan, slot, volunteer)
    return start, legs, cost
