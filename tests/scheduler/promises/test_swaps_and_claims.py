from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove
from scheduler.model.plan import State
from scheduler.model.services import Continuity
from scheduler.operations.delivery import deliver_all
from scheduler.promises import claims, swaps
from scheduler.store import promised
from scheduler.store.plans import assignments
from scheduler.store.services import service_types
from scheduler.store.swaps import open_swaps_for
from tests.scheduler.promises.world import NOW, a_need, a_service, a_slot, a_volunteer, an_assignment
from tests.world import message_by_key


@pytest.fixture
def slot(store):
    for name in ("v1", "v2", "v3"):
        a_volunteer(store, name)
    return a_slot(store, "s1")


@pytest.fixture
def given(store, slot):
    return an_assignment(store, slot, "v1", State.ACCEPTED)


def test_the_visit_stays_with_its_owner_until_the_other_says_yes(store, config, given):
    swap = swaps.ask(store, config, given.id, "v2", now=NOW)
    assert [a.volunteer_id for a in promised.live_on_slot(store, "s1")] == ["v1"]
    assert [s.id for s in open_swaps_for(store, "v2", now=NOW)] == [swap.id]
    taken = swaps.accept(store, config, swap.id, now=NOW)
    assert [(a.volunteer_id, a.state, a.source) for a in promised.live_on_slot(store, "s1")] == [
        ("v2", State.ACCEPTED, "swap")
    ]
    assert assignments.get(store, given.id).state is State.WITHDRAWN
    assert taken.starts_at == given.starts_at


def test_a_swapped_visit_can_be_swapped_again(store, config, given):
    taken = swaps.accept(store, config, swaps.ask(store, config, given.id, "v2", now=NOW).id, now=NOW)
    again = swaps.accept(store, config, swaps.ask(store, config, taken.id, "v3", now=NOW).id, now=NOW)
    assert again.volunteer_id == "v3"


def test_a_declined_swap_leaves_the_promise_and_tells_the_asker(store, config, given):
    swap = swaps.ask(store, config, given.id, "v2", now=NOW)
    swaps.decline(store, swap.id, now=NOW)
    assert assignments.get(store, given.id).state is State.ACCEPTED
    assert message_by_key(store, f"swap_declined:{swap.id}").addressee == "volunteer:v1"


def test_an_unanswered_swap_expires_and_the_promise_stands(store, config, given):
    swap = swaps.ask(store, config, given.id, "v2", now=NOW)
    deliver_all(store, config, [], by="test", clock=lambda: NOW)
    assert swaps.expire(store, now=swap.expires_at - timedelta(seconds=1)) == 0
    assert swaps.expire(store, now=swap.expires_at) == 1
    assert assignments.get(store, given.id).state is State.ACCEPTED
    with pytest.raises(IllegalMove):
        swaps.accept(store, config, swap.id, now=swap.expires_at)


def test_only_one_person_is_asked_at_a_time(store, config, given):
    swap = swaps.ask(store, config, given.id, "v2", now=NOW)
    with pytest.raises(IllegalMove, match="asked already"):
        swaps.ask(store, config, given.id, "v3", now=NOW)
    swaps.take_back(store, swap.id, now=NOW)
    assert swaps.ask(store, config, given.id, "v3", now=NOW).to_volunteer_id == "v3"


def test_a_busy_person_cannot_be_asked_to_take_over_and_the_asker_does_not_hear_why(store, config, given):
    a_need(store, "n2")
    an_assignment(store, a_slot(store, "s2", need_id="n2"), "v2", State.ACCEPTED)
    with pytest.raises(IllegalMove, match="^this person cannot take the visit: ask somebody else"):
        swaps.ask(store, config, given.id, "v2", now=NOW)


def test_who_became_busy_after_being_asked_cannot_take_over(store, config, given):
    swap = swaps.ask(store, config, given.id, "v2", now=NOW)
    a_need(store, "n2")
    an_assignment(store, a_slot(store, "s2", need_id="n2"), "v2", State.ACCEPTED)
    with pytest.raises(IllegalMove, match="already busy"):
        swaps.accept(store, config, swap.id, now=NOW)
    assert assignments.get(store, given.id).state is State.ACCEPTED


def test_a_claimed_seat_is_accepted_and_pinned(store, config, slot):
    claimed = claims.claim(store, config, "s1", "v1", now=NOW)
    assert (claimed.state, claimed.pinned, claimed.source) == (State.ACCEPTED, True, "claim")


def test_the_last_seat_goes_to_the_first_claim(store, config, slot):
    claims.claim(store, config, "s1", "v1", now=NOW)
    with pytest.raises(IllegalMove, match="last seat"):
        claims.claim(store, config, "s1", "v2", now=NOW)


def test_nobody_claims_two_seats_of_one_slot(store, config, slot):
    a_slot(store, "wide", hours=96, heads=2)
    claims.claim(store, config, "wide", "v1", now=NOW)
    with pytest.raises(IllegalMove, match="already busy"):
        claims.claim(store, config, "wide", "v1", now=NOW)


def test_a_claim_joins_the_time_of_those_already_there(store, config, slot):
    wide = a_slot(store, "wide", hours=96, heads=2, latest_at=NOW + timedelta(hours=98))
    later = NOW + timedelta(hours=97)
    an_assignment(store, wide, "v1", State.ACCEPTED, starts_at=later)
    assert claims.claim(store, config, "wide", "v2", now=NOW).starts_at == later


def test_a_claim_needs_what_the_service_needs(store, config, slot):
    service_types.put(store, a_service("E02", continuity=Continuity.KNOWN))
    a_need(store, "known", service_type="E02")
    a_slot(store, "check", hours=96, need_id="known", service_type="E02")
    with pytest.raises(IllegalMove, match="not known"):
        claims.claim(store, config, "check", "v1", now=NOW)


def test_a_slot_that_has_begun_cannot_be_claimed(store, config, slot):
    with pytest.raises(IllegalMove, match="has begun"):
        claims.claim(store, config, "s1", "v1", now=slot.earliest_at)
