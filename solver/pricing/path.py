"""Paths: one volunteer's day as a row of numbers, tasks and fixed events in order; what they mean on the clock."""

from __future__ import annotations

import numpy as np

from solver.instance.dtypes import Ints, Whole
from solver.instance.jit import allocating, allocating_inner
from solver.instance.time_grid import begin_at
from solver.instance.travel import leg_min
from solver.pricing.tasks import Days, PricingNetwork, Tasks

END, EVENT = -1, -2  # in a path: nothing follows; fixed event k of the day is EVENT - k


@allocating
def fixed_events_of(net: PricingNetwork, days: Days, day: int) -> list[tuple[Whole, Whole, Whole]]:
    """The fixed events of a day in order: (window, pinned slot or -1 for going on to the next window, start)."""
    events = [(0, 0, 0)]
    first, last = days.at[day], days.at[day + 1]
    for window in range(first, last):
        for k in range(net.window_pin_at[window], net.window_pin_at[window + 1]):
            events.append((window, int(net.window_pin_slot[k]), int(net.window_pin_start[k])))
        if window + 1 < last:
            events.append((window, -1, 0))
    return events[1:]


@allocating_inner
def open_until(net: PricingNetwork, first: int, last: int) -> Ints:
    """For every window of a day the minute at which the day would end if the gaps between windows were closed up."""
    ends = np.zeros(last - first, np.int64)
    later = 0
    for w in range(last - 1, first - 1, -1):
        ends[w - first] = net.window_end[w] + later
        later += net.window_end[w] - net.window_start[w]
    return ends


@allocating
def lay_out(net: PricingNetwork, tasks: Tasks, days: Days, day: int, path: Ints) -> tuple[Ints, int, int]:
    """(starts, travel, minutes): when each step of a route begins (-1: fixed event), its legs and service minutes."""
    first = days.at[day]
    volunteer = net.window_volunteer[first]
    pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
    events = fixed_events_of(net, days, day)
    starts = np.full(len(path), -1, np.int64)
    w, clock, here, visited, travel, minutes = first, net.window_start[first], net.window_origin[first], False, 0, 0
    for n in range(len(path)):
        step = path[n]
        if step == END:
            break
        if step <= EVENT:
            _, pinned, start = events[EVENT - step]
            if pinned >= 0:
                spot = net.place[pinned]
                travel += leg_min(net.travel, pace, overhead, here, spot)
                clock, visited = start + net.duration[pinned], True
                here = spot if spot >= 0 else here
                continue
            if visited and net.window_return[w] >= 0:
                travel += leg_min(net.travel, pace, overhead, here, net.window_return[w])
            w += 1
            clock, here, visited = net.window_start[w], net.window_origin[w], False
            continue
        spot = tasks.place[step]
        leg = leg_min(net.travel, pace, overhead, here, spot)
        starts[n] = begin_at(
            net.busy, net.busy_at, w, tasks.low[step], tasks.step[step], tasks.duration[step], clock + leg
        )
        travel, minutes, visited = travel + leg, minutes + tasks.duration[step], True
        clock = starts[n] + tasks.duration[step]
        here = spot if spot >= 0 else here
    if visited and net.window_return[w] >= 0:
        travel += leg_min(net.travel, pace, overhead, here, net.window_return[w])
    return starts, travel, minutes
