"""A volunteer who is free for one more span: rules and plan as if their windows that touch it were one with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from solver.instance.dtypes import SPAN
from solver.instance.travel import TravelTimes
from solver.lns.insertion import refresh
from solver.lns.state import LOAD, NOWHERE, STOP, WINDOW, Plan, Rules
from solver.model.problem import Place, Volunteer, Window
from solver.repair.incumbent_state import IncumbentState


def joined(volunteer: Volunteer, from_min: int, until_min: int) -> Window:
    """One window for the span and every window of the volunteer that overlaps it.

    It begins where its earliest part begins; a destination counts only if it belongs to the part that ends last.
    """
    parts = [w for w in volunteer.windows if w.start < until_min and w.end > from_min]
    parts.append(Window(from_min, until_min, volunteer.location, None))
    first, last = min(parts, key=lambda w: w.start), max(parts, key=lambda w: w.end)
    return Window(first.start, last.end, first.origin, last.destination)


def with_window(incumbent: IncumbentState, volunteer: str, window: Window) -> tuple[Rules, Plan]:
    """Rules with the joined window of the volunteer as window 0, and the plan with what they do in it already.

    Slots may be narrowed in the result, everything else is shared with the incumbent and must not be changed.
    """
    stops, busy, same_day = [], [], []
    for start, end, day, stop in _visits(incumbent, volunteer):
        if window.start <= start and end <= window.end:
            stops.append(stop)
            continue
        if start < window.end and end > window.start:
            busy.append((start, end))
        if day == window.start // 1440:
            same_day.append(end - start)
    stops.sort(key=lambda stop: int(stop["early"]))
    route = np.zeros(len(stops) + 1, STOP)
    for i, stop in enumerate(stops):
        route[i] = stop
    same_day += [int(incumbent.rules.slots[stop["slot"]]["duration"]) for stop in stops]
    load = np.array([(len(same_day), sum(same_day))], LOAD)

    origin, travel = _numbered(incumbent, window.origin)
    record = np.zeros(1, WINDOW)
    record["volunteer"] = incumbent.volunteer_number[volunteer]
    record["origin"], record["back"] = origin, incumbent.places.number[window.destination]
    record["start"], record["end"] = window.start, window.end
    rules = incumbent.rules._replace(
        windows=record, slots=incumbent.rules.slots.copy(), travel=travel,
        busy_at=np.array([0, len(busy)], np.int64), busy=np.array(sorted(busy), SPAN),
    )  # fmt: skip
    members = incumbent.plan.members
    known = np.append(incumbent.net.window_volunteer, NOWHERE)[np.clip(members, NOWHERE, None)]
    by_person = np.where(members >= 0, -2 - known, members)
    plan = incumbent.plan._replace(
        lengths=np.array([len(stops)], np.int64), stops=route, days=load, members=by_person.astype(np.int64)
    )
    refresh(rules, plan, np.int64(0))
    return rules, plan


def _numbered(incumbent: IncumbentState, place: Place | None) -> tuple[int, TravelTimes]:
    """The number of a place and what legs are computed from: a home that no window begins at is added as the last."""
    places, travel = incumbent.places, incumbent.rules.travel
    if not isinstance(place, tuple) or place in places.number:
        return places.number[place], travel
    lat, lon = (math.radians(degrees) for degrees in place)
    vector = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    sphere = np.vstack((travel.sphere, vector))
    radians = np.vstack((travel.radians, (lat, lon, math.cos(lat))))
    return len(travel.sphere), travel._replace(sphere=sphere, radians=radians)


def _visits(incumbent: IncumbentState, volunteer: str) -> Iterator[tuple[int, int, int, Any]]:
    """(start, end, day, stop) of everything that the volunteer does, pins outside their windows included."""
    who = incumbent.volunteer_number[volunteer]
    seen = set()
    for w in range(incumbent.net.volunteer_window_at[who], incumbent.net.volunteer_window_at[who + 1]):
        base = incumbent.rules.windows[w]["route_at"]
        for stop in incumbent.plan.stops[base : base + incumbent.plan.lengths[w]]:
            start, duration = int(stop["early"]), int(incumbent.rules.slots[stop["slot"]]["duration"])
            seen.add(int(stop["slot"]))
            yield start, start + duration, int(incumbent.net.window_start[w]) // 1440, stop
    for slot in incumbent.pins.get(volunteer, ()):
        if slot not in seen:
            start = int(incumbent.rules.slots[slot]["pin_start"])
            stop = np.array((slot, 1, NOWHERE, start, start), STOP)[()]
            yield start, start + int(incumbent.rules.slots[slot]["duration"]), start // 1440, stop
