"""What pricing chooses among: for every window its tasks, one per slot or, for a slot of several people, per start.

Each task belongs to a row. A slot for one person is one row ("at most one person"). A slot for several has a
row for every start at which people could meet, because whoever comes must come at the same time; the rows of one slot
compete ("staffed at one of them, or not at all"), and each has its minimum and its team rules.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.instance.arrays import NO_LIMIT, Network
from solver.instance.dtypes import NO_START, Bytes, Floats, Ints, Records, Small
from solver.instance.jit import allocating
from solver.instance.travel import TravelTimes


class Rows(NamedTuple):
    """The shared rows that duals stand on."""

    slot: Small
    start: Ints  # the common start, or NO_START on a slot for one person
    is_team: Bytes
    seats: Ints  # people still wanted besides the pinned
    least: Ints  # people needed at least besides the pinned, if anyone joins
    slot_at: Ints  # rows of each slot
    rule_at: Ints  # team rules of each row
    rule_tag: Small
    rule_least: Ints


class Tasks(NamedTuple):
    """Tasks by window, in CSR form, with what pricing reads of their slots beside them."""

    at: Ints
    row: Small
    slot: Small
    low: Ints
    high: Ints
    step: Ints
    duration: Ints
    place: Small
    value: Ints
    gain: Ints


class Days(NamedTuple):
    """Volunteers' days as pricing sees them: windows `at[d]..at[d + 1]` belong to day d; limits for free visits."""

    at: Ints
    of_volunteer_at: Ints
    max_visits: Ints
    max_minutes: Ints


class PricingNetwork(NamedTuple):
    """What pricing reads of the network. Functions that make arrays count a reference for every array they are handed:
    with the whole network a tenth of an iteration's time.
    """

    window_volunteer: Small
    window_start: Ints
    window_end: Ints
    window_origin: Small
    window_return: Small
    window_pin_at: Ints
    window_pin_slot: Small
    window_pin_start: Ints
    busy_at: Ints
    busy: Records
    metres_per_minute: Floats
    mode_overhead: Floats
    over_before: Ints
    willing: Bytes
    volunteer_pin_visits: Ints
    volunteer_pin_minutes: Ints
    place: Small
    duration: Ints
    has_tag: Bytes
    travel: TravelTimes
    triangle: bool
    travel_weight: int
    overload_weight: int
    unused_weight: int


def pricing_network(net: Network) -> PricingNetwork:
    """The part of a network that pricing reads."""
    return PricingNetwork(*(getattr(net, name) for name in PricingNetwork._fields))


def rows_of(net: Network) -> Rows:
    """The rows of every slot that anyone could join."""
    by_slot = np.argsort(net.window_candidates, kind="stable")
    used = np.diff(net.slot_candidate_at) > 0
    table: list[tuple[int, int, int, int, int]] = []  # slot, start, team, seats, least
    at, rule_at = [0], [0]
    rules: list[tuple[int, int]] = []  # tag, people with it still missing
    for s in range(len(net.place)):
        free = int(net.headcount[s]) - int(net.pin_count[s])
        if used[s] and not net.is_team[s]:
            table.append((s, NO_START, 0, free, 0))
            rule_at.append(len(rules))
        elif used[s]:
            pinned = net.pin_volunteer[net.pin_at[s] : net.pin_at[s + 1]]
            least = max(0, int(net.min_headcount[s]) - len(pinned))
            for start in _starts(net, s, by_slot[net.slot_candidate_at[s] : net.slot_candidate_at[s + 1]]):
                table.append((s, start, 1, free, least))
                for rule in range(net.team_at[s], net.team_at[s + 1]):
                    tag = int(net.team_tag[rule])
                    missing = int(net.team_at_least[rule]) - int(net.has_tag[tag, pinned].sum())
                    if missing > 0:
                        rules.append((tag, missing))
                rule_at.append(len(rules))
        at.append(len(table))
    columns = np.array(table, np.int64).reshape(-1, 5).T
    tags = np.array(rules, np.int64).reshape(-1, 2).T
    return Rows(
        columns[0].astype(np.int32),
        columns[1].copy(),
        columns[2].astype(np.uint8),
        columns[3].copy(),
        columns[4].copy(),
        np.array(at, np.int64),
        np.array(rule_at, np.int64),
        tags[0].astype(np.int32),
        tags[1].copy(),
    )


def _starts(net: Network, slot: int, mine: Ints) -> list[int]:
    """The starts of a slot for several at which enough of its candidates (`mine`) could come."""
    if net.pin_count[slot] > 0:
        return [int(net.pin_start[slot])]
    low, high = net.candidate_low[mine], net.candidate_high[mine]
    starts = np.arange(low.min(), high.max() + 1, net.step[slot])
    able = np.searchsorted(np.sort(low), starts, "right") - np.searchsorted(np.sort(high), starts, "left")
    return [int(s) for s in starts[able >= max(1, int(net.min_headcount[slot]))]]


def tasks_of(net: Network, rows: Rows) -> Tasks:
    """Every task of every window."""
    at, row, candidate, start = expand(
        net.window_candidate_at,
        net.window_candidates,
        net.candidate_low,
        net.candidate_high,
        rows.slot_at,
        rows.start,
    )
    slot = net.window_candidates[candidate]
    fixed = start != NO_START
    place = net.place[slot]
    return Tasks(
        at=at,
        row=row,
        slot=slot,
        low=np.where(fixed, start, net.candidate_low[candidate]),
        high=np.where(fixed, start, net.candidate_high[candidate]),
        step=net.step[slot],
        duration=net.duration[slot],
        place=place,
        value=net.value[slot],
        gain=net.candidate_gain[candidate],
    )


@allocating
def expand(
    candidate_at: Ints, candidates: Small, low: Ints, high: Ints, slot_at: Ints, row_start: Ints
) -> tuple[Ints, Small, Ints, Ints]:
    """(at, row, candidate, start) of every task; start is NO_START where the start is the route's own choice."""
    count = 0
    for i in range(len(candidates)):
        count += slot_at[candidates[i] + 1] - slot_at[candidates[i]]
    at = np.zeros(len(candidate_at), np.int64)
    row, candidate = np.zeros(count, np.int32), np.zeros(count, np.int64)
    start = np.zeros(count, np.int64)
    count = 0
    for window in range(len(candidate_at) - 1):
        for i in range(candidate_at[window], candidate_at[window + 1]):
            for r in range(slot_at[candidates[i]], slot_at[candidates[i] + 1]):
                if row_start[r] == NO_START or low[i] <= row_start[r] <= high[i]:
                    row[count], candidate[count], start[count] = r, i, row_start[r]
                    count += 1
        at[window + 1] = count
    return at, row[:count].copy(), candidate[:count].copy(), start[:count].copy()


def days_of(net: Network) -> Days:
    """The days on which a volunteer has windows, with the visits and minutes left beside pinned ones."""
    day = net.window_day
    first = np.flatnonzero(np.concatenate(([True], day[1:] != day[:-1]))) if len(day) else np.zeros(0, np.int64)
    at = np.concatenate((first, [len(day)])).astype(np.int64)
    volunteer = net.window_volunteer[at[:-1]]
    rows = day[at[:-1]]
    visits = np.minimum(
        net.max_day_visits[volunteer] - net.day_pin_visits[rows],
        net.max_visits[volunteer] - net.volunteer_pin_visits[volunteer],
    )
    minutes = np.minimum(
        net.max_day_minutes[volunteer] - net.day_pin_minutes[rows],
        net.max_minutes[volunteer] - net.volunteer_pin_minutes[volunteer],
    )
    of_volunteer_at = np.searchsorted(volunteer, np.arange(len(net.willing) + 1)).astype(np.int64)
    return Days(at, of_volunteer_at, np.clip(visits, 0, NO_LIMIT), np.clip(minutes, 0, NO_LIMIT))
