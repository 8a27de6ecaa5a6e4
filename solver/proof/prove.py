"""A second opinion on the coverage bound: derived again from the stored duals, by simple code that is no solver's.

The method (Lagrangian duality, as in any text on integer programming): put a dual, never negative, on every rule that
people share. Then each free window can be planned alone, at the duals, and

    coverage of any plan <= what pinned visits earn + what the seats are worth at their duals
                            + what the caps are worth at theirs + the best route of each window at these duals.

Any duals give a valid bound; good duals give a tight one. They are kept in Solution.prices, in units of coverage:

    {"slots": [{"slot": id, "start": minute or null, "seat": a, "minimum": b, "team": [c, ...]}],
     "volunteers": [{"volunteer": id, "day": day or null, "visit": d, "minute": e}]}

A row of "slots" has the duals of the team that starts at "start" (null: at any start that has no row of its own): a for
each seat (headcount), b for the minimum, c for each team rule in the slot's order. A visit there earns value - a + b +
(c of the rules whose tag the person has); a team there is worth headcount x a - minimum x b - sum of at_least x c, and
a slot the most of its teams, or 0. A row of "volunteers" has the duals of a cap of one day (null: the horizon): a visit
pays d, a minute e. What has no row has dual 0.

Duals are rounded to thousandths and the rest is whole numbers, so nothing is lost to rounding.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import product

from solver.model.check import Violation, violations
from solver.model.objective import measure
from solver.model.problem import Problem, Slot, Volunteer
from solver.model.solution import Solution
from solver.proof.duals import UNIT, ProofError, StoredDuals, TeamDuals
from solver.proof.stretches import DAY_MIN, TasksAtDuals
from solver.proof.subproblem import Profile, earnings

__all__ = ["Proof", "ProofError", "prove"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What could be proven. `gap` is the share by which the coverage may be below the best: 0.01 is one per cent.

    `relaxed_windows` counts the windows whose exact search was too long; their bound is valid but may be loose.
    `broken`: the rules that the plan breaks, of which none may be. What the solution claims stands beside it.
    """

    coverage: int
    claimed_coverage: int
    coverage_bound: int
    claimed_bound: int
    broken: tuple[Violation, ...]
    windows: int
    relaxed_windows: int

    @property
    def gap(self) -> float:
        return (self.coverage_bound - self.coverage) / max(1, self.coverage_bound)

    @property
    def plan_is_right(self) -> bool:
        """Whether the plan keeps all rules and covers what the solution says, no more than is possible."""
        covers = not self.broken and self.coverage == self.claimed_coverage
        return covers and self.coverage <= min(self.claimed_bound, self.coverage_bound)

    @property
    def confirms_the_claim(self) -> bool:
        """Whether the plan is right and its bound is proven here too.

        Duals alone cannot prove every bound: the last step may have come from choosing among all routes.
        """
        return self.plan_is_right and self.coverage_bound <= self.claimed_bound


def prove(problem: Problem, solution: Solution) -> Proof:
    """The coverage bound that the stored duals prove, a loose one without. Raises ProofError if they do not fit."""
    duals = StoredDuals(problem, solution.prices)
    tasks = TasksAtDuals(problem, duals)
    total = sum(UNIT * slot.value * len(slot.pinned) for slot in problem.slots)
    total += sum(_team_worth(problem, slot, duals, tasks.starts[slot.id]) for slot in problem.slots)
    windows = relaxed = 0
    for volunteer in problem.volunteers:
        stretches = tasks.stretches(volunteer)
        found = [earnings(stretch) for stretch in stretches]
        profiles = [(stretch.day, profile) for stretch, (profile, _) in zip(stretches, found, strict=True)]
        total += _cap_worth(volunteer, duals, tasks) + _most(volunteer, profiles, tasks)
        windows, relaxed = windows + len(found), relaxed + sum(not exact for _, exact in found)
    step = UNIT * math.gcd(*(slot.value for slot in problem.slots)) or UNIT
    bound = total // step * step // UNIT
    broken = tuple(violations(problem, solution.assignments))
    coverage, _, _ = measure(problem, solution.assignments)
    return Proof(coverage, solution.coverage, bound, solution.coverage_bound, broken, windows, relaxed)


def _team_worth(problem: Problem, slot: Slot, duals: StoredDuals, starts: tuple[int, ...]) -> int:
    """What the slot's free seats are worth at their duals: that of its best team, or of nobody."""
    if slot.id not in duals.of_team:
        return 0
    tags = {v.id: v.tags for v in problem.volunteers} if slot.pinned and slot.team else {}
    missing = [rule.at_least - sum(rule.tag in tags[pin.volunteer] for pin in slot.pinned) for rule in slot.team]
    seats, least = slot.headcount - len(slot.pinned), max(0, slot.min_headcount - len(slot.pinned))

    def worth(dual: TeamDuals) -> int:
        team = sum(max(0, need) * each for need, each in zip(missing, dual.team, strict=False))
        return seats * dual.seat - least * dual.minimum - team

    return max([0, *(worth(dual) for dual in {duals.team(slot, start) for start in starts})])


def _cap_worth(volunteer: Volunteer, duals: StoredDuals, tasks: TasksAtDuals) -> int:
    worth = 0
    for day in {None, *(window.start // DAY_MIN for window in volunteer.windows)}:
        visit, minute = duals.of_visit.get((volunteer.id, day), (0, 0))
        if visit or minute:
            visits, minutes = tasks.caps_left(volunteer, day)
            if (visit and visits is None) or (minute and minutes is None):
                raise ProofError(f"solution: volunteer {volunteer.id} has a dual on a cap that does not exist")
            worth += visit * (visits or 0) + minute * (minutes or 0)
    return worth


def _most(volunteer: Volunteer, profiles: list[tuple[int, Profile]], tasks: TasksAtDuals) -> int:
    """The most that the volunteer's stretches can earn together within the caps on minutes, per day and altogether."""
    by_day: dict[int, Profile] = defaultdict(lambda: [(0, 0)])
    for day, profile in profiles:
        by_day[day] = _together(by_day[day], profile, tasks.caps_left(volunteer, day)[1])
    total: Profile = [(0, 0)]
    for profile in by_day.values():
        total = _together(total, profile, tasks.caps_left(volunteer, None)[1])
    return max(most for _, most in total)


def _together(one: Profile, other: Profile, cap: int | None) -> Profile:
    best: dict[int, int] = {}
    for (minutes, most), (more_minutes, more) in product(one, other):
        used = minutes + more_minutes
        if cap is None or used <= cap:
            best[used] = max(best.get(used, 0), most + more)
    return list(best.items())
