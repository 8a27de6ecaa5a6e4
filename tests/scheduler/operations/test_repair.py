from datetime import timedelta

import pytest

from scheduler.model.plan import State
from scheduler.model.services import TeamRule
from scheduler.operations.repair import repair_slot
from scheduler.store import outbox as rows
from scheduler.store import promised
from scheduler.store.plans import assignments, runs
from scheduler.store.services import slots
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import HOME, NOW, a_need, a_slot, a_volunteer, an_assignment, an_elder

__all__ = ["config", "store"]
from tests.world import message_by_key

NEXT_STREET = {"lat": HOME[0] + 0.004}


def repair(store, config, slot_id="s1", now=NOW):
    made = repair_slot(store, config, slot_id, reason="declined", clock=lambda: now)
    return [(a.volunteer_id, a.state) for a in made]


@pytest.fixture
def slot(store):
    a_volunteer(store, "far", **NEXT_STREET)
    a_volunteer(store, "near")
    return a_slot(store, "s1")


def test_a_free_seat_is_offered_to_the_nearest_person(store, config, slot):
    assert repair(store, config) == [("near", State.PROPOSED)]


def test_the_person_is_told_and_the_run_keeps_its_receipt_and_its_problem(store, config, slot):
    repair(store, config)
    made = promised.live_on_slot(store, "s1")[0]
    assert message_by_key(store, f"proposed:{made.id}:0").addressee == "volunteer:near"
    run = runs.by(store, job="repair")[0]
    assert run.receipt["changes"][0]["cause"] == "declined"
    assert (run.state.value, run.ended_at) == ("done", NOW)


def test_nobody_else_is_moved(store, config, slot):
    an_elder(store, "e2")
    a_need(store, "n2", "e2")
    other = an_assignment(store, a_slot(store, "s2", need_id="n2"), "near")
    assert repair(store, config) == [("far", State.PROPOSED)]
    assert assignments.get(store, other.id) == other


def test_a_seat_of_a_later_week_goes_by_the_limits_of_that_week(store, config):
    for who, hours in (("busy now", 30), ("busy then", 30 + 14 * 24)):
        a_volunteer(store, who, max_visits_per_week=1)
        an_assignment(store, a_slot(store, f"of {who}", hours=hours), who, State.ACCEPTED)
    later = a_slot(store, "later", hours=54 + 14 * 24)
    assert repair(store, config, "later") == [("busy now", State.PROPOSED)]
    assert promised.live_on_slot(store, "later")[0].starts_at == later.earliest_at


def test_who_said_no_is_not_asked_by_a_repair(store, config, slot):
    an_assignment(store, a_slot(store, "before", hours=-100), "near", State.DECLINED)
    an_assignment(store, slot, "far", State.WITHDRAWN)
    assert repair(store, config) == []


def test_a_full_slot_needs_no_repair(store, config, slot):
    an_assignment(store, slot, "far", State.ACCEPTED)
    assert repair(store, config) == []


def test_a_second_person_joins_the_time_of_the_first(store, config, slot):
    wide = a_slot(store, "wide", hours=96, heads=2, latest_at=NOW + timedelta(hours=98))
    first = an_assignment(store, wide, "far", State.ACCEPTED, starts_at=NOW + timedelta(hours=97))
    assert repair(store, config, "wide") == [("near", State.PROPOSED)]
    assert {a.starts_at for a in promised.live_on_slot(store, "wide")} == {first.starts_at}


def test_a_crew_comes_whole_or_not_at_all(store, config, slot):
    a_slot(store, "crew", hours=96, heads=3, min_heads=3)
    assert repair(store, config, "crew") == []
    a_volunteer(store, "third")
    assert len(repair(store, config, "crew")) == 3


def test_a_team_rule_holds_in_a_repair(store, config, slot):
    a_slot(store, "team", hours=96, heads=2, min_heads=2, team=(TeamRule("female", 1),))
    assert repair(store, config, "team") == []
    a_volunteer(store, "she", gender="female")
    assert ("she", State.PROPOSED) in repair(store, config, "team")


def test_what_begins_within_the_hour_is_left_to_staff(store, config, slot):
    a_slot(store, "now", hours=0.75)
    assert repair(store, config, "now") == []


def test_staff_are_told_when_nobody_can_come(store, config):
    a_slot(store, "s1")
    assert repair(store, config) == []
    waiting = rows.rows_in_state(store, "waiting")
    assert [(r.template, r.addressee) for r in waiting] == [("nobody_to_ask", "staff:g1")]


def test_a_repaired_seat_fits_with_everything_else_the_person_does(store, config):
    a_volunteer(store, "v1", max_visits_per_day=1)
    a_volunteer(store, "v2", **NEXT_STREET)
    an_elder(store, "e2")
    a_need(store, "n2", "e2")
    an_assignment(store, a_slot(store, "s2", hours=76, need_id="n2"), "v1", State.ACCEPTED)
    a_slot(store, "s1")
    assert repair(store, config) == [("v2", State.PROPOSED)]
    assert slots.get(store, "s1").revision == 0
