"""Publishing: one transaction, one message a person, accepted visits never moved, stale plans refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, LostRun, PlanRefused, StalePlan
from scheduler.localtime import at_local, local_date
from scheduler.messages import outbox
from scheduler.model.people import AvailabilityException
from scheduler.model.plan import PlanState, State
from scheduler.planning.publish import difference, publish
from scheduler.promises import replies
from scheduler.store import ledger
from scheduler.store.outbox import rows_for
from scheduler.store.people import availability_exceptions, volunteers
from scheduler.store.plans import assignments, latest_plan, plans, runs, seats_of
from tests.scheduler.planning.week import NOW, a_week, add_need, planned, published


def live(store):
    return assignments.where(store, "state = 'proposed' ORDER BY starts_at, id")


def test_published_seats_become_proposals_with_an_end(store):
    config = a_week(store)
    plan = published(store, config)
    seats = {(s.slot_id, s.volunteer_id, s.starts_at) for s in seats_of(store, plan.id)}
    assert {(a.slot_id, a.volunteer_id, a.starts_at) for a in live(store)} == seats
    assert {a.plan_id for a in live(store)} == {plan.id}
    assert {a.expires_at for a in live(store)} == {NOW + timedelta(hours=24)}
    assert plans.get(store, plan.id).state is PlanState.PUBLISHED


def test_a_proposal_leaves_half_of_the_time_to_who_is_asked_next(store):
    config = a_week(store, elders=0)
    add_need(store, "soon", "e0", weekdays=(2,), start="14:00")
    published(store, config)
    (mine,) = live(store)
    assert mine.expires_at == at_local(local_date(NOW), "18:45")  # 17.5 hours awake from ten to two the next day


def test_what_lies_beyond_the_published_days_stays_a_draft(store):
    config = a_week(store, elders=1)
    add_need(store, "beyond", "e9", weekdays=(6,))
    plan = published(store, config)
    assert len(seats_of(store, plan.id)) == 2
    assert len(live(store)) == 1


def test_each_person_gets_one_message_and_nobody_else_any(store):
    config = a_week(store, helpers=2, elders=4)
    plan = published(store, config)
    told = {a.volunteer_id for a in live(store)}
    for helper in ("h0", "h1"):
        messages = rows_for(store, outbox.to_volunteer(helper))
        assert len(messages) == (helper in told)
        assert all(m.key == f"plan:{plan.id}:{helper}" for m in messages)


def test_publishing_the_same_plan_again_is_refused_and_tells_nobody(store):
    config = a_week(store)
    plan = published(store, config)
    before = store.value("SELECT COUNT(*) FROM outbox")
    with pytest.raises(IllegalMove):
        publish(store, config, plan.id, by="staff", now=NOW)
    assert store.value("SELECT COUNT(*) FROM outbox") == before


def test_a_second_plan_of_the_same_week_changes_nothing(store):
    config = a_week(store)
    published(store, config)
    before = {a.id for a in live(store)}
    second = planned(store, config, now=NOW + timedelta(hours=1))
    changes = difference(store, second.id, now=NOW + timedelta(hours=1))
    assert (changes.changes, changes.kept) == ((), 4)
    publish(store, config, second.id, by="staff", now=NOW + timedelta(hours=1))
    assert {a.id for a in live(store)} == before


def test_a_proposal_that_the_new_plan_drops_is_superseded_and_told(store):
    config = a_week(store, elders=1)
    published(store, config)
    (old,) = live(store)
    volunteers.save(store, replace(volunteers.get(store, old.volunteer_id), active=False))
    store.touch()
    later = NOW + timedelta(hours=1)
    plan = publish(store, config, planned(store, config, now=later).id, by="staff", now=later)
    assert (assignments.get(store, old.id).state, assignments.get(store, old.id).reason) == (
        State.SUPERSEDED,
        "inactive",
    )
    (new,) = live(store)
    assert new.volunteer_id != old.volunteer_id
    told = rows_for(store, outbox.to_volunteer(old.volunteer_id))[0]
    assert [item["template"] for item in told.payload["items"]] == ["superseded"]
    receipt = runs.get(store, plan.run_id).receipt
    assert [(line["kind"], line["cause"]) for line in receipt["changes"]] == [
        ("gone", "inactive"),
        ("new", "better_plan"),
    ]


def test_an_answer_between_plan_and_publish_does_not_stop_a_plan_that_still_fits(store):
    config = a_week(store)
    published(store, config)
    draft = planned(store, config, now=NOW + timedelta(hours=1))
    replies.accept(store, config, live(store)[0].id, now=NOW + timedelta(hours=1))
    publish(store, config, draft.id, by="staff", now=NOW + timedelta(hours=1))
    assert len(assignments.where(store, "state = 'accepted'")) == 1


def test_a_plan_that_no_longer_fits_is_refused_and_nothing_changes(store):
    config = a_week(store)
    draft = planned(store, config)
    seat = seats_of(store, draft.id)[0]
    day = seat.starts_at.date()
    availability_exceptions.add(store, AvailabilityException("x", seat.volunteer_id, "away", day, day))
    store.touch()
    with pytest.raises(StalePlan, match="outside the person's free time"):
        publish(store, config, draft.id, by="staff", now=NOW)
    assert live(store) == []
    assert store.value("SELECT COUNT(*) FROM outbox") == 0
    assert latest_plan(store, "draft").id == draft.id


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM seats WHERE rowid = (SELECT MIN(rowid) FROM seats)", "has 3 seats, expected 4"),
        (
            "UPDATE seats SET starts_at = (SELECT MIN(starts_at) FROM seats), volunteer_id = 'h0'",
            "outside the allowed times",
        ),
        ("DELETE FROM run_files", "files of this plan's run are gone"),
    ],
)
def test_a_plan_that_is_not_whole_is_never_published(store, damage, said):
    config = a_week(store)
    draft = planned(store, config)
    store.execute(damage)
    with pytest.raises(PlanRefused, match=said):
        publish(store, config, draft.id, by="staff", now=NOW)
    assert live(store) == []


def test_a_stale_fence_publishes_nothing(store):
    config = a_week(store)
    draft = planned(store, config)
    store.execute("UPDATE runs SET fence = 2, state = 'running' WHERE id = :id", {"id": draft.run_id})
    with pytest.raises(LostRun):
        publish(store, config, draft.id, by="night", now=NOW, fence=1)
    assert live(store) == []
    publish(store, config, draft.id, by="night", now=NOW, fence=2)
    assert len(live(store)) == 4
    assert store.value("SELECT state FROM runs WHERE id = :id", {"id": draft.run_id}) == "done"


def test_a_failure_half_way_leaves_nothing_behind(store, monkeypatch):
    config = a_week(store)
    draft = planned(store, config)
    monkeypatch.setattr(ledger, "keep_receipt", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(store, config, draft.id, by="staff", now=NOW)
    assert live(store) == []
    assert store.value("SELECT COUNT(*) FROM outbox") == 0
    assert latest_plan(store, "published") is None


def test_a_freed_seat_is_filled_with_its_cause(store):
    config = a_week(store, helpers=2, elders=1)
    published(store, config)
    (old,) = live(store)
    replies.accept(store, config, old.id, now=NOW)
    replies.withdraw(store, config, old.id, "illness", now=NOW + timedelta(hours=1))
    store.execute("DELETE FROM assignments WHERE source = 'standby'")
    later = NOW + timedelta(hours=2)
    changes = difference(store, planned(store, config, now=later).id, now=later)
    assert [(c.kind, c.cause) for c in changes.changes] == [("new", "withdrawn")]
