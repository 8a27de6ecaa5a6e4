"""A first plan by insertion: every slot in the order of its worth, each where it is cheapest, all rules kept."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from solver.instance.arrays import Network
from solver.instance.jit import allocating
from solver.instance.rng import Random, draw, new_random
from solver.lns.encoding import assignments_of, copy_of, encode_plan, pinned_plan, rules_of
from solver.lns.recreate import (
    InsertionCandidates,
    InsertionWeights,
    assign_team,
    draw_noise_factor,
    key_of,
    needs_team,
    new_candidates,
    place_best,
)
from solver.lns.state import Plan, Rules, is_better
from solver.lns.undo_log import UndoLog, new_undo_log, open_round
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.params import Params, RuinRecreateParams


def first_plan(
    problem: Problem,
    net: Network,
    incumbent: Iterable[Assignment] = (),
    *,
    seconds: float = 1.0,
    seed: int = 0,
    params: Params = Params(),
) -> tuple[Assignment, ...]:
    """A plan that keeps every rule and holds every pin, found in about `seconds`, sorted by slot.

    It is never worse than `incumbent` if that keeps the rules; of a stale incumbent, whatever still keeps them is the
    start. With `seconds` 0 a single order is tried.
    """
    rules = rules_of(net, params.annealing)
    pinned = pinned_plan(net, rules)
    begun = copy_of(pinned)
    encode_plan(problem, net, rules, begun, incumbent)
    return tuple(assignments_of(problem, rules, best_fill(rules, begun, pinned, params, seconds=seconds, seed=seed)))


def best_fill(rules: Rules, begun: Plan, pinned: Plan, params: Params, *, seconds: float, seed: int) -> Plan:
    """The best of `begun` filled up and of fresh plans from `pinned`, as many as `seconds` allow."""
    deadline = time.monotonic() + seconds
    random, candidates = new_random(seed), new_candidates(len(rules.slots), params.ruin_recreate)
    orders, best = params.construction, None
    for attempt in range(orders.max_orders):
        plan = copy_of(begun if attempt == 0 else pinned)
        undo_log = new_undo_log(plan)
        open_round(plan, undo_log)
        fill_all(rules, plan, undo_log, candidates, params.ruin_recreate, random, orders.noise if attempt else 0.0)
        best = plan if best is None or is_better(plan, best) else best
        if time.monotonic() >= deadline:
            break
    assert best is not None
    return best


@allocating
def fill_all(
    rules: Rules,
    plan: Plan,
    undo_log: UndoLog,
    candidates: InsertionCandidates,
    params: RuinRecreateParams,
    random: Random,
    spread: float,
) -> None:
    """Greedy insertion: every slot in the order of its worth, each where it is cheapest."""
    exponent, count_exponent = 0.6 + 0.6 * draw(random), 0.3 * draw(random)
    weights = InsertionWeights(exponent, spread, count_exponent, 1.0, 0.0, params.min_worth_share)
    keys = np.zeros(len(rules.slots), np.float64)
    for slot in range(len(rules.slots)):
        draw_noise_factor(rules, candidates, weights, slot, random)
        keys[slot] = key_of(rules, candidates, weights, slot, rules.handling)
    for slot in np.argsort(keys):
        if rules.slots[slot].candidate_end == rules.slots[slot].candidate_first:
            continue
        if needs_team(rules, plan, slot):
            assign_team(rules, plan, undo_log, slot, random, params.full_team, 0.0)
        elif plan.slots[slot].people < rules.slots[slot].headcount:
            place_best(rules, plan, undo_log, slot)
