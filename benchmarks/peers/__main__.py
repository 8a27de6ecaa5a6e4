"""Other solvers and Yidu on the same weeks, in the same run, with the same time and one thread each.

    python -m benchmarks.peers                          # m-1, m-2, l-1 for 60 s and xl-1 for 120 s, seeds 0 1 2
    python -m benchmarks.peers m-1 --seconds 20 --seeds 0 1 --only vroom,yidu
    python -m benchmarks.peers --table                  # of all that is recorded, solving nothing

Every plan is mended where a solver cannot express a rule and topped up by the coordinator with what still fits, so that
no peer is blamed for what it cannot say; then it is evaluated independently. Coverage, cost and memory are recorded,
and a table of every peer against Yidu is printed. A peer that fails, takes too long or breaks a rule has no coverage.
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
from statistics import mean

from benchmarks.common import ROOT, Json, evaluated, instance_path, read_json, record, recorded
from solver.warm import warm_up

PEERS = ("greedy", "vroom", "pyvrp", "routing", "tutorial")
WEEKS = {"m-1": 60.0, "m-2": 60.0, "l-1": 60.0, "xl-1": 120.0}
GRACE = 240  # seconds beyond the limit before a peer is stopped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=list(WEEKS))
    parser.add_argument("--seconds", type=float, help="the same limit for all (default: 60, xl-1 120)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", help="names separated by commas, of " + ",".join((*PEERS, "yidu")))
    parser.add_argument("--table", action="store_true", help="print the table of what is recorded and stop")
    parser.add_argument("--one", nargs=5, metavar=("NAME", "PROBLEM", "OUT", "SECONDS", "SEED"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        run_here(*given.one)
        return
    if given.table:
        print(table(recorded("peers")))
        return
    names = given.only.split(",") if given.only else [*PEERS, "yidu"]
    if "yidu" in names:
        warm_up()  # compiled code comes from the cache, as after installation
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
    coverage, cost, failure = None, None, "" if found else f"ended with status {status}"
    if found:
        try:
            coverage, cost, _ = evaluated(read_json(path), found["assignments"])
        except AssertionError as error:  # it breaks a rule
            failure = str(error)
    line = record(
        "peers", solver=name, instance=instance, limit_seconds=seconds, seed=seed, coverage=coverage, cost=cost,
        wall_seconds=round(wall, 1), peak_mb=peak_mb, failure=failure,
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
    from solver.problem import load_problem

    problem, limit, number = load_problem(path), float(seconds), int(seed)
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
        plan = Coordinator(problem).plan(Random(0), 0.0, mended(week))
    rows = [{"slot": a.slot, "volunteer": a.volunteer, "start": a.start} for a in plan]
    Path(out).write_text(json.dumps({"assignments": rows}), encoding="utf-8")


def table(lines: list[Json]) -> str:
    """Markdown: means of coverage and cost by week and solver, and what Yidu has for each of a peer's."""
    rows = ["| week | seconds | solver | runs | coverage | Yidu : it | cost per 1,000 of coverage | Yidu : it | MB |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for instance, seconds in dict.fromkeys((line["instance"], line["limit_seconds"]) for line in lines):
        ran = [line for line in lines if (line["instance"], line["limit_seconds"]) == (instance, seconds)]
        own = _means([line for line in ran if line["solver"] == "yidu"])
        for name in (name for name in (*PEERS, "yidu") if any(line["solver"] == name for line in ran)):
            mine = [line for line in ran if line["solver"] == name]
            means, memory = _means(mine), max(line["peak_mb"] for line in mine)
            start = f"| {instance} | {seconds:g} | {name} | {len(mine)}"
            if means is None:
                rows.append(f"{start} | no plan | | | | {memory:,} |")
                continue
            ratios = [f"{own[n] / means[n]:.3f}" if own and name != "yidu" and means[n] else "" for n in range(2)]
            rows.append(f"{start} | {means[0]:,.0f} | {ratios[0]} | {means[1]:.2f} | {ratios[1]} | {memory:,} |")
    return "\n".join(rows)


def _means(lines: list[Json]) -> tuple[float, float] | None:
    """Mean coverage, and mean cost per 1,000 of coverage, of the runs with a plan."""
    plans = [line for line in lines if line["coverage"]]
    if not plans:
        return None
    return mean(line["coverage"] for line in plans), mean(1000 * line["cost"] / line["coverage"] for line in plans)


if __name__ == "__main__":
    main()
