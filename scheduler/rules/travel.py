"""Where a volunteer sets out from, and how long a trip takes; the same arithmetic as the solver's."""

import math
from datetime import date

from scheduler.config import Config
from scheduler.model.people import Kind, Volunteer
from scheduler.rules.facts import Facts

Point = tuple[float, float]
EARTH_M = 6_371_008.8
WORK_STARTS_MIN, WORK_ENDS_MIN = 8 * 60, 18 * 60
WORKPLACES = frozenset({"enterprise", "building", "station", "courier_station"})


def leg_min(volunteer: Volunteer, here: Point, there: Point, config: Config) -> int:
    """Whole minutes from one place to another by the volunteer's transport, rounded up; 0 at the same place."""
    if here == there:
        return 0
    speed = config.travel.modes[volunteer.transport.value]
    metres = config.travel.detour * _metres(here, there)
    overhead = speed.overhead_min + config.travel.buffer_min
    return math.ceil(metres / metres_per_minute(speed.km_per_hour) + overhead - 1e-9)


def metres_per_minute(km_per_hour: float) -> float:
    return km_per_hour * 1000 / 60


def starting_point(volunteer: Volunteer, day: date, start_min: int, facts: Facts) -> tuple[Point, bool]:
    """Where the volunteer is when a free time begins, and whether they must be back there when it ends.

    On weekdays in working hours a party member sets out from the workplace; couriers return to where they wait.
    """
    home = (volunteer.lat, volunteer.lon)
    courier = Kind.COURIER in volunteer.kinds
    base = facts.bases.get(volunteer.organisation_id or "")
    at_work = day.isoweekday() <= 5 and WORK_STARTS_MIN <= start_min < WORK_ENDS_MIN
    if base and at_work and not courier and facts.base_kinds.get(volunteer.organisation_id or "") in WORKPLACES:
        return (base[1], base[2]), True
    return home, courier


def _metres(a: Point, b: Point) -> float:
    (lat1, lon1), (lat2, lon2) = ((math.radians(p[0]), math.radians(p[1])) for p in (a, b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(h))
