"""Taking a change back: what a round of the search touched, as it was, and the best plan seen so far."""

from typing import Any, NamedTuple

import numpy as np

from solver.instance.dtypes import Ints, Records, Whole
from solver.instance.jit import inner, kernel
from solver.lns.insertion import insert, remove
from solver.lns.state import Plan

ROUND, WINDOWS, SLOTS, NEW_WINDOWS, NEW_SLOTS, VOLUNTEERS = 0, 1, 2, 3, 4, 5  # positions in Journal.counts
NOTE = np.dtype([("round", np.int64), ("length", np.int64), ("is_new", np.int64)], align=True)


class Journal(NamedTuple):
    """Routes and crews as they were before the round, and what changed since the best plan was copied."""

    counts: Ints
    windows: Records  # NOTE: the round of the last note, the length of the route then, whether best has it yet
    slots: Records  # NOTE
    volunteer_round: Ints
    stops: Records  # as in Plan
    crews: Records  # as Plan.slots
    members: Ints  # as in Plan
    totals: Ints
    noted_windows: Ints
    noted_slots: Ints
    noted_volunteers: Ints
    new_windows: Ints
    new_slots: Ints


def new_journal(plan: Plan) -> Journal:
    """An empty journal for a plan."""
    windows, slots, volunteers = len(plan.lengths), len(plan.slots), len(plan.volunteers)
    return Journal(
        counts=np.zeros(6, np.int64),
        windows=np.zeros(windows, NOTE),
        slots=np.zeros(slots, NOTE),
        volunteer_round=np.zeros(volunteers, np.int64),
        stops=np.zeros_like(plan.stops),
        crews=np.zeros_like(plan.slots),
        members=np.zeros_like(plan.members),
        totals=np.zeros_like(plan.totals),
        noted_windows=np.zeros(windows, np.int64),
        noted_slots=np.zeros(slots, np.int64),
        noted_volunteers=np.zeros(volunteers, np.int64),
        new_windows=np.zeros(windows, np.int64),
        new_slots=np.zeros(slots, np.int64),
    )


@kernel
def open_round(plan: Any, journal: Any) -> None:
    """Start a round: what is noted from here on can be taken back."""
    journal.counts[ROUND] += 1
    journal.counts[WINDOWS] = journal.counts[SLOTS] = journal.counts[VOLUNTEERS] = 0
    for total in range(len(plan.totals)):
        journal.totals[total] = plan.totals[total]


@inner
def note_window(rules: Any, plan: Any, journal: Any, window: Whole) -> None:
    """Remember the route of a window before its first change in this round, and that its volunteer is affected."""
    this = journal.counts[ROUND]
    if journal.windows[window].round == this:
        return
    journal.windows[window].round = this
    journal.noted_windows[journal.counts[WINDOWS]] = window
    journal.counts[WINDOWS] += 1
    base, n = rules.windows[window].route_at, plan.lengths[window]
    journal.windows[window].length = n
    for i in range(base, base + n):
        journal.stops[i] = plan.stops[i]
    volunteer = rules.windows[window].volunteer
    if journal.volunteer_round[volunteer] != this:
        journal.volunteer_round[volunteer] = this
        journal.noted_volunteers[journal.counts[VOLUNTEERS]] = volunteer
        journal.counts[VOLUNTEERS] += 1


@inner
def note_slot(rules: Any, plan: Any, journal: Any, slot: Whole) -> None:
    """Remember the people and the start of a slot before its first change in this round."""
    if journal.slots[slot].round == journal.counts[ROUND]:
        return
    journal.slots[slot].round = journal.counts[ROUND]
    journal.noted_slots[journal.counts[SLOTS]] = slot
    journal.counts[SLOTS] += 1
    journal.crews[slot] = plan.slots[slot]
    for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + plan.slots[slot].heads):
        journal.members[i] = plan.members[i]


@inner
def put(rules: Any, plan: Any, journal: Any, slot: Whole, window: Whole, position: Whole, extra: Whole) -> None:
    """Insert a visit and remember what was."""
    note_window(rules, plan, journal, window)
    note_slot(rules, plan, journal, slot)
    insert(rules, plan, slot, window, position, extra, np.int64(0))


@inner
def take(rules: Any, plan: Any, journal: Any, window: Whole, position: Whole) -> None:
    """Remove a visit and remember what was."""
    note_window(rules, plan, journal, window)
    note_slot(rules, plan, journal, plan.stops[rules.windows[window].route_at + position].slot)
    remove(rules, plan, window, position)


@inner
def take_slot(rules: Any, plan: Any, journal: Any, window: Whole, slot: Whole) -> None:
    """Remove the visit to a slot from the route that holds it."""
    base = rules.windows[window].route_at
    for position in range(plan.lengths[window]):
        if plan.stops[base + position].slot == slot:
            take(rules, plan, journal, window, position)
            return


@inner
def count_route(rules: Any, plan: Any, window: Whole, sign: Whole) -> None:
    """Add (sign 1) or take away (sign -1) the visits of a route from the loads of its volunteer."""
    volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
    for i in range(rules.windows[window].route_at, rules.windows[window].route_at + plan.lengths[window]):
        minutes = sign * rules.slots[plan.stops[i].slot].duration
        plan.volunteers[volunteer].visits += sign
        plan.days[day].visits += sign
        plan.volunteers[volunteer].minutes += minutes
        plan.days[day].minutes += minutes


@kernel
def take_back(rules: Any, plan: Any, journal: Any) -> None:
    """Undo the round."""
    for k in range(journal.counts[SLOTS]):
        slot = journal.noted_slots[k]
        plan.slots[slot] = journal.crews[slot]
        for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + plan.slots[slot].heads):
            plan.members[i] = journal.members[i]
    for k in range(journal.counts[WINDOWS]):
        window = journal.noted_windows[k]
        count_route(rules, plan, window, np.int64(-1))
        base = rules.windows[window].route_at
        plan.lengths[window] = journal.windows[window].length
        for i in range(base, base + plan.lengths[window]):
            plan.stops[i] = journal.stops[i]
        count_route(rules, plan, window, np.int64(1))
    for total in range(len(plan.totals)):
        plan.totals[total] = journal.totals[total]


@kernel
def keep(journal: Any) -> None:
    """Accept the round: its windows and slots now differ from the best plan."""
    for k in range(journal.counts[WINDOWS]):
        window = journal.noted_windows[k]
        if not journal.windows[window].is_new:
            journal.windows[window].is_new = 1
            journal.new_windows[journal.counts[NEW_WINDOWS]] = window
            journal.counts[NEW_WINDOWS] += 1
    for k in range(journal.counts[SLOTS]):
        slot = journal.noted_slots[k]
        if not journal.slots[slot].is_new:
            journal.slots[slot].is_new = 1
            journal.new_slots[journal.counts[NEW_SLOTS]] = slot
            journal.counts[NEW_SLOTS] += 1


@kernel
def copy_changes(rules: Any, source: Any, target: Any, journal: Any) -> None:
    """Make target equal to source in everything that was kept since the last copy."""
    for k in range(journal.counts[NEW_SLOTS]):
        slot = journal.new_slots[k]
        journal.slots[slot].is_new = 0
        target.slots[slot] = source.slots[slot]
        for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + source.slots[slot].heads):
            target.members[i] = source.members[i]
    for k in range(journal.counts[NEW_WINDOWS]):
        window = journal.new_windows[k]
        journal.windows[window].is_new = 0
        base, n = rules.windows[window].route_at, source.lengths[window]
        target.lengths[window] = n
        for i in range(base, base + n):
            target.stops[i] = source.stops[i]
        volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
        target.volunteers[volunteer] = source.volunteers[volunteer]
        target.days[day] = source.days[day]
    journal.counts[NEW_WINDOWS] = journal.counts[NEW_SLOTS] = 0
    for total in range(len(source.totals)):
        target.totals[total] = source.totals[total]
