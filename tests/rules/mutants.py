"""For every hard rule: plans that are right but for that one rule, as many as wanted."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from solver.model.problem import Problem
from solver.model.solution import Assignment
from tests.builders import a_problem, a_slot, a_volunteer, on

Mutant = tuple[Problem, list[Assignment]]


def known_ids(random: Random) -> Mutant:
    stranger = on("tea", f"stranger{random.random()}", 60)
    nowhere = on(f"nowhere{random.random()}", "ann", 60)
    return a_problem(a_volunteer("ann"), a_slot("tea")), [on("tea", "ann", 60), random.choice((stranger, nowhere))]


def no_duplicates(random: Random) -> Mutant:
    again = random.choice((60, 65, 70))
    problem = a_problem(a_volunteer("ann"), a_slot("tea", people=random.randint(2, 4), min_headcount=1))
    return problem, [on("tea", "ann", 60), on("tea", "ann", again)]


def pins_stand(random: Random) -> Mutant:
    start = 60 + 5 * random.randint(0, 6)
    slot = a_slot("tea", latest=90, pinned=[{"volunteer": "ann", "start": start}])
    others = [on("tea", "bob", start)], [on("tea", "ann", start + random.choice((-5, 5)))], []
    return a_problem(a_volunteer("ann"), a_volunteer("bob"), slot), random.choice(others)


def at_most_headcount(random: Random) -> Mutant:
    headcount = random.randint(1, 4)
    crew = [f"v{n}" for n in range(headcount + random.randint(1, 3))]
    return a_problem(*map(a_volunteer, crew), a_slot("tea", people=headcount)), [on("tea", who, 60) for who in crew]


def enough_or_nobody(random: Random) -> Mutant:
    headcount = random.randint(2, 5)
    minimum = random.randint(2, headcount)
    crew = [f"v{n}" for n in range(random.randint(1, minimum - 1))]
    problem = a_problem(*map(a_volunteer, crew), a_slot("tea", people=headcount, min_headcount=minimum))
    return problem, [on("tea", who, 60) for who in crew]


def team_rules(random: Random) -> Mutant:
    headcount = random.randint(1, 4)
    needed = random.randint(1, headcount)
    tagged = random.randint(0, needed - 1)
    people = [a_volunteer(f"v{n}", tags=["nurse"] if n < tagged else []) for n in range(headcount)]
    slot = a_slot("tea", people=headcount, team=[{"tag": "nurse", "at_least": needed}])
    return a_problem(*people, slot), [on("tea", person["id"], 60) for person in people]


def common_start(random: Random) -> Mutant:
    starts = random.sample(range(60, 121, 5), random.randint(2, 4))
    crew = [f"v{n}" for n in range(len(starts))]
    problem = a_problem(*map(a_volunteer, crew), a_slot("tea", latest=120, people=len(crew)))
    return problem, [on("tea", who, start) for who, start in zip(crew, starts, strict=True)]


def allowed_start(random: Random) -> Mutant:
    latest = 60 + 5 * random.randint(0, 6)
    start = random.choice((60 - 5 * random.randint(1, 6), latest + 5 * random.randint(1, 6)))
    return a_problem(a_volunteer("ann"), a_slot("tea", latest=latest)), [on("tea", "ann", start)]


def on_grid(random: Random) -> Mutant:
    step = random.randint(2, 30)
    start = 60 + step * random.randint(0, 2) + random.randint(1, step - 1)
    return a_problem(a_volunteer("ann"), a_slot("tea", latest=200, step=step)), [on("tea", "ann", start)]


def eligible(random: Random) -> Mutant:
    wishes: tuple[dict[str, Any], ...] = (
        {"requires_all": ["insured", "nurse"]},
        {"requires_any": ["nurse", "doctor"]},
        {"forbids": ["insured"]},
        {"excluded": ["ann"]},
    )
    slot = a_slot("tea", 60 + random.randint(0, 100), **random.choice(wishes))
    return a_problem(a_volunteer("ann", tags=["insured"]), slot), [on("tea", "ann", slot["earliest"])]


def inside_window(random: Random) -> Mutant:
    late = random.randint(1, 59), 600
    early = 0, random.randint(61, 119)
    other_day = 1500, 1700
    return a_problem(
        a_volunteer("ann", random.choice((early, other_day, (60 + late[0], 600)))), a_slot("tea", 60, 60)
    ), [on("tea", "ann", 60)]


def reached_in_time(random: Random) -> Mutant:
    here, there = random.sample(range(6), 2)
    gap = random.randint(0, 10 * abs(here - there) - 1)
    slots = a_slot("tea", 60, 60, at=here), a_slot("walk", 120 + gap, 30, at=there)
    return a_problem(a_volunteer("ann", at=here), *slots), [on("tea", "ann", 60), on("walk", "ann", 120 + gap)]


def within_reach(random: Random) -> Mutant:
    place = random.randint(1, 5)
    problem = a_problem(a_volunteer("ann", max_reach=random.randint(0, 10 * place - 1)), a_slot("tea", 60, at=place))
    return problem, [on("tea", "ann", 60)]


def back_in_time(random: Random) -> Mutant:
    place = random.randint(1, 5)
    window = {"start": 0, "end": 120 + random.randint(0, 10 * place - 1), "to": 0}
    return a_problem(a_volunteer("ann", [window]), a_slot("tea", 60, 60, at=place)), [on("tea", "ann", 60)]


def one_place_at_a_time(random: Random) -> Mutant:
    pinned = a_slot("tea", 60, 60 + random.randint(1, 60), pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann", (120, 300)), pinned, a_slot("walk", 120, 60))
    return problem, [on("tea", "ann", 60), on("walk", "ann", 120)]


def day_caps(random: Random) -> Mutant:
    slots, plan = _a_day(random.randint(2, 4), of_minutes=30)
    limit = random.choice(({"max_visits_per_day": len(plan) - 1}, {"max_minutes_per_day": 30 * len(plan) - 1}))
    return a_problem(a_volunteer("ann", **limit), *slots), plan


def horizon_caps(random: Random) -> Mutant:
    slots, plan = _a_day(random.randint(2, 4), of_minutes=30)
    limit = random.choice(({"max_visits": len(plan) - 1}, {"max_minutes": 30 * len(plan) - random.randint(1, 30)}))
    return a_problem(a_volunteer("ann", **limit), *slots), plan


def _a_day(visits: int, *, of_minutes: int) -> tuple[list[dict[str, Any]], list[Assignment]]:
    slots = [a_slot(f"s{n}", 60 * n, of_minutes) for n in range(visits)]
    return slots, [on(slot["id"], "ann", slot["earliest"]) for slot in slots]


MUTANTS: dict[str, Callable[[Random], Mutant]] = {
    mutant.__name__: mutant
    for mutant in (
        known_ids,
        no_duplicates,
        pins_stand,
        at_most_headcount,
        enough_or_nobody,
        team_rules,
        common_start,
        allowed_start,
        on_grid,
        eligible,
        inside_window,
        reached_in_time,
        within_reach,
        back_in_time,
        one_place_at_a_time,
        day_caps,
        horizon_caps,
    )
}
