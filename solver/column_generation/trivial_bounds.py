"""Bounds that need no proof."""

from __future__ import annotations

import numpy as np

from solver.instance.arrays import Network


def every_seat(net: Network) -> int:
    """Coverage with every seat filled that anyone could fill: no plan covers more."""
    could = np.diff(net.slot_candidate_at) > 0
    return int((net.value * np.where(could, net.headcount, net.pin_count)).sum())


def free_of_charge(net: Network) -> int:
    """The cost of a plan with every gain and no travel, load or person left out: no plan costs less."""
    total = net.tax_total
    for slot in range(len(net.place)):
        gains = net.gain_points[net.gain_at[slot] : net.gain_at[slot + 1]]
        total -= int(np.sort(gains[gains > 0])[::-1][: net.headcount[slot]].sum())
    return total
