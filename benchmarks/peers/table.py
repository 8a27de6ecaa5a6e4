"""The table of the comparison with other solvers."""

from __future__ import annotations

from statistics import mean

from benchmarks.common import Json

SOLVERS = ("greedy", "vroom", "pyvrp", "routing", "tutorial", "yidu")
COLUMNS = (
    "week", "seconds", "solver", "runs", "coverage", "topped up", "Yidu : it", "cost per 1,000", "Yidu : it", "MB",
)  # fmt: skip


def table(lines: list[Json]) -> str:
    """Markdown: means of coverage and cost by week and solver, and what Yidu has for each of a peer's."""
    rows = [f"| {' | '.join(COLUMNS)} |", "| --- " * len(COLUMNS) + "|"]
    for instance, seconds in dict.fromkeys((line["instance"], line["limit_seconds"]) for line in lines):
        ran = [line for line in lines if (line["instance"], line["limit_seconds"]) == (instance, seconds)]
        own = _means([line for line in ran if line["solver"] == "yidu"])
        for name in (name for name in SOLVERS if any(line["solver"] == name for line in ran)):
            mine = [line for line in ran if line["solver"] == name]
            means, memory = _means(mine), max(line["peak_mb"] for line in mine)
            start = f"| {instance} | {seconds:g} | {name} | {len(mine)}"
            if means is None:
                rows.append(f"{start} | no plan | | | | | {memory:,} |")
                continue
            ratios = [f"{own[n] / means[n]:.3f}" if own and name != "yidu" and means[n] else "" for n in range(2)]
            topped = mean(line["topped_up"] or 0 for line in mine)
            found = f"{means[0]:,.0f} | {topped:,.0f} | {ratios[0]} | {means[1]:.2f} | {ratios[1]}"
            rows.append(f"{start} | {found} | {memory:,} |")
    return "\n".join(rows)


def _means(lines: list[Json]) -> tuple[float, float] | None:
    """Mean coverage, and mean cost per 1,000 of coverage, of the runs with a plan."""
    plans = [line for line in lines if line["coverage"]]
    if not plans:
        return None
    return mean(line["coverage"] for line in plans), mean(1000 * line["cost"] / line["coverage"] for line in plans)
