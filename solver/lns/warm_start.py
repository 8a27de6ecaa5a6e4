"""Putting visits that somebody else chose into a plan, each only if it keeps every rule."""

import numpy as np

from solver.instance.dtypes import NO_START, Ints, Whole
from solver.instance.jit import inner, kernel
from solver.lns.insertion import FORBIDDEN, extra_legs, has_room, insert, is_member
from solver.lns.state import NOWHERE, Plan, Rules
from solver.lns.teams import clear, is_short
from solver.lns.undo_log import UndoLog, open_round


@inner
def window_for(rules: Rules, slot: Whole, volunteer: Whole, start: Whole) -> Whole:
    """The candidate window of the volunteer that holds the slot at that start, or NOWHERE."""
    for c in range(rules.slots[slot].candidate_first, rules.slots[slot].candidate_end):
        window = np.int64(rules.slot_candidates[c])
        free = rules.windows[window]
        if free.volunteer == volunteer and free.start <= start and start + rules.slots[slot].duration <= free.end:
            return window
    return NOWHERE


@inner
def position_of(rules: Rules, plan: Plan, window: Whole, start: Whole) -> Whole:
    """Where in the route a visit with that start belongs."""
    base, position = rules.windows[window].route_at, 0
    while position < plan.lengths[window] and plan.stops[base + position].early < start:
        position += 1
    return position


@kernel
def insert_visits(rules: Rules, plan: Plan, undo_log: UndoLog, wanted: Ints) -> None:
    """Insert (start, slot, volunteer) rows, earliest first; teams that stay too small leave again."""
    open_round(plan, undo_log)
    for k in range(len(wanted)):
        start, slot, volunteer = wanted[k, 0], wanted[k, 1], wanted[k, 2]
        asked = rules.slots[slot]
        on_grid = asked.earliest <= start <= asked.latest and (start - asked.earliest) % asked.step == 0
        if not on_grid or plan.slots[slot].people >= asked.headcount or is_member(rules, plan, slot, volunteer):
            continue
        window = window_for(rules, slot, volunteer, start)
        if window == NOWHERE or not has_room(rules, plan, slot, window):
            continue
        was = plan.slots[slot].start
        if asked.is_team:
            if was not in (NO_START, start):
                continue
            plan.slots[slot].start = start
        position = position_of(rules, plan, window, start)
        extra = extra_legs(rules, plan, slot, window, position)
        if extra != FORBIDDEN:
            insert(rules, plan, slot, window, position, extra, 0)
        elif plan.slots[slot].people == 0:
            plan.slots[slot].start = was
    for slot in range(len(rules.slots)):
        if plan.slots[slot].people > rules.slots[slot].pin_count and is_short(rules, plan, slot):
            clear(rules, plan, undo_log, slot)
