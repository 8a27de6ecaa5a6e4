"""What a solution says beside its plan: which slots lack people and why, and the duals that prove its bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from solver.column_generation.lagrangian import Duals, Lagrangian
from solver.instance.arrays import Network
from solver.instance.dtypes import Floats
from solver.model.problem import Problem
from solver.model.solution import Assignment, Unfilled
from solver.pricing.buckets import VISITS

NOBODY_ELIGIBLE = "nobody who may serve it is free then"
TOO_FEW = "too few who may serve it are free then"
ELSEWHERE = "those who could come are on other visits, or no way to bring them was found in the time given"
BELOW_MINIMUM = "not enough people to meet its minimum or team rules"


def unfilled(problem: Problem, net: Network, assignments: Iterable[Assignment]) -> tuple[Unfilled, ...]:
    """Every slot with fewer people than its headcount, and the short reason (explain/why.py knows the long one)."""
    people = Counter(a.slot for a in assignments)
    found = []
    for number, slot in enumerate(problem.slots):
        missing = slot.headcount - people[slot.id]
        if missing > 0:
            found.append(Unfilled(slot.id, missing, _reason(net, number, people[slot.id])))
    return tuple(found)


def _reason(net: Network, slot: int, people: int) -> str:
    windows = net.slot_candidates[net.slot_candidate_at[slot] : net.slot_candidate_at[slot + 1]]
    could = len(np.unique(net.window_volunteer[windows]))
    if could == 0:
        return NOBODY_ELIGIBLE
    if could + net.pin_count[slot] < net.min_headcount[slot]:
        return TOO_FEW
    return BELOW_MINIMUM if people == 0 and net.is_team[slot] else ELSEWHERE


def certificate(problem: Problem, lagrangian: Lagrangian, duals: Duals, cap_worth: Floats) -> dict[str, Any]:
    """The duals of the coverage bound by name, as proof/ reads them; rows at dual 0 are left out.

    `cap_worth` is what one more bucket in the cap on the week would add, by volunteer.

    A start at which a slot for several cannot be staffed at all has no row in the relaxation: its dual is such that
    nobody gains by coming then.
    """
    rows = lagrangian.rows
    found = []
    for row in range(len(rows.slot)):
        slot = problem.slots[int(rows.slot[row])]
        seat, least = max(0.0, float(duals.row[row])), max(0.0, -float(duals.row[row]))
        paid = {
            int(rows.rule_tag[rule]): float(duals.rule[rule])
            for rule in range(rows.rule_at[row], rows.rule_at[row + 1])
        }
        first = int(lagrangian.net.team_at[rows.slot[row]])
        team = [round(paid.get(int(lagrangian.net.team_tag[first + n]), 0.0), 3) for n in range(len(slot.team))]
        if seat or least or any(team):
            start = int(rows.start[row]) if rows.is_team[row] else None
            found.append(
                {"slot": slot.id, "start": start, "seat": round(seat, 3), "minimum": round(least, 3), "team": team}
            )
    return {"slots": found, "volunteers": list(_duals_of_caps(problem, lagrangian, cap_worth))}


def plain_certificate(problem: Problem, net: Network) -> dict[str, Any]:
    """The duals of `trivial_bounds.every_seat`: a seat costs all that it is worth, so nobody gains by coming."""
    could = np.diff(net.slot_candidate_at) > 0
    priced = [slot for slot, some in zip(problem.slots, could, strict=True) if some and slot.value]
    rows = [{"slot": s.id, "start": None, "seat": s.value, "minimum": 0, "team": [0] * len(s.team)} for s in priced]
    return {"slots": rows, "volunteers": []}


def _duals_of_caps(problem: Problem, lagrangian: Lagrangian, worth: Floats) -> Iterator[dict[str, Any]]:
    """What one more visit or minute of the week would be worth to those whose cap on the week binds."""
    bucket_size = lagrangian.instance(0.0).buckets.bucket_size
    for v in np.flatnonzero(worth > 0).tolist():
        per_visit = bucket_size[v] == VISITS
        yield {
            "volunteer": problem.volunteers[v].id,
            "day": None,
            "visit": round(float(worth[v]), 3) if per_visit else 0.0,
            "minute": 0.0 if per_visit else round(float(worth[v]) / int(bucket_size[v]), 5),
        }
