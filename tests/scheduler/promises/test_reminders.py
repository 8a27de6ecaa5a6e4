from datetime import timedelta

import pytest

from scheduler.localtime import at_local, local_date
from scheduler.model.plan import State
from scheduler.operations import after_night, standby_lists
from scheduler.promises import reminders
from scheduler.store import outbox as rows
from tests.scheduler.promises.world import NOW, a_slot, a_volunteer, an_assignment
from tests.world import measures_of

END_OF_TOMORROW = at_local(local_date(NOW) + timedelta(days=2), "00:00")


@pytest.mark.parametrize(("minutes", "reminded"), [(-5, 1), (0, 0)])
def test_visits_are_reminded_of_until_the_end_of_tomorrow(store, minutes, reminded):
    a_volunteer(store, "v1")
    hours = (END_OF_TOMORROW - NOW).total_seconds() / 3600 + minutes / 60
    an_assignment(store, a_slot(store, "s1", hours=hours), "v1", State.ACCEPTED)
    assert reminders.remind(store, now=NOW) == reminded


def test_a_visit_is_reminded_of_once(store):
    a_volunteer(store, "v1")
    visit = an_assignment(store, a_slot(store, "s1", hours=20), "v1", State.ACCEPTED)
    reminders.remind(store, now=NOW)
    reminders.remind(store, now=NOW + timedelta(hours=1))
    assert [row.key for row in rows.rows_in_state(store, "waiting")] == [f"reminder:{visit.id}"]


def test_a_mere_proposal_is_not_reminded_of(store):
    a_volunteer(store, "v1")
    an_assignment(store, a_slot(store, "s1", hours=20), "v1")
    assert reminders.remind(store, now=NOW) == 0


def test_a_step_after_the_night_that_fails_leaves_the_others_to_run(store, config, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no memory")

    monkeypatch.setattr(standby_lists, "build_standby_lists", fail)
    failed = after_night.follow_up(store, config, clock=lambda: NOW)
    assert failed == ["standbys: no memory"]
    assert measures_of(store, "cadence") == [(local_date(NOW) - timedelta(days=1), None)]
