"""Overdue visits count more; heat and cold bring a surge of care visits."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.errors import InputError
from scheduler.localtime import local_date
from scheduler.model.people import RiskTier
from scheduler.model.plan import State
from scheduler.needs import surges
from scheduler.needs.renew import expand_all
from scheduler.planning.overdue import raised_priorities
from scheduler.rules.facts import load_facts
from scheduler.store.services import needs, service_types, slots
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import NOW, a_need, a_service, a_slot, a_volunteer, an_assignment, an_elder

__all__ = ["config", "store"]
TODAY = local_date(NOW)


def raised(store, config):
    facts = load_facts(store, config, TODAY, TODAY + timedelta(days=14), now=NOW)
    ahead = [slot for slot in facts.slots.values() if slot.service_date > TODAY]
    return raised_priorities(facts, ahead)


@pytest.fixture
def elder(store):
    """Seen two days ago; a general elder may wait ten days, so the limit is in eight."""
    a_volunteer(store, "v1")
    an_assignment(store, a_slot(store, "past", hours=-48, priority=3), "v1", State.DONE)


@pytest.mark.usefixtures("elder")
class TestOverdue:
    def test_the_last_visit_within_the_longest_gap_is_raised_by_one_level(self, store, config):
        for day in (3, 8, 9):
            a_slot(store, f"in{day}", hours=24 * day, priority=3)
        assert raised(store, config) == {"in8": 4}

    def test_a_visit_after_the_gap_has_the_highest_level(self, store, config):
        for day in (9, 12):
            a_slot(store, f"in{day}", hours=24 * day, priority=3)
        assert raised(store, config) == {"in9": 5}

    def test_the_highest_level_is_not_exceeded(self, store, config):
        a_slot(store, "in3", hours=72, priority=5)
        assert raised(store, config) == {"in3": 5}


def test_the_gap_follows_the_tier(store, config):
    a_volunteer(store, "v1")
    an_elder(store, "e2", risk_tier=RiskTier.HIGH)
    a_need(store, "n2", "e2")
    an_assignment(store, a_slot(store, "past", hours=-48, need_id="n2"), "v1", State.DONE)
    a_slot(store, "in3", hours=72, need_id="n2", priority=3)
    a_slot(store, "in4", hours=96, need_id="n2", priority=3)
    assert raised(store, config) == {"in3": 4}


@pytest.fixture
def three_tiers(store):
    service_types.put(store, a_service("E13", minutes=15, priority=5))
    for tier in RiskTier:
        an_elder(store, tier.value, risk_tier=tier)


def surge(store, config, **changes):
    usual = {"kind": "heat", "from_date": TODAY + timedelta(days=1), "until_date": TODAY + timedelta(days=7)}
    return surges.declare_surge(store, config, by="staff", now=NOW, **{**usual, **changes})


@pytest.mark.usefixtures("three_tiers")
class TestSurge:
    def test_elders_at_high_risk_are_seen_every_day_and_others_less_often(self, store, config):
        assert surge(store, config) == 4  # the three and the fixture's general elder
        expand_all(store, config, now=NOW)
        visits = [slot.recipient_id for slot in slots.where(store)]
        assert {elder: visits.count(elder) for elder in ("high", "key", "general")} == {
            "high": 7, "key": 3, "general": 1,
        }  # fmt: skip

    def test_declaring_it_again_adds_nobody_twice(self, store, config):
        surge(store, config)
        assert surge(store, config) == 0

    def test_a_surge_can_end_early(self, store, config):
        surge(store, config)
        expand_all(store, config, now=NOW)
        surges.end_surge(store, kind="heat", last_day=TODAY + timedelta(days=3), by="staff", now=NOW)
        expand_all(store, config, now=NOW)
        left = [s for s in slots.where(store) if s.recipient_id == "high" and s.state.value == "open"]
        assert max(slot.service_date for slot in left) == TODAY + timedelta(days=3)
        assert {need.until_date for need in needs.where(store)} == {TODAY + timedelta(days=3)}

    def test_a_surge_that_has_not_begun_is_cancelled_when_it_ends(self, store, config):
        surge(store, config)
        surges.end_surge(store, kind="heat", last_day=TODAY, by="staff", now=NOW)
        assert {need.state.value for need in needs.where(store)} == {"cancelled"}

    @pytest.mark.parametrize(
        ("changes", "said"),
        [({"kind": "rain"}, "expected heat or cold"), ({"until_date": TODAY}, "before it begins")],
    )
    def test_a_wrong_surge_is_refused_with_a_sentence(self, store, config, changes, said):
        with pytest.raises(InputError, match=said):
            surge(store, config, **changes)

    def test_tiers_without_a_setting_are_left_out(self, store, config):
        calm = config.model_copy(update={"elders": config.elders.model_copy(update={"surge": {"high": 7}})})
        assert surge(store, calm) == 1


def test_end_dates_of_other_needs_stay(store, config):
    service_types.put(store, a_service("E13"))
    a_need(store, until_date=date(2027, 1, 1))
    surges.end_surge(store, kind="heat", last_day=TODAY, by="staff", now=NOW)
    assert needs.get(store, "n1") == replace(needs.get(store, "n1"), until_date=date(2027, 1, 1))
