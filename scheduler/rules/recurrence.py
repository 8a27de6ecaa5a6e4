"""On which days a recurring need is met: weekdays, days of the month, and what a public holiday does to them.

A day of the month is a code: "15" the 15th, "-1" the last day, "1.6" the first Saturday, "-1.5" the last Friday.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from scheduler.localtime import monday_of
from scheduler.model.services import Need, OnHolidays
from scheduler.rules.workdays import falls_on, is_public_holiday, is_workday

WEEK = 7


def recurs_on(need: Need, day: date) -> bool:
    """Whether a recurring need is met on a day: its own days, but for holidays as the need says."""
    if need.on_holidays is OnHolidays.AS_USUAL:
        return _names(need, day)
    if is_public_holiday(day):
        return False
    return _names(need, day) or (need.on_holidays is OnHolidays.NEXT_WORKDAY and _is_moved_to(need, day))


def in_its_weeks(need: Need, day: date) -> bool:
    """Whether a day lies in one of every so many weeks, counted from the need's first."""
    return (monday_of(day) - monday_of(need.from_date)).days // WEEK % need.every_weeks == 0


def _names(need: Need, day: date) -> bool:
    if need.month_days:
        return any(_is(day, code) for code in need.month_days)
    return in_its_weeks(need, day) and (not need.weekdays or falls_on(day, need.weekdays))


def _is(day: date, code: str) -> bool:
    """Whether a date is the day of its month that a code means."""
    days = monthrange(day.year, day.month)[1]
    which, dot, weekday = code.partition(".")
    if not dot:
        return day.day == int(which) or (which == "-1" and day.day == days)
    nth = (day.day - 1) // WEEK + 1
    is_last = day.day + WEEK > days
    return day.isoweekday() == int(weekday) and (nth == int(which) or (which == "-1" and is_last))


def _is_moved_to(need: Need, day: date) -> bool:
    """Whether a day is the first working day after a holiday on which the need would have been met."""
    return is_workday(day) and any(is_public_holiday(off) and _names(need, off) for off in _days_off_before(need, day))


def _days_off_before(need: Need, day: date) -> Iterator[date]:
    """The unbroken days off before a day, the nearest first, none before the need begins."""
    off = day - timedelta(days=1)
    while off >= need.from_date and not is_workday(off):
        yield off
        off -= timedelta(days=1)
