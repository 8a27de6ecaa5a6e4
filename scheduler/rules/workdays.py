"""Working days of the official calendar: public holidays are out, weekend days that make up for them are in.

Among weekdays (1 = Monday … 7 = Sunday) the number WORKDAY stands for every working day, whichever weekday it falls on.
"""

from collections.abc import Collection
from datetime import date
from functools import cache

import chinese_calendar
from chinese_calendar.constants import holidays

WORKDAY = 8
MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})


@cache
def is_workday(day: date) -> bool:
    """Whether the State Council's calendar makes the day a working day; Monday to Friday in years not published yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.isoweekday() in MONDAY_TO_FRIDAY


@cache
def is_public_holiday(day: date) -> bool:
    """Whether a public holiday (its bridge days too) falls on the day; False in years not published yet."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(off and name)


@cache
def last_known_year() -> int:
    """The last year whose holidays are known; published each November for the next year."""
    return int(max(holidays).year)


def falls_on(day: date, weekdays: Collection[int]) -> bool:
    """Whether a date is one of the weekdays, or a working day where those are meant."""
    return day.isoweekday() in weekdays or (WORKDAY in weekdays and is_workday(day))


def usual_weekdays(weekdays: Collection[int]) -> frozenset[int]:
    """The weekdays (1 to 7) that are meant in a week without holidays."""
    usual = frozenset(weekdays) - {WORKDAY}
    return usual | MONDAY_TO_FRIDAY if WORKDAY in weekdays else usual
