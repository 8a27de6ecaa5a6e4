"""The problem as arrays: what greedy, search and pricing work on. `compile_network(problem)` builds it.

Volunteers and slots are numbered as in the problem; windows volunteer by volunteer, earliest first; a *day* is one
volunteer's day. Times and legs are whole minutes. Ragged lists are in CSR form: the items of row r are
`x[x_at[r]:x_at[r + 1]]`. Legs are computed on demand: `travel.leg_min(net.travel, pace, overhead, place, place)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from solver.instance.candidates import candidate_gains, eligibility, scan, time_index
from solver.instance.dtypes import SPAN, Bytes, Floats, Ints, Records, Small
from solver.instance.travel import NOWHERE, TravelTimes, obeys_triangle, places_of
from solver.model.problem import Problem, Slot

NO_LIMIT = 1 << 40  # a cap or reach that nobody meets
NO_TARGET = -(10**9)  # minutes over the wish when there is none: never above 0


class Network(NamedTuple):
    """One problem as read-only arrays."""

    # windows
    window_volunteer: Small
    window_start: Ints
    window_end: Ints
    window_origin: Small  # place or NOWHERE
    window_return: Small  # place or NOWHERE
    window_day: Small  # row of day_*
    window_pin_at: Ints  # pinned visits inside the window, earliest first
    window_pin_slot: Small
    window_pin_start: Ints
    busy_at: Ints  # pinned visits outside every window that cut into this one
    busy: Records  # SPAN, in the order of their starts
    # days: one per volunteer and day on which they have a window or a pin
    day_volunteer: Small
    day_number: Small
    day_pin_visits: Ints
    day_pin_minutes: Ints
    # volunteers
    volunteer_window_at: Ints  # windows of volunteer v: range(at[v], at[v + 1])
    metres_per_minute: Floats
    mode_overhead: Floats
    max_visits: Ints
    max_minutes: Ints
    max_day_visits: Ints
    max_day_minutes: Ints
    max_reach: Ints
    over_before: Ints  # minutes served before the horizon minus the wish
    willing: Bytes
    volunteer_pin_visits: Ints
    volunteer_pin_minutes: Ints
    # slots
    place: Small
    duration: Ints
    earliest: Ints
    latest: Ints  # the last start on the grid
    step: Ints
    headcount: Ints
    min_headcount: Ints
    value: Ints
    pin_start: Ints  # the start forced by pins, where pin_count > 0
    pin_count: Small
    pin_at: Ints  # people pinned on each slot
    pin_volunteer: Small
    is_team: Bytes  # wanted by several people: one common start, minimum, team rules
    team_at: Ints
    team_tag: Small
    team_at_least: Ints
    has_tag: Bytes  # [team tag, volunteer]
    gain_at: Ints  # what the cost falls by when this volunteer is on the slot: affinity and prior assignment, weighted
    gain_volunteer: Small
    gain_points: Ints
    # candidates: free visits that fit a window alone
    window_candidate_at: Ints
    window_candidates: Small  # slots
    candidate_low: Ints  # first and last start that might fit this window
    candidate_high: Ints
    candidate_gain: Ints
    slot_candidate_at: Ints
    slot_candidates: Small  # windows
    # travel
    travel: TravelTimes
    triangle: bool  # no leg is longer than two over a third place
    # weights
    travel_weight: int
    overload_weight: int
    unused_weight: int
    tax_total: int  # weighted taxes of all prior assignments: paid unless kept


def compile_network(problem: Problem) -> Network:
    """The network of a problem. Memory grows with the candidates, never with all pairs."""
    places = places_of(problem)
    volunteers, slots = problem.volunteers, problem.slots
    number_of = {v.id: n for n, v in enumerate(volunteers)}
    modes = [problem.travel.modes.get(v.mode or "") for v in volunteers]
    windows = [(n, w) for n, v in enumerate(volunteers) for w in sorted(v.windows, key=lambda w: (w.start, w.end))]
    counts = np.bincount([n for n, _ in windows], minlength=len(volunteers)) if windows else np.zeros(len(volunteers))

    inside, outside, day_rows, day_pins = _pins(problem, windows, number_of)
    tags = sorted({rule.tag for slot in slots for rule in slot.team})
    pinned = [[number_of[p.volunteer] for p in s.pinned] for s in slots]
    gains = _gains(problem, number_of)
    mine: dict[int, list[int]] = defaultdict(list)
    for slot, people in zip(slots, pinned, strict=True):
        for person in people:
            mine[person].append(slot.duration)

    bare = Network(
        window_volunteer=_small(n for n, _ in windows),
        window_start=_ints(w.start for _, w in windows),
        window_end=_ints(w.end for _, w in windows),
        window_origin=_small(places.number[w.origin] for _, w in windows),
        window_return=_small(places.number[w.destination] for _, w in windows),
        window_day=_small(day_rows[n, w.day] for n, w in windows),
        window_pin_at=_offsets(inside),
        window_pin_slot=_small(slot for row in inside for _, slot in row),
        window_pin_start=_ints(start for row in inside for start, _ in row),
        busy_at=_offsets(outside),
        busy=np.array([span for row in outside for span in row], SPAN),
        day_volunteer=_small(n for n, _ in day_rows),
        day_number=_small(day for _, day in day_rows),
        day_pin_visits=_ints(visits for visits, _ in day_pins),
        day_pin_minutes=_ints(minutes for _, minutes in day_pins),
        volunteer_window_at=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        metres_per_minute=np.array([m.metres_per_minute if m else 1.0 for m in modes], np.float64),
        mode_overhead=np.array([m.overhead if m else 0.0 for m in modes], np.float64),
        max_visits=_limits(v.max_visits for v in volunteers),
        max_minutes=_limits(v.max_minutes for v in volunteers),
        max_day_visits=_limits(v.max_visits_per_day for v in volunteers),
        max_day_minutes=_limits(v.max_minutes_per_day for v in volunteers),
        max_reach=_limits(v.max_reach for v in volunteers),
        over_before=_ints(NO_TARGET if v.target is None else v.served - v.target for v in volunteers),
        willing=np.array([v.willing for v in volunteers], np.uint8),
        volunteer_pin_visits=_ints(len(mine[n]) for n in range(len(volunteers))),
        volunteer_pin_minutes=_ints(sum(mine[n]) for n in range(len(volunteers))),
        place=_small(places.number[s.location] for s in slots),
        duration=_ints(s.duration for s in slots),
        earliest=_ints(s.earliest for s in slots),
        latest=_ints(s.starts[-1] for s in slots),
        step=_ints(s.step for s in slots),
        headcount=_ints(s.headcount for s in slots),
        min_headcount=_ints(s.min_headcount for s in slots),
        value=_ints(s.value for s in slots),
        pin_start=_ints(s.pinned[0].start if s.pinned else NOWHERE for s in slots),
        pin_count=_small(len(s.pinned) for s in slots),
        pin_at=_offsets(pinned),
        pin_volunteer=_small(n for row in pinned for n in row),
        is_team=np.array([s.headcount > 1 for s in slots], np.uint8),
        team_at=_offsets([s.team for s in slots]),
        team_tag=_small(tags.index(rule.tag) for s in slots for rule in s.team),
        team_at_least=_ints(rule.at_least for s in slots for rule in s.team),
        has_tag=np.array([[tag in v.tags for v in volunteers] for tag in tags], np.uint8).reshape(
            len(tags), len(volunteers)
        ),
        gain_at=_offsets(gains),
        gain_volunteer=_small(n for row in gains for n, _ in row),
        gain_points=_ints(points for row in gains for _, points in row),
        window_candidate_at=_ints(()),
        window_candidates=_small(()),
        candidate_low=_ints(()),
        candidate_high=_ints(()),
        candidate_gain=_ints(()),
        slot_candidate_at=_ints(()),
        slot_candidates=_small(()),
        travel=places.travel,
        triangle=_triangle(problem, places.travel.matrix),
        travel_weight=problem.weights.travel,
        overload_weight=problem.weights.overload,
        unused_weight=problem.weights.unused,
        tax_total=problem.weights.disruption * sum(p.tax for s in slots for p in s.previous),
    )
    return _with_candidates(bare, problem, number_of)


def _pins(problem: Problem, windows: Sequence, number_of: dict[str, int]) -> tuple[list, list, dict, list]:  # type: ignore[type-arg]
    """Pins inside each window (start, slot), pins that cut into it (start, end), the rows of days, pins of each day."""
    of_volunteer: dict[int, list[int]] = defaultdict(list)
    day_rows: dict[tuple[int, int], int] = {}
    for row, (volunteer, window) in enumerate(windows):
        of_volunteer[volunteer].append(row)
        day_rows.setdefault((volunteer, window.day), len(day_rows))
    inside: list[list[tuple[int, int]]] = [[] for _ in windows]
    outside: list[list[tuple[int, int]]] = [[] for _ in windows]
    day_pins: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for number, slot in enumerate(problem.slots):
        for pin in slot.pinned:
            volunteer, start, end = number_of[pin.volunteer], pin.start, pin.start + slot.duration
            mine = of_volunteer[volunteer]
            home = [r for r in mine if windows[r][1].start <= start and end <= windows[r][1].end]
            if home:
                inside[home[0]].append((start, number))
                day = windows[home[0]][1].day
            else:
                day = start // 1440
                for r in mine:
                    if start < windows[r][1].end and end > windows[r][1].start:
                        outside[r].append((start, end))
            row = day_rows.setdefault((volunteer, day), len(day_rows))
            day_pins[row][0] += 1
            day_pins[row][1] += slot.duration
    for pins in (*inside, *outside):
        pins.sort()
    return inside, outside, day_rows, [day_pins[row] for row in range(len(day_rows))]


def _gains(problem: Problem, number_of: dict[str, int]) -> list[list[tuple[int, int]]]:
    """For each slot (volunteer, points by which the cost falls when they are on it), by volunteer."""
    rows = []
    for slot in problem.slots:
        points: dict[int, int] = defaultdict(int)
        for name, affinity in slot.affinity.items():
            if name in number_of:
                points[number_of[name]] += problem.weights.affinity * affinity
        for prior in slot.previous:
            points[number_of[prior.volunteer]] += problem.weights.disruption * prior.tax
        rows.append(sorted(points.items()))
    return rows


def _triangle(problem: Problem, matrix: Small) -> bool:
    """Coordinates obey the triangle inequality (rounded up, with an overhead); a matrix is examined."""
    if problem.travel.matrix is None:
        return True
    return len(matrix) <= 1500 and bool(obeys_triangle(matrix))


def open_to_candidates(slot: Slot) -> bool:
    """Whether anyone could still join: a seat is free and the team rules can be met by the headcount."""
    return len(slot.pinned) < slot.headcount and all(rule.at_least <= slot.headcount for rule in slot.team)


def _with_candidates(net: Network, problem: Problem, number_of: dict[str, int]) -> Network:
    usable = np.array([open_to_candidates(s) for s in problem.slots], bool)
    index, class_at, class_slack = time_index(net.earliest, net.latest, usable)
    kept_away = [
        [*(number_of[name] for name in s.excluded if name in number_of), *(number_of[p.volunteer] for p in s.pinned)]
        for s in problem.slots
    ]
    excluded_at, excluded = _offsets(kept_away), _small(n for row in kept_away for n in row)
    sets = eligibility(problem)
    at, slots, low, high = scan(net, index, class_at, class_slack, sets, excluded_at, excluded)
    gain = candidate_gains(net.gain_at, net.gain_volunteer, net.gain_points, net.window_volunteer, at, slots)
    by_slot = np.argsort(slots, kind="stable")
    windows = np.repeat(np.arange(len(net.window_start), dtype=np.int32), np.diff(at))
    return net._replace(
        window_candidate_at=at,
        window_candidates=slots,
        candidate_low=low,
        candidate_high=high,
        candidate_gain=gain,
        slot_candidate_at=np.searchsorted(slots[by_slot], np.arange(len(problem.slots) + 1)).astype(np.int64),
        slot_candidates=windows[by_slot],
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _small(values: Iterable[int]) -> Small:
    return np.fromiter(values, np.int32)


def _limits(values: Iterable[int | None]) -> Ints:
    return _ints(NO_LIMIT if value is None else value for value in values)


def _offsets(rows: Sequence[Sequence[object]]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(row) for row in rows], dtype=np.int64))).astype(np.int64)
