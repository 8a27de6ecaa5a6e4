"""Slots follow the needs; promises stay."""

from dataclasses import replace
from datetime import timedelta

from scheduler.model.services import NeedState, SlotState
from scheduler.needs.renew import FELL_AWAY, expand_all
from scheduler.store.people import recipients
from scheduler.store.plans import assignments
from scheduler.store.services import needs, slots
from tests import world
from tests.scheduler.planning.week import NOW, a_week, published


def open_slots(store):
    return slots.where(store, "state = 'open' ORDER BY service_date, id")


def change_need(store, **changes):
    needs.save(store, replace(needs.get(store, "n0"), **changes))


def test_expanding_twice_adds_nothing_and_changes_nothing(store):
    config = a_week(store, elders=2)
    assert expand_all(store, config, now=NOW) == 2
    before, revision = open_slots(store), store.revision()
    assert expand_all(store, config, now=NOW) == 0
    assert (open_slots(store), store.revision()) == (before, revision)


def test_each_day_brings_the_days_that_come_into_view(store):
    config = a_week(store, elders=1)
    expand_all(store, config, now=NOW)
    assert expand_all(store, config, now=NOW + timedelta(days=7)) == 1
    assert len(open_slots(store)) == 2


def test_a_changed_need_moves_its_future_slots_and_keeps_their_ids(store):
    config = a_week(store, elders=1)
    expand_all(store, config, now=NOW)
    (before,) = open_slots(store)
    change_need(store, start="16:00", end="17:00", minutes=30)
    expand_all(store, config, now=NOW)
    (after,) = open_slots(store)
    assert (after.id, after.minutes) == (before.id, 30)
    assert after.earliest_at - before.earliest_at == timedelta(hours=2)


def test_a_need_on_other_weekdays_cancels_the_old_days_and_may_come_back(store):
    config = a_week(store, elders=1)
    expand_all(store, config, now=NOW)
    (before,) = open_slots(store)
    change_need(store, weekdays=(4,))
    expand_all(store, config, now=NOW)
    assert slots.get(store, before.id).state is SlotState.CANCELLED
    assert slots.get(store, before.id).cause == FELL_AWAY
    change_need(store, weekdays=(3,))
    expand_all(store, config, now=NOW)
    assert [s.id for s in open_slots(store)] == [before.id]


def test_a_slot_that_staff_cancelled_stays_cancelled(store):
    config = a_week(store, elders=1)
    expand_all(store, config, now=NOW)
    (mine,) = open_slots(store)
    slots.save(store, replace(mine, state=SlotState.CANCELLED))
    expand_all(store, config, now=NOW)
    assert open_slots(store) == []


def test_a_slot_on_which_somebody_was_asked_is_left_to_staff(store):
    config = a_week(store, elders=1)
    published(store, config)
    (asked,) = assignments.where(store)
    change_need(store, weekdays=(4,), state=NeedState.PUBLISHED)
    expand_all(store, config, now=NOW)
    assert slots.get(store, asked.slot_id).state is SlotState.OPEN


def test_drafts_closed_needs_and_people_who_left_ask_for_nothing(store):
    config = a_week(store, elders=3)
    change_need(store, state=NeedState.DRAFT)
    needs.save(store, replace(needs.get(store, "n1"), state=NeedState.CLOSED))
    recipients.save(store, replace(recipients.get(store, "e2"), active=False))
    assert expand_all(store, config, now=NOW) == 0


def test_slots_of_another_cause_do_not_follow_the_rhythm_of_the_need(store):
    config = a_week(store, elders=1)
    alert = world.add_slot(store, NOW + timedelta(hours=6), recipient_id="e0", cause="alert")
    needs.save(store, replace(needs.get(store, alert.need_id), state=NeedState.CLOSED))
    expand_all(store, config, now=NOW)
    assert slots.get(store, alert.id).state is SlotState.OPEN


def test_what_has_passed_is_not_rewritten(store):
    config = a_week(store, elders=1)
    expand_all(store, config, now=NOW)
    (before,) = open_slots(store)
    change_need(store, minutes=30)
    expand_all(store, config, now=before.latest_at + timedelta(hours=1))
    assert slots.get(store, before.id) == before
