"""A plan from duals: in turn, everybody takes the best week that the others have left.

At good duals many weeks are nearly best for everyone, and taken together they fill the seats as in the linear
programme. So the first turns go by duals: they keep people away from seats that others need more. The later turns go
by what is still to be won.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import numpy as np

from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.lagrangian import Duals, Lagrangian
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.sequential_pricing import close_incomplete, free_seats, price_in_sequence
from solver.instance.dtypes import Floats, Ints
from solver.instance.jit import allocating
from solver.instance.time_grid import begin_at
from solver.instance.travel import leg_min
from solver.lns.annealing import Search
from solver.model.problem import Problem
from solver.model.solution import Assignment, pinned_assignments
from solver.pricing.path import END, fixed_events_of
from solver.pricing.tasks import Days, PricingNetwork, Tasks


class DualRounding:
    """The best duals of a dual ascent on coverage and what has been met so far, set down for a plan to be made from
    them.

    The ascent may go on in another thread, while they are set down and later.
    """

    def __init__(self, problem: Problem, ascent: DualAscent) -> None:
        lagrangian = ascent.lagrangian
        self._problem, self._lagrangian, self._pool = problem, lagrangian, lagrangian.pool
        self._params = lagrangian.params.dual_rounding
        self.duals = ascent.best
        self._values_at_duals, self._values_at_zero = (
            lagrangian.values(duals, 0.0, np.zeros(len(lagrangian.tasks.row)))
            for duals in (self.duals, lagrangian.zero_duals())
        )
        self._seats = free_seats(lagrangian, ascent.attendance)
        self._visits = np.full((len(lagrangian.days.max_visits), 1), END, np.int64)
        self.seat_duals = seat_duals(lagrangian, self.duals)

    def plan(self, seed: int, stop: Callable[[], bool]) -> tuple[Assignment, ...]:
        """A plan that keeps every rule, searched a little; none if `stop()` holds before everybody had their turns.

        To be called once: the seats are taken then.
        """
        random = np.random.default_rng(seed)
        self._everybody(self._params.dual_shares, random, stop)
        close_incomplete(self._lagrangian.rows, self._seats)
        self._everybody(self._params.last_dual_shares, random, stop)
        if stop():
            return ()
        return self._searched(assignments_of(self._problem, self._lagrangian, self._visits), seed, stop)

    def _everybody(self, shares: tuple[float, ...], random: np.random.Generator, stop: Callable[[], bool]) -> None:
        """A turn of everybody for each share of the duals."""
        lagrangian = self._lagrangian
        limits = lagrangian.limits(self._params.max_nodes, self._params.max_tasks)
        for share in shares:
            values = share * self._values_at_duals + (1 - share) * self._values_at_zero
            for some in np.array_split(random.permutation(len(lagrangian.net.willing)), self._params.pieces):
                if not stop():
                    self._visits = price_in_sequence(
                        lagrangian.instance(0.0), lagrangian.rows, self._pool, values, 1 - share, self._seats,
                        self._visits, some, limits, lagrangian.halted,
                    )  # fmt: skip

    def _searched(self, start: Iterable[Assignment], seed: int, stop: Callable[[], bool]) -> tuple[Assignment, ...]:
        warm, slices = self._params.warm, self._params.slices
        search = Search(self._problem, self._lagrangian.net, start, seed=seed, params=self._lagrangian.params)
        search.weigh_duals(self.seat_duals)
        rounds = 1 + self._params.rounds_per_slot * len(self._problem.slots) // slices
        for progress in np.linspace(warm, 1.0, slices + 1)[:-1]:
            if not stop():
                search.run(progress, until=progress + (1.0 - warm) / slices, rounds=rounds)
        return search.assignments()


class RoundingQueue:
    """The newest duals that wait to become a plan; none becomes one twice."""

    def __init__(self, context: ProverContext) -> None:
        self.seat_duals: Floats = np.zeros(len(context.net.place))  # by slot, as far as known
        self._context = context
        self._waiting: deque[DualRounding] = deque(maxlen=1)
        self._last_s = 0.0  # that the last one took
        self._rounded: Duals | None = None  # that the last one went by
        self._last_is_due = True

    def add(self, ascent: DualAscent) -> None:
        """Have a plan made of the best duals, unless one was."""
        if ascent.best is not self._rounded:
            rounding = DualRounding(self._context.problem, ascent)
            self._rounded, self.seat_duals = rounding.duals, rounding.seat_duals
            self._waiting.append(rounding)

    def add_last(self, ascent: DualAscent) -> bool:
        """Late, once, have one more made; whether it is late."""
        context = self._context
        late = context.seconds_left() < context.params.prover.last_plan_share * context.whole_s
        if late and self._rounded and self._last_is_due:
            self._last_is_due = False
            self.add(ascent)
        return late

    def round_next(self, stop: Callable[[], bool]) -> None:
        """Make the plan and offer it to the incumbent."""
        if self._waiting:
            self._context.best.offer(self._waiting.popleft().plan(self._context.seed, stop))

    def round_in_time(self, stop: Callable[[], bool]) -> bool:
        """The same if there is as much time left as the last one took; whether one was made."""
        if not self._waiting or self._context.seconds_left() < self._last_s:
            return False
        before = self._context.seconds_left()
        self.round_next(stop)
        self._last_s = before - self._context.seconds_left()
        return True


def seat_duals(lagrangian: Lagrangian, duals: Duals) -> Floats:
    """The dual of every slot for one person; 0 for the others."""
    found, alone = np.zeros(len(lagrangian.net.place)), lagrangian.rows.is_team == 0
    found[lagrangian.rows.slot[alone]] = duals.row[alone]
    return found


def assignments_of(problem: Problem, lagrangian: Lagrangian, visits: Ints) -> tuple[Assignment, ...]:
    """These visits by name, with the pins."""
    found = pinned_assignments(problem)
    net, tasks, days = lagrangian.pricing_net, lagrangian.tasks, lagrangian.days
    for day in np.flatnonzero(visits[:, 0] >= 0).tolist():
        volunteer = problem.volunteers[int(net.window_volunteer[days.at[day]])].id
        starts = starts_of(net, tasks, days, day, visits[day])
        for task, start in zip(visits[day].tolist(), starts.tolist(), strict=True):
            if task >= 0:
                found.append(Assignment(problem.slots[int(tasks.slot[task])].id, volunteer, start))
    return tuple(found)


@allocating
def starts_of(net: PricingNetwork, tasks: Tasks, days: Days, day: int, visits: Ints) -> Ints:
    """When each of a day's visits begins, as early as possible; each before the next pinned one if it ends in time."""
    first = days.at[day]
    volunteer = net.window_volunteer[first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    events, passed = fixed_events_of(net, days, day), 0
    starts = np.full(len(visits), -1, np.int64)
    w, clock, here = first, net.window_start[first], net.window_origin[first]
    for n in range(len(visits)):
        i = visits[n]
        if i < 0:
            break
        while True:
            leg = leg_min(net.travel, pace, overhead, here, tasks.place[i])
            start = begin_at(net.busy, net.busy_at, w, tasks.low[i], tasks.step[i], tasks.duration[i], clock + leg)
            inside = tasks.at[w] <= i < tasks.at[w + 1]
            if passed == len(events) or (
                inside and (events[passed][1] < 0 or start + tasks.duration[i] <= events[passed][2])
            ):
                break
            _, pinned, begin = events[passed]
            passed += 1
            if pinned < 0:
                w += 1
                clock, here = net.window_start[w], net.window_origin[w]
            else:
                clock = begin + net.duration[pinned]
                here = net.place[pinned] if net.place[pinned] >= 0 else here
        starts[n], clock = start, start + tasks.duration[i]
        here = tasks.place[i] if tasks.place[i] >= 0 else here
    return starts
