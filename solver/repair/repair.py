"""The exact best way to fill a few slots again while everybody else keeps every visit and every start.

What each volunteer could add to a week that otherwise stands is listed by trying it; CP-SAT then chooses, coverage
first. (Exact where legs obey the triangle inequality, as they do from coordinates: a visit that does not fit alone
does not fit beside another.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from solver.lns.encoding import copy_of
from solver.lns.insertion import remove
from solver.lns.state import COST, COVERAGE, Plan
from solver.model.check import violations
from solver.model.solution import Assignment
from solver.repair.incumbent_state import IncumbentState
from solver.repair.insertion_sets import Addition, additions

Pair = tuple[str, str]  # volunteer, slot


@dataclass(frozen=True, slots=True)
class Repair:
    """The whole plan after the repair and what it changes against the incumbent plan; `exact` if proven best."""

    assignments: tuple[Assignment, ...]
    coverage_change: int
    cost_change: int
    exact: bool


def repair(
    incumbent: IncumbentState,
    open_slots: Collection[str],
    *,
    forced: Iterable[Pair] = (),
    forbidden: Iterable[Pair] = (),
    seconds: float = 10.0,
) -> Repair | None:
    """The best plan in which only the people (not pinned) and starts of `open_slots` differ from the incumbent's.

    `forced` (volunteer, slot) pairs stand and `forbidden` ones do not; both name open slots. None if no such plan
    keeps every rule, or none was found within `seconds`; the incumbent's own plan, not exact, where what was found
    would break one and no pair is forced or forbidden. Raises KeyError for an unknown slot or volunteer, ValueError
    if a pair is about a slot that is not open.
    """
    forced, forbidden = list(forced), list(forbidden)
    _require_open(open_slots, [*forced, *forbidden])
    numbers = sorted(incumbent.slot_number[slot] for slot in set(open_slots))
    must = {(incumbent.volunteer_number[who], incumbent.slot_number[slot]) for who, slot in forced}
    never = {(incumbent.volunteer_number[who], incumbent.slot_number[slot]) for who, slot in forbidden}
    base = _emptied(incumbent, numbers)
    must -= {(who, slot) for slot in numbers for who in _pinned_on(incumbent, slot)}
    listed = additions(incumbent, base, numbers, must, never)
    chosen = _Choice(incumbent, numbers, listed, must).best(seconds)
    if chosen is None:
        return None
    picked, exact = chosen
    opened = {incumbent.problem.slots[n].id for n in numbers}
    pinned = {(p.volunteer, s.id) for s in (incumbent.problem.slots[n] for n in numbers) for p in s.pinned}
    kept = [a for a in incumbent.assignments if a.slot not in opened or (a.volunteer, a.slot) in pinned]
    for addition in picked:
        who = incumbent.problem.volunteers[addition.volunteer].id
        kept += [Assignment(incumbent.problem.slots[slot].id, who, start) for slot, start in addition.visits]
    coverage = int(base.totals[COVERAGE] - incumbent.plan.totals[COVERAGE]) + sum(a.coverage for a in picked)
    cost = int(base.totals[COST] - incumbent.plan.totals[COST]) + sum(a.cost for a in picked)
    if _broken(incumbent, kept) - _broken(incumbent, incumbent.assignments):
        # Without a visit before it, a call may be made further from where the window has to end.
        unchanged = Repair(tuple(sorted(incumbent.assignments)), 0, 0, exact=False)
        return None if forced or forbidden else unchanged
    return Repair(tuple(sorted(kept)), coverage, cost, exact)


def repair_with(incumbent: IncumbentState, volunteer: str, slot: str, *, seconds: float = 10.0) -> Repair | None:
    """The best plan with the volunteer on the slot when only that slot and the volunteer's own visits may change hands.

    None if no plan can have them there: ask `why.reasons_against` for the rule that stops it.
    """
    mine = {a.slot for a in incumbent.assignments if a.volunteer == volunteer}
    return repair(incumbent, mine | {slot}, forced=[(volunteer, slot)], seconds=seconds)


def _broken(incumbent: IncumbentState, assignments: Iterable[Assignment]) -> set[tuple[str, str | None, str | None]]:
    """The rules that a plan breaks, by slot and volunteer; what is pinned may break some from the beginning."""
    return {(found.rule, found.slot, found.volunteer) for found in violations(incumbent.problem, assignments)}


def _require_open(open_slots: Collection[str], pairs: Iterable[Pair]) -> None:
    if isinstance(open_slots, str):
        raise ValueError(f"open_slots is {open_slots!r}, expected a list of slots")
    for who, slot in pairs:
        if slot not in open_slots:
            raise ValueError(f"{who} on {slot}: expected one of the open slots, {', '.join(sorted(open_slots))}")


def _emptied(incumbent: IncumbentState, slots: list[int]) -> Plan:
    """The incumbent's plan without anybody on these slots but the pinned, their starts free again."""
    plan = copy_of(incumbent.plan)
    for slot in slots:
        at = int(incumbent.rules.slots[slot]["member_at"])
        pins = int(incumbent.rules.slots[slot]["pin_count"])
        while plan.slots[slot]["people"] > pins:
            window = int(plan.members[at + plan.slots[slot]["people"] - 1])
            base, n = int(incumbent.rules.windows[window]["route_at"]), int(plan.lengths[window])
            position = int(np.flatnonzero(plan.stops["slot"][base : base + n] == slot)[0])
            remove(incumbent.rules, plan, np.int64(window), np.int64(position))
        plan.slots[slot]["start"] = incumbent.rules.slots[slot]["pin_start"]
    return plan


def _pinned_on(incumbent: IncumbentState, slot: int) -> list[int]:
    return [incumbent.volunteer_number[pin.volunteer] for pin in incumbent.problem.slots[slot].pinned]


@dataclass(slots=True)
class _Choice:
    """Which additions to make: at most one a volunteer; seats, minimum, team rules and one start for every slot."""

    incumbent: IncumbentState
    slots: list[int]
    listed: list[Addition]
    must: set[tuple[int, int]]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)

    def best(self, seconds: float) -> tuple[list[Addition], bool] | None:
        """The additions of the best choice and whether it is proven best; None if the forced pairs cannot stand."""
        use = [self.model.new_bool_var("") for _ in self.listed]
        by_volunteer = defaultdict(list)
        for addition, chosen in zip(self.listed, use, strict=True):
            by_volunteer[addition.volunteer].append((addition, chosen))
        for of_one in by_volunteer.values():
            self.model.add_at_most_one(chosen for _, chosen in of_one)
        for who, slot in self.must:
            there = [chosen for addition, chosen in by_volunteer[who] if slot in dict(addition.visits)]
            self.model.add(sum(there) == 1)
        for slot in self.slots:
            self._seats(slot, [(a, u, dict(a.visits)[slot]) for a, u in zip(self.listed, use, strict=True)
                               if slot in dict(a.visits)])  # fmt: skip
        coverage = sum(a.coverage * u for a, u in zip(self.listed, use, strict=True))
        cost = sum(a.cost * u for a, u in zip(self.listed, use, strict=True))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds / 2
        self.model.maximize(coverage)
        first = solver.solve(self.model)
        if first not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        picked = [a for a, u in zip(self.listed, use, strict=True) if solver.boolean_value(u)]
        self.model.add(coverage >= sum(a.coverage for a in picked))
        self.model.minimize(cost)
        second = solver.solve(self.model)
        if second in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            picked = [a for a, u in zip(self.listed, use, strict=True) if solver.boolean_value(u)]
        return picked, first == second == cp_model.OPTIMAL

    def _seats(self, slot: int, takers: list[tuple[Addition, cp_model.IntVar, int]]) -> None:
        asked, pinned = self.incumbent.problem.slots[slot], _pinned_on(self.incumbent, slot)
        seats = asked.headcount - len(pinned)
        if not self.incumbent.rules.slots[slot]["is_team"]:
            self.model.add(sum(u for _, u, _ in takers) <= seats)
            return
        staffed = []
        for start in sorted({start for _, _, start in takers}):
            people = [(a.volunteer, u) for a, u, at in takers if at == start]
            open_here = self.model.new_bool_var("")
            staffed.append(open_here)
            count = sum(u for _, u in people)
            self.model.add(count <= seats * open_here)
            self.model.add(count >= max(1, asked.min_headcount - len(pinned)) * open_here)
            for rule in asked.team:
                have = [self._has(who, rule.tag) for who in pinned].count(True)
                tagged = sum(u for who, u in people if self._has(who, rule.tag))
                if have < rule.at_least:
                    self.model.add(tagged >= (rule.at_least - have) * open_here)
        self.model.add_at_most_one(staffed)

    def _has(self, volunteer: int, tag: str) -> bool:
        return tag in self.incumbent.problem.volunteers[volunteer].tags
