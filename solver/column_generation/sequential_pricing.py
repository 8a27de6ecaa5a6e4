"""Who takes which seats: everybody in turn takes the best week that the others have left, teams in mind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.column_generation.lagrangian import Lagrangian
from solver.instance.dtypes import Bytes, Floats, Ints
from solver.instance.jit import allocating, inner
from solver.pricing.column_pool import ColumnPool
from solver.pricing.instance import Instance, PricingLimits
from solver.pricing.path import END
from solver.pricing.tasks import Rows
from solver.pricing.week_join import best_week, widened

TAKEN = -1e9  # worth of a seat that is not free
CLOSED = 1 << 40  # seats too few


class Seats(NamedTuple):
    """How far the rows are staffed."""

    left: Ints  # free seats, by row
    people: Ints  # by row
    lacking: Ints  # people with its tag still missing, by team rule


def free_seats(lagrangian: Lagrangian, attendance: Floats) -> Seats:
    """Nobody seated: a slot for several has seats at the start where most people are expected only."""
    rows, share = lagrangian.rows, lagrangian.params.dual_rounding.staffed_share
    left = rows.seats.copy()
    for slot in np.unique(rows.slot[rows.is_team > 0]):
        mine = np.arange(rows.slot_at[slot], rows.slot_at[slot + 1])
        chosen = mine[np.argmax(attendance[mine])]
        if attendance[mine].sum() < share * rows.least[chosen]:
            left[mine] = 0
        left[mine[mine != chosen]] = 0
    return Seats(left, np.zeros_like(left), rows.rule_least.copy())


def close_incomplete(rows: Rows, seats: Seats) -> None:
    """Offer no more seats in teams that lack people or tags."""
    for row in np.flatnonzero(seats.people > 0):
        lacking = seats.lacking[rows.rule_at[row] : rows.rule_at[row + 1]]
        if seats.people[row] < rows.least[row] or (lacking > 0).any():
            seats.left[row] -= CLOSED


@allocating
def price_in_sequence(
    instance: Instance, rows: Rows, pool: ColumnPool, values: Floats, eager: float, seats: Seats, visits: Ints,
    order: Ints, limits: PricingLimits, halted: Bytes,
) -> Ints:  # fmt: skip
    """Everybody, in order, gives back their visits and takes the best week at these values that seats are left for.

    Returns the visits of every day as tasks in order, then END. What stands and falls with somebody in a team that is
    not complete counts for them too, as far as they are `eager` (0 to 1).
    """
    net, tasks, days, _ = instance
    values, worth = values.copy(), values[pool.task]
    asked = values.copy()
    for volunteer in order:
        first, last = days.of_volunteer_at[volunteer], days.of_volunteer_at[volunteer + 1]
        for day in range(first, last):
            for task in visits[day]:
                if task >= 0:
                    change_seat(rows, net.has_tag, seats, tasks.row[task], volunteer, -1)
        for i in range(tasks.at[days.at[first]], tasks.at[days.at[last]]):
            values[i] = asked[i] + bonus(rows, net.has_tag, seats, tasks.row[i], volunteer, eager * tasks.value[i])
        choices = np.searchsorted(pool.volunteer, volunteer), np.searchsorted(pool.volunteer, volunteer + 1)
        for c in range(choices[0], choices[1]):
            worth[c] = values[pool.task[c]]
        _, _, _, routes, _ = best_week(instance, pool, values, worth, volunteer, 0.0, limits, halted)
        for day in range(first, last):
            route = routes[day - first]
            if len(route) > visits.shape[1]:
                visits = widened(visits, len(visits), len(route))
            visits[day] = END
            count = 0
            for task in route:
                if task >= 0:
                    visits[day, count] = task
                    change_seat(rows, net.has_tag, seats, tasks.row[task], volunteer, 1)
                    count += 1
    return visits


@inner
def change_seat(rows: Rows, has_tag: Bytes, seats: Seats, row: int, volunteer: int, by: int) -> None:
    """Let a volunteer take a seat (1) or give it back (-1)."""
    seats.left[row] -= by
    seats.people[row] += by
    for k in range(rows.rule_at[row], rows.rule_at[row + 1]):
        if has_tag[rows.rule_tag[k], volunteer]:
            seats.lacking[k] -= by


@inner
def bonus(rows: Rows, has_tag: Bytes, seats: Seats, row: int, volunteer: int, worth: float) -> float:
    """What a seat is worth above a person's `worth`: a share of the others' in a team that it brings nearer to whole.

    TAKEN if no seat is free, or only those kept for people with a tag.
    """
    if seats.left[row] <= 0:
        return TAKEN
    missing, helps = 0, False
    for k in range(rows.rule_at[row], rows.rule_at[row + 1]):
        if seats.lacking[k] > 0:
            missing += seats.lacking[k]
            helps = helps or has_tag[rows.rule_tag[k], volunteer] > 0
    if missing > 0 and not helps and seats.left[row] <= missing:
        return TAKEN
    short = max(0, rows.least[row] - seats.people[row])
    if helps or short > missing:
        return float(worth * seats.people[row] / max(missing, short))
    return 0.0
