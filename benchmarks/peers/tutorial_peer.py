"""The model of the tutorials: CP-SAT with a boolean per person and slot, a start per slot, pairwise orders."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from ortools.sat.python import cp_model

from benchmarks.peers.day import Week
from solver.model.problem import Slot, Volunteer, Window
from solver.proof.stretches import suits


def solve(week: Week, seconds: float, seed: int) -> None:
    """Plan the whole week in one model. Only the way after a service by phone has to be mended afterwards."""
    problem, leg_min = week.problem, week.plan.leg_min
    model = cp_model.CpModel()
    grid = {s.id: cp_model.Domain.from_values(list(s.starts)) for s in problem.slots}
    start = {slot_id: model.new_int_var_from_domain(domain, slot_id) for slot_id, domain in grid.items()}
    staffed = {s.id: model.new_bool_var(f"staffed {s.id}") for s in problem.slots}
    on: dict[str, list[tuple[Volunteer, Window, cp_model.IntVar]]] = defaultdict(list)
    for v in problem.volunteers:
        mine: list[tuple[Slot, int, cp_model.IntVar]] = []  # slot, window, is it there
        for s in problem.slots:
            if not suits(v, s):
                continue
            for w, window in enumerate(v.windows):
                there = leg_min(v.mode, window.origin, s.location)
                back = leg_min(v.mode, s.location, window.destination)
                first = window.start + (there if s.location is not None else 0)
                last = window.end - s.duration - (back if s.location is not None else 0)
                far = v.max_reach is not None and there > v.max_reach
                if far or max(first, s.earliest) > min(last, s.latest):
                    continue
                x = model.new_bool_var(f"{v.id} on {s.id}")
                model.add(start[s.id] >= first).only_enforce_if(x)
                model.add(start[s.id] <= last).only_enforce_if(x)
                mine.append((s, w, x))
                on[s.id].append((v, window, x))
        _one_after_the_other(model, leg_min, v, mine, start)
        _caps(model, v, mine)
    for s in problem.slots:
        heads = sum(x for *_, x in on[s.id])
        model.add(heads <= s.headcount * staffed[s.id])
        model.add(heads >= max(1, s.min_headcount) * staffed[s.id])
        for rule in s.team:
            model.add(sum(x for v, _, x in on[s.id] if rule.tag in v.tags) >= rule.at_least * staffed[s.id])
    model.maximize(sum(s.value * x for s in problem.slots for *_, x in on[s.id]))
    engine = cp_model.CpSolver()
    engine.parameters.max_time_in_seconds = seconds
    engine.parameters.num_workers = 1
    engine.parameters.random_seed = seed
    if engine.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return
    begin = {slot_id: engine.value(variable) for slot_id, variable in start.items()}
    week.crew_start = {s.id: begin[s.id] for s in problem.slots if s.headcount > 1}
    for slot_id, people in on.items():
        for v, window, x in people:
            if engine.boolean_value(x):
                week.routes.setdefault((v.id, window.start), []).append(slot_id)
    for route in week.routes.values():
        route.sort(key=begin.__getitem__)


def _one_after_the_other(model, leg_min, v, mine, start) -> None:
    """Two visits of one person in one window: either may come first, with the way between them."""
    for (a, in_a, x), (b, in_b, y) in combinations(mine, 2):
        if in_a != in_b:
            if a.id == b.id:
                model.add_at_most_one([x, y])
            continue
        a_first = a.earliest + a.duration + leg_min(v.mode, a.location, b.location) <= b.latest
        b_first = b.earliest + b.duration + leg_min(v.mode, b.location, a.location) <= a.latest
        if not a_first and not b_first:
            model.add_at_most_one([x, y])
            continue
        before = model.new_bool_var("")
        after_a = start[b.id] >= start[a.id] + a.duration + leg_min(v.mode, a.location, b.location)
        after_b = start[a.id] >= start[b.id] + b.duration + leg_min(v.mode, b.location, a.location)
        model.add(after_a).only_enforce_if([x, y, before])
        model.add(after_b).only_enforce_if([x, y, ~before])


def _caps(model, v, mine) -> None:
    by_day = defaultdict(list)
    for s, w, x in mine:
        by_day[v.windows[w].start // 1440].append((s, x))
    for visits in by_day.values():
        if v.max_visits_per_day is not None:
            model.add(sum(x for _, x in visits) <= v.max_visits_per_day)
        if v.max_minutes_per_day is not None:
            model.add(sum(s.duration * x for s, x in visits) <= v.max_minutes_per_day)
    if v.max_visits is not None and mine:
        model.add(sum(x for *_, x in mine) <= v.max_visits)
    if v.max_minutes is not None and mine:
        model.add(sum(s.duration * x for s, _, x in mine) <= v.max_minutes)
