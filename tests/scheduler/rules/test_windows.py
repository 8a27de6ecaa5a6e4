"""Which planning window a moment lies in, on both sides of each boundary."""

from datetime import timedelta

import pytest

from scheduler.localtime import at_local
from scheduler.rules.windows import PlanningWindow, last_planned_day, offer_expires_at, window_of
from tests.scheduler.planning.builders import CONFIG, MONDAY, NOW, a_config, days_after


@pytest.mark.parametrize(
    ("starts_at", "window"),
    [
        (NOW, PlanningWindow.HISTORY),
        (NOW + timedelta(minutes=1), PlanningWindow.FROZEN),
        (NOW + timedelta(hours=24, minutes=-1), PlanningWindow.FROZEN),
        (NOW + timedelta(hours=24), PlanningWindow.PUBLISHED),
        (at_local(days_after(MONDAY, 7), "23:55"), PlanningWindow.PUBLISHED),
        (at_local(days_after(MONDAY, 8), "00:00"), PlanningWindow.FINAL_DRAFT),
        (at_local(days_after(MONDAY, 9), "00:00"), PlanningWindow.DRAFT),
        (at_local(days_after(MONDAY, 14), "23:55"), PlanningWindow.DRAFT),
        (at_local(days_after(MONDAY, 15), "00:00"), PlanningWindow.OUT),
    ],
)
def test_the_window_of_a_moment(starts_at, window):
    assert window_of(starts_at, CONFIG, now=NOW) is window


def test_the_draft_always_reaches_beyond_what_is_published():
    config = a_config(windows={"published_days": 10, "planned_days": 7})
    assert last_planned_day(config, now=NOW) == days_after(MONDAY, 11)


def test_an_offer_ends_after_its_hours_or_when_half_of_the_time_left_has_passed():
    ten = at_local(MONDAY, "10:00")
    assert offer_expires_at(ten + timedelta(hours=49), CONFIG, now=ten) == ten + timedelta(hours=24)
    assert offer_expires_at(ten + timedelta(hours=47), CONFIG, now=ten) == ten + timedelta(hours=23.5)
    assert offer_expires_at(ten + timedelta(hours=10), CONFIG, now=ten) == ten + timedelta(hours=5)
