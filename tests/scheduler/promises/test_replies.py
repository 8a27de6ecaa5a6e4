from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove
from scheduler.model.plan import State
from scheduler.promises import replies
from scheduler.store import audit, promised
from scheduler.store import outbox as rows
from scheduler.store.plans import assignments
from tests.scheduler.promises.world import NOW, a_slot, a_standby_list, a_volunteer, an_assignment, an_elder
from tests.world import message_by_key


@pytest.fixture
def offer(store):
    a_volunteer(store, "v1")
    return an_assignment(store, a_slot(store, "s1"), "v1")


def state(store, assignment):
    return assignments.get(store, assignment.id).state


def test_an_accepted_proposal_is_a_promise_and_makes_old_plans_stale(store, config, offer):
    before = store.revision()
    replies.accept(store, config, offer.id, now=NOW)
    assert state(store, offer) is State.ACCEPTED
    assert store.revision() > before


def test_saying_yes_twice_changes_nothing(store, config, offer):
    first = replies.accept(store, config, offer.id, now=NOW)
    assert replies.accept(store, config, offer.id, now=NOW + timedelta(hours=1)) == first


def test_a_proposal_cannot_be_accepted_when_its_time_is_over(store, config, offer):
    replies.accept(store, config, an_assignment(store, a_slot(store, "s2", hours=96), "v1", expires_at=NOW).id,
                   now=NOW - timedelta(seconds=1))  # fmt: skip
    with pytest.raises(IllegalMove, match="time to answer"):
        replies.accept(store, config, offer.id, now=offer.expires_at)


def test_a_declined_proposal_frees_the_seat_and_keeps_the_reason(store, config, offer):
    declined = replies.decline(store, config, offer.id, "distance", now=NOW)
    assert (declined.state, declined.reason) == (State.DECLINED, "distance")
    assert promised.live_on_slot(store, "s1") == []


def test_a_no_is_remembered_for_every_occasion_of_the_need(store, config, offer):
    a_slot(store, "s2", hours=96)
    replies.decline(store, config, offer.id, now=NOW)
    assert promised.who_refused(store, "n1") == {"v1"}


def test_a_decline_asks_the_first_standby_at_once(store, config, offer):
    for name in ("v2", "v3"):
        a_volunteer(store, name)
    a_standby_list(store, a_slot_of(store), "v2", "v3")
    replies.decline(store, config, offer.id, now=NOW)
    asked = promised.live_on_slot(store, "s1")
    assert [(a.volunteer_id, a.state, a.source) for a in asked] == [("v2", State.PROPOSED, "standby")]
    assert message_by_key(store, f"standby_offer:{asked[0].id}:0").addressee == "volunteer:v2"


def a_slot_of(store):
    from scheduler.store.services import slots

    return slots.get(store, "s1")


def test_without_a_standby_a_decline_asks_for_a_repair(store, config, offer):
    replies.decline(store, config, offer.id, now=NOW)
    assert repairs(store) == ["s1"]


def test_a_second_wish_for_the_same_repair_is_not_filed_again(store, config, offer):
    a_volunteer(store, "v2")
    other = an_assignment(store, a_slot(store, "s2", hours=96, heads=2), "v2")
    third = an_assignment(store, a_slot_by_id(store, "s2"), "v1", starts_at=other.starts_at)
    replies.decline(store, config, other.id, now=NOW)
    replies.decline(store, config, third.id, now=NOW)
    assert repairs(store) == ["s2"]


def a_slot_by_id(store, slot_id):
    from scheduler.store.services import slots

    return slots.get(store, slot_id)


def repairs(store):
    return [r["slot_id"] for r in store.rows("SELECT slot_id FROM replan_requests WHERE job = 'repair'")]


@pytest.mark.parametrize(("hours", "told"), [(47, True), (48, False)])
def test_staff_are_told_of_a_decline_shortly_before_the_visit(store, config, hours, told):
    a_volunteer(store, "v1")
    offer = an_assignment(store, a_slot(store, "s1", hours=hours), "v1")
    replies.decline(store, config, offer.id, now=NOW)
    assert any(row.addressee == "staff:g1" for row in rows.rows_in_state(store, "waiting")) is told


def test_an_accepted_visit_is_withdrawn_with_its_notice(store, config, offer):
    replies.accept(store, config, offer.id, now=NOW)
    withdrawn = replies.withdraw(store, config, offer.id, "illness", now=NOW + timedelta(hours=2))
    assert withdrawn.starts_at - withdrawn.replied_at == timedelta(hours=70)
    with pytest.raises(IllegalMove):
        replies.accept(store, config, offer.id, now=NOW)


def test_a_visit_that_has_begun_cannot_be_withdrawn(store, config, offer):
    replies.accept(store, config, offer.id, now=NOW)
    with pytest.raises(IllegalMove, match="has begun"):
        replies.withdraw(store, config, offer.id, now=offer.starts_at)


def test_an_accepted_visit_is_not_declined_but_withdrawn(store, config, offer):
    replies.accept(store, config, offer.id, now=NOW)
    with pytest.raises(IllegalMove):
        replies.decline(store, config, offer.id, now=NOW)
    assert state(store, offer) is State.ACCEPTED


def test_offers_expire_at_their_time_and_not_before(store, config, offer):
    assert replies.expire_offers(store, config, now=offer.expires_at - timedelta(seconds=1)) == 0
    assert replies.expire_offers(store, config, now=offer.expires_at) == 1
    assert replies.expire_offers(store, config, now=offer.expires_at) == 0
    assert state(store, offer) is State.EXPIRED


def test_an_expired_offer_goes_on_to_the_next_standby(store, config, offer):
    a_volunteer(store, "v2")
    a_standby_list(store, a_slot_of(store), "v2")
    replies.expire_offers(store, config, now=offer.expires_at)
    assert [a.volunteer_id for a in promised.live_on_slot(store, "s1")] == ["v2"]


def test_a_person_taken_off_is_told_first(store, config, offer):
    replies.accept(store, config, offer.id, now=NOW)
    off = replies.take_off(store, config, offer.id, "雨", by="staff", now=NOW)
    row = message_by_key(store, f"cancelled:{offer.id}:{off.revision}")
    assert row.addressee == "volunteer:v1"
    assert row.payload["reason"] == "雨"


def test_every_reply_is_in_the_audit_log_with_its_reason(store, config, offer):
    replies.accept(store, config, offer.id, now=NOW)
    replies.withdraw(store, config, offer.id, "illness", now=NOW)
    newest = audit.history(store, "assignment", offer.id)
    assert [(r.action, r.reason) for r in newest] == [
        ("assignment.withdrawn", "illness"),
        ("assignment.accepted", ""),
    ]


def test_a_free_seat_of_a_cancelled_slot_is_offered_to_nobody(store, config):
    an_elder(store, "e2")
    a_volunteer(store, "v1")
    a_volunteer(store, "v2")
    from scheduler.model.services import SlotState

    slot = a_slot(store, "s1", state=SlotState.CANCELLED)
    a_standby_list(store, slot, "v2")
    offer = an_assignment(store, slot, "v1")
    replies.decline(store, config, offer.id, now=NOW)
    assert promised.live_on_slot(store, "s1") == []
    assert repairs(store) == []
