"""How much a person may be asked: the limits of their kinds and their own, the stricter one winning."""

from dataclasses import dataclass

from scheduler.config import Config
from scheduler.model.people import Kind, Volunteer

DAYS = 7


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits of service in a day and a calendar week, and of travel; None where there is no limit."""

    visits_per_day: int | None
    minutes_per_day: int | None
    visits_per_week: int | None
    minutes_per_week: int | None
    travel_min: int | None
    days_per_week: int


def caps_of(volunteer: Volunteer, config: Config) -> Caps:
    """The limits that hold for a volunteer. Who is courier and party member at once keeps the limits of both."""
    courier = Kind.COURIER in volunteer.kinds
    member = bool(volunteer.kinds - {Kind.COURIER}) or not courier
    couriers = config.couriers if courier else None
    members = config.members if member else None
    return Caps(
        visits_per_day=_least(
            volunteer.max_visits_per_day,
            couriers and couriers.max_visits_per_day,
            members and members.max_visits_per_day,
        ),
        minutes_per_day=_least(
            volunteer.max_minutes_per_day,
            couriers and couriers.max_minutes_per_day,
            members and members.max_minutes_per_day,
            config.everyone.max_hours_per_day * 60,
        ),
        visits_per_week=_least(volunteer.max_visits_per_week, members and members.max_visits_per_week),
        minutes_per_week=_least(
            volunteer.max_minutes_per_week,
            couriers and couriers.max_minutes_per_week,
            members and members.max_minutes_per_week,
        ),
        travel_min=_least(
            volunteer.max_travel_min, couriers and couriers.max_travel_min, members and members.max_travel_min
        ),
        days_per_week=DAYS - config.everyone.free_days_per_week,
    )


def _least(*limits: object) -> int | None:
    return min((limit for limit in limits if isinstance(limit, int)), default=None)
