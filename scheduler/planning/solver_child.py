"""The process that solves: `python -m scheduler.planning.solver_child FOLDER`, started by solver_process.py.

Reads problem.json.gz and job.json from the folder, prints one JSON line for each progress report, writes
solution.json.gz. SIGINT or SIGTERM end the search early with the best plan found. It dies with its parent.
"""

import json
import os
import resource
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

NICENESS = 10  # a page that somebody waits for goes first


def main(folder: Path) -> int:
    """0: a solution was written; 2: the problem cannot be read; 1: anything else (one line on stderr)."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    _limit(job["memory_mb"])
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    print(json.dumps({"stage": "start", "seconds": 0.0}), flush=True)
    outcome: list[int] = []
    # The search runs beside the main thread: Python hears signals only there, and CP-SAT would keep it busy.
    search = threading.Thread(target=lambda: outcome.append(_solve(folder, job, stop)))
    search.start()
    while search.is_alive():
        search.join(0.1)
    return outcome[0] if outcome else 1


def _solve(folder: Path, job: dict[str, Any], stop: threading.Event) -> int:
    from scheduler.planning.independent_weeks import solve_in_parts
    from solver.model.problem import ProblemError
    from solver.model.problem_json import load_problem
    from solver.model.solution import Assignment, save_solution
    from solver.solve import Limits, Progress

    def report(progress: Progress) -> None:
        print(json.dumps(asdict(progress)), flush=True)

    try:
        problem = load_problem(folder / "problem.json.gz")
        limits = Limits(seconds=job["seconds"], workers=job["workers"], seed=job["seed"])
        incumbent = [Assignment(*seat) for seat in job["incumbent"]]
        solution = solve_in_parts(problem, limits, incumbent, on_progress=report, should_stop=stop.is_set)
        save_solution(solution, folder / "solution.json.gz")
    except ProblemError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)


def _die_with_parent() -> None:
    """Standard input is a pipe that nobody writes to: its end means that the parent is gone."""
    while os.read(0, 4096):  # not sys.stdin: its lock would stop the interpreter from ending
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
