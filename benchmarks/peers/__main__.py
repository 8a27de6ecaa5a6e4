"""Other solvers and Yidu on the same weeks, in the same run, with the same time and one thread each.

    python -m benchmarks.peers                          # m-1, m-2, l-1 for 60 s and xl-1 for 120 s, seeds 0 1 2
    python -m benchmarks.peers m-1 --seconds 20 --seeds 0 1 --only vroom,yidu
    python -m benchmarks.peers --table                  # of all that is recorded, solving nothing

Every plan is mended where a solver cannot express a rule and topped up by the coordinator with what still fits, so that
no peer is blamed for what it cannot say; then it is evaluated independently. Coverage, cost and memory are recorded,
and a table of every peer against Yidu is printed. A peer that fails, finds
nothing, takes too long or breaks a rule has no coverage.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from benchmarks.common import ROOT, Json, evaluated, instance_path, read_json, record, recorded
from benchmarks.peers.table import SOLVERS, table
from solver.compile_kernels import compile_kernels

WEEKS = {"m-1": 60.0, "m-2": 60.0, "l-1": 60.0, "xl-1": 120.0}
NOTHING_FOUND = 3
GRACE = 600  # seconds beyond the limit before a peer is stopped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=list(WEEKS))
    parser.add_argument("--seconds", type=float, help="the same limit for all (default: 60, xl-1 120)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", help="names separated by commas, of " + ",".join(SOLVERS))
    parser.add_argument("--table", action="store_true", help="print the table of what is recorded and stop")
    parser.add_argument("--one", nargs=5, metavar=("NAME", "PROBLEM", "OUT", "SECONDS", "SEED"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run_here(*given.one)
        return
    if given.table:
        print(table(recorded("peers")))
        return
    names = given.only.split(",") if given.only else list(SOLVERS)
    if unknown := set(names) - {*SOLVERS}:
        parser.error(f"no solver is called {', '.join(sorted(unknown))}: expected some of {', '.join(SOLVERS)}")
    if "yidu" in names:
        compile_kernels()  # compiled code comes from the cache, as after installation
    for instance in given.instances:
        seconds = given.seconds or WEEKS.get(instance, 60.0)
        lines = [one(name, instance, seconds, seed) for seed in given.seeds for name in names]
        print(f"\n{table(lines)}\n", flush=True)


def one(name: str, instance: str, seconds: float, seed: int) -> Json:
    """One solver on one week in a process of its own; recorded, with coverage None if it gave no plan."""
    path = instance_path(instance)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "plan.json"
        asked = [name, str(path), str(out), str(seconds), str(seed)]
        command = [sys.executable, "-m", "benchmarks.peers", "--one", *asked]
        begin = time.monotonic()
        child = subprocess.Popen(command, cwd=ROOT)
        status, peak_mb = _wait(child, seconds + GRACE)
        wall = time.monotonic() - begin
        found = json.loads(out.read_text()) if status == 0 and out.exists() else None
    coverage, cost, topped_up = None, None, None
    failure = "" if found else "nothing found" if status == NOTHING_FOUND else f"ended with status {status}"
    if found:
        try:
            coverage, cost, _ = evaluated(read_json(path), found["assignments"])
            topped_up = found["topped_up"]
        except AssertionError as error:  # it breaks a rule
            failure = str(error)
    line = record(
        "peers", solver=name, instance=instance, limit_seconds=seconds, seed=seed, coverage=coverage, cost=cost,
        topped_up=topped_up, wall_seconds=round(wall, 1), peak_mb=peak_mb, failure=failure,
    )  # fmt: skip
    result = failure or f"coverage {coverage}, cost {cost}"
    print(f"{instance:>5} {name:>9} seed {seed}: {result}, {wall:.0f} s, {peak_mb} MB", flush=True)
    return line


def _wait(child: subprocess.Popen[bytes], seconds: float) -> tuple[int, int]:
    """(exit status, peak megabytes) of a child that is stopped when its time is long over."""
    deadline = time.monotonic() + seconds
    while True:
        done, status, usage = os.wait4(child.pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024
        if time.monotonic() > deadline:
            child.kill()
            _, status, usage = os.wait4(child.pid, 0)
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024
        time.sleep(0.05)


def run_here(name: str, path: str, out: str, seconds: str, seed: str) -> None:
    """Solve in this process and write the plan."""
    from solver.model.problem_json import load_problem

    problem, limit, number = load_problem(path), float(seconds), int(seed)
    topped_up = 0
    if name == "yidu":
        from solver.solve import Limits, solve

        plan = list(solve(problem, Limits(seconds=limit, workers=1, seed=number)).assignments)
    elif name == "greedy":
        from benchmarks.peers import coordinator

        plan = coordinator.solve(problem, limit, number)
    else:
        from importlib import import_module

        from benchmarks.peers.coordinator import Coordinator
        from benchmarks.peers.day import Week
        from benchmarks.peers.mend import mended

        week = Week(problem)
        import_module(f"benchmarks.peers.{name}_peer").solve(week, limit, number)
        if not (own := mended(week)):
            sys.exit(NOTHING_FOUND)
        plan = Coordinator(problem).plan(Random(0), 0.0, own)
        topped_up = sum(week.slots[a.slot].value for a in plan[len(own) :])
    rows = [{"slot": a.slot, "volunteer": a.volunteer, "start": a.start} for a in plan]
    Path(out).write_text(json.dumps({"assignments": rows, "topped_up": topped_up}), encoding="utf-8")


if __name__ == "__main__":
    main()
