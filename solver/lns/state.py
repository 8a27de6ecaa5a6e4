"""What the search kernels read (Rules) and change (Plan).

Volunteers, windows, slots, places and days (one per volunteer and day) are integer indices into arrays of records.
The route of a window is the run of `Plan.stops` that begins at its `route_at`; other ragged lists are runs
`first..end` of a flat array. Times and legs are whole minutes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.instance.dtypes import Ints, Records, Small, Whole, record
from solver.instance.jit import kernel
from solver.instance.travel import TravelTimes

NOWHERE: Whole = np.int64(-1)
COVERAGE, COST, FILLED = 0, 1, 2  # positions in Plan.totals


WINDOW = record(
    "volunteer day origin back start end route_at candidate_first candidate_end",
)
VOLUNTEER = record(
    "window_first window_end willing max_visits max_minutes max_day_visits max_day_minutes over_before",
    "metres_per_minute overhead",
)
SLOT = record(
    "place headcount min_headcount pin_count pin_start is_team duration earliest latest step value member_at "
    "team_first team_end gain_first gain_end candidate_first candidate_end",
)
TEAM_RULE = record("tag at_least")
GAIN = record("volunteer points")
STOP = record("slot pinned place early late")
LOAD = record("visits minutes")
TEAM = record("people start")


class Rules(NamedTuple):
    """One problem, read only."""

    windows: Records  # WINDOW; origin and back are places or NOWHERE
    volunteers: Records  # VOLUNTEER; over_before: served minus target
    slots: Records  # SLOT; latest is on the grid; pin_start is the start forced by a pin or NO_START
    busy_at: Ints  # by window: pinned visits outside every window that cut into it
    busy: Records  # SPAN
    team: Records  # TEAM_RULE
    gains: Records  # GAIN: affinity and prior assignments in cost units
    has_tag: NDArray[np.uint8]  # [team tag, volunteer]
    slot_candidates: Small  # the windows that could hold a slot
    window_candidates: Small  # the slots that a window could hold
    travel: TravelTimes
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
    slots: Records  # TEAM: people, and the common start or NO_START while it is free to move
    members: Ints  # windows of the people on a slot, at its member_at; -2 - volunteer for a pin outside all windows
    totals: Ints


@kernel
def is_better(plan: Plan, other: Plan) -> bool:
    """More coverage, or the same coverage at less cost."""
    if plan.totals[COVERAGE] != other.totals[COVERAGE]:
        return bool(plan.totals[COVERAGE] > other.totals[COVERAGE])
    return bool(plan.totals[COST] < other.totals[COST])
