"""Who could serve what: for every free window the slots that fit it alone, sparse, never all pairs.

Slots are sorted by their first start within classes of similar slack, so a window looks only at slots of its own
hours; tags are compared once per distinct set of tags. What remains is tested one by one in compiled code.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Bytes, Ints, Small
from solver.instance.jit import allocating, kernel
from solver.instance.travel import leg_min
from solver.model.problem import Problem, Slot, Volunteer

if TYPE_CHECKING:
    from solver.instance.arrays import Network

Eligible = tuple[Small, Small, Bytes]


def eligibility(problem: Problem) -> Eligible:
    """(class of each volunteer, class of each slot, whether a volunteer class may serve a slot class).

    People with the same relevant tags share a class, and so do slots with the same wishes; `excluded` is not in it.
    """
    asked: set[str] = set()
    for slot in problem.slots:
        asked |= slot.requires_all | slot.requires_any | slot.forbids | {rule.tag for rule in slot.team}
    people: dict[frozenset[str], int] = {}
    wishes: dict[tuple[frozenset[str], ...], int] = {}
    volunteer_class = [people.setdefault(v.tags & asked, len(people)) for v in problem.volunteers]
    slot_class = [wishes.setdefault(_wish(s), len(wishes)) for s in problem.slots]
    may = np.zeros((max(1, len(people)), max(1, len(wishes))), np.uint8)
    for tags, row in people.items():
        for (all_of, any_of, none_of), column in wishes.items():
            may[row, column] = all_of <= tags and (not any_of or bool(any_of & tags)) and not none_of & tags
    return np.array(volunteer_class, np.int32), np.array(slot_class, np.int32), may


def _wish(slot: Slot) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a slot asks of every person on it; a team rule for a single person is a wish about that person."""
    needed = slot.requires_all
    if slot.headcount == 1:
        needed = needed | {rule.tag for rule in slot.team if rule.at_least}
    return needed, slot.requires_any, slot.forbids


def eligible(volunteer: Volunteer, slot: Slot) -> bool:
    """Whether the volunteer's tags and id allow the slot (team rules of one-person slots included)."""
    all_of, any_of, none_of = _wish(slot)
    tags = volunteer.tags
    fits = all_of <= tags and (not any_of or bool(any_of & tags)) and not none_of & tags
    return fits and volunteer.id not in slot.excluded


def time_index(first: Ints, last: Ints, usable: NDArray[np.bool_]) -> tuple[Small, Ints, Ints]:
    """(slots, class_at, class_slack): usable slots by class of slack, each sorted by first start."""
    slack = last - first
    bands = np.floor(np.log2(np.maximum(slack, 15))).astype(np.int64)
    order = np.lexsort((first, bands))
    order = order[usable[order]]
    found = np.unique(bands[order])
    class_at = np.concatenate((np.searchsorted(bands[order], found), [len(order)])).astype(np.int64)
    class_slack = np.array([slack[order[a:b]].max() for a, b in pairwise(class_at)], np.int64)
    return order.astype(np.int32), class_at, class_slack


@allocating
def scan(
    net: Network, index: Small, class_at: Ints, class_slack: Ints, sets: Eligible, excluded_at: Ints, excluded: Small
) -> tuple[Ints, Small, Ints, Ints]:
    """(at, slots, low, high): the candidates of every window and the first and last start at which each might fit.

    Direct legs from the origin and to the return are safe limits only where the triangle inequality holds and no
    pinned visit carries the volunteer elsewhere; otherwise only the window's own ends count.
    """
    volunteer_class, slot_class, may = sets
    earliest, latest, duration, step, place = net.earliest, net.latest, net.duration, net.step, net.place
    first = earliest[index]
    at = np.zeros(len(net.window_start) + 1, np.int64)
    out = np.zeros((3, 4096), np.int64)
    count = 0
    for window in range(len(net.window_start)):
        volunteer, origin, back = net.window_volunteer[window], net.window_origin[window], net.window_return[window]
        begin_min, end_min, reach = net.window_start[window], net.window_end[window], net.max_reach[volunteer]
        pace, overhead = net.metres_per_minute[volunteer], net.mode_overhead[volunteer]
        direct = net.triangle and net.window_pin_at[window] == net.window_pin_at[window + 1]
        for c in range(len(class_at) - 1):
            keys = first[class_at[c] : class_at[c + 1]]
            begin = class_at[c] + np.searchsorted(keys, begin_min - class_slack[c])
            end = class_at[c] + np.searchsorted(keys, end_min)
            for i in range(begin, end):
                slot = index[i]
                if not may[volunteer_class[volunteer], slot_class[slot]]:
                    continue
                if latest[slot] < begin_min or earliest[slot] + duration[slot] > end_min:
                    continue
                out_leg = leg_min(net.travel, pace, overhead, origin, place[slot])
                if out_leg > reach:
                    continue
                low, high = earliest[slot], latest[slot]
                if net.pin_count[slot] > 0:
                    low, high = pinned_start(net.pin_start[slot], low, high, step[slot])
                ready, done = begin_min, end_min - duration[slot]
                if direct:
                    ready += out_leg
                    done -= leg_min(net.travel, pace, overhead, place[slot], back)
                if ready > low:
                    low += (ready - low + step[slot] - 1) // step[slot] * step[slot]
                if done < high:
                    high -= (high - done + step[slot] - 1) // step[slot] * step[slot]
                if low > high or np.any(excluded[excluded_at[slot] : excluded_at[slot + 1]] == volunteer):
                    continue
                if count == out.shape[1]:
                    out = np.concatenate((out, np.zeros_like(out)), axis=1)
                out[0, count], out[1, count], out[2, count] = slot, low, high
                count += 1
        at[window + 1] = count
    return at, out[0, :count].astype(np.int32), out[1, :count].copy(), out[2, :count].copy()


@kernel
def pinned_start(start: int, low: int, high: int, step: int) -> tuple[int, int]:
    """The one start at which others may join a pinned visit; an empty range when it is off the slot's grid."""
    if low <= start <= high and (start - low) % step == 0:
        return start, start
    return 1, 0


@allocating
def candidate_gains(
    gain_at: Ints, gain_volunteer: Small, gain_points: Ints, window_volunteer: Small, at: Ints, slots: Small
) -> Ints:
    """What the cost falls by, affinity and prior assignment, when the window's volunteer takes the candidate."""
    gain = np.zeros(len(slots), np.int64)
    for window in range(len(at) - 1):
        for i in range(at[window], at[window + 1]):
            for k in range(gain_at[slots[i]], gain_at[slots[i] + 1]):
                if gain_volunteer[k] == window_volunteer[window]:
                    gain[i] = gain_points[k]
    return gain
