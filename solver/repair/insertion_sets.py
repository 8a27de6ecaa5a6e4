"""What volunteers could add to a plan that stands: every set of open slots that one person can take, at least cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from solver.instance.dtypes import NO_START
from solver.lns.insertion import FORBIDDEN, extra_legs, has_room, insert, remove
from solver.lns.state import COST, Plan
from solver.repair.incumbent_state import IncumbentState, trials

Pair = tuple[int, int]  # volunteer, slot


@dataclass(frozen=True, slots=True)
class Addition:
    """Visits (slot, start) that one volunteer could add together, and what they add to coverage and cost."""

    volunteer: int
    visits: tuple[Pair, ...]
    coverage: int
    cost: int


def additions(
    incumbent: IncumbentState, plan: Plan, slots: list[int], must: set[Pair], never: set[Pair]
) -> list[Addition]:
    """Every addition that a best choice could need.

    Of people who are alike for a slot and a start (same team tags, nobody forced) only as many are kept, cheapest
    first, as there are seats in all open slots: a dearer one could always be exchanged for one of them who is free.
    """
    seats = sum(incumbent.problem.slots[slot].headcount for slot in slots)
    named = {who for who, _ in must}
    takers: dict[int, set[int]] = defaultdict(set)
    found: list[Addition] = []
    for slot in slots:
        for start in starts_of(incumbent, plan, slot):
            alike: dict[Any, list[Addition]] = defaultdict(list)
            for one in _singles(incumbent, plan, slot, start, never):
                takers[one.volunteer].add(slot)
                tags = (
                    tuple(incumbent.rules.has_tag[:, one.volunteer]) if incumbent.rules.slots[slot]["is_team"] else ()
                )
                alike[one.volunteer if one.volunteer in named else tags].append(one)
            for people in alike.values():
                found += sorted(people, key=lambda one: one.cost)[:seats]
    for who, mine in takers.items():
        if len(mine) > 1:
            found += _sets(incumbent, plan, who, sorted(mine), never)
    return found


def starts_of(incumbent: IncumbentState, plan: Plan, slot: int) -> list[int]:
    """The starts to tell apart: all of a slot for several people, only NO_START (free to move) of a slot for one."""
    record = incumbent.rules.slots[slot]
    if plan.slots[slot]["start"] != NO_START:
        return [int(plan.slots[slot]["start"])]
    if not record["is_team"]:
        return [int(NO_START)]
    return list(incumbent.problem.slots[slot].starts)


def _singles(incumbent: IncumbentState, plan: Plan, slot: int, start: int, never: set[Pair]) -> Iterator[Addition]:
    rules, was = incumbent.rules, int(plan.slots[slot]["start"])
    windows = rules.slot_candidates[rules.slots[slot]["candidate_first"] : rules.slots[slot]["candidate_end"]]
    plan.slots[slot]["start"] = start
    begins, legs, other = trials(rules, plan, np.full(len(windows), slot), windows)
    plan.slots[slot]["start"] = was
    cheapest: dict[int, Addition] = {}
    for k in np.flatnonzero(begins != NO_START):
        who = int(rules.windows[windows[k]]["volunteer"])
        cost = int(rules.travel_weight * legs[k] + other[k])
        if (who, slot) not in never and (who not in cheapest or cost < cheapest[who].cost):
            cheapest[who] = Addition(who, ((slot, int(begins[k])),), int(rules.slots[slot]["value"]), cost)
    yield from cheapest.values()


def _sets(incumbent: IncumbentState, plan: Plan, who: int, slots: list[int], never: set[Pair]) -> list[Addition]:
    """All additions of two or more visits for one person, for every choice of team starts the cheapest."""
    cheapest: dict[tuple[Pair, ...], Addition] = {}
    windows = range(incumbent.net.volunteer_window_at[who], incumbent.net.volunteer_window_at[who + 1])
    begun = int(plan.totals[COST])

    def grow(rest: list[int], taken: list[tuple[int, int]]) -> None:
        """Insert each further slot at every position of every window; slots in their order, so each set comes once."""
        if len(taken) > 1:
            key = tuple(taken)
            cost = int(plan.totals[COST]) - begun
            if key not in cheapest or cost < cheapest[key].cost:
                visits = tuple((slot, _begin(incumbent, plan, who, slot)) for slot, _ in taken)
                coverage = sum(int(incumbent.rules.slots[slot]["value"]) for slot, _ in taken)
                cheapest[key] = Addition(who, visits, coverage, cost)
        for i, slot in enumerate(rest):
            was = int(plan.slots[slot]["start"])
            for window in _holding(incumbent, windows, slot):
                if (who, slot) in never or not has_room(incumbent.rules, plan, np.int64(slot), np.int64(window)):
                    continue
                for start in starts_of(incumbent, plan, slot):
                    plan.slots[slot]["start"] = start
                    for position in range(int(plan.lengths[window]) + 1):
                        at = (np.int64(slot), np.int64(window), np.int64(position))
                        extra = extra_legs(incumbent.rules, plan, *at)
                        if extra == FORBIDDEN:
                            continue
                        insert(incumbent.rules, plan, *at, np.int64(extra), np.int64(0))
                        grow(rest[i + 1 :], [*taken, (slot, start)])
                        remove(incumbent.rules, plan, np.int64(window), np.int64(position))
                        plan.slots[slot]["start"] = start
                    plan.slots[slot]["start"] = was

    grow(slots, [])
    return list(cheapest.values())


def _holding(incumbent: IncumbentState, windows: range, slot: int) -> list[int]:
    record = incumbent.rules.slots[slot]
    candidates = set(incumbent.rules.slot_candidates[record["candidate_first"] : record["candidate_end"]].tolist())
    return [window for window in windows if window in candidates]


def _begin(incumbent: IncumbentState, plan: Plan, who: int, slot: int) -> int:
    for window in range(incumbent.net.volunteer_window_at[who], incumbent.net.volunteer_window_at[who + 1]):
        base = incumbent.rules.windows[window]["route_at"]
        for stop in plan.stops[base : base + plan.lengths[window]]:
            if stop["slot"] == slot:
                return int(stop["early"])
    raise KeyError(slot)
