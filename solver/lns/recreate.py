"""Filling gaps: offering unfilled slots to the volunteers whose week just changed, best candidates first."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Ints, Whole
from solver.instance.jit import allocating_inner, inner
from solver.instance.rng import Random, draw, draw_below
from solver.lns.insertion import FORBIDDEN, best_position, has_room, is_member, personal_cost
from solver.lns.state import NOWHERE, Plan, Rules
from solver.lns.teams import is_short, lacks_people, staff
from solver.lns.undo_log import ROUND, SLOTS, VOLUNTEERS, UndoLog, insert_logged
from solver.params import RuinRecreateParams

WHOLE_TEAM: Whole = np.int64(-1)  # in place of a window: a start and people are to be chosen


class InsertionCandidates(NamedTuple):
    """Pairs of an unfilled slot and a window that it fits, best key first after sorting; scratch space of a round."""

    slot: Ints
    window: Ints
    key: NDArray[np.float64]
    seen: Ints  # per slot: the round in which its noise factor was drawn
    listed: Ints  # per team slot: the round in which it was listed
    noise_factor: NDArray[np.float64]  # per slot: the random factor of its worth in this round
    seat_dual: NDArray[np.float64]  # per slot: what its seats are worth to others, where that is known; else 0


class InsertionWeights(NamedTuple):
    """How a round weighs slots against each other: value less cost, for minutes to the power `minutes_exponent`, then
    noise.
    """

    minutes_exponent: float
    spread: float
    count_exponent: float
    cost_in_minutes: float  # how far cost counts like minutes
    dual_weight: float  # share of the dual of a seat that counts
    min_worth_share: float  # share of its value that a slot is worth at least, however dear its seats


def new_candidates(slots: int, params: RuinRecreateParams) -> InsertionCandidates:
    """Empty lists for a problem of so many slots."""
    return InsertionCandidates(
        slot=np.zeros(params.listed_pairs, np.int64),
        window=np.zeros(params.listed_pairs, np.int64),
        key=np.zeros(params.listed_pairs, np.float64),
        seen=np.zeros(slots, np.int64),
        listed=np.zeros(slots, np.int64),
        noise_factor=np.zeros(slots, np.float64),
        seat_dual=np.zeros(slots, np.float64),
    )


@inner
def insertion_cost(rules: Rules, plan: Plan, slot: Whole, window: Whole) -> tuple[Whole, Whole, Whole]:
    """(cost, position, extra legs) of the slot where it fits the window best; position NOWHERE if it does not."""
    people, volunteer = plan.slots[slot].people, rules.windows[window].volunteer
    first = rules.slots[slot].is_team and people <= rules.slots[slot].pin_count  # to join those who are pinned, if any
    if (first and lacks_people(rules, plan, slot, volunteer)) or not has_room(rules, plan, slot, window):
        return NOWHERE, NOWHERE, FORBIDDEN
    if people > 0 and is_member(rules, plan, slot, volunteer):
        return NOWHERE, NOWHERE, FORBIDDEN
    position, extra = best_position(rules, plan, slot, window)
    if position == NOWHERE:
        return NOWHERE, NOWHERE, FORBIDDEN
    return rules.guide * extra + personal_cost(rules, plan, slot, volunteer), position, extra


@inner
def needs_team(rules: Rules, plan: Plan, slot: Whole) -> bool:
    """Whether filling the slot means choosing a start and several people at once."""
    return bool(
        rules.slots[slot].is_team and (plan.slots[slot].people == 0 or lacks_people(rules, plan, slot, NOWHERE))
    )


@inner
def assign_team(
    rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole, random: Random, full_team: float, noise: float
) -> None:
    """Staff a slot for several people, mostly with as many as are wanted."""
    least, most = max(1, rules.slots[slot].min_headcount), rules.slots[slot].headcount
    wanted = most if draw(random) < full_team else least + draw_below(random, most - least + 1)
    staff(rules, plan, undo_log, slot, max(wanted, plan.slots[slot].people + 1), random, noise)


@inner
def place_best(rules: Rules, plan: Plan, undo_log: UndoLog, slot: Whole) -> None:
    """Put one person on the slot where it is cheapest of all."""
    best, best_cost, best_at, best_extra = NOWHERE, 0, NOWHERE, FORBIDDEN
    for c in range(rules.slots[slot].candidate_first, rules.slots[slot].candidate_end):
        window = np.int64(rules.slot_candidates[c])
        cost, position, extra = insertion_cost(rules, plan, slot, window)
        if position != NOWHERE and (best == NOWHERE or cost < best_cost):
            best, best_cost, best_at, best_extra = window, cost, position, extra
    if best != NOWHERE:
        insert_logged(rules, plan, undo_log, slot, best, best_at, best_extra)


@inner
def key_of(rules: Rules, candidates: InsertionCandidates, weights: InsertionWeights, slot: Whole, cost: float) -> float:
    """Sort key, small first: minus what the slot is worth for the minutes and cost that it takes, times its noise
    factor.
    """
    minutes = max(5.0, rules.slots[slot].duration + weights.cost_in_minutes * cost)
    worth = rules.slots[slot].value - weights.dual_weight * candidates.seat_dual[slot]
    worth = max(weights.min_worth_share * rules.slots[slot].value, worth)
    return float(-worth * candidates.noise_factor[slot] * np.exp(-weights.minutes_exponent * np.log(minutes)))


@inner
def draw_noise_factor(
    rules: Rules, candidates: InsertionCandidates, weights: InsertionWeights, slot: Whole, random: Random
) -> None:
    """Draw the slot's noise factor; slots with few candidates are mostly favoured."""
    choices = rules.slots[slot].candidate_end - rules.slots[slot].candidate_first + 1
    candidates.noise_factor[slot] = (1.0 + weights.spread * draw(random)) * np.exp(
        -weights.count_exponent * np.log(choices)
    )


@inner
def list_pair(
    rules: Rules,
    plan: Plan,
    candidates: InsertionCandidates,
    weights: InsertionWeights,
    params: RuinRecreateParams,
    n: Whole,
    slot: Whole,
    window: Whole,
    random: Random,
) -> Whole:
    """Append the pair if it fits and is not overlooked; the new length of the list."""
    if n == len(candidates.slot) or draw(random) < params.blink:
        return n
    cost, position, _ = insertion_cost(rules, plan, slot, window)
    if position == NOWHERE:
        return n
    candidates.slot[n], candidates.window[n] = slot, window
    candidates.key[n] = key_of(rules, candidates, weights, slot, cost)
    return n + 1


@inner
def list_team(rules: Rules, candidates: InsertionCandidates, weights: InsertionWeights, n: Whole, slot: Whole) -> Whole:
    """Append a slot that needs a team; the new length of the list."""
    if n == len(candidates.slot):
        return n
    candidates.slot[n], candidates.window[n] = slot, WHOLE_TEAM
    candidates.key[n] = key_of(rules, candidates, weights, slot, rules.handling)
    return n + 1


@inner
def list_lost(
    rules: Rules,
    plan: Plan,
    undo_log: UndoLog,
    candidates: InsertionCandidates,
    weights: InsertionWeights,
    params: RuinRecreateParams,
    random: Random,
) -> Whole:
    """List who lost somebody in this round, with affected volunteers and a sample of others; the list's length."""
    this, n = undo_log.counts[ROUND], np.int64(0)
    for k in range(undo_log.counts[SLOTS]):
        slot = undo_log.noted_slots[k]
        candidates.seen[slot] = this
        if plan.slots[slot].people >= rules.slots[slot].headcount:
            continue
        draw_noise_factor(rules, candidates, weights, slot, random)
        if needs_team(rules, plan, slot):
            n = list_team(rules, candidates, weights, n, slot)
            continue
        first, end = rules.slots[slot].candidate_first, rules.slots[slot].candidate_end
        stride = 1 + (end - first) // params.windows
        offset = draw_below(random, stride)
        for c in range(first, end):
            window = np.int64(rules.slot_candidates[c])
            if (c - first) % stride == offset or undo_log.volunteer_round[rules.windows[window].volunteer] == this:
                n = list_pair(rules, plan, candidates, weights, params, n, slot, window, random)
    return n


@inner
def list_offers(
    rules: Rules,
    plan: Plan,
    undo_log: UndoLog,
    candidates: InsertionCandidates,
    weights: InsertionWeights,
    params: RuinRecreateParams,
    n: Whole,
    random: Random,
) -> Whole:
    """List a sample of the other unfilled slots that affected volunteers could take; the length of the list."""
    this, offered, teams = undo_log.counts[ROUND], 0, 0
    for k in range(undo_log.counts[VOLUNTEERS]):
        who = rules.volunteers[undo_log.noted_volunteers[k]]
        for window in range(who.window_first, who.window_end):
            offered += rules.windows[window].candidate_end - rules.windows[window].candidate_first
    stride = max(1, 2 * offered // params.pairs)
    for k in range(undo_log.counts[VOLUNTEERS]):
        volunteer = undo_log.noted_volunteers[k]
        if plan.volunteers[volunteer].visits >= rules.volunteers[volunteer].max_visits:
            continue
        for window in range(rules.volunteers[volunteer].window_first, rules.volunteers[volunteer].window_end):
            if plan.days[rules.windows[window].day].visits >= rules.volunteers[volunteer].max_day_visits:
                continue
            c = rules.windows[window].candidate_first + draw_below(random, stride)
            while c < rules.windows[window].candidate_end:
                slot = np.int64(rules.window_candidates[c])
                c += 1 + draw_below(random, stride)
                if plan.slots[slot].people >= rules.slots[slot].headcount or undo_log.slots[slot].round == this:
                    continue
                if candidates.seen[slot] != this:
                    candidates.seen[slot] = this
                    draw_noise_factor(rules, candidates, weights, slot, random)
                if not rules.slots[slot].is_team or not needs_team(rules, plan, slot):
                    n = list_pair(rules, plan, candidates, weights, params, n, slot, window, random)
                elif teams < params.max_teams and candidates.listed[slot] != this and draw(random) < params.team_chance:
                    candidates.listed[slot] = this
                    teams += 1
                    n = list_team(rules, candidates, weights, n, slot)
    return n


@allocating_inner
def recreate(
    rules: Rules,
    plan: Plan,
    undo_log: UndoLog,
    candidates: InsertionCandidates,
    params: RuinRecreateParams,
    seed: Whole,
    random: Random,
) -> None:
    """Complete short teams, then fill what is unfilled around the round's changes; `seed` (or NOWHERE) goes first."""
    if seed != NOWHERE:
        if needs_team(rules, plan, seed):
            assign_team(rules, plan, undo_log, seed, random, params.full_team, params.noise)
        elif plan.slots[seed].people < rules.slots[seed].headcount:
            place_best(rules, plan, undo_log, seed)
    for k in range(undo_log.counts[SLOTS]):
        slot = undo_log.noted_slots[k]
        if is_short(rules, plan, slot):
            staff(rules, plan, undo_log, slot, plan.slots[slot].people + 1, random, params.noise)
    weights = InsertionWeights(
        params.minutes_exponent * draw(random),
        params.least_spread + params.spread * draw(random),
        params.count_exponent * draw(random),
        params.cost_in_minutes * draw(random),
        draw(random),
        params.min_worth_share,
    )
    n = list_lost(rules, plan, undo_log, candidates, weights, params, random)
    n = list_offers(rules, plan, undo_log, candidates, weights, params, n, random)
    for k in np.argsort(candidates.key[:n]):
        slot, window = candidates.slot[k], candidates.window[k]
        if plan.slots[slot].people >= rules.slots[slot].headcount:
            continue
        if window == WHOLE_TEAM:
            assign_team(rules, plan, undo_log, slot, random, params.full_team, params.noise)
            continue
        _, position, extra = insertion_cost(rules, plan, slot, window)
        if position != NOWHERE:
            insert_logged(rules, plan, undo_log, slot, window, position, extra)
