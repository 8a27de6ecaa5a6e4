from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.localtime import at_local, local_date
from scheduler.model.people import RiskTier
from scheduler.model.plan import State
from scheduler.records import measures
from scheduler.records.measures import coc, continuity, gini, jain, secon, upc
from scheduler.store.records import VisitFact
from tests.scheduler.promises.world import NOW, a_need, a_slot, a_volunteer, an_assignment, an_elder
from tests.world import measures_of

ALMOST = pytest.approx


def test_continuity_of_five_visits_by_three_people():
    seen = ["A", "A", "B", "A", "C"]
    assert (upc(seen), coc(seen), secon(seen)) == (0.6, ALMOST(0.3), 0.25)


def test_one_visit_says_nothing_about_continuity():
    assert (upc(["A"]), coc(["A"]), secon(["A"]), upc([])) == (None, None, None, None)


def test_two_visits_by_one_person_are_perfect_continuity():
    assert (upc(["A", "A"]), coc(["A", "A"]), secon(["A", "A"])) == (1, 1, 1)


@pytest.mark.parametrize(
    ("values", "expected_gini", "expected_jain"),
    [([1, 2, 3, 4], 0.25, 0.8333), ([4, 0, 0, 0], 0.75, 0.25), ([2, 2, 2, 2], 0, 1)],
)
def test_fairness_of_four_shares(values, expected_gini, expected_jain):
    assert gini(values) == ALMOST(expected_gini)
    assert jain(values) == ALMOST(expected_jain, abs=1e-4)


def test_sharing_nothing_is_neither_fair_nor_unfair():
    assert (gini([0, 0]), jain([0, 0]), gini([]), jain([])) == (None, None, None, None)


def visit(recipient, volunteer, day, *, in_person=True):
    return VisitFact(f"{recipient}{day}", volunteer, recipient, "E01", datetime(2026, 11, day, tzinfo=UTC), 45,
                     in_person, "done")  # fmt: skip


def test_continuity_leaves_out_calls_and_recipients_seen_once():
    found = continuity(
        [visit("e1", "A", 1), visit("e1", "A", 2), visit("e1", "B", 3, in_person=False), visit("e2", "B", 4)]
    )
    assert (found.recipients, found.upc, found.distinct, found.one_face) == (1, 1, 1, 1)


def test_continuity_without_visits_is_unknown():
    found = continuity([])
    assert (found.upc, found.coc, found.secon, found.distinct, found.one_face) == (None,) * 5


def contacts(store, *days_ago, elder="e1", need="n1"):
    for n, days in enumerate(days_ago):
        slot = a_slot(store, f"{elder}-{n}", hours=-24 * days, need_id=need, recipient_id=elder)
        an_assignment(store, slot, "v1", State.DONE)


def test_two_contacts_a_week_with_a_fresh_one_are_within_cadence(store, config):
    a_volunteer(store, "v1")
    a_need(store)
    contacts(store, 2, 6)
    report = measures.cadence(store, config, now=NOW)  # a general elder needs one a week
    assert (report.within, report.total, report.share, report.visited_this_month) == (1, 1, 1, 1)


@pytest.mark.parametrize(("days", "within"), [((5, 6), 1), ((6, 6.5), 0), ((2,), 0)])
def test_a_high_risk_elder_needs_two_contacts_and_the_last_within_five_days(store, config, days, within):
    a_volunteer(store, "v1")
    an_elder(store, "e2", risk_tier=RiskTier.HIGH)
    a_need(store, "n2", "e2")
    contacts(store, *days, elder="e2", need="n2")
    assert measures.cadence(store, config, now=NOW).within == within


def test_the_longest_neglected_elder_leads_the_list(store, config):
    a_volunteer(store, "v1")
    for elder, days in (("e2", 20), ("e3", 30)):
        an_elder(store, elder)
        a_need(store, f"n-{elder}", elder)
        contacts(store, days, elder=elder, need=f"n-{elder}")
    an_elder(store, "e4")
    a_need(store, "n-e4", "e4")
    assert measures.cadence(store, config, now=NOW).overdue == ("e4", "e3", "e2")


def test_without_elders_the_cadence_share_is_unknown(store, config):
    assert measures.cadence(store, config, now=NOW).share is None


def test_fill_rate_counts_heads_and_weighs_priorities(store):
    for name in ("v1", "v2"):
        a_volunteer(store, name)
    wide = a_slot(store, "wide", heads=3, priority=5)
    a_slot(store, "empty", hours=73, priority=1)
    an_assignment(store, wide, "v1", State.ACCEPTED)
    an_assignment(store, wide, "v2", State.DECLINED)
    day = local_date(wide.earliest_at)
    rates = measures.fill_rates(store, day, day)
    assert rates == {"fill_planned": 1 / 4, "fill_planned_weighted": 5 / 16, "fill_attended": 0}


def test_a_day_without_slots_has_no_fill_rate(store):
    assert measures.fill_rates(store, date(2026, 1, 1), date(2026, 1, 1))["fill_planned"] is None


def test_a_day_is_measured_and_kept_and_measuring_again_replaces_it(store, config):
    a_volunteer(store, "v1", wished_minutes=45)
    yesterday = at_local(local_date(NOW), "10:00") - timedelta(days=1)
    slot = a_slot(store, "s", hours=(yesterday - NOW).total_seconds() / 3600)
    an_assignment(store, slot, "v1", State.DONE)
    for _ in range(2):
        values = measures.measure(store, config, now=NOW)
    assert values["fill_attended"] == 1
    assert measures_of(store, "fill_attended") == [(local_date(NOW) - timedelta(days=1), 1.0)]
    assert measures_of(store, "upc") == [(local_date(NOW) - timedelta(days=1), None)]
