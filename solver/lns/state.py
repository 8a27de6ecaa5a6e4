"""What the search kernels read (Rules) and change (Plan).

Volunteers, windows, slots, places and days (one per volunteer and day) are integer indices into arrays of records.
The route of a window is the run of `Plan.stops` that begins at its `route_at`; other ragged lists are runs
`first..end` of a flat array. Times and legs are whole minutes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Ints, Records, Small, Whole

NOWHERE: Whole = np.int64(-1)
FAR: Whole = np.int64(1 << 40)  # later than any time, longer than any leg
COVERAGE, COST, FILLED = 0, 1, 2  # positions in Plan.totals


def _record(whole: str, real: str = "") -> np.dtype[np.void]:
    """All whole numbers alike: every other mix of integer types would be compiled again, for seconds each."""
    return np.dtype(
        [(name, np.int64) for name in whole.split()] + [(name, np.float64) for name in real.split()], align=True
    )


WINDOW = _record(
    "volunteer day origin back start end route_at busy_first busy_end candidate_first candidate_end",
)
VOLUNTEER = _record(
    "window_first window_end willing max_visits max_minutes max_day_visits max_day_minutes over_before",
    "metres_per_minute overhead",
)
SLOT = _record(
    "place headcount min_headcount pin_count pin_start is_team duration earliest latest step value member_at "
    "team_first team_end gain_first gain_end candidate_first candidate_end",
)
SPAN = _record("start end")
TEAM_RULE = _record("tag at_least")
GAIN = _record("volunteer points")
STOP = _record("slot pinned place early late")
LOAD = _record("visits minutes")
TEAM = _record("heads start")


class Rules(NamedTuple):
    """One problem, read only."""

    windows: Records  # WINDOW; origin and back are places or NOWHERE
    volunteers: Records  # VOLUNTEER; over_before: served minus target
    slots: Records  # SLOT; latest is on the grid; pin_start is the start forced by a pin or NO_START
    busy: Records  # SPAN: pinned visits outside every window that cut into one
    team: Records  # TEAM_RULE
    gains: Records  # GAIN: affinity and kept promises in cost units
    has_tag: NDArray[np.uint8]  # [team tag, volunteer]
    slot_candidates: Small  # the windows that could hold a slot
    window_candidates: Small  # the slots that a window could hold
    sphere: NDArray[np.float64]  # unit vector of each place
    radians: NDArray[np.float64]  # latitude, longitude and cosine of latitude of each place
    matrix: Small  # [place, place]; a single cell when legs come from coordinates
    detour: float
    travel_weight: int
    overload_weight: int
    unused_weight: int
    guide: int  # weight of a leg minute when places in routes are compared: at least 1
    handling: float  # minutes added to a duration when slots are ranked: a typical leg
    coverage_rate: float  # cost units that one unit of coverage is worth while annealing


class Plan(NamedTuple):
    """A plan that is being changed: routes with their slack, people of every slot, loads, coverage and cost."""

    lengths: Ints  # visits in the route of each window
    stops: Records  # STOP: early given all before, late that all after allow, place where the volunteer then is
    volunteers: Records  # LOAD
    days: Records  # LOAD
    slots: Records  # CREW: people, and the common start or NO_START while it is free to move
    members: Ints  # windows of the people on a slot, at its member_at; -2 - volunteer for a pin outside all windows
    totals: Ints


def better(plan: Plan, other: Plan) -> bool:
    """More coverage, or the same coverage at less cost."""
    mine, theirs = plan.totals, other.totals
    return (-mine[COVERAGE], mine[COST]) < (-theirs[COVERAGE], theirs[COST])
