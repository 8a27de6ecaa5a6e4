"""From a compiled network to the arrays of the search, from a plan of names into them, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import NEVER, NO_START, Records
from solver.lns.insertion import insert, leave_by, leg_min, personal_cost
from solver.lns.state import (
    COST,
    COVERAGE,
    FILLED,
    GAIN,
    LOAD,
    SLOT,
    STOP,
    TEAM,
    TEAM_RULE,
    VOLUNTEER,
    WINDOW,
    Plan,
    Rules,
)
from solver.lns.undo_log import new_undo_log
from solver.lns.warm_start import insert_visits
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.params import AnnealingParams


def rules_of(net: Network, params: AnnealingParams = AnnealingParams()) -> Rules:
    """The rules of a compiled network, as records."""
    windows = _records(
        WINDOW,
        len(net.window_start),
        volunteer=net.window_volunteer,
        day=net.window_day,
        origin=net.window_origin,
        back=net.window_return,
        start=net.window_start,
        end=net.window_end,
        route_at=_starts(_room(net)),
        **_run("candidate", net.window_candidate_at),
    )
    volunteers = _records(
        VOLUNTEER,
        len(net.max_visits),
        willing=net.willing,
        max_visits=net.max_visits,
        max_minutes=net.max_minutes,
        max_day_visits=net.max_day_visits,
        max_day_minutes=net.max_day_minutes,
        over_before=net.over_before,
        metres_per_minute=net.metres_per_minute,
        overhead=net.mode_overhead,
        **_run("window", net.volunteer_window_at),
    )
    slots = _records(
        SLOT,
        len(net.place),
        pin_start=np.where(net.pin_count > 0, net.pin_start, NO_START),
        member_at=_starts(net.headcount),
        **{name: getattr(net, name) for name in SLOT.names or () if hasattr(net, name) and name != "pin_start"},
        **_run("team", net.team_at),
        **_run("gain", net.gain_at),
        **_run("candidate", net.slot_candidate_at),
    )
    step_of_value = int(np.gcd.reduce(net.value)) if len(net.value) else 0
    return Rules(
        windows=windows,
        volunteers=volunteers,
        slots=slots,
        busy_at=net.busy_at,
        busy=net.busy,
        team=_records(TEAM_RULE, len(net.team_tag), tag=net.team_tag, at_least=net.team_at_least),
        gains=_records(GAIN, len(net.gain_volunteer), volunteer=net.gain_volunteer, points=net.gain_points),
        has_tag=net.has_tag,
        slot_candidates=_nearest_first(net),
        window_candidates=net.window_candidates,
        travel=net.travel,
        travel_weight=net.travel_weight,
        overload_weight=net.overload_weight,
        unused_weight=net.unused_weight,
        guide=max(1, net.travel_weight),
        handling=float(net.travel.matrix.mean()) if net.travel.matrix.size > 1 else params.typical_leg_min,
        coverage_rate=params.coverage_rate / max(1, step_of_value),
    )


def pinned_plan(net: Network, rules: Rules) -> Plan:
    """The plan that holds the pins and nothing else."""
    plan = Plan(
        lengths=np.zeros(len(rules.windows), np.int64),
        stops=np.zeros(int(_room(net).sum()) + 1, STOP),
        volunteers=np.zeros(len(rules.volunteers), LOAD),
        days=np.zeros(len(net.day_volunteer), LOAD),
        slots=_records(TEAM, len(rules.slots), start=rules.slots["pin_start"]),
        members=np.zeros(int(net.headcount.sum()) + 1, np.int64),
        totals=np.zeros(3, np.int64),
    )
    plan.totals[COST] = net.tax_total + net.unused_weight * int(net.willing.sum())
    inside = set()
    for window in range(len(rules.windows)):
        for i in range(net.window_pin_at[window], net.window_pin_at[window + 1]):
            slot = int(net.window_pin_slot[i])
            inside.add((slot, int(net.window_volunteer[window])))
            insert(rules, plan, slot, window, int(plan.lengths[window]), _legs_at_end(rules, plan, slot, window), 1)
    pinned_slots = np.repeat(np.arange(len(net.place)), np.diff(net.pin_at)).tolist()
    for slot, who in zip(pinned_slots, net.pin_volunteer.tolist(), strict=True):
        if (slot, who) not in inside:
            _pin_alone(rules, plan, slot, who)
    plan.days["visits"], plan.days["minutes"] = net.day_pin_visits, net.day_pin_minutes
    return plan


def _legs_at_end(rules: Rules, plan: Plan, slot: int, window: int) -> int:
    n, here = int(plan.lengths[window]), int(rules.slots[slot]["place"])
    route = rules.windows[window]
    before = int(plan.stops[route["route_at"] + n - 1]["place"]) if n else int(route["origin"])
    _, back = leave_by(rules, plan, window, n, here if here >= 0 else before, before)
    return int(leg_min(rules, int(route["volunteer"]), before, here) + back)


def _pin_alone(rules: Rules, plan: Plan, slot: int, volunteer: int) -> None:
    """A pin outside every window: no legs, but load, coverage and a seat."""
    plan.totals[COST] += personal_cost(rules, plan, slot, volunteer)
    plan.totals[COVERAGE] += rules.slots[slot]["value"]
    plan.totals[FILLED] += 1
    plan.volunteers[volunteer]["visits"] += 1
    plan.volunteers[volunteer]["minutes"] += rules.slots[slot]["duration"]
    plan.members[rules.slots[slot]["member_at"] + plan.slots[slot]["people"]] = -2 - volunteer
    plan.slots[slot]["people"] += 1


def encode_plan(problem: Problem, net: Network, rules: Rules, plan: Plan, assignments: Iterable[Assignment]) -> None:
    """Put an earlier plan into `plan` (which holds the pins), in the order of its starts.

    A plan that keeps every rule is taken over whole; of another, whatever still keeps them.
    """
    slot_of = {slot.id: n for n, slot in enumerate(problem.slots)}
    volunteer_of = {volunteer.id: n for n, volunteer in enumerate(problem.volunteers)}
    known = [a for a in assignments if a.slot in slot_of and a.volunteer in volunteer_of]
    wanted = sorted((a.start, slot_of[a.slot], volunteer_of[a.volunteer]) for a in known)
    insert_visits(rules, plan, new_undo_log(plan), np.array(wanted, np.int64).reshape(-1, 3))


def assignments_of(problem: Problem, rules: Rules, plan: Plan) -> list[Assignment]:
    """The plan by names, every free start as early as possible, sorted by slot."""
    found = []
    for window in np.flatnonzero(plan.lengths):
        base = rules.windows[window]["route_at"]
        volunteer = problem.volunteers[rules.windows[window]["volunteer"]].id
        for stop in plan.stops[base : base + plan.lengths[window]]:
            found.append(Assignment(problem.slots[stop["slot"]].id, volunteer, int(stop["early"])))
    for slot in np.flatnonzero(rules.slots["pin_count"]):
        at, people = rules.slots[slot]["member_at"], plan.slots[slot]["people"]
        for member in plan.members[at : at + people]:
            if member < 0:
                who = problem.volunteers[-2 - member].id
                found.append(Assignment(problem.slots[slot].id, who, int(rules.slots[slot]["pin_start"])))
    return sorted(found)


def copy_of(plan: Plan) -> Plan:
    """An independent copy."""
    return Plan(*(array.copy() for array in plan))


def _records(kind: np.dtype[Any], rows: int, **columns: Any) -> Records:
    table = np.zeros(rows, kind)
    for name, column in columns.items():
        table[name] = column
    return table


def _run(name: str, at: Any) -> dict[str, Any]:
    return {f"{name}_first": at[:-1], f"{name}_end": at[1:]}


def _starts(sizes: Any) -> Any:
    return np.concatenate(([0], np.cumsum(sizes)))[:-1]


def _nearest_first(net: Network) -> Any:
    """The candidate windows of every slot, those that begin nearest to it first."""
    slot = np.repeat(np.arange(len(net.place)), np.diff(net.slot_candidate_at))
    origin, place = net.window_origin[net.slot_candidates], net.place[slot]
    if net.travel.matrix.size > 1:
        distance = net.travel.matrix[origin, place].astype(np.float64)
    else:
        distance = ((net.travel.sphere[origin] - net.travel.sphere[place]) ** 2).sum(axis=1)
    distance[(origin < 0) | (place < 0)] = 0.0
    return net.slot_candidates[np.lexsort((distance, slot))]


def _room(net: Network) -> Any:
    """Stops to keep free for the route of each window: an upper bound of its visits, and its pins."""
    durations = np.append(net.duration[net.window_candidates], NEVER)
    shortest = np.minimum.reduceat(durations, net.window_candidate_at[:-1]) if len(net.window_start) else durations[:0]
    count = np.diff(net.window_candidate_at)
    fit = (net.window_end - net.window_start) // np.maximum(1, shortest)
    volunteer = net.window_volunteer
    capped = np.minimum(net.max_visits[volunteer], net.max_day_visits[volunteer])
    return np.where(count > 0, np.minimum(np.minimum(fit, count), capped), 0) + np.diff(net.window_pin_at)
