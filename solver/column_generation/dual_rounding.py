"""A plan from prices: in turn, everybody takes the best week that the others have left.

At good prices many weeks are nearly best for everyone, and taken together they fill the seats as in the linear
programme. So the first turns go by prices: they keep people away from seats that others need more. The later turns go
by what is still to be won.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from solver.column_generation.dual_ascent import Descent
from solver.column_generation.lagrangian import Master, Prices
from solver.column_generation.sequential_pricing import close_incomplete, free_seats, in_turn
from solver.instance.dtypes import Floats, Ints
from solver.instance.jit import allocating
from solver.instance.time_grid import begin_at
from solver.instance.travel import leg_between
from solver.lns.annealing import Search
from solver.model.problem import Problem
from solver.model.solution import Assignment
from solver.pricing.path import END, milestones_of

TURNS = (1.0, 1.0, 0.8, 0.5, 0.2)  # share of the prices that count in each turn of everybody
LAST_TURNS = (0.2, 0.0)  # once crews that did not become complete are given up
WARM = 0.5  # the progress at which the search begins: what prices brought together should stay
ROUNDS, SLICES = 3, 30  # of the search: rounds for every slot
PIECES = 10  # of a turn, between two questions whether to stop


class Rounding:
    """The best prices of a descent on coverage and what has been met so far, set down for a plan to be made from them.

    The descent may go on in another thread, while they are set down and later.
    """

    def __init__(self, problem: Problem, descent: Descent) -> None:
        master = descent.master
        self._problem, self._master, self._memory = problem, master, master.memory
        self.prices = descent.best
        self._priced, self._plain = (
            master.values(prices, 0.0, np.zeros(len(master.options.row)))
            for prices in (self.prices, master.no_prices())
        )
        self._seats = free_seats(master, descent.attendance)
        self._visits = np.full((len(master.days.max_visits), 1), END, np.int64)
        self.seat_prices = seat_prices(master, self.prices)

    def plan(self, seed: int, stop: Callable[[], bool]) -> tuple[Assignment, ...]:
        """A plan that keeps every rule, searched a little; none if `stop()` holds before everybody had their turns.

        To be called once: the seats are taken then.
        """
        random = np.random.default_rng(seed)
        self._everybody(TURNS, random, stop)
        close_incomplete(self._master.rows, self._seats)
        self._everybody(LAST_TURNS, random, stop)
        if stop():
            return ()
        return self._searched(assignments_of(self._problem, self._master, self._visits), seed, stop)

    def _everybody(self, shares: tuple[float, ...], random: np.random.Generator, stop: Callable[[], bool]) -> None:
        """A turn of everybody for each share of the prices."""
        master, levels = self._master, self._master.levels(0.0)
        for share in shares:
            values = share * self._priced + (1 - share) * self._plain
            for some in np.array_split(random.permutation(len(master.net.willing)), PIECES):
                if not stop():
                    self._visits = in_turn(
                        master.net, master.options, master.rows, master.days, levels, self._memory, values, 1 - share,
                        self._seats, self._visits, some, master.halted,
                    )  # fmt: skip

    def _searched(self, start: Iterable[Assignment], seed: int, stop: Callable[[], bool]) -> tuple[Assignment, ...]:
        search = Search(self._problem, self._master.net, start, seed=seed)
        search.heed(self.seat_prices)
        rounds = 1 + ROUNDS * len(self._problem.slots) // SLICES
        for progress in np.linspace(WARM, 1.0, SLICES + 1)[:-1]:
            if not stop():
                search.run(progress, until=progress + (1.0 - WARM) / SLICES, rounds=rounds)
        return search.assignments()


def seat_prices(master: Master, prices: Prices) -> Floats:
    """The price of every slot for one person; 0 for the others."""
    found, alone = np.zeros(len(master.net.place)), master.rows.crew == 0
    found[master.rows.slot[alone]] = prices.row[alone]
    return found


def assignments_of(problem: Problem, master: Master, visits: Ints) -> tuple[Assignment, ...]:
    """These visits by name, with the pins."""
    found = [Assignment(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]
    net, options, days = master.net, master.options, master.days
    for day in np.flatnonzero(visits[:, 0] >= 0).tolist():
        volunteer = problem.volunteers[int(net.window_volunteer[days.at[day]])].id
        starts = starts_of(net, options, days, day, visits[day])
        for option, start in zip(visits[day].tolist(), starts.tolist(), strict=True):
            if option >= 0:
                found.append(Assignment(problem.slots[int(options.slot[option])].id, volunteer, start))
    return tuple(found)


@allocating
def starts_of(net: Any, options: Any, days: Any, day: int, visits: Any) -> Any:
    """When each of a day's visits begins, as early as possible; each before the next pinned one if it ends in time."""
    first = days.at[day]
    volunteer = net.window_volunteer[first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    events, passed = milestones_of(net, days, day), 0
    starts = np.full(len(visits), -1, np.int64)
    w, clock, here = first, net.window_start[first], net.window_origin[first]
    for n in range(len(visits)):
        i = visits[n]
        if i < 0:
            break
        while True:
            leg = leg_between(net.sphere, net.radians, net.matrix, net.detour, pace, overhead, here, options.place[i])
            start = begin_at(net, w, options.low[i], options.step[i], options.duration[i], clock + leg)
            inside = options.at[w] <= i < options.at[w + 1]
            if passed == len(events) or (
                inside and (events[passed][1] < 0 or start + options.duration[i] <= events[passed][2])
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
        starts[n], clock = start, start + options.duration[i]
        here = options.place[i] if options.place[i] >= 0 else here
    return starts
