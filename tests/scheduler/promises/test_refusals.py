"""How far a no reaches, and how it is taken back."""

import pytest

from scheduler.errors import NotFound
from scheduler.localtime import local_date
from scheduler.model.people import Pair, PairState
from scheduler.model.services import NeedKind
from scheduler.promises import refusals, replies
from scheduler.rules.facts import load_facts
from scheduler.store import audit, promised
from scheduler.store.people import pairs
from scheduler.store.refusals import refusals_of
from tests.scheduler.promises.world import NOW, a_need, a_slot, a_volunteer, an_assignment, noon


@pytest.fixture
def offer(store):
    a_volunteer(store, "v1")
    return an_assignment(store, a_slot(store, "s1"), "v1")


def shut_out(store, config):
    """(need, volunteer) as the next plan sees it."""
    return set(load_facts(store, config, local_date(NOW), local_date(noon(9)), now=NOW).refused)


def test_a_no_covers_the_whole_need(store, config, offer):
    replies.decline(store, config, offer.id, "time", now=NOW)
    assert shut_out(store, config) == {("n1", "v1")}
    assert promised.who_refused(store, "n1") == {"v1"}


def test_only_this_time_leaves_the_next_occasion_open_and_this_one_shut(store, config, offer):
    replies.decline(store, config, offer.id, "time", only_this_time=True, now=NOW)
    assert shut_out(store, config) == set()
    assert promised.let_go_of_slot(store, "s1") == {"v1"}


@pytest.mark.parametrize("reason", sorted(refusals.FOR_GOOD))
def test_a_reason_that_stays_the_same_is_a_no_for_good(store, config, offer, reason):
    replies.decline(store, config, offer.id, reason, only_this_time=True, now=NOW)
    assert ("n1", "v1") in shut_out(store, config)


def test_a_no_to_the_person_covers_every_need_of_that_person(store, config, offer):
    a_need(store, "n2")
    replies.decline(store, config, offer.id, "not_this_person", now=NOW)
    assert shut_out(store, config) == {("n1", "v1"), ("n2", "v1")}


def test_a_no_taken_back_is_forgotten_until_the_next_one(store, config, offer):
    replies.decline(store, config, offer.id, "time", now=NOW)
    refusals.take_back(store, "n1", "v1", by="staff", now=noon(1))
    assert shut_out(store, config) == set()
    assert audit.history(store, "volunteer", "v1")[0].action == "volunteer.ask_again"
    again = an_assignment(store, a_slot(store, "s2", hours=96), "v1")
    replies.decline(store, config, again.id, "time", now=noon(2))
    assert shut_out(store, config) == {("n1", "v1")}


def test_only_a_no_that_stands_is_taken_back(store, config, offer):
    with pytest.raises(NotFound):
        refusals.take_back(store, "n1", "v1", by="staff", now=NOW)


def test_a_taken_back_no_makes_older_plans_stale(store, config, offer):
    replies.decline(store, config, offer.id, now=NOW)
    before = store.revision()
    refusals.take_back(store, "n1", "v1", by="staff", now=NOW)
    assert store.revision() > before


def test_the_list_names_each_need_once_and_the_newest_first(store, config, offer):
    a_volunteer(store, "v2")
    replies.decline(store, config, offer.id, "time", now=NOW)
    other = an_assignment(store, a_slot(store, "s2", hours=96, need_id="n2"), "v1")
    replies.decline(store, config, other.id, "distance", now=noon(1))
    assert [(row.need_id, row.reason) for row in refusals_of(store, "v1")] == [("n2", "distance"), ("n1", "time")]
    assert refusals_of(store, "v2") == []


@pytest.mark.parametrize(
    ("state", "familiar"), [(PairState.TRIAL, True), (PairState.ACTIVE, True), (PairState.PAUSED, False)]
)
def test_only_this_time_is_suggested_to_a_companion(store, offer, state, familiar):
    pairs.add(store, Pair("p1", "e1", "v1", 1, state))
    assert refusals.is_companion(store, offer) is familiar


@pytest.mark.parametrize(
    ("kind", "again"), [(NeedKind.ONCE, False), (NeedKind.RECURRING, True), (NeedKind.CADENCE, True)]
)
def test_only_a_need_that_comes_again_has_a_next_time(store, kind, again):
    a_volunteer(store, "v1")
    a_need(store, "n9", kind=kind)
    assert refusals.comes_again(store, an_assignment(store, a_slot(store, "s9", need_id="n9"), "v1")) is again
