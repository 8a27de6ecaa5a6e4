from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.model.people import Kind
from scheduler.model.plan import Plan, PlanState, State
from scheduler.model.services import TeamRule
from scheduler.operations import standby_lists
from scheduler.planning.replan import start_run
from scheduler.promises import replies, standby
from scheduler.store import promised
from scheduler.store.people import volunteers
from scheduler.store.plans import add_plan
from scheduler.store.services import service_types, slots
from scheduler.store.standbys import standbys_of
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import (
    HOME,
    NOW,
    a_need,
    a_service,
    a_slot,
    a_standby_list,
    a_volunteer,
    an_assignment,
    an_elder,
)

__all__ = ["config", "store"]

NEXT_STREET = {"lat": HOME[0] + 0.004}
FAR = {"lat": HOME[0] + 0.01}


def names(store, slot_id="s1"):
    return [s.volunteer_id for s in standbys_of(store, slot_id)]


@pytest.fixture
def held(store):
    """A visit promised by v1, and a near and a far person who could stand in."""
    a_volunteer(store, "v1")
    a_volunteer(store, "far", **FAR)
    a_volunteer(store, "near", **NEXT_STREET)
    return an_assignment(store, a_slot(store, "s1"), "v1", State.ACCEPTED)


@pytest.mark.usefixtures("held")
class TestBuilding:
    def test_a_promised_visit_gets_a_standby_list_nearest_first(self, store, config):
        assert standby_lists.build_standby_lists(store, config, now=NOW) == 1
        assert names(store) == ["near", "far"]
        first = standbys_of(store, "s1")[0]
        assert first.coverage_change == 4000
        assert first.starts_at == slots.get(store, "s1").earliest_at

    def test_people_of_nearly_the_same_cost_are_equals(self, store, config):
        a_volunteer(store, "next-door", lat=HOME[0] + 0.0041)
        standby_lists.build_standby_lists(store, config, now=NOW)
        rank = {s.volunteer_id: s.rank for s in standbys_of(store, "s1")}
        assert rank == {"near": 1, "next-door": 1, "far": 2}

    def test_a_proposed_visit_and_one_inside_the_frozen_time_get_standby_lists_too(self, store, config):
        an_elder(store, "e2")
        a_need(store, "n2", "e2")
        a_volunteer(store, "v2")
        an_assignment(store, a_slot(store, "soon", hours=5, need_id="n2"), "v2")
        standby_lists.build_standby_lists(store, config, now=NOW)
        assert set(names(store, "soon")) >= {"near"}

    def test_a_visit_nobody_is_on_or_that_has_begun_gets_none(self, store, config):
        an_elder(store, "e2")
        a_need(store, "n2", "e2")
        a_slot(store, "open", need_id="n2")
        an_assignment(store, a_slot(store, "past", hours=-1, need_id="n2"), "v1", State.CHECKED_IN)
        standby_lists.build_standby_lists(store, config, now=NOW)
        assert names(store, "open") == names(store, "past") == []

    def test_who_said_no_is_blocked_or_is_busy_is_not_on_the_standby_list(self, store, config):
        an_assignment(store, a_slot(store, "last-week", hours=-150), "near", State.DECLINED)
        standby_lists.build_standby_lists(store, config, now=NOW)
        assert names(store) == ["far"]

    def test_building_again_replaces_the_standby_list(self, store, config):
        standby_lists.build_standby_lists(store, config, now=NOW)
        volunteers.save(store, replace(volunteers.get(store, "near"), active=False))
        standby_lists.build_standby_lists(store, config, now=NOW)
        assert names(store) == ["far"]

    def test_a_standby_list_keeps_as_many_as_the_setting_says(self, store, config):
        for n in range(4):
            a_volunteer(store, f"x{n}")
        short = config.model_copy(update={"standby": config.standby.model_copy(update={"ladder": 3})})
        standby_lists.build_standby_lists(store, short, now=NOW)
        assert len(names(store)) == 3

    def test_a_critical_visit_keeps_more_the_less_reliable_its_people_are(self, store, config):
        service_types.put(store, a_service(standbys=1))
        for n in range(9):
            a_volunteer(store, f"x{n}")
        short = config.model_copy(update={"standby": config.standby.model_copy(update={"ladder": 1})})
        standby_lists.build_standby_lists(store, short, now=NOW)
        steady = len(names(store))
        for n in range(12):
            an_assignment(store, a_slot(store, f"missed{n}", hours=-24 * n - 30), "v1", State.MISSED)
        standby_lists.build_standby_lists(store, short, now=NOW)
        assert 1 < steady < len(names(store))

    def test_the_person_built_into_the_standby_list_is_the_one_asked(self, store, config, held):
        standby_lists.build_standby_lists(store, config, now=NOW)
        replies.withdraw(store, config, held.id, "illness", now=NOW)
        assert [a.volunteer_id for a in promised.live_on_slot(store, "s1")] == ["near"]


def test_standby_lists_are_built_once_for_each_published_plan(store, config, held):
    assert not standby_lists.build_if_due(store, config, now=NOW)
    run = start_run(store, config, "plan", by="staff", now=NOW)
    plan = Plan("p1", run.id, NOW.date(), NOW.date(), PlanState.PUBLISHED, 1, NOW, published_at=NOW)
    add_plan(store, plan, [])
    assert standby_lists.build_if_due(store, config, now=NOW)
    assert not standby_lists.build_if_due(store, config, now=NOW + timedelta(hours=1))


def test_a_standby_who_would_break_the_team_is_passed_over(store, config):
    rule = (TeamRule("courier", 1),)
    slot = a_slot(store, "s1", heads=2, min_heads=2, team=rule)
    a_volunteer(store, "member")
    a_volunteer(store, "other-member")
    courier = a_volunteer(store, "c", kinds=frozenset({Kind.COURIER}))
    an_assignment(store, slot, "member", State.ACCEPTED)
    a_standby_list(store, slot, "other-member", courier.id)
    late = slot.earliest_at + timedelta(hours=4)  # 14:00 on the local clock: outside the couriers' meal peak
    moved = slots.save(store, replace(slot, earliest_at=late, latest_at=late))
    store.execute("UPDATE assignments SET starts_at = :at", {"at": late.strftime("%Y-%m-%dT%H:%M:%SZ")})
    with store.transaction():
        offer = standby.ask_next(store, config, moved, starts_at=late, now=NOW)
    assert offer.volunteer_id == "c"
