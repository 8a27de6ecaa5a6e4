"""Spans of wall-clock minutes within a local day: sorted, disjoint, half open. 0 is midnight, 1440 the next one."""

from collections.abc import Iterable
from functools import cache

from scheduler.localtime import minutes_of

GRID_MIN = 5  # starts lie on a 5-minute grid
Span = tuple[int, int]
Spans = tuple[Span, ...]
WHOLE_DAY: Spans = ((0, 1440),)


@cache
def span(start: str, end: str) -> Span:
    """Minutes of two "HH:MM" texts."""
    return minutes_of(start), minutes_of(end)


def joined(spans: Iterable[Span]) -> Spans:
    """The same minutes as sorted, disjoint spans; touching ones become one, empty ones vanish."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def common(ours: Iterable[Span], theirs: Iterable[Span]) -> Spans:
    """Minutes that lie in both."""
    theirs = tuple(theirs)
    return joined((max(a, c), min(b, d)) for a, b in ours for c, d in theirs)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> Spans:
    """Minutes of the first that do not lie in the second."""
    left = joined(spans)
    for start, end in joined(taken):
        left = joined(piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b)))
    return left
