"""Line charts as small SVG files: axes, labels, nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 64, 110, 40, 48
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#b8860b", "#6a4c93", "#444444", "#d2691e")


@dataclass(frozen=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]


def chart(
    lines: Sequence[Line], title: str, x_name: str, y_name: str, *, log_x: bool = False, log_y: bool = False
) -> str:
    """The chart as SVG text; a line with one point is a dot."""
    xs = [x for line in lines for x, _ in line.points] or [1.0]
    ys = [y for line in lines for _, y in line.points] or [1.0]
    x_of = _scale(xs, LEFT, WIDTH - RIGHT, log_x)
    y_of = _scale([*ys, *([] if log_y else [0.0])], HEIGHT - BOTTOM, TOP, log_y)
    middle = HEIGHT / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_name)}</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(y_name)}</text>',
    ]
    for value in _ticks(xs, log_x):
        parts.append(f'<path d="M{x_of(value):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{x_of(value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:g}</text>')
    for value in _ticks([*ys, *([] if log_y else [0.0])], log_y):
        parts.append(f'<path d="M{LEFT} {y_of(value):.1f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y_of(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for n, line in enumerate(lines):
        if not line.points:
            continue
        colour = COLOURS[n % len(COLOURS)]
        way = "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in line.points)
        parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = line.points[-1]
        parts.append(f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="{colour}"/>')
        label_y = TOP + 14 + 16 * n
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{label_y}" fill="{colour}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _scale(values: Sequence[float], low: float, high: float, log: bool) -> Callable[[float], float]:
    first, last = min(values), max(values)
    if log:
        first, last = math.log10(first), math.log10(last)
    span = (last - first) or 1.0
    return lambda value: low + ((math.log10(value) if log else value) - first) / span * (high - low)


def _ticks(values: Sequence[float], log: bool) -> list[float]:
    first, last = min(values), max(values)
    if log:
        powers = range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
        return [10.0**p * m for p in powers for m in (1, 3) if first <= 10.0**p * m <= last]
    step = 10 ** math.floor(math.log10((last - first) or 1))
    step = next(s for s in (step / 5, step / 2, step, 2 * step) if (last - first) / s <= 8)
    return [round(n * step, 10) for n in range(math.ceil(first / step), math.floor(last / step) + 1)]
