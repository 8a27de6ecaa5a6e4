"""A plan from prices: in turn, everybody takes the best week that the others have left.

At good prices many weeks are nearly best for everyone, and taken together they fill the seats as in the linear
programme. So the first turns go by prices: they keep people away from seats that others need more. The later turns go
by what is still to be won.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from solver.compiled import allocating
from solver.cuts import begin_at
from solver.descent import Descent
from solver.improve import Search
from solver.master import Master, Prices
from solver.network import Floats, Ints
from solver.paths import END, milestones_of
from solver.problem import Problem
from solver.solution import Assignment
from solver.travel import leg_between
from solver.weeks import best_week

TURNS = (1.0, 1.0, 0.5, 0.0)  # share of the prices that count in each turn of everybody
EFFORT = 300  # branches a day
MOST = 64  # options a day
TAKEN = -1e9  # worth of a seat that is not free
WARM = 0.5  # the progress at which the search begins: what prices brought together should stay
ROUNDS, SLICES = 3, 30  # of the search: rounds for every slot
ENOUGH = 0.5  # of the least people: with fewer expected, a slot for several is not staffed


def rounded(problem: Problem, descent: Descent, seed: int, stop: Callable[[], bool]) -> tuple[Assignment, ...]:
    """A plan that keeps every rule, made from the best prices of a descent on coverage and searched a little."""
    master, prices = descent.master, descent.best
    random = np.random.default_rng(seed)
    levels = master.levels(0.0)
    priced, plain = master.values(prices, 0.0).copy(), master.values(master.no_prices(), 0.0).copy()
    left = seats_to_fill(master, descent.attendance)
    visits = np.full((len(master.days.max_visits), 1), END, np.int64)
    for share in TURNS:
        visits = in_turn(
            master.net, master.options, master.days, levels, master.memory, share * priced + (1 - share) * plain, left,
            visits, random.permutation(len(master.net.willing)), EFFORT, MOST, master.halted,
        )  # fmt: skip
    search = Search(problem, master.net, assignments_of(problem, master, visits), seed=seed)
    search.heed(seat_prices(master, prices))
    for progress in np.linspace(WARM, 1.0, SLICES + 1)[:-1]:
        if not stop():
            pace = (1.0 - WARM) / SLICES
            search.run(progress, until=progress + pace, rounds=1 + ROUNDS * len(problem.slots) // SLICES)
    return search.assignments()


def seats_to_fill(master: Master, attendance: Floats) -> Ints:
    """The free seats of every row: a slot for several has them at the start where most people are expected only."""
    rows = master.rows
    left = rows.seats.copy()
    for slot in np.unique(rows.slot[rows.crew > 0]):
        mine = np.arange(rows.slot_at[slot], rows.slot_at[slot + 1])
        chosen = mine[np.argmax(attendance[mine])]
        if attendance[mine].sum() < ENOUGH * rows.least[chosen]:
            left[mine] = 0
        left[mine[mine != chosen]] = 0
    return left


def seat_prices(master: Master, prices: Prices) -> Floats:
    """The price of every slot for one person; 0 for the others."""
    found, alone = np.zeros(len(master.net.place)), master.rows.crew == 0
    found[master.rows.slot[alone]] = prices.row[alone]
    return found


@allocating
def in_turn(
    net: Any, options: Any, days: Any, levels: Any, memory: Any, values: Any, left: Any, visits: Any,
    order: Any, effort: int, most: int, halted: Any,
) -> Any:  # fmt: skip
    """Everybody, in order, gives back their visits and takes the best week at these values that seats are left for.

    Returns the visits of every day as options in order, then END; `left` counts the free seats of every row.
    """
    values, worth = values.copy(), values[memory.option]
    asked = values.copy()
    for volunteer in order:
        first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
        for day in range(first, last):
            for option in visits[day]:
                if option >= 0:
                    left[options.row[option]] += 1
        for i in range(options.at[days.at[first]], options.at[days.at[last]]):
            values[i] = asked[i] if left[options.row[i]] > 0 else TAKEN
        choices = np.searchsorted(memory.volunteer, volunteer), np.searchsorted(memory.volunteer, volunteer + 1)
        for c in range(choices[0], choices[1]):
            worth[c] = values[memory.option[c]]
        _, _, _, routes, _ = best_week(
            net, options, days, levels, memory, values, worth, volunteer, 0.0, 0.0, effort, most, halted
        )
        for day in range(first, last):
            route = routes[day - first]
            if len(route) > visits.shape[1]:
                wider = np.full((len(visits), len(route)), END, np.int64)
                wider[:, : visits.shape[1]] = visits
                visits = wider
            visits[day] = END
            count = 0
            for option in route:
                if option >= 0:
                    visits[day, count] = option
                    left[options.row[option]] -= 1
                    count += 1
    return visits


def assignments_of(problem: Problem, master: Master, visits: Ints) -> list[Assignment]:
    """These visits by name, with the pins."""
    found = [Assignment(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]
    net, options, days = master.net, master.options, master.days
    for day in np.flatnonzero(visits[:, 0] >= 0).tolist():
        volunteer = problem.volunteers[int(net.window_volunteer[days.at[day]])].id
        starts = starts_of(net, options, days, day, visits[day])
        for option, start in zip(visits[day].tolist(), starts.tolist(), strict=True):
            if option >= 0:
                found.append(Assignment(problem.slots[int(options.slot[option])].id, volunteer, start))
    return found


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
