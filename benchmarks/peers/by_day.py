"""A week planned a day at a time, as routing solvers have to."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.peers.day import Day, Routes, Week
from benchmarks.peers.mend import broken_crews


def plan_by_day(week: Week, seconds: float, plan: Callable[[Day, float], None]) -> None:
    """Every day in order, twice: the second time without the crews that came out too small, so that their people are
    free for others; the better of the two stays. `plan` keeps the routes of a day, found in the seconds given."""
    share = seconds / len(week.days()) / 2
    for number in week.days():
        plan(week.day(number), share)
        week.given_up |= broken_crews(week)
        first = week.take_back(number)
        plan(week.day(number), share)
        week.given_up |= broken_crews(week)
        second = week.take_back(number)
        week.routes |= max(second, first, key=lambda routes: _worth(week, routes))


def _worth(week: Week, routes: Routes) -> int:
    """What the seats of routes are worth, without those of crews that are too small."""
    return sum(week.slots[s].value for route in routes.values() for s in route if s not in week.given_up)
