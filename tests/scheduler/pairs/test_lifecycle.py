"""A pair's life: proposed, accepted by both, tried, kept, paused, handed over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, InputError
from scheduler.model.people import AvailabilityRule, Kind, PairState
from scheduler.model.plan import State
from scheduler.model.services import Continuity
from scheduler.pairs import lifecycle as use
from scheduler.pairs.proposals import find_pairs, propose_pairs, weekly_cells
from scheduler.store.people import availability_rules, pairs, recipients
from scheduler.store.services import needs, service_types
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import (
    NOW,
    a_need,
    a_service,
    a_slot,
    a_volunteer,
    an_assignment,
    an_elder,
)
from tests.world import message_by_key

__all__ = ["config", "store"]
LATER = NOW + timedelta(days=3)


@pytest.fixture
def people(store):
    for name in ("v1", "v2", "v3"):
        a_volunteer(store, name)
    a_need(store)
    service_types.put(store, a_service("E04", heads=2, min_heads=2, continuity=Continuity.NONE))


def propose(store, config, who="v1", *, elder="e1", rank=1):
    return use.propose(store, config, elder, who, rank=rank, by="staff", now=NOW)


def on_trial(store, config, who="v1", **where):
    pair = propose(store, config, who, **where)
    for side in use.SIDES:
        pair = use.answer(store, pair.id, side=side, yes=True, by="them", now=NOW)
    return pair


def active(store, config, who="v1", **where):
    return use.activate(store, on_trial(store, config, who, **where).id, by="staff", now=NOW)


def visit_done(store, who, n, *, heads=1, days=1.0):
    slot = a_slot(store, f"{who}-visit{n}", hours=24 * days + n, heads=heads)
    an_assignment(store, slot, who, State.DONE)


@pytest.mark.usefixtures("people")
class TestLife:
    def test_one_yes_is_not_enough_and_two_start_the_trial(self, store, config):
        pair = propose(store, config)
        assert use.answer(store, pair.id, side="volunteer", yes=True, by="v1", now=NOW).state is PairState.PROPOSED
        assert use.answer(store, pair.id, side="recipient", yes=True, by="staff", now=NOW).state is PairState.TRIAL

    def test_a_trial_begins_with_a_first_visit_by_two(self, store, config):
        on_trial(store, config)
        first = [need for need in needs.where(store) if need.service_type == "E04"]
        assert [(need.recipient_id, need.until_date - need.from_date) for need in first] == [("e1", timedelta(days=13))]

    def test_a_no_ends_it_and_the_pair_is_not_proposed_again(self, store, config):
        pair = propose(store, config)
        ended = use.answer(store, pair.id, side="recipient", yes=False, by="staff", now=NOW)
        assert ended.state is PairState.ENDED
        assert all(pair.helper != "v1" for pair in find_pairs(store, config, now=NOW).pairs)

    def test_the_volunteer_is_told_of_the_proposal(self, store, config):
        pair = propose(store, config)
        assert message_by_key(store, f"pair_proposed:{pair.id}:0").addressee == "volunteer:v1"

    def test_a_trial_becomes_active_after_a_visit_by_two_and_two_more(self, store, config):
        pair = on_trial(store, config)
        visit_done(store, "v1", 0, heads=2)
        visit_done(store, "v1", 1)
        assert use.advance_trials(store, now=LATER) == 0
        visit_done(store, "v1", 2)
        assert use.advance_trials(store, now=LATER) == 1
        assert pairs.get(store, pair.id).state is PairState.ACTIVE

    def test_three_visits_alone_do_not_replace_the_visit_by_two(self, store, config):
        on_trial(store, config)
        for n in range(3):
            visit_done(store, "v1", n)
        assert use.advance_trials(store, now=LATER) == 0

    def test_visits_before_the_trial_do_not_count(self, store, config):
        on_trial(store, config)
        for n in range(3):
            visit_done(store, "v1", n, heads=2, days=-2)
        assert use.advance_trials(store, now=LATER) == 0

    def test_a_pause_ends_by_becoming_active_again(self, store, config):
        pair = active(store, config)
        assert use.pause(store, pair.id, by="staff", now=NOW).state is PairState.PAUSED
        assert use.activate(store, pair.id, by="staff", now=NOW).state is PairState.ACTIVE

    @pytest.mark.parametrize("step", [use.pause, use.activate])
    def test_a_proposed_pair_is_neither_paused_nor_active(self, store, config, step):
        with pytest.raises(IllegalMove, match="is proposed"):
            step(store, propose(store, config).id, by="staff", now=NOW)

    def test_a_pinned_pair_neither_ends_nor_changes_hands(self, store, config):
        pair = active(store, config)
        use.pin(store, pair.id, True, by="staff", now=NOW)
        with pytest.raises(IllegalMove, match="pinned"):
            use.end(store, pair.id, by="staff", now=NOW)
        with pytest.raises(IllegalMove, match="pinned"):
            use.hand_over(store, config, pair.id, "v2", by="staff", now=NOW)
        use.pin(store, pair.id, False, by="staff", now=NOW)
        assert use.end(store, pair.id, by="staff", now=NOW).state is PairState.ENDED

    def test_a_rank_has_one_companion(self, store, config):
        active(store, config, "v1")
        other = on_trial(store, config, "v2")
        with pytest.raises(IllegalMove, match="another person"):
            use.activate(store, other.id, by="staff", now=NOW)
        assert active(store, config, "v3", rank=2).state is PairState.ACTIVE

    def test_a_hand_over_keeps_the_old_companion_until_the_joint_visit(self, store, config):
        old = active(store, config)
        new = use.hand_over(store, config, old.id, "v2", by="staff", now=NOW)
        for side in use.SIDES:
            use.answer(store, new.id, side=side, yes=True, by="them", now=NOW)
        assert pairs.get(store, old.id).state is PairState.ACTIVE
        for n in range(3):
            visit_done(store, "v2", n, heads=2)
        assert use.advance_trials(store, now=LATER) == 1
        assert (pairs.get(store, old.id).state, pairs.get(store, new.id).state) == (PairState.ENDED, PairState.ACTIVE)

    def test_nobody_holds_more_pairs_than_the_limit_of_their_kind(self, store, config):
        a_volunteer(store, "c", kinds=frozenset({Kind.COURIER}), max_pairs=9)
        for n in range(config.couriers.max_pairs):
            an_elder(store, f"x{n}")
            propose(store, config, "c", elder=f"x{n}")
        with pytest.raises(IllegalMove, match="the limit is 2"):
            propose(store, config, "c")

    def test_a_blocked_person_or_a_second_pair_of_two_people_is_refused(self, store, config):
        propose(store, config)
        with pytest.raises(IllegalMove, match="pair already"):
            propose(store, config, rank=2)
        recipients.save(store, replace(recipients.get(store, "e1"), blocked=frozenset({"v2"})))
        with pytest.raises(IllegalMove, match="block list"):
            propose(store, config, "v2")

    def test_rank_and_side_have_two_values(self, store, config):
        with pytest.raises(InputError, match="expected 1 or 2"):
            propose(store, config, rank=3)
        with pytest.raises(InputError, match="expected volunteer or recipient"):
            use.answer(store, propose(store, config).id, side="neighbour", yes=True, by="x", now=NOW)


@pytest.mark.usefixtures("people")
class TestProposals:
    def test_the_optimiser_proposes_two_companions_with_reasons(self, store, config):
        made = propose_pairs(store, config, by="staff", now=NOW)
        assert [(p.recipient_id, p.rank, p.state) for p in made] == [
            ("e1", 1, PairState.PROPOSED), ("e1", 2, PairState.PROPOSED),
        ]  # fmt: skip
        assert propose_pairs(store, config, by="staff", now=NOW) == []

    def test_only_elders_with_a_paired_need_get_companions(self, store, config):
        an_elder(store, "lonely-but-unregistered")
        assert {b.elder for b in find_pairs(store, config, now=NOW).pairs} == {"e1"}

    def test_no_consent_no_pair(self, store, config):
        a_volunteer(store, "quiet", consents={})
        assert "quiet" not in {b.helper for b in find_pairs(store, config, now=NOW).pairs}

    def test_whoever_lacks_what_the_service_asks_for_is_neither_suggested_nor_paired_by_hand(
        self, store, config, people
    ):
        service_types.put(store, replace(service_types.get(store, "E01"), requires_all=("first_aid",)))
        a_volunteer(store, "v4", skills=frozenset({"first_aid"}))
        assert {pair.helper for pair in find_pairs(store, config, now=NOW).pairs} == {"v4"}
        with pytest.raises(IllegalMove) as refused:
            propose(store, config, "v1")
        assert "技能" in refused.value.said.zh
        assert propose(store, config, "v4").state is PairState.PROPOSED

    def test_a_couriers_blackout_is_no_common_time(self, store, config):
        an_elder(store, "e2", quiet_hours=(("00:00", "10:30"), ("12:00", "24:00")))
        a_need(store, "n2", "e2")
        a_volunteer(store, "c", kinds=frozenset({Kind.COURIER}), always_free=False)
        availability_rules.add(store, AvailabilityRule("c-free", "c", (1, 2, 3, 4, 5, 6, 7), "10:00", "13:00"))
        found = {(b.elder, b.helper) for b in find_pairs(store, config, now=NOW).pairs}
        assert ("e2", "c") not in found
        assert any(elder == "e2" for elder, _ in found)

    def test_only_time_in_which_the_elders_visits_may_lie_is_common(self, store, config):
        an_elder(store, "e2")
        a_need(store, "n2", "e2", weekdays=(2,), start="14:00", end="16:00")
        for who, weekday, start, end in (("early", 2, "09:00", "12:00"), ("wednesday", 3, "14:00", "16:00")):
            a_volunteer(store, who, always_free=False)
            availability_rules.add(store, AvailabilityRule(who, who, (weekday,), start, end))
        shared = {b.helper: b.shared_cells for b in find_pairs(store, config, now=NOW).pairs if b.elder == "e2"}
        assert set(shared.values()) == {4}
        assert not {"early", "wednesday"} & set(shared)


def test_half_hours_lie_wholly_inside_their_span():
    assert weekly_cells({1: ((600, 660),)}) == {20, 21}
    assert weekly_cells({2: ((610, 689),)}) == {48 + 21}
    assert weekly_cells({7: ((1410, 1440),)}) == {335}
