"""Weeks that share nobody are planned one after the other: smaller searches end sooner and prove more.

A solver volunteer lives in one calendar week, so a horizon of several weeks falls apart by itself; whatever ties two
days together (a person free on both, a visit over midnight, a pin) keeps them in one part.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from solver.model.check import measure
from solver.model.problem import Problem, Slot, Volunteer
from solver.model.solution import Assignment, Solution, Status
from solver.solve import Limits, Progress, solve

DAY_MIN = 1440
LEAST_SECONDS = 1.0


def solve_in_parts(
    problem: Problem,
    limits: Limits,
    incumbent: Sequence[Assignment] = (),
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """As solver.solve.solve, part by part; each part gets the time that its number of slots deserves."""
    parts = independent_parts(problem)
    if len(parts) == 1:
        return solve(problem, limits, incumbent, on_progress=on_progress, should_stop=should_stop)
    began = time.monotonic()
    solved: list[Solution] = []
    for number, part in enumerate(parts):
        left = limits.seconds - (time.monotonic() - began)
        share = len(part.slots) / max(1, sum(len(p.slots) for p in parts[number:]))
        names = {slot.id for slot in part.slots}
        solved.append(
            solve(
                part,
                replace(limits, seconds=max(LEAST_SECONDS, left * share)),
                [a for a in incumbent if a.slot in names],
                on_progress=_sum_up(on_progress, solved, parts[number + 1 :], began),
                should_stop=should_stop,
            )
        )
    return merged(problem, solved, time.monotonic() - began)


def independent_parts(problem: Problem) -> list[Problem]:
    """The problem cut between days that nothing ties together, earliest first; itself alone if nothing can be cut."""
    tied = _Days()
    pins: dict[str, list[int]] = defaultdict(list)
    for slot in problem.slots:
        tied.tie(_days_of_slot(slot))
        for pin in slot.pinned:
            pins[pin.volunteer].append(pin.start // DAY_MIN)
    days_of = {v.id: _days_of_person(v, pins.get(v.id, [])) for v in problem.volunteers}
    for days in days_of.values():
        tied.tie(days)
    roots = sorted({tied.root(_days_of_slot(slot)[0]) for slot in problem.slots})
    if len(roots) < 2:
        return [problem]
    slots: dict[int, list[Slot]] = defaultdict(list)
    people: dict[int, list[Volunteer]] = defaultdict(list)
    for slot in problem.slots:
        slots[tied.root(_days_of_slot(slot)[0])].append(slot)
    for volunteer in problem.volunteers:
        root = tied.root(days_of[volunteer.id][0]) if days_of[volunteer.id] else roots[0]
        people[root if root in slots else roots[0]].append(volunteer)
    return [replace(problem, volunteers=tuple(people[root]), slots=tuple(slots[root])) for root in roots]


def merged(problem: Problem, solved: Sequence[Solution], seconds: float) -> Solution:
    """The parts' solutions as one of the whole. Coverage bounds add up.

    Cost bounds add up only where every part's coverage is proven best: otherwise a plan could win coverage in one part
    and save cost in another. Then what is left is that no more than all points of familiarity can be earned.
    """
    placed = tuple(a for part in solved for a in part.assignments)
    coverage, cost, terms = measure(problem, placed)
    coverage_bound = sum(part.coverage_bound for part in solved)
    proven = coverage == coverage_bound
    prices = [part.prices for part in solved]
    return Solution(
        problem=problem.name,
        status=Status.OPTIMAL if all(part.status is Status.OPTIMAL for part in solved) else _worst(solved),
        assignments=placed,
        coverage=coverage,
        coverage_bound=coverage_bound,
        cost=cost,
        cost_bound=sum(part.cost_bound for part in solved) if proven else min(cost, least_cost(problem)),
        terms=terms,
        unfilled=tuple(u for part in solved for u in part.unfilled),
        seconds=round(seconds, 3),
        seed=solved[0].seed,
        version=solved[0].version,
        limits=solved[0].limits,
        prices=_joined(prices) if all(prices) else None,
    )


def least_cost(problem: Problem) -> int:
    """No plan costs less: every seat taken by those whom it suits best, and nothing else paid."""
    most = sum(
        sum(sorted((p for p in s.affinity.values() if p > 0), reverse=True)[: s.headcount]) for s in problem.slots
    )
    return -problem.weights.affinity * most


def _worst(solved: Sequence[Solution]) -> Status:
    for status in (Status.INVALID, Status.TIMED_OUT):
        if any(part.status is status for part in solved):
            return status
    return Status.FEASIBLE


def _joined(prices: Sequence[dict[str, list[object]] | None]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = defaultdict(list)
    for part in prices:
        for name, rows in (part or {}).items():
            found[name].extend(rows)
    return dict(found)


def _sum_up(
    on_progress: Callable[[Progress], None] | None, before: list[Solution], after: list[Problem], began: float
) -> Callable[[Progress], None] | None:
    """Reports of one part as reports of the whole: what follows has nobody yet, and at most everybody."""
    if on_progress is None:
        return None
    done = list(before)
    open_value = sum(s.value * s.headcount for part in after for s in part.slots)
    open_cost = sum(least_cost(part) for part in after)

    def report(part: Progress) -> None:
        on_progress(
            Progress(
                stage=part.stage if not after or part.stage != "done" else "coverage",
                seconds=round(time.monotonic() - began, 3),
                coverage=sum(s.coverage for s in done) + part.coverage,
                coverage_bound=sum(s.coverage_bound for s in done) + part.coverage_bound + open_value,
                cost=sum(s.cost for s in done) + part.cost,
                cost_bound=sum(s.cost_bound for s in done) + part.cost_bound + open_cost,
            )
        )

    return report


def _days_of_slot(slot: Slot) -> list[int]:
    last = max([slot.latest, *(pin.start for pin in slot.pinned)]) + slot.duration - 1
    return list(range(min([slot.earliest, *(pin.start for pin in slot.pinned)]) // DAY_MIN, last // DAY_MIN + 1))


def _days_of_person(volunteer: Volunteer, pinned: list[int]) -> list[int]:
    days = {day for w in volunteer.windows for day in (w.start // DAY_MIN, max(w.start, w.end - 1) // DAY_MIN)}
    return sorted(days | set(pinned))


class _Days:
    """Days tied together (union-find); the root is the earliest of them."""

    def __init__(self) -> None:
        self.up: dict[int, int] = {}

    def root(self, day: int) -> int:
        while self.up.get(day, day) != day:
            day = self.up[day]
        return day

    def tie(self, days: Sequence[int]) -> None:
        for day in days[1:]:
            a, b = sorted((self.root(days[0]), self.root(day)))
            self.up[b] = a
