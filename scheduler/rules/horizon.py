"""The days a plan looks at, and how their moments and people are written in the solver's language."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.localtime import at_local, monday_of

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Horizon:
    """Local days from the first to the last, both included; minute 0 is the first one's midnight."""

    first_day: date
    last_day: date

    @property
    def minutes(self) -> int:
        return len(self.days) * DAY_MIN

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1)]

    @property
    def mondays(self) -> list[date]:
        """The Mondays of the calendar weeks that the horizon touches."""
        return sorted({monday_of(day) for day in self.days})

    def days_of(self, monday: date) -> list[date]:
        """The days of a calendar week that lie in the horizon."""
        return [day for day in self.days if monday_of(day) == monday]

    def day_start(self, day: date) -> int:
        """The minute at which a local day begins."""
        return (day - self.first_day).days * DAY_MIN

    def minute(self, moment_at: datetime) -> int:
        """Whole minutes from the first midnight to a moment."""
        return (moment_at - at_local(self.first_day, "00:00")) // timedelta(minutes=1)

    def minute_after(self, moment_at: datetime) -> int:
        """The first whole minute at which a moment has come."""
        return -((at_local(self.first_day, "00:00") - moment_at) // timedelta(minutes=1))

    def moment(self, minute: int) -> datetime:
        """The UTC moment of a minute."""
        return at_local(self.first_day, "00:00") + timedelta(minutes=minute)

    def person(self, volunteer_id: str, day: date) -> str:
        """The volunteer in the calendar week of a day: one volunteer of the solver."""
        return f"{volunteer_id}@{monday_of(day).isoformat()}"


def volunteer_of(person: str) -> str:
    """The volunteer's id in a solver id."""
    return person.partition("@")[0]


def visit_apart(slot_id: str, volunteer_id: str) -> str:
    """The solver's id of a visit that one person makes apart from whoever else is on the slot."""
    return f"{slot_id}~{volunteer_id}"


def slot_of(visit: str) -> str:
    """The slot's id in a solver id."""
    return visit.partition("~")[0]
