"""Filling gaps: offering unfilled slots to the volunteers whose week just changed, best prospects first."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Ints, Whole
from solver.instance.jit import allocating, inner
from solver.instance.rng import draw, draw_below
from solver.lns.insertion import FORBIDDEN, best_position, has_room, is_member, personal_cost
from solver.lns.state import NOWHERE
from solver.lns.teams import is_short, lacks_people, staff
from solver.lns.undo_log import ROUND, SLOTS, VOLUNTEERS, put

BLINK = 0.02  # chance to overlook a window, so that equal rounds do not repeat each other (Christiaens 2020)
MOST_PAIRS = 4096
CREW_CHANCE = 0.3  # a crew slot that nobody left is tried this often: it costs many single trials
MOST_CREWS = 3
DEAREST = 0.05  # share of its value that a slot is worth at least, however dear its seats
CREW: Whole = np.int64(-1)  # in place of a window: a start and people are to be chosen


class Prospects(NamedTuple):
    """Pairs of an unfilled slot and a window that it fits, best key first after sorting; scratch space of a round."""

    slot: Ints
    window: Ints
    key: NDArray[np.float64]
    seen: Ints  # per slot: the round in which its luck was drawn
    listed: Ints  # per crew slot: the round in which it was listed
    luck: NDArray[np.float64]  # per slot: the random factor of its worth in this round
    seat_price: NDArray[np.float64]  # per slot: what its seats are worth to others, where that is known; else 0


class Habits(NamedTuple):
    """How the search goes about a round. Numbers were chosen by trial on weeks of every size and on orienteering."""

    removals: int = 8  # visits taken out in a round, at most
    longest: int = 3  # visits taken out of one route, at most
    pairs: int = 150  # offers to affected volunteers in a round, about
    windows: int = 40  # windows of other volunteers that a removed visit is tried in, about
    noise: float = 5.0  # cost units by which the choice of people for a crew is blurred
    seed_first: float = 0.5  # chance that the unfilled slot around which visits were taken out is filled first
    whole_week: float = 0.3  # chance that the other windows of a volunteer lose visits too
    emphasis: float = 1.2  # upper ends of the ranges from which each round draws its taste
    spread: float = 1.0
    scarcity: float = 0.3
    thrift: float = 1.0


class Taste(NamedTuple):
    """How a round weighs slots against each other: value less price, for minutes to the power `emphasis`, then luck."""

    emphasis: float
    spread: float
    scarcity: float
    thrift: float  # how far cost counts like minutes
    heed: float  # share of the price of a seat that counts


def new_prospects(slots: int) -> Prospects:
    """Empty lists for a problem of so many slots."""
    return Prospects(
        slot=np.zeros(MOST_PAIRS, np.int64),
        window=np.zeros(MOST_PAIRS, np.int64),
        key=np.zeros(MOST_PAIRS, np.float64),
        seen=np.zeros(slots, np.int64),
        listed=np.zeros(slots, np.int64),
        luck=np.zeros(slots, np.float64),
        seat_price=np.zeros(slots, np.float64),
    )


@inner
def price_of(rules: Any, plan: Any, slot: Whole, window: Whole) -> Any:
    """(cost, position, extra legs) of the slot where it fits the window best; position NOWHERE if it does not."""
    heads, volunteer = plan.slots[slot].heads, rules.windows[window].volunteer
    first = rules.slots[slot].is_crew and heads <= rules.slots[slot].pin_count  # to join those who are pinned, if any
    if (first and lacks_people(rules, plan, slot, volunteer)) or not has_room(rules, plan, slot, window):
        return NOWHERE, NOWHERE, FORBIDDEN
    if heads > 0 and is_member(rules, plan, slot, volunteer):
        return NOWHERE, NOWHERE, FORBIDDEN
    position, extra = best_position(rules, plan, slot, window)
    if position == NOWHERE:
        return NOWHERE, NOWHERE, FORBIDDEN
    return rules.guide * extra + personal_cost(rules, plan, slot, volunteer), position, extra


@inner
def needs_crew(rules: Any, plan: Any, slot: Whole) -> bool:
    """Whether filling the slot means choosing a start and several people at once."""
    return bool(rules.slots[slot].is_crew and (plan.slots[slot].heads == 0 or lacks_people(rules, plan, slot, NOWHERE)))


@inner
def call_crew(rules: Any, plan: Any, journal: Any, slot: Whole, random: Any, noise: float) -> None:
    """Staff a slot for several people, mostly with as many as are wanted."""
    least, most = max(1, rules.slots[slot].min_headcount), rules.slots[slot].headcount
    wanted = most if draw(random) < 0.7 else least + draw_below(random, most - least + 1)
    staff(rules, plan, journal, slot, max(wanted, plan.slots[slot].heads + 1), random, noise)


@inner
def place_best(rules: Any, plan: Any, journal: Any, slot: Whole) -> None:
    """Put one person on the slot where it is cheapest of all."""
    best, best_price, best_at, best_extra = NOWHERE, 0, NOWHERE, FORBIDDEN
    for c in range(rules.slots[slot].candidate_first, rules.slots[slot].candidate_end):
        window = np.int64(rules.slot_candidates[c])
        price, position, extra = price_of(rules, plan, slot, window)
        if position != NOWHERE and (best == NOWHERE or price < best_price):
            best, best_price, best_at, best_extra = window, price, position, extra
    if best != NOWHERE:
        put(rules, plan, journal, slot, best, best_at, best_extra)


@inner
def key_of(rules: Any, prospects: Any, taste: Any, slot: Whole, price: float) -> float:
    """Sort key, small first: minus what the slot is worth for the minutes and cost that it takes, times its luck."""
    minutes = max(5.0, rules.slots[slot].duration + taste.thrift * price)
    worth = rules.slots[slot].value - taste.heed * prospects.seat_price[slot]
    worth = max(DEAREST * rules.slots[slot].value, worth)
    return float(-worth * prospects.luck[slot] * np.exp(-taste.emphasis * np.log(minutes)))


@inner
def draw_luck(rules: Any, prospects: Any, taste: Any, slot: Whole, random: Any) -> None:
    """Draw the slot's luck; slots with few candidates are mostly luckier."""
    choices = rules.slots[slot].candidate_end - rules.slots[slot].candidate_first + 1
    prospects.luck[slot] = (1.0 + taste.spread * draw(random)) * np.exp(-taste.scarcity * np.log(choices))


@inner
def list_pair(
    rules: Any, plan: Any, prospects: Any, taste: Any, n: Whole, slot: Whole, window: Whole, random: Any
) -> Whole:
    """Append the pair if it fits and is not overlooked; the new length of the list."""
    if n == len(prospects.slot) or draw(random) < BLINK:
        return n
    price, position, _ = price_of(rules, plan, slot, window)
    if position == NOWHERE:
        return n
    prospects.slot[n], prospects.window[n] = slot, window
    prospects.key[n] = key_of(rules, prospects, taste, slot, price)
    return n + 1


@inner
def list_crew(rules: Any, prospects: Any, taste: Any, n: Whole, slot: Whole) -> Whole:
    """Append a slot that needs a crew; the new length of the list."""
    if n == len(prospects.slot):
        return n
    prospects.slot[n], prospects.window[n] = slot, CREW
    prospects.key[n] = key_of(rules, prospects, taste, slot, rules.handling)
    return n + 1


@inner
def list_lost(rules: Any, plan: Any, journal: Any, prospects: Any, taste: Any, windows: Whole, random: Any) -> Whole:
    """List who lost somebody in this round, with affected volunteers and a sample of others; the list's length."""
    this, n = journal.counts[ROUND], 0
    for k in range(journal.counts[SLOTS]):
        slot = journal.noted_slots[k]
        prospects.seen[slot] = this
        if plan.slots[slot].heads >= rules.slots[slot].headcount:
            continue
        draw_luck(rules, prospects, taste, slot, random)
        if needs_crew(rules, plan, slot):
            n = list_crew(rules, prospects, taste, n, slot)
            continue
        first, end = rules.slots[slot].candidate_first, rules.slots[slot].candidate_end
        stride = 1 + (end - first) // windows
        offset = draw_below(random, stride)
        for c in range(first, end):
            window = np.int64(rules.slot_candidates[c])
            if (c - first) % stride == offset or journal.volunteer_round[rules.windows[window].volunteer] == this:
                n = list_pair(rules, plan, prospects, taste, n, slot, window, random)
    return n


@inner
def list_offers(
    rules: Any, plan: Any, journal: Any, prospects: Any, taste: Any, n: Whole, pairs: Whole, random: Any
) -> Whole:
    """List a sample of the other unfilled slots that affected volunteers could take; the length of the list."""
    this, offered, crews = journal.counts[ROUND], 0, 0
    for k in range(journal.counts[VOLUNTEERS]):
        goer = rules.volunteers[journal.noted_volunteers[k]]
        for window in range(goer.window_first, goer.window_end):
            offered += rules.windows[window].candidate_end - rules.windows[window].candidate_first
    stride = max(1, 2 * offered // pairs)
    for k in range(journal.counts[VOLUNTEERS]):
        volunteer = journal.noted_volunteers[k]
        if plan.volunteers[volunteer].visits >= rules.volunteers[volunteer].max_visits:
            continue
        for window in range(rules.volunteers[volunteer].window_first, rules.volunteers[volunteer].window_end):
            if plan.days[rules.windows[window].day].visits >= rules.volunteers[volunteer].max_day_visits:
                continue
            c = rules.windows[window].candidate_first + draw_below(random, stride)
            while c < rules.windows[window].candidate_end:
                slot = np.int64(rules.window_candidates[c])
                c += 1 + draw_below(random, stride)
                if plan.slots[slot].heads >= rules.slots[slot].headcount or journal.slots[slot].round == this:
                    continue
                if prospects.seen[slot] != this:
                    prospects.seen[slot] = this
                    draw_luck(rules, prospects, taste, slot, random)
                if not rules.slots[slot].is_crew or not needs_crew(rules, plan, slot):
                    n = list_pair(rules, plan, prospects, taste, n, slot, window, random)
                elif crews < MOST_CREWS and prospects.listed[slot] != this and draw(random) < CREW_CHANCE:
                    prospects.listed[slot] = this
                    crews += 1
                    n = list_crew(rules, prospects, taste, n, slot)
    return n


@allocating
def recreate(
    rules: Any,
    plan: Any,
    journal: Any,
    prospects: Any,
    habits: Any,
    seed: Whole,
    random: Any,
) -> None:
    """Complete short crews, then fill what is unfilled around the round's changes; `seed` (or NOWHERE) goes first."""
    if seed != NOWHERE:
        if needs_crew(rules, plan, seed):
            call_crew(rules, plan, journal, seed, random, habits.noise)
        elif plan.slots[seed].heads < rules.slots[seed].headcount:
            place_best(rules, plan, journal, seed)
    for k in range(journal.counts[SLOTS]):
        slot = journal.noted_slots[k]
        if is_short(rules, plan, slot):
            staff(rules, plan, journal, slot, plan.slots[slot].heads + 1, random, habits.noise)
    taste = Taste(
        habits.emphasis * draw(random),
        0.1 + habits.spread * draw(random),
        habits.scarcity * draw(random),
        habits.thrift * draw(random),
        draw(random),
    )
    n = list_lost(rules, plan, journal, prospects, taste, habits.windows, random)
    n = list_offers(rules, plan, journal, prospects, taste, n, habits.pairs, random)
    for k in np.argsort(prospects.key[:n]):
        slot, window = prospects.slot[k], prospects.window[k]
        if plan.slots[slot].heads >= rules.slots[slot].headcount:
            continue
        if window == CREW:
            call_crew(rules, plan, journal, slot, random, habits.noise)
            continue
        _, position, extra = price_of(rules, plan, slot, window)
        if position != NOWHERE:
            put(rules, plan, journal, slot, window, position, extra)


@allocating
def fill_all(rules: Any, plan: Any, journal: Any, prospects: Any, random: Any, spread: float) -> None:
    """Greedy insertion: every slot in the order of its worth, each where it is cheapest."""
    taste = Taste(0.6 + 0.6 * draw(random), spread, 0.3 * draw(random), 1.0, 0.0)
    keys = np.zeros(len(rules.slots), np.float64)
    for slot in range(len(rules.slots)):
        draw_luck(rules, prospects, taste, slot, random)
        keys[slot] = key_of(rules, prospects, taste, slot, rules.handling)
    for slot in np.argsort(keys):
        if rules.slots[slot].candidate_end == rules.slots[slot].candidate_first:
            continue
        if needs_crew(rules, plan, slot):
            call_crew(rules, plan, journal, slot, random, 0.0)
        elif plan.slots[slot].heads < rules.slots[slot].headcount:
            place_best(rules, plan, journal, slot)
