"""Painting a week, exceptions, and the sentence that says it back."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.availability import free_time
from scheduler.availability.free_time_text import said_back
from scheduler.errors import InputError, NotFound
from scheduler.model.people import AvailabilityException, AvailabilityRule
from scheduler.store import Store
from scheduler.store.people import availability_exceptions, availability_rules
from tests.world import NOW, add_world

TODAY = date(2026, 11, 23)
WORKING_DAYS = (1, 2, 3, 4, 5)


def a_rule(days=WORKING_DAYS, start="14:00", end="16:30", **dates) -> AvailabilityRule:
    return AvailabilityRule(f"{days}{start}", "ann", tuple(days), start, end, **dates)


def times(rules) -> list[tuple[tuple[int, ...], str, str]]:
    return [(rule.weekdays, rule.start, rule.end) for rule in rules]


def test_equal_days_become_one_rule():
    cells = [(day, cell) for day in WORKING_DAYS for cell in range(28, 33)]
    assert times(free_time.rules_from_paint(cells, "ann")) == [(WORKING_DAYS, "14:00", "16:30")]


def test_a_gap_makes_two_rules():
    cells = [(6, 18), (6, 19), (6, 21)]
    assert times(free_time.rules_from_paint(cells, "ann")) == [((6,), "09:00", "10:00"), ((6,), "10:30", "11:00")]


def test_the_last_half_hour_ends_at_midnight():
    assert times(free_time.rules_from_paint([(7, 47)], "ann")) == [((7,), "23:30", "24:00")]


@pytest.mark.parametrize("cell", [(0, 10), (8, 10), (1, -1), (1, 48)])
def test_a_half_hour_that_does_not_exist_is_refused(cell):
    with pytest.raises(InputError):
        free_time.rules_from_paint([cell], "ann")


@given(st.frozensets(st.tuples(st.integers(1, 7), st.integers(0, 47))))
def test_painting_and_reading_back_gives_the_same_week(cells):
    assert free_time.painted(free_time.rules_from_paint(cells, "ann")) == cells


@given(st.frozensets(st.tuples(st.integers(1, 7), st.integers(0, 47))))
def test_saving_the_same_painting_twice_gives_the_same_rules(cells):
    rules = free_time.rules_from_paint(cells, "ann")
    assert free_time.rules_from_paint(cells, "ann", rules) == rules


def test_a_stretch_left_alone_keeps_its_exact_minutes():
    rules = [a_rule((1,), "09:05", "10:15")]
    assert times(free_time.rules_from_paint(free_time.painted(rules), "ann", rules)) == [((1,), "09:05", "10:15")]


def test_a_stretch_painted_longer_takes_the_painted_edges():
    rules = [a_rule((1,), "09:00", "10:15")]
    cells = free_time.painted(rules) | {(1, 20), (1, 21)}
    assert times(free_time.rules_from_paint(cells, "ann", rules)) == [((1,), "09:00", "11:00")]


def test_a_stretch_too_short_to_paint_is_not_lost():
    rules = [a_rule((1,), "12:10", "12:25")]
    assert times(free_time.rules_from_paint([(1, 30)], "ann", rules)) == [
        ((1,), "12:10", "12:25"),
        ((1,), "15:00", "15:30"),
    ]


def test_saving_replaces_standing_rules_and_keeps_dated_ones(store: Store):
    add_world(store)
    season = a_rule((6,), from_date=date(2026, 12, 1), until_date=date(2026, 12, 31))
    availability_rules.add_all(store, [a_rule(), season])
    before = store.revision()
    free_time.save_paint(store, "ann", [(7, 20)], now=NOW)
    assert sorted(times(availability_rules.by(store, volunteer_id="ann"))) == [
        ((6,), "14:00", "16:30"),
        ((7,), "10:00", "10:30"),
    ]
    assert store.revision() > before


def test_an_exception_is_stored_and_taken_back_by_its_owner_only(store: Store):
    add_world(store)
    away = free_time.add_exception(store, "ann", kind="away", from_date=TODAY, until_date=TODAY, now=NOW)
    with pytest.raises(NotFound):
        free_time.remove_exception(store, "bob", away.id, now=NOW)
    free_time.remove_exception(store, "ann", away.id, now=NOW)
    assert availability_exceptions.by(store, volunteer_id="ann") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "maybe"},
        {"until_date": date(2026, 11, 22)},
        {"from_date": date(2026, 11, 20), "until_date": date(2026, 11, 22)},
        {"until_date": date(2028, 11, 23)},
        {"start": "16:00", "end": "16:00"},
        {"start": "24:30"},
        {"end": "4pm"},
    ],
)
def test_an_exception_that_does_not_fit_is_refused(store: Store, wrong):
    add_world(store)
    with pytest.raises(InputError):
        free_time.add_exception(
            store, "ann", **{"kind": "away", "from_date": TODAY, "until_date": TODAY, "now": NOW, **wrong}
        )
    assert availability_exceptions.by(store, volunteer_id="ann") == []


def test_free_now_starts_on_the_next_five_minutes():
    span = free_time.free_until("16:00", now=datetime(2026, 11, 23, 6, 1, 30, tzinfo=UTC))
    assert (span.starts_at, span.ends_at) == (
        datetime(2026, 11, 23, 6, 5, tzinfo=UTC),
        datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("clock", ["09:59", "10:00", "25:00", "soon", ""])
def test_free_until_a_time_that_has_passed_or_is_none_is_refused(clock: str):
    with pytest.raises(InputError):
        free_time.free_until(clock, now=NOW)


def test_the_week_is_said_back_in_both_languages():
    rules = [a_rule(), a_rule((6, 7), "09:00", "11:00"), a_rule((2, 4), "18:30", "20:30")]
    away = AvailabilityException("x", "ann", "away", date(2027, 10, 1), date(2027, 10, 7))
    assert said_back(rules, [away], locale="zh", today=TODAY) == (
        "每周一至周五14:00–16:30有空；每周二、周四18:30–20:30有空；每个周末09:00–11:00有空；10月1日至7日没空。"
    )
    assert said_back(rules, [away], locale="en", today=TODAY) == (
        "Monday to Friday 14:00–16:30; every Tuesday and Thursday 18:30–20:30; every weekend 09:00–11:00; "
        "not 1–7 October."
    )


def test_an_empty_week_is_said_too():
    assert said_back([], [], locale="zh", today=TODAY) == "没有固定的空闲时间。"
    assert said_back([], [], locale="en", today=TODAY) == "No regular free time."


def test_exceptions_that_have_passed_are_not_said():
    gone = AvailabilityException("x", "ann", "away", date(2026, 11, 1), date(2026, 11, 22))
    today = AvailabilityException("y", "ann", "extra", TODAY, TODAY, "09:00", "10:00")
    assert (
        said_back([], [gone, today], locale="en", today=TODAY) == "No regular free time; also 23 November 09:00–10:00."
    )


def test_seasons_and_months_are_said():
    rules = [a_rule((1,), from_date=date(2026, 12, 1), until_date=date(2027, 1, 31)), a_rule((2,), until_date=TODAY)]
    away = AvailabilityException("x", "ann", "away", date(2027, 1, 30), date(2027, 2, 2))
    assert said_back(rules, [away], locale="zh", today=TODAY) == (
        "11月23日前每周二14:00–16:30有空；12月1日至1月31日期间每周一14:00–16:30有空；1月30日至2月2日没空。"
    )
    assert said_back(rules, [away], locale="en", today=TODAY) == (
        "Every Tuesday 14:00–16:30 until 23 November; every Monday 14:00–16:30 from 1 December until 31 January; "
        "not 30 January–2 February."
    )
