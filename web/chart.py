"""Numbers as points of a drawing: the progress of a search, what is proven to be the most possible, figures by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 600.0, 120.0
SMALL = 96.0, 24.0
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


def plot(values: Sequence[float | None]) -> str:
    """A small line through the values that are known, as SVG points in a box of SMALL; empty below two of them."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    width, height = SMALL

    def point(n: int, value: float) -> str:
        up = (value - low) / (high - low) if high > low else 0.5
        return f"{width * n / (len(values) - 1):.1f},{2 + (height - 4) * (1 - up):.1f}"

    return " ".join(point(n, value) for n, value in known)
