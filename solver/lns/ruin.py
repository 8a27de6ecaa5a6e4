"""Rounds of ruin and recreate under simulated annealing: the any-time engine of the search.

Ruin takes short strings of visits out of routes near one another in space and time, recreate fills the gap anew
(after Christiaens and Vanden Berghe, "Slack induction by string removals", 2020). Here windows that could serve one
seed slot are the neighbourhood, and everything that nobody serves yet competes for the gap.
"""

import numpy as np

from solver.instance.dtypes import Ints, Whole
from solver.instance.jit import inner, kernel
from solver.instance.rng import Random, draw, draw_below
from solver.lns.recreate import InsertionCandidates, recreate
from solver.lns.state import COST, COVERAGE, FILLED, NOWHERE, Plan, Rules, is_better
from solver.lns.teams import clear
from solver.lns.undo_log import UndoLog, commit, copy_changes, open_round, remove_logged, rollback
from solver.params import RuinRecreateParams


@inner
def remove_string(
    rules: Rules, plan: Plan, undo_log: UndoLog, window: Whole, about: Whole, params: RuinRecreateParams, random: Random
) -> None:
    """Take up to `longest` consecutive visits around time `about` out of a route; teams mostly stay to be completed."""
    base, n = rules.windows[window].route_at, plan.lengths[window]
    count = min(n, 1 + draw_below(random, params.longest))
    nearest = 0
    for i in range(n):
        if plan.stops[base + i].early <= about:
            nearest = i
    first = max(0, min(nearest - draw_below(random, count), n - count))
    position = first
    for _ in range(count):
        if position >= plan.lengths[window]:
            break
        if plan.stops[base + position].pinned:
            position += 1
            continue
        slot = plan.stops[base + position].slot
        if rules.slots[slot].is_team and draw(random) < params.clear_team:
            clear(rules, plan, undo_log, slot)
        else:
            remove_logged(rules, plan, undo_log, window, position)


@inner
def ruin(rules: Rules, plan: Plan, undo_log: UndoLog, seed: Whole, params: RuinRecreateParams, random: Random) -> None:
    """Take strings out of windows that could serve the seed slot, until enough visits are out."""
    first = rules.slots[seed].candidate_first
    choices = rules.slots[seed].candidate_end - first
    low = rules.slots[seed].earliest
    about = low + draw_below(random, rules.slots[seed].latest - low + 1)
    target = 1 + draw_below(random, params.removals)
    before = plan.totals[FILLED]
    for _ in range(params.tries * target):
        near = draw(random)
        window = np.int64(rules.slot_candidates[first + np.int64(near * near * choices)])
        if plan.lengths[window] > 0:
            remove_string(rules, plan, undo_log, window, about, params, random)
            if draw(random) < params.whole_week:
                other_windows(rules, plan, undo_log, window, params, random)
        if before - plan.totals[FILLED] >= target:
            break


@inner
def other_windows(
    rules: Rules, plan: Plan, undo_log: UndoLog, window: Whole, params: RuinRecreateParams, random: Random
) -> None:
    """Take visits from some other windows of the same volunteer: caps over the week tie them together."""
    volunteer = rules.windows[window].volunteer
    for other in range(rules.volunteers[volunteer].window_first, rules.volunteers[volunteer].window_end):
        if other != window and plan.lengths[other] > 0 and draw(random) < params.other_window:
            free = rules.windows[other]
            about = free.start + draw_below(random, free.end - free.start)
            remove_string(rules, plan, undo_log, other, about, params, random)


@inner
def worth(rules: Rules, plan: Plan) -> float:
    """The annealed objective: coverage at its exchange rate minus cost."""
    return float(plan.totals[COVERAGE] * rules.coverage_rate - plan.totals[COST])


@kernel
def anneal(
    rules: Rules,
    plan: Plan,
    best: Plan,
    undo_log: UndoLog,
    candidates: InsertionCandidates,
    random: Random,
    seeds: Ints,
    rounds: Whole,
    temperatures: tuple[float, float],
    params: RuinRecreateParams,
) -> Whole:
    """Run rounds while the temperature falls from the first to the last, in cost units; best follows.

    Returns how many rounds improved best. `seeds` are the slots around which it may begin.
    """
    improved, (initial, final) = 0, temperatures
    cooling = (final / initial) ** (1.0 / max(1, rounds))
    temperature = initial
    for _ in range(rounds):
        temperature *= cooling
        open_round(plan, undo_log)
        was = worth(rules, plan)
        seed = seeds[draw_below(random, len(seeds))]
        ruin(rules, plan, undo_log, seed, params, random)
        unfilled = plan.slots[seed].people < rules.slots[seed].headcount
        first = seed if unfilled and draw(random) < params.seed_first else NOWHERE
        recreate(rules, plan, undo_log, candidates, params, first, random)
        if worth(rules, plan) >= was + temperature * np.log(1e-300 + draw(random)):
            commit(undo_log)
            if is_better(plan, best):
                copy_changes(rules, plan, best, undo_log)
                improved += 1
        else:
            rollback(rules, plan, undo_log)
    return improved
