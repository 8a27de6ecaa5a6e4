"""Legs in whole minutes, from coordinates or from a matrix, computed on demand: no table of all pairs is kept.

The formula is the exchange format's: ceil(detour x haversine / metres per minute + overhead - 1e-9), 0 between equal
places and 0 when either place is unknown (a service by phone).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from solver.instance.dtypes import Floats, Small, Whole
from solver.instance.jit import kernel
from solver.model.problem import Place, Problem

EARTH_M = 6_371_008.8
NOWHERE = -1
NEAR_WHOLE = 1e-6  # minutes: closer to a whole number than this, rounding asks for the formula itself
LONG_CHORD = (
    0.02  # half chord on the unit sphere, about 250 km: beyond it the short series for asin is not exact enough
)


class TravelTimes(NamedTuple):
    """What legs are computed from. Kernels that compute many are handed this and not the whole network."""

    sphere: Floats  # [place, 3] unit vectors
    radians: Floats  # [place, 3] latitude, longitude, cosine of latitude
    matrix: Small  # [place, place] minutes, or a single cell when legs come from coordinates
    detour: float  # metres travelled for each metre as the crow flies


class Places(NamedTuple):
    """The distinct places of a problem, numbered from 0; `number` finds them again."""

    travel: TravelTimes
    number: dict[Place | None, int]


def places_of(problem: Problem) -> Places:
    """Every place that the problem names, numbered from 0; nowhere (None) is -1."""
    number: dict[Place | None, int] = {None: NOWHERE}
    detour = float(problem.travel.detour)
    if problem.travel.matrix is not None:
        matrix = problem.travel.matrix.astype(np.int32)
        np.fill_diagonal(matrix, 0)
        number |= {row: row for row in range(len(matrix))}
        blank = np.zeros((max(1, len(matrix)), 3))
        if len(matrix) <= 1:  # one cell means "no matrix": a single place needs no legs either way
            matrix = np.zeros((2, 2), np.int32)
        return Places(TravelTimes(blank, blank, matrix, detour), number)
    named = [slot.location for slot in problem.slots]
    for volunteer in problem.volunteers:
        for window in volunteer.windows:
            named += (window.origin, window.destination)
    found: list[tuple[float, float]] = []
    for place in named:
        if place not in number and isinstance(place, tuple):
            number[place] = len(found)
            found.append(place)
    rows = [(math.radians(lat), math.radians(lon), math.cos(math.radians(lat))) for lat, lon in found or [(0.0, 0.0)]]
    radians = np.array(rows, dtype=np.float64).reshape(-1, 3)
    lat, lon = radians[:, 0], radians[:, 1]
    sphere = np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=1)
    no_matrix = np.zeros((1, 1), np.int32)
    return Places(TravelTimes(np.ascontiguousarray(sphere), radians, no_matrix, detour), number)


@kernel
def leg_min(travel: TravelTimes, pace: float, overhead: float, a: Whole, b: Whole) -> int:
    """Whole minutes from place a to place b at `pace` metres a minute and `overhead` minutes a leg."""
    if a < 0 or b < 0 or a == b:
        return 0
    sphere, radians, matrix, detour = travel
    if matrix.shape[0] > 1:
        return int(matrix[a, b])
    dx, dy, dz = sphere[a, 0] - sphere[b, 0], sphere[a, 1] - sphere[b, 1], sphere[a, 2] - sphere[b, 2]
    half = 0.5 * math.sqrt(dx * dx + dy * dy + dz * dz)
    if half < LONG_CHORD:
        square = half * half
        angle = half * (1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square * (15.0 / 336.0))))
        minutes = detour * (2.0 * EARTH_M * angle) / pace + overhead - 1e-9
        whole = math.floor(minutes)
        if NEAR_WHOLE < minutes - whole < 1.0 - NEAR_WHOLE:
            return int(whole) + 1
    return int(exact_leg_min(radians, detour, pace, overhead, a, b))


@kernel
def exact_leg_min(radians: Floats, detour: float, pace: float, overhead: float, a: Whole, b: Whole) -> int:
    """The format's formula, operation by operation, so that rounding agrees with it to the last bit."""
    lat1, lon1, lat2, lon2 = radians[a, 0], radians[a, 1], radians[b, 0], radians[b, 1]
    h = math.sin((lat2 - lat1) / 2) ** 2 + radians[a, 2] * radians[b, 2] * math.sin((lon2 - lon1) / 2) ** 2
    metres = detour * (2 * EARTH_M * math.asin(math.sqrt(h)))
    return int(math.ceil(metres / pace + overhead - 1e-9))  # noqa: RUF046 - compiled, ceil gives a float


@kernel
def obeys_triangle(matrix: Small) -> bool:
    """Whether no detour over a third place is ever shorter than the direct leg of a matrix."""
    n = matrix.shape[0]
    for middle in range(n):
        for a in range(n):
            for b in range(n):
                if matrix[a, b] > matrix[a, middle] + matrix[middle, b]:
                    return False
    return True
