"""Several schedulers and one ledger: python -m tests.crash.ticks --processes 4 --nights 500

Every process tries each night in turn until it is done, its clock a little off the others'. Each night has to be
planned and published once, by whichever process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from scheduler.config import Config, SolverLimits
from scheduler.localtime import at_local, local_date
from scheduler.model.plan import RunState
from scheduler.operations import night
from scheduler.planning import replan
from scheduler.planning.solver_process import checked
from scheduler.store import Store, open_store
from scheduler.store.plans import runs
from solver.model.check import measure
from solver.model.problem import Problem
from solver.model.solution import Solution, Status
from tests.scheduler.planning.first_fit import first_fit
from tests.scheduler.planning.week import NOW, a_week, config_for

SKEW = timedelta(seconds=7)  # between the clocks of two processes; less than a lease together
PATIENCE_S = 3600.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Count the nights that several schedulers make of one district.")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--nights", type=int, default=500)
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--database", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker is not None:
        return work(args.database, args.nights, args.worker)
    with tempfile.TemporaryDirectory(prefix="yidu-ticks-") as folder:
        figures = race(Path(folder), processes=args.processes, nights=args.nights)
    print(json.dumps(figures))
    return 0 if figures["runs"] == figures["plans"] == figures["dates"] == args.nights else 1


def race(folder: Path, *, processes: int, nights: int) -> dict[str, object]:
    """Starts the processes on a small district and counts what they made: runs, plans published, dates."""
    path = folder / "district.db"
    with open_store(path) as store:
        a_week(store, helpers=1, elders=1)
        began = time.monotonic()
        command = [sys.executable, "-m", "tests.crash.ticks", f"--database={path}", f"--nights={nights}"]
        commands = [[*command, f"--worker={n}"] for n in range(processes)]
        workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
        won = [int(worker.communicate(timeout=PATIENCE_S)[0]) for worker in workers]
        return {"processes": processes, "won": won, "seconds": round(time.monotonic() - began, 1), **counted(store)}


def counted(store: Store) -> dict[str, int]:
    """Finished nightly runs under their first fence, plans that they published, and their dates."""
    done = "FROM runs r JOIN plans p ON p.run_id = r.id WHERE r.job = 'nightly' AND r.state = 'done' AND r.fence = 1"
    return {
        "runs": store.value(f"SELECT COUNT(DISTINCT r.id) {done}"),
        "plans": store.value(f"SELECT COUNT(*) {done} AND p.published_at IS NOT NULL"),
        "dates": store.value(f"SELECT COUNT(DISTINCT r.service_date) {done}"),
    }


def placed_here(problem: Problem, limits: SolverLimits, **_: object) -> Solution:
    """A checked plan, made in this process."""
    placed = tuple(first_fit(problem))
    coverage, cost, terms = measure(problem, placed)
    bound = sum(s.value * s.headcount for s in problem.slots)
    found = Solution(problem.name, Status.FEASIBLE, placed, coverage, bound, cost, -(10**6), terms, version="first fit")
    return checked(problem, found)


def work(database: Path, nights: int, number: int) -> int:
    """Tries night after night and prints how many were its own."""
    with (
        patch.object(night, "follow_up", return_value=[]),  # backups and measures are not what is counted
        patch.object(replan, "solve_apart", placed_here),  # and neither is starting a process
        open_store(database) as store,
    ):
        config = config_for(store)
        days = [local_date(NOW) + timedelta(days=n + 1) for n in range(nights)]
        won = sum(won_of(store, config, day, at_local(day, "01:30") + number * SKEW) for day in days)
    print(won)
    return 0


def won_of(store: Store, config: Config, day: date, now: datetime) -> int:
    """Tries one night until it is done, by whichever process; how many plans of it are this one's."""
    won = 0
    while True:
        ended = night.run_if_due(config, clock=lambda: now)
        won += ended is not None and ended.plan is not None
        found = runs.by(store, key=night.key_of(day))
        if found and found[0].state is RunState.DONE:
            return won
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
