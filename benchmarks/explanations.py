"""Is "what it would take" true? Random pairs of a week, forced nearby and forced in a full solve, side by side.

    python -m benchmarks.explanations                       # 500 pairs of m-1
    python -m benchmarks.explanations m-1 --pairs 10 --seconds 10

A pair agrees when the coverage of the nearby answer and that of the full solve differ by no more than what the two full
solves (with and without the person) left unproven; where the nearby answer is "impossible", when the full solve cannot
bring the two together either. How much they differ and how much was unproven is recorded too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from random import Random
from statistics import mean
from typing import NamedTuple

from benchmarks.common import instance_path, record
from solver.compile_kernels import compile_kernels
from solver.explain.counterfactual import counterfactual_problem, why_not
from solver.explain.why import reasons_against
from solver.model.objective import measure
from solver.model.problem import Problem, Slot, Volunteer
from solver.model.problem_json import load_problem
from solver.model.solution import Solution
from solver.solve import Limits, solve


class Compared(NamedTuple):
    """One pair: seconds to the nearby answer; coverage that the full solve has more, and what was left unproven."""

    volunteer: str
    slot: str
    seconds: float
    more: int | None  # None: the nearby answer is that it is impossible
    unproven: int
    agrees: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", nargs="?", default="m-1")
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20, help="of each full solve with a person forced")
    parser.add_argument("--base-seconds", type=float, default=60, help="of the plan that is asked about")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    compile_kernels()
    problem = load_problem(instance_path(given.instance))
    base = solve(problem, Limits(given.base_seconds, given.workers))
    limits = Limits(given.seconds, given.workers)
    found: list[Compared] = []
    for volunteer, slot in pairs(problem, base, Random(given.seed)):
        found.append(compare(problem, base, volunteer, slot, limits))
        if not found[-1].agrees:
            print(found[-1], flush=True)
        if len(found) % 50 == 0:
            print(f"{len(found)} pairs, {mean(one.agrees for one in found):.1%} agree", flush=True)
        if len(found) == given.pairs:
            break
    answered = [one for one in found if one.more is not None]
    line = record(
        "explanations", instance=given.instance, pairs=given.pairs, seed=given.seed, limit_seconds=given.seconds,
        coverage=base.coverage, coverage_bound=base.coverage_bound, answered=len(answered),
        agreeing=mean(one.agrees for one in found),
        equal=mean(one.more == 0 for one in found),
        mean_difference=round(mean(abs(one.more or 0) for one in answered), 1),
        largest_difference=max(abs(one.more or 0) for one in answered),
        mean_unproven=round(mean(one.unproven for one in answered), 1),
        mean_seconds=round(mean(one.seconds for one in found), 3),
        longest_seconds=round(max(one.seconds for one in found), 3),
    )  # fmt: skip
    print(line)


def pairs(problem: Problem, base: Solution, random: Random) -> Iterator[tuple[Volunteer, Slot]]:
    """Random people and slots that no rule keeps apart and that the plan does not bring together."""
    together = {(a.volunteer, a.slot) for a in base.assignments}
    while True:
        volunteer, slot = random.choice(problem.volunteers), random.choice(problem.slots)
        if (volunteer.id, slot.id) not in together and not reasons_against(problem, volunteer, slot):
            yield volunteer, slot


def compare(problem: Problem, base: Solution, volunteer: Volunteer, slot: Slot, limits: Limits) -> Compared:
    begin = time.monotonic()
    answer = why_not(problem, base.assignments, volunteer.id, slot.id).counterfactual
    took = time.monotonic() - begin
    if answer is None:
        sizes = range(max(1, slot.min_headcount), slot.headcount + 1)
        possible = any(fits(problem, volunteer, slot, size, limits) for size in sizes)
        return Compared(volunteer.id, slot.id, took, None, 0, not possible)
    size = sum(a.slot == slot.id for a in answer.assignments)
    full = solve(counterfactual_problem(problem, volunteer, slot, size), limits, answer.assignments)
    coverage, _, _ = measure(problem, full.assignments)  # there the slot is worth more than everything else
    # With the person forced nothing can be better than without: the bound of the plan holds for both solves.
    bound = min(base.coverage_bound, coverage + full.coverage_bound - full.coverage)
    unproven = (bound - coverage) + (base.coverage_bound - base.coverage)
    more = coverage - (base.coverage + answer.coverage)
    return Compared(volunteer.id, slot.id, took, more, unproven, abs(more) <= unproven)


def fits(problem: Problem, volunteer: Volunteer, slot: Slot, team_size: int, limits: Limits) -> bool:
    """Whether a solve of the whole week can bring them together in a team of that size."""
    found = solve(counterfactual_problem(problem, volunteer, slot, team_size), limits)
    return any((a.volunteer, a.slot) == (volunteer.id, slot.id) for a in found.assignments)


if __name__ == "__main__":
    main()
