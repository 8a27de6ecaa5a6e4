"""Taking a change back: what a round of the search touched, as it was, and the best plan seen so far."""

from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import Ints, Records, Whole
from solver.instance.jit import inner, kernel
from solver.lns.insertion import insert, remove
from solver.lns.state import Plan, Rules

ROUND, WINDOWS, SLOTS, NEW_WINDOWS, NEW_SLOTS, VOLUNTEERS = 0, 1, 2, 3, 4, 5  # positions in UndoLog.counts
NOTE = np.dtype([("round", np.int64), ("length", np.int64), ("is_new", np.int64)], align=True)


class UndoLog(NamedTuple):
    """Routes and teams as they were before the round, and what changed since the best plan was copied."""

    counts: Ints
    windows: Records  # NOTE: the round of the last note, the length of the route then, whether best has it yet
    slots: Records  # NOTE
    volunteer_round: Ints
    stops: Records  # as in Plan
    teams: Records  # as Plan.slots
    members: Ints  # as in Plan
    totals: Ints
    noted_windows: Ints
    noted_slots: Ints
    noted_volunteers: Ints
    new_windows: Ints
    new_slots: Ints


def new_undo_log(plan: Plan) -> UndoLog:
    """An empty undo log for a plan."""
    windows, slots, volunteers = len(plan.lengths), len(plan.slots), len(plan.volunteers)
    return UndoLog(
        counts=np.zeros(6, np.int64),
        windows=np.zeros(windows, NOTE),
        slots=np.zeros(slots, NOTE),
        volunteer_round=np.zeros(volunteers, np.int64),
        stops=np.zeros_like(plan.stops),
        teams=np.zeros_like(plan.slots),
        members=np.zeros_like(plan.members),
        totals=np.zeros_like(plan.totals),
        noted_windows=np.zeros(windows, np.int64),
        noted_slots=np.zeros(slots, np.int64),
        noted_volunteers=np.zeros(volunteers, np.int64),
        new_windows=np.zeros(windows, np.int64),
        new_slots=np.zeros(slots, np.int64),
    )


@kernel
def open_round(plan: Plan, undo_log: UndoLog) -> None:
    """Start a round: what is noted from here on can be taken back."""
    undo_log.counts[ROUND] += 1
    undo_log.counts[WINDOWS] = undo_log.counts[SLOTS] = undo_log.counts[VOLUNTEERS] = 0
    for total in range(len(plan.totals)):
        undo_log.totals[total] = plan.totals[total]


@inner
def note_window(rules: Rules, plan: Plan, undo_log: UndoLog, window: Whole) -> None:
    """Remember the route of a window before its first change in this round, and that its volunteer is affected."""
    this = undo_log.counts[ROUND]
    if undo_log.windows[window].round == this:
        return
    undo_log.windows[window].round = this
    undo_log.noted_windows[undo_log.counts[WINDOWS]] = window
    undo_log.counts[WINDOWS] += 1
    base, n = rules.windows[window].route_at, plan.lengths[window]
    undo_log.windows[window].length = n
    for i in range(base, base + n):
        undo_log.stops[i] = plan.stops[i]
    volunteer = rules.windows[window].volunteer
    if undo_log.volunteer_round[volunteer] != this:
        undo_log.volunteer_round[volunteer] = this
        undo_log.noted_volunteers[undo_log.counts[VOLUNTEERS]] = volunteer
        undo_log.counts[VOLUNTEERS] += 1


@inner
def note_slot(rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole) -> None:
    """Remember the people and the start of a slot before its first change in this round."""
    if undo_log.slots[slot].round == undo_log.counts[ROUND]:
        return
    undo_log.slots[slot].round = undo_log.counts[ROUND]
    undo_log.noted_slots[undo_log.counts[SLOTS]] = slot
    undo_log.counts[SLOTS] += 1
    undo_log.teams[slot] = plan.slots[slot]
    for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + plan.slots[slot].people):
        undo_log.members[i] = plan.members[i]


@inner
def insert_logged(
    rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole, window: Whole, position: Whole, extra: Whole
) -> None:
    """Insert a visit and remember what was."""
    note_window(rules, plan, undo_log, window)
    note_slot(rules, plan, undo_log, slot)
    insert(rules, plan, slot, window, position, extra, np.int64(0))


@inner
def remove_logged(rules: Rules, plan: Plan, undo_log: UndoLog, window: Whole, position: Whole) -> None:
    """Remove a visit and remember what was."""
    note_window(rules, plan, undo_log, window)
    note_slot(rules, plan, undo_log, plan.stops[rules.windows[window].route_at + position].slot)
    remove(rules, plan, window, position)


@inner
def remove_slot_logged(rules: Rules, plan: Plan, undo_log: UndoLog, window: Whole, slot: Whole) -> None:
    """Remove the visit to a slot from the route that holds it."""
    base = rules.windows[window].route_at
    for position in range(plan.lengths[window]):
        if plan.stops[base + position].slot == slot:
            remove_logged(rules, plan, undo_log, window, position)
            return


@inner
def count_route(rules: Rules, plan: Plan, window: Whole, sign: Whole) -> None:
    """Add (sign 1) or take away (sign -1) the visits of a route from the loads of its volunteer."""
    volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
    for i in range(rules.windows[window].route_at, rules.windows[window].route_at + plan.lengths[window]):
        minutes = sign * rules.slots[plan.stops[i].slot].duration
        plan.volunteers[volunteer].visits += sign
        plan.days[day].visits += sign
        plan.volunteers[volunteer].minutes += minutes
        plan.days[day].minutes += minutes


@kernel
def rollback(rules: Rules, plan: Plan, undo_log: UndoLog) -> None:
    """Undo the round."""
    for k in range(undo_log.counts[SLOTS]):
        slot = undo_log.noted_slots[k]
        plan.slots[slot] = undo_log.teams[slot]
        for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + plan.slots[slot].people):
            plan.members[i] = undo_log.members[i]
    for k in range(undo_log.counts[WINDOWS]):
        window = undo_log.noted_windows[k]
        count_route(rules, plan, window, np.int64(-1))
        base = rules.windows[window].route_at
        plan.lengths[window] = undo_log.windows[window].length
        for i in range(base, base + plan.lengths[window]):
            plan.stops[i] = undo_log.stops[i]
        count_route(rules, plan, window, np.int64(1))
    for total in range(len(plan.totals)):
        plan.totals[total] = undo_log.totals[total]


@kernel
def commit(undo_log: UndoLog) -> None:
    """Accept the round: its windows and slots now differ from the best plan."""
    for k in range(undo_log.counts[WINDOWS]):
        window = undo_log.noted_windows[k]
        if not undo_log.windows[window].is_new:
            undo_log.windows[window].is_new = 1
            undo_log.new_windows[undo_log.counts[NEW_WINDOWS]] = window
            undo_log.counts[NEW_WINDOWS] += 1
    for k in range(undo_log.counts[SLOTS]):
        slot = undo_log.noted_slots[k]
        if not undo_log.slots[slot].is_new:
            undo_log.slots[slot].is_new = 1
            undo_log.new_slots[undo_log.counts[NEW_SLOTS]] = slot
            undo_log.counts[NEW_SLOTS] += 1


@kernel
def copy_changes(rules: Rules, source: Plan, target: Plan, undo_log: UndoLog) -> None:
    """Make target equal to source in everything that was kept since the last copy."""
    for k in range(undo_log.counts[NEW_SLOTS]):
        slot = undo_log.new_slots[k]
        undo_log.slots[slot].is_new = 0
        target.slots[slot] = source.slots[slot]
        for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + source.slots[slot].people):
            target.members[i] = source.members[i]
    for k in range(undo_log.counts[NEW_WINDOWS]):
        window = undo_log.new_windows[k]
        undo_log.windows[window].is_new = 0
        base, n = rules.windows[window].route_at, source.lengths[window]
        target.lengths[window] = n
        for i in range(base, base + n):
            target.stops[i] = source.stops[i]
        volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
        target.volunteers[volunteer] = source.volunteers[volunteer]
        target.days[day] = source.days[day]
    undo_log.counts[NEW_WINDOWS] = undo_log.counts[NEW_SLOTS] = 0
    for total in range(len(source.totals)):
        target.totals[total] = source.totals[total]
