"""Filling gaps: offering unfilled slots to the volunteers whose week just changed, best prospects first."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.compiled import inner, kernel
from solver.crews import is_short, staff
from solver.insertion import FORBIDDEN, best_position, has_room, is_member, personal_cost
from solver.journal import ROUND, SLOTS, VOLUNTEERS, put
from solver.plan_state import NOWHERE, Ints, Whole
from solver.randomness import draw, draw_below

BLINK = 0.02  # chance to overlook a window, so that equal rounds do not repeat each other (Christiaens 2020)
MOST_PAIRS = 4096
CREW_CHANCE = 0.3  # a crew slot that nobody left is tried this often: it costs many single trials
MOST_CREWS = 3
EVERYWHERE: Whole = np.int64(-1)  # in place of a window: every candidate of the slot


class Prospects(NamedTuple):
    """Pairs of an unfilled slot and a window to try it in, with their sort keys."""

    slot: Ints
    window: Ints
    key: NDArray[np.float64]
    seen: Ints  # per slot: the round in which it got its key
    tried: Ints  # per crew slot: the round in which it was listed
    slot_key: NDArray[np.float64]


def new_prospects(slots: Whole) -> Prospects:
    """Empty lists for a problem of so many slots."""
    room = MOST_PAIRS + slots
    return Prospects(
        slot=np.zeros(room, np.int64),
        window=np.zeros(room, np.int64),
        key=np.zeros(room, np.float64),
        seen=np.zeros(slots, np.int64),
        tried=np.zeros(slots, np.int64),
        slot_key=np.zeros(slots, np.float64),
    )


@inner
def price_of(rules: Any, plan: Any, slot: Whole, window: Whole, random: Any, noise: float, most: float) -> Any:
    """(price, position, extra legs) of the slot at its best position in the window; price 1e300 if above most."""
    volunteer = rules.windows[window].volunteer
    if not has_room(rules, plan, slot, window) or draw(random) < BLINK:
        return 1e300, NOWHERE, FORBIDDEN
    price = personal_cost(rules, plan, slot, volunteer) + noise * draw(random)
    if price >= most:
        return 1e300, NOWHERE, FORBIDDEN
    position, extra = best_position(rules, plan, slot, window)
    if position == NOWHERE:
        return 1e300, NOWHERE, FORBIDDEN
    return price + rules.guide * extra, position, extra


@inner
def place_anywhere(
    rules: Any, plan: Any, journal: Any, slot: Whole, most_windows: Whole, random: Any, noise: float
) -> bool:
    """Put one person on the slot where it is cheapest: any affected volunteer, a sample of the others."""
    best, best_price, best_at, best_extra = NOWHERE, 1e300, NOWHERE, FORBIDDEN
    this = journal.counts[ROUND]
    first, end = rules.slots[slot].candidate_first, rules.slots[slot].candidate_end
    stride = 1 + (end - first) // most_windows
    offset = draw_below(random, stride)
    for c in range(first, end):
        window = np.int64(rules.slot_candidates[c])
        volunteer = rules.windows[window].volunteer
        if (c - first) % stride != offset and journal.volunteer_round[volunteer] != this:
            continue
        if plan.slots[slot].heads > 0 and is_member(rules, plan, slot, volunteer):
            continue
        price, position, extra = price_of(rules, plan, slot, window, random, noise, best_price)
        if price < best_price:
            best, best_price, best_at, best_extra = window, price, position, extra
    if best == NOWHERE:
        return False
    put(rules, plan, journal, slot, best, best_at, best_extra)
    return True


@inner
def needs_crew(rules: Any, plan: Any, slot: Whole) -> bool:
    """Whether filling the slot means choosing a start and several people at once."""
    return rules.slots[slot].is_crew and (plan.slots[slot].heads == 0 or is_short(rules, plan, slot))


@inner
def fill(rules: Any, plan: Any, journal: Any, slot: Whole, most_windows: Whole, random: Any, noise: float) -> None:
    """Fill one slot, as far as it goes, with anybody."""
    if needs_crew(rules, plan, slot):
        least, most = max(1, rules.slots[slot].min_headcount), rules.slots[slot].headcount
        wanted = most if draw(random) < 0.7 else least + draw_below(random, most - least + 1)
        staff(rules, plan, journal, slot, max(wanted, plan.slots[slot].heads + 1), random, noise)
    elif plan.slots[slot].heads < rules.slots[slot].headcount:
        place_anywhere(rules, plan, journal, slot, most_windows, random, noise)


@inner
def rank(rules: Any, prospects: Any, slot: Whole, emphasis: float, spread: float, scarcity: float, random: Any) -> None:
    """Give the slot its key, small first: value for the minutes it takes, with random noise."""
    worth = rules.slots[slot].value / (rules.slots[slot].duration + rules.handling) ** emphasis
    choices = rules.slots[slot].candidate_end - rules.slots[slot].candidate_first + 1
    prospects.slot_key[slot] = -worth * (1.0 + spread * draw(random)) / choices**scarcity


@inner
def collect(rules: Any, plan: Any, journal: Any, prospects: Any, pairs: Whole, random: Any) -> Whole:
    """List what lost somebody in this round and a sample of what the affected volunteers could take; how many."""
    this = journal.counts[ROUND]
    emphasis, spread, scarcity = 1.2 * draw(random), 0.1 + draw(random), 0.3 * draw(random)
    n = 0
    for k in range(journal.counts[SLOTS]):
        slot = journal.noted_slots[k]
        prospects.seen[slot] = this
        if plan.slots[slot].heads < rules.slots[slot].headcount:
            rank(rules, prospects, slot, emphasis, spread, scarcity, random)
            prospects.slot[n], prospects.window[n], prospects.key[n] = slot, EVERYWHERE, prospects.slot_key[slot]
            n += 1
    offered = 0
    for k in range(journal.counts[VOLUNTEERS]):
        goer = rules.volunteers[journal.noted_volunteers[k]]
        for window in range(goer.window_first, goer.window_end):
            offered += rules.windows[window].candidate_end - rules.windows[window].candidate_first
    stride = max(1, 2 * offered // pairs)
    crews = 0
    for k in range(journal.counts[VOLUNTEERS]):
        volunteer = journal.noted_volunteers[k]
        if plan.volunteers[volunteer].visits >= rules.volunteers[volunteer].max_visits:
            continue
        for window in range(rules.volunteers[volunteer].window_first, rules.volunteers[volunteer].window_end):
            if plan.days[rules.windows[window].day].visits >= rules.volunteers[volunteer].max_day_visits:
                continue
            c = rules.windows[window].candidate_first - 1
            while n < len(prospects.slot):
                c += 1 + draw_below(random, stride)
                if c >= rules.windows[window].candidate_end:
                    break
                slot = np.int64(rules.window_candidates[c])
                if plan.slots[slot].heads >= rules.slots[slot].headcount:
                    continue
                if prospects.seen[slot] != this:
                    prospects.seen[slot] = this
                    rank(rules, prospects, slot, emphasis, spread, scarcity, random)
                elif journal.slots[slot].round == this:
                    continue
                where = window
                if plan.slots[slot].heads == 0 and rules.slots[slot].is_crew:
                    if crews == MOST_CREWS or draw(random) > CREW_CHANCE or prospects.tried[slot] == this:
                        continue
                    prospects.tried[slot] = this
                    where = EVERYWHERE
                    crews += 1
                prospects.slot[n], prospects.window[n], prospects.key[n] = slot, where, prospects.slot_key[slot]
                n += 1
    return n


@inner
def offer(
    rules: Any, plan: Any, journal: Any, prospects: Any, order: Any, first: Whole, random: Any, noise: float
) -> Whole:
    """Try the slot of the prospect at `first` in all its windows, which follow it in order; where the next begins."""
    slot = prospects.slot[order[first]]
    best, best_price, best_at, best_extra = NOWHERE, 1e300, NOWHERE, FORBIDDEN
    k = first
    while k < len(order) and prospects.slot[order[k]] == slot:
        window = prospects.window[order[k]]
        k += 1
        if plan.slots[slot].heads > 0 and is_member(rules, plan, slot, rules.windows[window].volunteer):
            continue
        price, position, extra = price_of(rules, plan, slot, window, random, noise, best_price)
        if price < best_price:
            best, best_price, best_at, best_extra = window, price, position, extra
    if best != NOWHERE and plan.slots[slot].heads < rules.slots[slot].headcount:
        put(rules, plan, journal, slot, best, best_at, best_extra)
    return k


@inner
def recreate(
    rules: Any,
    plan: Any,
    journal: Any,
    prospects: Any,
    random: Any,
    pairs: Whole,
    windows: Whole,
    noise: float,
    seed: Whole,
) -> None:
    """Complete short crews, then fill what is unfilled around the round's changes; `seed` (or NOWHERE) goes first."""
    if seed != NOWHERE:
        fill(rules, plan, journal, seed, windows, random, noise)
    noted = journal.counts[SLOTS]
    for k in range(noted):
        slot = journal.noted_slots[k]
        if is_short(rules, plan, slot):
            staff(rules, plan, journal, slot, plan.slots[slot].heads + 1, random, noise)
    n = collect(rules, plan, journal, prospects, pairs, random)
    order = np.argsort(prospects.key[:n])
    k = 0
    while k < n:
        if prospects.window[order[k]] == EVERYWHERE:
            fill(rules, plan, journal, prospects.slot[order[k]], windows, random, noise)
            k += 1
        else:
            k = offer(rules, plan, journal, prospects, order, k, random, noise)


@kernel
def fill_all(rules: Any, plan: Any, journal: Any, prospects: Any, random: Any, spread: float) -> None:
    """Greedy insertion: every slot in the order of its worth, each where it is cheapest."""
    emphasis, scarcity = 0.6 + 0.6 * draw(random), 0.3 * draw(random)
    for slot in range(len(rules.slots)):
        rank(rules, prospects, slot, emphasis, spread, scarcity, random)
    for slot in np.argsort(prospects.slot_key):
        if rules.slots[slot].candidate_end > rules.slots[slot].candidate_first:
            fill(rules, plan, journal, slot, len(rules.windows) + 1, random, 0.0)
