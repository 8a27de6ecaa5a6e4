"""What is counted about a volunteer's week: minutes in buckets, visits, or nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.instance.arrays import Network
from solver.instance.dtypes import Ints
from solver.pricing.tasks import Days

VISITS = -1  # in place of the minutes of a bucket: every visit is one bucket


class Buckets(NamedTuple):
    """By volunteer: `bucket_size` minutes a bucket (0: nothing, VISITS: visits instead), `capacity` the cap."""

    bucket_size: Ints
    capacity: Ints


def buckets_of(net: Network, days: Days, with_load: bool, max_buckets: int) -> Buckets:
    """Buckets for every volunteer: none where no cap can bind and (unless with_load) nothing depends on minutes."""
    volunteers = len(net.willing)
    bucket_size, capacity = np.zeros(volunteers, np.int64), np.ones(volunteers, np.int64)
    durations = net.duration[np.unique(net.window_candidates)]
    if not len(durations):
        return Buckets(bucket_size, capacity)
    gcd, shortest, mean = int(np.gcd.reduce(durations)), int(durations.min()), float(durations.mean())
    for v in range(volunteers):
        mine = range(days.of_volunteer_at[v], days.of_volunteer_at[v + 1])
        longest = sum(min(_open_minutes(net, days, d), int(days.max_minutes[d])) for d in mine)
        cap = max(0, int(net.max_minutes[v] - net.volunteer_pin_minutes[v]))
        loads = with_load and net.over_before[v] + net.volunteer_pin_minutes[v] + longest > 0
        visits = max(0, int(net.max_visits[v] - net.volunteer_pin_visits[v]))
        most_visits = sum(min(int(days.max_visits[d]), _open_minutes(net, days, d) // shortest) for d in mine)
        if visits < most_visits and len(mine) > 1 and not loads and visits * mean < cap:
            bucket_size[v], capacity[v] = VISITS, visits
        elif loads or (longest > cap and len(mine) > 1):
            most = min(cap, longest)
            coarse = max(gcd, -(-most // max_buckets))
            if coarse <= shortest:
                bucket_size[v], capacity[v] = coarse, most // coarse
    return Buckets(bucket_size, capacity)


def _open_minutes(net: Network, days: Days, day: int) -> int:
    windows = slice(days.at[day], days.at[day + 1])
    return int((net.window_end[windows] - net.window_start[windows]).sum())
