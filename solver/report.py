"""What a solution says beside its plan: which slots lack people and why, and the prices that prove its bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from solver.cuts import NOTHING
from solver.master import Master, Prices
from solver.network import Network
from solver.problem import Problem
from solver.solution import Assignment, Unfilled
from solver.weeks import VISITS, join, week_profiles

PROFILE_EFFORT = 1000  # branches of pricing for a day
NOBODY_ELIGIBLE = "nobody who may serve it is free then"
TOO_FEW = "too few who may serve it are free then"
ELSEWHERE = "everyone who could come is on other visits"
BELOW_MINIMUM = "not enough people to meet its minimum or team rules"


def unfilled(problem: Problem, net: Network, assignments: Iterable[Assignment]) -> tuple[Unfilled, ...]:
    """Every slot with fewer people than its headcount, and the short reason (explain.py knows the long one)."""
    heads = Counter(a.slot for a in assignments)
    found = []
    for number, slot in enumerate(problem.slots):
        missing = slot.headcount - heads[slot.id]
        if missing > 0:
            found.append(Unfilled(slot.id, missing, _reason(net, number, heads[slot.id])))
    return tuple(found)


def _reason(net: Network, slot: int, heads: int) -> str:
    windows = net.slot_candidates[net.slot_candidate_at[slot] : net.slot_candidate_at[slot + 1]]
    could = len(np.unique(net.window_volunteer[windows]))
    if could == 0:
        return NOBODY_ELIGIBLE
    if could + net.pin_count[slot] < net.min_headcount[slot]:
        return TOO_FEW
    return BELOW_MINIMUM if heads == 0 and net.is_crew[slot] else ELSEWHERE


def certificate(problem: Problem, master: Master, prices: Prices) -> dict[str, Any]:
    """The prices of the coverage bound by name, as prove.py reads them; rows at price 0 are left out.

    A start at which a slot for several cannot be staffed at all has no row in the master: it is priced so that
    nobody gains by coming then.
    """
    rows = master.rows
    found = []
    for row in range(len(rows.slot)):
        slot = problem.slots[int(rows.slot[row])]
        seat, least = max(0.0, float(prices.row[row])), max(0.0, -float(prices.row[row]))
        paid = {
            int(rows.rule_tag[rule]): float(prices.rule[rule])
            for rule in range(rows.rule_at[row], rows.rule_at[row + 1])
        }
        first = int(master.net.team_at[rows.slot[row]])
        team = [round(paid.get(int(master.net.team_tag[first + n]), 0.0), 3) for n in range(len(slot.team))]
        if seat or least or any(team):
            start = int(rows.start[row]) if rows.crew[row] else None
            found.append(
                {"slot": slot.id, "start": start, "seat": round(seat, 3), "minimum": round(least, 3), "team": team}
            )
    return {"slots": found, "volunteers": list(_prices_of_caps(problem, master, prices))}


def _prices_of_caps(problem: Problem, master: Master, prices: Prices) -> Iterator[dict[str, Any]]:
    """What one more visit or minute of the week would be worth to those whose cap on the week binds."""
    levels, values, memory = master.levels(0.0), master.values(prices, 0.0), master.memory
    worth = values[memory.option]
    for v in np.flatnonzero(levels.unit).tolist():
        unit, top = int(levels.unit[v]), int(levels.top[v])
        _, _, _, days, _, _ = week_profiles(
            master.net, master.options, master.days, levels, memory, values, worth, v, 0.0, PROFILE_EFFORT
        )
        week, spare = np.full(top + 1, NOTHING), np.zeros(top + 1, np.int64)
        week[0] = 0.0
        for day in days:
            week = join(week, day, True, spare)
        week = np.maximum.accumulate(week)
        last = min(((week[top] - week[m]) / (top - m) for m in range(top)), default=0.0)
        if last > 0:
            per_visit = levels.unit[v] == VISITS
            visit, minute = (last, 0.0) if per_visit else (0.0, last / unit)
            yield {
                "volunteer": problem.volunteers[v].id,
                "day": None,
                "visit": round(visit, 3),
                "minute": round(minute, 5),
            }
