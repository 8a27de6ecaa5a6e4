"""A first plan by insertion: every slot in the order of its worth, each where it is cheapest, all rules kept."""

from __future__ import annotations

import time
from collections.abc import Iterable

from solver.instance.arrays import Network
from solver.instance.rng import new_random
from solver.lns.encoding import assignments_of, copy_of, pinned_plan, rules_of, warm_start
from solver.lns.recreate import fill_all, new_candidates
from solver.lns.state import Plan, Rules, better
from solver.lns.undo_log import new_undo_log, open_round
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.params import Params


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
    warm_start(problem, net, rules, begun, incumbent)
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
        best = plan if best is None or better(plan, best) else best
        if time.monotonic() >= deadline:
            break
    assert best is not None
    return best
