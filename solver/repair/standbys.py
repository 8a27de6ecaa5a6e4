"""For every staffed slot, who else could take a seat at its start, all others staying where they are."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import NO_START, Ints
from solver.instance.jit import allocating
from solver.lns.encoding import copy_of
from solver.lns.insertion import best_position, has_room, is_member, personal_cost
from solver.lns.state import NOWHERE, Plan, Rules
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.repair.incumbent_state import IncumbentState


class Standby(NamedTuple):
    """A standby: the coverage their coming restores and what it adds to the cost (all stages of `check.measure`)."""

    volunteer: str
    start: int
    coverage_change: int
    cost_change: int


def standbys(problem: Problem, assignments: Iterable[Assignment], *, limit: int) -> dict[str, list[Standby]]:
    """Slot id → at most `limit` standbys of each slot that somebody is on; every one of them obeys all personal rules.

    Every visit keeps its start, so a standby's whole route and caps hold with everything else they do. A slot whose
    seats are all pinned has no standbys. Team rules are left to the caller: who may come depends on who leaves.
    """
    given = list(assignments)
    incumbent = IncumbentState(problem, given)
    start_of = {a.slot: a.start for a in given}
    starts = np.array([start_of.get(slot.id, NO_START) for slot in problem.slots], np.int64)
    chosen, costs = _rank(incumbent.rules, copy_of(incumbent.plan), starts, limit)
    found = {}
    for n in np.flatnonzero(starts != NO_START):
        slot = problem.slots[n]
        found[slot.id] = [
            Standby(problem.volunteers[who].id, int(starts[n]), slot.value, int(cost))
            for who, cost in zip(chosen[n], costs[n], strict=True)
            if who != NOWHERE
        ]
    return found


@allocating
def _rank(rules: Rules, plan: Plan, starts: Ints, limit: int) -> tuple[Ints, Ints]:
    """For each slot with a start: the volunteers of its cheapest candidate windows and what each would add."""
    chosen = np.full((len(starts), limit), NOWHERE)
    costs = np.zeros((len(starts), limit), np.int64)
    for slot in range(len(starts)):
        if starts[slot] == NO_START:
            continue
        before = plan.slots[slot].start
        plan.slots[slot].start = starts[slot]
        count = 0
        for c in range(rules.slots[slot].candidate_first, rules.slots[slot].candidate_end):
            window = np.int64(rules.slot_candidates[c])
            volunteer = rules.windows[window].volunteer
            if is_member(rules, plan, slot, volunteer) or not has_room(rules, plan, slot, window):
                continue
            position, extra = best_position(rules, plan, slot, window)
            if position == NOWHERE:
                continue
            cost = rules.travel_weight * extra + personal_cost(rules, plan, slot, volunteer)
            if count == limit and cost >= costs[slot, limit - 1]:
                continue
            place = min(count, limit - 1)
            while place > 0 and costs[slot, place - 1] > cost:
                chosen[slot, place], costs[slot, place] = chosen[slot, place - 1], costs[slot, place - 1]
                place -= 1
            chosen[slot, place], costs[slot, place] = volunteer, cost
            count = min(count + 1, limit)
        plan.slots[slot].start = before
    return chosen, costs
