"""Days of the month and public holidays: on which days a recurring need is met, and how people write it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.errors import Unfit
from scheduler.forms.month_days import MonthDays, month_days_said
from scheduler.model.services import Need, NeedKind, OnHolidays
from scheduler.rules.recurrence import recurs_on
from scheduler.rules.workdays import is_public_holiday, is_workday

CODES = [*map(str, range(1, 32)), "-1", *(f"{nth}.{day}" for nth in (1, 2, 3, 4, 5, -1) for day in range(1, 8))]
days_of_2026 = st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(days=n))


def a_need(**fields) -> Need:
    return Need("n", "N1", "E01", "r", NeedKind.RECURRING, **{"from_date": date(2026, 1, 1), **fields})


def days(need: Need, first: date, last: date) -> list[str]:
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [str(day) for day in span if recurs_on(need, day)]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("15", ["2026-11-15", "2026-12-15"]),
        ("31", ["2026-12-31"]),
        ("-1", ["2026-11-30", "2026-12-31"]),
        ("1.6", ["2026-11-07", "2026-12-05"]),
        ("-1.5", ["2026-11-27", "2026-12-25"]),
        ("5.1", ["2026-11-30"]),
    ],
)
def test_a_day_of_the_month_is_that_day_of_every_month_that_has_it(code, expected):
    assert days(a_need(month_days=(code,)), date(2026, 11, 1), date(2026, 12, 31)) == expected


def test_new_year_is_kept_left_out_or_moved_to_the_first_working_day():
    """1 January 2026, a Thursday, begins three days off; Sunday the 4th is worked."""
    first, last = date(2026, 1, 1), date(2026, 1, 8)
    by_policy = {policy: days(a_need(weekdays=(4,), on_holidays=policy), first, last) for policy in OnHolidays}
    assert by_policy == {
        OnHolidays.AS_USUAL: ["2026-01-01", "2026-01-08"],
        OnHolidays.SKIP: ["2026-01-08"],
        OnHolidays.NEXT_WORKDAY: ["2026-01-04", "2026-01-08"],
    }


def test_a_holiday_before_the_need_began_moves_nothing_into_it():
    need = a_need(weekdays=(4,), from_date=date(2026, 1, 2), on_holidays=OnHolidays.NEXT_WORKDAY)
    assert days(need, date(2026, 1, 2), date(2026, 1, 7)) == []


@given(st.sampled_from(CODES), st.sampled_from([OnHolidays.SKIP, OnHolidays.NEXT_WORKDAY]), days_of_2026)
def test_who_does_not_come_as_usual_never_comes_on_a_holiday_and_moves_to_working_days_only(code, policy, day):
    usual, other = a_need(month_days=(code,)), a_need(month_days=(code,), on_holidays=policy)
    if recurs_on(other, day):
        assert not is_public_holiday(day)
        assert recurs_on(usual, day) or (policy is OnHolidays.NEXT_WORKDAY and is_workday(day))
    elif recurs_on(usual, day):
        assert is_public_holiday(day)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("15日", ("15",)),
        ("每月1号、15号", ("1", "15")),
        ("第一个周六", ("1.6",)),
        ("每月第三个星期天，最后一个周五", ("3.7", "-1.5")),
        ("月末", ("-1",)),
        ("the 15th, last Friday", ("15", "-1.5")),
        ("first Sat and the last day", ("-1", "1.6")),
    ],
)
def test_days_of_the_month_are_read_as_people_write_them(text, codes):
    assert sorted(MonthDays().read(text)) == sorted(codes)


@pytest.mark.parametrize("text", ["", "0日", "32日", "第六个周一", "周六", "soon"])
def test_what_is_no_day_of_a_month_is_refused(text):
    with pytest.raises(Unfit):
        MonthDays().read(text)


@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=5, unique=True))
def test_what_is_said_in_either_language_is_read_back_the_same(codes):
    said = month_days_said(codes)
    assert (
        MonthDays().read(said.zh)
        == MonthDays().read(said.to("en"))
        == MonthDays().read(MonthDays().write(tuple(codes)))
    )
    assert set(MonthDays().read(said.zh)) == set(codes)
