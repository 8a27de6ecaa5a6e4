"""The progress of a search as points of a drawing: what was found, what is proven to be the most possible."""

from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 600.0, 120.0
SECONDS, COVERAGE, BOUND = 0, 1, 2  # columns of a step in a run's history


@dataclass(frozen=True, slots=True)
class Curve:
    """SVG point lists of the best plan so far and of the bound, and the share they are apart (0 to 1)."""

    found: str
    bound: str
    gap: float | None
    seconds: float


def curve(progress: dict[str, Any]) -> Curve | None:
    """The curve of coverage over time; None before the first report."""
    steps = progress.get("history") or []
    if not steps:
        return None
    longest = max(step[SECONDS] for step in steps) or 1.0
    most = max(max(step[COVERAGE], step[BOUND]) for step in steps) or 1.0

    def points(column: int) -> str:
        known = [step for step in steps if step[column]]
        return " ".join(
            f"{WIDTH * step[SECONDS] / longest:.1f},{HEIGHT * (1 - step[column] / most):.1f}" for step in known
        )

    found, bound = steps[-1][COVERAGE], steps[-1][BOUND]
    return Curve(points(COVERAGE), points(BOUND), (bound - found) / bound if bound else None, longest)
