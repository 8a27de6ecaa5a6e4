"""The table of the comparison with other solvers."""

from __future__ import annotations

from statistics import mean

from benchmarks.common import Json

SOLVERS = ("greedy", "vroom", "pyvrp", "routing", "tutorial", "yidu")
COLUMNS = (
    "week", "seconds", "solver", "runs", "coverage", "Yidu : it", "topped up", "Yidu : it", "cost per 1,000", "MB",
)  # fmt: skip
SAME = "instance", "limit_seconds", "solver", "seed"


def table(lines: list[Json]) -> str:
    """Markdown: means by week and solver of the coverage that a solver found itself (repaired where it broke a rule)
    and with what the coordinator added, each with Yidu's as a multiple of it, and of the cost per 1,000 of coverage.

    Of runs that were repeated with the same seed and limit only the last counts."""
    lines = list({tuple(line[key] for key in SAME): line for line in lines}.values())
    rows = [f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|"]
    for instance, seconds in dict.fromkeys((line["instance"], line["limit_seconds"]) for line in lines):
        ran = [line for line in lines if (line["instance"], line["limit_seconds"]) == (instance, seconds)]
        yidu = _means([line for line in ran if line["solver"] == "yidu"])
        for name in (name for name in SOLVERS if any(line["solver"] == name for line in ran)):
            mine = [line for line in ran if line["solver"] == name]
            means, memory = _means(mine), max(line["peak_mb"] for line in mine)
            start = f"| {instance} | {seconds:g} | {name} | {len(mine)}"
            if means is None:
                rows.append(f"{start} | no plan | | | | | {memory:,} |")
                continue
            found, topped_up, cost = means
            ratios = [f"{yidu[1] / value:.3f}" if yidu and name != "yidu" else "" for value in (found, topped_up)]
            figures = f"{found:,.0f} | {ratios[0]} | {topped_up:,.0f} | {ratios[1]} | {cost:.2f} | {memory:,}"
            rows.append(f"{start} | {figures} |")
    return "\n".join(rows)


def _means(lines: list[Json]) -> tuple[float, float, float] | None:
    """Mean coverage without and with what was topped up and mean cost per 1,000 of it, of the runs with a plan."""
    plans = [line for line in lines if line["coverage"]]
    if not plans:
        return None
    return (
        mean(line["coverage"] - line["topped_up"] for line in plans),
        mean(line["coverage"] for line in plans),
        mean(1000 * line["cost"] / line["coverage"] for line in plans),
    )
