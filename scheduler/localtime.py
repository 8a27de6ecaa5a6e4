"""Local wall-clock time at the edges, UTC inside."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def local_date(moment_at: datetime) -> date:
    """The local calendar day on which an aware moment lies."""
    return moment_at.astimezone(LOCAL).date()


def at_local(day: date, clock: str | time) -> datetime:
    """The UTC moment of a wall-clock time ("HH:MM", "24:00" being the next midnight) on a local day."""
    if isinstance(clock, str):
        hours, minutes = (int(part) for part in clock.split(":"))
        if hours == 24:
            return at_local(day + timedelta(days=1), time(0, minutes))
        clock = time(hours, minutes)
    return datetime.combine(day, clock, tzinfo=LOCAL).astimezone(UTC)


def minutes_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM" (0 to 1440)."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """ "HH:MM" of minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
