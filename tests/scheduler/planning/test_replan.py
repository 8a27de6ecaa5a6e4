"""Making a plan: what is stored, what a failure leaves, what a night may change."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.errors import SolverFailed, YiduError
from scheduler.model.plan import PlanState, RunState, State
from scheduler.operations.requests import take_request
from scheduler.planning import replan
from scheduler.planning.publish import difference, publish
from scheduler.promises import replies
from scheduler.store import ledger
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments, latest_plan, plans, runs, seats_of
from scheduler.store.services import slots
from solver.model.check import violations
from solver.model.problem_json import problem_from_json
from solver.model.solution import solution_from_json
from tests.scheduler.planning.week import (
    FIRST_FIT,
    NOW,
    a_week,
    add_helper,
    add_need,
    config_for,
    night,
    planned,
    published,
)


def test_a_plan_is_a_draft_with_seats_figures_reasons_and_the_files_of_its_run(store):
    config = a_week(store)
    plan = planned(store, config)
    assert plan.state is PlanState.DRAFT
    assert len(seats_of(store, plan.id)) == plan.figures["filled"] == 4
    assert plan.unfilled == {}
    problem, solution, seed, versions = ledger.files_of(store, plan.run_id)
    weeks, answer = problem_from_json(problem), solution_from_json(solution)
    assert violations(weeks, answer.assignments) == []
    assert (answer.coverage, seed) == (plan.figures["coverage"], config.solver.seed)
    assert versions["ortools"]
    run = runs.get(store, plan.run_id)
    assert (run.state, run.progress["stage"]) == (RunState.DONE, "done")


def test_a_new_draft_takes_the_place_of_the_old_one(store):
    config = a_week(store)
    first, second = planned(store, config), planned(store, config)
    assert plans.get(store, first.id).state is PlanState.DISCARDED
    assert latest_plan(store, "draft").id == second.id


@pytest.mark.parametrize("fault", ["crash", "cut short", "overlap"])
def test_if_the_search_fails_the_last_plan_stands_and_the_run_says_why(store, monkeypatch, fault):
    config = a_week(store)
    plan = published(store, config)
    before = assignments.where(store)
    monkeypatch.setenv("MISBEHAVE", fault)
    with pytest.raises(YiduError, match="the old plan stands"):
        planned(store, config)
    assert plans.get(store, plan.id).state is PlanState.PUBLISHED
    assert assignments.where(store) == before
    failed = runs.where(store, "state = 'failed'")
    assert [bool(run.message) for run in failed] == [True]


def test_empty_seats_are_explained_by_the_rule_that_stopped_each_person(store):
    config = a_week(store, helpers=2, elders=1)
    add_helper(store, "minor", birth_month="2015-01")
    add_helper(store, "late", start="18:00")
    volunteers.save(store, replace(volunteers.get(store, "h0"), active=False))
    volunteers.save(store, replace(volunteers.get(store, "h1"), insured=False))
    store.execute("UPDATE service_types SET needs_insurance = 1")
    plan = planned(store, config)
    (why,) = plan.unfilled.values()
    assert why["missing"] == 1
    assert why["reason"] == "no_candidates"
    assert why["stopped"] == {"age": 1, "inactive": 1, "insurance": 1, "not_available": 1}


def test_a_seat_is_empty_because_everybody_is_needed_elsewhere(store):
    config = a_week(store, helpers=1, elders=3)  # the third visit begins while the second one lasts
    plan = planned(store, config)
    (why,) = plan.unfilled.values()
    assert (why["reason"], why["stopped"]) == ("capacity", {"busy": 1})


def test_an_accepted_visit_stays_where_it_is(store):
    config = a_week(store)
    published(store, config)
    mine = assignments.where(store, "state = 'proposed' ORDER BY id")[0]
    replies.accept(store, config, mine.id, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    plan = publish(store, config, planned(store, config, now=later).id, by="staff", now=later)
    assert (mine.slot_id, mine.volunteer_id, mine.starts_at) in [
        (s.slot_id, s.volunteer_id, s.starts_at) for s in seats_of(store, plan.id)
    ]
    assert assignments.get(store, mine.id).state is State.ACCEPTED


def test_who_said_no_is_never_asked_again_for_that_need(store):
    config = a_week(store, helpers=2, elders=1)
    published(store, config)
    (mine,) = assignments.where(store, "state = 'proposed'")
    replies.decline(store, config, mine.id, "time", now=NOW + timedelta(hours=1))
    store.execute("DELETE FROM assignments WHERE source = 'standby'")
    for day in range(1, 3):
        plan = night(store, config, now=NOW + timedelta(hours=16 * day))
        assert mine.volunteer_id not in {s.volunteer_id for s in seats_of(store, plan.id)}


def test_a_night_changes_nothing_that_could_stay(store):
    config = a_week(store, helpers=4, elders=4)
    published(store, config)
    add_need(store, "fresh", "e9", weekdays=(4,), start="09:00")
    plan = night(store, config, now=NOW + timedelta(hours=16))
    changes = difference(store, plan.id, now=NOW + timedelta(hours=16))
    assert [c.kind for c in changes.changes] == ["new"]
    assert changes.kept == 4


def test_a_night_keeps_to_its_change_budget(store):
    # Six visits belong to h0…h2. Three pairs appear, so the search would rather move everybody.
    config = a_week(store, helpers=6, elders=6)
    published(store, config)
    before = {a.slot_id: a.volunteer_id for a in assignments.where(store, "state = 'proposed'")}
    free = {f"h{n}" for n in range(6)} - set(before.values())
    for slot_id in before:
        slot = slots.get(store, slot_id)
        for rank, helper in enumerate(sorted(free)[:2], 1):
            pair = (f"{slot.recipient_id}{helper}", slot.recipient_id, helper, rank)
            store.execute(
                "INSERT INTO pairs VALUES (:a, :b, :c, :d, 'active', 0, NULL, 0)", dict(zip("abcd", pair, strict=True))
            )
    tomorrow = NOW + timedelta(hours=16)
    config = config_for(
        store, changes={"share_of_published": 0.34, "per_person": 2}, taxes={"beyond_72h": 0, "within_72h": 0}
    )

    def lost(changes):
        return Counter(c.volunteer_id for c in changes.changes if c.kind != "new")

    def after(share, each):
        strict = config_for(
            store, changes={"share_of_published": share, "per_person": each}, taxes={"beyond_72h": 0, "within_72h": 0}
        )
        return lost(difference(store, night(store, strict, now=tomorrow).id, now=tomorrow))

    unbound = after(1.0, 99)
    assert sum(unbound.values()) > 2
    assert max(unbound.values()) > 1
    assert sum(after(0.34, 2).values()) == 2
    assert sum(after(0.0, 2).values()) == 0
    assert max(after(1.0, 1).values()) == 1


def test_a_cause_outside_the_plan_is_free_of_the_budget(store):
    config = a_week(store, helpers=3, elders=2)
    config = config_for(store, changes={"share_of_published": 0.0, "per_person": 0})
    published(store, config)
    away = assignments.where(store, "state = 'proposed' ORDER BY id")[0].volunteer_id
    volunteers.save(store, replace(volunteers.get(store, away), active=False))
    plan = night(store, config, now=NOW + timedelta(hours=16))
    changes = difference(store, plan.id, now=NOW + timedelta(hours=16))
    assert {c.cause for c in changes.of("gone")} == {"inactive"}
    assert {c.volunteer_id for c in changes.of("gone")} == {away}
    assert away not in {s.volunteer_id for s in seats_of(store, plan.id)}


def test_a_request_of_a_page_is_served_once_and_remembers_its_run(store):
    config = a_week(store)
    request_id = replan.request_plan(store, by="staff", reason="a new elder", now=NOW)
    assert take_request(store, config, clock=lambda: NOW, **FIRST_FIT)
    assert not take_request(store, config, clock=lambda: NOW, **FIRST_FIT)
    (row,) = store.rows("SELECT * FROM replan_requests")
    assert (row["id"], row["state"]) == (request_id, "done")
    assert plans.by(store, run_id=row["run_id"])[0].state is PlanState.DRAFT


def test_a_request_whose_search_fails_is_marked_and_does_not_stop_the_next(store, monkeypatch):
    config = a_week(store)
    replan.request_plan(store, by="staff", reason="", now=NOW)
    monkeypatch.setenv("MISBEHAVE", "crash")
    assert take_request(store, config, clock=lambda: NOW, **FIRST_FIT)
    assert store.value("SELECT state FROM replan_requests") == "failed"


def test_a_search_asked_to_stop_from_a_page_gives_its_best_plan(store, monkeypatch):
    config = a_week(store)
    monkeypatch.setenv("MISBEHAVE", "until told")
    run = replan.start_run(store, config, "plan", by="staff", now=NOW)
    assert replan.request_stop(store, run.id)
    plan = replan.plan_now(store, config, by="staff", clock=lambda: NOW, run=run, **FIRST_FIT)
    assert plan.figures["filled"] == 4


def test_a_run_whose_process_died_is_closed_when_the_next_one_starts(store):
    config = a_week(store)
    dead = replan.start_run(store, config, "plan", by="staff", now=NOW)
    replan.start_run(store, config, "plan", by="staff", now=NOW + timedelta(hours=2))
    assert runs.get(store, dead.id).state is RunState.FAILED


def test_a_failure_is_of_the_search_not_of_the_store(store, monkeypatch):
    config = a_week(store)
    monkeypatch.setenv("STATUS", "INVALID")
    with pytest.raises(SolverFailed):
        planned(store, config)
    assert latest_plan(store, "draft") is None
