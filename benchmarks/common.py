"""What every benchmark shares: where the instances are, an isolated solve, the independent evaluation, the record."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONTRACT = Path(os.environ.get("YIDU_CONTRACT", ROOT.parent / "shared" / "contract"))
RESULTS = ROOT / "benchmarks" / "results"
Json = dict[str, Any]


def instance_path(name: str) -> Path:
    """The file of a shared instance, or the path itself if it is one."""
    if Path(name).exists():
        return Path(name)
    for folder in (CONTRACT / "instances", CONTRACT / "instances" / "toptw", ROOT / "tests" / "cases"):
        for suffix in (".json", ".json.gz"):
            if (folder / f"{name}{suffix}").exists():
                return folder / f"{name}{suffix}"
    sys.exit(f"no instance {name!r}: set YIDU_CONTRACT to the folder of the exchange contract, or give a path")


def read_json(path: Path) -> Json:
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def evaluated(problem: Json, assignments: list[Json]) -> tuple[int, int, Json]:
    """Coverage, cost and terms by the contract's evaluator (the project's checker where it is absent); no violation."""
    if (CONTRACT / "evaluate.py").exists():
        spec = importlib.util.spec_from_file_location("evaluate", CONTRACT / "evaluate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        bad, coverage, cost, terms = module.evaluate(problem, assignments)
    else:
        from solver.model.check import measure, violations
        from solver.model.problem_json import problem_from_json
        from solver.model.solution import Assignment

        plan = [Assignment(**a) for a in assignments]
        checked = problem_from_json(problem)
        bad, (coverage, cost, terms) = [v.message for v in violations(checked, plan)], measure(checked, plan)
    if bad:
        raise AssertionError(f"{len(bad)} violations, the first: {bad[0]}")
    return coverage, cost, terms


def solve_apart(path: Path, seconds: float, workers: int = 1, seed: int = 0) -> Json:
    """One solve in a process of its own: the solution, the progress it reported, wall seconds and peak megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "solution.json"
        command = [sys.executable, "-m", "benchmarks.one", str(path), str(out)]
        command += [f"--seconds={seconds}", f"--workers={workers}", f"--seed={seed}"]
        begin = time.monotonic()
        child = subprocess.Popen(command, cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        if status != 0:
            sys.exit(f"{path.name}: the solve ended with status {status}")
        found = json.loads(out.read_text(encoding="utf-8"))
    return {**found, "wall_seconds": round(wall, 2), "peak_mb": usage.ru_maxrss // 1024}


def machine() -> Json:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}


def record(benchmark: str, **fields: Any) -> Json:
    """Append one line to the benchmark's results, with the date, the machine and the versions."""
    line = {
        "benchmark": benchmark,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        **machine(),
        "ortools": version("ortools"),
        **fields,
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{benchmark}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return line


def recorded(benchmark: str) -> list[Json]:
    """All lines of the benchmark's results, oldest first."""
    path = RESULTS / f"{benchmark}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _commit() -> str:
    shown = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()


def share(part: float, whole: float) -> float:
    return round(part / whole, 5) if whole else 0.0
