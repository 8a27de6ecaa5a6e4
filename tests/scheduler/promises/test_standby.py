from datetime import timedelta

import pytest

from scheduler.model.people import AvailabilityException
from scheduler.model.plan import State
from scheduler.promises import replies, standby
from scheduler.store import promised
from scheduler.store.people import availability_exceptions
from scheduler.store.plans import assignments
from scheduler.store.services import slots
from tests.scheduler.promises.world import NOW, a_config, a_need, a_slot, a_standby_list, a_volunteer, an_assignment
from tests.world import message_by_key


@pytest.fixture
def slot(store):
    for name in ("v1", "v2", "v3", "v4"):
        a_volunteer(store, name)
    return a_slot(store, "s1")


def ask(store, config, slot, now=NOW):
    with store.transaction():
        offer = standby.ask_next(store, config, slot, starts_at=slot.earliest_at, now=now)
    return offer and offer.volunteer_id


def decline_all(store, config, slot, now=NOW):
    """Names in the order in which they were asked, each saying no."""
    names = []
    while offers := promised.live_on_slot(store, slot.id):
        names.append(offers[0].volunteer_id)
        replies.decline(store, config, offers[0].id, now=now)
    return names


def test_standbys_are_asked_in_the_order_of_their_rank_until_nobody_is_left(store, config, slot):
    a_standby_list(store, slot, "v2", "v3", "v4")
    an_assignment(store, slot, "v1")
    assert decline_all(store, config, slot) == ["v1", "v2", "v3", "v4"]


def test_among_equals_the_one_asked_longest_ago_is_first(store, config, slot):
    a_standby_list(store, slot, "v2", "v3", "v4", ranks=(1, 1, 1))
    for n, (name, days) in enumerate((("v2", 8), ("v3", 9))):
        other = a_slot(store, f"old{n}", hours=-24 * days)
        an_assignment(store, other, name, State.EXPIRED, source="standby", proposed_at=NOW - timedelta(days=days))
    assert [s.volunteer_id for s in standby.in_asking_order(store, slot, now=NOW)] == ["v4", "v3", "v2"]


def test_who_said_no_to_the_need_is_not_asked_for_another_occasion(store, config, slot):
    a_standby_list(store, slot, "v2", "v3")
    an_assignment(store, a_slot(store, "last-week", hours=-168), "v2", State.DECLINED)
    assert ask(store, config, slot) == "v3"


def test_who_let_the_offer_run_out_is_not_asked_again_for_the_slot(store, config, slot):
    a_standby_list(store, slot, "v2", "v3")
    an_assignment(store, slot, "v2", State.EXPIRED)
    assert ask(store, config, slot) == "v3"


@pytest.mark.parametrize(("cap", "asked"), [(2, "v3"), (3, "v2")])
def test_nobody_gets_more_offers_a_week_than_the_cap(store, slot, cap, asked):
    a_need(store, "n2")
    for n in range(2):
        other = a_slot(store, f"o{n}", hours=-24 - n, need_id="n2")
        an_assignment(store, other, "v2", State.EXPIRED, source="standby", proposed_at=NOW - timedelta(days=6))
    a_standby_list(store, slot, "v2", "v3")
    assert ask(store, a_config(standby={"offers_per_week": cap}), slot) == asked


def test_offers_older_than_a_week_do_not_count(store, slot):
    other = a_slot(store, "o", hours=-200)
    an_assignment(store, other, "v2", State.EXPIRED, source="standby", proposed_at=NOW - timedelta(days=7, seconds=1))
    a_standby_list(store, slot, "v2", "v3")
    assert ask(store, a_config(standby={"offers_per_week": 1}), slot) == "v2"


def test_a_standby_who_has_become_busy_is_passed_over(store, config, slot):
    a_need(store, "n2")
    an_assignment(store, a_slot(store, "s2", need_id="n2"), "v2", State.ACCEPTED)
    a_standby_list(store, slot, "v2", "v3")
    assert ask(store, config, slot) == "v3"


def test_a_standby_who_is_away_by_now_is_passed_over(store, config, slot):
    day = slot.service_date
    availability_exceptions.add(store, AvailabilityException("x", "v2", "away", day, day))
    a_standby_list(store, slot, "v2", "v3")
    assert ask(store, config, slot) == "v3"


def test_a_visit_next_door_leaves_time_and_one_across_the_district_does_not(store, config, slot):
    a_need(store, "n2")
    near = a_slot(store, "near", hours=72.75, need_id="n2")
    far = a_slot(store, "far", hours=72.75, need_id="n2", lat=slot.lat + 0.02)
    an_assignment(store, near, "v2", State.ACCEPTED)
    an_assignment(store, far, "v3", State.ACCEPTED)
    a_standby_list(store, slot, "v3", "v2")
    assert ask(store, config, slot) == "v2"


def test_a_standby_list_ends_with_its_time(store, config, slot):
    a_standby_list(store, slot, "v2")
    assert ask(store, config, slot, now=slot.latest_at) is None


def test_a_full_slot_asks_nobody(store, config, slot):
    a_standby_list(store, slot, "v2")
    an_assignment(store, slot, "v1", State.ACCEPTED)
    assert ask(store, config, slot) is None


def test_the_first_yes_voids_the_other_offers_of_a_full_slot(store, config, slot):
    first = an_assignment(store, slot, "v2", source="standby")
    second = an_assignment(store, slot, "v3", source="standby")
    replies.accept(store, config, second.id, now=NOW)
    assert assignments.get(store, first.id).state is State.SUPERSEDED
    assert message_by_key(store, f"standby_void:{first.id}:1").addressee == "volunteer:v2"


def test_an_offer_stands_while_the_slot_still_has_a_free_seat(store, config, slot):
    wide = a_slot(store, "wide", hours=96, heads=2)
    first = an_assignment(store, wide, "v2", source="standby")
    second = an_assignment(store, wide, "v3", source="standby")
    replies.accept(store, config, second.id, now=NOW)
    assert assignments.get(store, first.id).state is State.PROPOSED


def test_a_standby_has_two_hours_but_less_before_a_near_start(config):
    starts_at = NOW + timedelta(days=1)
    assert standby.expires_at(config, starts_at, now=NOW) == NOW + timedelta(minutes=120)
    assert standby.expires_at(config, NOW + timedelta(hours=1), now=NOW) == NOW + timedelta(minutes=30)


def test_an_accepted_offer_is_kept_when_a_standby_accepts_it(store, config, slot):
    a_standby_list(store, slot, "v2")
    original = an_assignment(store, slot, "v1", State.ACCEPTED)
    replies.withdraw(store, config, original.id, "illness", now=NOW)
    offer = promised.live_on_slot(store, slot.id)[0]
    replies.accept(store, config, offer.id, now=NOW)
    held = promised.live_on_slot(store, slot.id)
    assert [(a.volunteer_id, a.state) for a in held] == [("v2", State.ACCEPTED)]
    assert slots.get(store, slot.id).heads == 1
