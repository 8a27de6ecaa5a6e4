"""The public team orienteering instances with time windows (Solomon's and Cordeau's) against the published values.

python -m benchmarks.public                     # all 49, 60 s each: about 50 minutes
python -m benchmarks.public c101-m1 pr01-m2 --seconds 10
"""

from __future__ import annotations

import argparse
import csv
from statistics import mean

from benchmarks.common import CONTRACT, Json, evaluated, instance_path, read_json, record, share, solve_apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with (CONTRACT / "instances" / "toptw" / "reference.csv").open(encoding="utf-8") as file:
        published = {row["instance"]: row for row in csv.DictReader(file)}
    lines = []
    for name in given.instances or sorted(published):
        line = one(name, published[name], given.seconds, given.workers, given.seed)
        lines.append(line)
        above = "  ABOVE the published value" if line["coverage"] > line["published"] else ""
        print(
            f"{name:>9}: {line['coverage']:>5} of {line['published']:>5} published ({line['published_status']}), "
            f"gap {line['gap']:.2%}, bound {line['coverage_bound']}, {line['solve_seconds']} s{above}",
            flush=True,
        )
    proven = sum(line["coverage"] == line["coverage_bound"] for line in lines)
    print(
        f"mean gap to the published values {mean(line['gap'] for line in lines):.3%}, {proven} of {len(lines)} proven"
    )


def one(name: str, published: Json, seconds: float, workers: int, seed: int) -> Json:
    """Solve one instance and record it; `gap` is the share missing to the published value (negative: above it)."""
    path = instance_path(name)
    found = solve_apart(path, seconds, workers, seed)
    solution = found["solution"]
    coverage, _, _ = evaluated(read_json(path), solution["assignments"])
    assert coverage == solution["coverage"], "the solver measures otherwise"
    value = int(published["value"])
    return record(
        "public",
        instance=name,
        limit_seconds=seconds,
        workers=workers,
        seed=seed,
        coverage=coverage,
        coverage_bound=solution["coverage_bound"],
        published=value,
        published_status=published["status"],
        gap=share(value - coverage, value),
        solve_seconds=found["solve_seconds"],
        peak_mb=found["peak_mb"],
    )


if __name__ == "__main__":
    main()
