"""Slots for several people: choosing a common start and the people, or completing a team that lost somebody."""

import numpy as np

from solver.instance.dtypes import NO_START, Ints, Whole
from solver.instance.jit import allocating_inner, inner, kernel
from solver.instance.rng import Random, draw, draw_below
from solver.lns.insertion import best_position, has_room, is_member, leave_by, leg_min, personal_cost
from solver.lns.state import NOWHERE, Plan, Rules
from solver.lns.undo_log import UndoLog, insert_logged, note_slot, remove_slot_logged

MANY_STARTS = 128  # a longer grid is thinned out at random


@kernel
def is_short(rules: Rules, plan: Plan, slot: Whole) -> bool:
    """Whether the people on the slot are too few or break a team rule, unless all of them are pinned there."""
    people = plan.slots[slot].people
    return people > 0 and not all_pinned(rules, plan, slot) and lacks_people(rules, plan, slot, NOWHERE)


@inner
def lacks_people(rules: Rules, plan: Plan, slot: Whole, joining: Whole) -> bool:
    """Whether those on the slot, with one volunteer joining (or NOWHERE), are too few or break a team rule."""
    joined = joining != NOWHERE
    if plan.slots[slot].people + joined < rules.slots[slot].min_headcount:
        return True
    for rule in range(rules.slots[slot].team_first, rules.slots[slot].team_end):
        tag = rules.team[rule].tag
        have = count_tag(rules, plan, slot, tag) + (rules.has_tag[tag, joining] if joined else 0)
        if have < rules.team[rule].at_least:
            return True
    return False


@inner
def all_pinned(rules: Rules, plan: Plan, slot: Whole) -> bool:
    """Whether everyone on the slot is pinned there."""
    return bool(rules.slots[slot].pin_start != NO_START and plan.slots[slot].people <= rules.slots[slot].pin_count)


@inner
def count_tag(rules: Rules, plan: Plan, slot: Whole, tag: Whole) -> Whole:
    """How many people on the slot carry a team tag."""
    count = 0
    for i in range(rules.slots[slot].member_at, rules.slots[slot].member_at + plan.slots[slot].people):
        window = plan.members[i]
        volunteer = rules.windows[window].volunteer if window >= 0 else -2 - window
        count += rules.has_tag[tag, volunteer]
    return count


@inner
def mark_starts(
    rules: Rules,
    plan: Plan,
    slot: Whole,
    window: Whole,
    origin: Whole,
    stride: Whole,
    count: Ints,
    marks: Ints,
    stamp: Whole,
) -> None:
    """Count one more person at each start of the thinned grid at which the slot fits somewhere in the window."""
    base, n = rules.windows[window].route_at, plan.lengths[window]
    volunteer = rules.windows[window].volunteer
    here, duration = rules.slots[slot].place, rules.slots[slot].duration
    high = min(rules.slots[slot].latest, rules.windows[window].end - duration)
    clock, place = rules.windows[window].start, rules.windows[window].origin
    for k in range(n + 1):
        if clock > high:
            break
        begin = max(clock + leg_min(rules, volunteer, place, here), origin)
        if begin <= high:
            limit, _ = leave_by(rules, plan, window, k, here if here >= 0 else place, place)
            last = (min(high, limit - duration) - origin) // stride
            for i in range((begin - origin + stride - 1) // stride, last + 1):
                if marks[i] != stamp:
                    marks[i] = stamp
                    count[i] += 1
        if k < n:
            clock = plan.stops[base + k].early + rules.slots[plan.stops[base + k].slot].duration
            place = plan.stops[base + k].place


@allocating_inner
def choose_start(rules: Rules, plan: Plan, slot: Whole, random: Random) -> Whole:
    """A random start among those with the most people free to come (at most the headcount); NO_START if too few."""
    step = rules.slots[slot].step
    starts = (rules.slots[slot].latest - rules.slots[slot].earliest) // step + 1
    thin = (starts + MANY_STARTS - 1) // MANY_STARTS
    origin = rules.slots[slot].earliest + step * draw_below(random, thin)
    stride = step * thin
    count = np.zeros(MANY_STARTS + 1, np.int64)
    marks = np.full(MANY_STARTS + 1, -1, np.int64)
    for c in range(rules.slots[slot].candidate_first, rules.slots[slot].candidate_end):
        window = np.int64(rules.slot_candidates[c])
        if has_room(rules, plan, slot, window):
            mark_starts(rules, plan, slot, window, origin, stride, count, marks, c)
    best, chosen, ties = rules.slots[slot].min_headcount - 1, NOWHERE, 0
    for i in range(MANY_STARTS):
        people = min(count[i], rules.slots[slot].headcount)
        if people > best:
            best, chosen, ties = people, i, 1
        elif people == best and chosen >= 0:
            ties += 1
            if draw_below(random, ties) == 0:
                chosen = i
    return NO_START if chosen < 0 else origin + chosen * stride


@inner
def assign(rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole, window: Whole) -> bool:
    """Put the window's volunteer on the slot at its common start; whether that was possible."""
    position, extra = best_position(rules, plan, slot, window)
    if position == NOWHERE:
        return False
    insert_logged(rules, plan, undo_log, slot, window, position, extra)
    return True


@inner
def lacking(rules: Rules, plan: Plan, slot: Whole, rule: Whole) -> Whole:
    """How many more people a team rule asks for."""
    return max(0, rules.team[rule].at_least - count_tag(rules, plan, slot, rules.team[rule].tag))


@inner
def most_helpful(rules: Rules, plan: Plan, slot: Whole, windows: Ints, order: Ints) -> Whole:
    """Who to take for the team rules: the first in order who leaves a seat for all that is lacking, else the most apt.

    One person counts for every rule whose tag they carry. NOWHERE if nobody helps or nothing is lacking.
    """
    seats, needed, lacked = rules.slots[slot].headcount - plan.slots[slot].people, 0, 0
    first, end = rules.slots[slot].team_first, rules.slots[slot].team_end
    for rule in range(first, end):
        missing = lacking(rules, plan, slot, rule)
        needed += missing
        lacked |= np.int64(missing > 0) << (rule - first)
    most, chosen = 0, NOWHERE
    if needed == 0:
        return chosen
    for k in order:
        if windows[k] == NOWHERE:
            continue
        helps, volunteer = 0, rules.windows[windows[k]].volunteer
        for rule in range(first, end):
            if lacked >> (rule - first) & 1 and rules.has_tag[rules.team[rule].tag, volunteer]:
                helps += 1
        if helps > most:
            most, chosen = helps, k
            if needed - most < seats:
                break
    return chosen


@allocating_inner
def staff(
    rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole, wanted: Whole, random: Random, noise: float
) -> bool:
    """Fill the slot with up to `wanted` people, cheapest first, team rules before the rest.

    The start is chosen if it is free. True if the slot ends with enough people; otherwise everyone who is not
    pinned there leaves.
    """
    note_slot(rules, plan, undo_log, slot)
    if plan.slots[slot].start == NO_START:
        start = choose_start(rules, plan, slot, random)
        if start == NO_START:
            return False
        plan.slots[slot].start = start
    first, end = rules.slots[slot].candidate_first, rules.slots[slot].candidate_end
    cost = np.empty(end - first, np.float64)
    windows = np.empty(end - first, np.int64)
    n = 0
    for c in range(first, end):
        window = np.int64(rules.slot_candidates[c])
        volunteer = rules.windows[window].volunteer
        if not has_room(rules, plan, slot, window) or is_member(rules, plan, slot, volunteer):
            continue
        position, extra = best_position(rules, plan, slot, window)
        if position == NOWHERE:
            continue
        cost[n] = rules.guide * extra + personal_cost(rules, plan, slot, volunteer) + noise * draw(random)
        windows[n] = window
        n += 1
    order = np.argsort(cost[:n])
    while plan.slots[slot].people < rules.slots[slot].headcount:
        k = most_helpful(rules, plan, slot, windows, order)
        if k == NOWHERE:
            break
        assign(rules, plan, undo_log, slot, windows[k])
        windows[k] = NOWHERE
    for k in order:
        if plan.slots[slot].people >= wanted:
            break
        if windows[k] >= 0:
            assign(rules, plan, undo_log, slot, windows[k])
    if plan.slots[slot].people == 0 or is_short(rules, plan, slot):
        clear(rules, plan, undo_log, slot)
        return False
    return True


@kernel
def clear(rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole) -> None:
    """Everyone who is not pinned leaves the slot."""
    note_slot(rules, plan, undo_log, slot)
    base = rules.slots[slot].member_at
    while plan.slots[slot].people > rules.slots[slot].pin_count:
        # pinned people came first and stay first: remove() fills a gap with the last, never moving them
        remove_slot_logged(rules, plan, undo_log, plan.members[base + plan.slots[slot].people - 1], slot)
    if plan.slots[slot].people == 0 and rules.slots[slot].pin_start == NO_START:
        plan.slots[slot].start = NO_START
