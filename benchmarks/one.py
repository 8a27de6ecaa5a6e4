"""One solve in a process of its own, so that time and memory are its own: solution and progress as JSON."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from solver.model.problem_json import load_problem
from solver.model.solution import solution_to_json
from solver.solve import Limits, Progress, solve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problem")
    parser.add_argument("out")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()

    problem = load_problem(given.problem)
    trace: list[dict[str, object]] = []
    begin = time.monotonic()

    def note(progress: Progress) -> None:
        fields = ("stage", "coverage", "coverage_bound", "cost", "cost_bound")
        now = {name: getattr(progress, name) for name in fields}
        if not trace or any(now[name] != trace[-1][name] for name in fields):
            trace.append({"seconds": round(time.monotonic() - begin, 2), **now})

    limits = Limits(seconds=given.seconds, workers=given.workers, seed=given.seed)
    solution = solve(problem, limits, on_progress=note)
    took = round(time.monotonic() - begin, 2)
    found = {"solution": solution_to_json(solution), "trace": trace, "solve_seconds": took}
    Path(given.out).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
