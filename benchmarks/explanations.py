"""Is "what it would take" true? Random pairs of a week, forced nearby and forced in a full solve, side by side.

    python -m benchmarks.explanations                       # 500 pairs of m-1
    python -m benchmarks.explanations m-1 --pairs 10 --seconds 10

A pair agrees when the coverage of the nearby answer and that of the full solve differ by no more than what the two full
solves (with and without the person) left unproven.
"""

from __future__ import annotations

import argparse
import time
from random import Random
from statistics import mean

from benchmarks.common import instance_path, record
from solver.explain import reasons_against
from solver.force import forced_problem, why_not
from solver.problem import load_problem
from solver.solve import Limits, solve
from solver.terms import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance", nargs="?", default="m-1")
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20, help="of each full solve")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    problem, random = load_problem(instance_path(given.instance)), Random(given.seed)
    limits = Limits(seconds=given.seconds, workers=2)
    base = solve(problem, limits)
    on_it = {(a.volunteer, a.slot) for a in base.assignments}
    agree, took, found = [], [], 0
    while len(agree) < given.pairs:
        volunteer, slot = random.choice(problem.volunteers), random.choice(problem.slots)
        if (volunteer.id, slot.id) in on_it or reasons_against(problem, volunteer, slot):
            continue
        begin = time.monotonic()
        answer = why_not(problem, base.assignments, volunteer.id, slot.id).forced
        took.append(time.monotonic() - begin)
        if answer is None:
            agree.append(False)
            continue
        found += 1
        size = sum(a.slot == slot.id for a in answer.assignments)
        full = solve(forced_problem(problem, volunteer, slot, size), limits, answer.assignments)
        coverage, _, _ = measure(problem, full.assignments)
        unproven = (full.coverage_bound - full.coverage) + (base.coverage_bound - base.coverage)
        agree.append(abs(coverage - base.coverage - answer.coverage) <= unproven)
    share = mean(agree)
    record(
        "explanations", instance=given.instance, pairs=given.pairs, seed=given.seed, limit_seconds=given.seconds,
        agreeing=share, answered=found, mean_seconds=round(mean(took), 3), longest_seconds=round(max(took), 3),
    )  # fmt: skip
    print(f"{share:.1%} of {given.pairs} pairs agree within the proven gaps, {found} answered, {mean(took):.2f} s each")


if __name__ == "__main__":
    main()
