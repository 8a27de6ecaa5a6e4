"""What one visit does to one route: where it fits, what it costs, putting it in and taking it out.

A route keeps, for every visit, the earliest start that what comes before allows and the latest that what comes
after allows (forward and backward slack; Savelsbergh, "The vehicle routing problem with time windows", 1992), so
trying a position takes constant time. A visit by phone leaves the volunteer where they were.
"""

import numpy as np

from solver.instance import travel
from solver.instance.dtypes import NEVER, NO_START, Whole
from solver.instance.jit import inner, kernel
from solver.instance.load import load_points
from solver.instance.time_grid import begin_at
from solver.lns.state import COST, COVERAGE, FILLED, NOWHERE, Plan, Rules

FORBIDDEN: Whole = np.int64(NEVER)  # in place of extra leg minutes: the visit does not fit


@kernel
def leg_min(rules: Rules, volunteer: Whole, a: Whole, b: Whole) -> Whole:
    """Whole minutes from place a to place b for a volunteer; 0 when either is nowhere or both are equal."""
    if a < 0 or b < 0 or a == b:
        return 0
    who = rules.volunteers[volunteer]
    return travel.leg_min(rules.travel, who.metres_per_minute, who.overhead, a, b)


@kernel
def first_start(rules: Rules, slot: Whole, window: Whole, low: Whole, not_before: Whole) -> Whole:
    """The first start of slot in window on its grid, at least low and not_before, clear of busy times."""
    visit = rules.slots[slot]
    return begin_at(rules.busy, rules.busy_at, window, low, visit.step, visit.duration, not_before)


@inner
def last_start(rules: Rules, slot: Whole, window: Whole, low: Whole, high: Whole, not_after: Whole) -> Whole:
    """The last start of slot in window on the grid from low, at most high and not_after; -NEVER when there is none."""
    step = rules.slots[slot].step
    begin = min(high, not_after)
    if begin < low:
        return -NEVER
    begin = low + (begin - low) // step * step
    busy = rules.busy_at[window]
    while busy < rules.busy_at[window + 1]:
        if begin < rules.busy[busy].end and begin + rules.slots[slot].duration > rules.busy[busy].start:
            begin = rules.busy[busy].start - rules.slots[slot].duration
            if begin < low:
                return -NEVER
            begin = low + (begin - low) // step * step
            busy = rules.busy_at[window]
        else:
            busy += 1
    return begin


@inner
def start_range(rules: Rules, plan: Plan, slot: Whole) -> tuple[Whole, Whole]:
    """The first and the last start that the slot may have now: one and the same once its start is fixed."""
    if plan.slots[slot].start != NO_START:
        return plan.slots[slot].start, plan.slots[slot].start
    return rules.slots[slot].earliest, rules.slots[slot].latest


@kernel
def refresh(rules: Rules, plan: Plan, window: Whole) -> None:
    """Recompute the earliest and latest starts of a route after it changed."""
    base, n = rules.windows[window].route_at, plan.lengths[window]
    volunteer = rules.windows[window].volunteer
    clock, place = rules.windows[window].start, rules.windows[window].origin
    for i in range(base, base + n):
        slot = plan.stops[i].slot
        here = rules.slots[slot].place
        low, high = start_range(rules, plan, slot)
        if plan.stops[i].pinned:
            plan.stops[i].early = low
        else:
            plan.stops[i].early = first_start(rules, slot, window, low, clock + leg_min(rules, volunteer, place, here))
        clock = plan.stops[i].early + rules.slots[slot].duration
        if here >= 0:
            place = here
        plan.stops[i].place = place
    for i in range(base + n - 1, base - 1, -1):
        slot = plan.stops[i].slot
        if plan.stops[i].pinned:
            plan.stops[i].late = plan.stops[i].early
            continue
        done_by = rules.windows[window].end
        if i == base + n - 1:
            done_by -= leg_min(rules, volunteer, plan.stops[i].place, rules.windows[window].back)
        elif plan.stops[i + 1].pinned:
            done_by = min(done_by, plan.stops[i + 1].late)
        else:
            done_by = min(
                done_by,
                plan.stops[i + 1].late
                - leg_min(rules, volunteer, plan.stops[i].place, rules.slots[plan.stops[i + 1].slot].place),
            )
        low, high = start_range(rules, plan, slot)
        plan.stops[i].late = last_start(rules, slot, window, low, high, done_by - rules.slots[slot].duration)


@kernel
def leave_by(
    rules: Rules, plan: Plan, window: Whole, position: Whole, after: Whole, before: Whole
) -> tuple[Whole, Whole]:
    """The latest clock at which one may leave place after so that the rest of the route stands, and its extra legs.

    `before` is the place from which the rest was reached until now. Visits by phone do not move the volunteer, so
    the search goes on to the first visit with a place, then back over the calls.
    """
    base, n = rules.windows[window].route_at, plan.lengths[window]
    volunteer = rules.windows[window].volunteer
    end = base + n
    there = base + position
    while there < end and rules.slots[plan.stops[there].slot].place < 0:
        there += 1
    if there < end:
        here = rules.slots[plan.stops[there].slot].place
        leg = leg_min(rules, volunteer, after, here)
        extra = leg - leg_min(rules, volunteer, before, here)
        limit = plan.stops[there].late if plan.stops[there].pinned else plan.stops[there].late - leg
    else:
        back = rules.windows[window].back
        leg = leg_min(rules, volunteer, after, back)
        extra = leg - (leg_min(rules, volunteer, before, back) if n > 0 else 0)
        excused = position < n and plan.stops[end - 1].pinned
        limit = NEVER if excused else rules.windows[window].end - leg
    for i in range(there - 1, base + position - 1, -1):
        slot = plan.stops[i].slot
        duration = rules.slots[slot].duration
        if plan.stops[i].pinned:
            limit = plan.stops[i].early if plan.stops[i].early + duration <= limit else -NEVER
        else:
            low, high = start_range(rules, plan, slot)
            limit = last_start(rules, slot, window, low, high, min(limit, rules.windows[window].end) - duration)
    return limit, extra


@kernel
def has_room(rules: Rules, plan: Plan, slot: Whole, window: Whole) -> bool:
    """Whether the volunteer's caps, per day and over the horizon, allow one more visit to the slot."""
    volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
    return bool(
        plan.volunteers[volunteer].visits < rules.volunteers[volunteer].max_visits
        and plan.days[day].visits < rules.volunteers[volunteer].max_day_visits
        and plan.volunteers[volunteer].minutes + rules.slots[slot].duration <= rules.volunteers[volunteer].max_minutes
        and plan.days[day].minutes + rules.slots[slot].duration <= rules.volunteers[volunteer].max_day_minutes
    )


@kernel
def is_member(rules: Rules, plan: Plan, slot: Whole, volunteer: Whole) -> bool:
    """Whether the volunteer is already on the slot, in any window."""
    base = rules.slots[slot].member_at
    for i in range(base, base + plan.slots[slot].people):
        if plan.members[i] >= 0:
            if rules.windows[plan.members[i]].volunteer == volunteer:
                return True
        elif -2 - plan.members[i] == volunteer:
            return True
    return False


@kernel
def personal_cost(rules: Rules, plan: Plan, slot: Whole, volunteer: Whole) -> Whole:
    """What the cost rises by, legs apart, when the volunteer takes the slot: load, gains, first visit."""
    over = rules.volunteers[volunteer].over_before + plan.volunteers[volunteer].minutes
    cost = rules.overload_weight * (load_points(over + rules.slots[slot].duration) - load_points(over))
    if rules.volunteers[volunteer].willing and plan.volunteers[volunteer].visits == 0:
        cost -= rules.unused_weight
    for i in range(rules.slots[slot].gain_first, rules.slots[slot].gain_end):
        if rules.gains[i].volunteer == volunteer:
            cost -= rules.gains[i].points
    return cost


@kernel
def extra_legs(rules: Rules, plan: Plan, slot: Whole, window: Whole, position: Whole) -> Whole:
    """The leg minutes that the slot adds to a route at a position; FORBIDDEN when it or what follows is too late."""
    base = rules.windows[window].route_at
    clock, place = rules.windows[window].start, rules.windows[window].origin
    if position > 0:
        before = plan.stops[base + position - 1]
        clock, place = before.early + rules.slots[before.slot].duration, before.place
    here, duration = rules.slots[slot].place, rules.slots[slot].duration
    low, high = start_range(rules, plan, slot)
    high = min(high, rules.windows[window].end - duration)
    if clock > high:
        return FORBIDDEN
    leg = leg_min(rules, rules.windows[window].volunteer, place, here)
    begin = first_start(rules, slot, window, low, clock + leg)
    if begin > high:
        return FORBIDDEN
    limit, extra = leave_by(rules, plan, window, position, here if here >= 0 else place, place)
    return leg + extra if begin + duration <= limit else FORBIDDEN


@kernel
def best_position(rules: Rules, plan: Plan, slot: Whole, window: Whole) -> tuple[Whole, Whole]:
    """The position in the route with the fewest extra leg minutes, and these; position NOWHERE when none fits."""
    best, best_extra = NOWHERE, FORBIDDEN
    base, n = rules.windows[window].route_at, plan.lengths[window]
    low, high = start_range(rules, plan, slot)
    done = low + rules.slots[slot].duration
    for position in range(n + 1):
        if position > 0 and plan.stops[base + position - 1].early >= high:
            break
        if position < n and plan.stops[base + position].late < done:
            continue
        extra = extra_legs(rules, plan, slot, window, position)
        if extra < best_extra:
            best, best_extra = position, extra
    return best, best_extra


@kernel
def insert(rules: Rules, plan: Plan, slot: Whole, window: Whole, position: Whole, extra: Whole, pinned: Whole) -> None:
    """Put the slot into the route; extra leg minutes as best_position found them."""
    base, n = rules.windows[window].route_at, plan.lengths[window]
    volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
    for i in range(base + n, base + position, -1):
        plan.stops[i] = plan.stops[i - 1]
    plan.stops[base + position].slot, plan.stops[base + position].pinned = slot, pinned
    plan.lengths[window] = n + 1
    plan.totals[COST] += rules.travel_weight * extra + personal_cost(rules, plan, slot, volunteer)
    plan.totals[COVERAGE] += rules.slots[slot].value
    plan.totals[FILLED] += 1
    plan.volunteers[volunteer].visits += 1
    plan.volunteers[volunteer].minutes += rules.slots[slot].duration
    plan.days[day].visits += 1
    plan.days[day].minutes += rules.slots[slot].duration
    plan.members[rules.slots[slot].member_at + plan.slots[slot].people] = window
    plan.slots[slot].people += 1
    refresh(rules, plan, window)


@kernel
def remove(rules: Rules, plan: Plan, window: Whole, position: Whole) -> None:
    """Take the visit at a position out of the route; the slot keeps its start while someone stays on it."""
    base, n = rules.windows[window].route_at, plan.lengths[window]
    volunteer, day = rules.windows[window].volunteer, rules.windows[window].day
    slot = plan.stops[base + position].slot
    place = rules.windows[window].origin if position == 0 else plan.stops[base + position - 1].place
    legs = leg_min(rules, volunteer, place, rules.slots[slot].place)
    after = plan.stops[base + position].place
    following = NOWHERE
    for i in range(base + position + 1, base + n):
        following = rules.slots[plan.stops[i].slot].place
        if following >= 0:
            break
    if following < 0:
        following = rules.windows[window].back
    legs += leg_min(rules, volunteer, after, following)
    if n > 1:
        legs -= leg_min(rules, volunteer, place, following)
    for i in range(base + position, base + n - 1):
        plan.stops[i] = plan.stops[i + 1]
    plan.lengths[window] = n - 1
    plan.volunteers[volunteer].visits -= 1
    plan.volunteers[volunteer].minutes -= rules.slots[slot].duration
    plan.days[day].visits -= 1
    plan.days[day].minutes -= rules.slots[slot].duration
    plan.totals[COST] -= rules.travel_weight * legs + personal_cost(rules, plan, slot, volunteer)
    plan.totals[COVERAGE] -= rules.slots[slot].value
    plan.totals[FILLED] -= 1
    first = rules.slots[slot].member_at
    last = first + plan.slots[slot].people - 1
    for i in range(first, last + 1):
        if plan.members[i] == window:
            plan.members[i] = plan.members[last]
            break
    plan.slots[slot].people -= 1
    if plan.slots[slot].people == 0 and rules.slots[slot].pin_start == NO_START:
        plan.slots[slot].start = NO_START
    refresh(rules, plan, window)
