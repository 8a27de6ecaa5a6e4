"""The shared weeks at growing times: coverage, bound, gap, cost, cost bound, seconds and memory; a plot of the gaps.

python -m benchmarks.weeks                      # s-1..3, m-1..2, l-1, xl-1 at 5, 30, 60, 300 s
python -m benchmarks.weeks m-1 l-1 --seconds 60 --seed 1
"""

from __future__ import annotations

import argparse

from benchmarks.common import RESULTS, Json, evaluated, instance_path, read_json, record, share, solve_apart
from benchmarks.plot import Line, chart

WEEKS = ["s-1", "s-2", "s-3", "m-1", "m-2", "l-1", "xl-1"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", default=WEEKS)
    parser.add_argument("--seconds", type=float, nargs="+", default=[5, 30, 60, 300])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    lines = []
    for name in given.instances:
        for seconds in given.seconds:
            line = one_week(name, seconds, given.workers, given.seed)
            lines.append(line)
            print(row(line), flush=True)
    draw(lines)


def one_week(name: str, seconds: float, workers: int, seed: int) -> Json:
    """Solve once, evaluate independently, record; the recorded line."""
    path = instance_path(name)
    problem = read_json(path)
    found = solve_apart(path, seconds, workers, seed)
    solution = found["solution"]
    coverage, cost, terms = evaluated(problem, solution["assignments"])
    assert (coverage, cost) == (solution["coverage"], solution["cost"]), "the solver measures otherwise"
    first = next((step["seconds"] for step in found["trace"] if step["coverage"]), None)
    return record(
        "weeks",
        instance=problem["name"] if name == str(path) else name,
        volunteers=len(problem["volunteers"]),
        slots=len(problem["slots"]),
        limit_seconds=seconds,
        workers=workers,
        seed=seed,
        status=solution["status"],
        coverage=coverage,
        coverage_bound=solution["coverage_bound"],
        coverage_gap=share(solution["coverage_bound"] - coverage, solution["coverage_bound"]),
        cost=cost,
        cost_bound=solution["cost_bound"],
        cost_gap=share(cost - solution["cost_bound"], abs(cost)),
        terms=terms,
        first_plan_seconds=first,
        solve_seconds=found["solve_seconds"],
        wall_seconds=found["wall_seconds"],
        peak_mb=found["peak_mb"],
        trace=found["trace"][:: max(1, len(found["trace"]) // 60)] + found["trace"][-1:],
    )


def row(line: Json) -> str:
    name, limit, first = line["instance"], line["limit_seconds"], line["first_plan_seconds"]
    coverage = f"coverage {line['coverage']:>9} of {line['coverage_bound']:>9} (gap {line['coverage_gap']:.3%})"
    cost = f"cost {line['cost']:>7} >= {line['cost_bound']:>7} (gap {line['cost_gap']:.2%})"
    end = f"first plan {first} s, done {line['solve_seconds']} s, {line['peak_mb']} MB, {line['status']}"
    return f"{name:>6} {limit:>5g} s  {coverage}  {cost}  {end}"


def draw(lines: list[Json]) -> None:
    """Gap over time of the longest run of each week, and seconds to a gap of one per cent over the number of slots."""
    longest = {line["instance"]: line for line in sorted(lines, key=lambda line: line["limit_seconds"])}
    gaps, growth = [], []
    for name, line in longest.items():
        bound = line["coverage_bound"]
        points = [(step["seconds"], 100 * share(bound - step["coverage"], bound)) for step in line["trace"]]
        gaps.append(Line(name, [point for point in points if point[0] > 0]))
        within = [step["seconds"] for step in line["trace"] if share(bound - step["coverage"], bound) <= 0.01]
        if within:
            growth.append((line["slots"], max(0.01, within[0])))
    title = "Gap of the coverage to the proven bound over time"
    (RESULTS / "gap_over_time.svg").write_text(chart(gaps, title, "seconds", "gap, %", log_x=True), encoding="utf-8")
    text = chart([Line("to 1 %", sorted(growth))], "Time to a gap of 1 %", "slots", "seconds", log_x=True, log_y=True)
    (RESULTS / "growth.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
